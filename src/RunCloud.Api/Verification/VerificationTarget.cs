namespace RunCloud.Api;

/// <summary>A server to ask, with the users and keys to ask about.</summary>
/// <param name="client">The client of its workspace.</param>
/// <param name="serverId">The server's id.</param>
/// <param name="server">The server; <see langword="null"/> if only its id is known.</param>
internal sealed class VerificationTarget(RunCloudClient client, long serverId, Server? server)
{
    private readonly List<string> _users = [];
    private readonly List<SshPublicKey> _keys = [];

    /// <summary>The client of its workspace.</summary>
    internal RunCloudClient Client => client;

    /// <summary>The server's id.</summary>
    internal long ServerId => serverId;

    /// <summary>The server; <see langword="null"/> if only its id is known.</summary>
    internal Server? Server => server;

    /// <summary>The server, or its id: the target of errors.</summary>
    internal object About => server ?? (object)serverId;

    /// <summary>The selected users, in order; empty for all.</summary>
    internal IReadOnlyList<string> Users => WantsAllUsers ? [] : _users;

    /// <summary>The keys that are asked about.</summary>
    internal IReadOnlyList<SshPublicKey> Keys => _keys;

    /// <summary>Whether all users of the server are selected.</summary>
    internal bool WantsAllUsers { get; set; }

    /// <summary>When a removal on this server was last confirmed; <see langword="null"/> if that is not known.</summary>
    internal DateTimeOffset? RemovedAt { get; private set; }

    /// <summary>Adds a user, once.</summary>
    internal void AddUser(string user)
    {
        if (!_users.Contains(user, StringComparer.Ordinal))
        {
            _users.Add(user);
        }
    }

    /// <summary>Adds a key, once.</summary>
    internal void AddKey(SshPublicKey key)
    {
        if (!_keys.Contains(key))
        {
            _keys.Add(key);
        }
    }

    /// <summary>Remembers the latest removal.</summary>
    internal void AddRemoval(DateTimeOffset? at) => RemovedAt = at is null || at < RemovedAt ? RemovedAt : at;
}
