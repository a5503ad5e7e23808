using System.Collections.Concurrent;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.Trust.Tests;

/// <summary>The benches of the test run, each for one trial at a time.</summary>
public sealed class Benches : IAsyncLifetime
{
    private readonly ConcurrentDictionary<Wire, ConcurrentBag<Bench>> _free = new();

    // A shell takes longer to start than most trials last, so all benches share them.
    private readonly ConcurrentBag<Shell> _shells = [];
    private readonly ConcurrentDictionary<(string, Wire), Lazy<Task<IReadOnlyDictionary<Endpoint, int>>>> _counts = new();
    private readonly SemaphoreSlim _room = new(Room);

    /// <summary>How many trials may run side by side: each waits for its own network now and then.</summary>
    internal static int Room { get; } = Environment.ProcessorCount + 1;

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var bench in _free.Values.SelectMany(benches => benches))
        {
            await bench.DisposeAsync();
        }

        foreach (var shell in _shells)
        {
            shell.Dispose();
        }

        _room.Dispose();
    }

    /// <summary>Runs a job on the small fleet.</summary>
    internal Task<Outcome> RunAsync(Job job, Wire wire, Func<RecordedRequest, Fault?> choose, bool talkative = false) => RunAsync(wire, new Trial
    {
        IsTalkative = talkative,
        World = SmallFleet.World,
        Command = job.Command,
        Choose = choose,
        Variables = new Dictionary<string, object?>(StringComparer.Ordinal) { ["key"] = job.Order.Key, ["newKey"] = job.Order.NewKey },
    });

    /// <summary>How many requests to an endpoint a job makes when nothing goes wrong.</summary>
    internal async Task<int> CountAsync(Job job, Endpoint endpoint, Wire wire)
    {
        var counts = await _counts.GetOrAdd((job.Name, wire), _ => new(() => CountAllAsync(job, wire))).Value;
        return counts.GetValueOrDefault(endpoint);
    }

    /// <summary>Runs a trial on a bench whose API answers in the given form.</summary>
    internal async Task<Outcome> RunAsync(Wire wire, Trial trial)
    {
        await _room.WaitAsync();
        try
        {
            var free = _free.GetOrAdd(wire, _ => []);
            if (!free.TryTake(out var bench))
            {
                bench = await Bench.StartAsync(wire.Options);
            }

            if (!_shells.TryTake(out var shell))
            {
                shell = new Shell();
            }

            var outcome = await bench.RunAsync(trial, shell);
            _shells.Add(shell);
            free.Add(bench);
            return outcome;
        }
        finally
        {
            _ = _room.Release();
        }
    }

    private async Task<IReadOnlyDictionary<Endpoint, int>> CountAllAsync(Job job, Wire wire)
    {
        var outcome = await RunAsync(job, wire, _ => null);
        Assert.Empty(Checker.Check(outcome, job.Order));
        var endpoints = new Endpoints();
        return outcome.Requests.Select(endpoints.Of).CountBy(found => found).ToDictionary();
    }
}
