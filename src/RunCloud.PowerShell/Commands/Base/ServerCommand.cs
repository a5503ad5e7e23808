using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary>A cmdlet that works in parallel on servers given by value, by name or by id.</summary>
public abstract class ServerCommand : RunCloudApiCommand<ContextArgument[]>
{
    private protected const string ServerSet = "Server";
    private protected const string ServerIdSet = "ServerId";

    private protected ServerCommand(string activity)
        : base(activity)
    {
    }

    /// <summary>The servers, as <c>Get-RunCloudServer</c> gives them, or their names, or objects that have a <c>ServerId</c>.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ServerSet)]
    [ServerArguments]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    public ServerArgument[] Server { get; set; } = [];

    /// <summary>The servers' ids.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ServerIdSet)]
    [IdArguments]
    [ValidateNotNullOrEmpty]
    public IdArgument[] ServerId { get; set; } = [];

    /// <summary>How many requests run in parallel, at most.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = 8;

    /// <summary>Whether a credential in the input selects that credential, and not its server.</summary>
    private protected virtual bool TakesCredentials => false;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var items = ParameterSetName == ServerSet ? Sort(Server, TakesCredentials) : Sort(ServerId, nameof(ServerId));
        foreach (var item in items)
        {
            if (RefusalOf(item.Client.Origin) is null)
            {
                Begin(item);
            }

            EndIfRefused();
        }
    }

    /// <summary>Begins the work on one server.</summary>
    private protected abstract void Begin(ServerItem item);
}
