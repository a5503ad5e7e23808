using System.Text;
using System.Text.Json;

namespace RunCloud.Api;

/// <summary>The content of an earlier snapshot, for comparison.</summary>
internal sealed class Baseline
{
    private readonly Dictionary<long, BaselineServer> _servers;

    private Baseline(AccessSnapshot snapshot, string sha256)
    {
        Snapshot = snapshot;
        Sha256 = sha256;
        _servers = snapshot.Servers.ToDictionary(server => server.Id, server => new BaselineServer(server, snapshot.Keys));
    }

    /// <summary>The snapshot.</summary>
    internal AccessSnapshot Snapshot { get; }

    /// <summary>The digest of its file.</summary>
    internal string Sha256 { get; }

    /// <summary>Its servers.</summary>
    internal IReadOnlyCollection<BaselineServer> Servers => _servers.Values;

    /// <summary>A server as it was; <see langword="null"/> if the baseline does not have it.</summary>
    internal BaselineServer? Find(long id) => _servers.TryGetValue(id, out var server) ? server : null;

    /// <summary>Reads a baseline.</summary>
    /// <param name="content">The file.</param>
    /// <param name="endpoint">The endpoint of this run.</param>
    /// <param name="problem">Why it can't be used, as the predicate of a sentence about the file.</param>
    /// <returns>The baseline; <see langword="null"/> if the file can't be used.</returns>
    internal static Baseline? Read(byte[] content, Uri endpoint, out string? problem)
    {
        try
        {
            var snapshot = AccessSnapshot.Read(content);
            problem = Problem(snapshot, endpoint);
            return problem is null ? new Baseline(snapshot!, Digests.Sha256(content)) : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            problem = KindOf(content) is { } kind and not AccessSnapshot.AccessKind ? OfAnotherKind(kind) : "is not a report of Test-RunCloudSshAccess, or is damaged";
            return null;
        }
    }

    private static string OfAnotherKind(string kind) => $"is a report of another kind ('{ApiText.Clean(kind)}')";

    /// <summary>The kind of report that a file says it is; <see langword="null"/> if it is not a report.</summary>
    private static string? KindOf(byte[] content)
    {
        try
        {
            using var document = JsonDocument.Parse(content);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("kind", out var kind) && kind.ValueKind == JsonValueKind.String
                ? kind.GetString()
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second is for text that is not UTF-8.
            return null;
        }
    }

    /// <summary>The identity of a credential on its server: user and decoded key, or the text if the key can't be read. Ids change when a key is put back.</summary>
    internal static string Identity(string? user, SshPublicKey? key, string? text) => key is null
        ? $"{user}\ntext:{TextDigest(text)}"
        : $"{user}\n{(key.IsCertificateAuthority ? "authority" : "key")}:{Convert.ToBase64String(key.Blob.ToArray())}";

    /// <summary>The digest of text that can't be read as a key.</summary>
    internal static string TextDigest(string? text) => Digests.Sha256(Encoding.UTF8.GetBytes(text ?? string.Empty));

    private static string? Problem(AccessSnapshot? snapshot, Uri endpoint) =>
        snapshot?.Kind is null || snapshot.Run is null || snapshot.Scope is null ? "is not a report of Test-RunCloudSshAccess"
        : snapshot.Kind != AccessSnapshot.AccessKind ? OfAnotherKind(snapshot.Kind)
        : snapshot.Version > AccessSnapshot.CurrentVersion ? FormattableString.Invariant($"was written by a newer version of this module (version {snapshot.Version} of the format; this one reads {AccessSnapshot.CurrentVersion})")
        : snapshot.Version < 1 ? FormattableString.Invariant($"has version {snapshot.Version} of the format, which does not exist")
        : !string.Equals(snapshot.Run.Endpoint, endpoint.ToString(), StringComparison.OrdinalIgnoreCase) ? $"comes from another API, {ApiText.Clean(snapshot.Run.Endpoint)}"

        // A list that is missing in the file is null.
        : snapshot.Servers is null || snapshot.Keys is null ? "is damaged: a list is missing"
        : snapshot.Servers.Any(server => server is null || server.Credentials is null || server.Credentials.Any(one => one is null || (one.Key is { } key && (key < 0 || key >= snapshot.Keys.Count)) || (one.Key is null && one.TextSha256 is null)))
            || snapshot.Keys.Any(key => !SshPublicKey.TryParse(key?.PublicKey, out _)) ? "is damaged: it contains keys that cannot be read"
        : snapshot.Servers.GroupBy(server => server.Id).Any(same => same.Count() > 1) ? "is damaged: it contains a server twice"
        : null;
}

/// <summary>One server of a baseline.</summary>
internal sealed class BaselineServer
{
    private readonly HashSet<string> _identities;

    internal BaselineServer(AccessSnapshot.ServerEntry server, IReadOnlyList<AccessSnapshot.KeyEntry> keys)
    {
        Id = server.Id;
        Name = ApiText.Printable(server.Name);
        IsRead = server.ReadAt is not null;
        Entries = [.. server.Credentials.Select(credential => new BaselineEntry(credential, credential.Key is { } key ? keys[key] : null))];
        _identities = Entries.Select(entry => entry.Identity).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The server's id.</summary>
    internal long Id { get; }

    /// <summary>The server's name then.</summary>
    internal string? Name { get; }

    /// <summary>Whether its whole list was read then. Only such a server can be compared.</summary>
    internal bool IsRead { get; }

    /// <summary>Its credentials then.</summary>
    internal IReadOnlyList<BaselineEntry> Entries { get; }

    /// <summary>Whether it had a credential.</summary>
    internal bool Has(string identity) => _identities.Contains(identity);
}

/// <summary>One credential of a baseline.</summary>
internal sealed class BaselineEntry
{
    internal BaselineEntry(AccessSnapshot.CredentialEntry credential, AccessSnapshot.KeyEntry? key)
    {
        User = ApiText.Printable(credential.User);
        Label = ApiText.Printable(credential.Label);
        var read = SshPublicKey.TryParse(key?.PublicKey, out var parsed) ? parsed : null;
        Fingerprint = read?.Fingerprint;
        Identity = read is null
            ? $"{User}\ntext:{credential.TextSha256}"
            : $"{User}\n{(key!.CertificateAuthority ? "authority" : "key")}:{Convert.ToBase64String(read.Blob.ToArray())}";
    }

    /// <summary>The user.</summary>
    internal string? User { get; }

    /// <summary>The label.</summary>
    internal string? Label { get; }

    /// <summary>The key's fingerprint; <see langword="null"/> if it could not be read.</summary>
    internal string? Fingerprint { get; }

    /// <summary>Its identity.</summary>
    internal string Identity { get; }
}
