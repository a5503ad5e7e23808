using System.Collections.Concurrent;
using System.Net.Http;
using RunCloud.Simulator;
using Xunit;

namespace RunCloud.SimulatorTests;

/// <summary>The clock that moves by itself as soon as everybody waits, and not before.</summary>
public sealed class EagerTimeTests
{
    private readonly EagerTime _time = new(Fleet.Epoch, serverBehind: TimeSpan.FromSeconds(7));

    [Fact(Timeout = 60_000)]
    public async Task Sleepers_wake_at_once_and_in_order()
    {
        var woken = new ConcurrentQueue<(int, TimeSpan)>();
        Task[] sleepers;
        using (new CancellationTokenSource(TimeSpan.FromSeconds(30), _time.Client))
        {
            // Time stands still until all of them sleep.
            sleepers = [.. ((int[])[3600, 60, 7200]).Select(async seconds =>
            {
                await Task.Delay(TimeSpan.FromSeconds(seconds), _time.Client, TestContext.Current.CancellationToken);
                woken.Enqueue((seconds, _time.Elapsed));
            })];
        }

        await Task.WhenAll(sleepers);

        Assert.Equal([60, 3600, 7200], woken.Select(entry => entry.Item1));
        Assert.Equal(TimeSpan.FromSeconds(7200), _time.Elapsed);
        Assert.Equal(Fleet.Epoch.AddSeconds(7200), _time.Client.GetUtcNow());
        Assert.Equal(Fleet.Epoch.AddSeconds(7193), _time.Server.GetUtcNow());
        Assert.Equal(TimeSpan.FromSeconds(7200), _time.Client.GetElapsedTime(0));
    }

    [Fact(Timeout = 60_000)]
    public async Task Virtual_time_stands_still_while_a_request_is_under_way()
    {
        Task sleep;
        using (new CancellationTokenSource(TimeSpan.FromSeconds(30), _time.Client))
        {
            sleep = Task.Delay(TimeSpan.FromSeconds(1), _time.Client, TestContext.Current.CancellationToken);
            for (var turn = 0; turn < 1000; turn++)
            {
                await Task.Yield();
            }

            Assert.Equal(TimeSpan.Zero, _time.Elapsed);
        }

        await sleep;
        Assert.Equal(TimeSpan.FromSeconds(1), _time.Elapsed);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_request_that_is_held_longer_than_its_limit_is_given_up_and_the_next_one_is_not()
    {
        var options = new SimulatorOptions { TimeProvider = _time.Server };
        await using var simulator = await RunCloudSimulator.StartAsync(options, new Fleet(), TestContext.Current.CancellationToken);
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", simulator.Token);
        simulator.Faults.Add(Fault.NoAnswer, times: 1);
        simulator.Faults.Add(Fault.Delay(TimeSpan.FromSeconds(29)), times: 1);
        simulator.Faults.Add(Fault.EndlessBody, times: 1);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(PingAsync);
        Assert.Equal(TimeSpan.FromSeconds(30), _time.Elapsed);
        Assert.Contains("pong", await PingAsync(), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(59), _time.Elapsed);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(PingAsync);
        Assert.Equal(TimeSpan.FromSeconds(89), _time.Elapsed);
        Assert.Contains("pong", await PingAsync(), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(89), _time.Elapsed);

        async Task<string> PingAsync()
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), _time.Client);
            return await http.GetStringAsync(new Uri(simulator.Endpoint + "/ping"), limit.Token);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task A_request_without_any_answer_times_out_too()
    {
        var fleet = new Fleet();
        var server = fleet.AddServer("web-01", online: false);
        var credential = fleet.AddCredential(server.Id, "root", "dave", TestKeys.Line(SshKeyKind.Ed25519, 1));
        var options = new SimulatorOptions { TimeProvider = _time.Server, OfflineDelete = OfflineDelete.Hangs };
        await using var simulator = await RunCloudSimulator.StartAsync(options, fleet, TestContext.Current.CancellationToken);
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", simulator.Token);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), _time.Client);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            http.DeleteAsync(new Uri($"{simulator.Endpoint}/servers/{server.Id}/ssh/credentials/{credential.Id}"), limit.Token));
        Assert.Equal(TimeSpan.FromSeconds(30), _time.Elapsed);
    }

    [Fact]
    public void A_timer_that_strikes_again_and_again_is_refused() =>
        Assert.Throws<NotSupportedException>(() => _time.Client.CreateTimer(_ => { }, state: null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
}
