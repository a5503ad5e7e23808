using System.Text;

namespace RunCloud.Api;

/// <summary>The family of an algorithm. All algorithms of a family have the same key fields.</summary>
internal enum SshKeyFamily
{
    /// <summary>An unknown algorithm. Its fields are not parsed.</summary>
    Unknown,
    Rsa,
    Dsa,
    Ecdsa,
    Ed25519,
    SecurityKeyEcdsa,
    SecurityKeyEd25519,
    MlDsa44Ed25519,
}

/// <summary>One public key algorithm. There is one instance of each known algorithm.</summary>
/// <remarks>Source: RFC 4253 6.6, RFC 5656, RFC 8709, RFC 8332, OpenSSH's PROTOCOL.certkeys and PROTOCOL.u2f, and its key type tables.</remarks>
internal sealed class SshKeyAlgorithm
{
    private const string CertificateSuffix = "-cert-v01@openssh.com";
    private const string VendorSuffix = "@openssh.com";
    private const int LongestName = 128;

    private static readonly SshKeyAlgorithm[] All =
    [
        .. Pair("ssh-rsa", "RSA", SshKeyFamily.Rsa),
        .. Pair("ssh-ed25519", "ED25519", SshKeyFamily.Ed25519),
        .. Pair("ecdsa-sha2-nistp256", "ECDSA", SshKeyFamily.Ecdsa, "nistp256", 256),
        .. Pair("ecdsa-sha2-nistp384", "ECDSA", SshKeyFamily.Ecdsa, "nistp384", 384),
        .. Pair("ecdsa-sha2-nistp521", "ECDSA", SshKeyFamily.Ecdsa, "nistp521", 521),
        .. Pair("sk-ssh-ed25519@openssh.com", "ED25519-SK", SshKeyFamily.SecurityKeyEd25519),
        .. Pair("sk-ecdsa-sha2-nistp256@openssh.com", "ECDSA-SK", SshKeyFamily.SecurityKeyEcdsa, "nistp256", 256),
        .. Pair("ssh-mldsa44-ed25519@openssh.com", "MLDSA44-ED25519", SshKeyFamily.MlDsa44Ed25519),
        .. Pair("ssh-dss", "DSA", SshKeyFamily.Dsa),
    ];

    /// <summary>Names of signature algorithms that OpenSSH also accepts as key types.</summary>
    private static readonly Dictionary<string, SshKeyAlgorithm> Aliases = new[]
    {
        ("rsa-sha2-256", "ssh-rsa"),
        ("rsa-sha2-512", "ssh-rsa"),
        ("webauthn-sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"),
    }.SelectMany(alias => new[] { alias, (CertificateName(alias.Item1), CertificateName(alias.Item2)) })
        .ToDictionary(alias => alias.Item1, alias => Array.Find(All, algorithm => algorithm.Name == alias.Item2)!, StringComparer.Ordinal);

    private readonly byte[] _nameBytes;
    private readonly byte[] _curveBytes;

    private SshKeyAlgorithm(string name, string keyType, SshKeyFamily family, string curve, int curveBits, SshKeyAlgorithm? plain)
    {
        Name = name;
        KeyType = keyType;
        Family = family;
        CurveBits = curveBits;
        Plain = plain ?? this;
        _nameBytes = Encoding.ASCII.GetBytes(name);
        _curveBytes = Encoding.ASCII.GetBytes(curve);
    }

    /// <summary>The name in front of the key, for example <c>ssh-ed25519</c>.</summary>
    public string Name { get; }

    /// <summary>The short name that <c>ssh-keygen -l</c> prints in parentheses.</summary>
    public string KeyType { get; }

    public SshKeyFamily Family { get; }

    public bool IsKnown => Family != SshKeyFamily.Unknown;

    /// <summary>The size of the curve in bits; 0 for families without a named curve.</summary>
    public int CurveBits { get; }

    /// <summary>The algorithm of the key in a certificate; for a plain key, this.</summary>
    public SshKeyAlgorithm Plain { get; }

    public bool IsCertificate => !ReferenceEquals(Plain, this);

    /// <summary><see cref="Name"/> as it stands in a blob.</summary>
    public ReadOnlySpan<byte> NameBytes => _nameBytes;

    /// <summary>The curve's name as it stands in a blob; empty for families without a named curve.</summary>
    public ReadOnlySpan<byte> CurveBytes => _curveBytes;

    /// <summary>Finds the known algorithm with exactly the name in a line.</summary>
    public static SshKeyAlgorithm? Find(ReadOnlySpan<char> name)
    {
        if (name.Length > LongestName)
        {
            return null;
        }

        foreach (var algorithm in All)
        {
            if (name.SequenceEqual(algorithm.Name.AsSpan()))
            {
                return algorithm;
            }
        }

        return Aliases.TryGetValue(name.ToString(), out var alias) ? alias : null;
    }

    /// <summary>Finds the known algorithm that a blob names. OpenSSH also accepts the short names of some there, in any case.</summary>
    public static SshKeyAlgorithm? FindInBlob(ReadOnlySpan<byte> name)
    {
        foreach (var algorithm in All)
        {
            if (name.SequenceEqual(algorithm._nameBytes))
            {
                return algorithm;
            }
        }

        if (Text(name) is not { } text)
        {
            return null;
        }

        return Find(text.AsSpan()) ?? Array.Find(All, algorithm => !algorithm.IsCertificate && algorithm.CurveBits == 0
            && string.Equals(algorithm.KeyType, text, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Makes an unknown algorithm; <see langword="null"/> if the bytes cannot be an algorithm's name.</summary>
    public static SshKeyAlgorithm? Unknown(ReadOnlySpan<byte> name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (!text.EndsWith(CertificateSuffix, StringComparison.Ordinal))
        {
            return new SshKeyAlgorithm(text, ShortName(text), SshKeyFamily.Unknown, string.Empty, curveBits: 0, plain: null);
        }

        var stem = text[..^CertificateSuffix.Length];
        var plain = new SshKeyAlgorithm(stem + VendorSuffix, ShortName(stem), SshKeyFamily.Unknown, string.Empty, curveBits: 0, plain: null);
        return new SshKeyAlgorithm(text, plain.KeyType + "-CERT", SshKeyFamily.Unknown, string.Empty, curveBits: 0, plain);
    }

    /// <summary>The algorithm names that the key of a certificate may have in its own blob. For an unknown algorithm: with and without vendor.</summary>
    public IEnumerable<byte[]> PlainNames() => IsKnown || !IsCertificate
        ? [Plain._nameBytes]
        : [Plain._nameBytes, Encoding.ASCII.GetBytes(Plain.Name[..^VendorSuffix.Length])];

    private static SshKeyAlgorithm[] Pair(string name, string keyType, SshKeyFamily family, string curve = "", int curveBits = 0)
    {
        var plain = new SshKeyAlgorithm(name, keyType, family, curve, curveBits, plain: null);
        return [plain, new SshKeyAlgorithm(CertificateName(name), keyType + "-CERT", family, curve, curveBits, plain)];
    }

    /// <summary>The algorithm name of a key's certificates. The vendor appears once, at the end.</summary>
    private static string CertificateName(string name) => WithoutVendor(name, VendorSuffix) + CertificateSuffix;

    /// <summary>The short name that <c>ssh-keygen</c> would give an algorithm, by analogy with the known ones.</summary>
    private static string ShortName(string name)
    {
        var at = name.AsSpan().IndexOf('@');
        var stem = at > 0 ? name[..at] : name;
        var isSecurityKey = stem.StartsWith("sk-", StringComparison.Ordinal);
        stem = isSecurityKey ? stem[3..] : stem;
        stem = stem.StartsWith("ssh-", StringComparison.Ordinal) && stem.Length > 4 ? stem[4..] : stem;
        return stem.ToUpperInvariant() + (isSecurityKey ? "-SK" : string.Empty);
    }

    private static string WithoutVendor(string name, string suffix) => name.EndsWith(suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : name;

    /// <summary>The text of a name; <see langword="null"/> if it is empty, too long, or not printable ASCII without blanks (RFC 4251 6).</summary>
    private static string? Text(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name.Length > LongestName)
        {
            return null;
        }

        foreach (var value in name)
        {
            if (value is <= (byte)' ' or >= 0x7F or (byte)',')
            {
                return null;
            }
        }

        return Encoding.ASCII.GetString(name.ToArray());
    }
}
