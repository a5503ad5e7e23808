using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary><c>Get-RunCloudServer</c>: the servers of the workspace, page by page as they come.</summary>
[Cmdlet(VerbsCommon.Get, "RunCloudServer", DefaultParameterSetName = NameSet)]
[OutputType(typeof(Server))]
public sealed class GetRunCloudServerCommand : RunCloudApiCommand
{
    private const string NameSet = "Name";
    private const string IdSet = "Id";

    /// <summary>Makes the cmdlet.</summary>
    public GetRunCloudServerCommand()
        : base("Reading servers")
    {
    }

    /// <summary>The servers' names, wildcards allowed. Default: all.</summary>
    [Parameter(Position = 0, ParameterSetName = NameSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <summary>The servers' ids.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdSet)]
    [IdArguments]
    [ValidateNotNullOrEmpty]
    public IdArgument[] Id { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == IdSet)
        {
            WriteServersById();
        }
        else
        {
            WriteServersByName();
        }
    }

    private void WriteServersById()
    {
        foreach (var id in CheckIds(Id, nameof(Id)))
        {
            try
            {
                WriteObject(Await(cancellation => Client.GetServerAsync(id, cancellation)));
            }
            catch (RunCloudException e)
            {
                WriteFailure(e, id);
            }
        }
    }

    private void WriteServersByName()
    {
        var names = new NamePatterns(Name);
        var read = 0;
        try
        {
            foreach (var server in Stream(Client.GetServersAsync(Stop)))
            {
                Report($"{++read} servers");
                if (names.Accept(server.Name))
                {
                    WriteObject(server);
                }
                else if (server.Name.Length == 0)
                {
                    WriteFailure(new RunCloudException(RunCloudError.InvalidResponse, $"RunCloud gives no name for server {server.Id}, so it is not known whether it is one of the servers asked for."), server);
                }
            }
        }
        catch (RunCloudException e)
        {
            WriteFailure(e, Name);
            return;
        }

        foreach (var name in names.ExactUnmatched)
        {
            var missing = new RunCloudException(RunCloudError.ServerNotFound, $"There is no server named '{name}' in this workspace.");
            WriteFailure(missing, name);
        }
    }
}
