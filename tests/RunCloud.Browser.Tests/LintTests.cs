using System.Diagnostics;
using RunCloud.Api;
using Xunit;

namespace RunCloud.Browser.Tests;

/// <summary>The scripts and styles of the pages, before the linter and formatter that <c>npm ci --prefix tools/PageLint</c> brings.</summary>
public sealed class LintTests
{
    private static readonly string Root = FindRoot();
    private static readonly string Tools = Path.Combine(Root, "tools", "PageLint");
    private static readonly string Linter = Path.Combine(Tools, "node_modules", "@biomejs", "biome", "bin", "biome");

    [Fact]
    public async Task Scripts_and_styles_are_linted_and_formatted() =>
        Assert.Equal(string.Empty, await ComplaintsAsync("check", "biome.json", Path.Combine(Root, "src", "RunCloud.Api", "Access", "Page")));

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_whole_script_names_nothing_that_is_not_there(bool access, bool revocation)
    {
        var folder = Directory.CreateTempSubdirectory("runcloud-lint-");
        try
        {
            var script = ReportPage.Script((access ? ReportPage.Access : []).Concat(revocation ? ReportPage.Revocation : []));
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "page.js"), script, TestContext.Current.CancellationToken);

            // What both pages share may be used by one of them alone; so what is unused shows in both together.
            Assert.Equal(string.Empty, await ComplaintsAsync("lint", "whole.json", [folder.FullName, .. access && revocation ? [] : new[] { "--skip=correctness/noUnusedVariables" }]));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>What the linter says where it does not find all well.</summary>
    private static async Task<string> ComplaintsAsync(string command, string configuration, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists(Linter), "The linter of the pages is not there: node and 'npm ci --prefix tools/PageLint' bring it.");
        using var process = Process.Start(new ProcessStartInfo("node", [Linter, command, "--config-path=" + Path.Combine(Tools, configuration), "--error-on-warnings", "--colors=off", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Tools,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0 ? string.Empty : await output + errors;
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "RunCloud.PowerShell.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not lie in the repository.");
        }

        return folder;
    }
}
