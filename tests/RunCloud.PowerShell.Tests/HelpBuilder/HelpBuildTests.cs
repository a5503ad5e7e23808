using System.Globalization;
using System.Xml.Linq;

using RunCloud.HelpBuilder;

using Xunit;

namespace RunCloud.PowerShell.Tests.HelpBuilder;

public sealed class HelpBuildTests : IDisposable
{
    private const string Page = """
        # Get-Thing

        ## SYNOPSIS

        Gets **things**.

        ## SYNTAX

        ```powershell
        Get-Thing [[-Name] <string[]>] [-Fast]
            [<CommonParameters>]
        ```

        ```powershell
        Get-Thing -Owner <Owner> [-Fast] [<CommonParameters>]
        ```

        ## DESCRIPTION

        Reads `a*b`, and see
        [the topic](../about_RunCloud.md).

        - one
        - two

        ## EXAMPLES

        ### Example 1: All

        Text before.

        ```powershell
        Get-Thing |
            Sort-Object
        ```

        ```output
          1
        ```

        Text after.

        ### Example 2: One

        Text.

        ```powershell
        Get-Thing -Name a
        ```

        ## PARAMETERS

        ### -Name

        The names.

        ```yaml
        Type: string[]
        Required: false
        Position: 0
        Accept pipeline input: ByPropertyName
        Accept wildcard characters: true
        Default value: All
        Aliases: N
        ```

        ### -Owner

        The owner.

        ```yaml
        Type: RunCloud.Owner
        Required: true
        Position: named
        Accept pipeline input: false
        ```

        ### -Fast

        Hurry.

        ```yaml
        Type: switch
        Required: false
        Position: named
        Accept pipeline input: false
        ```

        ## INPUTS

        ### None

        Nothing.

        ## OUTPUTS

        ### RunCloud.Thing

        Each thing.

        ## ERRORS

        | Error id | Meaning |
        |---|---|
        | `NotThere` | a \| b |

        ## NOTES

        A note.

        ## RELATED LINKS

        - [about_RunCloud](../about_RunCloud.md)

        """;

    private const string Topic = """
        # about_RunCloud

        ## SHORT DESCRIPTION

        Short.

        ## LONG DESCRIPTION

        A text that is long enough to be wrapped, since it has more than eighty characters in its one line.

        ```powershell
        Get-Thing
        ```

        | Id | Meaning |
        |---|---|
        | One | The first |

        """;

    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("help-");

    private string Docs => Path.Combine(_directory.FullName, "docs");

    private string Output => Path.Combine(_directory.FullName, "out");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void The_pages_of_the_repository_become_help_for_every_cmdlet()
    {
        var docs = Path.Combine(RepositoryRoot(), "docs");

        var (exit, log) = Run(docs);

        Assert.Equal(string.Empty, log);
        Assert.Equal(0, exit);
        AssertSequence(
            Directory.GetFiles(Path.Combine(docs, "cmdlets")).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal),
            Help().Descendants(Command + "details").Select(details => details.Element(Command + "name")!.Value));
    }

    [Fact]
    public void A_page_becomes_MAML_with_the_attributes_of_its_parameters()
    {
        Assert.Equal(0, Build(Page, Topic).Exit);

        var command = Help().Descendants(Command + "command").Single();
        Assert.Equal("Gets things.", command.Element(Command + "details")!.Element(Maml + "description")!.Value);
        AssertSequence(
            ["Reads a*b, and see the topic.", "- one\n- two"],
            command.Element(Maml + "description")!.Elements(Maml + "para").Select(para => para.Value));
        AssertSequence(
            ["Name=string[] Fast=", "Owner=Owner Fast="],
            command.Descendants(Command + "syntaxItem").Select(item => string.Join(
                ' ',
                item.Elements(Command + "parameter").Select(
                    parameter => $"{parameter.Element(Maml + "name")!.Value}={parameter.Element(Command + "parameterValue")?.Value}"))));
        AssertSequence(
            [
                "Name false true true True (ByPropertyName) 0 N string[] All",
                "Owner true false false False named none RunCloud.Owner None",
                "Fast false false false False named none switch False",
            ],
            command.Element(Command + "parameters")!.Elements().Select(parameter => string.Join(
                ' ',
                parameter.Element(Maml + "name")!.Value,
                parameter.Attribute("required")!.Value,
                parameter.Attribute("variableLength")!.Value,
                parameter.Attribute("globbing")!.Value,
                parameter.Attribute("pipelineInput")!.Value,
                parameter.Attribute("position")!.Value,
                parameter.Attribute("aliases")!.Value,
                parameter.Element(Dev + "type")!.Element(Maml + "name")!.Value,
                parameter.Element(Dev + "defaultValue")!.Value)));
        AssertSequence(["A note.", "- NotThere: a | b"], command.Element(Maml + "alertSet")!.Descendants(Maml + "para").Select(para => para.Value));

        var example = command.Descendants(Command + "example").First();
        Assert.Equal("Get-Thing |\n    Sort-Object", example.Element(Dev + "code")!.Value);
        AssertSequence(["Text before.", "PS> "], example.Element(Maml + "introduction")!.Elements().Select(para => para.Value));
        AssertSequence(["  1", "Text after.", string.Empty], example.Element(Dev + "remarks")!.Elements().Select(para => para.Value));
    }

    [Fact]
    public void A_topic_becomes_text_of_80_columns_with_its_synopsis_on_the_fifth_line()
    {
        Assert.Equal(0, Build(Page, Topic).Exit);

        AssertSequence(
            [
                "TOPIC",
                "    about_RunCloud",
                string.Empty,
                "SHORT DESCRIPTION",
                "    Short.",
                string.Empty,
                "LONG DESCRIPTION",
                "    A text that is long enough to be wrapped, since it has more than eighty",
                "    characters in its one line.",
                string.Empty,
                "        Get-Thing",
                string.Empty,
                "    One",
                "        The first",
            ],
            File.ReadAllLines(Path.Combine(Output, HelpBuild.TopicHelpFile)));
    }

    [Fact]
    public void Files_that_would_not_change_are_left_alone()
    {
        Build(Page, Topic);
        var before = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var files = Directory.GetFiles(Output);
        foreach (var file in files)
        {
            File.SetLastWriteTimeUtc(file, before);
        }

        Build(Page.Replace("A note.", "Another note.", StringComparison.Ordinal), Topic);

        AssertSequence(
            [HelpBuild.TopicHelpFile],
            files.Where(file => File.GetLastWriteTimeUtc(file) == before).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("# Get-Thing\n", "# Get-Things\n", "# Get-Things", 0, "must begin with its only heading")]
    [InlineData("# Get-Thing\n", "# Get-Thing\n\nlost\n", "lost", 0, "text must stand in a section")]
    [InlineData("## SYNOPSIS\n\nGets **things**.\n\n", "", "## SYNTAX", 0, "the section SYNOPSIS is missing")]
    [InlineData("Gets **things**.\n", "", "## SYNOPSIS", 0, "the section SYNOPSIS is empty")]
    [InlineData("Gets **things**.\n", "Gets.\n\nThings.\n", "Gets.", 0, "the synopsis is one paragraph")]
    [InlineData("**things**", "**things", "**things", 0, "the bold text has no end")]
    [InlineData("**things**", "*things", "*things", 0, "'*' means something to Markdown")]
    [InlineData("**things**", "<things>", "<things>", 0, "'<' means something to Markdown")]
    [InlineData("**things**", "`things", "`things", 0, "the code between back-quotes has no end")]
    [InlineData("## DESCRIPTION", "##DESCRIPTION", "##DESCRIPTION", 0, "a heading needs a space")]
    [InlineData("## DESCRIPTION", "## REMARKS", "## REMARKS", 0, "no section called 'REMARKS'")]
    [InlineData("## RELATED LINKS\n\n- [about_RunCloud](../about_RunCloud.md)\n", "", "# Get-Thing", 0, "the section RELATED LINKS is missing")]
    [InlineData("A note.\n", "A note.\n\n## SYNOPSIS\n\nAgain.\n", "A note.", 2, "once each and in this order")]
    [InlineData("../about_RunCloud.md).\n", "../nowhere.md).\n", "Reads `a*b`", 0, "leads nowhere")]
    [InlineData("- one\n", "1. one\n", "1. one", 0, "this kind of Markdown")]
    [InlineData("Get-Thing [[-Name]", "Get-Things [[-Name]", "Get-Things [[-Name]", 0, "begins with Get-Thing")]
    [InlineData("[-Fast] [<CommonParameters>]", "[-Fast]", "Get-Thing -Owner", 0, "ends with [<CommonParameters>]")]
    [InlineData("[-Fast] [<", "[-Fast] [-Slow] [<", "Get-Thing -Owner", 0, "names -Slow, which has no section")]
    [InlineData("[-Fast] [<", "[-Fast] [-Fast] [<", "Get-Thing -Owner", 0, "names -Fast twice")]
    [InlineData("[-Fast] [<", "[-Fast [<", "Get-Thing -Owner", 0, "can't be read from here: [-Fast")]
    [InlineData("Get-Thing -Owner <Owner> [", "Get-Thing [", "### -Owner", 0, "-Owner stands in no syntax statement")]
    [InlineData("-Owner <Owner> ", "[-Owner <Owner>] ", "### -Owner", 0, "'Required: true', but not so")]
    [InlineData("-Owner <Owner> ", "[-Owner] <Owner> ", "### -Owner", 0, "has position in the syntax")]
    [InlineData("-Owner <Owner> ", "-Owner <string> ", "### -Owner", 0, "is of type Owner")]
    [InlineData("[-Fast] [<", "[-Fast <int>] [<", "### -Fast", 0, "is of type switch")]
    [InlineData("[[-Name] <string[]>]", "[-Name <string[]>]", "### -Name", 0, "has no position in the syntax")]
    [InlineData("### Example 2: One", "### Example 3: One", "### Example 3: One", 0, "### Example 2: what it does")]
    [InlineData("### Example 2: One\n\nText.\n\n```powershell\nGet-Thing -Name a\n```\n\n", "", "## EXAMPLES", 0, "at least 2 examples are needed, 1")]
    [InlineData("Text.\n\n```powershell\nGet-Thing -Name a\n```\n", "```powershell\nGet-Thing -Name a\n```\n", "### Example 2", 0, "needs a text")]
    [InlineData("```output\n", "```json\n", "### Example 1", 0, "at most one ```output block")]
    [InlineData("The owner.\n\n", "", "### -Owner", 0, "-Owner has no text")]
    [InlineData("### -Owner\n", "### Owner\n", "### Owner", 0, "a dash before it")]
    [InlineData("### -Owner\n", "### -Name\n", "### -Name", 14, "-Name has a section already")]
    [InlineData("Type: RunCloud.Owner\n", "", "### -Owner", 4, "'Type' of -Owner is missing")]
    [InlineData("Type: RunCloud.Owner\n", "Type: RunCloud.Owner\nColour: red\n", "Colour: red", 0, "an attribute is 'Name: value'")]
    [InlineData("Position: 0\n", "Position: first\n", "Position: first", 0, "'Position' is a number")]
    [InlineData("Accept pipeline input: ByPropertyName\n", "Accept pipeline input: yes\n", "Accept pipeline input: yes", 0, "'Accept pipeline input' is one of")]
    [InlineData("Accept wildcard characters: true\n", "Accept wildcard characters: yes\n", "Accept wildcard characters: yes", 0, "'Accept wildcard characters' is one of")]
    [InlineData("Default value: All\nAliases: N\n", "Aliases: N\nAliases: M\n", "Aliases: M", 0, "once each")]
    [InlineData("Each thing.\n", "", "### RunCloud.Thing", 0, "'RunCloud.Thing' has no text")]
    [InlineData("### RunCloud.Thing\n", "RunCloud.Thing\n", "## OUTPUTS", 2, "must stand under a heading")]
    [InlineData("|---|---|\n", "", "| `NotThere`", 0, "must be its rule")]
    [InlineData("| a \\| b |", "| |", "| `NotThere` | |", 0, "must fill the columns")]
    [InlineData("| a \\| b |", "| a | b |", "| `NotThere` | a | b |", 0, "must fill the columns")]
    [InlineData("- [about_RunCloud]", "[about_RunCloud]", "## RELATED LINKS", 0, "one list of links")]
    public void A_malformed_page_fails_with_its_file_and_line(string text, string replacement, string at, int below, string message)
    {
        var page = Replace(Page, text, replacement);

        var (exit, log) = Build(page, Topic);

        Assert.Equal(1, exit);
        AssertFault(log, Path.Combine(Docs, "cmdlets", "Get-Thing.md"), LineOf(page, at) + below, message);
        Assert.False(Directory.Exists(Output));
    }

    [Theory]
    [InlineData("# about_RunCloud\n", "# about_Things\n", "# about_Things", "must begin with the headings")]
    [InlineData("Short.\n", "This short description goes on and on, until it does not fit on the line that the shell prints.\n", "This short", "76 fit on its line")]
    [InlineData("Get-Thing\n", "Get-Thing | Where-Object { $_.Name -like 'a name that is long' } | Sort-Object Name\n", "Get-Thing |", "72 fit on a line")]
    [InlineData("Get-Thing\n```\n", "Get-Thing\n", "```powershell", "the code block is not closed")]
    public void A_malformed_topic_fails_with_its_file_and_line(string text, string replacement, string at, string message)
    {
        var topic = Replace(Topic, text, replacement);

        var (exit, log) = Build(Page, topic);

        Assert.Equal(1, exit);
        AssertFault(log, Path.Combine(Docs, "about_RunCloud.md"), LineOf(topic, at), message);
        Assert.False(Directory.Exists(Output));
    }

    [Fact]
    public void Missing_pages_are_faults()
    {
        Directory.CreateDirectory(Docs);

        var (exit, log) = Run(Docs);

        Assert.Equal(1, exit);
        Assert.Contains("there is no page of a cmdlet here", log, StringComparison.Ordinal);
        Assert.Contains("about_RunCloud.md(1): error RCH001: the module's topic is missing", log, StringComparison.Ordinal);
    }

    private static void AssertSequence(IEnumerable<string?> expected, IEnumerable<string?> actual) =>
        Assert.Equal(expected, actual, StringComparer.Ordinal);

    private static void AssertFault(string log, string file, int line, string message)
    {
        var start = string.Create(CultureInfo.InvariantCulture, $"{file}({line}): error RCH001: ");
        if (!log.Split('\n').Any(fault => fault.StartsWith(start, StringComparison.Ordinal) && fault.Contains(message, StringComparison.Ordinal)))
        {
            Assert.Fail($"Expected: {start}…{message}\nActual:   {log}");
        }
    }

    /// <summary>The first line, from 1, in which a text begins.</summary>
    private static int LineOf(string page, string text) => page.AsSpan(0, page.IndexOf(text, StringComparison.Ordinal)).Count('\n') + 1;

    private static string Replace(string page, string text, string replacement)
    {
        Assert.Contains(text, page, StringComparison.Ordinal);
        return page.Replace(text, replacement, StringComparison.Ordinal);
    }

    private static string RepositoryRoot()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "RunCloud.PowerShell.sln")))
        {
            root = root.Parent;
        }

        return root?.FullName ?? throw new InvalidOperationException("The tests do not run from within the repository.");
    }

    private (int Exit, string Log) Build(string page, string topic)
    {
        Directory.CreateDirectory(Path.Combine(Docs, "cmdlets"));
        File.WriteAllText(Path.Combine(Docs, "cmdlets", "Get-Thing.md"), page);
        File.WriteAllText(Path.Combine(Docs, "about_RunCloud.md"), topic);
        return Run(Docs);
    }

    private (int Exit, string Log) Run(string docs)
    {
        using var log = new StringWriter { NewLine = "\n" };
        var exit = HelpBuild.Run(docs, Output, log);
        return (exit, log.ToString());
    }

    private XElement Help() => XElement.Load(Path.Combine(Output, HelpBuild.CmdletHelpFile));
}
