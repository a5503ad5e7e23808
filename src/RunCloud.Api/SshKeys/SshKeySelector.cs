namespace RunCloud.Api;

/// <summary>
/// Selects one key, given as its public key line, or the keys with a fingerprint. Immutable.
/// </summary>
/// <remarks>
/// A key line selects that key and every certificate of it; a certificate selects the key in it. Keys are compared whole and decoded: no
/// two different keys ever match. A fingerprint selects everything that has it. OpenSSH gives a certificate the fingerprint of the key it
/// certifies, so that is the key and every certificate of it. MD5 is broken: two keys with the same MD5 fingerprint can be forged,
/// but not a second key for somebody else's.
/// </remarks>
public sealed class SshKeySelector
{
    private readonly string _fingerprint;
    private readonly bool _isExact;

    private SshKeySelector(string fingerprint, SshPublicKey? key = null, bool isExact = false)
    {
        _fingerprint = fingerprint;
        _isExact = isExact;
        Key = key;
    }

    /// <summary>The selected key, or null for a fingerprint.</summary>
    internal SshPublicKey? Key { get; }

    /// <summary>Whether it is an MD5 fingerprint, which two keys may share.</summary>
    internal bool IsMd5 => Md5 is not null;

    /// <summary>The selected SHA256 digest, or null.</summary>
    private byte[]? Sha256 { get; init; }

    /// <summary>The selected MD5 digest, or null.</summary>
    private byte[]? Md5 { get; init; }

    /// <summary>
    /// Reads one key: a public key line, RFC 4716, <c>SHA256:</c> with 43 base64 characters (and padding, if any), <c>MD5:</c> with 16
    /// pairs of hexadecimal digits and colons between them, those pairs alone, or a whole line as <c>ssh-keygen -l</c> and
    /// <c>ssh-add -l</c> print it. The case of the prefix and of the digits makes no difference.
    /// </summary>
    /// <param name="text">The text; white space around it makes no difference.</param>
    /// <returns>The selector.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="SshKeyFormatException">
    /// The text is none of these. The message says why and what to do, and contains no part of the text.
    /// </exception>
    public static SshKeySelector Parse(string text) =>
        SshKeyDocument.One(SshKeyDocument.ReadText(text ?? throw new ArgumentNullException(nameof(text)))).Selector;

    /// <summary>
    /// Reads the text of a <c>.pub</c> file with one public key, which may occur more than once. Blank lines and lines that begin
    /// with # are skipped.
    /// </summary>
    /// <param name="content">The text of the file.</param>
    /// <returns>The selector for the key in it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="content"/> is null.</exception>
    /// <exception cref="SshKeyFormatException">
    /// The file is a private key, or does not contain exactly one public key and nothing else. The message says why and what to do, and
    /// contains no part of the file.
    /// </exception>
    public static SshKeySelector ParseFile(string content) =>
        SshKeyDocument.One(SshKeyDocument.ReadFile(content ?? throw new ArgumentNullException(nameof(content)))).Selector;

    /// <summary>Whether this selects a key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether the key is the one that was given or a certificate of it, or has the fingerprint that was given.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    public bool Matches(SshPublicKey key)
    {
        var candidate = key ?? throw new ArgumentNullException(nameof(key));
        return _isExact ? candidate.Equals(Key)
            : Key is not null ? Key.HasSameKeyAs(candidate)
            : Sha256 is not null ? candidate.HasKey(blob => SshFingerprint.HashSha256(blob).SequenceEqual(Sha256))
            : candidate.HasKey(blob => SshFingerprint.HashMd5(blob).SequenceEqual(Md5));
    }

    /// <summary>The fingerprint of the key that was given, or the fingerprint that was given. Safe to show.</summary>
    /// <returns><c>SHA256:…</c>, or <c>MD5:…</c> if that was given.</returns>
    public override string ToString() => _fingerprint;

    /// <summary>Selects a key and every certificate of it; for a certificate, the key in it.</summary>
    internal static SshKeySelector For(SshPublicKey key) => new(key.Fingerprint, key);

    /// <summary>Selects exactly one key, and no certificate of it.</summary>
    internal static SshKeySelector Exactly(SshPublicKey key) => new(key.Fingerprint, key, isExact: true);

    /// <summary>Reads one line: a key, a fingerprint, or a listing of a key.</summary>
    /// <returns>Null if <paramref name="selector"/> was read, or else what is wrong, in a sentence that contains no part of the text.</returns>
    internal static string? Read(ReadOnlySpan<char> line, out SshKeySelector? selector)
    {
        selector = null;
        if (ReadFingerprint(line, out selector) is { } answer)
        {
            return answer.Length == 0 ? null : answer;
        }

        if (SshPublicKey.Read(line, out var key) is string problem)
        {
            return problem;
        }

        selector = For(key!);
        return null;
    }

    /// <summary>Reads a fingerprint, alone or in a line that <c>ssh-keygen -l</c> prints: bits, fingerprint, comment, and the type in parentheses.</summary>
    /// <returns>Null if the line has none, empty if it has one, or else what is wrong with it.</returns>
    private static string? ReadFingerprint(ReadOnlySpan<char> line, out SshKeySelector? selector)
    {
        selector = null;
        var word = SshKeyLine.FirstWord(line);
        var isListing = IsNumber(word);
        if (isListing)
        {
            line = SshKeyLine.SkipBlanks(line[word.Length..]);
            word = SshKeyLine.FirstWord(line);
        }

        var rest = line[word.Length..].Trim();
        if (StartsWith(word, SshFingerprint.Sha256Prefix))
        {
            selector = IsEndOfListing(rest) && SshFingerprint.ParseSha256(word[SshFingerprint.Sha256Prefix.Length..]) is { } digest
                ? new(SshFingerprint.FormatSha256(digest)) { Sha256 = digest }
                : null;
            return selector is not null ? string.Empty : "This is not a SHA256 fingerprint: SHA256: is followed by exactly 43 base64 characters.";
        }

        var hasPrefix = StartsWith(word, SshFingerprint.Md5Prefix);
        var md5 = IsEndOfListing(rest) ? SshFingerprint.ParseMd5(hasPrefix ? word[SshFingerprint.Md5Prefix.Length..] : word) : null;
        if (md5 is not null)
        {
            selector = new(SshFingerprint.FormatMd5(md5)) { Md5 = md5 };
            return string.Empty;
        }

        return hasPrefix
            ? "This is not an MD5 fingerprint: MD5: is followed by exactly 16 pairs of hexadecimal digits with colons between them."
            : null;
    }

    private static bool IsNumber(ReadOnlySpan<char> word)
    {
        foreach (var character in word)
        {
            if (character is < '0' or > '9')
            {
                return false;
            }
        }

        return !word.IsEmpty;
    }

    /// <summary>Whether text can follow a fingerprint: nothing, or a comment and the type of the key.</summary>
    private static bool IsEndOfListing(ReadOnlySpan<char> rest) =>
        rest.IsEmpty || (rest[^1] == ')' && rest.LastIndexOf('(') is >= 0 and var start && rest.Length - start > 2);

    private static bool StartsWith(ReadOnlySpan<char> text, string prefix) =>
        text.StartsWith(prefix.AsSpan(), StringComparison.OrdinalIgnoreCase);
}
