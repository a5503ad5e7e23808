using System.Globalization;
using System.Text.Json;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Examples;

/// <summary>
/// <c>Revoke-LeakedKey.ps1 -AcknowledgedPath</c>: acknowledged servers, and no others, do not prevent the exit code 0. The
/// module is a stand-in that gives the rows of a script.
/// </summary>
public sealed class AcknowledgedTests
{
    private const string Print = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    private const string Offline = "[pscustomobject]@{ ServerId = 101; ServerName = 'web-01'; Status = 'Unconfirmed'; Reason = 'OfflineNotListed'; Message = 'offline'; Removals = @() }";
    private const string Clean = "[pscustomobject]@{ ServerId = 102; ServerName = 'web-02'; Status = 'Clean'; Reason = $null; Message = $null; Removals = @() }";

    [Fact]
    public async Task The_printed_line_makes_the_exit_code_0_and_is_in_the_report()
    {
        await using var night = await NightAsync(Offline, Clean);
        var first = await night.RunAsync("Revoke-LeakedKey", Arguments(night));
        Assert.Equal(2, first.ExitCode);
        var line = Assert.Single(first.Output.Split('\n'), text => text.StartsWith('{')).Replace("\"by\":\"\"", "\"by\":\"ops\"", StringComparison.Ordinal).Replace("\"note\":\"\"", "\"note\":\"in repair \\u00e9\"", StringComparison.Ordinal);
        Clear(night);
        var second = await WithAsync(night, line);
        Assert.True(second.ExitCode == 0, second.Output + second.Errors);
        Assert.Contains("web-01: Unconfirmed", second.Output, StringComparison.Ordinal);
        Assert.Contains("acknowledged (OfflineNotListed) by ops until ", second.Output, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(night.Only("*.report.json"), TestContext.Current.CancellationToken));
        var entry = Assert.Single(report.RootElement.GetProperty("acknowledged").EnumerateArray());
        Assert.Equal((101, Print, "in repair \u00e9"), (entry.GetProperty("serverId").GetInt32(), entry.GetProperty("fingerprint").GetString(), entry.GetProperty("note").GetString()));
        Clear(night);
        Assert.Equal(0, (await WithAsync(night, "[" + line + "]")).ExitCode);
    }

    [Theory]
    [InlineData("Reason = 'OfflineNotListed'", "Reason = 'AnswerLost'", 0)]
    [InlineData("Reason = 'OfflineNotListed'", "Reason = 'StateUnknown'", 0)]
    [InlineData("Status = 'Unconfirmed'", "Status = 'Failed'", 0)]
    [InlineData("Reason = 'OfflineNotListed'", "Reason = 'Offline'", 0)]
    [InlineData("ServerId = 101", "ServerId = 103", 0)]
    [InlineData("", "", -1)]
    [InlineData("", "", 91)]
    public async Task Nothing_else_is_covered(string now, string then, int days)
    {
        await using var night = await NightAsync(now.Length == 0 ? Offline : Offline.Replace(now, then, StringComparison.Ordinal), Clean);
        Assert.Equal(2, (await WithAsync(night, Entry(days == 0 ? 30 : days))).ExitCode);
    }

    [Theory]
    [InlineData("\"by\":\"ops\"", "\"by\":\" \"")]
    [InlineData("\"note\":\"x\"", "\"note\":\"\"")]
    [InlineData("\"serverId\":101", "\"serverId\":\"all\"")]
    [InlineData("OfflineNotListed", "AnswerLost")]
    public async Task An_entry_that_is_not_whole_is_a_problem(string now, string then)
    {
        await using var night = await NightAsync(Clean);
        Assert.Equal(0, (await WithAsync(night, Entry(30))).ExitCode);
        Clear(night);
        var result = await WithAsync(night, Entry(30).Replace(now, then, StringComparison.Ordinal));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Entry 1 of ", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_others_may_write_is_refused_and_nothing_begins()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("It has other permissions.");
            return;
        }

        await using var night = await NightAsync(Offline);
        var path = night.PathOf("acknowledged.json");
        await File.WriteAllTextAsync(path, Entry(30), TestContext.Current.CancellationToken);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite);
        var result = await night.RunAsync("Revoke-LeakedKey", [.. Arguments(night), "-AcknowledgedPath", path]);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("may be written by others", result.Errors, StringComparison.Ordinal);
    }

    private static string[] Arguments(Night night) => ["-Key", Print, "-Folder", night.Folder];

    private static string Entry(int days) =>
        $$"""{"serverId":101,"fingerprint":"{{Print}}","reason":"OfflineNotListed","by":"ops","note":"x","until":"{{DateTime.UtcNow.AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}}"}""";

    private static async Task<ScriptResult> WithAsync(Night night, string text)
    {
        var path = night.PathOf("acknowledged.json");
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return await night.RunAsync("Revoke-LeakedKey", [.. Arguments(night), "-AcknowledgedPath", path]);
    }

    private static void Clear(Night night)
    {
        foreach (var report in Directory.GetFiles(night.Folder, "*.report.json"))
        {
            File.Delete(report);
        }
    }

    private static async Task<Night> NightAsync(params IEnumerable<string> rows)
    {
        var night = await Night.FallAsync();
        var module = Directory.CreateDirectory(Path.Combine(night.Folder, "modules", "RunCloud.PowerShell")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(module, "RunCloud.PowerShell.psm1"),
            $$"""
            function Revoke-RunCloudSshKey {
                [CmdletBinding(SupportsShouldProcess = $true)]
                param([string[]] $Key, [string] $UndoPath, [string] $ReportPath, [switch] $SkipLastCredential)
                [IO.File]::WriteAllText($ReportPath, '{"endedAt":"2026-01-01","keys":["{{Print}}"],"servers":[]}')
                {{string.Join("\n    ", rows)}}
            }
            """);
        night.Environment["PSModulePath"] = Path.Combine(night.Folder, "modules");
        return night;
    }
}
