using System.Globalization;
using RunCloud.Api;
using RunCloud.Simulator;

namespace RunCloud.Browser;

/// <summary>Audits of made-up workspaces, each the same at every call.</summary>
internal static class SampleAccess
{
    /// <summary>When everything is read.</summary>
    internal static readonly DateTimeOffset Now = new(2026, 11, 25, 14, 3, 0, TimeSpan.Zero);

    private static readonly Uri Endpoint = new("https://manage.runcloud.io/api/v3");
    private static readonly string[] Names = ["web", "shop", "api", "db", "stage", "mail"];

    /// <summary>Text that tries to be more than text.</summary>
    internal static readonly string[] HostileTexts =
    [
        "<img src=x onerror=\"document.title='broken'\">",
        "</script><script>document.title='broken'</script>",
        "-->{{data}}<!--",
        "=HYPERLINK(\"http://127.0.0.1:9/\",\"click\")",
        "\u202Egpj.exe\u2066\u2028\u0000",
        "javascript:document.title='broken'",
        new string('x', 10_000),
    ];

    /// <summary>A realistic workspace.</summary>
    internal static AccessSnapshot Everyday()
    {
        var options = new AccessOptions
        {
            Allowed = new KeyList([.. new[] { Person(1, "alice@ops"), Person(2, "bob@ops"), Person(3, "carol@ops"), Person(4, "deploy-bot") }.Select(SshKeySelector.Parse)]),
            Blocked = new KeyList([SshKeySelector.Parse(Person(9, "dave@laptop"))]),
        };
        var before = Create(options, [.. Enumerable.Range(1, 23).Select(id => EverydayServer(id, isBefore: true))]);
        var baseline = Baseline.Read(before.ToBytes(), Endpoint, out _);
        return Create(options with { Baseline = baseline }, [.. Enumerable.Range(1, 24).Select(id => EverydayServer(id, isBefore: false))], ["1 of 24 servers were not read completely: mail-24 (id 24). The rest of what they have is not known."]);
    }

    /// <summary>A workspace without problems.</summary>
    internal static AccessSnapshot Clean() => Create(
        new AccessOptions { Rules = [.. AccessRule.All.Where(rule => rule.Name is "OldKey" or "WeakKey")] },
        [.. Enumerable.Range(1, 3).Select(id => Server(id, [Credential(id, 1, Person(1, "alice@ops"), "runcloud", "alice", 10)]))]);

    /// <summary>Names, labels and comments that an attacker could use to fool a reader of the page.</summary>
    internal static AccessSnapshot Hostile()
    {
        var servers = HostileTexts.Select((text, place) => new ServerReading(new Server(place + 1, text) { Online = true, Connected = true, IPAddress = text })
        {
            ReadAt = Now,
            Failure = place == 1 ? new RunCloudException(RunCloudError.ServerError, text) : null,
            Credentials = [new SshCredential(place + 1, 100 + place, Person(20 + place, text.Replace('\0', ' ').Replace('\u2028', ' '))) { ServerName = text, User = text, Label = text, CreatedAt = Now }],
        });
        return Create(new AccessOptions { Allowed = new KeyList([SshKeySelector.Parse(Person(1, "alice@ops"))]) }, [.. servers], [HostileTexts[0]], context: HostileTexts[0]);
    }

    /// <summary>A workspace of a given size, in which a quarter of the keys is on no list.</summary>
    internal static AccessSnapshot OfSize(int servers, int keysPerServer)
    {
        var lines = Enumerable.Range(0, 400).Select(number => Person(1000 + number, FormattableString.Invariant($"person{number}@desk"))).ToArray();
        var options = new AccessOptions { Allowed = new KeyList([.. lines.Where((_, place) => place % 4 != 0).Select(SshKeySelector.Parse)]), MaximumAgeDays = 365 };
        return Create(options, [.. Enumerable.Range(1, servers).Select(id => Server(
            id,
            [.. Enumerable.Range(0, keysPerServer).Select(place => Credential(
                id,
                place,
                lines[((id * 7) + (place * 13)) % lines.Length],
                place % 5 == 0 ? "root" : "runcloud",
                FormattableString.Invariant($"label-{place}"),
                ageInDays: (id + place) % 500))]))]);
    }

    /// <summary>A public key line of somebody.</summary>
    internal static string Person(int number, string comment, SshKeyKind kind = SshKeyKind.Ed25519) => TestKeys.Line(kind, number, comment);

    private static string NameOf(int id) => string.Create(CultureInfo.InvariantCulture, $"{Names[(id - 1) / 4]}-{id:00}");

    private static ServerReading EverydayServer(int id, bool isBefore)
    {
        var keys = new List<SshCredential>
        {
            Credential(id, 1, Person(1, "alice@ops"), "root", "alice", 40 + id),
            Credential(id, 2, Person(2, "bob@ops"), "runcloud", "bob", 70 + id),
            Credential(id, 3, Person(4, "deploy-bot"), "deploy", "bot", 12 + id),
        };
        keys.AddRange(Extra(id, isBefore));
        return Server(id, [.. keys]);
    }

    private static IEnumerable<SshCredential> Extra(int id, bool isBefore)
    {
        return [.. new[]
        {
            id is 2 or 5 or 6 ? Credential(id, 4, Person(9, "dave@laptop"), id == 2 ? "root" : "runcloud", "dave", 210) : null,
            !isBefore && id is 3 or 9 ? Credential(id, 5, Person(12, "eve@home"), "root", "eve", 1) : null,
            id == 7 ? Credential(id, 6, "cert-authority " + Person(13, "ca@ops"), "runcloud", "office-ca", 90) : null,
            id is 4 or 8 or 11 ? Credential(id, 7, Person(14, "frank@old-pc", SshKeyKind.Rsa2048), "runcloud", "frank", 900) : null,
            id == 10 ? Credential(id, 8, "ssh-rsa AAAAB3Nza (shortened)", "runcloud", "half-a-key", 30) : null,
            id == 12 ? Credential(id, 9, Person(3, "carol@ops"), "runcloud", "carol", ageInDays: null) : null,
            id is 13 or 14 ? Credential(id, 10, Person(15, id == 13 ? "gina@desk" : "hank@desk"), "runcloud", "team-key", 20) : null,
            isBefore && id == 6 ? Credential(id, 11, Person(16, "ivan@desk"), "runcloud", "ivan", 20) : null,
        }.OfType<SshCredential>()];
    }

    private static ServerReading Server(int id, SshCredential[] credentials)
    {
        var isBroken = id == 24;
        var server = new Server(id, NameOf(Math.Min(id, 24))) { Online = id is not 15 and not 16, Connected = true, IPAddress = FormattableString.Invariant($"203.0.113.{id % 250}") };
        if (id > 24)
        {
            server = new Server(id, FormattableString.Invariant($"web-{id:0000}")) { Online = id % 50 != 0, Connected = true, IPAddress = FormattableString.Invariant($"198.51.{id / 250}.{id % 250}") };
            isBroken = false;
        }

        return new ServerReading(server)
        {
            ReadAt = isBroken ? null : Now.AddSeconds(-id % 60),
            Failure = isBroken ? new RunCloudException(RunCloudError.ServerError, "RunCloud returned a server error (status 502). Try again later.") : null,
            Credentials = isBroken ? [] : credentials,
            Setting = isBroken ? null : new SshSetting(id) { PasswordlessLogin = id % 9 != 0, PreventRootLogin = id % 4 != 1, UseDns = false },
            Users = id == 17 ? [new SystemUser(id, 1, Person(2, "bob@ops")) { User = "app" }] : [],
        };
    }

    private static SshCredential Credential(int server, int number, string line, string user, string label, int? ageInDays) => new(server, (server * 1000) + number, line)
    {
        ServerName = NameOf(Math.Min(server, 24)),
        User = user,
        Label = label,
        CreatedAt = ageInDays is { } days ? Now.AddDays(-days) : null,
    };

    private static AccessSnapshot Create(AccessOptions options, ServerReading[] servers, string[]? warnings = null, string context = "prod")
    {
        var facts = new AccessFacts(servers, options, hasListedAll: true, isListComplete: true, Now);
        return AccessSnapshot.Create(facts, AccessAudit.Find(facts), SampleRun.Of("Test-RunCloudSshAccess", context, Endpoint), requests: 1 + (servers.Length * 3), warnings ?? []);
    }
}

/// <summary>Who ran the samples.</summary>
internal static class SampleRun
{
    internal static RunRecord Of(string command, string context, Uri endpoint) => new()
    {
        Command = command,
        Module = "0.1.0",
        Powershell = "7.6.9",
        Account = "alice",
        Computer = "ADM-7",
        StartedAt = SampleAccess.Now.AddMinutes(-2),
        EndedAt = SampleAccess.Now,
        Endpoint = endpoint.ToString(),
        Context = context,
    };
}
