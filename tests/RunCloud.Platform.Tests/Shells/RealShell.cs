using System.Diagnostics;
using RunCloud.PowerShell.Tests.Readme;
using Xunit;

namespace RunCloud.Platform.Tests.Shells;

/// <summary>
/// The real pwsh that the tool manifest in <c>.config</c> names. <c>dotnet tool restore</c> brings it from NuGet, which <c>.ci/run</c> does;
/// no test does, for tests reach no network.
/// </summary>
internal static class RealShell
{
    /// <summary>Runs a script file, in the root of the repository, without a profile and without questions.</summary>
    /// <param name="file">The script's path.</param>
    /// <param name="environment">Environment variables; a <see langword="null"/> value takes one away.</param>
    /// <param name="arguments">The script's arguments.</param>
    /// <returns>Its exit code, and what it wrote to both streams.</returns>
    public static async Task<(int ExitCode, string Text)> RunAsync(string file, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["tool", "run", "pwsh", "--", "-NoProfile", "-NonInteractive", "-File", file, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = MarkdownCode.Root,
            Environment = { ["NO_COLOR"] = "1", ["POWERSHELL_TELEMETRY_OPTOUT"] = "1", ["POWERSHELL_UPDATECHECK"] = "Off" },
        };
        foreach ((var name, var value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var texts = await Task.WhenAll(
            process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var text = texts[0] + texts[1];
        Assert.SkipWhen(
            process.ExitCode != 0 && text.Contains("dotnet tool restore", StringComparison.Ordinal), "The real pwsh is not here: run 'dotnet tool restore'.");
        return (process.ExitCode, text);
    }

    /// <summary>Runs a script text, see <see cref="RunAsync"/>; the script ends with code 0, or the test fails with its text.</summary>
    /// <param name="script">The script.</param>
    /// <param name="folder">Where its file goes.</param>
    /// <param name="environment">Environment variables.</param>
    public static async Task<string> MustAsync(string script, string folder, IReadOnlyDictionary<string, string?> environment)
    {
        var file = Path.Combine(folder, "test.ps1");
        await File.WriteAllTextAsync(file, "Set-StrictMode -Version 2.0\n$ErrorActionPreference = 'Stop'\n" + script, TestContext.Current.CancellationToken);
        (var exitCode, var text) = await RunAsync(file, environment);
        Assert.True(exitCode == 0, text);
        return text.ReplaceLineEndings("\n");
    }
}
