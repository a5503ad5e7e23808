using System.Diagnostics.CodeAnalysis;

namespace RunCloud.Api;

/// <summary>
/// Base64 as OpenSSH reads it: padded, and with the unused bits of the last character zero, so that every byte sequence has exactly
/// one text. The framework's decoders accept more, so their result must encode to the same text again.
/// </summary>
internal static class SshBase64
{
    /// <summary>Decodes a text.</summary>
    /// <returns>False if the text is empty or not base64.</returns>
    public static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text.IsEmpty)
        {
            return false;
        }

        var whole = text.ToString();
        try
        {
            var decoded = Convert.FromBase64String(whole);
            bytes = string.Equals(Convert.ToBase64String(decoded), whole, StringComparison.Ordinal) ? decoded : null;
        }
        catch (FormatException)
        {
            // It is not base64.
        }

        return bytes is not null;
    }
}
