using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace RunCloud.Simulator;

/// <summary>
/// A workspace: its servers and what is on them. Made whole from a seed (<see cref="Generate"/>) or by hand, server by server.
/// Safe for use by many threads; readers see each server's lists whole, as they were at one moment.
/// </summary>
public sealed class Fleet
{
    private readonly Lock _change = new();
    private ImmutableSortedDictionary<long, ServerState> _servers = ImmutableSortedDictionary<long, ServerState>.Empty;
    private ListedServers _listed = new(ImmutableSortedDictionary<long, ServerState>.Empty, []);
    private long _lastId = 1_000_000;

    /// <summary>Gets the day on which a fleet made by hand stands still: every date that is not given is this one, UTC.</summary>
    public static DateTimeOffset Epoch { get; } = new(2026, 3, 2, 9, 30, 0, TimeSpan.Zero);

    /// <summary>
    /// Gets the key that the story is about, in a generated fleet: ECDSA on nistp256 with the comment <c>dave@laptop</c>, on many
    /// servers under several users and labels. <see langword="null"/> in a fleet made by hand, unless set.
    /// </summary>
    public string? LeakedKey { get; init; }

    /// <summary>Makes a fleet that depends on nothing but the options' seed and counts.</summary>
    /// <param name="options">Seed, counts and <see cref="SimulatorOptions.DisguisedCopies"/> and <see cref="SimulatorOptions.AcceptKeyOptions"/> are read.</param>
    /// <returns>The fleet.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative, or more servers are to be offline than there are.</exception>
    public static Fleet Generate(SimulatorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new FleetGenerator(options).Generate();
    }

    /// <summary>Adds a server with the users <c>runcloud</c> and <c>root</c>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="online">Whether it answers.</param>
    /// <param name="connected">Whether its agent was ever linked.</param>
    /// <param name="shared">Whether it is another workspace's.</param>
    /// <param name="id">Its id; <see langword="null"/> for the next free one.</param>
    /// <returns>The server.</returns>
    /// <exception cref="ArgumentException">The id is taken.</exception>
    public FleetServer AddServer(string name, bool online = true, bool connected = true, bool shared = false, long? id = null)
    {
        lock (_change)
        {
            var number = id ?? NextId();
            var server = new FleetServer
            {
                Id = number,
                Name = name,
                Online = online,
                Connected = connected,
                Shared = shared,
                IPAddress = string.Create(CultureInfo.InvariantCulture, $"198.18.{number / 256 % 256}.{number % 256}"),
                OSVersion = connected ? "noble" : null,
                AgentVersion = connected ? "2.11.0-1+ubuntu24.04+1" : null,
                CreatedAt = Epoch,
            };
            return AddServer(server, ["runcloud", "root"]);
        }
    }

    /// <summary>Adds a system user.</summary>
    /// <param name="serverId">Its server.</param>
    /// <param name="username">Its name.</param>
    /// <param name="deploymentKey">Its deployment key, or <see langword="null"/>.</param>
    /// <returns>The user.</returns>
    /// <exception cref="ArgumentException">There is no such server, or it has such a user.</exception>
    public FleetUser AddUser(long serverId, string username, string? deploymentKey = null)
    {
        var state = State(serverId);
        lock (_change)
        {
            if (state.HasUser(username))
            {
                throw new ArgumentException($"Server {serverId} has a user '{username}'.", nameof(username));
            }

            return state.Add(new FleetUser(NextId(), username, deploymentKey, Deleteable: true, Epoch));
        }
    }

    /// <summary>Adds a credential as it is given: this is where a test puts what the API would refuse. An unknown user is added too.</summary>
    /// <param name="serverId">Its server.</param>
    /// <param name="user">The system user's name.</param>
    /// <param name="label">Its label.</param>
    /// <param name="publicKey">The value, a key or not.</param>
    /// <param name="temporary">Whether it is a temporary one.</param>
    /// <param name="createdAt">When it was added; <see langword="null"/> for <see cref="Epoch"/>.</param>
    /// <param name="id">Its id; <see langword="null"/> for the next free one.</param>
    /// <returns>The credential.</returns>
    /// <exception cref="ArgumentException">There is no such server, or the id is taken on it.</exception>
    public FleetCredential AddCredential(
        long serverId,
        string user,
        string label,
        string publicKey,
        bool temporary = false,
        DateTimeOffset? createdAt = null,
        long? id = null)
    {
        var state = State(serverId);
        lock (_change)
        {
            if (!state.HasUser(user))
            {
                state.Add(new FleetUser(NextId(), user, DeploymentKey: null, Deleteable: true, Epoch));
            }

            return state.Add(new FleetCredential(id ?? NextId(), serverId, label, user, publicKey, temporary, createdAt ?? Epoch));
        }
    }

    /// <summary>Adds an open SSH session.</summary>
    /// <param name="serverId">Its server.</param>
    /// <param name="session">The session.</param>
    /// <exception cref="ArgumentException">There is no such server.</exception>
    public void AddSession(long serverId, FleetSession session)
    {
        var state = State(serverId);
        lock (_change)
        {
            state.Sessions = state.Sessions.Add(session);
        }
    }

    /// <summary>Adds a line to a server's log, as its newest.</summary>
    /// <param name="serverId">Its server.</param>
    /// <param name="entry">The line.</param>
    /// <exception cref="ArgumentException">There is no such server.</exception>
    public void AddLog(long serverId, FleetLogEntry entry)
    {
        var state = State(serverId);
        lock (_change)
        {
            state.Log = state.Log.Insert(0, entry);
        }
    }

    /// <summary>Removes a credential behind everybody's back, as RunCloud does with a temporary one.</summary>
    /// <param name="serverId">Its server.</param>
    /// <param name="id">Its id.</param>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="ArgumentException">There is no such server.</exception>
    public bool RemoveCredential(long serverId, long id)
    {
        var state = State(serverId);
        lock (_change)
        {
            var kept = state.Credentials.RemoveAll(credential => credential.Id == id);
            var found = kept.Length < state.Credentials.Length;
            state.Credentials = kept;
            return found;
        }
    }

    /// <summary>Lists a server's first credential as its last from now on.</summary>
    /// <param name="serverId">The server.</param>
    /// <exception cref="ArgumentException">There is no such server.</exception>
    public void MoveFirstCredentialToEnd(long serverId)
    {
        var state = State(serverId);
        lock (_change)
        {
            if (state.Credentials is [var first, .. var others])
            {
                state.Credentials = [.. others, first];
            }
        }
    }

    /// <summary>Removes a server.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>Whether it was there.</returns>
    public bool RemoveServer(long id)
    {
        lock (_change)
        {
            var found = _servers.ContainsKey(id);
            _servers = _servers.Remove(id);
            return found;
        }
    }

    /// <summary>Changes a server: its name, whether it is online, and the like.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="change">Makes the new server of the old one. The id stays, whatever it says.</param>
    /// <exception cref="ArgumentException">There is no such server.</exception>
    public void UpdateServer(long id, Func<FleetServer, FleetServer> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var state = State(id);
        lock (_change)
        {
            state.Server = change(state.Server) with { Id = id };
        }
    }

    /// <summary>Sets the SSH switches of a server.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="settings">The new ones.</param>
    /// <exception cref="ArgumentException">There is no such server.</exception>
    public void UpdateSettings(long id, FleetSshSettings settings)
    {
        var state = State(id);
        lock (_change)
        {
            state.Settings = settings;
        }
    }

    /// <summary>Reads the system users of a server.</summary>
    /// <param name="serverId">The server's id.</param>
    /// <returns>The users, in the order in which the API lists them.</returns>
    /// <exception cref="ArgumentException">There is no such server.</exception>
    public ImmutableArray<FleetUser> GetUsers(long serverId) => State(serverId).Users;

    /// <summary>Reads the SSH switches of a server.</summary>
    /// <param name="serverId">The server's id.</param>
    /// <returns>The switches.</returns>
    /// <exception cref="ArgumentException">There is no such server.</exception>
    public FleetSshSettings GetSettings(long serverId) => State(serverId).Settings;

    /// <summary>Reads the true state: every server and its credentials at one moment.</summary>
    /// <returns>A copy that later changes leave alone.</returns>
    public FleetSnapshot Snapshot()
    {
        lock (_change)
        {
            return new FleetSnapshot([.. _servers.Values.Select(state => state.Copy())], _lastId);
        }
    }

    /// <summary>Puts everything back to what it was, the next free id included, so that the same work can be done again.</summary>
    /// <param name="snapshot">What it was, here or in another fleet.</param>
    public void Restore(FleetSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        lock (_change)
        {
            _servers = snapshot.States.ToImmutableSortedDictionary(state => state.Server.Id, state => state.Copy());
            _lastId = snapshot.LastId;
        }
    }

    /// <summary>Gets the servers in the order of the API's list, which is that of their ids.</summary>
    internal ImmutableArray<ServerState> States
    {
        get
        {
            // A page deep in a list of ten thousand is not to cost a walk over the tree.
            var servers = Volatile.Read(ref _servers);
            var listed = Volatile.Read(ref _listed);
            if (!ReferenceEquals(listed.Source, servers))
            {
                listed = new ListedServers(servers, [.. servers.Values]);
                Volatile.Write(ref _listed, listed);
            }

            return listed.States;
        }
    }

    internal bool TryGet(long id, [NotNullWhen(true)] out ServerState? state) => Volatile.Read(ref _servers).TryGetValue(id, out state);

    internal FleetServer AddServer(FleetServer server, IEnumerable<string> builtIn)
    {
        lock (_change)
        {
            var state = new ServerState(server);
            if (_servers.ContainsKey(server.Id))
            {
                throw new ArgumentException($"There is a server {server.Id}.", nameof(server));
            }

            _servers = _servers.Add(server.Id, state);
            foreach (var username in builtIn)
            {
                state.Add(new FleetUser(NextId(), username, DeploymentKey: null, Deleteable: false, server.CreatedAt));
            }

            return server;
        }
    }

    /// <summary>Runs a check and the change that rests on it as one, so that two requests can't both pass the check.</summary>
    internal T Change<T>(Func<Func<long>, T> deed)
    {
        lock (_change)
        {
            return deed(NextId);
        }
    }

    private long NextId() => ++_lastId;

    private ServerState State(long id) =>
        TryGet(id, out var state) ? state : throw new ArgumentException($"There is no server {id}.", nameof(id));

    private sealed record ListedServers(ImmutableSortedDictionary<long, ServerState> Source, ImmutableArray<ServerState> States);
}
