using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq;
using System.Text;

namespace RunCloud.Api;

/// <summary>
/// One OpenSSH public key, or a certificate for one, read from a line of a <c>.pub</c> or <c>authorized_keys</c> file: RSA, DSA, ECDSA
/// (nistp256, nistp384, nistp521), Ed25519, and ECDSA and Ed25519 on a security key. Immutable.
/// </summary>
/// <remarks>
/// <para>
/// What is read is what OpenSSH reads, with two exceptions: a line must name the algorithm of its key exactly, and numbers must not be
/// padded with zeros. So every key has exactly one blob and one base64 text.
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
    private readonly byte[] blob;
    private readonly SshKeyBlob parts;
    private string? fingerprint;
    private string? fingerprintMd5;

    private SshPublicKey(SshKeyAlgorithm algorithm, byte[] blob, SshKeyBlob parts, string? options, string? comment)
    {
        this.algorithm = algorithm;
        this.blob = blob;
        this.parts = parts;
        Options = options;
        Comment = comment;
    }

    /// <summary>The name in front of the key, for example <c>ssh-ed25519</c> or <c>ssh-rsa-cert-v01@openssh.com</c>.</summary>
    public string Algorithm => algorithm.Name;

    /// <summary>
    /// The short name that <c>ssh-keygen -l</c> prints in parentheses: <c>RSA</c>, <c>DSA</c>, <c>ECDSA</c>, <c>ED25519</c>,
    /// <c>ECDSA-SK</c>, <c>ED25519-SK</c>, and for a certificate the same with <c>-CERT</c> behind.
    /// </summary>
    public string KeyType => algorithm.KeyType;

    /// <summary>The size of the key in bits, as <c>ssh-keygen -l</c> prints it; of a certificate, that of the key it certifies.</summary>
    public int KeyLength => parts.Bits;

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

    /// <summary>The decoded key: the bytes that the base64 text stands for.</summary>
    public ReadOnlyMemory<byte> Blob => blob;

    /// <summary>
    /// The SHA256 fingerprint, as <c>ssh-keygen -lf</c> prints it: <c>SHA256:</c> and 43 base64 characters. That of a certificate is
    /// the one of the key it certifies.
    /// </summary>
    public string Fingerprint => fingerprint ??= SshFingerprint.FormatSha256(HashSha256());

    /// <summary>
    /// The MD5 fingerprint, as <c>ssh-keygen -l -E md5</c> prints it: <c>MD5:</c> and 16 pairs of hexadecimal digits. That of a
    /// certificate is the one of the key it certifies.
    /// </summary>
    public string FingerprintMD5 => fingerprintMd5 ??= SshFingerprint.FormatMd5(HashMd5());

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
    public bool Equals(SshPublicKey? other) => other is not null && blob.AsSpan().SequenceEqual(other.blob);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SshPublicKey);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        // Keys of one algorithm begin alike, so the whole blob counts.
        var hash = 17;
        foreach (var value in blob)
        {
            hash = unchecked((hash * 31) + value);
        }

        return hash;
    }

    /// <summary>The line that <c>ssh-keygen -l</c> prints: bits, fingerprint, comment and type. It does not hold the key.</summary>
    /// <returns>For example <c>256 SHA256:… dave@laptop (ED25519)</c>.</returns>
    public override string ToString() =>
        string.Format(CultureInfo.InvariantCulture, "{0} {1} {2} ({3})", KeyLength, Fingerprint, Comment ?? "no comment", KeyType);

    /// <summary>Reads a public key line.</summary>
    /// <returns>Null when <paramref name="key"/> is there, else what is wrong, in a sentence that holds nothing of the text.</returns>
    internal static string? Read(ReadOnlySpan<char> text, out SshPublicKey? key)
    {
        key = null;
        if (SshKeyLine.Read(text, out var line) is string problem)
        {
            return problem;
        }

        var bytes = new byte[SshBase64.MaximumLength(line.Key.Length)];
        if (ReadKey(line, bytes, out var length, out var parts) is string keyProblem)
        {
            return keyProblem;
        }

        Array.Resize(ref bytes, length);
        key = new SshPublicKey(
            line.Algorithm,
            bytes,
            parts,
            line.Options.IsEmpty ? null : line.Options.ToString(),
            line.Comment.IsEmpty ? null : ApiText.Visible(line.Comment.ToString(), Octal));
        return null;
    }

    /// <summary>Decodes and checks the key of a line.</summary>
    /// <returns>Null when it is well formed, else what is wrong.</returns>
    internal static string? ReadKey(SshKeyLine line, Span<byte> buffer, out int length, out SshKeyBlob parts)
    {
        parts = default;
        return SshBase64.TryDecode(line.Key, buffer, out length)
            ? SshKeyBlob.Read(buffer[..length], line.Algorithm, out parts)
            : "What follows the name of the algorithm is not base64, or is cut off.";
    }

    private byte[] HashSha256()
    {
        var digest = new byte[SshFingerprint.Sha256Length];
        SshFingerprint.HashSha256(parts.PlainForm(blob, algorithm), digest);
        return digest;
    }

    private byte[] HashMd5()
    {
        var digest = new byte[Md5.DigestLength];
        Md5.Hash(parts.PlainForm(blob, algorithm), digest);
        return digest;
    }

    /// <summary>The octal escapes that <c>ssh-keygen</c> shows for what can't be seen; a tab stays.</summary>
    private static string Octal(string unseen) =>
        unseen == "\t" ? unseen : string.Concat(Encoding.UTF8.GetBytes(unseen).Select(value => "\\" + Convert.ToString(value, 8).PadLeft(3, '0')));
}
