using System.Text;
using System.Text.RegularExpressions;

namespace RunCloud.HelpBuilder;

/// <summary>A part of a page that stands by itself.</summary>
/// <param name="Line">The line on which it begins, from 1.</param>
internal abstract record Block(int Line);

/// <summary>A heading: <c>## TEXT</c> has level 2.</summary>
internal sealed record Heading(int Line, int Level, string Text) : Block(Line);

/// <summary>A paragraph as plain text, its lines joined.</summary>
internal sealed record Paragraph(int Line, string Text) : Block(Line);

/// <summary>A fenced block, its language (empty when none is named) and its lines as they stand.</summary>
internal sealed record Code(int Line, string Language, IReadOnlyList<string> Lines) : Block(Line);

/// <summary>A list with bullets, its items as plain text.</summary>
internal sealed record Bullets(int Line, IReadOnlyList<string> Items) : Block(Line);

/// <summary>A table without its heading row, its cells as plain text.</summary>
internal sealed record Table(int Line, IReadOnlyList<TableRow> Rows) : Block(Line);

/// <summary>A row of a table.</summary>
internal sealed record TableRow(int Line, IReadOnlyList<string> Cells);

/// <summary>
/// A page, read as the part of Markdown that both GitHub and a help file can show: headings, paragraphs, fenced code, bullets,
/// tables, and in a line code spans, bold text and links. Whatever else Markdown has is a fault, because it would look right in
/// one place and wrong in the other.
/// </summary>
internal sealed partial class MarkdownFile
{
    private const int PatternTimeout = 1000; // milliseconds

    private readonly List<Fault> _faults;
    private readonly string[] _lines;
    private readonly List<Block> _blocks = [];

    private MarkdownFile(string path, string[] lines, List<Fault> faults)
    {
        FilePath = path;
        _lines = lines;
        _faults = faults;
    }

    /// <summary>Gets where the page was read from.</summary>
    public string FilePath { get; }

    /// <summary>Gets the parts of the page in their order.</summary>
    public IReadOnlyList<Block> Blocks => _blocks;

    /// <summary>Reads a page; faults in its Markdown, and those found later, go to <paramref name="faults"/>.</summary>
    /// <param name="path">The page.</param>
    /// <param name="faults">Takes what is wrong with the page.</param>
    /// <returns>The page.</returns>
    public static MarkdownFile Read(string path, List<Fault> faults)
    {
        var file = new MarkdownFile(path, File.ReadAllLines(path), faults);
        var index = 0;
        while (index < file._lines.Length)
        {
            file.ReadBlock(ref index);
        }

        return file;
    }

    /// <summary>Notes a fault of this page.</summary>
    /// <param name="line">The line, from 1.</param>
    /// <param name="message">What is wrong.</param>
    public void Report(int line, string message) => _faults.Add(new Fault(FilePath, line, message));

    [GeneratedRegex(@"^(?<marks>#{1,6}) +(?<text>.+?) *$", RegexOptions.ExplicitCapture, PatternTimeout)]
    private static partial Regex HeadingLine { get; }

    [GeneratedRegex(@"^\|[ :|-]+\|$", RegexOptions.ExplicitCapture, PatternTimeout)]
    private static partial Regex TableRule { get; }

    [GeneratedRegex(@"(?<!\\)\|", RegexOptions.ExplicitCapture, PatternTimeout)]
    private static partial Regex CellEnd { get; }

    [GeneratedRegex(@"\G\[(?<text>[^\]]+)\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, PatternTimeout)]
    private static partial Regex Link { get; }

    [GeneratedRegex(@"^(>|\t|    |\d+[.)] |[*+] )", RegexOptions.ExplicitCapture, PatternTimeout)]
    private static partial Regex UnknownLine { get; }

    private static bool StartsBlock(string line) =>
        line.Length == 0 || line.StartsWith("```", StringComparison.Ordinal) || line.StartsWith("- ", StringComparison.Ordinal)
        || line[0] is '|' or '#';

    private void ReadBlock(ref int index)
    {
        var line = _lines[index];
        var number = index + 1;
        if (string.IsNullOrWhiteSpace(line))
        {
            index++;
        }
        else if (line.StartsWith("```", StringComparison.Ordinal))
        {
            ReadCode(ref index);
        }
        else if (line[0] == '#')
        {
            index++;
            var match = HeadingLine.Match(line);
            if (match.Success)
            {
                _blocks.Add(new Heading(number, match.Groups["marks"].Length, Plain(match.Groups["text"].Value, number)));
            }
            else
            {
                Report(number, "a heading needs a space and a text after its number signs");
            }
        }
        else if (line[0] == '|')
        {
            ReadTable(ref index);
        }
        else if (line.StartsWith("- ", StringComparison.Ordinal))
        {
            ReadBullets(ref index);
        }
        else
        {
            if (UnknownLine.IsMatch(line))
            {
                Report(number, "this kind of Markdown has no place in help: use paragraphs, '- ' bullets, tables and fenced code");
            }

            index++;
            _blocks.Add(new Paragraph(number, Plain(ReadRest(line, ref index), number)));
        }
    }

    private string ReadRest(string first, ref int index)
    {
        var text = new StringBuilder(first.Trim());
        while (index < _lines.Length && !string.IsNullOrWhiteSpace(_lines[index]) && !StartsBlock(_lines[index]))
        {
            text.Append(' ').Append(_lines[index++].Trim());
        }

        return text.ToString();
    }

    private void ReadCode(ref int index)
    {
        var start = index++;
        var end = Array.FindIndex(_lines, index, line => string.Equals(line.TrimEnd(), "```", StringComparison.Ordinal));
        if (end < 0)
        {
            Report(start + 1, "the code block is not closed");
            end = _lines.Length;
        }

        _blocks.Add(new Code(start + 1, _lines[start][3..].Trim(), _lines[index..end]));
        index = end + 1;
    }

    private void ReadBullets(ref int index)
    {
        var start = index;
        var items = new List<string>();
        while (index < _lines.Length && _lines[index].StartsWith("- ", StringComparison.Ordinal))
        {
            var line = _lines[index++];
            var number = index;
            items.Add(Plain(ReadRest(line[2..], ref index), number));
        }

        _blocks.Add(new Bullets(start + 1, items));
    }

    private void ReadTable(ref int index)
    {
        var start = index;
        var rows = new List<TableRow>();
        while (index < _lines.Length && _lines[index].StartsWith('|'))
        {
            var line = _lines[index++].TrimEnd();
            var number = index;
            var cells = CellEnd.Split(line)[1..^1].Select(cell => cell.Trim().Replace("\\|", "|", StringComparison.Ordinal));
            if (number == start + 2)
            {
                if (!TableRule.IsMatch(line))
                {
                    Report(number, "the second line of a table must be its rule: |---|---|");
                }
            }
            else
            {
                rows.Add(new TableRow(number, [.. cells.Select(cell => Plain(cell, number))]));
            }
        }

        foreach (var row in rows.Where(row => row.Cells.Count != rows[0].Cells.Count || row.Cells.Any(string.IsNullOrEmpty)))
        {
            Report(row.Line, "each row of a table must fill the columns of its heading");
        }

        if (rows.Count < 2)
        {
            Report(start + 1, "the table has no row");
        }

        _blocks.Add(new Table(start + 1, [.. rows.Skip(1)]));
    }

    /// <summary>Takes the marks out of a text: back-quotes, bold, links (their text stays) and back-slashes before a mark.</summary>
    private string Plain(string text, int line)
    {
        var plain = new StringBuilder(text.Length);
        var bold = false;
        for (var i = 0; i < text.Length; i++)
        {
            var link = Link.Match(text, i);
            if (text[i] == '`')
            {
                i = PlainCode(text, i, line, plain);
            }
            else if (text[i] == '\\' && i + 1 < text.Length && char.IsAsciiLetterOrDigit(text[i + 1]) is false)
            {
                plain.Append(text[++i]);
            }
            else if (string.CompareOrdinal(text, i, "**", 0, 2) == 0)
            {
                bold = !bold;
                i++;
            }
            else if (link.Success)
            {
                CheckLink(link.Groups["target"].Value, line);
                plain.Append(Plain(link.Groups["text"].Value, line));
                i += link.Length - 1;
            }
            else if (text[i] is '*' or '<')
            {
                Report(line, $"'{text[i]}' means something to Markdown: put it between back-quotes");
            }
            else
            {
                plain.Append(text[i]);
            }
        }

        if (bold)
        {
            Report(line, "the bold text has no end");
        }

        return plain.ToString();
    }

    private int PlainCode(string text, int start, int line, StringBuilder plain)
    {
        var open = start;
        while (open < text.Length && text[open] == '`')
        {
            open++;
        }

        var mark = text[start..open];
        var end = text.IndexOf(mark, open, StringComparison.Ordinal);
        if (end < 0)
        {
            Report(line, "the code between back-quotes has no end");
            return text.Length;
        }

        plain.Append(text[open..end].Trim());
        return end + mark.Length - 1;
    }

    private void CheckLink(string target, int line)
    {
        if (Uri.TryCreate(target, UriKind.Absolute, out var uri) && !uri.IsFile)
        {
            return;
        }

        var path = target.Split('#')[0];
        if (path.Length > 0 && !Path.Exists(Path.Combine(Path.GetDirectoryName(FilePath) ?? string.Empty, path)))
        {
            Report(line, $"the link leads nowhere: {target}");
        }
    }
}
