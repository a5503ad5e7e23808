using System;
using System.Collections.Generic;
using System.Linq;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>What a command that was cut off says of its work.</summary>
internal static class LastWords
{
    /// <summary>How many credentials are gone, in doubt and untouched, in one line, and then those in doubt by name.</summary>
    internal static IEnumerable<string> Of(IEnumerable<SshKeyRevocation> accounts)
    {
        var removals = accounts.SelectMany(account => account.Removals).ToList();
        var inDoubt = removals.Where(removal => removal.Outcome == RemovalStatus.Unconfirmed).ToList();
        yield return FormattableString.Invariant(
            $"Stopped: {removals.Count(removal => removal.IsGoodEnd)} credentials gone, {inDoubt.Count} in doubt, {removals.Count(removal => removal.Outcome == RemovalStatus.Failed)} still there. Run the command again.");
        foreach (var removal in inDoubt)
        {
            yield return $"{removal}.";
        }
    }
}
