using System.Management.Automation;
using System.Text.Json;
using RunCloud.Api;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <content>The report and the paths that are given.</content>
public sealed partial class RevokeTests
{
    [Fact]
    public async Task The_report_exists_before_the_first_removal_and_says_that_it_is_not_final()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        JsonElement? seen = null;
        var report = Path.Combine(folder.Path, "report.json");
        _ = world.Faults.Add(Fault.Answering("looks", answer =>
        {
            seen ??= JsonDocument.Parse(File.ReadAllBytes(report)).RootElement;
            return answer;
        }), method: "DELETE");
        _ = await world.MustAsync(Job + $" -ReportPath '{report}'");
        Assert.False(seen!.Value.GetProperty("complete").GetBoolean());
        Assert.Equal(JsonValueKind.Null, seen.Value.GetProperty("endedAt").ValueKind);
        Assert.Equal(["Unconfirmed", "Unconfirmed", "Clean"], seen.Value.GetProperty("servers").EnumerateArray().Select(server => server.GetProperty("status").GetString()));
        Assert.True((await ReadAsync(folder)).GetProperty("complete").GetBoolean());
    }

    [Fact]
    public async Task An_early_end_at_the_last_server_still_leaves_the_whole_report()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var result = await world.RunAsync($"Get-RunCloudServer -Id 102 | {Job} -ReportPath '{folder.Path}/report.json' | Select-Object -First 1");
        _ = Assert.Single(result.Output);
        var report = await ReadAsync(folder);
        Assert.True(report.GetProperty("complete").GetBoolean());
        Assert.Equal("Removed", report.GetProperty("servers")[0].GetProperty("status").GetString());
    }

    [Fact]
    public async Task The_report_has_every_result_and_replaces_the_earlier_one()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "report.json"), """{"command":"Revoke-RunCloudSshKey","startedAt":"2025-01-01T00:00:00Z"}""", TestContext.Current.CancellationToken);
        _ = await world.MustAsync(Job + $" -ReportPath '{folder.Path}/report.json'");
        var report = await ReadAsync(folder);
        Assert.Equal("Revoke-RunCloudSshKey", report.GetProperty("command").GetString());
        Assert.Equal(Fingerprint, report.GetProperty("keys")[0].GetString());
        Assert.True(report.GetProperty("complete").GetBoolean());
        var first = report.GetProperty("servers")[0];
        Assert.Equal(("web-01", "Removed"), (first.GetProperty("serverName").GetString(), first.GetProperty("status").GetString()));
        Assert.Equal((17, "Removed", "root"), (
            first.GetProperty("removals")[0].GetProperty("id").GetInt64(),
            first.GetProperty("removals")[0].GetProperty("status").GetString(),
            first.GetProperty("removals")[0].GetProperty("user").GetString()));
        if (World.HasUnixFiles)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder.Path, "report.json")));
        }

        Assert.Equal(["report.json"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_report_that_cannot_be_written_is_an_error_at_the_end()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Answering("takes the folder", answer =>
        {
            Directory.Delete(Path.Combine(folder.Path, "reports"), recursive: true);
            return answer;
        }), method: "DELETE", times: 1);
        _ = Directory.CreateDirectory(Path.Combine(folder.Path, "reports"));
        var result = await world.RunAsync(Job + $" -ReportPath '{folder.Path}/reports/report.json'");
        _ = Assert.Single(result.Errors).MustBe("ReportNotSaved", ErrorCategory.WriteError);
        Assert.Equal(3, result.Output.Count);
    }

    [Theory]
    [InlineData("-UndoPath", "no/such/folder/undo.xml", "InvalidPath")]
    [InlineData("-ReportPath", "no/such/folder/report.json", "InvalidPath")]
    [InlineData("-ReportPath", "", "InvalidPath")]
    [InlineData("-UndoPath", "there.xml", "UndoPathExists")]
    public async Task A_path_that_cannot_be_used_is_refused_before_any_request(string parameter, string name, string id)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "there.xml"), "kept", TestContext.Current.CancellationToken);
        await using var world = await StartAsync();
        foreach (var rehearsal in (string[])["", " -WhatIf"])
        {
            var error = await world.ThrowsAsync($"{Job} {parameter} '{folder.Path}/{name}'{rehearsal}");
            _ = error.MustBe(id, id == "InvalidPath" ? ErrorCategory.InvalidArgument : ErrorCategory.ResourceExists);
        }

        Assert.Equal(0, world.Requests.Count);
        Assert.Equal("kept", await File.ReadAllTextAsync(Path.Combine(folder.Path, "there.xml"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task One_file_for_both_is_refused()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        _ = (await world.ThrowsAsync($"{Job} -UndoPath '{folder.Path}/both' -ReportPath '{folder.Path}/./both'")).MustBe("InvalidPath", ErrorCategory.InvalidArgument);
        Assert.Equal(0, world.Requests.Count);
    }

    [Fact]
    public async Task A_path_that_is_not_of_the_file_system_is_refused()
    {
        await using var world = await StartAsync();
        _ = (await world.ThrowsAsync(Job + " -UndoPath variable:undo")).MustBe("InvalidPath", ErrorCategory.InvalidArgument);
        Assert.Equal(0, world.Requests.Count);
    }
}
