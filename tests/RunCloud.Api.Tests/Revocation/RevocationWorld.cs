using System.Net;
using RunCloud.Simulator;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Revocation;

/// <summary>A simulated workspace and a client of it, for the whole job without a shell. The time moves by itself.</summary>
internal sealed class RevocationWorld : IAsyncDisposable
{
    private readonly RunCloudSimulator _api;

    private RevocationWorld(RunCloudSimulator api, TimeProvider time)
    {
        _api = api;
        Time = time;
        Client = new RunCloudClient(new RunCloudClientOptions
        {
            Endpoint = api.Endpoint,
            Token = new NetworkCredential(string.Empty, api.Token).SecurePassword,
            Time = time,
            Jitter = () => 0.5,
        });
    }

    /// <summary>The key that the jobs remove.</summary>
    internal static string Old { get; } = Key(1);

    /// <summary>The key that takes its place.</summary>
    internal static string New { get; } = Key(9);

    /// <summary>Removes the old key.</summary>
    internal static KeyChange Removal { get; } = new() { Keys = [SshKeySelector.Parse(Old)] };

    /// <summary>Replaces the old key by the new one.</summary>
    internal static KeyChange Replacement { get; } = new() { Keys = [SshKeySelector.Parse(Old)], Replacement = new SshKeyReplacement(New, label: null) };

    internal RunCloudClient Client { get; }

    internal TimeProvider Time { get; }

    internal Fleet Fleet => _api.Fleet;

    internal FaultRules Faults => _api.Faults;

    internal RequestLog Requests => _api.Requests;

    /// <summary>The requests as <c>GET /servers/101</c>, in the order of their arrival.</summary>
    internal IEnumerable<string> Lines => Requests.All.Select(request => $"{request.Method} {request.Path.Replace("/api/v3", string.Empty, StringComparison.Ordinal)}");

    /// <summary>What is on the servers: server, user, label and whether the key is the old one, the new one or another.</summary>
    internal IEnumerable<string> Content => Fleet.Snapshot().Credentials.Select(one => FormattableString.Invariant($"{one.ServerId} {one.User} {one.Label} {Name(one.PublicKey)}"))
        .Order(StringComparer.Ordinal);

    /// <summary>An ECDSA key: every such line begins with the same 50 characters.</summary>
    internal static string Key(int number, string comment = "dave@laptop") => TestKeys.Line(SshKeyKind.Ecdsa256, number, comment);

    /// <summary>Servers 101, 102 and 103, each with a key of eve; root of 101 (id 17) and of 102 (id 19) has the old key too.</summary>
    internal static Task<RevocationWorld> StartAsync(SimulatorOptions? options = null) => StartAsync(
        fleet =>
        {
            foreach (var (name, id) in (ReadOnlySpan<(string, long)>)[("web-01", 101), ("web-02", 102), ("db-01", 103)])
            {
                _ = fleet.AddServer(name, id: id);
                _ = fleet.AddCredential(id, "root", "eve", Key(2), id: id);
            }

            _ = fleet.AddCredential(101, "root", "dave", Old, id: 17);
            _ = fleet.AddCredential(102, "root", "dave", Old, id: 19);
        },
        options);

    internal static async Task<RevocationWorld> StartAsync(Action<Fleet> build, SimulatorOptions? options = null)
    {
        var fleet = new Fleet();
        build(fleet);
        var time = new EagerTime(Fleet.Epoch);
        var api = await RunCloudSimulator.StartAsync((options ?? new SimulatorOptions()) with { TimeProvider = time.Server }, fleet, Stop);
        return new RevocationWorld(api, time.Client);
    }

    /// <summary>A job on every server, or on the given ones; one server after the other.</summary>
    internal KeyRevocation Job(KeyChange change, IReadOnlyList<(long Id, Server? Server)>? given = null, int throttleLimit = 1) => new(Client, change, given, throttleLimit);

    /// <summary>All steps of a job.</summary>
    internal static async Task<IReadOnlyList<SshKeyRevocation>> RunAsync(KeyRevocation job)
    {
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        return await CarryAsync(job);
    }

    /// <summary>The steps after the question.</summary>
    internal static async Task<IReadOnlyList<SshKeyRevocation>> CarryAsync(KeyRevocation job)
    {
        job.Begin();
        _ = await job.ExecuteAsync(Stop).ToListAsync(Stop);
        _ = await job.ConfirmAsync(Stop).ToListAsync(Stop);
        return job.Accounts();
    }

    /// <summary>All steps of a job of its own.</summary>
    internal async Task<IReadOnlyList<SshKeyRevocation>> RunAsync(KeyChange change, IReadOnlyList<(long Id, Server? Server)>? given = null)
    {
        using var job = Job(change, given);
        return await RunAsync(job);
    }

    /// <summary>Acts when a request was carried out, before it is answered: the first one, or another.</summary>
    internal void AtAnswer(string method, string path, Action act, int from = 1) => Faults.Add(
        Fault.Answering("meanwhile", answer =>
        {
            act();
            return answer;
        }),
        method,
        path,
        from,
        times: 1);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _api.DisposeAsync();
    }

    private static string Name(string key) => SshPublicKey.TryParse(key, out var read) && read.Equals(SshPublicKey.Parse(Old)) ? "old" : read?.Equals(SshPublicKey.Parse(New)) == true ? "new" : "other";
}
