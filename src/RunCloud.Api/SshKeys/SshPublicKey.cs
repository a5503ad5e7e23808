using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace RunCloud.Api;

/// <summary>
/// One OpenSSH public key, or a certificate for one, read from a line of a <c>.pub</c> or <c>authorized_keys</c> file: RSA, DSA, ECDSA
/// (nistp256, nistp384, nistp521), Ed25519, ECDSA and Ed25519 on a security key, ML-DSA-44 with Ed25519, and any other algorithm if its
/// name is at the beginning of the key. Immutable.
/// </summary>
/// <remarks>
/// <para>
/// Keys that OpenSSH reads as the same are the same: <c>rsa-sha2-256</c> in front of an RSA key, and numbers with leading zeros, make
/// no difference. A key of an unknown algorithm is compared byte by byte.
/// </para>
/// <para>
/// Two keys are equal if their whole decoded keys are: comment, options and white space make no difference, and a certificate is not equal to
/// the key in it.
/// </para>
/// <para>Any size is accepted, even RSA keys below 1024 bits, which OpenSSH no longer loads: an audit must show them.</para>
/// </remarks>
public sealed class SshPublicKey : IEquatable<SshPublicKey>
{
    private readonly SshKeyAlgorithm _algorithm;
    private readonly SshKeyBlob _parts;
    private string? _comment;
    private string? _fingerprint;
    private string? _fingerprintMd5;
    private SshKeyOptions? _access;

    private SshPublicKey(SshKeyAlgorithm algorithm, SshKeyBlob parts, string? options, string? comment)
    {
        _algorithm = algorithm;
        _parts = parts;
        Options = options;
        RawComment = comment;
    }

    /// <summary>
    /// The name of the key's algorithm, for example <c>ssh-ed25519</c> or <c>ssh-rsa-cert-v01@openssh.com</c>. A line may have the name of a
    /// signature algorithm instead.
    /// </summary>
    public string Algorithm => _algorithm.Name;

    /// <summary>
    /// The short name that <c>ssh-keygen -l</c> prints in parentheses: <c>RSA</c>, <c>DSA</c>, <c>ECDSA</c>, <c>ED25519</c>,
    /// <c>ECDSA-SK</c>, <c>ED25519-SK</c>, <c>MLDSA44-ED25519</c>, and for a certificate the same with <c>-CERT</c> at the end. For an
    /// unknown algorithm, its name in the same style: <c>ED448</c> for <c>ssh-ed448</c>.
    /// </summary>
    public string KeyType => _algorithm.KeyType;

    /// <summary>
    /// The size of the key in bits, as <c>ssh-keygen -l</c> prints it; for a certificate, that of the key in it. Null if the
    /// algorithm is unknown.
    /// </summary>
    public int? KeyLength => _parts.Bits;

    /// <summary>
    /// The comment after the key, as <c>ssh-keygen -l</c> shows it: control characters and line separators are written as
    /// <c>\033</c>, and format characters too, because they hide or reorder text. So it is safe to print. Null if there is none, or if it begins with <c>#</c>.
    /// </summary>
    /// <remarks>For a line with options and without a comment, <c>ssh-keygen -l</c> prints the options instead; this is null.</remarks>
    public string? Comment => RawComment is null ? null : _comment ??= ApiText.Visible(RawComment, Octal);

    /// <summary>The <c>authorized_keys</c> options in front of the key, as written; null if there are none.</summary>
    public string? Options { get; }

    /// <summary>Whether this is an OpenSSH certificate and not a plain key.</summary>
    public bool IsCertificate => _algorithm.IsCertificate;

    /// <summary>
    /// Whether the options say that this is a certificate authority's key (<c>cert-authority</c>): anyone with a certificate from it gets in, and it
    /// is not a login key itself.
    /// </summary>
    public bool IsCertificateAuthority => Access.IsCertificateAuthority;

    /// <summary>The decoded key as OpenSSH writes it, so that the same key always has the same bytes.</summary>
    public ReadOnlyMemory<byte> Blob => _parts.Canonical;

    /// <summary>
    /// The SHA256 fingerprint, as <c>ssh-keygen -lf</c> prints it: <c>SHA256:</c> and 43 base64 characters. For a certificate it is
    /// that of the key in it.
    /// </summary>
    public string Fingerprint => _fingerprint ??= SshFingerprint.Sha256(_parts.Plain[0]);

    /// <summary>
    /// The MD5 fingerprint, as <c>ssh-keygen -l -E md5</c> prints it: <c>MD5:</c> and 16 pairs of hexadecimal digits. For a
    /// certificate is that of the key in it.
    /// </summary>
    public string FingerprintMD5 => _fingerprintMd5 ??= SshFingerprint.MD5(_parts.Plain[0]);

    /// <summary>The comment after the key, as written.</summary>
    internal string? RawComment { get; }

    /// <summary>The options, as far as they decide whether the key gives access.</summary>
    internal SshKeyOptions Access => _access ??= SshKeyOptions.Read(Options);

    /// <summary>The certificate; <see langword="null"/> for a plain key.</summary>
    internal SshCertificate? Certificate => _parts.Certificate;

    /// <summary>Whether the algorithm is known.</summary>
    internal bool IsKnownAlgorithm => _algorithm.IsKnown;

    /// <summary>Whether the text may be only a part of the key.</summary>
    internal bool MayBeShortened => _parts.MayBeShortened;

    /// <summary>Whether today's servers refuse it: OpenSSH does not accept DSA keys and small RSA keys.</summary>
    internal bool IsTooWeak => _algorithm.Family == SshKeyFamily.Dsa || (_algorithm.Family == SshKeyFamily.Rsa && KeyLength < 1024);

    /// <summary>Reads a public key line. White space around it and a byte order mark in front make no difference.</summary>
    /// <param name="text">The line; may be null.</param>
    /// <param name="key">The key, or null if the text is not exactly one well-formed key.</param>
    /// <returns>Whether the text is exactly one well-formed key.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out SshPublicKey? key) => Read(text.AsSpan(), out key) is null;

    /// <summary>Reads a public key line. White space around it and a byte order mark in front make no difference.</summary>
    /// <param name="text">The line.</param>
    /// <returns>The key.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="SshKeyFormatException">
    /// The text is not exactly one well-formed key. The message says why and contains no part of the text.
    /// </exception>
    public static SshPublicKey Parse(string text)
    {
        var line = (text ?? throw new ArgumentNullException(nameof(text))).AsSpan();
        return Read(line, out var key) is string problem ? throw SshKeyText.Explain(line, problem) : key!;
    }

    /// <inheritdoc/>
    public bool Equals(SshPublicKey? other) => other is not null && _parts.Canonical.AsSpan().SequenceEqual(other._parts.Canonical);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SshPublicKey);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        // Keys of one algorithm begin with the same bytes, so the whole blob is hashed.
        var hash = 17;
        foreach (var value in _parts.Canonical)
        {
            hash = unchecked((hash * 31) + value);
        }

        return hash;
    }

    /// <summary>The line that <c>ssh-keygen -l</c> prints: bits, if known, fingerprint, comment and type. It does not contain the key.</summary>
    /// <returns>For example <c>256 SHA256:… dave@laptop (ED25519)</c>.</returns>
    public override string ToString() =>
        string.Format(CultureInfo.InvariantCulture, "{0} {1} {2} ({3})", KeyLength, Fingerprint, Comment ?? "no comment", KeyType).TrimStart();

    /// <summary>Whether both are the same key or certificates of it.</summary>
    internal bool HasSameKeyAs(SshPublicKey other)
    {
        foreach (var plain in _parts.Plain)
        {
            foreach (var theirs in other._parts.Plain)
            {
                if (plain.AsSpan().SequenceEqual(theirs))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Whether the key, or the key in the certificate, as OpenSSH writes it, fulfils a condition.</summary>
    internal bool HasKey(Func<byte[], bool> fits) => _parts.Plain.Any(fits);

    /// <summary>Reads a public key line.</summary>
    /// <returns>Null if <paramref name="key"/> was read, or else what is wrong, in a sentence that contains no part of the text.</returns>
    internal static string? Read(ReadOnlySpan<char> text, out SshPublicKey? key)
    {
        key = null;
        if (SshKeyLine.Read(text, out var line) is string problem)
        {
            return problem;
        }

        if (!SshBase64.TryDecode(line.Key, out var bytes))
        {
            return "What follows the name of the algorithm is not base64, or is cut off.";
        }

        if (SshKeyBlob.Read(bytes, line.Algorithm, out var parts) is string keyProblem)
        {
            return keyProblem;
        }

        key = new SshPublicKey(
            line.Algorithm,
            parts!,
            line.Options.IsEmpty ? null : line.Options.ToString(),
            line.Comment.IsEmpty ? null : line.Comment.ToString());
        return null;
    }

    /// <summary>The octal escapes that <c>ssh-keygen</c> shows for invisible characters. A tab stays.</summary>
    private static string Octal(string unseen) =>
        unseen == "\t" ? unseen : string.Concat(Encoding.UTF8.GetBytes(unseen).Select(value => "\\" + Convert.ToString(value, 8).PadLeft(3, '0')));
}
