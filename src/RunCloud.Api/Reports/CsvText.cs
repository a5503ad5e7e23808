using System.Globalization;
using System.Text;

namespace RunCloud.Api;

/// <summary>Writes CSV that spreadsheets open correctly: UTF-8 with a byte order mark, the same in every culture, and without live formulas.</summary>
internal static class CsvText
{
    /// <summary>The characters that begin a formula, including their full-width forms.</summary>
    private static readonly char[] FormulaStarts = ['=', '+', '-', '@', '|', '%', '\uFF1D', '\uFF0B', '\uFF0D', '\uFF20', '\u2212'];

    /// <summary>The content of the file.</summary>
    internal static byte[] ToBytes(IReadOnlyList<string> headers, IEnumerable<object?[]> rows)
    {
        var text = new StringBuilder();
        Add(text, headers);
        foreach (var row in rows)
        {
            Add(text, row.Select(Text));
        }

        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: true);
        return [.. encoding.GetPreamble(), .. encoding.GetBytes(text.ToString())];
    }

    /// <summary>A value that no spreadsheet evaluates as a formula.</summary>
    internal static string Text(object? value) => value switch
    {
        null => string.Empty,
        string text => IsFormula(text) ? "'" + text : text,
        DateTimeOffset time => Time(time),
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(format: null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException("Such a value has no text form.", nameof(value)),
    };

    /// <summary>A time in ISO 8601 format, in UTC.</summary>
    internal static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static bool IsFormula(string text)
    {
        var rest = text.TrimStart();
        return (rest.Length > 0 && Array.IndexOf(FormulaStarts, rest[0]) >= 0) || (text.Length > 0 && text[0] is '\t' or '\r');
    }

    private static void Add(StringBuilder text, IEnumerable<string> cells) =>
        text.Append(string.Join(",", cells.Select(cell => new StringBuilder(cell).Replace("\"", "\"\"").Insert(0, '"').Append('"').ToString()))).Append("\r\n");
}
