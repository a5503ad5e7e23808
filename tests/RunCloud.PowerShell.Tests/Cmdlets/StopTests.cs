using Microsoft.Extensions.Time.Testing;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>Ctrl+C ends a command in every state, leaves no request under way, closes the progress, and the next command works.</summary>
public sealed class StopTests
{
    /// <summary>A limit that turns a command which does not stop into a failure.</summary>
    internal const int Patience = 60_000;

    private const string Job = "Get-RunCloudServer | Get-RunCloudSshCredential | Remove-RunCloudSshCredential -Confirm:$false";

    [Theory(Timeout = Patience)]
    [InlineData("Connect-RunCloud $token -Endpoint $endpoint -Name other -TimeoutSec 3600", "/ping")]
    [InlineData("Get-RunCloudServer", "/servers")]
    [InlineData("Get-RunCloudServer -Id 101, 102", "/servers/102")]
    [InlineData("Get-RunCloudSshCredential -ServerId 101, 102, 103", "/servers/*/ssh/credentials")]
    [InlineData("Get-RunCloudSshCredential -ServerId 101 -Id 17, 18", "/servers/*/ssh/credentials/18")]
    [InlineData("Add-RunCloudSshCredential -ServerId 101 -User root -Label new -PublicKey $key", "/servers/*/ssh/credentials")]
    [InlineData("Remove-RunCloudSshCredential -ServerId 101 -Id 17 -Confirm:$false", "/servers/101")]
    [InlineData("Remove-RunCloudSshCredential -ServerId 101 -Id 17 -Confirm:$false", "/servers/101/ssh/credentials/17")]
    [InlineData("Get-RunCloudSshSession -ServerId 101, 102, 103", "/servers/102/ssh/sessions")]
    [InlineData("Get-RunCloudSshSetting -ServerId 101, 102, 103", "/servers/102/settings/ssh")]
    [InlineData("Get-RunCloudSystemUser -ServerId 101, 102, 103", "/servers/102/users")]
    [InlineData("Get-RunCloudServer web-01 | Set-RunCloudSshSetting -UseDns $true -Confirm:$false", "/servers/101/settings/ssh")]
    [InlineData(Job, "/servers")]
    [InlineData(Job, "/servers/*/ssh/credentials")]
    [InlineData(Job, "/servers/*/ssh/credentials/17")]
    public async Task A_request_that_hangs_is_given_up(string script, string path)
    {
        foreach (var fault in (Func<Hang, Fault>[])[Fault.HangBefore, Fault.HangInBody])
        {
            await using var world = await StartAsync();
            var hang = new Hang();
            _ = world.Faults.Add(fault(hang), path: path);
            var run = world.Shell.Start(script);
            await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
            await MustStopAsync(world, run, script.StartsWith("Connect", StringComparison.Ordinal) ? "Connect-RunCloud $token -Endpoint $endpoint" : null);
        }
    }

    [Fact(Timeout = Patience)]
    public async Task The_wait_for_the_rate_limit_is_given_up()
    {
        await using var world = await StartAsync("-MaximumWaitSec 86400");
        _ = world.Faults.Add(Fault.TooManyRequests(RetryAfterForm.Seconds, TimeSpan.FromHours(6)), path: "/servers/*/ssh/credentials");
        var run = world.Shell.Start("$VerbosePreference = 'Continue'; " + Job);
        await world.WhenShownAsync("rate limit: waiting").WaitAsync(TestContext.Current.CancellationToken);
        var result = await MustStopAsync(world, run, "Connect-RunCloud $token -Endpoint $endpoint");
        Assert.Contains(result.Verbose, line => line.StartsWith("rate limit: waiting 60 s, until", StringComparison.Ordinal) || line.StartsWith("rate limit: waiting 59 s, until", StringComparison.Ordinal));
    }

    [Theory(Timeout = Patience)]
    [InlineData("Get-RunCloudServer -Context $virtual", "/servers")]
    [InlineData("Get-RunCloudSshCredential -ServerId 101, 102 -Context $virtual", "/servers/*/ssh/credentials")]
    [InlineData("Remove-RunCloudSshCredential -ServerId 101 -Id 17 -Confirm:$false -Context $virtual", "/servers/*/ssh/credentials/17")]
    [InlineData("Add-RunCloudSshCredential -ServerId 101 -User root -Label new -PublicKey $key -Context $virtual", "/servers/*/ssh/credentials")]
    [InlineData("Get-RunCloudSshSession -ServerId 101, 102 -Context $virtual", "/servers/*/ssh/sessions")]
    [InlineData("Set-RunCloudSshSetting -ServerId 101 -UseDns $true -Confirm:$false -Context $virtual", "/servers/*/settings/ssh")]
    public async Task Backing_off_before_a_retry_is_given_up(string script, string path)
    {
        // Virtual time that stands still: no retry ever comes by itself.
        await using var world = await StartAsync();
        _ = world.AddVirtualContext(new FakeTimeProvider());
        _ = world.Faults.Add(Fault.Status(503), path: path, where: request => request.Method != "GET" || !script.StartsWith("Add", StringComparison.Ordinal));
        var run = world.Shell.Start("$VerbosePreference = 'Continue'; " + script);
        await world.WhenShownAsync(" 503 ").WaitAsync(TestContext.Current.CancellationToken);
        _ = await MustStopAsync(world, run);
    }

    [Fact(Timeout = Patience)]
    public async Task Removals_that_were_queued_are_not_sent()
    {
        await using var world = await StartAsync();
        var hang = new Hang();
        _ = world.Faults.Add(Fault.HangBefore(hang), method: "DELETE");
        var run = world.Shell.Start("Get-RunCloudServer | Get-RunCloudSshCredential | Remove-RunCloudSshCredential -Confirm:$false -ThrottleLimit 2");
        await hang.ReachedAsync(2, TestContext.Current.CancellationToken);
        var before = world.Fleet.Snapshot().Credentials.Count();
        var result = await MustStopAsync(world, run);
        Assert.Equal(2, world.Requests.Changing.Count);
        Assert.Equal(before, world.Fleet.Snapshot().Credentials.Count());

        // The person who stops it must learn which removals are in doubt.
        Assert.Equal(2, result.Screen.Split("Unconfirmed").Length - 1);
        Assert.All(world.Requests.Changing, request => Assert.Contains($"(id {request.Path.Split('/')[^1]}, SHA256:", result.Screen, StringComparison.Ordinal));
    }

    [Fact(Timeout = Patience)]
    public async Task Earlier_output_stays_and_no_more_comes()
    {
        await using var world = await StartAsync();
        var hang = new Hang();
        _ = world.Faults.Add(Fault.HangBefore(hang), path: "/servers/*/ssh/credentials", where: request => !request.Matches("/servers/101/**") && !request.Matches("/servers/102/**"));
        var run = world.Shell.Start("Get-RunCloudServer | Get-RunCloudSshCredential; 'after'");
        await run.WhenOutputAsync(4);
        await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        var result = await MustStopAsync(world, run);
        Assert.Equal([17, 18, 19, 20], result.OutputOf<SshCredential>().Select(credential => credential.Id));
        Assert.Contains(result.Progress, record => !record.Completed);
    }

    private static async Task<ShellResult> MustStopAsync(World world, ShellRun run, string? next = null)
    {
        await run.StopAsync();
        var result = await run.Completion;
        Assert.True(result.Stopped);
        Assert.Empty(result.Errors);
        MustBeClosed(result.Progress);

        // What had been sent is given up: the simulator sees the connections go.
        _ = await world.Requests.WaitForEndAsync(count: world.Requests.Count, cancellationToken: TestContext.Current.CancellationToken);
        world.Faults.Clear();
        _ = await world.MustAsync((next is null ? "" : next + "; ") + "Get-RunCloudServer -Id 101");
        return result;
    }

    internal static void MustBeClosed(IEnumerable<ShellProgress> progress) =>
        Assert.All(progress.GroupBy(record => record.ActivityId), bar => Assert.True(bar.Last().Completed));

    private static async Task<World> StartAsync(string connect = World.Patient)
    {
        var world = await World.StartAsync(
            fleet =>
            {
                for (var server = 0; server < 6; server++)
                {
                    var id = fleet.AddServer($"web-0{server + 1}", id: 101 + server).Id;
                    _ = fleet.AddCredential(id, "root", "dave", World.Key(1), id: 17 + (2 * server));
                    _ = fleet.AddCredential(id, "root", "eve", World.Key(2), id: 18 + (2 * server));
                }
            },
            connect: connect);
        world.Shell.SetVariable("key", World.Key(9));
        return world;
    }
}
