using System.Text;

namespace RunCloud.Api;

/// <summary>Reads what follows the key in an OpenSSH certificate (PROTOCOL.certkeys).</summary>
internal static class SshCertificateReader
{
    public const string BadCertificate = "The certificate around the key is incomplete or malformed.";

    private const string BadAuthority = "The certificate authority's key is incomplete or malformed.";
    private const string BadSignature = "The certificate's signature is incomplete, malformed, or does not match its authority's algorithm.";

    private const uint User = 1;
    private const uint Host = 2;

    /// <summary>Reads from the serial number to the signature.</summary>
    /// <returns>Null if it is well formed, or else what is wrong.</returns>
    public static string? Read(ref SshWireReader reader, out SshCertificate? certificate)
    {
        certificate = null;
        if (!reader.TrySkip(sizeof(ulong)) // serial number
            || !reader.TryReadUInt32(out var kind)
            || kind is not (User or Host)
            || !reader.TryReadText(out _) // key id
            || !reader.TryReadString(out var principals)
            || !reader.TryReadUInt64(out var validAfter)
            || !reader.TryReadUInt64(out var validBefore)
            || !reader.TryReadString(out var criticalOptions)
            || !reader.TryReadString(out var extensions)
            || !reader.TryReadString(out _) // reserved
            || !reader.TryReadString(out var authority)
            || !reader.TryReadString(out var signature)
            || ReadTexts(principals) is not { } names
            || !IsListOfPairs(criticalOptions)
            || !IsListOfPairs(extensions))
        {
            return BadCertificate;
        }

        // A certificate is signed by a key, never by a certificate, so this recurses one level only.
        if (!new SshWireReader(authority).TryReadText(out var name)
            || (SshKeyAlgorithm.FindInBlob(name) ?? SshKeyAlgorithm.Unknown(name)) is not { IsCertificate: false } algorithm
            || SshKeyBlob.Read(authority, algorithm, out var key) is not null)
        {
            return BadAuthority;
        }

        if (!IsSignatureBy(algorithm, signature))
        {
            return BadSignature;
        }

        certificate = new SshCertificate(kind == User, names, validAfter, validBefore, key!.Canonical);
        return null;
    }

    private static List<string>? ReadTexts(ReadOnlySpan<byte> list)
    {
        var texts = new List<string>();
        var reader = new SshWireReader(list);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadText(out var text))
            {
                return null;
            }

            texts.Add(Encoding.UTF8.GetString(text.ToArray()));
        }

        return texts;
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

        if (!authority.IsKnown)
        {
            return true;
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
            // A signature made in a browser contains the data that the browser signed: origin, client data, extensions.
            isNameKnown = name.SequenceEqual("webauthn-sk-ecdsa-sha2-nistp256@openssh.com"u8)
                && reader.TryReadString(out _)
                && reader.TryReadString(out _)
                && reader.TryReadString(out _);
        }

        return isNameKnown && reader.AtEnd;
    }
}
