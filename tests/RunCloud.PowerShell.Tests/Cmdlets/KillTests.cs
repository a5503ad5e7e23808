using System.Globalization;
using System.Management.Automation;
using System.Text.Json;
using System.Text.RegularExpressions;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>
/// A process that is killed or interrupted during a request, before or after the API carries it out: the report tells the truth, the undo
/// file is complete or nothing was removed, and a second run ends like an undisturbed one. Requests with an odd number are hit before the
/// change, those with an even number after it: each needs a process. It is a sample of them unless <see cref="Sample.IsEverything"/>.
/// </summary>
public sealed class KillTests
{
    private const int SampledRequests = 3;
    private const string Revoke = "Revoke-RunCloudSshKey -Key $key -Confirm:$false";
    private const string Update = "Update-RunCloudSshKey -Key $key -NewPublicKey $new -Confirm:$false";

    public static TheoryData<string, int, bool> Cases { get; } =
    [
        .. from job in (string[])[Revoke, Update]
           from way in ((int Throttle, bool AfterTheDeed)[])[(1, false), (1, true), (8, true)]
           select (job, way.Throttle, way.AfterTheDeed),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public async Task A_second_run_ends_where_an_undisturbed_one_does(string job, int throttle, bool afterTheDeed)
    {
        string[] end;
        int requests;
        await using (var undisturbed = await StartAsync())
        {
            using var folder = new TemporaryFolder();
            _ = await undisturbed.MustAsync($"{job} -ThrottleLimit {throttle} -UndoPath '{folder.Path}/undo.xml'");
            end = Everything(undisturbed);
            requests = undisturbed.Requests.Count;
        }

        await Parallel.ForEachAsync(
            Sample.OfNightly([.. Enumerable.Range(1, requests).Where(number => number % 2 == (afterTheDeed ? 0 : 1))], SampledRequests, throttle),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = Token },
            async (number, _) => await KillAndRepeatAsync(job, throttle, number, afterTheDeed, end));
    }

    [Theory]
    [InlineData(Revoke, 1, false, 0)]
    [InlineData(Revoke, 8, true, 1)]
    [InlineData(Update, 8, true, 2)]
    public async Task After_Ctrl_C_the_report_and_the_summary_are_true(string job, int throttle, bool afterTheDeed, int first)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals.");
        int requests;
        await using (var undisturbed = await StartAsync())
        {
            using var folder = new TemporaryFolder();
            _ = await undisturbed.MustAsync($"{job} -ThrottleLimit {throttle} -UndoPath '{folder.Path}/undo.xml'");
            requests = undisturbed.Requests.Count;
        }

        await Parallel.ForEachAsync(
            Sample.OfNightly([.. Enumerable.Range(1, requests).Where(number => number % 3 == first)], SampledRequests, throttle),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = Token },
            async (number, _) => await InterruptAsync(job, throttle, number, afterTheDeed));
    }

    private static async Task InterruptAsync(string job, int throttle, int number, bool afterTheDeed)
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var before = world.Fleet.Snapshot().Credentials.ToList();
        var path = Path.Combine(folder.Path, "report.json");
        var result = await EndAtAsync(world, folder, $"{job} -ThrottleLimit {throttle} -UndoPath undo.xml -ReportPath report.json\n'the next line'", number, afterTheDeed, process => process.InterruptAsync());
        await CheckReportAsync(world, path, before);
        Assert.DoesNotContain("the next line", result.Output, StringComparison.Ordinal);
        var now = world.Fleet.Snapshot().Credentials;
        Assert.All(before.Where(credential => credential.PublicKey != World.Key(1)), credential => Assert.Contains(credential, now));
        if (!File.Exists(path) || (await File.ReadAllTextAsync(path, Token)).Contains("\"complete\": true", StringComparison.Ordinal))
        {
            return;
        }

        // The numbers in the summary are those of the report.
        var said = Regex.Match(result.Output + result.Errors, @"Stopped: (?<gone>\d+) credentials gone, (?<doubt>\d+) in doubt, (?<there>\d+) still there", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        Assert.True(said.Success, $"request {number}: {result.Output}\n{result.Errors}");
        var gone = before.Count(credential => !now.Any(other => other.Id == credential.Id));
        Assert.InRange(gone, Number("gone"), Number("gone") + Number("doubt"));
        Assert.Equal(3, Number("gone") + Number("doubt") + Number("there"));

        int Number(string name) => int.Parse(said.Groups[name].Value, CultureInfo.InvariantCulture);
    }

    private static async Task KillAndRepeatAsync(string job, int throttle, int number, bool afterTheDeed, string[] end)
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var before = world.Fleet.Snapshot().Credentials.ToList();
        _ = await EndAtAsync(world, folder, $"{job} -ThrottleLimit {throttle} -UndoPath undo.xml -ReportPath report.json", number, afterTheDeed, process => Task.Run(process.Kill));
        await CheckReportAsync(world, Path.Combine(folder.Path, "report.json"), before);

        var undo = Path.Combine(folder.Path, "undo.xml");
        var saved = File.Exists(undo) ? PSSerializer.DeserializeAsList(await File.ReadAllTextAsync(undo, Token)).Select(item => (long)((PSObject)item).Properties["Id"].Value).Order() : null;
        if (saved is null)
        {
            Assert.Equal(before, world.Fleet.Snapshot().Credentials);
        }
        else
        {
            Assert.Equal([17L, 18, 19], saved);
            _ = (await world.ThrowsAsync($"{job} -UndoPath '{undo}'")).MustBe("UndoPathExists", ErrorCategory.ResourceExists);
        }

        _ = await world.MustAsync($"{job} -UndoPath '{folder.Path}/second.xml'");
        Assert.Equal(end, Everything(world));
    }

    private static async Task<ScriptResult> EndAtAsync(World world, TemporaryFolder folder, string script, int number, bool afterTheDeed, Func<ScriptProcess, Task> end)
    {
        var path = Path.Combine(folder.Path, "job.ps1");
        await File.WriteAllTextAsync(path, $"$key = '{World.Key(1)}'\n$new = '{World.Key(9)}'\n{script}", Token);
        var hang = new Hang();
        var rule = world.Faults.Add(afterTheDeed ? Fault.HangAfter(hang) : Fault.HangBefore(hang), from: number, times: 1);
        await using var process = ScriptProcess.Start(new ScriptStart
        {
            Script = path,
            Folder = folder.Path,
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["RUNCLOUD_API_ENDPOINT"] = world.Api.Endpoint.ToString(),
                ["RUNCLOUD_API_TOKEN"] = world.Api.Token,
            },
        });
        var reached = hang.ReachedAsync(cancellationToken: Token);
        _ = await Task.WhenAny(reached, process.Completion);
        Assert.True(reached.IsCompletedSuccessfully, $"It ended before request {number}.");
        await end(process);
        var result = await process.Completion;
        _ = world.Faults.Remove(rule);
        return result;
    }

    /// <summary>Compares a report with the truth: credentials reported gone are gone, those reported present are present, and the rest are reported as unknown.</summary>
    private static async Task CheckReportAsync(World world, string path, List<FleetCredential> before)
    {
        var now = world.Fleet.Snapshot().Credentials;
        if (!File.Exists(path))
        {
            Assert.Equal(before, now);
            return;
        }

        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(path, Token));
        var root = report.RootElement;
        Assert.True(!root.GetProperty("complete").GetBoolean() || root.GetProperty("endedAt").ValueKind == JsonValueKind.String);
        foreach (var server in root.GetProperty("servers").EnumerateArray())
        {
            var id = server.GetProperty("serverId").GetInt64();
            var status = server.GetProperty("status").GetString();
            var left = now.Count(credential => credential.ServerId == id && credential.PublicKey == World.Key(1));
            Assert.True(status is not ("Clean" or "Removed") || left == 0, $"{path}: server {id} is {status}, and {left} copies are there.");
            foreach (var removal in server.GetProperty("removals").EnumerateArray())
            {
                var said = removal.GetProperty("status").GetString();
                var isThere = now.Any(credential => credential.ServerId == id && credential.Id == removal.GetProperty("id").GetInt64());
                Assert.True(said switch { "Removed" or "AlreadyAbsent" => !isThere, "Failed" => isThere, _ => true }, $"{path}: {said}, and it is {(isThere ? "there" : "gone")}.");
                Assert.True(said != "Unconfirmed" || removal.GetProperty("reason").ValueKind == JsonValueKind.String, $"{path}: {said} without a reason.");
            }
        }
    }

    private static string[] Everything(World world) => [.. world.Fleet.Snapshot().Credentials
        .Select(credential => $"{credential.ServerId} {credential.User} {credential.Label} {credential.Temporary} {credential.PublicKey}")
        .Order(StringComparer.Ordinal)];

    private static async Task<World> StartAsync()
    {
        var world = await World.StartAsync(fleet =>
        {
            _ = fleet.AddServer("web-01", id: 101);
            _ = fleet.AddServer("web-02", id: 102);
            _ = fleet.AddCredential(101, "root", "dave", World.Key(1), id: 17);
            _ = fleet.AddCredential(101, "runcloud", "dave-2", World.Key(1), temporary: true, id: 18);
            _ = fleet.AddCredential(102, "root", "dave", World.Key(1), id: 19);
            _ = fleet.AddCredential(102, "root", "eve", World.Key(2), id: 21);
        });
        world.Shell.SetVariable("key", World.Key(1));
        world.Shell.SetVariable("new", World.Key(9));
        return world;
    }
}
