using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.PowerShell;

/// <summary>A cmdlet that reads something of each server that it is given, by value or by id.</summary>
/// <typeparam name="TResult">What is read of one server.</typeparam>
public abstract class ServerFanOutCommand<TResult> : FanOutCommand<TResult>
{
    private protected const string ServerSet = "Server";
    private protected const string ServerIdSet = "ServerId";

    private protected ServerFanOutCommand(string activity)
        : base(activity)
    {
    }

    /// <summary>The servers, as <c>Get-RunCloudServer</c> gives them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ServerSet)]
    [ValidateNotNullOrEmpty]
    public Server[] Server { get; set; } = [];

    /// <summary>The servers' ids.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ServerIdSet)]
    [ValidateNotNullOrEmpty]
    [ValidateRange(1, long.MaxValue)]
    public long[] ServerId { get; set; } = [];

    /// <inheritdoc/>
    private protected override string Unit => "servers read";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == ServerSet)
        {
            foreach (var server in Server)
            {
                Enqueue(server, cancellation => ReadAsync(server.Id, server, cancellation));
            }
        }
        else
        {
            foreach (var id in ServerId)
            {
                Enqueue(id, cancellation => ReadAsync(id, server: null, cancellation));
            }
        }
    }

    /// <summary>On another thread: reads what is wanted of one server, which is <see langword="null"/> where only its id is known.</summary>
    private protected abstract Task<TResult> ReadAsync(long serverId, Server? server, CancellationToken cancellation);
}
