using System;
using System.Text;

namespace RunCloud.Api;

/// <summary>What the fields of a key are: algorithms of one family share them.</summary>
internal enum SshKeyFamily
{
    Rsa,
    Dsa,
    Ecdsa,
    Ed25519,
    SecurityKeyEcdsa,
    SecurityKeyEd25519,
}

/// <summary>One algorithm that a public key line can name. There is one instance of each, so they compare by reference.</summary>
/// <remarks>Source: RFC 4253 6.6, RFC 5656, RFC 8709, and OpenSSH's PROTOCOL.certkeys and PROTOCOL.u2f.</remarks>
internal sealed class SshKeyAlgorithm
{
    private const string CertificateSuffix = "-cert-v01@openssh.com";
    private const string SecurityKeySuffix = "@openssh.com";

    private static readonly SshKeyAlgorithm[] All =
    [
        .. Pair("ssh-rsa", "RSA", SshKeyFamily.Rsa),
        .. Pair("ssh-ed25519", "ED25519", SshKeyFamily.Ed25519),
        .. Pair("ecdsa-sha2-nistp256", "ECDSA", SshKeyFamily.Ecdsa, "nistp256", 256),
        .. Pair("ecdsa-sha2-nistp384", "ECDSA", SshKeyFamily.Ecdsa, "nistp384", 384),
        .. Pair("ecdsa-sha2-nistp521", "ECDSA", SshKeyFamily.Ecdsa, "nistp521", 521),
        .. Pair("sk-ssh-ed25519@openssh.com", "ED25519-SK", SshKeyFamily.SecurityKeyEd25519),
        .. Pair("sk-ecdsa-sha2-nistp256@openssh.com", "ECDSA-SK", SshKeyFamily.SecurityKeyEcdsa, "nistp256", 256),
        .. Pair("ssh-dss", "DSA", SshKeyFamily.Dsa),
    ];

    private readonly byte[] nameBytes;
    private readonly byte[] curveBytes;

    private SshKeyAlgorithm(string name, string keyType, SshKeyFamily family, string curve, int curveBits, SshKeyAlgorithm? plain)
    {
        Name = name;
        KeyType = keyType;
        Family = family;
        CurveBits = curveBits;
        Plain = plain ?? this;
        nameBytes = Encoding.ASCII.GetBytes(name);
        curveBytes = Encoding.ASCII.GetBytes(curve);
    }

    /// <summary>The name in front of the key, for example <c>ssh-ed25519</c>.</summary>
    public string Name { get; }

    /// <summary>The short name that <c>ssh-keygen -l</c> prints in parentheses.</summary>
    public string KeyType { get; }

    public SshKeyFamily Family { get; }

    /// <summary>The size of the curve in bits; 0 for the families that name no curve.</summary>
    public int CurveBits { get; }

    /// <summary>The algorithm of the key that a certificate certifies; for a key itself, this.</summary>
    public SshKeyAlgorithm Plain { get; }

    public bool IsCertificate => !ReferenceEquals(Plain, this);

    /// <summary><see cref="Name"/> as it stands in a blob.</summary>
    public ReadOnlySpan<byte> NameBytes => nameBytes;

    /// <summary>The curve's name as it stands in a blob; empty for the families that name no curve.</summary>
    public ReadOnlySpan<byte> CurveBytes => curveBytes;

    /// <summary>Finds the algorithm with this name, to the letter.</summary>
    public static SshKeyAlgorithm? Find(ReadOnlySpan<char> name)
    {
        foreach (var algorithm in All)
        {
            if (name.SequenceEqual(algorithm.Name.AsSpan()))
            {
                return algorithm;
            }
        }

        return null;
    }

    /// <summary>Finds the algorithm with this name in a blob.</summary>
    public static SshKeyAlgorithm? Find(ReadOnlySpan<byte> name)
    {
        foreach (var algorithm in All)
        {
            if (name.SequenceEqual(algorithm.NameBytes))
            {
                return algorithm;
            }
        }

        return null;
    }

    private static SshKeyAlgorithm[] Pair(string name, string keyType, SshKeyFamily family, string curve = "", int curveBits = 0)
    {
        // A security key's name already ends with the vendor, which a certificate's name has once, at its end.
        var stem = name.EndsWith(SecurityKeySuffix, StringComparison.Ordinal) ? name[..^SecurityKeySuffix.Length] : name;
        var plain = new SshKeyAlgorithm(name, keyType, family, curve, curveBits, plain: null);
        return [plain, new SshKeyAlgorithm(stem + CertificateSuffix, keyType + "-CERT", family, curve, curveBits, plain)];
    }
}
