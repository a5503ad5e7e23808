using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>The messages of -Verbose and -Debug for each request, and the progress.</summary>
public sealed class TraceTests
{
    [Fact]
    public async Task Verbose_tells_method_path_status_time_and_remaining_rate_of_each_request()
    {
        await using var world = await StartAsync();
        var result = await world.MustAsync("Get-RunCloudServer -Verbose | Get-RunCloudSshCredential -Verbose | Remove-RunCloudSshCredential -Confirm:$false -Verbose");
        Assert.Equal(world.Requests.Count, result.Verbose.Count(line => line.Contains(" ms ", StringComparison.Ordinal)));
        Assert.Matches(@"^GET /servers\?page=1&perPage=40 200 \d+ ms \(999998 left\)$", result.Verbose[0]);
        Assert.Contains(result.Verbose, line => line.StartsWith("GET /servers/101/ssh/credentials?page=1&perPage=40 200 ", StringComparison.Ordinal));
        Assert.Contains(result.Verbose, line => line.StartsWith("DELETE /servers/101/ssh/credentials/17 200 ", StringComparison.Ordinal));
        Assert.Empty(result.Debug);
    }

    [Fact]
    public async Task Verbose_of_one_command_is_of_its_requests_alone()
    {
        await using var world = await StartAsync();
        var result = await world.MustAsync("Get-RunCloudServer | Get-RunCloudSshCredential -Verbose");
        Assert.Equal(3, result.Verbose.Count);
        Assert.All(result.Verbose, line => Assert.Contains("/ssh/credentials", line, StringComparison.Ordinal));
        Assert.Empty((await world.MustAsync("Get-RunCloudServer | Get-RunCloudSshCredential")).Verbose);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_read_is_tried_again_as_often_as_the_connection_allows(int retries)
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync(FormattableString.Invariant($"Connect-RunCloud $token -Endpoint $endpoint -MaximumRetryCount {retries}"));
        world.Requests.Clear();
        _ = world.Faults.Add(Fault.Status(503), path: "/servers");
        _ = await world.FailsAsync("Get-RunCloudServer");
        Assert.Equal(retries + 1, world.Requests.Count);
    }

    [Fact(Timeout = StopTests.Patience)]
    public async Task A_wait_is_told_in_UTC()
    {
        await using var world = await StartAsync();
        _ = world.AddVirtualContext(new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 22, 30, 0, TimeSpan.Zero)));
        _ = world.Faults.Add(Fault.TooManyRequests(RetryAfterForm.Seconds, TimeSpan.FromSeconds(45)), path: "/servers");
        var run = world.Shell.Start("$VerbosePreference = 'Continue'; Get-RunCloudServer -Context $virtual");
        await world.WhenShownAsync(", until 22:30:45 UTC").WaitAsync(TestContext.Current.CancellationToken);
        await run.StopAsync();
        Assert.True((await run.Completion).Stopped);
    }

    [Fact]
    public async Task Debug_adds_names_and_sizes_of_headers_and_never_a_value()
    {
        await using var world = await StartAsync();
        var result = await world.MustAsync("$DebugPreference = 'Continue'; Get-RunCloudServer");
        Assert.Empty(result.Verbose);
        Assert.Equal(2, result.Debug.Count);
        Assert.StartsWith("sent ", result.Debug[0], StringComparison.Ordinal);
        Assert.Contains($"Authorization ({"Bearer ".Length + world.Api.Token.Length})", result.Debug[0], StringComparison.Ordinal);
        Assert.Contains($"Accept ({"application/json".Length})", result.Debug[0], StringComparison.Ordinal);
        Assert.StartsWith("received ", result.Debug[1], StringComparison.Ordinal);
        Assert.Contains($"Content-Type ({"application/json".Length})", result.Debug[1], StringComparison.Ordinal);
        Assert.Contains("X-RateLimit-Remaining (6)", result.Debug[1], StringComparison.Ordinal);
        Assert.All(result.Debug, line => Assert.Matches(@"^(sent|received) [A-Za-z-]+ \(\d+\)(, [A-Za-z-]+ \(\d+\))*$", line));
    }

    [Fact]
    public async Task Debug_alone_never_asks_whether_to_go_on()
    {
        // For a verbose message under -Debug alone the engine does, and fails where it can't.
        await using var world = await StartAsync(ShellMode.NonInteractive);
        var result = await world.MustAsync("Get-RunCloudServer -Debug | Get-RunCloudSshCredential -Debug | Remove-RunCloudSshCredential -Confirm:$false -Debug");
        Assert.Empty(result.Prompts);
        Assert.Empty(result.Verbose);
        Assert.Equal(3 * world.Requests.Count, result.Debug.Count);
        Assert.Contains(result.Debug, line => line.StartsWith("DELETE /servers/101/ssh/credentials/17 200 ", StringComparison.Ordinal));
        Assert.Empty(world.Fleet.Snapshot().Credentials);
    }

    [Fact]
    public async Task Each_request_is_reported_at_once_and_before_its_result()
    {
        await using var world = await StartAsync();
        var result = await world.Shell.RenderAsync(
            "$VerbosePreference = $DebugPreference = 'Continue'; Get-RunCloudServer | Get-RunCloudSshCredential | ForEach-Object { 'OUTPUT ' + $_.ServerId }",
            width: 4000,
            TestContext.Current.CancellationToken);
        var lines = result.Screen.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.Contains("rate limit", StringComparison.Ordinal)).ToList();
        var requests = lines.Where(line => line.StartsWith("VERBOSE: GET ", StringComparison.Ordinal)).ToList();
        Assert.Equal(4, requests.Count);
        foreach (var request in requests)
        {
            var at = lines.IndexOf(request);
            Assert.StartsWith("DEBUG: sent ", lines[at + 1], StringComparison.Ordinal);
            Assert.StartsWith("DEBUG: received ", lines[at + 2], StringComparison.Ordinal);
        }

        foreach (var id in (int[])[101, 102, 103])
        {
            Assert.InRange(lines.FindIndex(line => line.Contains($"/servers/{id}/ssh", StringComparison.Ordinal)), 0, lines.IndexOf($"OUTPUT {id}"));
        }
    }

    [Fact]
    public async Task A_failed_attempt_and_its_retry_are_reported_with_the_reason()
    {
        await using var world = await StartAsync();
        _ = world.AddVirtualContext(new FakeTimeProvider(), options => options with { Jitter = () => 0 });
        _ = world.Faults.Add(Fault.Status(503, "Down for a moment"), path: "/servers", times: 1);
        _ = world.Faults.Add(Fault.DropBefore, path: "/servers", times: 1);
        var result = await world.MustAsync("Get-RunCloudServer -Context $virtual -Verbose");
        Assert.Equal(3, result.Output.Count);
        Assert.Equal(3, result.Verbose.Count);
        Assert.Matches(@"^GET /servers\?page=1&perPage=40 503 0 ms .*503: Down for a moment\.$", result.Verbose[0]);
        Assert.Matches(@"^GET /servers\?page=1&perPage=40 \(try 2\) no answer 0 ms .*failed: ", result.Verbose[1]);
        Assert.Matches(@"^GET /servers\?page=1&perPage=40 \(try 3\) 200 0 ms \(\d+ left\)$", result.Verbose[2]);
    }

    [Theory]
    [InlineData("Connect-RunCloud $token -Endpoint $endpoint")]
    [InlineData("Get-RunCloudServer")]
    [InlineData("Get-RunCloudServer -Id 101")]
    [InlineData("Get-RunCloudSshCredential -ServerId 101")]
    [InlineData("Get-RunCloudSshSession -ServerId 101")]
    [InlineData("Get-RunCloudSshSetting -ServerId 101")]
    [InlineData("Get-RunCloudSystemUser -ServerId 101")]
    [InlineData("$credential | Remove-RunCloudSshCredential -Confirm:$false")]
    public async Task A_single_request_shows_no_progress(string script)
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync("$credential = Get-RunCloudServer web-01 | Get-RunCloudSshCredential");
        world.Requests.Clear();
        Assert.Empty((await world.MustAsync(script)).Progress);
        _ = Assert.Single(world.Requests.All);
    }

    [Theory]
    [InlineData("Get-RunCloudSshCredential -ServerId 101, 102, 103", "Reading SSH credentials", "servers read")]
    [InlineData("$all | Remove-RunCloudSshCredential -Confirm:$false", "Removing SSH credentials", "credentials settled")]
    [InlineData("Get-RunCloudSshSession -ServerId 101, 102, 103", "Reading SSH sessions", "servers read")]
    [InlineData("Get-RunCloudSshSetting -ServerId 101, 102, 103", "Reading SSH settings", "servers read")]
    [InlineData("Get-RunCloudSystemUser -ServerId 101, 102, 103", "Reading system users", "servers read")]
    [InlineData("Set-RunCloudSshSetting -ServerId 101, 102, 103 -UseDns $true -Confirm:$false", "Changing SSH settings", "servers settled")]
    public async Task More_than_one_request_shows_how_far_it_is_and_takes_it_away_at_the_end(string script, string activity, string unit)
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync("$all = Get-RunCloudServer | Get-RunCloudSshCredential");
        var progress = (await world.MustAsync(script)).Progress;
        Assert.Contains(progress, record => !record.Completed && record.Activity == activity && (record.Status == "…" || record.Status.EndsWith(unit, StringComparison.Ordinal)));
        _ = Assert.Single(progress, record => record.Completed);
        StopTests.MustBeClosed(progress);
    }

    [Theory]
    [InlineData("Get-RunCloudSshCredential -ServerId 101, 102, 103 | Select-Object -First 3")]
    [InlineData("Get-RunCloudSshCredential -ServerId 101, 102, 999 -ErrorAction Stop")]
    [InlineData("Get-RunCloudServer | Get-RunCloudSshCredential -Context nope")]
    [InlineData("$all | Remove-RunCloudSshCredential -Confirm:$false -PassThru | Select-Object -First 3")]
    [InlineData("Get-RunCloudSystemUser -ServerId 101, 102, 103 | Select-Object -First 3")]
    [InlineData("Set-RunCloudSshSetting -ServerId 101, 102, 103 -UseDns $true -Confirm:$false -PassThru | Select-Object -First 1")]
    public async Task Progress_is_taken_away_however_a_command_ends(string script)
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync("$all = Get-RunCloudServer | Get-RunCloudSshCredential");
        StopTests.MustBeClosed((await world.RunAsync(script)).Progress);
    }

    [Fact]
    public async Task Progress_comes_at_most_five_times_a_second()
    {
        await using var world = await World.StartAsync(fleet =>
        {
            for (var server = 1; server <= 200; server++)
            {
                _ = fleet.AddCredential(fleet.AddServer($"web-{server}").Id, "root", "dave", World.Key(1));
            }
        });
        var watch = Stopwatch.StartNew();
        var progress = (await world.MustAsync("Get-RunCloudServer | Get-RunCloudSshCredential")).Progress;
        var allowed = 1 + (5 * watch.Elapsed.TotalSeconds);
        Assert.All(progress.Where(record => !record.Completed).GroupBy(record => record.ActivityId), bar => Assert.InRange(bar.Count(), 1, allowed));
    }

    [Theory]
    [InlineData("Get-RunCloudServer | Get-RunCloudSshCredential")]
    [InlineData("Get-RunCloudServer | Get-RunCloudSshCredential | Remove-RunCloudSshCredential -Confirm:$false -Verify")]
    [InlineData("Get-RunCloudServer | ForEach-Object { Get-RunCloudSshSetting $_ }")]
    public async Task The_commands_of_a_pipeline_share_one_bar(string script)
    {
        await using var world = await StartAsync();
        var progress = (await world.MustAsync(script)).Progress;
        _ = Assert.Single(progress.Select(record => record.ActivityId).Distinct());
        _ = Assert.Single(progress, record => record.Completed);
        Assert.All(progress, record => Assert.InRange(record.PercentComplete, -1, 99));
        StopTests.MustBeClosed(progress);
    }

    [Fact(Timeout = StopTests.Patience)]
    public async Task The_bar_stays_when_a_command_ends_before_the_first_answer_to_the_next_one()
    {
        await using var world = await StartAsync();
        var hang = new Hang();
        _ = world.Faults.Add(Fault.HangBefore(hang), method: "DELETE");
        var run = world.Shell.Start("Get-RunCloudServer | Get-RunCloudSshCredential | Remove-RunCloudSshCredential -Confirm:$false");
        await hang.ReachedAsync(3, TestContext.Current.CancellationToken);
        hang.Release();
        _ = Assert.Single((await run.Completion).Progress, record => record.Completed);
    }

    [Theory(Timeout = StopTests.Patience)]
    [InlineData("Get-RunCloudSshCredential -ServerId 101, 102, 103", "1 of 3 servers read")]
    [InlineData("Get-RunCloudSshKey", "1 of 3 servers read")]
    [InlineData("Revoke-RunCloudSshKey $key -WhatIf", "1 of 3 servers read")]
    public async Task The_total_is_told_once_it_is_known(string script, string expected)
    {
        await using var world = await StartAsync();
        var hang = new Hang();
        _ = world.Faults.Add(Fault.HangBefore(hang), path: "/servers/102/ssh/credentials");
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Shell.Screen.ProgressWatch = progress => _ = progress.Status.EndsWith(expected, StringComparison.Ordinal) && told.TrySetResult();
        var run = world.Shell.Start(script);
        await told.Task.WaitAsync(TestContext.Current.CancellationToken);
        hang.Release();
        StopTests.MustBeClosed((await run.Completion).Progress);
    }

    [Fact]
    public async Task A_wait_for_the_rate_limit_is_in_the_progress_and_told()
    {
        await using var world = await StartAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        _ = world.AddVirtualContext(time);
        _ = world.Faults.Add(Fault.TooManyRequests(RetryAfterForm.Seconds, TimeSpan.FromSeconds(42)), path: "/servers/102/ssh/credentials", times: 1);
        var run = world.Shell.Start("$VerbosePreference = 'Continue'; Get-RunCloudSshCredential -ServerId 101, 102 -ThrottleLimit 1 -Context $virtual");
        await world.WhenShownAsync("rate limit: waiting").WaitAsync(TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(43));
        var result = await run.Completion;
        Assert.Empty(result.Errors);
        Assert.Equal(2, result.Output.Count);
        Assert.Single(result.Verbose, line => line.StartsWith("rate limit: waiting 4", StringComparison.Ordinal));
        StopTests.MustBeClosed(result.Progress);
    }

    [Fact(Timeout = StopTests.Patience)]
    public async Task A_wait_for_the_rate_limit_stays_in_the_progress_while_what_was_under_way_before_is_answered()
    {
        await using var world = await StartAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        _ = world.AddVirtualContext(time);
        var hang = new Hang();
        _ = world.Faults.Add(Fault.HangBefore(hang), path: "/servers/103/ssh/credentials", times: 1);

        // Refused only when the other is under way: before that the rate limiter would hold it back. The first of all goes alone, so it is one by itself.
        _ = world.Faults.Add(
            Fault.Custom("429 in its turn", async exchange =>
            {
                await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
                await exchange.SendAsync(Answer.Message(429, "Too Many Attempts.").With("Retry-After", "600"));
            }),
            path: "/servers/102/ssh/credentials",
            times: 1);
        var run = world.Shell.Start("$VerbosePreference = 'Continue'; Get-RunCloudSshCredential -ServerId 101 -Context $virtual; Get-RunCloudSshCredential -ServerId 102, 103 -Context $virtual");
        await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        await world.WhenShownAsync("rate limit: waiting").WaitAsync(TestContext.Current.CancellationToken);
        hang.Release();
        await world.WhenShownAsync("/servers/103/ssh/credentials?page=1&perPage=40 200").WaitAsync(TestContext.Current.CancellationToken);

        var (shown, gone) = (new TaskCompletionSource(), new TaskCompletionSource());
        world.Shell.Screen.ProgressWatch = progress => _ = (progress.Status.Contains("waiting for the rate limit: ", StringComparison.Ordinal) ? shown : gone).TrySetResult();
        await shown.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.False(gone.Task.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(601));
        var result = await run.Completion;
        Assert.Empty(result.Errors);
        Assert.Equal(3, result.Output.Count);
    }

    [Fact]
    public async Task A_wait_that_a_busy_server_asks_for_is_in_the_progress_and_told()
    {
        await using var world = await StartAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        _ = world.AddVirtualContext(time);
        _ = world.Faults.Add(
            Fault.Custom("503 that asks for time", exchange => exchange.SendAsync(Answer.Message(503, "Down for a moment.").With("Retry-After", "42"))),
            path: "/servers/101/ssh/credentials",
            times: 1);
        var shown = new TaskCompletionSource();
        world.Shell.Screen.ProgressWatch = progress => _ = progress.Status.Contains("RunCloud is busy, waiting: 4", StringComparison.Ordinal) && shown.TrySetResult();
        var run = world.Shell.Start("$VerbosePreference = 'Continue'; Get-RunCloudSshCredential -ServerId 101 -Context $virtual");
        await shown.Task.WaitAsync(TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(43));
        var result = await run.Completion;
        Assert.Empty(result.Errors);
        Assert.Single(result.Output);
        Assert.Single(result.Verbose, line => line.StartsWith("server busy: waiting 4", StringComparison.Ordinal));
        Assert.DoesNotContain(result.Verbose, line => line.Contains("rate limit", StringComparison.Ordinal));
        StopTests.MustBeClosed(result.Progress);
    }

    private static async Task<World> StartAsync(ShellMode mode = ShellMode.Scripted)
    {
        var world = await World.StartAsync(
            fleet =>
            {
                for (var server = 0; server < 3; server++)
                {
                    _ = fleet.AddCredential(fleet.AddServer($"web-0{server + 1}", id: 101 + server).Id, "root", "dave", World.Key(1), id: 17 + server);
                }
            },
            shell: new ShellOptions { Mode = mode });
        world.Shell.SetVariable("key", World.Key(9));
        return world;
    }
}
