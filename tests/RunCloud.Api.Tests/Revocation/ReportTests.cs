using System.Text;
using System.Text.Json.Nodes;
using RunCloud.Simulator;
using Xunit;
using static RunCloud.Api.Tests.Revocation.RevocationWorld;

namespace RunCloud.Api.Tests.Revocation;

/// <summary>The report of the whole job, as JSON and as a table.</summary>
public sealed class ReportTests
{
    private static readonly RunRecord Running = new() { Command = "Update-RunCloudSshKey" };

    private static readonly RunRecord Ended = new() { Command = "Update-RunCloudSshKey", EndedAt = Fleet.Epoch };

    [Fact]
    public async Task A_report_counts_the_outcomes_and_is_complete_only_at_the_end()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddServer("app-01", id: 104);
        _ = world.Faults.Add(Fault.Status(403, "This action is unauthorized."), method: "DELETE", path: "/servers/102/ssh/credentials/19");
        using var job = world.Job(Removal);
        _ = await RunAsync(job);
        var report = Json(RevocationReport.Create(job, Ended, new RevocationScope(), ["A warning."]));
        Assert.Equal(("revocation", true, (JsonNode?)null), ((string)report["kind"]!, (bool)report["complete"]!, report["replacement"]));
        Assert.Equal((1, 1, 2, 0, 0), Counts(report["summary"]!));
        Assert.Equal(["A warning."], report["warnings"]!.AsArray().Select(text => (string)text!));
        var early = Json(RevocationReport.Create(job, Running, new RevocationScope(), []));
        Assert.False((bool)early["complete"]!);
        Assert.False((bool)early["scope"]!["complete"]!);
    }

    [Fact]
    public async Task A_report_that_is_written_before_the_end_confirms_nothing()
    {
        await using var world = await StartAsync();
        using var job = world.Job(Removal);
        _ = await job.ReadAsync(Http.TestClient.Stop).ToListAsync(Http.TestClient.Stop);
        job.Begin();
        Assert.Equal((0, 0, 1, 2, 0), Counts(Json(RevocationReport.Create(job, Running, new RevocationScope(), []))["summary"]!));
        Assert.Equal((0, 2, 1, 0, 0), Counts(Json(RevocationReport.Create(job, Ended, new RevocationScope(), []))["summary"]!));
    }

    [Fact]
    public async Task A_rotation_names_the_new_key_and_lists_that_could_not_be_read_are_warnings()
    {
        await using var world = await StartAsync(new SimulatorOptions { MaxPageSize = 2 });
        _ = world.Faults.Add(Fault.Status(403, "This action is unauthorized."), path: "/servers", from: 2);
        using var job = world.Job(Replacement);
        _ = await RunAsync(job);
        var report = Json(RevocationReport.Create(job, Ended, new RevocationScope(), []));
        Assert.Equal(("rotation", false), ((string)report["kind"]!, (bool)report["complete"]!));
        Assert.Null(report["scope"]!["serversInWorkspace"]);
        var page = Encoding.UTF8.GetString(RevocationPage.ToBytes(RevocationReport.Create(job, Ended with { Context = "prod" }, new RevocationScope(), [])));
        Assert.Contains("<title>SSH key rotation, workspace prod</title>", page, StringComparison.Ordinal);
        Assert.Equal(SshPublicKey.Parse(New).Fingerprint, (string)report["replacement"]!["fingerprint"]!);
        Assert.Equal(
            ["The list of servers was not read completely", "The servers could not be listed again after the changes"],
            report["warnings"]!.AsArray().Select(text => ((string)text!).Split(',')[0]));
    }

    [Fact]
    public async Task Fingerprints_are_as_ssh_keygen_prints_them()
    {
        var fingerprint = Enumerable.Range(1, 100).Select(number => SshPublicKey.Parse(Key(number)).Fingerprint).First(text => text.Contains('+', StringComparison.Ordinal));
        await using var world = await StartAsync();
        using var job = world.Job(new KeyChange { Keys = [SshKeySelector.Parse(fingerprint)] });
        _ = await RunAsync(job);
        Assert.Contains(fingerprint, Encoding.UTF8.GetString(RevocationReport.Create(job, Ended, new RevocationScope(), []).ToBytes()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_table_has_a_row_for_each_removal_and_addition_and_for_each_server_that_has_more_to_say()
    {
        await using var world = await StartAsync();
        using var job = world.Job(new KeyChange { Keys = Removal.Keys, Replacement = Replacement.Replacement, Excludes = name => name == "web-02" });
        _ = await RunAsync(job);
        var rows = Encoding.UTF8.GetString(RevocationTable.ToBytes(RevocationReport.Create(job, Ended, new RevocationScope(), [])))
            .Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(row => row.Split(',').Select(cell => cell.Trim('"')).ToArray()).ToList();
        Assert.Equal(
            ["web-01 Removed Removed dave", "web-01 Removed Added dave-laptop", "web-01 Removed  ", "db-01 Clean  ", "web-02 Excluded  "],
            rows.Select(row => $"{row[0]} {row[3]} {row[9]} {row[6]}"));
        Assert.Equal([true, true, true, false, false], rows.Select(row => row[13].Length > 0));
        Assert.All(rows, row => Assert.Equal(14, row.Length));
    }

    private static JsonNode Json(RevocationReport report) => JsonNode.Parse(report.ToBytes())!;

    private static (int Removed, int Failed, int Clean, int Unconfirmed, int Kept) Counts(JsonNode summary) =>
        ((int)summary["removed"]!, (int)summary["failed"]!, (int)summary["clean"]!, (int)summary["unconfirmed"]!, (int)summary["kept"]!);
}
