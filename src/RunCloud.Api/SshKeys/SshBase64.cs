using System.Diagnostics.CodeAnalysis;

namespace RunCloud.Api;

/// <summary>
/// Base64 as OpenSSH reads it: padded, and with the unused bits of the last character zero, so that every byte sequence has exactly
/// one text. The framework's decoders accept more, so the end of their result must encode to the same text again.
/// </summary>
internal static class SshBase64
{
    private const int Quantum = 4;
    private const int BytesOfQuantum = 3;

    /// <summary>Decodes a text.</summary>
    /// <returns>False if the text is empty or not base64.</returns>
    public static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text.IsEmpty || text.Length % Quantum != 0 || DecodeLoosely(text) is not { } decoded)
        {
            return false;
        }

        // White space, which the framework skips, leaves too few bytes. Unused bits, which it ignores, are in the last characters.
        var start = ((text.Length / Quantum) - 1) * BytesOfQuantum;
        if (decoded.Length > start && text[^Quantum..].SequenceEqual(Convert.ToBase64String(decoded, start, decoded.Length - start).AsSpan()))
        {
            bytes = decoded;
        }

        return bytes is not null;
    }

    /// <summary>Decodes as the framework does; <see langword="null"/> if it is not base64.</summary>
    private static byte[]? DecodeLoosely(ReadOnlySpan<char> text)
    {
#if NET
        var padding = text[^1] != '=' ? 0 : text[^2] != '=' ? 1 : 2;
        var bytes = new byte[(text.Length / Quantum * BytesOfQuantum) - padding];
        return Convert.TryFromBase64Chars(text, bytes, out var length) && length == bytes.Length ? bytes : null;
#else
        try
        {
            return Convert.FromBase64String(text.ToString());
        }
        catch (FormatException)
        {
            return null;
        }
#endif
    }
}
