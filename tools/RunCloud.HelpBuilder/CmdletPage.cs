namespace RunCloud.HelpBuilder;

/// <summary>All that a page says of a cmdlet; texts are plain.</summary>
internal sealed class CmdletPage
{
    public required string Name { get; init; }

    /// <summary>Gets what the cmdlet does, in one paragraph.</summary>
    public IReadOnlyList<string> Synopsis { get; set; } = [];

    /// <summary>Gets one statement for each parameter set.</summary>
    public List<IReadOnlyList<SyntaxElement>> Syntax { get; } = [];

    public IReadOnlyList<string> Description { get; set; } = [];

    public List<Example> Examples { get; } = [];

    public List<Parameter> Parameters { get; } = [];

    public List<PipelineType> Inputs { get; } = [];

    public List<PipelineType> Outputs { get; } = [];

    /// <summary>Gets what is said of errors: the last text holds the error ids, a line each with what it means and what to do.</summary>
    public IReadOnlyList<string> Errors { get; set; } = [];

    public IReadOnlyList<string> Notes { get; set; } = [];

    public IReadOnlyList<string> RelatedLinks { get; set; } = [];
}

/// <summary>A parameter as a syntax statement shows it.</summary>
/// <param name="Name">The name without its dash.</param>
/// <param name="Type">The type as the shell prints it in a syntax statement; null for a switch.</param>
/// <param name="Required">Whether it stands without square brackets.</param>
/// <param name="Positional">Whether its name may be left out.</param>
internal sealed record SyntaxElement(string Name, string? Type, bool Required, bool Positional);

/// <summary>A parameter as its own section tells of it.</summary>
/// <param name="Line">The line of its heading.</param>
/// <param name="Name">The name without its dash.</param>
/// <param name="Text">What it is for.</param>
/// <param name="Type">Its type as it is written in the shell between square brackets.</param>
/// <param name="Required">Whether it must be given in the parameter sets that have it.</param>
/// <param name="Position">Its position, from 0; null if it is to be named.</param>
/// <param name="PipelineInput"><c>ByValue</c>, <c>ByPropertyName</c>, both parted by a comma, or null.</param>
/// <param name="Wildcards">Whether it takes wildcards.</param>
/// <param name="Default">What holds when it is not given; null if there is nothing to say.</param>
/// <param name="Aliases">Its other names parted by commas; null if there are none.</param>
internal sealed record Parameter(
    int Line,
    string Name,
    IReadOnlyList<string> Text,
    string Type,
    bool Required,
    int? Position,
    string? PipelineInput,
    bool Wildcards,
    string? Default,
    string? Aliases);

/// <summary>An example.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Before">The text before the code.</param>
/// <param name="Code">The lines to type.</param>
/// <param name="Output">What they print; empty if the page does not show it.</param>
/// <param name="After">The text after the code.</param>
internal sealed record Example(string Title, IReadOnlyList<string> Before, string Code, string Output, IReadOnlyList<string> After);

/// <summary>A type that goes into the cmdlet or comes out of it.</summary>
/// <param name="Type">The name of the type, or None.</param>
/// <param name="Text">When, and what it stands for.</param>
internal sealed record PipelineType(string Type, IReadOnlyList<string> Text);
