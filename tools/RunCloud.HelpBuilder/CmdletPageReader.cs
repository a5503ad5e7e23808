using System.Globalization;
using System.Text.RegularExpressions;

namespace RunCloud.HelpBuilder;

/// <summary>Reads a cmdlet's page and holds it against the rules in <c>CONTRIBUTING.md</c>.</summary>
internal sealed partial class CmdletPageReader
{
    private const int FewestExamples = 2;

    private const int PatternTimeout = 1000; // milliseconds

    private readonly MarkdownFile _file;
    private readonly CmdletPage _page;
    private readonly List<int> _syntaxLines = [];

    private CmdletPageReader(MarkdownFile file, CmdletPage page)
    {
        _file = file;
        _page = page;
    }

    /// <summary>Reads a page; what is wrong with it is reported to the file.</summary>
    /// <param name="file">The page.</param>
    /// <returns>What the page says; with faults, as much of it as could be made out.</returns>
    public static CmdletPage Read(MarkdownFile file)
    {
        var reader = new CmdletPageReader(file, new CmdletPage { Name = Path.GetFileNameWithoutExtension(file.FilePath) });
        reader.ReadSections();
        reader.CompareSyntaxWithParameters();
        return reader._page;
    }

    [GeneratedRegex(@"\G(\[\[-(?<name>\w+)\] <(?<type>[^>]+)>\]|\[-(?<name>\w+)\] <(?<type>[^>]+)>|\[-(?<name>\w+)( <(?<type>[^>]+)>)?\]|-(?<name>\w+)( <(?<type>[^>]+)>)?) ", RegexOptions.ExplicitCapture, PatternTimeout)]
    private static partial Regex SyntaxParameter { get; }

    [GeneratedRegex(@"^-(?<name>\w+)$", RegexOptions.ExplicitCapture, PatternTimeout)]
    private static partial Regex ParameterHeading { get; }

    [GeneratedRegex(@"^Example (?<number>\d+): \S", RegexOptions.ExplicitCapture, PatternTimeout)]
    private static partial Regex ExampleHeading { get; }

    private (string Title, bool Needed, Action<Section> Read)[] Sections() =>
    [
        ("SYNOPSIS", true, ReadSynopsis),
        ("SYNTAX", true, ReadSyntax),
        ("DESCRIPTION", true, section => _page.Description = Texts(section.Blocks)),
        ("EXAMPLES", true, ReadExamples),
        ("PARAMETERS", true, ReadParameters),
        ("INPUTS", true, section => ReadTypes(section, _page.Inputs)),
        ("OUTPUTS", true, section => ReadTypes(section, _page.Outputs)),
        ("ERRORS", false, ReadErrors),
        ("NOTES", false, section => _page.Notes = Texts(section.Blocks)),
        ("RELATED LINKS", true, ReadRelatedLinks),
    ];

    private void ReadSections()
    {
        var sections = Sections();
        var found = Split(_file.Blocks, 1);
        if (found is not [var (title, blocks)] || title is null || !string.Equals(title.Text, _page.Name, StringComparison.Ordinal))
        {
            _file.Report(1, $"the page must begin with its only heading of the first level: # {_page.Name}");
            return;
        }

        var next = 0;
        foreach (var section in Split(blocks, 2))
        {
            if (section.Title is null)
            {
                _file.Report(section.Blocks[0].Line, "text must stand in a section");
                continue;
            }

            var which = Array.FindIndex(sections, known => string.Equals(known.Title, section.Title.Text, StringComparison.Ordinal));
            if (which < 0)
            {
                _file.Report(section.Title.Line, $"there is no section called '{section.Title.Text}'");
                continue;
            }

            if (which < next)
            {
                _file.Report(section.Title.Line, $"the sections must stand once each and in this order: {string.Join(", ", sections.Select(known => known.Title))}");
            }

            foreach (var missing in sections[Math.Min(next, which)..which].Where(known => known.Needed))
            {
                _file.Report(section.Title.Line, $"the section {missing.Title} is missing before this one");
            }

            next = which + 1;
            if (section.Blocks.Count == 0)
            {
                _file.Report(section.Title.Line, $"the section {section.Title.Text} is empty");
                continue;
            }

            sections[which].Read(section);
        }

        foreach (var missing in sections[next..].Where(known => known.Needed))
        {
            _file.Report(title.Line, $"the section {missing.Title} is missing");
        }
    }

    /// <summary>Parts blocks at the headings of a level; what stands before the first heading comes with a null title.</summary>
    private static List<Section> Split(IReadOnlyList<Block> blocks, int level)
    {
        var sections = new List<Section>();
        foreach (var block in blocks)
        {
            if (block is Heading heading && heading.Level == level)
            {
                sections.Add(new Section(heading, []));
                continue;
            }

            if (sections.Count == 0)
            {
                sections.Add(new Section(null, []));
            }

            sections[^1].Blocks.Add(block);
        }

        return sections;
    }

    /// <summary>The parts of a section under its headings of the third level, without what stands before the first.</summary>
    private IEnumerable<(Heading Title, List<Block> Blocks)> Parts(Section section)
    {
        foreach (var (title, blocks) in Split(section.Blocks, 3))
        {
            if (title is null)
            {
                _file.Report(blocks[0].Line, "text in this section must stand under a heading of the third level");
            }
            else
            {
                yield return (title, blocks);
            }
        }
    }

    /// <summary>Running text for a help file: a paragraph each, the items of a list in one.</summary>
    private List<string> Texts(IEnumerable<Block> blocks)
    {
        var texts = new List<string>();
        foreach (var block in blocks)
        {
            switch (block)
            {
                case Paragraph paragraph:
                    texts.Add(paragraph.Text);
                    break;
                case Bullets bullets:
                    texts.Add(string.Join('\n', bullets.Items.Select(item => "- " + item)));
                    break;
                default:
                    _file.Report(block.Line, "only paragraphs and bullets can stand here");
                    break;
            }
        }

        return texts;
    }

    private void ReadSynopsis(Section section)
    {
        _page.Synopsis = Texts(section.Blocks);
        if (section.Blocks is not [Paragraph])
        {
            _file.Report(section.Blocks[0].Line, "the synopsis is one paragraph");
        }
    }

    private void ReadSyntax(Section section)
    {
        foreach (var block in section.Blocks)
        {
            if (block is Code code)
            {
                ReadStatement(code);
            }
            else
            {
                _file.Report(block.Line, "the syntax is one code block for each parameter set, and nothing else");
            }
        }
    }

    private void ReadStatement(Code code)
    {
        const string Common = "[<CommonParameters>]";
        var statement = string.Join(' ', code.Lines.Select(line => line.Trim()));
        if (!statement.StartsWith(_page.Name + " ", StringComparison.Ordinal) || !statement.EndsWith(" " + Common, StringComparison.Ordinal))
        {
            _file.Report(code.Line + 1, $"a syntax statement begins with {_page.Name} and ends with {Common}");
            return;
        }

        var elements = new List<SyntaxElement>();
        var at = _page.Name.Length + 1;
        var end = statement.Length - Common.Length;
        while (at < end)
        {
            var match = SyntaxParameter.Match(statement, at);
            if (!match.Success)
            {
                _file.Report(code.Line + 1, $"the syntax statement can't be read from here: {statement[at..]}");
                return;
            }

            var name = match.Groups["name"].Value;
            if (elements.Exists(element => string.Equals(element.Name, name, StringComparison.OrdinalIgnoreCase)))
            {
                _file.Report(code.Line + 1, $"the syntax statement names -{name} twice");
            }

            elements.Add(new SyntaxElement(
                name,
                match.Groups["type"].Success ? match.Groups["type"].Value : null,
                Required: !match.Value.EndsWith("] ", StringComparison.Ordinal),
                Positional: match.Value.Contains("] <", StringComparison.Ordinal)));
            at += match.Length;
        }

        _page.Syntax.Add(elements);
        _syntaxLines.Add(code.Line + 1);
    }

    private void ReadExamples(Section section)
    {
        foreach (var (title, blocks) in Parts(section))
        {
            var number = _page.Examples.Count + 1;
            var match = ExampleHeading.Match(title.Text);
            if (!match.Success || !string.Equals(match.Groups["number"].Value, number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal))
            {
                _file.Report(title.Line, $"the heading must be of the form: ### Example {number}: what it does");
            }

            var codes = blocks.OfType<Code>().ToList();
            var code = codes.FindIndex(block => string.Equals(block.Language, "powershell", StringComparison.Ordinal));
            if (code != 0 || codes.Count > 2 || (codes.Count == 2 && codes[1].Language is not ("output" or "text")))
            {
                _file.Report(title.Line, "an example has one ```powershell block and after it at most one ```output block");
                continue;
            }

            var at = blocks.IndexOf(codes[0]);
            var before = Texts(blocks.Take(at));
            var after = Texts(blocks.Skip(at + 1).Where(block => block is not Code));
            if (before.Count + after.Count == 0)
            {
                _file.Report(title.Line, "an example needs a text beside its code");
            }

            _page.Examples.Add(new Example(
                title.Text, before, string.Join('\n', codes[0].Lines), codes.Count == 2 ? string.Join('\n', codes[1].Lines) : string.Empty, after));
        }

        if (_page.Examples.Count < FewestExamples)
        {
            _file.Report(section.Title!.Line, $"at least {FewestExamples} examples are needed, {_page.Examples.Count} can be read");
        }
    }

    private void ReadParameters(Section section)
    {
        foreach (var (title, blocks) in Parts(section))
        {
            var heading = ParameterHeading.Match(title.Text);
            if (!heading.Success)
            {
                _file.Report(title.Line, "the heading of a parameter is its name with a dash before it");
                continue;
            }

            var name = heading.Groups["name"].Value;
            if (_page.Parameters.Exists(parameter => string.Equals(parameter.Name, name, StringComparison.OrdinalIgnoreCase)))
            {
                _file.Report(title.Line, $"-{name} has a section already");
            }

            if (blocks is not [.., Code { Language: "yaml" } attributes])
            {
                _file.Report(title.Line, $"the section of -{name} must end with a ```yaml block of its attributes");
                continue;
            }

            var text = Texts(blocks.SkipLast(1));
            if (text.Count == 0)
            {
                _file.Report(title.Line, $"-{name} has no text");
            }

            _page.Parameters.Add(ReadAttributes(title.Line, name, text, attributes));
        }
    }

    private Parameter ReadAttributes(int line, string name, List<string> text, Code block)
    {
        string[] known = ["Type", "Required", "Position", "Accept pipeline input", "Accept wildcard characters", "Default value", "Aliases"];
        var values = new Dictionary<string, (string Value, int Line)>(StringComparer.Ordinal);
        for (var i = 0; i < block.Lines.Count; i++)
        {
            var at = block.Line + 1 + i;
            var pair = block.Lines[i].Split(": ", 2);
            if (pair.Length != 2 || !known.Contains(pair[0], StringComparer.Ordinal) || !values.TryAdd(pair[0], (pair[1].Trim(), at)))
            {
                _file.Report(at, $"an attribute is 'Name: value' with one of these names, once each: {string.Join(", ", known)}");
            }
        }

        foreach (var missing in known.Take(4).Where(key => !values.ContainsKey(key)))
        {
            _file.Report(block.Line, $"the attribute '{missing}' of -{name} is missing");
        }

        bool Flag(string key) => Choice(key, "true", "false") is "true";
        string? Text(string key) => values.TryGetValue(key, out var found) ? found.Value : null;
        string? Choice(string key, params string[] choices)
        {
            if (values.TryGetValue(key, out var found) && !choices.Contains(found.Value, StringComparer.Ordinal))
            {
                _file.Report(found.Line, $"'{key}' is one of: {string.Join("; ", choices)}");
            }

            return Text(key);
        }

        int? position = null;
        if (values.TryGetValue("Position", out var given) && given.Value is not "named")
        {
            if (int.TryParse(given.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                position = number;
            }
            else
            {
                _file.Report(given.Line, "'Position' is a number from 0 or the word: named");
            }
        }

        var pipeline = Choice("Accept pipeline input", "false", "ByValue", "ByPropertyName", "ByValue, ByPropertyName");
        return new Parameter(
            line,
            name,
            text,
            Text("Type") ?? string.Empty,
            Flag("Required"),
            position,
            pipeline is "false" ? null : pipeline,
            Flag("Accept wildcard characters"),
            Text("Default value"),
            Text("Aliases"));
    }
}
