using System.Xml.Linq;
using RunCloud.PowerShell.Tests.Readme;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.Platform.Tests.Scripts;

/// <summary>Windows PowerShell 5.1 could read every script, every block to type and every view that we ship or print.</summary>
public sealed class NewerSyntaxTests
{
    /// <summary>Where a feature that 5.1 lacks is allowed, and why.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        // The page says that the example is for PowerShell 7.
        [Path.Combine("docs", "cmdlets", "Get-RunCloudContext.md")] = ["ForEach-Object -Parallel"],
    };

    public static TheoryData<string> Samples =>
    [
        "1 -eq 1 ? 2 : 3", "$a ?? 1", "$a ??= 1", "${a}?.b", "${a}?[0]", "a && b", "a || b", "Get-Date &", "function f { clean { } }", "1..3 | ForEach-Object -Parallel { $_ }",
        "1..3 | ForEach-Object { } -Thr 3", "\"`e[0m\"", "\"$(\"`u{1F600}\")\"", "1u", "1uy", "5n", "0b11", "$IsWindows", "\"$PSStyle\"", "Get-Error", "'{}' | ConvertFrom-Json -AsHashtable", "Set-Content a -Encoding utf8NoBOM",
        "Join-Path a b c", "if (", "& { Test-Json '{}' }", "$PSVersionTable.PSEdition -eq 'Core' -or $IsLinux",
    ];

    public static TheoryData<string> Harmless =>
    [
        "Get-Date # a && b ?? c", "'a && b', '`e'", "1L, 2kb, 0x1F, 1d, 1.5", "$a.Where{ $_ -eq 1 }", "1..3 | ForEach-Object { $_ } | Where-Object { $_ -gt 1 }",
        "& $command; . $file", "Set-Content a -Encoding utf8", "ConvertTo-Json -Depth 5", "\"``e\"", "Get-RunCloudSshCredential -ThrottleLimit 3", "Join-Path a b",
        "$PSVersionTable.PSEdition -eq 'Core' -and -not $IsWindows",
    ];

    public static TheoryData<string> Pages =>
        [.. Directory.GetFiles(MarkdownCode.Root, "*.md").Concat(Directory.GetFiles(Path.Combine(MarkdownCode.Root, "docs"), "*.md", SearchOption.AllDirectories)).Select(Relative).Where(page => Blocks(page).Any())];

    public static TheoryData<string> Files =>
    [
        .. Directory.GetFiles(Path.Combine(MarkdownCode.Root, "examples"), "*.ps1").Select(Relative), "build.ps1", "tests/Smoke/smoke.ps1",
    ];

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_feature_that_5_1_lacks_is_found(string script) => Assert.NotEmpty(NewerSyntax.Find(script));

    [Theory]
    [MemberData(nameof(Harmless))]
    public void A_feature_of_5_1_is_not_reported_as_missing(string script) => Assert.Empty(NewerSyntax.Find(script));

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_block_of_a_page_can_be_typed_there(string page) =>
        Assert.Equal(Allowed.GetValueOrDefault(page, []), Blocks(page).SelectMany(block => NewerSyntax.Find(block.Text)));

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_script_can_be_run_there(string file) =>
        Assert.Equal(Allowed.GetValueOrDefault(file, []), NewerSyntax.Find(File.ReadAllText(Path.Combine(MarkdownCode.Root, file))));

    [Fact]
    public void Every_view_can_be_shown_there()
    {
        string[] blocks = [.. XDocument.Load(Path.ChangeExtension(StagedModule.Manifest, ".format.ps1xml")).Descendants("ScriptBlock").Select(block => block.Value)];
        Assert.NotEmpty(blocks);
        Assert.All(blocks, block =>
        {
            // The colours are looked at behind a look at the version only.
            var guard = block.IndexOf("$PSVersionTable.PSVersion.Major -gt 5) {", StringComparison.Ordinal);
            Assert.All(NewerSyntax.Find(block), newer => Assert.Equal("$PSStyle", newer));
            Assert.True(guard > 0 && block.IndexOf("$PSStyle", StringComparison.Ordinal) > guard, block);
        });
    }

    [Fact]
    public void There_are_pages_to_look_at()
    {
        Assert.Contains("README.md", Pages.Select(row => row.Data));
        Assert.Contains(Path.Combine("docs", "cmdlets", "Revoke-RunCloudSshKey.md"), Pages.Select(row => row.Data));
    }

    // A syntax line is not a command: it has brackets around optional parts.
    private static IEnumerable<MarkdownCode> Blocks(string page) => MarkdownCode.Of(page).Where(block => block.IsPowerShell && block.Heading != "SYNTAX");

    private static string Relative(string path) => Path.GetRelativePath(MarkdownCode.Root, path);
}
