using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>One warning about what removals leave behind and the API cannot remove.</summary>
internal sealed class LeftoverText(IReadOnlyList<Leftovers> leftovers)
{
    /// <summary>How many names of a kind are shown. The objects are on the information stream.</summary>
    private const int Shown = 5;

    /// <inheritdoc/>
    public override string ToString() => string.Join(" ", Parts());

    private static string? Listed(string what, IEnumerable<object> items)
    {
        var all = items.ToList();
        var names = string.Join("; ", all.Take(Shown)) + (all.Count > Shown ? "; …" : string.Empty);
        return all.Count == 0 ? null : FormattableString.Invariant($"{what}: {all.Count} ({names}).");
    }

    private IEnumerable<string> Parts()
    {
        string?[] found =
        [
            Listed("Open SSH sessions", leftovers.SelectMany(left => left.Sessions)),
            Listed("Deployment keys that are the revoked key", leftovers.SelectMany(left => left.Holders)),
            Listed("Deployment keys that could not be compared", leftovers.SelectMany(left => left.NotComparable)),
            Listed("cert-authority lines that stay", leftovers.SelectMany(left => left.AuthoritiesOf.Select(user => $"{user} on {left.Server}"))),
            Listed("Servers that could not be inspected", leftovers.Where(left => left.Unread.Count > 0).Select(left => $"{left.Server}: {left.Unread[0].Message}")),
        ];
        return
        [
            .. found.OfType<string>(),
            "Left to do by hand: delete the key's copy in the SSH Key Vault (Settings > SSH Key Vault in the dashboard), end open sessions on the servers,"
                + " look for lines written into authorized_keys by hand, and check whether passwords are accepted (Get-RunCloudSshSetting).",
        ];
    }
}
