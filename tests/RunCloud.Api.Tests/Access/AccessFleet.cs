using RunCloud.Simulator;
using Xunit;

namespace RunCloud.Api.Tests.Access;

/// <summary>Servers as an audit has read them, and what it makes of them.</summary>
internal static class AccessFleet
{
    public static readonly DateTimeOffset Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
    public static readonly Uri Endpoint = new("https://manage.runcloud.io/api/v3");
    public static readonly string Good = TestKeys.Line(SshKeyKind.Ed25519, 1, "alice@ops");
    public static readonly string Other = TestKeys.Line(SshKeyKind.Ed25519, 2, "bob@laptop");

    /// <summary>Baselines as a run writes them.</summary>
    public static IReadOnlyList<byte[]> SomeBaselines =>
    [
        Snapshot(new(), Server(1, Credential(1, 11, Good), Credential(1, 12, Other)), Server(2)).ToBytes(),
        Snapshot(Lists with { Rules = [Rule("RootKey")] }, Server(1, Credential(1, 11, "cert-authority " + Good, "root"), Credential(1, 12, "no key"))).ToBytes(),
    ];

    public static AccessOptions Lists => new() { Allowed = List(Good), Blocked = List(TestKeys.Line(SshKeyKind.Ed25519, 9)) };

    public static SshSetting Closed => new(1) { PasswordlessLogin = true, PreventRootLogin = true };

    public static AccessRule Rule(string name) => AccessRule.All.Single(rule => rule.Name == name);

    public static KeyList List(params string[] lines) => new(Array.ConvertAll(lines, SshKeySelector.Parse));

    public static Server Online(long id) => new(id, $"web-{id}") { Online = true, Connected = true };

    public static SshCredential Credential(long server, long id, string line, string user = "runcloud", DateTimeOffset? addedAt = null, string? label = null) =>
        new(server, id, line) { ServerName = $"web-{server}", User = user, Label = label ?? (id == 11 ? "key-1" : $"key-{id}"), CreatedAt = addedAt ?? Now.AddDays(-1) };

    public static ServerReading Server(long id, params SshCredential[] credentials) => Server(id, isRootClosed: credentials.All(one => one.User != "root"), credentials);

    public static ServerReading Server(long id, bool isRootClosed, SshCredential[] credentials) => new(Online(id))
    {
        ReadAt = Now,
        Credentials = credentials,
        Setting = new SshSetting(id) { PasswordlessLogin = true, PreventRootLogin = isRootClosed },
    };

    public static AccessFacts Facts(AccessOptions options, params ServerReading[] servers) => new(servers, options, hasListedAll: true, isListComplete: true, Now);

    public static IReadOnlyList<SshFinding> Find(AccessOptions options, params ServerReading[] servers) => AccessAudit.Find(Facts(options, servers));

    public static AccessSnapshot Snapshot(AccessOptions options, params ServerReading[] servers) => Snapshot(Facts(options, servers));

    public static AccessSnapshot Snapshot(AccessFacts facts) =>
        AccessSnapshot.Create(facts, AccessAudit.Find(facts), new RunRecord { Endpoint = Endpoint.ToString(), Context = "prod", EndedAt = Now }, requests: 3, []);

    public static Baseline Baseline(params ServerReading[] servers)
    {
        var baseline = RunCloud.Api.Baseline.Read(Snapshot(new(), servers).ToBytes(), Endpoint, out var problem);
        Assert.Null(problem);
        return baseline!;
    }

    public static IReadOnlyList<SshFinding> Drift(Baseline baseline, params ServerReading[] servers) =>
        Find(new() { Baseline = baseline, Rules = [Rule("NewSinceBaseline"), Rule("GoneSinceBaseline")] }, servers);
}
