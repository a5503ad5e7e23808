using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>What a command says about its work after it was stopped.</summary>
internal static class LastWords
{
    /// <summary>One line with the number of credentials that are gone, in doubt and untouched, then the name of each one in doubt.</summary>
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
