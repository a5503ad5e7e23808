using System.Buffers;
using System.Text;
using System.Text.Json;

namespace RunCloud.Api;

/// <summary>Reads text that may contain half a surrogate pair. One such name must not make a whole list unreadable.</summary>
internal static class JsonText
{
    private const char Replacement = '\uFFFD';

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>The JSON without a byte order mark in front of it, which the serializer does not accept.</summary>
    internal static ReadOnlySpan<byte> WithoutByteOrderMark(ReadOnlySpan<byte> json) => json.StartsWith(ByteOrderMark) ? json[ByteOrderMark.Length..] : json;

    /// <summary>The text of a string or of a property's name, with U+FFFD for invalid parts.</summary>
    internal static string Read(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            var raw = reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan.ToArray();
            return Unescape(Encoding.UTF8.GetString(raw));
        }
    }

    /// <summary>The text of a string, or the JSON of any other value.</summary>
    internal static string ReadAny(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return Read(ref reader);
        }

        using var value = JsonDocument.ParseValue(ref reader);
        try
        {
            return value.RootElement.GetRawText();
        }
        catch (InvalidOperationException)
        {
            return Replacement.ToString();
        }
    }

    private static string Unescape(string escaped)
    {
        var text = new StringBuilder(escaped.Length);
        for (var i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] != '\\')
            {
                text.Append(escaped[i]);
                continue;
            }

            i++;
            text.Append(escaped[i] switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => (char)Convert.ToUInt16(escaped.Substring(i + 1, 4), 16),
                var itself => itself,
            });
            i += escaped[i] == 'u' ? 4 : 0;
        }

        // The encoder replaces half a surrogate pair.
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
