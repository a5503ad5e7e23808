using System;
using System.Collections.Generic;
using System.Linq;

namespace RunCloud.Api;

/// <summary>A server that is to be asked, and what about.</summary>
/// <param name="client">The client of its workspace.</param>
/// <param name="serverId">The server's id.</param>
/// <param name="server">The server; <see langword="null"/> where only its id is known.</param>
internal sealed class VerificationTarget(RunCloudClient client, long serverId, Server? server)
{
    private readonly List<string> users = [];
    private readonly List<SshPublicKey> keys = [];

    /// <summary>The client of its workspace.</summary>
    internal RunCloudClient Client => client;

    /// <summary>The server's id.</summary>
    internal long ServerId => serverId;

    /// <summary>The server; <see langword="null"/> where only its id is known.</summary>
    internal Server? Server => server;

    /// <summary>The server, or its id: what an error is about.</summary>
    internal object About => server ?? (object)serverId;

    /// <summary>The users that are meant, in order; empty where all are.</summary>
    internal IReadOnlyList<string> Users => WantsAllUsers ? [] : users;

    /// <summary>The keys that are asked about.</summary>
    internal IReadOnlyList<SshPublicKey> Keys => keys;

    /// <summary>Whether any user of the server is meant.</summary>
    internal bool WantsAllUsers { get; set; }

    /// <summary>When a removal on this server was last seen done; <see langword="null"/> where that is not known.</summary>
    internal DateTimeOffset? RemovedAt { get; private set; }

    /// <summary>Adds a user, once.</summary>
    internal void AddUser(string user)
    {
        if (!users.Contains(user, StringComparer.Ordinal))
        {
            users.Add(user);
        }
    }

    /// <summary>Adds a key, once.</summary>
    internal void AddKey(SshPublicKey key)
    {
        if (!keys.Contains(key))
        {
            keys.Add(key);
        }
    }

    /// <summary>Remembers the latest removal.</summary>
    internal void AddRemoval(DateTimeOffset? at) => RemovedAt = at is null || at < RemovedAt ? RemovedAt : at;
}
