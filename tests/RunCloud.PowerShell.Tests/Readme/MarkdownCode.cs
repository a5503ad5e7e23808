using RunCloud.Testing;

namespace RunCloud.PowerShell.Tests.Readme;

/// <summary>A fenced block of a Markdown page.</summary>
/// <param name="Heading">The heading above it, without its number signs.</param>
/// <param name="Language">The language named at its fence; empty if none is.</param>
/// <param name="Text">Its lines.</param>
internal sealed record MarkdownCode(string Heading, string Language, string Text)
{
    private const string Fence = "```";

    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(StagedModule.Folder, "..", ".."));

    /// <summary>Whether it is something to type into PowerShell.</summary>
    public bool IsPowerShell => Language is "powershell";

    /// <summary>Whether it is what a command showed.</summary>
    public bool IsOutput => Language is "output";

    /// <summary>The fenced blocks of a page in their order.</summary>
    /// <param name="page">Its path below the root of the repository.</param>
    public static IReadOnlyList<MarkdownCode> Of(string page)
    {
        var blocks = new List<MarkdownCode>();
        var heading = "";
        string? language = null;
        var lines = new List<string>();
        foreach (var line in File.ReadLines(Path.Combine(Root, page)))
        {
            if (language is not null && line == Fence)
            {
                blocks.Add(new MarkdownCode(heading, language, string.Join('\n', lines)));
                lines.Clear();
                language = null;
            }
            else if (language is not null)
            {
                lines.Add(line);
            }
            else if (line.StartsWith(Fence, StringComparison.Ordinal))
            {
                language = line[Fence.Length..];
            }
            else if (line.StartsWith('#'))
            {
                heading = line.TrimStart('#').Trim();
            }
        }

        return language is null ? blocks : throw new FormatException($"The last block of {page} has no end.");
    }

    /// <summary>The error ids that the table under a heading explains, in its order.</summary>
    /// <param name="page">Its path below the root of the repository.</param>
    /// <param name="heading">The heading.</param>
    public static IReadOnlyList<string> ErrorIds(string page, string heading) =>
    [
        .. File.ReadLines(Path.Combine(Root, page))
            .SkipWhile(line => line.TrimStart('#').Trim() != heading)
            .Skip(1)
            .TakeWhile(line => !line.StartsWith('#'))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('`')[1]),
    ];
}
