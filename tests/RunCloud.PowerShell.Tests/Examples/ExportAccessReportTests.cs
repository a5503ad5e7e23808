using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Text.RegularExpressions;
using RunCloud.PowerShell.Tests.Readme;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Examples;

/// <summary><c>Export-AccessReport.ps1</c>: reports that are complete or say that they are not, findings and the baseline.</summary>
public sealed class ExportAccessReportTests
{
    private const string Example = "Export-AccessReport";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_key_and_every_server_is_in_it()
    {
        await using var night = await Night.FallAsync(fleet => fleet.AddServer("empty-01", id: 105));
        await File.WriteAllTextAsync(night.PathOf("access.csv"), "last week's", Token);
        var result = await ExportAsync(night, 0);
        Assert.StartsWith($"{night.Before.Credentials.Count()} keys on 5 servers are in '{night.PathOf("access.csv")}'; ", result.Output, StringComparison.Ordinal);

        var rows = await ReadAsync(night, "access.csv");
        Assert.Equal(
            night.Before.Credentials.Select(credential => $"{credential.ServerId} {credential.User} {credential.Label}").Append("105  ").Order(StringComparer.Ordinal),
            rows.Select(row => $"{row["ServerId"]} {row["User"]} {row["Label"]}").Order(StringComparer.Ordinal));
        Assert.All(rows, row => Assert.Equal(row["ServerId"] == "105" ? "no keys" : "", row["Note"]));
        Assert.Equal(["access.*.json", "access.csv", "access.html"], Left(night));
        Assert.Contains("<title>SSH access, workspace ", await File.ReadAllTextAsync(night.PathOf("access.html"), Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_cannot_be_read_leaves_the_old_report_and_an_incomplete_one()
    {
        await using var night = await Night.FallAsync();
        await File.WriteAllTextAsync(night.PathOf("access.csv"), "last week's", Token);
        var fault = night.Simulator.Faults.Add(Fault.Status(403), "GET", "/servers/102/ssh/credentials");
        var result = await ExportAsync(night, 2);
        Assert.Contains("web-02", result.Errors, StringComparison.Ordinal);
        Assert.Contains("Run this again once the reasons are gone.", result.Errors, StringComparison.Ordinal);
        Assert.Empty(result.Output);
        Assert.Equal("last week's", await File.ReadAllTextAsync(night.PathOf("access.csv"), Token));

        var rows = await ReadAsync(night, "access.incomplete.csv");
        var missing = Assert.Single(rows, row => row["ServerId"] == "102");
        Assert.StartsWith("NOT READ: ", missing["Note"], StringComparison.Ordinal);
        Assert.Equal(night.Before.Credentials.Count(credential => credential.ServerId != 102) + 1, rows.Count);

        _ = night.Simulator.Faults.Remove(fault);
        _ = await ExportAsync(night, 0);
        Assert.Equal(["access.csv", "access.html"], Left(night).Where(name => !name.EndsWith("json", StringComparison.Ordinal)));
        Assert.Equal(night.Before.Credentials.Count(), (await ReadAsync(night, "access.csv")).Count);
    }

    [Fact]
    public async Task A_list_of_servers_that_does_not_add_up_is_incomplete()
    {
        await using var night = await Night.FallAsync();
        _ = night.Simulator.Faults.Add(Fault.TotalOff(1), "GET", "/servers");
        _ = await ExportAsync(night, 2);
        Assert.Equal(["access.*.json", "access.incomplete.csv", "access.incomplete.html"], Left(night));
    }

    [Fact]
    public async Task A_report_that_cannot_be_replaced_does_not_count_as_new()
    {
        await using var night = await Night.FallAsync();
        _ = Directory.CreateDirectory(night.PathOf("access.csv"));
        var result = await ExportAsync(night, 3);
        Assert.Contains("Is the disk full, or has another program opened the file?", result.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(night.Folder));
    }

    [Fact]
    public async Task A_report_that_cannot_be_written_leaves_the_old_one()
    {
        // The draft beside it has a longer name than the file system takes.
        await using var night = await Night.FallAsync();
        var name = new string('a', 250) + ".csv";
        await File.WriteAllTextAsync(night.PathOf(name), "last week's", Token);
        var result = await night.EndsWithAsync(3, Example, "-Path", night.PathOf(name));
        Assert.Contains("There is no new report.", result.Errors, StringComparison.Ordinal);
        Assert.Equal("last week's", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(night.Folder)), Token));
    }

    [Fact]
    public async Task Times_are_the_same_in_every_culture()
    {
        var created = new DateTimeOffset(2025, 2, 28, 23, 59, 58, TimeSpan.Zero);
        await using var night = await Night.FallAsync(fleet => fleet.AddCredential(103, "deploy", "old", TestKeys.Line(SshKeyKind.Ed25519, 20), createdAt: created));
        foreach (var culture in (string[])["th_TH.UTF-8", "de_DE.UTF-8"])
        {
            night.Environment["LC_ALL"] = culture;
            var before = DateTime.UtcNow.AddSeconds(-1);
            _ = await ExportAsync(night, 0);
            var rows = await ReadAsync(night, "access.csv");
            Assert.Equal("2025-02-28T23:59:58Z", Assert.Single(rows, row => row["Label"] == "old")["AddedAt"]);
            Assert.All(rows, row => Assert.InRange(DateTime.ParseExact(row["ReadAt"], "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), before, DateTime.UtcNow));
        }
    }

    [Theory]
    [InlineData("=HYPERLINK(1)", "'=HYPERLINK(1)")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@sum", "'@sum")]
    [InlineData("dave@laptop", "dave@laptop")]
    public async Task No_comment_is_a_formula(string comment, string expected)
    {
        await using var night = await Night.FallAsync(fleet => fleet.AddCredential(103, "deploy", "odd", TestKeys.Line(SshKeyKind.Ed25519, 20, comment)));
        _ = await ExportAsync(night, 0);
        Assert.Equal(expected, Assert.Single(await ReadAsync(night, "access.csv"), row => row["Label"] == "odd")["Comment"]);
    }

    [Fact]
    public async Task A_key_that_cannot_be_read_is_marked()
    {
        await using var night = await Night.FallAsync(fleet => fleet.AddCredential(103, "deploy", "odd", TestKeys.Unparsable(1)));
        _ = await ExportAsync(night, 0);
        Assert.Equal("the key cannot be read", Assert.Single(await ReadAsync(night, "access.csv"), row => row["Label"] == "odd")["Note"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("$secret | Export-Clixml $path")]
    [InlineData("[pscredential]::new('any', $secret) | Export-Clixml $path")]
    public async Task The_token_may_come_from_a_file(string write)
    {
        await using var night = await Night.FallAsync();
        await File.WriteAllTextAsync(night.PathOf("token"), night.Simulator.Token + "\n", Token);
        using (var shell = new Shell(new ShellOptions { Module = null }))
        {
            shell.SetVariable("path", night.PathOf("token"));
            shell.SetVariable("secret", new NetworkCredential(string.Empty, night.Simulator.Token).SecurePassword);
            Assert.Empty((await shell.RunAsync(write, Token)).Errors);
        }

        night.Environment["RUNCLOUD_API_TOKEN"] = null;
        _ = await night.EndsWithAsync(0, Example, "-Path", night.PathOf("access.csv"), "-Severity", "Critical", "-TokenPath", night.PathOf("token"));
    }

    [Fact]
    public async Task A_connection_of_the_session_will_do_and_relative_paths_are_those_of_the_session()
    {
        await using var night = await Night.FallAsync();
        using var shell = new Shell(new ShellOptions { Mode = ShellMode.NonInteractive });
        shell.SetVariable("script", Path.Combine(Night.Examples, Example + ".ps1"));
        shell.SetVariable("token", new NetworkCredential(string.Empty, night.Simulator.Token).SecurePassword);
        var result = await shell.RunAsync(
            $"""
            $null = $ExecutionContext.SessionState.Path.SetLocation('{night.Folder}')
            Connect-RunCloud -Token $token -Endpoint {night.Simulator.Endpoint}
            & $script -Path access.csv -Severity Critical
            $LASTEXITCODE
            """,
            Token);
        Assert.Equal(0, result.Output[^1].BaseObject);
        Assert.Equal(night.Before.Credentials.Count(), (await ReadAsync(night, "access.csv")).Count);
    }

    [Theory]
    [InlineData("Critical", 4)]
    [InlineData("High", 4)]
    public async Task A_finding_of_that_severity_is_an_exit_code_and_a_line(string severity, int exitCode)
    {
        await using var night = await Night.FallAsync();
        var result = await night.EndsWithAsync(exitCode, Example, "-Path", night.PathOf("access.csv"), "-Severity", severity, "-BlockedKey", Desk.DavesKey);
        Assert.Contains("Export-AccessReport: Critical Blocked: ", result.Errors, StringComparison.Ordinal);
        Assert.Contains("Revoke-RunCloudSshKey", result.Errors, StringComparison.Ordinal);
        Assert.Equal(["access.*.json", "access.csv", "access.html"], Left(night));
        _ = await ExportAsync(night, 0);
    }

    [Fact]
    public async Task The_baseline_moves_only_where_it_is_accepted()
    {
        await using var night = await Night.FallAsync();
        _ = await ExportAsync(night, 0);
        var accepted = await night.EndsWithAsync(0, Example, "-Path", night.PathOf("access.csv"), "-AcceptBaseline");
        Assert.Contains("The baseline is now '", accepted.Output, StringComparison.Ordinal);
        var baseline = await File.ReadAllTextAsync(night.PathOf("access.baseline.json"), Token);
        _ = night.Simulator.Fleet.AddCredential(103, "root", "eve", TestKeys.Line(SshKeyKind.Ed25519, 30, "eve@home"));

        // It is reported each night until somebody accepts it.
        for (var run = 0; run < 2; run++)
        {
            var result = await night.EndsWithAsync(4, Example, "-Path", night.PathOf("access.csv"));
            Assert.Contains("High NewSinceBaseline: 'eve' of root", result.Errors, StringComparison.Ordinal);
            Assert.Equal(baseline, await File.ReadAllTextAsync(night.PathOf("access.baseline.json"), Token));
        }

        var requests = night.Simulator.Requests.Count;
        _ = await night.EndsWithAsync(0, Example, "-Path", night.PathOf("access.csv"), "-AcceptBaseline");
        Assert.Equal(requests, night.Simulator.Requests.Count);
        Assert.Contains("eve@home", await File.ReadAllTextAsync(night.PathOf("access.baseline.json"), Token), StringComparison.Ordinal);
        Assert.DoesNotContain("NewSinceBaseline", (await night.RunAsync(Example, "-Path", night.PathOf("access.csv"))).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_but_a_complete_report_can_be_accepted()
    {
        await using var night = await Night.FallAsync();
        var none = await night.EndsWithAsync(3, Example, "-Path", night.PathOf("access.csv"), "-AcceptBaseline");
        Assert.Contains("Run this once without -AcceptBaseline.", none.Errors, StringComparison.Ordinal);
        _ = night.Simulator.Faults.Add(Fault.Status(403), "GET", "/servers/102/ssh/credentials");
        _ = await ExportAsync(night, 2);
        var incomplete = await night.EndsWithAsync(3, Example, "-Path", night.PathOf("access.csv"), "-AcceptBaseline");
        Assert.Contains("is not one of a complete run", incomplete.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(night.PathOf("access.baseline.json")));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("{\"kind\":\"access\"}")]
    public async Task An_invalid_baseline_ends_the_command_before_any_request(string content)
    {
        await using var night = await Night.FallAsync();
        await File.WriteAllTextAsync(night.PathOf("access.baseline.json"), content, Token);
        var result = await ExportAsync(night, 3);
        Assert.Contains("access.baseline.json", result.Errors, StringComparison.Ordinal);
        Assert.Empty(night.Simulator.Requests.All);
    }

    private static Task<ScriptResult> ExportAsync(Night night, int exitCode) => night.EndsWithAsync(exitCode, Example, "-Path", night.PathOf("access.csv"), "-Severity", "Critical");

    /// <summary>The files that are there, with a star for a time.</summary>
    private static IEnumerable<string> Left(Night night) =>
        Directory.GetFiles(night.Folder).Select(file => Regex.Replace(Path.GetFileName(file), @"\.\d{8}T\d{6}Z\.", ".*.")).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> ReadAsync(Night night, string name)
    {
        using var shell = new Shell(new ShellOptions { Module = null });
        shell.SetVariable("path", night.PathOf(name));
        var result = await shell.RunAsync("Import-Csv $path", Token);
        return [.. result.Output.Select(row => row.Properties.ToDictionary(property => property.Name, property => (string)property.Value, StringComparer.Ordinal))];
    }
}
