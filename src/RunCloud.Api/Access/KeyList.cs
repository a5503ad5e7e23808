using System.Globalization;
using System.Text;

namespace RunCloud.Api;

/// <summary>A list of allowed or blocked keys.</summary>
internal sealed class KeyList
{
    private readonly Dictionary<string, List<SshKeySelector>> _byFingerprint;
    private readonly IReadOnlyList<SshKeySelector> _all;
    private readonly IReadOnlyList<SshKeySelector> _byMd5;

    internal KeyList(IReadOnlyList<SshKeySelector> keys)
    {
        _all = keys;
        _byFingerprint = keys.GroupBy(key => key.ToString(), StringComparer.Ordinal).ToDictionary(same => same.Key, same => same.ToList(), StringComparer.Ordinal);
        _byMd5 = [.. keys.Where(key => key.IsMd5)];
    }

    /// <summary>How many keys are on it.</summary>
    internal int Count => _all.Count;

    /// <summary>A digest of the list's content that does not depend on order or files.</summary>
    internal string Sha256
    {
        get
        {
            var lines = _all.Select(key => key.Key is { } line ? $"{(line.IsCertificateAuthority ? "cert-authority " : string.Empty)}{Convert.ToBase64String(line.Blob.ToArray())}" : key.ToString())
                .Distinct(StringComparer.Ordinal)
                .OrderBy(line => line, StringComparer.Ordinal);
            return Digests.Sha256(Encoding.UTF8.GetBytes(string.Join("\n", lines)));
        }
    }

    /// <summary>The entries that match a key, or the key in a certificate.</summary>
    internal IEnumerable<SshKeySelector> Find(SshPublicKey key)
    {
        // A key in a certificate of an unknown algorithm has two spellings, so the fingerprint alone does not find it.
        var candidates = key is { IsCertificate: true, IsKnownAlgorithm: false } ? _all
            : _byFingerprint.TryGetValue(key.Fingerprint, out var same) ? _byMd5.Count == 0 ? same : [.. same, .. _byMd5]
            : _byMd5;
        return candidates.Where(candidate => candidate.Matches(key));
    }

    /// <summary>
    /// Whether the list allows a key in its role. A certificate authority's line is allowed only by such a line, because it admits everyone the key
    /// signs for. And an authority's line allows no login key.
    /// </summary>
    internal bool Allows(SshPublicKey key) => Find(key).Any(entry => key.IsCertificateAuthority || entry.Key?.IsCertificateAuthority != true);

    /// <summary>Whether the list has the key as a certificate authority.</summary>
    internal bool NamesAuthority(SshPublicKey key) => Find(key).Any(entry => entry.Key?.IsCertificateAuthority == true);

    /// <summary>The comment next to the key in the list.</summary>
    internal string? CommentOf(SshPublicKey key) => Find(key).Select(entry => ApiText.Printable(entry.Key?.RawComment)).FirstOrDefault(comment => !string.IsNullOrEmpty(comment));
}

/// <summary>Digests as text.</summary>
internal static class Digests
{
    /// <summary>The SHA-256 digest in lower-case hexadecimal digits, as <c>sha256sum</c> prints it.</summary>
    internal static string Sha256(byte[] content) =>
        string.Concat(SshFingerprint.HashSha256(content).Select(value => value.ToString("x2", CultureInfo.InvariantCulture)));

    /// <summary>The SHA-256 digest in base64, as a Content-Security-Policy needs it.</summary>
    internal static string Sha256Base64(byte[] content) => Convert.ToBase64String(SshFingerprint.HashSha256(content));
}
