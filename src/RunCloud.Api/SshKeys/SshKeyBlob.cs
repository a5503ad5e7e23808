using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace RunCloud.Api;

/// <summary>What the decoded part of a public key line says, once it is known to be well formed to its last byte.</summary>
/// <param name="Bits">The key's size in bits.</param>
/// <param name="FieldsStart">Where the fields of the key proper begin: after the algorithm and, in a certificate, the nonce.</param>
/// <param name="FieldsLength">How many bytes those fields are.</param>
/// <remarks>
/// What is checked is form: that an elliptic curve point lies on its curve, that an RSA modulus is a product of two primes, or that a
/// certificate's signature is true would cost much and tell nothing about which key this is.
/// </remarks>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SshKeyBlob(int Bits, int FieldsStart, int FieldsLength)
{
    private const string CutOff = "The key is cut off.";
    private const string TooLong = "There are bytes after the end of the key.";
    private const string OtherAlgorithm = "The key is of another algorithm than the name in front of it says.";
    private const string OtherCurve = "The curve inside the key is not the curve of its algorithm.";
    private const string BadPoint = "The elliptic curve point of the key is not an uncompressed point of its curve's size.";
    private const string BadInteger = "A number in the key is missing, negative, zero or padded.";
    private const string BadEd25519 = "An Ed25519 key has exactly 32 bytes, and this has not.";
    private const string BadApplication = "The application of the security key is missing or is not text.";
    private const string BadCertificate = "The certificate around the key is incomplete or malformed.";
    private const string BadAuthority = "The key of the certificate's authority is incomplete or malformed.";
    private const string BadSignature = "The certificate's signature is incomplete, malformed, or not of its authority's algorithm.";

    private const int Ed25519Length = 32;

    /// <summary>Reads a blob.</summary>
    /// <returns>Null when it is well formed, else what is wrong with it, in a sentence that holds nothing of it.</returns>
    public static string? Read(ReadOnlySpan<byte> blob, SshKeyAlgorithm algorithm, out SshKeyBlob result)
    {
        result = default;
        var reader = new SshWireReader(blob);
        if (!reader.TryReadString(out var name))
        {
            return CutOff;
        }

        if (!name.SequenceEqual(algorithm.NameBytes))
        {
            return OtherAlgorithm;
        }

        if (algorithm.IsCertificate && !reader.TryReadString(out _))
        {
            return BadCertificate;
        }

        var start = reader.Position;
        if (ReadFields(ref reader, algorithm, out var bits) is string problem)
        {
            return problem;
        }

        var length = reader.Position - start;
        if (algorithm.IsCertificate && ReadCertificate(ref reader) is string certificateProblem)
        {
            return certificateProblem;
        }

        if (!reader.AtEnd)
        {
            return TooLong;
        }

        result = new SshKeyBlob(bits, start, length);
        return null;
    }

    /// <summary>The blob of the key without its certificate: what OpenSSH takes the fingerprint of.</summary>
    /// <returns>The blob itself, unless it is a certificate's.</returns>
    public ReadOnlySpan<byte> PlainForm(ReadOnlySpan<byte> blob, SshKeyAlgorithm algorithm)
    {
        if (!algorithm.IsCertificate)
        {
            return blob;
        }

        var name = algorithm.Plain.NameBytes;
        var plain = new byte[sizeof(uint) + name.Length + FieldsLength];
        BinaryPrimitives.WriteInt32BigEndian(plain, name.Length);
        name.CopyTo(plain.AsSpan(sizeof(uint)));
        blob.Slice(FieldsStart, FieldsLength).CopyTo(plain.AsSpan(sizeof(uint) + name.Length));
        return plain;
    }

    private static string? ReadFields(ref SshWireReader reader, SshKeyAlgorithm algorithm, out int bits)
    {
        switch (algorithm.Family)
        {
            case SshKeyFamily.Rsa:
                // The exponent, then the modulus, whose size is the key's.
                bits = 0;
                return reader.TryReadPositiveInteger(out _) && reader.TryReadPositiveInteger(out bits) ? null : BadInteger;

            case SshKeyFamily.Dsa:
                // p, whose size is the key's, then q, g and y.
                return reader.TryReadPositiveInteger(out bits)
                    && reader.TryReadPositiveInteger(out _)
                    && reader.TryReadPositiveInteger(out _)
                    && reader.TryReadPositiveInteger(out _) ? null : BadInteger;

            case SshKeyFamily.Ecdsa:
                return ReadPoint(ref reader, algorithm, out bits);

            case SshKeyFamily.Ed25519:
                return ReadEd25519(ref reader, out bits);

            case SshKeyFamily.SecurityKeyEcdsa:
                return ReadPoint(ref reader, algorithm, out bits) ?? ReadApplication(ref reader);

            case SshKeyFamily.SecurityKeyEd25519:
                return ReadEd25519(ref reader, out bits) ?? ReadApplication(ref reader);

            default:
                throw new ArgumentOutOfRangeException(nameof(algorithm));
        }
    }

    private static string? ReadPoint(ref SshWireReader reader, SshKeyAlgorithm algorithm, out int bits)
    {
        bits = algorithm.CurveBits;
        if (!reader.TryReadString(out var curve))
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

        // 4 says uncompressed; two coordinates follow.
        return point.Length == 1 + (2 * ((bits + 7) / 8)) && point[0] == 4 ? null : BadPoint;
    }

    private static string? ReadEd25519(ref SshWireReader reader, out int bits)
    {
        bits = Ed25519Length * 8;
        return !reader.TryReadString(out var key) ? CutOff : key.Length != Ed25519Length ? BadEd25519 : null;
    }

    private static string? ReadApplication(ref SshWireReader reader) => reader.TryReadText() ? null : BadApplication;

    private static string? ReadCertificate(ref SshWireReader reader)
    {
        const uint user = 1, host = 2;
        if (!reader.TrySkip(sizeof(ulong)) // serial number
            || !reader.TryReadUInt32(out var kind)
            || kind is not (user or host)
            || !reader.TryReadText() // key id
            || !reader.TryReadString(out var principals)
            || !reader.TrySkip(2 * sizeof(ulong)) // valid after, valid before
            || !reader.TryReadString(out var criticalOptions)
            || !reader.TryReadString(out var extensions)
            || !reader.TryReadString(out _) // reserved
            || !reader.TryReadString(out var authority)
            || !reader.TryReadString(out var signature)
            || !IsListOfTexts(principals)
            || !IsListOfPairs(criticalOptions)
            || !IsListOfPairs(extensions))
        {
            return BadCertificate;
        }

        // A certificate is signed by a key, never by a certificate, so this goes one level deep.
        if (!new SshWireReader(authority).TryReadString(out var name)
            || SshKeyAlgorithm.Find(name) is not { IsCertificate: false } algorithm
            || Read(authority, algorithm, out _) is not null)
        {
            return BadAuthority;
        }

        return IsSignatureBy(algorithm, signature) ? null : BadSignature;
    }

    private static bool IsListOfTexts(ReadOnlySpan<byte> list)
    {
        var reader = new SshWireReader(list);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadText())
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsListOfPairs(ReadOnlySpan<byte> list)
    {
        var reader = new SshWireReader(list);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadString(out _) || !reader.TryReadString(out _))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsSignatureBy(SshKeyAlgorithm authority, ReadOnlySpan<byte> signature)
    {
        var reader = new SshWireReader(signature);
        if (!reader.TryReadString(out var name) || !reader.TryReadString(out var value) || value.IsEmpty)
        {
            return false;
        }

        var isSecurityKey = authority.Family is SshKeyFamily.SecurityKeyEcdsa or SshKeyFamily.SecurityKeyEd25519;
        if (isSecurityKey && !reader.TrySkip(sizeof(byte) + sizeof(uint))) // flags, counter
        {
            return false;
        }

        var isNameKnown = name.SequenceEqual(authority.NameBytes);
        if (!isNameKnown && authority.Family == SshKeyFamily.Rsa)
        {
            isNameKnown = name.SequenceEqual("rsa-sha2-256"u8) || name.SequenceEqual("rsa-sha2-512"u8);
        }
        else if (!isNameKnown && authority.Family == SshKeyFamily.SecurityKeyEcdsa)
        {
            // A signature made in a browser carries what the browser signed: origin, client data, extensions.
            isNameKnown = name.SequenceEqual("webauthn-sk-ecdsa-sha2-nistp256@openssh.com"u8)
                && reader.TryReadString(out _)
                && reader.TryReadString(out _)
                && reader.TryReadString(out _);
        }

        return isNameKnown && reader.AtEnd;
    }
}
