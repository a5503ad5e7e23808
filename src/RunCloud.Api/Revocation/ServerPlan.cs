using System.Text;

namespace RunCloud.Api;

/// <summary>The plan of a change of keys on one server, from its whole list. Immutable.</summary>
/// <param name="Server">The server.</param>
internal sealed record ServerPlan(Server Server)
{
    /// <summary>The credentials to remove.</summary>
    internal IReadOnlyList<SshCredential> Credentials { get; private init; } = [];

    /// <summary>The credentials with the key that are kept because their users have no other.</summary>
    internal IReadOnlyList<SshCredential> Kept { get; private init; } = [];

    /// <summary>The credentials with the key that belong to users who are not selected.</summary>
    internal IReadOnlyList<SshCredential> OthersHave { get; private init; } = [];

    /// <summary>How many credentials of users who are not selected could not be compared.</summary>
    internal int OthersNotComparable { get; private init; }

    /// <summary>The ids of all credentials of the server, if any has the key.</summary>
    internal IReadOnlyCollection<long> Listed { get; private init; } = [];

    /// <summary>The users who have no other access left when <see cref="Credentials"/> are gone.</summary>
    internal IReadOnlyList<string> LastOf { get; private init; } = [];

    /// <summary>The users whose only other keys run a forced command and nothing else.</summary>
    internal IReadOnlyList<string> ForcedOf { get; private init; } = [];

    /// <summary>Whether nobody has access left then.</summary>
    internal bool IsLastOfServer { get; private init; }

    /// <summary>The users whose key is removed and who keep a <c>cert-authority</c> line, whose certificates still give access.</summary>
    internal IReadOnlyList<string> AuthoritiesOf { get; private init; } = [];

    /// <summary>For a replacement: each user who has the key.</summary>
    internal IReadOnlyList<KeyPlace> Places { get; private init; } = [];

    /// <summary>The credentials that could not be compared.</summary>
    internal IReadOnlyList<SshCredentialProblem> Problems { get; private init; } = [];

    /// <summary>Why the server could not be read; <see langword="null"/> if it could.</summary>
    internal RunCloudException? Failure { get; private init; }

    /// <summary>When the whole list had been read, in UTC; <see langword="null"/> if it could not be.</summary>
    internal DateTimeOffset? CheckedAt { get; private init; }

    /// <summary>Whether the list has several pages, so that a row may have moved unseen between pages while it was read.</summary>
    internal bool HasSeveralPages => Pages > 1;

    /// <summary>How many pages the list has.</summary>
    internal int Pages { get; private init; }

    /// <summary>How many credentials the list has.</summary>
    internal int Rows { get; private init; }

    /// <summary>Whether there is anything to change on the server.</summary>
    internal bool HasWork => Credentials.Count > 0;

    internal static ServerPlan Unread(Server server, RunCloudException failure) => new(server) { Failure = failure };

    /// <summary>Reads a server's whole list, and plans a change of keys there.</summary>
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
                var selected = findings.Credentials.Where(credential => change.IsAbout(credential) && change.AcceptsUser(credential.User)).ToList();
                findings = await client.SettleWaysInAsync(server, selected, findings, cancellation).ConfigureAwait(false);
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
        // Every user is passed to the pattern, so that it knows which names exist.
        foreach (var user in findings.Users)
        {
            _ = change.AcceptsUser(user);
        }

        var holders = findings.Credentials.Where(change.IsAbout).ToList();
        var selected = holders.Where(credential => change.AcceptsUser(credential.User)).ToList();
        var unnamed = holders.Where(credential => credential.User is null).Except(selected).ToList();
        var going = selected.Select(credential => credential.Id).ToHashSet();
        var ways = findings.WaysIn(going);
        var staying = ways.Select(entry => entry.User).ToHashSet(StringComparer.Ordinal);

        // For an unknown user it is not known whether there is another key, and neither for any user if the list was not read completely.
        var isUnsure = change.KeepsLast && findings.Incomplete is not null;
        var losing = change.Replacement is null ? selected.Where(credential => isUnsure || credential.User is null || !staying.Contains(credential.User)).ToList() : [];
        return new ServerPlan(server)
        {
            Credentials = change.KeepsLast ? [.. selected.Except(losing)] : selected,
            Kept = change.KeepsLast ? losing : [],
            OthersHave = [.. holders.Except(selected).Except(unnamed)],
            OthersNotComparable = findings.Problems.Count(problem => problem.Credential?.User is { } user && !change.AcceptsUser(user)),
            Listed = [.. findings.Inventory.Select(entry => entry.Id)],
            LastOf = [.. losing.Select(credential => credential.User ?? "an unknown user").Distinct(StringComparer.Ordinal)],
            ForcedOf = change.Replacement is not null ? [] : [.. selected.Select(credential => credential.User).OfType<string>().Distinct(StringComparer.Ordinal)
                .Where(user => staying.Contains(user) && ways.Where(entry => string.Equals(entry.User, user, StringComparison.Ordinal)).All(entry => entry.HasForcedCommand))],
            AuthoritiesOf = [.. findings.Inventory.Where(entry => entry.IsCertificateAuthority && !going.Contains(entry.Id)).Select(entry => entry.User).OfType<string>()
                .Intersect(selected.Select(credential => credential.User).OfType<string>(), StringComparer.Ordinal)],
            IsLastOfServer = losing.Count > 0 && staying.Count == 0,
            Places = change.Replacement is null ? [] : PlacesOf(selected, change.Replacement, findings),
            Failure = findings.Incomplete,
            Problems = [.. findings.Problems.Where(problem => problem.Credential?.User is not { } user || change.AcceptsUser(user)), .. unnamed.Select(SshCredentialSearch.NotNamed)],
        };
    }

    /// <summary>The same plan with its credentials as they were read individually.</summary>
    internal ServerPlan With(IReadOnlyDictionary<long, SshCredential> read) => this with
    {
        Credentials = [.. Credentials.Select(credential => read.TryGetValue(credential.Id, out var whole) ? whole : credential)],
    };

    private static List<KeyPlace> PlacesOf(List<SshCredential> selected, SshKeyReplacement replacement, SshCredentialFindings findings)
    {
        var labels = findings.Inventory.Select(entry => entry.Label ?? string.Empty).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var places = new List<KeyPlace>();
        foreach (var place in selected.GroupBy(credential => credential.User, StringComparer.Ordinal))
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

    /// <summary>The label, with a number appended if the server has it already, according to the known rules for labels.</summary>
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
/// <param name="User">The user's name; <see langword="null"/> if it is not known.</param>
/// <param name="NewLabel">The label of the credential to add.</param>
/// <param name="Holder">The existing credential of the user with the new key; <see langword="null"/> if there is none.</param>
internal sealed record KeyPlace(string? User, string NewLabel, SshCredential? Holder);
