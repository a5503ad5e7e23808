using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary><c>Get-RunCloudSshCredential</c>: the SSH credentials of servers, a server's whole list at a time.</summary>
[Cmdlet(VerbsCommon.Get, "RunCloudSshCredential", DefaultParameterSetName = ServerSet)]
[OutputType(typeof(SshCredential))]
public sealed class GetRunCloudSshCredentialCommand : ServerCommand
{
    private OrderedOutput<SshCredentialFindings>? _reads;
    private SshCredentialQuery _query = new();

    /// <summary>Makes the cmdlet.</summary>
    public GetRunCloudSshCredentialCommand()
        : base("Reading SSH credentials")
    {
    }

    /// <summary>The credentials' ids. Each is read on its own, and one that does not exist is an error.</summary>
    [Parameter]
    [IdArguments]
    [ValidateNotNullOrEmpty]
    public IdArgument[] Id { get; set; } = [];

    /// <summary>The system users' names, wildcards allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(UserNameCompleter))]
    public string[]? User { get; set; }

    /// <summary>The labels, wildcards allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Label { get; set; }

    /// <summary>The keys: public key lines, fingerprints, paths of public key files, files, or credentials.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public KeyArgument[] Key { get; set; } = [];

    /// <inheritdoc/>
    private protected override bool TakesCredentials => Id.Length == 0;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        // Typed once for the whole call. An invalid id must end it: the remaining ids, or none, would select something else.
        if (Id.FirstOrDefault(id => id.Value is null) is { } wrong)
        {
            ThrowTerminatingError(Failures.InvalidId(nameof(Id), wrong.ToString(), wrong.ToString()));
        }

        base.BeginProcessing();
        _reads = InOrder<SshCredentialFindings>(ThrottleLimit, Deliver, "servers read");
        var users = new NamePatterns(User);
        var labels = new NamePatterns(Label);
        try
        {
            _query = new SshCredentialQuery
            {
                Ids = [.. Id.Select(id => id.Value!.Value)],
                Keys = KeyArguments.Resolve(SessionState, Key, nameof(Key), takesSeveral: true),
                Accepts = (user, label) => users.Accept(user) && labels.Accept(label),
            };
        }
        catch (SshKeyFormatException e)
        {
            ThrowTerminatingError(Failures.InvalidPublicKey(e, nameof(Key)));
        }
    }

    /// <inheritdoc/>
    private protected override void Begin(ServerItem item) => _reads!.Add(
        item.Client.Origin, item.Target, cancellation => item.Client.FindSshCredentialsAsync(item.ServerId, item.Server, item.CredentialId is { } id ? _query.Of(id) : _query, cancellation));

    private void Deliver(object target, SshCredentialFindings result)
    {
        WriteObject(result.Credentials, enumerateCollection: true);
        foreach (var credential in result.Unreadable)
        {
            WriteWarning($"The public key of {credential} cannot be read as a key. Check it by hand if you compare keys.");
        }

        if (result.Undated.Count > 0)
        {
            WriteWarning($"CreatedAt is empty for {result.Undated[0]}{(result.Undated.Count > 1 ? $" and {result.Undated.Count - 1} more" : string.Empty)}, because RunCloud's date cannot be read. "
                + $"A filter by age leaves {(result.Undated.Count > 1 ? "them" : "it")} out.");
        }

        foreach (var problem in result.Problems)
        {
            WriteFailure(problem.Exception, problem.Credential ?? (object)problem.Id);
        }

        if (result.Incomplete is { } incomplete)
        {
            WriteFailure(incomplete, target);
        }
    }
}
