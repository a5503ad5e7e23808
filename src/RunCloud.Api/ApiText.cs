using System;
using System.Globalization;
using System.Text;

namespace RunCloud.Api;

/// <summary>Text that came from the network, made fit to show.</summary>
internal static class ApiText
{
    private const int MaximumLength = 500;
    private const char ZeroWidthNonJoiner = '\u200c';
    private const char ZeroWidthJoiner = '\u200d';

    /// <summary>
    /// The text without white space around it, of which a terminal shows what is there, in that order; <see langword="null"/> stays so.
    /// </summary>
    internal static string? Printable(string? text) => text is null ? null : Visible(SshKeyLine.Trim(text.AsSpan()).ToString(), static _ => "\uFFFD");

    /// <summary>The same of a public key line, in which a tab parts words as a blank does.</summary>
    internal static string? PrintableKey(string? line) => Printable(line?.Replace('\t', ' '));

    /// <summary>
    /// Replaces what a terminal does not show as it stands: control characters, which could rewrite it, format characters, which hide or
    /// reorder the text around them (U+200B, U+202E), and separators of lines. Joiners stay: names in Persian, and emoji, are made with them.
    /// </summary>
    internal static string Visible(string text, Func<string, string> replacement)
    {
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

    /// <summary>The day of a time in UTC, the same in every culture: a view's own formats would follow the calendar of the session.</summary>
    internal static string? Day(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Without what a terminal does not show as it stands, without <paramref name="secrets"/>, and not endless.</summary>
    internal static string Clean(string? text, Secrets? secrets = null)
    {
        if (string.IsNullOrEmpty(text))
        {
            return string.Empty;
        }

        text = Visible(secrets?.Hide(text!) ?? text!, static _ => " ");
        return text.Length > MaximumLength ? new StringBuilder(text, 0, MaximumLength, MaximumLength + 1).Append('…').ToString() : text.Trim();
    }
}
