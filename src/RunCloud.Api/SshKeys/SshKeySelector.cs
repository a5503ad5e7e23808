using System;

namespace RunCloud.Api;

/// <summary>
/// Which keys somebody means: one key, given as its public key line, or those with a fingerprint, given as that. Immutable.
/// </summary>
/// <remarks>
/// A key line selects that key alone, compared whole and decoded: no two different keys ever match, and a key does not select its
/// certificate. A fingerprint selects whatever has it; since OpenSSH gives a certificate the fingerprint of the key it certifies, that
/// is the key and every certificate for it. MD5 is broken: keys with the same MD5 fingerprint can be made on purpose, though not for a
/// key that somebody else made.
/// </remarks>
public sealed class SshKeySelector
{
    private readonly string fingerprint;

    private SshKeySelector(string fingerprint) => this.fingerprint = fingerprint;

    /// <summary>The key that is selected, or null when a fingerprint selects.</summary>
    internal SshPublicKey? Key { get; private init; }

    /// <summary>The base64 text of <see cref="Key"/>; null when a fingerprint selects.</summary>
    internal string? KeyText { get; private init; }

    /// <summary>The SHA256 digest that is selected, or null.</summary>
    internal byte[]? Sha256 { get; private init; }

    /// <summary>The MD5 digest that is selected, or null.</summary>
    internal byte[]? Md5 { get; private init; }

    /// <summary>
    /// Reads a public key line, <c>SHA256:</c> with 43 base64 characters (and padding, if any), or <c>MD5:</c> with 16 pairs of
    /// hexadecimal digits and colons between them; those pairs alone will do. The case of the prefix and of the digits makes no
    /// difference.
    /// </summary>
    /// <param name="text">The text; white space around it makes no difference.</param>
    /// <returns>The selector.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="SshKeyFormatException">
    /// The text is none of these; the message says why, and what to do, and holds no part of the text.
    /// </exception>
    public static SshKeySelector Parse(string text)
    {
        var trimmed = SshKeyLine.Trim((text ?? throw new ArgumentNullException(nameof(text))).AsSpan());
        if (StartsWith(trimmed, SshFingerprint.Sha256Prefix))
        {
            return ForSha256(SshFingerprint.ParseSha256(trimmed[SshFingerprint.Sha256Prefix.Length..]));
        }

        if (StartsWith(trimmed, SshFingerprint.Md5Prefix))
        {
            return ForMd5(SshFingerprint.ParseMd5(trimmed[SshFingerprint.Md5Prefix.Length..]));
        }

        if (SshFingerprint.ParseMd5(trimmed) is byte[] digest)
        {
            return ForMd5(digest);
        }

        return SshPublicKey.Read(trimmed, out var key) is string problem
            ? throw SshKeyText.Explain(
                trimmed, $"This is neither an OpenSSH public key line nor a fingerprint (SHA256:… or MD5:…). {problem}")
            : For(key!);
    }

    /// <summary>Reads the text of a <c>.pub</c> file with one public key. Blank lines and lines that begin with # are skipped.</summary>
    /// <param name="content">The text of the file.</param>
    /// <returns>The selector for the key in it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="content"/> is null.</exception>
    /// <exception cref="SshKeyFormatException">
    /// The file is a private key, or does not hold exactly one public key and nothing else; the message says why, and what to do, and
    /// holds no part of the file.
    /// </exception>
    public static SshKeySelector ParseFile(string content) => For(ReadFile(content).Key);

    /// <summary>The line of a <c>.pub</c> file's one key, as it stands there.</summary>
    /// <exception cref="SshKeyFormatException">As for <see cref="ParseFile"/>.</exception>
    internal static string FindLine(string content) => ReadFile(content).Line;

    private static (SshPublicKey Key, string Line) ReadFile(string content)
    {
        if ((content ?? throw new ArgumentNullException(nameof(content))).Length > SshKeyLine.MaximumLength)
        {
            throw SshKeyText.Explain(content.AsSpan(), "The file has more than 65,536 characters, which no public key file has.");
        }

        (SshPublicKey Key, string Line)? first = null;
        string? problem = null;
        int keys = 0, lineNumber = 0;
        foreach (var line in content.Split('\n'))
        {
            lineNumber++;
            var trimmed = SshKeyLine.Trim(line.AsSpan());
            if (trimmed.IsEmpty || trimmed[0] == '#')
            {
                continue;
            }

            if (SshPublicKey.Read(trimmed, out var key) is not string lineProblem)
            {
                first ??= (key!, trimmed.ToString());
                keys++;
            }
            else if (SshKeyText.Recognise(trimmed) is { } recognised)
            {
                throw recognised;
            }
            else
            {
                problem ??= FormattableString.Invariant($"Line {lineNumber} of the file is not an OpenSSH public key. {lineProblem}");
            }
        }

        return (keys, problem) switch
        {
            (_, not null) => throw new SshKeyFormatException(problem),
            (1, _) => first!.Value,
            (0, _) => throw new SshKeyFormatException("The file holds no public key."),
            _ => throw new SshKeyFormatException(FormattableString.Invariant($"The file holds {keys} public keys; exactly one is wanted.")),
        };
    }

    /// <summary>Tells whether this means the key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether the key is the one that was given, or has the fingerprint that was given.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    public bool Matches(SshPublicKey key)
    {
        var candidate = key ?? throw new ArgumentNullException(nameof(key));
        return Key is not null ? Key.Equals(candidate)
            : string.Equals(fingerprint, Sha256 is not null ? candidate.Fingerprint : candidate.FingerprintMD5, StringComparison.Ordinal);
    }

    /// <summary>The fingerprint of the key that was given, or the fingerprint that was given. Safe to show.</summary>
    /// <returns><c>SHA256:…</c>, or <c>MD5:…</c> when that was given.</returns>
    public override string ToString() => fingerprint;

    private static bool StartsWith(ReadOnlySpan<char> text, string prefix) =>
        text.StartsWith(prefix.AsSpan(), StringComparison.OrdinalIgnoreCase);

    /// <summary>Means exactly that key.</summary>
    internal static SshKeySelector For(SshPublicKey key) =>
        new(key.Fingerprint) { Key = key, KeyText = Convert.ToBase64String(key.Blob.ToArray()) };

    private static SshKeySelector ForSha256(byte[]? digest) => digest is null
        ? throw new SshKeyFormatException("This is not a SHA256 fingerprint: SHA256: is followed by exactly 43 base64 characters.")
        : new(SshFingerprint.FormatSha256(digest)) { Sha256 = digest };

    private static SshKeySelector ForMd5(byte[]? digest) => digest is null
        ? throw new SshKeyFormatException(
            "This is not an MD5 fingerprint: MD5: is followed by exactly 16 pairs of hexadecimal digits with colons between them.")
        : new(SshFingerprint.FormatMd5(digest)) { Md5 = digest };
}
