using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;
using RunCloud.PowerShell.Tests.Readme;
using Xunit;

namespace RunCloud.PowerShell.Tests.Layout;

/// <summary>The faults in <c>tools/Mutants</c> still fit today's source, and the tests that they name are there. That these notice is for <c>Test-Mutants.ps1</c> to show.</summary>
public sealed partial class MutantTests
{
    private static string[] Patches { get; } = Directory.GetFiles(Path.Combine(MarkdownCode.Root, "tools", "Mutants"), "*.patch");

    [Fact]
    public void Each_says_what_it_breaks_and_names_tests_that_are_there()
    {
        Assert.NotEmpty(Patches);
        Assert.Empty(Patches.SelectMany(path => Problems(File.ReadAllText(path)).Select(problem => $"{Path.GetFileName(path)}: {problem}")));
    }

    [Fact]
    public void Each_is_in_the_table_of_the_page()
    {
        var page = File.ReadAllLines(Path.Combine(MarkdownCode.Root, "docs", "trust.md"));
        Assert.Empty(Patches.Where(path => !page.Any(line => line.StartsWith($"| {Path.GetFileNameWithoutExtension(path)} | {File.ReadLines(path).First()} | ", StringComparison.Ordinal))).Select(Path.GetFileName));
    }

    [Fact]
    public void A_wrong_head_is_reported() => Assert.Equal(
        ["it has no head", "no project RunCloud.Nowhere.Tests", "no class Nowhere", "no test VerifyTests.Nobody"],
        ((string[])
        [
            "diff --git a/x b/x\n",
            "x\n\nProject: RunCloud.Nowhere.Tests\nFilter: FullyQualifiedName~VerifyTests\n\ndiff",
            "x\n\nProject: RunCloud.PowerShell.Tests\nFilter: FullyQualifiedName~VerifyTests|FullyQualifiedName~Nowhere\n\ndiff",
            "x\n\nProject: RunCloud.PowerShell.Tests\nFilter: FullyQualifiedName~VerifyTests.Nobody\n\ndiff",
        ]).SelectMany(Problems));

    [Fact]
    public async Task Each_fits_the_source()
    {
        Assert.SkipUnless(Path.Exists(Path.Combine(MarkdownCode.Root, ".git")), "This is not a clone, and git looks for one.");
        var misfits = new List<string>();
        foreach (var path in Patches)
        {
            if (await ApplyAsync(path) is { } problem)
            {
                misfits.Add(problem);
            }
        }

        Assert.Empty(misfits);
    }

    private static IEnumerable<string> Problems(string patch)
    {
        if (HeadPattern().Match(patch) is not { Success: true } head)
        {
            yield return "it has no head";
            yield break;
        }

        var folder = Path.Combine(MarkdownCode.Root, "tests", head.Groups["project"].Value);
        if (!Directory.Exists(folder))
        {
            yield return $"no project {head.Groups["project"].Value}";
            yield break;
        }

        foreach (var test in head.Groups["filter"].Value.Split('|').Select(part => part.Split('~')[1]))
        {
            var (name, method) = test.Split('.') is [var one, var two] ? (one, two) : (test, null);
            var files = SourceTree.Files(folder).Where(file => Path.GetFileName(file).Split('.')[0] == name).Select(File.ReadAllText).ToList();
            if (files.Count == 0)
            {
                yield return $"no class {name}";
            }
            else if (method is not null && !files.Exists(text => text.Contains($" {method}", StringComparison.Ordinal)))
            {
                yield return $"no test {test}";
            }
        }
    }

    /// <summary>Why a patch does not fit; <see langword="null"/> if it does.</summary>
    private static async Task<string?> ApplyAsync(string patch)
    {
        var start = new ProcessStartInfo("git", ["apply", "--check", patch]) { WorkingDirectory = MarkdownCode.Root, RedirectStandardError = true, UseShellExecute = false };
        try
        {
            using var process = Process.Start(start)!;
            var said = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return process.ExitCode == 0 ? null : $"{Path.GetFileName(patch)}: {said}";
        }
        catch (Win32Exception)
        {
            Assert.Skip("There is no git here.");
            throw;
        }
    }

    [GeneratedRegex(@"\A(?!diff ).+\n\nProject: (?<project>[\w.]+)\nFilter: (?<filter>FullyQualifiedName~[\w.]+(\|FullyQualifiedName~[\w.]+)*)\n\ndiff", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex HeadPattern();
}
