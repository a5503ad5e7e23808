using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary><c>Get-RunCloudSshKey</c>: each different key, and every place where it lets somebody in.</summary>
[Cmdlet(VerbsCommon.Get, "RunCloudSshKey", DefaultParameterSetName = ServerSet)]
[OutputType(typeof(SshKey))]
public sealed class GetRunCloudSshKeyCommand : AuditCommand
{
    private const string ServerSet = "Server";
    private const string ServerIdSet = "ServerId";

    private SshKeyFilter? _filter;

    /// <summary>Makes the cmdlet.</summary>
    public GetRunCloudSshKeyCommand()
        : base("Reading SSH keys")
    {
    }

    /// <summary>The keys: public key lines, fingerprints, paths of public key files, files, or objects that have one. Default: all.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public KeyArgument[] Key { get; set; } = [];

    /// <summary>The servers, as <c>Get-RunCloudServer</c> gives them, or their names, or objects that have a <c>ServerId</c>. Default: all.</summary>
    [Parameter(ValueFromPipeline = true, ParameterSetName = ServerSet)]
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

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        try
        {
            var keys = KeyArguments.Resolve(SessionState, Key, nameof(Key), takesSeveral: true);
            _filter = keys.Count == 0 ? null : new SshKeyFilter(keys);
        }
        catch (SshKeyFormatException e)
        {
            ThrowTerminatingError(Failures.InvalidPublicKey(e, nameof(Key)));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Collect(Server);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        foreach (var (client, servers) in Wanted(ServerId))
        {
            WriteKeys(client, servers);
        }

        base.EndProcessing();
    }

    private void WriteKeys(RunCloudClient client, IReadOnlyList<(long Id, Server? Server)>? servers)
    {
        using var audit = new AccessAudit(client, new AccessOptions { Rules = [] }, servers, ThrottleLimit);
        _ = Read(client, audit, server =>
        {
            if (server.Failure is { } failure)
            {
                WriteFailure(failure, server.Server);
            }
        });
        foreach (var key in SshKey.Group([.. audit.Servers.SelectMany(server => server.Credentials)]))
        {
            if (Accepts(key))
            {
                WriteObject(key);
            }
        }
    }

    /// <summary>Whether a key is selected. For a key that can't be read this is not known: it is an error, never a silent no.</summary>
    private bool Accepts(SshKey key)
    {
        var credential = key.Credentials[0];
        switch (_filter?.Test(credential.Key, isWhole: true) ?? SshKeyMatch.Match)
        {
            case SshKeyMatch.Match:
                return true;
            case SshKeyMatch.NotComparable:
                WriteFailure(new RunCloudException(RunCloudError.SshCredentialNotComparable, $"The public key of {credential} cannot be read as a key, so it is not known whether it is the key you are looking for."), credential);
                return false;
            default:
                return false;
        }
    }
}
