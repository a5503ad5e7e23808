using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary><c>Get-RunCloudServer</c>: the servers of the workspace, page by page as they come.</summary>
[Cmdlet(VerbsCommon.Get, "RunCloudServer", DefaultParameterSetName = NameSet)]
[OutputType(typeof(Server))]
public sealed class GetRunCloudServerCommand : RunCloudApiCommand<ContextArgument[]>
{
    private const string NameSet = "Name";
    private const string IdSet = "Id";

    private int _read;

    /// <summary>Makes the cmdlet.</summary>
    public GetRunCloudServerCommand()
        : base("Reading servers")
    {
    }

    /// <summary>The servers' names, wildcards allowed. Default: all.</summary>
    [Parameter(Position = 0, ParameterSetName = NameSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
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
        foreach (var item in Sort(Id, nameof(Id)))
        {
            try
            {
                WriteObject(Await(cancellation => item.Client.GetServerAsync(item.ServerId, cancellation)));
            }
            catch (RunCloudException e)
            {
                WriteFailure(item.Client, e, item.Target);
            }
        }
    }

    private void WriteServersByName()
    {
        var names = new NamePatterns(Name);
        var isWhole = true;
        foreach (var client in Clients)
        {
            isWhole &= WriteServersByName(client, names);
        }

        foreach (var name in isWhole ? names.ExactUnmatched : [])
        {
            WriteFailure(new RunCloudException(RunCloudError.ServerNotFound, NoServerNamed(name)), name);
        }
    }

    private bool WriteServersByName(RunCloudClient client, NamePatterns names)
    {
        try
        {
            foreach (var server in StreamServers(client))
            {
                Report(++_read == 1 ? "1 server" : FormattableString.Invariant($"{_read} servers"));
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
            WriteFailure(client, e, Name);
            return false;
        }

        return true;
    }
}
