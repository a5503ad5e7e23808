using System.Collections.Generic;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.PowerShell;

/// <summary><c>Get-RunCloudSshSession</c>: who is logged in to servers over SSH now.</summary>
[Cmdlet(VerbsCommon.Get, "RunCloudSshSession", DefaultParameterSetName = ServerSet)]
[OutputType(typeof(SshSession))]
public sealed class GetRunCloudSshSessionCommand : ServerFanOutCommand<IReadOnlyList<SshSession>>
{
    private NamePatterns users = new(null);

    /// <summary>Makes the cmdlet.</summary>
    public GetRunCloudSshSessionCommand()
        : base("Reading SSH sessions")
    {
    }

    /// <summary>The system users' names, wildcards allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? User { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        users = new NamePatterns(User);
    }

    /// <inheritdoc/>
    private protected override Task<IReadOnlyList<SshSession>> ReadAsync(ServerItem item, CancellationToken cancellation) =>
        item.Client.GetSshSessionsAsync(item.ServerId, item.Server, cancellation);

    /// <inheritdoc/>
    private protected override void Deliver(object target, IReadOnlyList<SshSession> result)
    {
        foreach (var session in result)
        {
            if (users.Accept(session.User))
            {
                WriteObject(session);
            }
        }
    }
}
