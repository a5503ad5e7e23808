using System.Text;

namespace RunCloud.HelpBuilder;

/// <summary>Writes an <c>about_</c> topic as plain text of at most 80 columns.</summary>
internal static class TopicWriter
{
    private const int Columns = 80;
    private const int Indent = 4;

    /// <summary>Makes the text of a topic; what is wrong with the page is reported to it.</summary>
    /// <param name="file">The page: its name as the only heading of the first level, then SHORT DESCRIPTION, then other sections.</param>
    /// <returns>The text of the help file.</returns>
    public static string Write(MarkdownFile file)
    {
        var name = Path.GetFileNameWithoutExtension(file.FilePath);
        if (file.Blocks is not [Heading { Level: 1 } title, Heading { Level: 2, Text: "SHORT DESCRIPTION" }, Paragraph synopsis, ..]
            || !string.Equals(title.Text, name, StringComparison.Ordinal))
        {
            file.Report(1, $"the topic must begin with the headings '# {name}' and '## SHORT DESCRIPTION' and a paragraph");
            return string.Empty;
        }

        // The shell takes the fifth line of the file for the topic's synopsis.
        if (synopsis.Text.Length > Columns - Indent)
        {
            file.Report(synopsis.Line, $"the short description has {synopsis.Text.Length} characters; {Columns - Indent} fit on its line");
        }

        var text = new StringBuilder("TOPIC\n").Append(' ', Indent).Append(name).Append('\n');
        Block previous = title;
        foreach (var block in file.Blocks.Skip(1))
        {
            // The text of a section follows its heading at once.
            if (previous is not Heading { Level: > 1 })
            {
                text.Append('\n');
            }

            Append(text, block, file);
            previous = block;
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Block block, MarkdownFile file)
    {
        switch (block)
        {
            case Heading { Level: 2 } heading:
                text.Append(heading.Text).Append('\n');
                break;
            case Heading { Level: 3 } heading:
                AppendWrapped(text, heading.Text, Indent / 2, Indent / 2);
                break;
            case Paragraph paragraph:
                AppendWrapped(text, paragraph.Text, Indent, Indent);
                break;
            case Bullets bullets:
                foreach (var item in bullets.Items)
                {
                    AppendWrapped(text, "- " + item, Indent, Indent + 2);
                }

                break;
            case Table table:
                foreach (var row in table.Rows)
                {
                    AppendWrapped(text, row.Cells[0], Indent, Indent);
                    AppendWrapped(text, string.Join("; ", row.Cells.Skip(1)), Indent * 2, Indent * 2);
                }

                break;
            case Code code:
                AppendCode(text, code, file);
                break;
            default:
                file.Report(block.Line, "this can't stand in a topic");
                break;
        }
    }

    private static void AppendCode(StringBuilder text, Code code, MarkdownFile file)
    {
        for (var i = 0; i < code.Lines.Count; i++)
        {
            var line = code.Lines[i];
            if (line.Length + (Indent * 2) > Columns)
            {
                file.Report(code.Line + 1 + i, $"the code has {line.Length} characters; {Columns - (Indent * 2)} fit on a line of the topic");
            }

            text.Append(' ', line.Length == 0 ? 0 : Indent * 2).Append(line).Append('\n');
        }
    }

    private static void AppendWrapped(StringBuilder text, string paragraph, int first, int others)
    {
        var used = first;
        text.Append(' ', first);
        foreach (var (word, isFirst) in Words(paragraph))
        {
            if (!isFirst && used + 1 + word.Length > Columns)
            {
                text.Append('\n').Append(' ', others);
                used = others;
            }
            else if (!isFirst)
            {
                text.Append(' ');
                used++;
            }

            text.Append(word);
            used += word.Length;
        }

        text.Append('\n');
    }

    private static IEnumerable<(string Word, bool IsFirst)> Words(string paragraph) =>
        paragraph.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((word, index) => (word, index == 0));
}
