using System.Text.Json;
using System.Text.Json.Nodes;
using NJsonSchema;
using RunCloud.PowerShell.Tests.Readme;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>The JSON reports follow their published schemas, in good runs and in bad ones. The schemas allow no unknown property.</summary>
public sealed class ReportSchemaTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Test-RunCloudSshAccess -Reason 'a look'", "access")]
    [InlineData("Test-RunCloudSshAccess -Server web-01 -AllowedKey $key -BlockedKey $other", "access")]
    [InlineData("Test-RunCloudSshAccess -Baseline $baseline", "access")]
    [InlineData("Revoke-RunCloudSshKey -Key $key -Confirm:$false -Reason 'has left'", "revocation")]
    [InlineData("Revoke-RunCloudSshKey -Key $key -Confirm:$false -User root -ExcludeServer web-02 -SkipInspection", "revocation")]
    [InlineData("@() | Revoke-RunCloudSshKey -Key $key -Confirm:$false", "revocation")]
    [InlineData("Update-RunCloudSshKey -Key $key -NewPublicKey $new -Confirm:$false", "revocation")]
    public async Task A_report_follows_its_schema(string command, string schema)
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync(folder);
        foreach (var isBroken in (bool[])[false, true])
        {
            if (isBroken)
            {
                _ = world.Faults.Add(Fault.Status(500), path: "/servers/103/ssh/credentials");
            }

            var report = Path.Combine(folder.Path, "report.json");
            _ = await world.RunAsync($"{command} -ReportPath '{report}'");
            Assert.Empty(await ProblemsAsync(schema, await File.ReadAllTextAsync(report, Cancellation)));
        }
    }

    [Fact]
    public async Task The_report_before_the_first_change_follows_the_schema_too()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync(folder);
        var report = Path.Combine(folder.Path, "report.json");
        string? seen = null;
        _ = world.Faults.Add(Fault.Answering("looks", answer =>
        {
            seen ??= File.ReadAllText(report);
            return answer;
        }), method: "DELETE");
        _ = await world.RunAsync($"Revoke-RunCloudSshKey -Key $key -Confirm:$false -ReportPath '{report}'");
        Assert.NotNull(seen);
        Assert.Empty(await ProblemsAsync("revocation", seen));
        Assert.Equal(JsonValueKind.Null, JsonDocument.Parse(seen).RootElement.GetProperty("run").GetProperty("endedAt").ValueKind);
    }

    [Theory]
    [InlineData("access", "run")]
    [InlineData("revocation", "scope")]
    public async Task A_schema_finds_what_is_missing_and_what_is_unknown(string schema, string block)
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync(folder);
        var report = Path.Combine(folder.Path, "report.json");
        var command = schema == "access" ? "Test-RunCloudSshAccess" : "Revoke-RunCloudSshKey -Key $key -Confirm:$false";
        _ = await world.RunAsync($"{command} -ReportPath '{report}'");
        var document = JsonNode.Parse(await File.ReadAllTextAsync(report, Cancellation))!;
        document[block]!["unheardOf"] = 1;
        Assert.NotEmpty(await ProblemsAsync(schema, document.ToJsonString()));
        _ = document[block]!.AsObject().Remove("unheardOf");
        Assert.Empty(await ProblemsAsync(schema, document.ToJsonString()));
        _ = document.AsObject().Remove(block);
        Assert.NotEmpty(await ProblemsAsync(schema, document.ToJsonString()));
    }

    private static async Task<IReadOnlyList<string>> ProblemsAsync(string name, string report)
    {
        var schema = await JsonSchema.FromJsonAsync(await File.ReadAllTextAsync(Path.Combine(MarkdownCode.Root, "docs", name + "-report.schema.json"), Cancellation), Cancellation);
        return [.. schema.Validate(report).Select(problem => problem.ToString())];
    }

    private static async Task<World> StartAsync(TemporaryFolder folder)
    {
        var world = await World.StartAsync(fleet =>
        {
            foreach (var id in (long[])[101, 102, 103])
            {
                _ = fleet.AddServer($"web-{id - 100:00}", id: id);
            }

            _ = fleet.AddCredential(101, "root", "dave", World.Key(1));
            _ = fleet.AddCredential(102, "runcloud", "dave", World.Key(1));
            _ = fleet.AddCredential(102, "runcloud", "erin", World.Key(2, "erin@desk"));
            _ = fleet.AddCredential(103, "runcloud", "odd", TestKeys.Unparsable(1));
        });
        world.Shell.SetVariable("key", World.Key(1));
        world.Shell.SetVariable("other", World.Key(2));
        world.Shell.SetVariable("new", World.Key(3, "dave@new"));
        world.Shell.SetVariable("baseline", Path.Combine(folder.Path, "baseline.json"));
        _ = await world.MustAsync("Test-RunCloudSshAccess -ReportPath $baseline");
        return world;
    }
}
