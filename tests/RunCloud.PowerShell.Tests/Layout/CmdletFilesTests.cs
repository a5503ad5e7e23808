using RunCloud.PowerShell.Tests.Readme;
using Xunit;

namespace RunCloud.PowerShell.Tests.Layout;

/// <summary>Names the files that a new cmdlet still needs. The list for people is in CONTRIBUTING.md.</summary>
public sealed class CmdletFilesTests
{
    /// <summary>The files that name each cmdlet, beside its class and its page.</summary>
    private static readonly string[] Naming = ["module/RunCloud.PowerShell.psd1", "docs/about_RunCloud.md", "CHANGELOG.md"];

    [Fact]
    public void No_file_of_a_cmdlet_was_forgotten() => Assert.Empty(Missing(SourceTree.Whole.ErrorIdsOfCmdlets().Keys));

    [Fact]
    public void What_a_new_cmdlet_needs_is_named() => Assert.Equal(
        [
            "Get-Planted: docs/cmdlets/Get-Planted.md is missing",
            "Get-Planted: module/RunCloud.PowerShell.psd1 does not name it",
            "Get-Planted: docs/about_RunCloud.md does not name it",
            "Get-Planted: CHANGELOG.md does not name it",
            "Get-Planted: no file of tests/RunCloud.PowerShell.Tests/Cmdlets names it",
        ],
        Missing(["Get-" + "Planted"]));

    private static IEnumerable<string> Missing(IEnumerable<string> cmdlets)
    {
        var tests = SourceTree.Files("tests/RunCloud.PowerShell.Tests/Cmdlets").Select(File.ReadAllText).ToList();
        foreach (var cmdlet in cmdlets)
        {
            if (!File.Exists(Path.Combine(MarkdownCode.Root, "docs", "cmdlets", cmdlet + ".md")))
            {
                yield return $"{cmdlet}: docs/cmdlets/{cmdlet}.md is missing";
            }

            foreach (var file in Naming.Where(file => !Names(File.ReadAllText(Path.Combine(MarkdownCode.Root, file)), cmdlet)))
            {
                yield return $"{cmdlet}: {file} does not name it";
            }

            if (!tests.Exists(text => Names(text, cmdlet)))
            {
                yield return $"{cmdlet}: no file of tests/RunCloud.PowerShell.Tests/Cmdlets names it";
            }
        }
    }

    private static bool Names(string text, string cmdlet) => text.Contains(cmdlet, StringComparison.Ordinal);
}
