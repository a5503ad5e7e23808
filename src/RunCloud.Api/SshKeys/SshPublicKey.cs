using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq;
using System.Text;

namespace RunCloud.Api;

/// <summary>
/// One OpenSSH public key, or a certificate for one, read from a line of a <c>.pub</c> or <c>authorized_keys</c> file: RSA, DSA, ECDSA
/// (nistp256, nistp384, nistp521), Ed25519, ECDSA and Ed25519 on a security key, ML-DSA-44 with Ed25519, and any other algorithm whose
/// name the key begins with. Immutable.
/// </summary>
/// <remarks>
/// <para>
/// What OpenSSH reads as the same key is the same key: <c>rsa-sha2-256</c> in front of an RSA key, and numbers with zeros in front, make
/// no difference. A key of an algorithm that is not known here is compared byte by byte.
/// </para>
/// <para>
/// Equality is that of the whole decoded key: comment, options and white space make no difference, and a certificate is not equal to
/// the key that it certifies.
/// </para>
/// <para>Any size is accepted, also the RSA keys below 1024 bits that OpenSSH no longer loads: an audit wants to see them.</para>
/// </remarks>
public sealed class SshPublicKey : IEquatable<SshPublicKey>
{
    private readonly SshKeyAlgorithm algorithm;
    private readonly SshKeyBlob parts;
    private string? fingerprint;
    private string? fingerprintMd5;
    private SshKeyOptions? access;

    private SshPublicKey(SshKeyAlgorithm algorithm, SshKeyBlob parts, string? options, string? comment)
    {
        this.algorithm = algorithm;
        this.parts = parts;
        Options = options;
        RawComment = comment;
        Comment = comment is null ? null : ApiText.Visible(comment, Octal);
    }

    /// <summary>
    /// The name of the key's algorithm, for example <c>ssh-ed25519</c> or <c>ssh-rsa-cert-v01@openssh.com</c>. A line may have the name of a
    /// signature algorithm in its place.
    /// </summary>
    public string Algorithm => algorithm.Name;

    /// <summary>
    /// The short name that <c>ssh-keygen -l</c> prints in parentheses: <c>RSA</c>, <c>DSA</c>, <c>ECDSA</c>, <c>ED25519</c>,
    /// <c>ECDSA-SK</c>, <c>ED25519-SK</c>, <c>MLDSA44-ED25519</c>, and for a certificate the same with <c>-CERT</c> behind. Of an algorithm
    /// that is not known, its name in the same manner: <c>ED448</c> for <c>ssh-ed448</c>.
    /// </summary>
    public string KeyType => algorithm.KeyType;

    /// <summary>
    /// The size of the key in bits, as <c>ssh-keygen -l</c> prints it; of a certificate, that of the key it certifies. Null when the
    /// algorithm is not known.
    /// </summary>
    public int? KeyLength => parts.Bits;

    /// <summary>
    /// What stands behind the key, as <c>ssh-keygen -l</c> shows it: control characters and line separators are written as
    /// <c>\033</c>, and here format characters too, which hide or reorder text, so that it is safe to print. Null when there is nothing, or a text that begins with <c>#</c>.
    /// </summary>
    /// <remarks>For a line with options and no comment, <c>ssh-keygen -l</c> prints the options in its place; this is null.</remarks>
    public string? Comment { get; }

    /// <summary>The <c>authorized_keys</c> options in front of the key as they are written, or null when there are none.</summary>
    public string? Options { get; }

    /// <summary>Whether this is an OpenSSH certificate, and not a key itself.</summary>
    public bool IsCertificate => algorithm.IsCertificate;

    /// <summary>
    /// Whether the options say that this is the key of an authority (<c>cert-authority</c>): whoever has a certificate by it gets in, and it
    /// is no login key itself.
    /// </summary>
    public bool IsCertificateAuthority => Access.IsCertificateAuthority;

    /// <summary>The decoded key, in the form in which OpenSSH writes it: the same key always has the same bytes.</summary>
    public ReadOnlyMemory<byte> Blob => parts.Canonical;

    /// <summary>
    /// The SHA256 fingerprint, as <c>ssh-keygen -lf</c> prints it: <c>SHA256:</c> and 43 base64 characters. That of a certificate is
    /// the one of the key it certifies.
    /// </summary>
    public string Fingerprint => fingerprint ??= SshFingerprint.Sha256(parts.Plain[0]);

    /// <summary>
    /// The MD5 fingerprint, as <c>ssh-keygen -l -E md5</c> prints it: <c>MD5:</c> and 16 pairs of hexadecimal digits. That of a
    /// certificate is the one of the key it certifies.
    /// </summary>
    public string FingerprintMD5 => fingerprintMd5 ??= SshFingerprint.MD5(parts.Plain[0]);

    /// <summary>What stands behind the key, as it is written.</summary>
    internal string? RawComment { get; }

    /// <summary>What the options mean for whether the key lets its user in.</summary>
    internal SshKeyOptions Access => access ??= SshKeyOptions.Read(Options);

    /// <summary>What the certificate says; <see langword="null"/> for a plain key.</summary>
    internal SshCertificate? Certificate => parts.Certificate;

    /// <summary>Whether the algorithm is one that is known here.</summary>
    internal bool IsKnownAlgorithm => algorithm.IsKnown;

    /// <summary>Whether there is no telling from the text that it is the whole key.</summary>
    internal bool MayBeShortened => parts.MayBeShortened;

    /// <summary>What a server of today does not let anybody in with: OpenSSH refuses DSA keys and small RSA keys.</summary>
    internal bool IsTooWeak => algorithm.Family == SshKeyFamily.Dsa || (algorithm.Family == SshKeyFamily.Rsa && KeyLength < 1024);

    /// <summary>Reads a public key line. White space around it and a byte order mark in front make no difference.</summary>
    /// <param name="text">The line; may be null.</param>
    /// <param name="key">The key, or null when the text is not exactly one well-formed key.</param>
    /// <returns>Whether the text is exactly one well-formed key.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out SshPublicKey? key) => Read(text.AsSpan(), out key) is null;

    /// <summary>Reads a public key line. White space around it and a byte order mark in front make no difference.</summary>
    /// <param name="text">The line.</param>
    /// <returns>The key.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="SshKeyFormatException">
    /// The text is not exactly one well-formed key; the message says why and holds no part of the text.
    /// </exception>
    public static SshPublicKey Parse(string text)
    {
        var line = (text ?? throw new ArgumentNullException(nameof(text))).AsSpan();
        return Read(line, out var key) is string problem ? throw SshKeyText.Explain(line, problem) : key!;
    }

    /// <inheritdoc/>
    public bool Equals(SshPublicKey? other) => other is not null && parts.Canonical.AsSpan().SequenceEqual(other.parts.Canonical);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SshPublicKey);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        // Keys of one algorithm begin alike, so the whole blob counts.
        var hash = 17;
        foreach (var value in parts.Canonical)
        {
            hash = unchecked((hash * 31) + value);
        }

        return hash;
    }

    /// <summary>The line that <c>ssh-keygen -l</c> prints: bits, where they are known, fingerprint, comment and type. It does not hold the key.</summary>
    /// <returns>For example <c>256 SHA256:… dave@laptop (ED25519)</c>.</returns>
    public override string ToString() =>
        string.Format(CultureInfo.InvariantCulture, "{0} {1} {2} ({3})", KeyLength, Fingerprint, Comment ?? "no comment", KeyType).TrimStart();

    /// <summary>Whether both are the same key or certificates of it.</summary>
    internal bool HasSameKeyAs(SshPublicKey other) => HasKey(plain => other.parts.Plain.Any(theirs => plain.AsSpan().SequenceEqual(theirs)));

    /// <summary>Whether the key, or the key in the certificate, in the form in which OpenSSH writes it, fits.</summary>
    internal bool HasKey(Func<byte[], bool> fits) => parts.Plain.Any(fits);

    /// <summary>Reads a public key line.</summary>
    /// <returns>Null when <paramref name="key"/> is there, else what is wrong, in a sentence that holds nothing of the text.</returns>
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

    /// <summary>The octal escapes that <c>ssh-keygen</c> shows for what can't be seen; a tab stays.</summary>
    private static string Octal(string unseen) =>
        unseen == "\t" ? unseen : string.Concat(Encoding.UTF8.GetBytes(unseen).Select(value => "\\" + Convert.ToString(value, 8).PadLeft(3, '0')));
}
