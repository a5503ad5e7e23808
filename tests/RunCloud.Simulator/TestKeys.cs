using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RunCloud.Simulator;

/// <summary>What a public key is, as OpenSSH tells kinds and sizes apart.</summary>
public enum SshKeyKind
{
    /// <summary><c>ssh-rsa</c> with a modulus of 2048 bits.</summary>
    Rsa2048,

    /// <summary><c>ssh-rsa</c> with a modulus of 3072 bits, what <c>ssh-keygen -t rsa</c> makes.</summary>
    Rsa3072,

    /// <summary><c>ssh-rsa</c> with a modulus of 4096 bits.</summary>
    Rsa4096,

    /// <summary><c>ssh-dss</c>, 1024 bits: refused by today's OpenSSH, still found on old servers.</summary>
    Dsa,

    /// <summary><c>ecdsa-sha2-nistp256</c>. The first 50 characters of such a line are the same for every key.</summary>
    Ecdsa256,

    /// <summary><c>ecdsa-sha2-nistp384</c>.</summary>
    Ecdsa384,

    /// <summary><c>ecdsa-sha2-nistp521</c>.</summary>
    Ecdsa521,

    /// <summary><c>ssh-ed25519</c>.</summary>
    Ed25519,

    /// <summary><c>sk-ecdsa-sha2-nistp256@openssh.com</c>: a hardware token's.</summary>
    SkEcdsa256,

    /// <summary><c>sk-ssh-ed25519@openssh.com</c>: a hardware token's.</summary>
    SkEd25519,

    /// <summary><c>ssh-rsa-cert-v01@openssh.com</c> over a 2048-bit key.</summary>
    RsaCertificate,

    /// <summary><c>ecdsa-sha2-nistp256-cert-v01@openssh.com</c>.</summary>
    Ecdsa256Certificate,

    /// <summary><c>ssh-ed25519-cert-v01@openssh.com</c>.</summary>
    Ed25519Certificate,
}

/// <summary>
/// Makes OpenSSH public key lines out of nothing but a kind and a seed: well formed to the last byte (points lie on their
/// curves, certificates carry a signature that verifies), though nobody holds the private half.
/// </summary>
public static class TestKeys
{
    private const string CertificateSuffix = "-cert-v01@openssh.com";

    /// <summary>The types, which are read from a key of each kind once: the points of some are slow to find.</summary>
    private static readonly Lazy<HashSet<string>> Types =
        new(() => Enum.GetValues<SshKeyKind>().Select(kind => Line(kind, 1).Split(' ')[0]).ToHashSet(StringComparer.Ordinal));

    /// <summary>Makes a public key line: type, base64 and, if given, the comment.</summary>
    /// <param name="kind">The kind and size.</param>
    /// <param name="seed">Kind and seed decide the key: the same two always give the same key, another seed another key.</param>
    /// <param name="comment">What stands behind the key; <see langword="null"/> for a line without a comment.</param>
    /// <returns>One line, with no line break at its end.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="kind"/> is no kind.</exception>
    public static string Line(SshKeyKind kind, long seed, string? comment = null)
    {
        var blob = Blob(kind, seed);
        var typeLength = BinaryPrimitives.ReadInt32BigEndian(blob);
        var line = Encoding.ASCII.GetString(blob, sizeof(int), typeLength) + " " + Convert.ToBase64String(blob);
        return comment is null ? line : line + " " + comment;
    }

    /// <summary>Makes the decoded body of the same key that <see cref="Line"/> makes: what a fingerprint is taken of.</summary>
    /// <param name="kind">The kind and size.</param>
    /// <param name="seed">Kind and seed decide the key.</param>
    /// <returns>The bytes, beginning with the length of the type's name.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="kind"/> is no kind.</exception>
    public static byte[] Blob(SshKeyKind kind, long seed)
    {
        // Mixed, so that the keys of one seed have nothing in common across kinds.
        var random = new SeededRandom(unchecked((seed * 31) + (int)kind + 1));
        return kind switch
        {
            SshKeyKind.Rsa2048 => Plain("ssh-rsa", Rsa(random, 2048)),
            SshKeyKind.Rsa3072 => Plain("ssh-rsa", Rsa(random, 3072)),
            SshKeyKind.Rsa4096 => Plain("ssh-rsa", Rsa(random, 4096)),
            SshKeyKind.Dsa => Plain("ssh-dss", Dsa(random)),
            SshKeyKind.Ecdsa256 => Plain("ecdsa-sha2-nistp256", Ecdsa(random, EllipticCurve.P256)),
            SshKeyKind.Ecdsa384 => Plain("ecdsa-sha2-nistp384", Ecdsa(random, EllipticCurve.P384)),
            SshKeyKind.Ecdsa521 => Plain("ecdsa-sha2-nistp521", Ecdsa(random, EllipticCurve.P521)),
            SshKeyKind.Ed25519 => Plain("ssh-ed25519", Ed25519(random)),
            SshKeyKind.SkEcdsa256 => Plain("sk-ecdsa-sha2-nistp256@openssh.com", Ecdsa(random, EllipticCurve.P256).Text("ssh:")),
            SshKeyKind.SkEd25519 => Plain("sk-ssh-ed25519@openssh.com", Ed25519(random).Text("ssh:")),
            SshKeyKind.RsaCertificate => Certificate("ssh-rsa", Rsa(random, 2048), random),
            SshKeyKind.Ecdsa256Certificate => Certificate("ecdsa-sha2-nistp256", Ecdsa(random, EllipticCurve.P256), random),
            SshKeyKind.Ed25519Certificate => Certificate("ssh-ed25519", Ed25519(random), random),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind of key."),
        };
    }

    /// <summary>Makes a value that stands where a public key should and is none.</summary>
    /// <param name="seed">Decides which of the breakages, and of what key.</param>
    /// <returns>A line cut short, one whose base64 is broken, one whose inner type is another, a bare comment, or nothing at all.</returns>
    public static string Unparsable(long seed)
    {
        var whole = Line(SshKeyKind.Rsa2048, seed);
        return (unchecked((ulong)seed) % 5) switch
        {
            0 => whole[..52] + "...",
            1 => whole[..^7] + "!not-base64",
            2 => "ssh-ed25519 " + whole["ssh-rsa ".Length..] + " wrong@type",
            3 => "rsa-key-20190412",
            _ => string.Empty,
        };
    }

    /// <summary>Tells whether a line would pass RunCloud's form: a known type, then base64 that begins with the same type.</summary>
    internal static bool LooksLikeKey(string line)
    {
        var parts = line.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 2 || parts[1].Length % 4 != 0)
        {
            return false;
        }

        var blob = new byte[parts[1].Length];
        return Convert.TryFromBase64String(parts[1], blob, out var length)
            && length > sizeof(int)
            && BinaryPrimitives.ReadInt32BigEndian(blob) == parts[0].Length
            && length > sizeof(int) + parts[0].Length
            && Encoding.ASCII.GetString(blob, sizeof(int), parts[0].Length).Equals(parts[0], StringComparison.Ordinal);
    }

    /// <summary>The line from its type on; the whole where no type stands in it as a word.</summary>
    internal static string WithoutOptions(string line)
    {
        var words = line.Split(' ');
        var type = Array.FindIndex(words, Types.Value.Contains);
        return type < 0 ? line : string.Join(' ', words[type..]);
    }

    private static byte[] Plain(string type, Fields fields) => new Fields().Text(type).Raw(fields).ToArray();

    private static Fields Rsa(SeededRandom random, int bits)
    {
        var modulus = random.Bytes(bits / 8);
        modulus[0] |= 0x80;
        modulus[^1] |= 1;
        return new Fields().Integer([1, 0, 1]).Integer(modulus);
    }

    private static Fields Dsa(SeededRandom random)
    {
        var p = random.Bytes(128);
        p[0] |= 0x80;
        p[^1] |= 1;
        var q = random.Bytes(20);
        q[0] |= 0x80;
        q[^1] |= 1;
        return new Fields().Integer(p).Integer(q).Integer(random.Bytes(127)).Integer(random.Bytes(127));
    }

    private static Fields Ecdsa(SeededRandom random, EllipticCurve curve) => new Fields().Text(curve.Name).Bytes(curve.RandomPoint(random));

    private static Fields Ed25519(SeededRandom random) => new Fields().Bytes(random.Bytes(32));

    // The layout is that of OpenSSH's PROTOCOL.certkeys.
    private static byte[] Certificate(string type, Fields key, SeededRandom random)
    {
        const uint UserCertificate = 1;
        var authority = new Fields().Text("ecdsa-sha2-nistp256").Text("nistp256").Bytes(EllipticCurve.AuthorityPoint);
        var certificate = new Fields()
            .Text(type + CertificateSuffix)
            .Bytes(random.Bytes(32))
            .Raw(key)
            .UInt64(random.Next() >> 32)
            .UInt32(UserCertificate)
            .Text("simulated")
            .Bytes(new Fields().Text("root").Text("runcloud").ToArray())
            .UInt64(0)
            .UInt64(ulong.MaxValue)
            .Text(string.Empty)
            .Bytes(new Fields().Text("permit-pty").Text(string.Empty).ToArray())
            .Text(string.Empty)
            .Bytes(authority.ToArray());
        var (r, s) = EllipticCurve.AuthoritySign(SHA256.HashData(certificate.ToArray()));
        var signature = new Fields()
            .Text("ecdsa-sha2-nistp256")
            .Bytes(new Fields()
                .Integer(r.ToByteArray(isUnsigned: true, isBigEndian: true))
                .Integer(s.ToByteArray(isUnsigned: true, isBigEndian: true))
                .ToArray());
        return certificate.Bytes(signature.ToArray()).ToArray();
    }

    /// <summary>Writes the data types of RFC 4251, section 5.</summary>
    private sealed class Fields
    {
        private readonly ArrayBufferWriter<byte> _bytes = new(600);

        internal Fields Text(string text) => Bytes(Encoding.ASCII.GetBytes(text));

        internal Fields Bytes(ReadOnlySpan<byte> bytes)
        {
            UInt32((uint)bytes.Length);
            _bytes.Write(bytes);
            return this;
        }

        internal Fields Raw(Fields fields)
        {
            _bytes.Write(fields._bytes.WrittenSpan);
            return this;
        }

        /// <summary>A positive multiple precision integer: no needless zeros in front, and one where the top bit would read as a sign.</summary>
        internal Fields Integer(ReadOnlySpan<byte> bigEndian)
        {
            var digits = bigEndian.TrimStart((byte)0);
            ReadOnlySpan<byte> sign = digits.Length > 0 && digits[0] >= 0x80 ? [0] : [];
            UInt32((uint)(digits.Length + sign.Length));
            _bytes.Write(sign);
            _bytes.Write(digits);
            return this;
        }

        internal Fields UInt32(uint value)
        {
            BinaryPrimitives.WriteUInt32BigEndian(_bytes.GetSpan(sizeof(uint)), value);
            _bytes.Advance(sizeof(uint));
            return this;
        }

        internal Fields UInt64(ulong value)
        {
            BinaryPrimitives.WriteUInt64BigEndian(_bytes.GetSpan(sizeof(ulong)), value);
            _bytes.Advance(sizeof(ulong));
            return this;
        }

        internal byte[] ToArray() => _bytes.WrittenSpan.ToArray();
    }
}
