using System;

namespace RunCloud.Api;

/// <summary>
/// Base64 as OpenSSH reads it: padded, and with the unused bits of the last character zero, so that every byte sequence has exactly
/// one text. Two texts that differ are therefore two different keys. The framework's own decoders accept more.
/// </summary>
internal static class SshBase64
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private const uint Invalid = 64;

    private static readonly byte[] Values = BuildValues();

    /// <summary>The most bytes that a text of this length can hold.</summary>
    public static int MaximumLength(int textLength) => textLength / 4 * 3;

    /// <summary>Decodes the text into the destination, which has at least <see cref="MaximumLength"/> bytes.</summary>
    /// <returns>False when the text is empty or not base64; the destination may be partly written then.</returns>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        written = 0;
        if (text.IsEmpty || text.Length % 4 != 0)
        {
            return false;
        }

        var padding = text[^1] != '=' ? 0 : text[^2] != '=' ? 1 : 2;
        var whole = padding == 0 ? text.Length : text.Length - 4;
        var target = 0;
        for (var i = 0; i < whole; i += 4)
        {
            uint a = Value(text[i]), b = Value(text[i + 1]), c = Value(text[i + 2]), d = Value(text[i + 3]);
            if (((a | b | c | d) & Invalid) != 0)
            {
                return false;
            }

            var bits = (a << 18) | (b << 12) | (c << 6) | d;
            destination[target++] = (byte)(bits >> 16);
            destination[target++] = (byte)(bits >> 8);
            destination[target++] = (byte)bits;
        }

        if (padding != 0)
        {
            uint a = Value(text[whole]), b = Value(text[whole + 1]), c = padding == 1 ? Value(text[whole + 2]) : 0;
            var bits = (a << 18) | (b << 12) | (c << 6);
            var unused = padding == 1 ? 0xFFu : 0xFFFFu;
            if (((a | b | c) & Invalid) != 0 || (bits & unused) != 0)
            {
                return false;
            }

            destination[target++] = (byte)(bits >> 16);
            if (padding == 1)
            {
                destination[target++] = (byte)(bits >> 8);
            }
        }

        written = target;
        return true;
    }

    private static uint Value(char character) => character < Values.Length ? Values[character] : Invalid;

    private static byte[] BuildValues()
    {
        var values = new byte[128];
        values.AsSpan().Fill((byte)Invalid);
        for (var i = 0; i < Alphabet.Length; i++)
        {
            values[Alphabet[i]] = (byte)i;
        }

        return values;
    }
}
