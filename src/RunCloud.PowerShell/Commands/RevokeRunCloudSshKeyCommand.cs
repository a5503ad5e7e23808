using System;
using System.Collections.Generic;
using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary><c>Revoke-RunCloudSshKey</c>: takes a key off every server, after one question, and accounts for each of them.</summary>
[Cmdlet(VerbsSecurity.Revoke, "RunCloudSshKey", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(SshKeyRevocation))]
public sealed class RevokeRunCloudSshKeyCommand : KeyCommand
{
    /// <summary>Makes the cmdlet.</summary>
    public RevokeRunCloudSshKeyCommand()
        : base("Revoking SSH key")
    {
    }

    /// <summary>Leaves the key in place where a user of a server has no other.</summary>
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
