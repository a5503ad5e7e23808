using System.Globalization;

namespace RunCloud.Simulator;

/// <summary>Makes the workspace of a small agency out of a seed: its naming habits, its people with their keys, and one key that leaked.</summary>
internal sealed class FleetGenerator
{
    private const string LeakedComment = "dave@laptop";

    private static readonly string[] Families =
        ["web", "db", "app", "cache", "staging", "mail", "shop-eu", "shop-us", "client-acme", "client-globex", "bastion", "worker"];

    private static readonly (string Name, string[] Countries)[] Providers =
    [
        ("digitalocean", ["US", "NL", "SG", "DE"]),
        ("Akamai (Linode)", ["US", "JP", "DE"]),
        ("vultr", ["US", "AU", "FR"]),
        ("Hetzner", ["DE", "FI"]),
        ("AWS", ["US", "IE", "BR"]),
        ("UpCloud", ["FI", "GB"]),
    ];

    private static readonly (string CodeName, string Version)[] Releases = [("focal", "20.04"), ("jammy", "22.04"), ("noble", "24.04")];

    private static readonly string[] People =
    [
        "alice", "bruno", "carmen", "deepa", "erik", "farah", "gustav", "hana", "ines", "jonas", "keiko", "liam",
        "mei", "nadia", "oscar", "priya", "quentin", "rosa", "sami", "tove", "umar", "vera", "wanda", "yusuf",
    ];

    private static readonly string[] Devices = ["macbook", "thinkpad", "desktop", "home", "ci-runner", "yubikey"];

    private static readonly string[] ExtraUsers = ["deploy", "staging", "shop", "backup", "acme", "intranet"];

    // How often each kind is met, in parts of a hundred. ECDSA on nistp256 is common on purpose: such lines share their first 50 characters.
    private static readonly (SshKeyKind Kind, int Share)[] Kinds =
    [
        (SshKeyKind.Ecdsa256, 28),
        (SshKeyKind.Ed25519, 28),
        (SshKeyKind.Rsa3072, 18),
        (SshKeyKind.Rsa2048, 9),
        (SshKeyKind.Rsa4096, 5),
        (SshKeyKind.Ecdsa384, 3),
        (SshKeyKind.Ecdsa521, 3),
        (SshKeyKind.SkEd25519, 2),
        (SshKeyKind.SkEcdsa256, 1),
        (SshKeyKind.Ed25519Certificate, 1),
        (SshKeyKind.RsaCertificate, 1),
        (SshKeyKind.Dsa, 1),
    ];

    private readonly SimulatorOptions _options;
    private readonly SeededRandom _random;
    private readonly (string Owner, string Line)[] _peoplesKeys;
    private readonly string _leakedLine;
    private readonly Fleet _fleet;

    internal FleetGenerator(SimulatorOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Servers, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.KeysPerServer ?? 0, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.UnparsableKeys, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.OfflineServers, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.OfflineServers, options.Servers, nameof(options));
        _options = options;
        _random = new SeededRandom(options.Seed);
        _leakedLine = TestKeys.Line(SshKeyKind.Ecdsa256, KeySeed(0), LeakedComment);
        _peoplesKeys = [.. Enumerable.Range(1, 3 * People.Length).Select(PersonsKey)];
        _fleet = new Fleet { LeakedKey = _leakedLine };
    }

    internal Fleet Generate()
    {
        var down = new HashSet<int>(Chosen(_options.OfflineServers, _options.Servers));
        var states = new List<ServerState>(_options.Servers);
        var id = 1_900_000L + _random.Next(10_000);
        var wasDown = 0;
        for (var index = 0; index < _options.Servers; index++)
        {
            id += _random.Between(1, 40);
            var neverConnected = down.Contains(index) && wasDown++ % 2 == 1;
            states.Add(AddServer(id, index, online: !down.Contains(index), connected: !neverConnected));
            AddCredentials(states[^1], index);
        }

        BreakKeys(states);
        return _fleet;
    }

    // The keys of one fleet are numbered; those of another seed are all others.
    private long KeySeed(int number) => unchecked((_options.Seed * 100_003) + number);

    private (string Owner, string Line) PersonsKey(int number)
    {
        var owner = People[number % People.Length];
        var comment = owner + "@" + _random.Pick(Devices);
        return (owner, TestKeys.Line(PickKind(), KeySeed(number), comment));
    }

    private SshKeyKind PickKind()
    {
        var share = _random.Next(Kinds.Sum(entry => entry.Share));
        foreach (var (kind, part) in Kinds)
        {
            share -= part;
            if (share < 0)
            {
                return kind;
            }
        }

        throw new InvalidOperationException("The shares do not add up.");
    }

    private ServerState AddServer(long id, int index, bool online, bool connected)
    {
        var (provider, countries) = _random.Pick(Providers);
        var (codeName, version) = _random.Pick(Releases);
        var php = _random.Pick(["php81rc", "php82rc", "php83rc", "php84rc"]);
        var server = new FleetServer
        {
            Id = id,
            Name = string.Create(CultureInfo.InvariantCulture, $"{Families[index % Families.Length]}-{(index / Families.Length) + 1:00}"),
            Provider = provider,
            Stack = _random.Pick(["nginx", "nginx", "hybrid", "openlitespeed"]),
            IPAddress = string.Create(CultureInfo.InvariantCulture, $"{(_options.ServersOnLoopback ? 127 : 198)}.{18 + (index / 65536)}.{index / 256 % 256}.{index % 256}"),
            Country = _random.Chance(85) ? _random.Pick(countries) : null,
            OSVersion = connected ? codeName : null,
            Connected = connected,
            Online = online,
            AgentVersion = connected ? $"2.11.{_random.Next(6)}-1+ubuntu{version}+{_random.Between(1, 12)}" : null,
            PhpCliVersion = php,
            SoftwareUpdate = _random.Chance(30),
            SecurityUpdate = _random.Chance(80),
            CreatedAt = Moment(),
        };
        _fleet.AddServer(server, ["runcloud", "root"]);
        _fleet.TryGet(id, out var state);
        for (var extra = _random.Next(4); extra > 0; extra--)
        {
            var name = _random.Pick(ExtraUsers);
            if (!state!.HasUser(name))
            {
                _fleet.AddUser(id, name);
            }
        }

        _fleet.UpdateSettings(id, new FleetSshSettings(_random.Chance(60), _random.Chance(20), _random.Chance(30), server.CreatedAt));
        for (var session = _random.Next(3); session > 0; session--)
        {
            _fleet.AddSession(id, Session(session));
        }

        return state!;
    }

    private FleetSession Session(int number) => new(
        _random.Pick(["root", "runcloud"]),
        string.Create(CultureInfo.InvariantCulture, $"pts/{number - 1}"),
        string.Create(CultureInfo.InvariantCulture, $"203.0.113.{_random.Between(1, 254)}"),
        string.Create(CultureInfo.InvariantCulture, $"{_random.Next(24):00}:{_random.Next(60):00}"),
        string.Create(CultureInfo.InvariantCulture, $"{_random.Next(60)}.00s"),
        _random.Pick(["-bash", "htop", "tail -f error.log"]));

    private void AddCredentials(ServerState state, int index)
    {
        var count = _options.KeysPerServer ?? (index % 9 == 4 ? _random.Between(41, 60) : _random.Between(4, 24));
        var leaked = _random.Chance(65) ? Math.Min(count, _random.Between(1, 3)) : 0;
        var isLeaked = new bool[count];
        Array.Fill(isLeaked, value: true, 0, leaked);
        _random.Shuffle(isLeaked);
        var decoy = _options.DisguisedCopies && leaked < count ? Array.IndexOf(isLeaked, value: false) : -1;
        var copies = 0;
        for (var number = 0; number < count; number++)
        {
            var user = _random.Pick(state.Users).Username;
            if (isLeaked[number])
            {
                AddCredential(state, user, "dave", Disguise(copies++));
            }
            else if (number == decoy)
            {
                AddCredential(state, user, "dave-new", TestKeys.Line(SshKeyKind.Ecdsa256, KeySeed(-1), LeakedComment));
            }
            else if (_random.Chance(15))
            {
                // A machine's own key, on this server alone. Ed25519, because a large fleet needs many of them.
                var line = TestKeys.Line(SshKeyKind.Ed25519, KeySeed(1_000 + (int)(_random.Next() % 1_000_000_000)), "ci@" + state.Server.Name);
                AddCredential(state, user, "ci", line);
            }
            else
            {
                var (owner, line) = _random.Pick(_peoplesKeys);
                AddCredential(state, user, owner, line);
            }
        }
    }

    private void AddCredential(ServerState state, string user, string wantedLabel, string line)
    {
        var label = wantedLabel;
        for (var more = 2; state.HasLabel(label); more++)
        {
            label = string.Create(CultureInfo.InvariantCulture, $"{wantedLabel}-{more}");
        }

        _fleet.AddCredential(state.Server.Id, user, label, line, _random.Chance(4), Moment());
    }

    private string Disguise(int copy)
    {
        var body = _leakedLine[..^(LeakedComment.Length + 1)];
        return (_options.DisguisedCopies ? copy % 3 : 0) switch
        {
            1 => body + " david@office",
            2 => (_options.AcceptKeyOptions ? "no-agent-forwarding,from=\"203.0.113.0/24\" " : "  ") + body + "  ",
            _ => _leakedLine,
        };
    }

    private void BreakKeys(List<ServerState> states)
    {
        var whole = states
            .SelectMany(state => state.Credentials)
            .Where(credential => !credential.PublicKey.Contains(LeakedComment, StringComparison.Ordinal))
            .ToList();
        var broken = 0;
        foreach (var at in Chosen(Math.Min(_options.UnparsableKeys, whole.Count), whole.Count))
        {
            var credential = whole[at];
            _fleet.TryGet(credential.ServerId, out var state);
            state!.Credentials = state.Credentials.Replace(credential, credential with { PublicKey = TestKeys.Unparsable(broken++) });
        }
    }

    /// <summary>Some of the numbers from 0 to below <paramref name="all"/>, each at most once.</summary>
    private IEnumerable<int> Chosen(int count, int all)
    {
        var numbers = Enumerable.Range(0, all).ToArray();
        _random.Shuffle(numbers);
        return numbers.Take(count);
    }

    // Within the two years before the fleet's standstill, to the second.
    private DateTimeOffset Moment() => Fleet.Epoch.AddSeconds(-_random.Next(2 * 365 * 24 * 3600));
}
