using System.Management.Automation;
using System.Text.Json;
using RunCloud.Api;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <content>Progress, and early ends.</content>
public sealed partial class RevokeTests
{
    [Fact(Timeout = 60_000)]
    public async Task Progress_shows_the_percentage_and_the_time_left()
    {
        await using var world = await StartAsync();
        var hang = new Hang();
        var told = new TaskCompletionSource<ShellProgress>(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Shell.Screen.ProgressWatch = progress => _ = progress.PercentComplete > 0 && progress.SecondsRemaining >= 0 && told.TrySetResult(progress);
        _ = world.Faults.Add(Fault.HangBefore(hang), path: "/servers/102/ssh/credentials", from: 2);
        var run = world.Shell.Start(Job);
        await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        var shown = await told.Task.WaitAsync(TestContext.Current.CancellationToken);
        hang.Release();
        Assert.Equal("Revoking SSH key", shown.Activity);
        Assert.InRange(shown.PercentComplete, 1, 99);
        var progress = (await run.Completion).Progress;
        StopTests.MustBeClosed(progress);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("/servers", "GET")]
    [InlineData("/servers/102/ssh/credentials", "GET")]
    public async Task Stopped_while_it_reads_it_has_changed_nothing(string path, string method)
    {
        await using var world = await StartAsync();
        var hang = new Hang();
        _ = world.Faults.Add(Fault.HangBefore(hang), method: method, path: path);
        var run = world.Shell.Start(Job);
        await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        await run.StopAsync();
        Assert.True((await run.Completion).Stopped);
        Assert.Empty(world.Requests.Changing);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("GET", "/servers/101/ssh/credentials/17", 1)]
    [InlineData("GET", "/servers/101/ssh/credentials", 2)]
    [InlineData("GET", "/servers", 2)]
    [InlineData("GET", "/servers/101/ssh/sessions", 1)]
    [InlineData("GET", "/servers/101/users", 1)]
    public async Task Stopped_at_any_later_step_it_gives_up_what_is_under_way(string method, string path, int from)
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var hang = new Hang();
        _ = world.Faults.Add(Fault.HangBefore(hang), method: method, path: path, from: from);
        var run = world.Shell.Start(Job + $" -UndoPath '{folder.Path}/undo.xml'");
        await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        await run.StopAsync();
        Assert.True((await run.Completion).Stopped);
        _ = await world.Requests.WaitForEndAsync(count: world.Requests.Count, cancellationToken: TestContext.Current.CancellationToken);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(Job + " -WarningAction SilentlyContinue", false)]
    [InlineData("$WarningPreference = 'Ignore'; " + Job, false)]
    [InlineData("$WarningPreference = 'SilentlyContinue'; " + Job + " -WarningAction Continue", true)]
    public async Task What_it_says_last_follows_WarningAction_and_is_in_the_report_anyway(string script, bool isShown)
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var hang = new Hang();
        _ = world.Faults.Add(Fault.HangBefore(hang), method: "DELETE");
        var run = world.Shell.Start($"{script} -ReportPath '{folder.Path}/report.json'");
        await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        await run.StopAsync();
        Assert.Equal(isShown, (await run.Completion).Screen.Contains("Run the command again.", StringComparison.Ordinal));
        var warnings = (await ReadAsync(folder)).GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString());
        Assert.Contains(warnings, warning => warning!.StartsWith("Stopped: ", StringComparison.Ordinal));
    }

    [Fact(Timeout = 60_000)]
    public async Task Stopped_while_it_removes_it_names_what_was_under_way_and_writes_the_report()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var hang = new Hang();
        _ = world.Faults.Add(Fault.HangAfter(hang), method: "DELETE", path: "/servers/101/ssh/credentials/18");
        var run = world.Shell.Start(Job + $" -ThrottleLimit 1 -ReportPath '{folder.Path}/report.json'");
        await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        await run.StopAsync();
        var result = await run.Completion;
        Assert.True(result.Stopped);
        Assert.Contains($"'dave' of root (id 17, {Fingerprint}) on web-01 (id 101): Unconfirmed", result.Screen, StringComparison.Ordinal);
        Assert.Contains($"'dave-2' of runcloud (id 18, {Fingerprint}) on web-01 (id 101): Unconfirmed", result.Screen, StringComparison.Ordinal);
        Assert.Contains("Stopped: 0 credentials gone, 2 in doubt, 1 still there. Run the command again.", result.Screen, StringComparison.Ordinal);
        var report = await ReadAsync(folder);
        Assert.False(report.GetProperty("complete").GetBoolean());
        Assert.Equal(["Unconfirmed", "Failed", "Clean"], report.GetProperty("servers").EnumerateArray().Select(server => server.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Stopping_the_output_leaves_no_unknown_outcome()
    {
        await using var world = await StartAsync();
        var result = await world.RunAsync(Job + " -ThrottleLimit 1 | Select-Object -First 1");
        Assert.Equal(101, Assert.Single(result.OutputOf<SshKeyRevocation>()).ServerId);
        Assert.Equal(["eve", "eve", "eve"], world.Fleet.Snapshot().Credentials.Select(credential => credential.Label));
    }
}
