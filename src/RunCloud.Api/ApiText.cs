using System;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace RunCloud.Api;

/// <summary>Text that came from the network, made fit to show.</summary>
internal static class ApiText
{
    private const int MaximumLength = 500;

    /// <summary>The text of a name, in which no control character can rewrite a terminal; <see langword="null"/> stays so.</summary>
    internal static string? Printable(string? name) =>
        name is null || !name.Any(char.IsControl) ? name : new string([.. name.Select(c => char.IsControl(c) ? '\uFFFD' : c)]);

    /// <summary>The day of a time in UTC, the same in every culture: a view's own formats would follow the calendar of the session.</summary>
    internal static string? Day(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Without control characters (they could rewrite a terminal), without <paramref name="secret"/>, and not endless.</summary>
    internal static string Clean(string? text, string? secret = null)
    {
        if (string.IsNullOrEmpty(text))
        {
            return string.Empty;
        }

        if (!string.IsNullOrEmpty(secret))
        {
            // In any case: a host's name, for one, comes back in small letters.
            text = Regex.Replace(text!, Regex.Escape(secret!), "***", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }

        var clean = new StringBuilder(Math.Min(text!.Length, MaximumLength + 1));
        foreach (char c in text)
        {
            if (clean.Length == MaximumLength)
            {
                return clean.Append('…').ToString();
            }

            clean.Append(char.IsControl(c) ? ' ' : c);
        }

        return clean.ToString().Trim();
    }
}
