using System.Globalization;
using System.Text;

namespace RunCloud.Api;

/// <summary>Makes text from the network safe to show.</summary>
internal static class ApiText
{
    private const int MaximumLength = 500;
    private const char ZeroWidthNonJoiner = '\u200c';
    private const char ZeroWidthJoiner = '\u200d';

    /// <summary>
    /// The text without surrounding white space, safe for a terminal; <see langword="null"/> stays <see langword="null"/>.
    /// </summary>
    internal static string? Printable(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var trimmed = Trim(text.AsSpan());
        return Visible(trimmed.Length == text.Length ? text : trimmed.ToString(), static _ => "\uFFFD");
    }

    /// <summary>The same for a public key line, in which a tab separates words like a blank.</summary>
    internal static string? PrintableKey(string? line) => Printable(line?.Replace('\t', ' '));

    /// <summary>
    /// Replaces characters that a terminal does not show as they are: control characters, which could rewrite it, format characters, which hide or
    /// reorder the text around them (U+200B, U+202E), and line separators. Joiners stay, because Persian names and emoji need them.
    /// </summary>
    internal static string Visible(string text, Func<string, string> replacement)
    {
#if NET
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return text;
        }
#endif
        StringBuilder? visible = null;
        int length;
        for (var i = 0; i < text.Length; i += length)
        {
            length = 1;
            if (text[i] is < ' ' or >= '\u007f')
            {
                length = char.IsSurrogatePair(text, i) ? 2 : 1;
                if (text[i] is not (ZeroWidthNonJoiner or ZeroWidthJoiner) && CharUnicodeInfo.GetUnicodeCategory(text, i)
                    is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                {
                    visible ??= new StringBuilder(text, 0, i, text.Length);
                    visible.Append(replacement(text.Substring(i, length)));
                    continue;
                }
            }

            visible?.Append(text, i, length);
        }

        return visible?.ToString() ?? text;
    }

    /// <summary>Removes white space and byte order marks at both ends.</summary>
    internal static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text)
    {
        var start = 0;
        while (start < text.Length && IsOutside(text[start]))
        {
            start++;
        }

        var end = text.Length;
        while (end > start && IsOutside(text[end - 1]))
        {
            end--;
        }

        return text[start..end];
    }

    /// <summary>The date of a time in UTC, the same in every culture. A view's own formats would follow the calendar of the session.</summary>
    internal static string? Day(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The text made safe for a terminal, without what <paramref name="hide"/> removes, and cut to a maximum length.</summary>
    internal static string Clean(string? text, Func<string, string>? hide = null)
    {
        if (string.IsNullOrEmpty(text))
        {
            return string.Empty;
        }

        text = Visible(hide?.Invoke(text!) ?? text!, static _ => " ");
        return text.Length > MaximumLength ? new StringBuilder(text, 0, MaximumLength, MaximumLength + 1).Append('…').ToString() : text.Trim();
    }

    private static bool IsOutside(char character) => char.IsWhiteSpace(character) || character == '\uFEFF';
}
