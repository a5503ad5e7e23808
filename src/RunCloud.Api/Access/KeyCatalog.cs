using System.Text.RegularExpressions;

namespace RunCloud.Api;

/// <summary>One key of an audit, with everything known about it.</summary>
internal sealed class AuditedKey(int index, SshPublicKey key)
{
    /// <summary>Its index in the snapshot.</summary>
    internal int Index { get; } = index;

    /// <summary>The key.</summary>
    internal SshPublicKey Key { get; } = key;

    /// <summary>Whether its lines are those of a certificate authority.</summary>
    internal bool IsCertificateAuthority => Key.IsCertificateAuthority;

    /// <summary>The credentials that have it.</summary>
    internal List<SshCredential> Copies { get; } = [];

    /// <summary>The person it seems to belong to.</summary>
    internal Person Person { get; set; } = new(string.Empty, Person.FromFingerprint);

    /// <summary>Whether the -BlockedKey list names it.</summary>
    internal bool IsBlocked { get; init; }

    /// <summary>Whether the -AllowedKey list allows it.</summary>
    internal bool IsAllowed { get; init; }

    /// <summary>Whether there is an -AllowedKey list.</summary>
    internal bool HasList { get; init; }

    /// <summary>The key as a line without comment.</summary>
    internal string Line => $"{Key.Algorithm} {Convert.ToBase64String(Key.Blob.ToArray())}";
}

/// <summary>The person a key seems to belong to, and the source of the name.</summary>
/// <param name="Name">The name.</param>
/// <param name="Source">The source of the name.</param>
internal sealed record Person(string Name, string Source)
{
    /// <summary>The comment next to the key in the admin's list. Only this source merges two keys into one person.</summary>
    internal const string FromList = "list";

    /// <summary>The key's own comments. Anyone can write anything there.</summary>
    internal const string FromComment = "comment";

    /// <summary>The label in RunCloud.</summary>
    internal const string FromLabel = "label";

    /// <summary>There is no name.</summary>
    internal const string FromFingerprint = "fingerprint";

    /// <summary>The name as it is shown. A name from the key's own comment is marked as such.</summary>
    internal string Shown => Source == FromComment ? $"says: {Name}" : Name;

    /// <summary>The person a key seems to belong to.</summary>
    internal static Person Of(AuditedKey key, AccessOptions options)
    {
        if ((options.Allowed?.CommentOf(key.Key) ?? options.Blocked?.CommentOf(key.Key)) is { } listed)
        {
            return new Person(listed, FromList);
        }

        if (MostFrequent(key.Copies.Select(copy => copy.Comment)) is { } comment)
        {
            return new Person(comment, FromComment);
        }

        return MostFrequent(key.Copies.Select(copy => WithoutNumber(copy.Label))) is { } label
            ? new Person(label, FromLabel)
            : new Person(key.Key.Fingerprint, FromFingerprint);
    }

    private static string? MostFrequent(IEnumerable<string?> texts) => texts
        .Where(text => !string.IsNullOrWhiteSpace(text))
        .GroupBy(text => text!, StringComparer.Ordinal)
        .OrderByDescending(same => same.Count())
        .ThenBy(same => same.Key, StringComparer.Ordinal)
        .FirstOrDefault()?.Key;

    /// <summary>A label without the number that makes it unique on its server.</summary>
    private static string? WithoutNumber(string? label) =>
        label is null ? null : Regex.Replace(label, "-[0-9]+$", string.Empty, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
}

/// <summary>The different keys of an audit. A key and the same key as a certificate authority are two entries.</summary>
internal sealed class KeyCatalog
{
    private readonly Dictionary<(SshPublicKey Key, bool IsAuthority), AuditedKey> _keys = [];

    internal KeyCatalog(IEnumerable<ServerReading> servers, AccessOptions options)
    {
        foreach (var server in servers)
        {
            foreach (var credential in server.Credentials)
            {
                if (server.KeyOf(credential) is { } key)
                {
                    Add(key, options).Copies.Add(credential);
                }
            }
        }

        foreach (var key in _keys.Values)
        {
            key.Person = Person.Of(key, options);
        }

        All = [.. _keys.Values.OrderBy(key => key.Index)];
    }

    /// <summary>The keys, in the order of first appearance.</summary>
    internal IReadOnlyList<AuditedKey> All { get; }

    /// <summary>The entry of a key.</summary>
    internal AuditedKey Of(SshPublicKey key) => _keys[(key, key.IsCertificateAuthority)];

    private AuditedKey Add(SshPublicKey key, AccessOptions options)
    {
        var id = (key, key.IsCertificateAuthority);
        if (!_keys.TryGetValue(id, out var known))
        {
            known = new AuditedKey(_keys.Count, key)
            {
                HasList = options.Allowed is not null,
                IsAllowed = options.Allowed?.Allows(key) == true,
                IsBlocked = options.Blocked?.Find(key).Any() == true,
            };
            _keys.Add(id, known);
        }

        return known;
    }
}
