using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RunCloud.Api;

/// <summary>Fingerprints as <c>ssh-keygen -l</c> prints them, and back.</summary>
internal static class SshFingerprint
{
    /// <summary>The length of a SHA256 digest in bytes.</summary>
    public const int Sha256Length = 32;

    public const string Sha256Prefix = "SHA256:";
    public const string Md5Prefix = "MD5:";

    private const int Sha256TextLength = 43;
    private const int Md5TextLength = (3 * Md5.DigestLength) - 1;

    /// <summary>The SHA256 digest of the data, <see cref="Sha256Length"/> bytes.</summary>
    public static byte[] HashSha256(byte[] data)
    {
#if NET
        return SHA256.HashData(data);
#else
        // On .NET Framework SHA256.Create returns the managed class, which throws under a FIPS policy.
        using var algorithm = new SHA256CryptoServiceProvider();
        return algorithm.ComputeHash(data);
#endif
    }

    /// <summary>The MD5 digest of the data.</summary>
    public static byte[] HashMd5(byte[] data)
    {
        var digest = new byte[Md5.DigestLength];
        Md5.Hash(data, digest);
        return digest;
    }

    /// <summary>The SHA256 fingerprint of a key's blob.</summary>
    public static string Sha256(byte[] blob) => FormatSha256(HashSha256(blob));

    /// <summary>The MD5 fingerprint of a key's blob.</summary>
    public static string MD5(byte[] blob) => FormatMd5(HashMd5(blob));

    public static string FormatSha256(byte[] digest) => Sha256Prefix + Convert.ToBase64String(digest).TrimEnd('=');

    public static string FormatMd5(byte[] digest)
    {
        var text = new StringBuilder(Md5Prefix, Md5Prefix.Length + Md5TextLength);
        for (var i = 0; i < digest.Length; i++)
        {
            if (i > 0)
            {
                text.Append(':');
            }

            text.Append(digest[i].ToString("x2", CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }

    /// <summary>Reads the 43 base64 characters after <see cref="Sha256Prefix"/>; one <c>=</c> of padding may follow.</summary>
    /// <returns>The digest, or null if the text is not one.</returns>
    public static byte[]? ParseSha256(ReadOnlySpan<char> text)
    {
        Span<char> padded = stackalloc char[Sha256TextLength + 1];
        padded[^1] = '=';
        if (text.Length != Sha256TextLength && (text.Length != padded.Length || text[^1] != '='))
        {
            return null;
        }

        text[..Sha256TextLength].CopyTo(padded);
        return SshBase64.TryDecode(padded, out var digest) ? digest : null;
    }

    /// <summary>Reads 16 pairs of hexadecimal digits with colons between them, as they stand after <see cref="Md5Prefix"/>.</summary>
    /// <returns>The digest, or null if the text is not one.</returns>
    public static byte[]? ParseMd5(ReadOnlySpan<char> text)
    {
        if (text.Length != Md5TextLength)
        {
            return null;
        }

        var digest = new byte[Md5.DigestLength];
        for (var i = 0; i < digest.Length; i++)
        {
            var high = HexValue(text[3 * i]);
            var low = HexValue(text[(3 * i) + 1]);
            if (high < 0 || low < 0 || (i > 0 && text[(3 * i) - 1] != ':'))
            {
                return null;
            }

            digest[i] = (byte)((high << 4) | low);
        }

        return digest;
    }

    private static int HexValue(char digit) => digit switch
    {
        >= '0' and <= '9' => digit - '0',
        >= 'a' and <= 'f' => digit - 'a' + 10,
        >= 'A' and <= 'F' => digit - 'A' + 10,
        _ => -1,
    };
}
