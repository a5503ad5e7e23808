using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace RunCloud.Api;

/// <summary>Writes tables that a spreadsheet opens as they are: UTF-8 with a byte order mark, the same in every culture, and without live formulas.</summary>
internal static class CsvText
{
    /// <summary>What begins a formula, in the forms of East Asian keyboards too.</summary>
    private static readonly char[] FormulaStarts = ['=', '+', '-', '@', '|', '%', '\uFF1D', '\uFF0B', '\uFF0D', '\uFF20', '\u2212'];

    /// <summary>The table as a file has it.</summary>
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

    /// <summary>A value that no spreadsheet takes for a formula.</summary>
    internal static string Text(object? value) => value switch
    {
        null => string.Empty,
        string text => IsFormula(text) ? "'" + text : text,
        DateTimeOffset time => Time(time),
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(format: null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException("There is no text for such a value.", nameof(value)),
    };

    /// <summary>A time as ISO 8601 has it, in UTC.</summary>
    internal static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static bool IsFormula(string text)
    {
        var rest = text.TrimStart();
        return (rest.Length > 0 && Array.IndexOf(FormulaStarts, rest[0]) >= 0) || (text.Length > 0 && text[0] is '\t' or '\r');
    }

    private static void Add(StringBuilder text, IEnumerable<string> cells) =>
        text.Append(string.Join(",", cells.Select(cell => new StringBuilder(cell).Replace("\"", "\"\"").Insert(0, '"').Append('"').ToString()))).Append("\r\n");
}
