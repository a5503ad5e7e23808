using RunCloud.Simulator;

namespace RunCloud.Demo;

/// <summary>The demo's claims, checked one by one. Each check uses the workspace's real state or the received requests, not the module's output.</summary>
public sealed class Proof
{
    private readonly List<(bool Holds, string Claim)> _checks = [];

    /// <summary>Gets the checks so far, in order.</summary>
    public IReadOnlyList<(bool Holds, string Claim)> Checks => _checks;

    /// <summary>Gets a value indicating whether every check held, and there was one.</summary>
    public bool Holds => _checks.Count > 0 && _checks.TrueForAll(check => check.Holds);

    /// <summary>Adds a check.</summary>
    /// <param name="holds">Whether it held.</param>
    /// <param name="claim">What is claimed.</param>
    public void Check(bool holds, string claim) => _checks.Add((holds, claim));

    /// <summary>Compares the true state before and after: every copy of a key must be gone, and every other credential as it was.</summary>
    /// <param name="before">The workspace before.</param>
    /// <param name="after">The workspace after.</param>
    /// <param name="key">The key's line.</param>
    public void CheckExactlyGone(FleetSnapshot before, FleetSnapshot after, string key)
    {
        var copies = before.CopiesOf(key);
        var left = after.CopiesOf(key);
        FleetCredential[] others = [.. before.Credentials.Except(copies)];
        var untouched = others.Intersect(after.Credentials).Count();
        var added = after.Credentials.Except(before.Credentials).Count();
        Check(copies.Count > 0 && left.Count == 0, $"of {copies.Count} copies of the leaked key {left.Count} are left in the workspace's record");
        Check(untouched == others.Length && added == 0, $"of {others.Length} other keys {untouched} are there, unchanged, and {added} are new");
        Check(before.Servers.SequenceEqual(after.Servers), $"the {before.Servers.Length} servers are as they were");
    }

    /// <summary>Counts the credentials that somebody who compares so many characters would take for copies of a key.</summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="key">The key's line.</param>
    /// <param name="characters">How many characters.</param>
    /// <returns>How many are not copies.</returns>
    public static int Lookalikes(FleetSnapshot workspace, string key, int characters) =>
        Others(workspace, key).Count(credential => credential.PublicKey.Trim().StartsWith(key[..characters], StringComparison.Ordinal));

    /// <summary>Counts the credentials that somebody who looks at the comment would take for copies of a key.</summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="key">The key's line.</param>
    /// <returns>How many are not copies.</returns>
    public static int Namesakes(FleetSnapshot workspace, string key) =>
        Others(workspace, key).Count(credential => credential.PublicKey.Trim().EndsWith(key[key.LastIndexOf(' ')..], StringComparison.Ordinal));

    private static IEnumerable<FleetCredential> Others(FleetSnapshot workspace, string key) => workspace.Credentials.Except(workspace.CopiesOf(key));
}
