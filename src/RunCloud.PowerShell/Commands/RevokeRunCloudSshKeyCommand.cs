using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary><c>Revoke-RunCloudSshKey</c>: removes a key from every server, after one question, and reports the outcome of each.</summary>
[Cmdlet(VerbsSecurity.Revoke, "RunCloudSshKey", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(SshKeyRevocation))]
public sealed class RevokeRunCloudSshKeyCommand : KeyCommand
{
    /// <summary>Makes the cmdlet.</summary>
    public RevokeRunCloudSshKeyCommand()
        : base("Revoking SSH key")
    {
    }

    /// <summary>Keeps the key if a user of a server has no other.</summary>
    [Parameter]
    public SwitchParameter SkipLastCredential { get; set; }

    /// <inheritdoc/>
    private protected override KeyChange Wanted(IReadOnlyList<SshKeySelector> keys, Func<string?, bool> acceptsUser, Func<string, bool>? excludes) => new()
    {
        Keys = keys,
        AcceptsUser = acceptsUser,
        Excludes = excludes,
        KeepsLast = SkipLastCredential,
    };
}
