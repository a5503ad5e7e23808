using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary><c>Update-RunCloudSshKey</c>: replaces a key by a new one on every server, and reports the outcome of each.</summary>
[Cmdlet(VerbsData.Update, "RunCloudSshKey", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(SshKeyRevocation))]
public sealed class UpdateRunCloudSshKeyCommand : KeyCommand
{
    /// <summary>Makes the cmdlet.</summary>
    public UpdateRunCloudSshKeyCommand()
        : base("Replacing SSH key")
    {
    }

    /// <summary>The new key: its public key line, or the path of its file.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public KeyArgument NewPublicKey { get; set; } = null!;

    /// <summary>The label of the new credentials; a number is added where it is taken. Default: the new key's comment, or else the old labels.</summary>
    [Parameter]
    [ValidatePattern("^[A-Za-z0-9_-]+$")]
    public string? Label { get; set; }

    /// <inheritdoc/>
    private protected override KeyChange Wanted(IReadOnlyList<SshKeySelector> keys, Func<string?, bool> acceptsUser, Func<string, bool>? excludes)
    {
        var replacement = new SshKeyReplacement(KeyArguments.ResolveLoginKey(SessionState, NewPublicKey, nameof(NewPublicKey)), Label);
        return keys.Any(key => key.Matches(replacement.Key))
            ? throw new SshKeyFormatException("The new key is also one of the keys to be replaced.") { Parameter = nameof(NewPublicKey) }
            : new KeyChange { Keys = keys, AcceptsUser = acceptsUser, Excludes = excludes, Replacement = replacement };
    }
}
