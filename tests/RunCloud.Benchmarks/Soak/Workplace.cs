using System.Net;
using System.Net.Http.Headers;
using System.Security;

using RunCloud.Simulator;
using RunCloud.Testing;

namespace RunCloud.Benchmarks.Soak;

/// <summary>A simulator for some jobs, on a clock that moves by itself.</summary>
internal sealed class Workplace : IAsyncDisposable
{
    /// <summary>Of a hundred requests, how many go wrong.</summary>
    private const int FaultPercent = 4;

    /// <summary>The requests among which one is chosen to hang.</summary>
    private const int FirstRequests = 30;

    // Not a measure of anything: only a job that hangs must not hang the whole soak.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly SimulatorOptions Workspace = new() { Servers = 12, KeysPerServer = 4, DisguisedCopies = true };

    private readonly EagerTime _time;
    private readonly RunCloudSimulator _simulator;
    private readonly FleetSnapshot _world;

    private Workplace(EagerTime time, RunCloudSimulator simulator)
    {
        (_time, _simulator) = (time, simulator);
        _world = simulator.Fleet.Snapshot();
    }

    public static async Task<Workplace> StartAsync()
    {
        var time = new EagerTime(Fleet.Epoch);
        return new Workplace(time, await RunCloudSimulator.StartAsync(Workspace with { TimeProvider = time.Server }, Fleet.Generate(Workspace)));
    }

    /// <summary>Does one job in a shell, with a context of its own.</summary>
    /// <exception cref="TimeoutException">The job does not end.</exception>
    public async Task RunAsync(SoakJob job, Shell shell, Random random, string folder)
    {
        _simulator.Fleet.Restore(_world);
        _simulator.Faults.Clear();
        _simulator.Requests.Clear();
        shell.Screen.Clear();
        using var token = Secret(job.HasWrongToken ? "a-token-that-nobody-has" : _simulator.Token);
        using var context = VirtualContext.Create(_simulator.Endpoint, token, job.IsStopped ? TimeProvider.System : _time.Client);
        shell.SetVariable("virtual", context.Context);
        shell.SetVariable("token", token);
        shell.SetVariable("endpoint", _simulator.Endpoint);
        shell.SetVariable("key", _simulator.Fleet.LeakedKey);
        shell.SetVariable("newKey", TestKeys.Line(SshKeyKind.Ed25519, 700, "dave@desktop"));
        shell.SetVariable("undo", Path.Combine(folder, "undo.xml"));
        shell.SetVariable("report", Path.Combine(folder, "report.json"));
        var hang = new Hang();
        if (job.IsStopped)
        {
            _ = _simulator.Faults.Add(Fault.HangBefore(hang), from: random.Next(1, FirstRequests));
        }
        else if (job.MeetsFaults)
        {
            _ = _simulator.Faults.Add(_ => random.Next(100) < FaultPercent ? Fault.Catalogue[random.Next(Fault.Catalogue.Count)] : null);
        }

        var run = shell.Start($"try {{ $null = {job.Script.Replace("; ", "; $null = ", StringComparison.Ordinal)} }} catch {{ }}; $Error.Clear()");
        if (job.IsStopped)
        {
            _ = await Task.WhenAny(hang.ReachedAsync(), run.Completion).WaitAsync(Patience);
            await run.StopAsync().WaitAsync(Patience);
        }

        _ = await run.Completion.WaitAsync(Patience);
        hang.Drop();
        await _simulator.Requests.WhenQuietAsync();
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            File.Delete(file);
        }
    }

    /// <summary>What belongs to the simulator and the shell alone: the lists are read by a plain client, and the shell runs an empty script.</summary>
    public async Task IdleAsync(Shell shell)
    {
        _simulator.Fleet.Restore(_world);
        _simulator.Requests.Clear();
        shell.Screen.Clear();
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _simulator.Token);
        foreach (var server in _world.Servers)
        {
            _ = await client.GetStringAsync(new Uri($"{_simulator.Endpoint}/servers/{server.Id}/ssh/credentials"));
        }

        _ = await shell.RunAsync("$null = 1; $Error.Clear()");
    }

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    private static SecureString Secret(string text) => new NetworkCredential(string.Empty, text).SecurePassword;
}
