using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary><c>Get-RunCloudSystemUser</c>: the system users of servers, with their deployment keys.</summary>
[Cmdlet(VerbsCommon.Get, "RunCloudSystemUser", DefaultParameterSetName = ServerSet)]
[OutputType(typeof(SystemUser))]
public sealed class GetRunCloudSystemUserCommand : ServerCommand
{
    private OrderedOutput<IReadOnlyList<SystemUser>>? _reads;
    private NamePatterns _users = new(null);
    private SshKeyFilter? _filter;

    /// <summary>Makes the cmdlet.</summary>
    public GetRunCloudSystemUserCommand()
        : base("Reading system users")
    {
    }

    /// <summary>The users' names, wildcards allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(UserNameCompleter))]
    public string[]? User { get; set; }

    /// <summary>The deployment keys: public key lines, fingerprints, or paths of public key files.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public KeyArgument[] Key { get; set; } = [];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _reads = InOrder<IReadOnlyList<SystemUser>>(ThrottleLimit, Deliver, "servers read");
        _users = new NamePatterns(User);
        try
        {
            _filter = Key.Length == 0 ? null : new SshKeyFilter(KeyArguments.Resolve(SessionState, Key, nameof(Key), takesSeveral: true));
        }
        catch (SshKeyFormatException e)
        {
            ThrowTerminatingError(Failures.InvalidPublicKey(e, nameof(Key)));
        }
    }

    /// <inheritdoc/>
    private protected override void Begin(ServerItem item) => _reads!.Add(
        item.Client.Origin, item.Target, cancellation => item.Client.GetSystemUsersAsync(item.ServerId, item.Server, cancellation));

    private void Deliver(object target, IReadOnlyList<SystemUser> result)
    {
        foreach (var user in result)
        {
            if (!_users.Accept(user.User))
            {
                continue;
            }

            var match = _filter is null ? SshKeyMatch.Match : user.Test(_filter);
            if (match == SshKeyMatch.Match)
            {
                WriteObject(user);
            }

            if (match == SshKeyMatch.NotComparable)
            {
                WriteFailure(user.NotComparable(), user);
            }
            else if (user.HasUnreadableDeploymentKey)
            {
                WriteWarning($"The deployment key of {user} cannot be read as a key. Check it by hand if you compare keys.");
            }
        }
    }
}
