using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.Api;

/// <summary>What a change of keys means on one server, as its whole list has it. Immutable.</summary>
/// <param name="Server">The server.</param>
internal sealed record ServerPlan(Server Server)
{
    /// <summary>The credentials that are to go.</summary>
    internal IReadOnlyList<SshCredential> Credentials { get; private init; } = [];

    /// <summary>The credentials with the key that stay, since their users have no other.</summary>
    internal IReadOnlyList<SshCredential> Kept { get; private init; } = [];

    /// <summary>The credentials with the key of users that are not meant.</summary>
    internal IReadOnlyList<SshCredential> OthersHave { get; private init; } = [];

    /// <summary>How many credentials of users that are not meant could not be compared.</summary>
    internal int OthersNotComparable { get; private init; }

    /// <summary>The ids of all credentials of the server, where any has the key.</summary>
    internal IReadOnlyCollection<long> Listed { get; private init; } = [];

    /// <summary>The users that have no other way in left when <see cref="Credentials"/> are gone.</summary>
    internal IReadOnlyList<string> LastOf { get; private init; } = [];

    /// <summary>The users whose only other keys run a forced command and nothing else.</summary>
    internal IReadOnlyList<string> ForcedOf { get; private init; } = [];

    /// <summary>Whether nobody has a way in left then.</summary>
    internal bool IsLastOfServer { get; private init; }

    /// <summary>The users whose key goes and who keep a <c>cert-authority</c> line: its certificates still let their holders in.</summary>
    internal IReadOnlyList<string> AuthoritiesOf { get; private init; } = [];

    /// <summary>Where the key is to be replaced: each user that has it.</summary>
    internal IReadOnlyList<KeyPlace> Places { get; private init; } = [];

    /// <summary>The credentials that could not be compared.</summary>
    internal IReadOnlyList<SshCredentialProblem> Problems { get; private init; } = [];

    /// <summary>Why the server could not be read; <see langword="null"/> when it could.</summary>
    internal RunCloudException? Failure { get; private init; }

    /// <summary>When the whole list had been read, in UTC; <see langword="null"/> where it could not be.</summary>
    internal DateTimeOffset? CheckedAt { get; private init; }

    /// <summary>Whether the list has several pages, so that a row may have slipped unseen from one to another while it was read.</summary>
    internal bool HasSeveralPages => Pages > 1;

    /// <summary>How many pages the list has.</summary>
    internal int Pages { get; private init; }

    /// <summary>How many credentials the list has.</summary>
    internal int Rows { get; private init; }

    /// <summary>Whether anything is to be done on the server.</summary>
    internal bool HasWork => Credentials.Count > 0;

    internal static ServerPlan Unread(Server server, RunCloudException failure) => new(server) { Failure = failure };

    /// <summary>Reads a server's whole list, and tells what a change of keys means there.</summary>
    /// <exception cref="RunCloudException"><see cref="RunCloudException.IsFatal"/>. Any other failure is in the plan.</exception>
    internal static async Task<ServerPlan> ReadAsync(RunCloudClient client, Server server, KeyChange change, CancellationToken cancellation)
    {
        var query = new SshCredentialQuery
        {
            Keys = change.Replacement is { } replacement ? [.. change.Keys, SshKeySelector.Exactly(replacement.Key)] : change.Keys,
            WithInventory = true,
        };
        try
        {
            var findings = await client.FindSshCredentialsAsync(server.Id, server, query, cancellation).ConfigureAwait(false);
            if (change.KeepsLast)
            {
                var meant = findings.Credentials.Where(credential => change.IsAbout(credential) && change.AcceptsUser(credential.User)).ToList();
                findings = await client.SettleWaysInAsync(server, meant, findings, cancellation).ConfigureAwait(false);
            }

            return Make(server, change, findings) with { CheckedAt = client.Now, Pages = findings.Pages, Rows = findings.Rows };
        }
        catch (RunCloudException e) when (!e.IsFatal)
        {
            return Unread(server, e);
        }
    }

    internal static ServerPlan Make(Server server, KeyChange change, SshCredentialFindings findings)
    {
        // Each user is shown to the pattern, so that it knows which names it has met.
        foreach (var user in findings.Users)
        {
            _ = change.AcceptsUser(user);
        }

        var holders = findings.Credentials.Where(change.IsAbout).ToList();
        var meant = holders.Where(credential => change.AcceptsUser(credential.User)).ToList();
        var unnamed = holders.Where(credential => credential.User is null).Except(meant).ToList();
        var going = meant.Select(credential => credential.Id).ToHashSet();
        var ways = findings.WaysIn(going);
        var staying = ways.Select(entry => entry.User).ToHashSet(StringComparer.Ordinal);

        // Of an unknown user nobody knows whether there is another key, nor of any where the list was not read whole and is to be relied on for that.
        var isUnsure = change.KeepsLast && findings.Incomplete is not null;
        var losing = change.Replacement is null ? meant.Where(credential => isUnsure || credential.User is null || !staying.Contains(credential.User)).ToList() : [];
        return new ServerPlan(server)
        {
            Credentials = change.KeepsLast ? [.. meant.Except(losing)] : meant,
            Kept = change.KeepsLast ? losing : [],
            OthersHave = [.. holders.Except(meant).Except(unnamed)],
            OthersNotComparable = findings.Problems.Count(problem => problem.Credential?.User is { } user && !change.AcceptsUser(user)),
            Listed = [.. findings.Inventory.Select(entry => entry.Id)],
            LastOf = [.. losing.Select(credential => credential.User ?? "an unknown user").Distinct(StringComparer.Ordinal)],
            ForcedOf = change.Replacement is not null ? [] : [.. meant.Select(credential => credential.User).OfType<string>().Distinct(StringComparer.Ordinal)
                .Where(user => staying.Contains(user) && ways.Where(entry => string.Equals(entry.User, user, StringComparison.Ordinal)).All(entry => entry.HasForcedCommand))],
            AuthoritiesOf = [.. findings.Inventory.Where(entry => entry.IsCertificateAuthority && !going.Contains(entry.Id)).Select(entry => entry.User).OfType<string>()
                .Intersect(meant.Select(credential => credential.User).OfType<string>(), StringComparer.Ordinal)],
            IsLastOfServer = losing.Count > 0 && staying.Count == 0,
            Places = change.Replacement is null ? [] : PlacesOf(meant, change.Replacement, findings),
            Failure = findings.Incomplete,
            Problems = [.. findings.Problems.Where(problem => problem.Credential?.User is not { } user || change.AcceptsUser(user)), .. unnamed.Select(SshCredentialSearch.NotNamed)],
        };
    }

    /// <summary>The same plan with what was read singly of its credentials.</summary>
    internal ServerPlan With(IReadOnlyDictionary<long, SshCredential> read) => this with
    {
        Credentials = [.. Credentials.Select(credential => read.TryGetValue(credential.Id, out var whole) ? whole : credential)],
    };

    private static List<KeyPlace> PlacesOf(List<SshCredential> meant, SshKeyReplacement replacement, SshCredentialFindings findings)
    {
        var labels = findings.Inventory.Select(entry => entry.Label ?? string.Empty).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var places = new List<KeyPlace>();
        foreach (var place in meant.GroupBy(credential => credential.User, StringComparer.Ordinal))
        {
            var holder = findings.Credentials.FirstOrDefault(credential => replacement.Key.Equals(credential.Key)
                && string.Equals(credential.User, place.Key, StringComparison.Ordinal)
                && string.Equals(credential.Key?.Options, replacement.OptionsFor(place), StringComparison.Ordinal));
            var label = FreeLabel(replacement.Label ?? replacement.Key.Comment ?? place.First().Label, labels);
            if (holder is null)
            {
                _ = labels.Add(label);
            }

            places.Add(new KeyPlace(place.Key, label, holder));
        }

        return places;
    }

    /// <summary>The label, or the first of it with a number behind, that the server does not have yet, by the rules that are known of labels.</summary>
    private static string FreeLabel(string? wanted, HashSet<string> taken)
    {
        const int longest = 48;
        var clean = new StringBuilder();
        foreach (var c in (wanted ?? string.Empty).Trim())
        {
            _ = clean.Append(c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '-' or '_' ? c : '-');
        }

        var stem = clean.Length == 0 ? "key" : clean.ToString(0, Math.Min(clean.Length, longest));
        var label = stem;
        for (var number = 2; taken.Contains(label); number++)
        {
            label = FormattableString.Invariant($"{stem}-{number}");
        }

        return label;
    }
}

/// <summary>A user on a server whose key is replaced.</summary>
/// <param name="User">The user's name; <see langword="null"/> when it is not known.</param>
/// <param name="NewLabel">The label of the credential that is to be added.</param>
/// <param name="Holder">The credential of the new key that the user has already; <see langword="null"/> when there is none.</param>
internal sealed record KeyPlace(string? User, string NewLabel, SshCredential? Holder);
