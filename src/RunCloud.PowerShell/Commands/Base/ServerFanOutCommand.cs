using System.Collections.Generic;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.PowerShell;

/// <summary>A cmdlet that reads something of each server that it is given, by value, by name or by id.</summary>
/// <typeparam name="TResult">What is read of one server.</typeparam>
public abstract class ServerFanOutCommand<TResult> : FanOutCommand<TResult>
{
    private protected const string ServerSet = "Server";
    private protected const string ServerIdSet = "ServerId";

    private protected ServerFanOutCommand(string activity)
        : base(activity)
    {
    }

    /// <summary>The servers, as <c>Get-RunCloudServer</c> gives them, or their names, or objects that have a <c>ServerId</c>.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ServerSet)]
    [ServerArguments]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public ServerArgument[] Server { get; set; } = [];

    /// <summary>The servers' ids.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ServerIdSet)]
    [IdArguments]
    [ValidateNotNullOrEmpty]
    public IdArgument[] ServerId { get; set; } = [];

    /// <inheritdoc/>
    private protected override string Unit => "servers read";

    /// <summary>Whether an object that is a credential's means that credential, and not its server.</summary>
    private protected virtual bool TakesCredentials => false;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        IEnumerable<ServerItem> items = ParameterSetName == ServerSet ? Sort(Server, TakesCredentials) : Sort(ServerId, nameof(ServerId));
        foreach (var item in items)
        {
            Enqueue(item.Target, cancellation => ReadAsync(item, cancellation));
        }
    }

    /// <summary>On another thread: reads what is wanted of one server.</summary>
    private protected abstract Task<TResult> ReadAsync(ServerItem item, CancellationToken cancellation);
}
