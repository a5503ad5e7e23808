namespace RunCloud.Api;

/// <summary>The decoded part of a public key line, checked to be well formed to its last byte.</summary>
/// <remarks>
/// Only the format is checked. Whether an elliptic curve point lies on its curve, an RSA modulus is a product of two primes, or a
/// certificate's signature is valid would be expensive and would not help to identify the key. For an unknown algorithm only
/// the name is checked.
/// </remarks>
internal sealed class SshKeyBlob
{
    private const string CutOff = "The key is cut off.";
    private const string TooLong = "There are bytes after the end of the key.";
    private const string OtherAlgorithm = "The key's algorithm is not the one named in front of it.";
    private const string OtherCurve = "The curve inside the key is not the curve of its algorithm.";
    private const string BadPoint = "The elliptic curve point of the key is not an uncompressed point of its curve's size.";
    private const string BadInteger = "A number in the key is missing, negative or zero.";
    private const string BadEd25519 = "An Ed25519 key has exactly 32 bytes, and this one does not.";
    private const string BadMlDsa = "An ML-DSA-44 key with Ed25519 has exactly 1,344 bytes, and this one does not.";
    private const string BadApplication = "The application of the security key is missing or is not text.";

    private const int Ed25519Length = 32;
    private const int MlDsa44Length = 1312;

    private SshKeyBlob(int? bits, byte[] canonical, IReadOnlyList<byte[]> plain)
    {
        Bits = bits;
        Canonical = canonical;
        Plain = plain;
    }

    /// <summary>The key's size in bits; <see langword="null"/> if the algorithm is unknown.</summary>
    public int? Bits { get; }

    /// <summary>The blob as OpenSSH writes it, so that the same key always has the same bytes. A certificate is left unchanged.</summary>
    public byte[] Canonical { get; }

    /// <summary>
    /// The key without its certificate, as OpenSSH writes it for the fingerprint. There is more than one if it is
    /// not known which algorithm name the key of a certificate has.
    /// </summary>
    public IReadOnlyList<byte[]> Plain { get; }

    /// <summary>The certificate; <see langword="null"/> for a plain key.</summary>
    public SshCertificate? Certificate { get; private init; }

    /// <summary>Whether the key may be incomplete: its algorithm is unknown, and it is not a sequence of whole fields.</summary>
    public bool MayBeShortened { get; private init; }

    /// <summary>Reads a blob.</summary>
    /// <returns>Null if it is well formed, or else what is wrong, in a sentence that contains no part of it.</returns>
    public static string? Read(ReadOnlySpan<byte> blob, SshKeyAlgorithm algorithm, out SshKeyBlob? result)
    {
        result = null;
        var reader = new SshWireReader(blob);
        if (!reader.TryReadText(out var name))
        {
            return CutOff;
        }

        if (!algorithm.IsKnown)
        {
            return name.SequenceEqual(algorithm.NameBytes) ? ReadUnknown(blob, ref reader, algorithm, out result) : OtherAlgorithm;
        }

        if (!ReferenceEquals(SshKeyAlgorithm.FindInBlob(name), algorithm))
        {
            return OtherAlgorithm;
        }

        if (algorithm.IsCertificate && !reader.TryReadString(out _))
        {
            return SshCertificateReader.BadCertificate;
        }

        var plain = new SshWireWriter(blob.Length);
        plain.WriteString(algorithm.Plain.NameBytes);
        if (ReadFields(ref reader, algorithm, plain, out var bits) is string problem)
        {
            return problem;
        }

        SshCertificate? certificate = null;
        if (algorithm.IsCertificate && SshCertificateReader.Read(ref reader, out certificate) is string certificateProblem)
        {
            return certificateProblem;
        }

        if (!reader.AtEnd)
        {
            return TooLong;
        }

        var bytes = plain.ToArray();
        result = new SshKeyBlob(bits, algorithm.IsCertificate ? blob.ToArray() : bytes, [bytes]) { Certificate = certificate };
        return null;
    }

    /// <summary>Reads the data after the name of an unknown algorithm. A key is compared byte by byte.</summary>
    private static string? ReadUnknown(ReadOnlySpan<byte> blob, ref SshWireReader reader, SshKeyAlgorithm algorithm, out SshKeyBlob? result)
    {
        result = null;
        if (algorithm.IsCertificate)
        {
            return ReadUnknownCertificate(blob, ref reader, algorithm, out result);
        }

        if (reader.AtEnd)
        {
            return CutOff;
        }

        // Every public key format so far is a sequence of such fields.
        var isWhole = true;
        while (isWhole && !reader.AtEnd)
        {
            isWhole = reader.TryReadString(out _);
        }

        var bytes = blob.ToArray();
        result = new SshKeyBlob(bits: null, bytes, [bytes]) { MayBeShortened = !isWhole };
        return null;
    }

    /// <summary>Finds where the key ends in a certificate: the fields that every certificate has after its key must follow.</summary>
    private static string? ReadUnknownCertificate(ReadOnlySpan<byte> blob, ref SshWireReader reader, SshKeyAlgorithm algorithm, out SshKeyBlob? result)
    {
        result = null;
        if (!reader.TryReadString(out _))
        {
            return SshCertificateReader.BadCertificate;
        }

        var start = reader.Position;
        while (reader.TryReadString(out _))
        {
            var rest = new SshWireReader(blob[reader.Position..]);
            if (SshCertificateReader.Read(ref rest, out var certificate) is null && rest.AtEnd)
            {
                var fields = blob[start..reader.Position].ToArray();
                var plain = new List<byte[]>();
                foreach (var name in algorithm.PlainNames())
                {
                    var writer = new SshWireWriter(sizeof(uint) + name.Length);
                    writer.WriteString(name);
                    plain.Add([.. writer.ToArray(), .. fields]);
                }

                result = new SshKeyBlob(bits: null, blob.ToArray(), plain) { Certificate = certificate };
                return null;
            }
        }

        return SshCertificateReader.BadCertificate;
    }

    private static string? ReadFields(ref SshWireReader reader, SshKeyAlgorithm algorithm, SshWireWriter plain, out int bits)
    {
        bits = 0;
        return algorithm.Family switch
        {
            // The exponent, then the modulus, whose size is the key's.
            SshKeyFamily.Rsa => ReadInteger(ref reader, plain, out _) ?? ReadInteger(ref reader, plain, out bits),

            // p, whose size is the key's, then q, g and y.
            SshKeyFamily.Dsa => ReadInteger(ref reader, plain, out bits)
                ?? ReadInteger(ref reader, plain, out _)
                ?? ReadInteger(ref reader, plain, out _)
                ?? ReadInteger(ref reader, plain, out _),
            SshKeyFamily.Ecdsa => ReadPoint(ref reader, algorithm, plain, out bits),
            SshKeyFamily.Ed25519 => ReadBytes(ref reader, plain, Ed25519Length, BadEd25519, out bits),
            SshKeyFamily.SecurityKeyEcdsa => ReadPoint(ref reader, algorithm, plain, out bits) ?? ReadApplication(ref reader, plain),
            SshKeyFamily.SecurityKeyEd25519 => ReadBytes(ref reader, plain, Ed25519Length, BadEd25519, out bits) ?? ReadApplication(ref reader, plain),
            SshKeyFamily.MlDsa44Ed25519 => ReadBytes(ref reader, plain, MlDsa44Length + Ed25519Length, BadMlDsa, out bits),
            _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
        };
    }

    private static string? ReadInteger(ref SshWireReader reader, SshWireWriter plain, out int bits)
    {
        if (!reader.TryReadPositiveInteger(out var digits, out bits))
        {
            return BadInteger;
        }

        plain.WriteInteger(digits);
        return null;
    }

    private static string? ReadPoint(ref SshWireReader reader, SshKeyAlgorithm algorithm, SshWireWriter plain, out int bits)
    {
        bits = algorithm.CurveBits;
        if (!reader.TryReadText(out var curve))
        {
            return CutOff;
        }

        if (!curve.SequenceEqual(algorithm.CurveBytes))
        {
            return OtherCurve;
        }

        if (!reader.TryReadString(out var point))
        {
            return CutOff;
        }

        // 4 means uncompressed: two coordinates follow.
        if (point.Length != 1 + (2 * ((bits + 7) / 8)) || point[0] != 4)
        {
            return BadPoint;
        }

        plain.WriteString(curve);
        plain.WriteString(point);
        return null;
    }

    /// <summary>Reads a key of a fixed length. <c>ssh-keygen -l</c> calls all of them keys of 256 bits.</summary>
    private static string? ReadBytes(ref SshWireReader reader, SshWireWriter plain, int length, string otherwise, out int bits)
    {
        bits = Ed25519Length * 8;
        if (!reader.TryReadString(out var key))
        {
            return CutOff;
        }

        if (key.Length != length)
        {
            return otherwise;
        }

        plain.WriteString(key);
        return null;
    }

    private static string? ReadApplication(ref SshWireReader reader, SshWireWriter plain)
    {
        if (!reader.TryReadText(out var application))
        {
            return BadApplication;
        }

        plain.WriteString(application);
        return null;
    }
}
