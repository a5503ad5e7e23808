using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace RunCloud.Demo;

/// <summary>The colours of a terminal.</summary>
/// <param name="Background">Of the window.</param>
/// <param name="Border">Around it.</param>
/// <param name="Text">Of text that has no colour of its own.</param>
/// <param name="Palette">The eight colours of the escape codes 30 to 37, of which 90 to 97 are taken for the same.</param>
internal sealed record SvgColours(string Background, string Border, string Text, IReadOnlyList<string> Palette)
{
    public static SvgColours Light { get; } = new("#ffffff", "#d0d7de", "#1f2328", ["#1f2328", "#b3261e", "#1a6b3a", "#8a5200", "#0b57c4", "#7b3fa0", "#0a6a78", "#566173"]);

    public static SvgColours Dark { get; } = new("#12161c", "#2e3744", "#e4e9f0", ["#566173", "#ffaaa2", "#8ad8a6", "#f3c173", "#82b4ff", "#d3a6f0", "#7fd6e3", "#e4e9f0"]);
}

/// <summary>Draws what a terminal shows as SVG: its text as text, with the colours of its escape codes.</summary>
/// <param name="colours">The terminal's colours.</param>
/// <param name="columns">Its width.</param>
internal sealed partial class SvgScreen(SvgColours colours, int columns)
{
    private const double Column = 8.0;
    private const int Line = 19;
    private const int Margin = 18;

    /// <summary>Draws a screen.</summary>
    /// <param name="screen">Its lines.</param>
    public string Draw(string screen)
    {
        var lines = screen.Trim('\n').Split('\n');
        var width = (int)Math.Ceiling(columns * Column) + (2 * Margin);
        var height = (lines.Length * Line) + (2 * Margin);
        var svg = new StringBuilder();
        _ = svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"A session in PowerShell\">\n")
            .Append(CultureInfo.InvariantCulture, $"<rect x=\"0.5\" y=\"0.5\" width=\"{width - 1}\" height=\"{height - 1}\" rx=\"8\" fill=\"{colours.Background}\" stroke=\"{colours.Border}\"/>\n")
            .Append(CultureInfo.InvariantCulture, $"<g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"13\" fill=\"{colours.Text}\">\n");
        var style = string.Empty;
        foreach ((var number, var line) in lines.Index())
        {
            var column = 0;
            foreach ((var text, var code) in Runs(line, style))
            {
                style = code;
                Append(svg, text, code, column, number);
                column += text.Length;
            }
        }

        return svg.Append("</g>\n</svg>\n").ToString();
    }

    /// <summary>Draws a piece of a line. Columns stand where they are: wide gaps are no part of a text, whose letters fill its room.</summary>
    private void Append(StringBuilder svg, string text, string code, int column, int line)
    {
        var y = Margin + (line * Line) + 14;
        foreach (Match word in Words().Matches(text))
        {
            var x = Margin + ((column + word.Index) * Column);
            _ = svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x}\" y=\"{y}\" textLength=\"{word.Length * Column}\"{Look(code)}>{WebUtility.HtmlEncode(word.Value)}</text>\n");
        }
    }

    private string Look(string code)
    {
        var look = new StringBuilder();
        foreach (var part in code.Split(';'))
        {
            if (part == "1")
            {
                _ = look.Append(" font-weight=\"600\"");
            }
            else if (part is [('3' or '9'), >= '0' and <= '7'])
            {
                _ = look.Append(CultureInfo.InvariantCulture, $" fill=\"{colours.Palette[part[1] - '0']}\"");
            }
        }

        return look.ToString();
    }

    [GeneratedRegex(@"\S+(?: \S+)*", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Words();

    /// <summary>The pieces of a line, each with the escape code that it is shown in.</summary>
    private static IEnumerable<(string Text, string Code)> Runs(string line, string code)
    {
        var start = 0;
        for (var escape = line.IndexOf('\e', start); escape >= 0; escape = line.IndexOf('\e', start))
        {
            yield return (line[start..escape], code);
            var end = line.IndexOf('m', escape);
            var next = line[(escape + 2)..end];
            code = next is "0" or "" ? string.Empty : next;
            start = end + 1;
        }

        yield return (line[start..], code);
    }
}
