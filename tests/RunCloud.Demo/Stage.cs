namespace RunCloud.Demo;

/// <summary>Where the demo is shown: a terminal or a file, of a width, with colours or without.</summary>
/// <param name="output">Where the text goes.</param>
/// <param name="width">Columns.</param>
/// <param name="colour">Whether it understands colours.</param>
public sealed class Stage(TextWriter output, int width, bool colour)
{
    private const string Bold = "1";
    private const string Cyan = "36;1";
    private const string Green = "32";
    private const string Red = "31;1";
    private const string Yellow = "33;1";

    /// <summary>Gets the width in columns.</summary>
    public int Width => width;

    /// <summary>Gets a value indicating whether it understands colours.</summary>
    public bool Colour => colour;

    /// <summary>Begins a part.</summary>
    public void Heading(string text) => output.WriteLine("\n" + Paint("== " + text, Bold));

    /// <summary>Says something of the demo's own, in lines that fit.</summary>
    public void Say(string text)
    {
        foreach (var line in Wrapped(text, indent: ""))
        {
            output.WriteLine(line);
        }
    }

    /// <summary>Shows a command as typed at a prompt.</summary>
    public void Command(string text) => output.WriteLine("\n" + Paint("PS> ", Cyan) + text);

    /// <summary>Shows lines as they are, however long: they are there to be copied.</summary>
    public void Verbatim(string text) => output.WriteLine(text);

    /// <summary>Shows a command's text: empty lines around it taken away, long lines folded, and only so many.</summary>
    /// <param name="text">What came.</param>
    /// <param name="most">How many lines to show, before folding.</param>
    public void Text(string text, int most = int.MaxValue)
    {
        var lines = text.Trim('\n').Split('\n');
        if (lines is [""])
        {
            return;
        }

        foreach (var part in lines.Take(most).SelectMany(line => Wrapped(line, indent: "    ")))
        {
            output.WriteLine(part);
        }

        More(lines.Length - most, "lines");
    }

    /// <summary>Says how much of a list is not shown; nothing where all of it is.</summary>
    public void More(int count, string what)
    {
        if (count > 0)
        {
            output.WriteLine($"… and {count} more {what}");
        }
    }

    /// <summary>Shows the end of one check.</summary>
    public void Check(bool holds, string text)
    {
        const string Indent = "          ";
        var mark = holds ? "ok    " : "FAILED";
        foreach ((var at, var line) in Wrapped($"  {mark}  {text}", Indent).Index())
        {
            output.WriteLine(at == 0 ? "  " + Paint(mark, holds ? Green : Red) + line[(mark.Length + 2)..] : line);
        }
    }

    /// <summary>Shows the end of it all.</summary>
    public void Verdict(bool holds, string text) => Last(text, holds ? Green : Red);

    /// <summary>Shows what is not known at the end of it all.</summary>
    public void Reservation(string text) => Last(text, Yellow);

    private IEnumerable<string> Wrapped(string line, string indent)
    {
        while (FirstPart(line, indent.Length) is { } end)
        {
            yield return line[..end];
            line = indent + line[end..].TrimStart(' ');
        }

        yield return line;
    }

    /// <summary>How many characters of a line to show before the rest goes below; <see langword="null"/> if all fits. Colours take no room.</summary>
    private int? FirstPart(string line, int indent)
    {
        var seen = 0;
        var blank = -1;
        for (var at = 0; at < line.Length; at++)
        {
            if (line[at] == '\e' && line.IndexOf('m', at) is > 0 and int end)
            {
                at = end;
                continue;
            }

            if (line[at] == ' ' && seen > indent)
            {
                blank = at;
            }

            if (seen == width)
            {
                return blank > 0 ? blank : at;
            }

            seen++;
        }

        return null;
    }

    private void Last(string text, string code)
    {
        output.WriteLine();
        foreach (var line in Wrapped(text, indent: ""))
        {
            output.WriteLine(Paint(line, code));
        }
    }

    private string Paint(string text, string code) => colour ? $"\e[{code}m{text}\e[0m" : text;
}
