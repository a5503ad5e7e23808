using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary><c>Get-RunCloudSshSession</c>: who is logged in to servers over SSH now.</summary>
[Cmdlet(VerbsCommon.Get, "RunCloudSshSession", DefaultParameterSetName = ServerSet)]
[OutputType(typeof(SshSession))]
public sealed class GetRunCloudSshSessionCommand : ServerCommand
{
    private OrderedOutput<IReadOnlyList<SshSession>>? _reads;
    private NamePatterns _users = new(null);

    /// <summary>Makes the cmdlet.</summary>
    public GetRunCloudSshSessionCommand()
        : base("Reading SSH sessions")
    {
    }

    /// <summary>The system users' names, wildcards allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(UserNameCompleter))]
    public string[]? User { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _reads = InOrder<IReadOnlyList<SshSession>>(ThrottleLimit, Deliver, "servers read");
        _users = new NamePatterns(User);
    }

    /// <inheritdoc/>
    private protected override void Begin(ServerItem item) => _reads!.Add(
        item.Client.Origin, item.Target, cancellation => item.Client.GetSshSessionsAsync(item.ServerId, item.Server, cancellation));

    private void Deliver(object target, IReadOnlyList<SshSession> result)
    {
        foreach (var session in result)
        {
            if (_users.Accept(session.User))
            {
                WriteObject(session);
            }
        }
    }
}
