using System.Globalization;
using RunCloud.Api;

namespace RunCloud.Browser;

/// <summary>Accounts of made-up revocations, each the same at every call.</summary>
internal static class SampleRevocation
{
    private static readonly Uri Endpoint = new("https://manage.runcloud.io/api/v3");
    private static readonly string Key = SampleAccess.Person(9, "dave@laptop");

    private static DateTimeOffset Now => SampleAccess.Now;

    /// <summary>A revocation of which a few servers are not settled.</summary>
    internal static RevocationReport Everyday() => Create(
        [.. Enumerable.Range(1, 24).Select(Account)],
        [new Server(25, "legacy-25")],
        Leftovers(),
        SampleRun.Of("Revoke-RunCloudSshKey", "prod", Endpoint) with { Reason = "OFF-1123: Dave has left" },
        ["Open SSH sessions: 1 (dave@198.51.100.9 on web-02 (id 2))."]);

    /// <summary>A revocation after which nothing is left to settle.</summary>
    internal static RevocationReport Settled() => Create([.. Enumerable.Range(1, 3).Select(id => Removed(id, "root"))], [], [], SampleRun.Of("Revoke-RunCloudSshKey", "prod", Endpoint), []);

    /// <summary>What is written before the first change, and stays after a kill.</summary>
    internal static RevocationReport Cut() => Create(
        [.. Enumerable.Range(1, 3).Select(id => Bad(id, RevocationStatus.Unconfirmed, OutcomeReason.Stopped, "The command had not ended."))], [], [],
        SampleRun.Of("Revoke-RunCloudSshKey", "prod", Endpoint) with { EndedAt = null }, []);

    /// <summary>A rotation.</summary>
    internal static RevocationReport Rotation() => Create(
        [.. Enumerable.Range(1, 4).Select(id => Replaced(id))], [], [], SampleRun.Of("Update-RunCloudSshKey", "prod", Endpoint), [],
        new SshKeyReplacement(SampleAccess.Person(10, "dave@new-laptop"), label: null));

    /// <summary>Names, labels and messages that an attacker could use to fool a reader of the page.</summary>
    internal static RevocationReport Hostile() => Create(
        [.. SampleAccess.HostileTexts.SelectMany((text, place) => new[]
        {
            HostileAccount(place + 1, text, RevocationStatus.Failed),
            HostileAccount(place + 100, text, RevocationStatus.Removed),
        })],
        [.. SampleAccess.HostileTexts.Select((text, place) => new Server(200 + place, text))],
        [],
        SampleRun.Of("Revoke-RunCloudSshKey", SampleAccess.HostileTexts[1], Endpoint) with { Reason = SampleAccess.HostileTexts[0] },
        SampleAccess.HostileTexts);

    /// <summary>A revocation on a given number of servers.</summary>
    internal static RevocationReport OfSize(int servers) => Create([.. Enumerable.Range(1, servers).Select(id => id % 7 == 0 ? Clean(id) : Removed(id, "root"))], [], [], SampleRun.Of("Revoke-RunCloudSshKey", "prod", Endpoint), []);

    private static SshKeyRevocation Account(int id) => id switch
    {
        15 or 16 => Bad(id, RevocationStatus.Unconfirmed, OutcomeReason.Offline, "The server is offline or was never linked, so nobody knows whether it took the removal."),
        21 => Bad(id, RevocationStatus.Failed, OutcomeReason.NotRead, "RunCloud returned a server error (status 502). Try again later."),
        _ when id % 3 == 0 => Clean(id),
        _ => Removed(id, id % 2 == 0 ? "root" : "runcloud"),
    };

    private static Server ServerOf(int id) => new(id, string.Create(CultureInfo.InvariantCulture, $"web-{id:00}")) { Online = id is not 15 and not 16, Connected = true, IPAddress = FormattableString.Invariant($"203.0.113.{id % 250}") };

    private static SshCredential CredentialOf(Server server, string user, string? key = null, string label = "dave") => new(server.Id, (server.Id * 100) + 4, key ?? Key) { ServerName = server.Name, User = user, Label = label, CreatedAt = Now.AddDays(-210) };

    private static SshKeyRevocation Removed(int id, string user)
    {
        var server = ServerOf(id);
        return new SshKeyRevocation(server, RevocationStatus.Removed)
        {
            Keys = [Key],
            CheckedAt = Now.AddSeconds(-100),
            VerifiedAt = Now.AddSeconds(-20),
            Removals = [new SshCredentialRemoval(CredentialOf(server, user), RemovalStatus.Removed) { VerifiedAt = Now.AddSeconds(-20) }],
        };
    }

    private static SshKeyRevocation Replaced(int id)
    {
        var server = ServerOf(id);
        return new SshKeyRevocation(server, RevocationStatus.Removed)
        {
            Keys = [Key],
            CheckedAt = Now.AddSeconds(-100),
            VerifiedAt = Now.AddSeconds(-20),
            Removals = [new SshCredentialRemoval(CredentialOf(server, "runcloud"), RemovalStatus.Removed)],
            Additions = [CredentialOf(server, "runcloud", SampleAccess.Person(10, "dave@new-laptop"), "dave-new-laptop")],
        };
    }

    private static SshKeyRevocation Clean(int id) => new(ServerOf(id), RevocationStatus.Clean) { Keys = [Key], CheckedAt = Now.AddSeconds(-100) };

    private static SshKeyRevocation Bad(int id, RevocationStatus status, OutcomeReason reason, string message)
    {
        var server = ServerOf(id);
        var isListed = reason != OutcomeReason.NotRead;
        return new SshKeyRevocation(server, status, isListed ? null : message)
        {
            Keys = [Key],
            Cause = reason,
            CheckedAt = isListed ? Now.AddSeconds(-100) : null,
            Removals = isListed ? [new SshCredentialRemoval(CredentialOf(server, "runcloud"), RemovalStatus.Unconfirmed, message) { Cause = reason }] : [],
        };
    }

    private static SshKeyRevocation HostileAccount(int id, string text, RevocationStatus status)
    {
        var server = new Server(id, text) { IPAddress = text };
        var credential = new SshCredential(id, id, Key) { ServerName = text, User = text, Label = text };
        return new SshKeyRevocation(server, status, text)
        {
            Keys = [Key],
            Removals = [new SshCredentialRemoval(credential, status == RevocationStatus.Failed ? RemovalStatus.Failed : RemovalStatus.Removed, text)],
        };
    }

    private static List<Leftovers> Leftovers() =>
    [
        new(ServerOf(2), [new SshSession(2) { ServerName = "web-02", User = "dave", Tty = "pts/0", IPAddress = "198.51.100.9" }], [], [], [], []),
        new(ServerOf(5), [], [new SystemUser(5, 7, Key) { ServerName = "web-05", User = "app" }], [], ["runcloud"], []),
    ];

    private static RevocationReport Create(
        IReadOnlyList<SshKeyRevocation> accounts, IReadOnlyList<Server> excluded, IReadOnlyList<Leftovers> leftovers, RunRecord run, IReadOnlyList<string> warnings, SshKeyReplacement? replacement = null) => new()
        {
            Kind = replacement is null ? RevocationReport.RevocationKind : RevocationReport.RotationKind,
            Run = run,
            Scope = new RevocationScope
            {
                Asked = accounts.Count + excluded.Count,
                ServersInWorkspace = accounts.Count + excluded.Count,
                ServersRead = accounts.Count(account => account.Cause != OutcomeReason.NotRead),
                NotRead = accounts.Count(account => account.Cause == OutcomeReason.NotRead),
                Offline = 2,
                Excluded = excluded.Count,
                ExcludeServer = excluded.Count > 0 ? ["legacy-*"] : [],
                Complete = run.EndedAt is not null,
                Requests = accounts.Count * 3,
            },
            Summary = RevocationReport.SummaryEntry.Of(accounts),
            Keys = [SshPublicKey.Parse(Key).Fingerprint],
            Replacement = replacement is null ? null : new RevocationReport.ReplacementEntry(replacement.Key),
            Complete = run.EndedAt is not null,
            Servers = [.. accounts.Select(account => new RevocationReport.ServerEntry(account))],
            Excluded = [.. excluded.Select(server => new RevocationReport.ExcludedEntry(server))],
            Leftovers = [.. leftovers.Select(left => new RevocationReport.LeftoverEntry(left))],
            Warnings = warnings,
        };
}
