namespace RunCloud.Api;

/// <summary>What was read from one server.</summary>
internal sealed class ServerReading(Server server)
{
    /// <summary>The server.</summary>
    internal Server Server { get; } = server;

    /// <summary>When its whole list of keys was read; <see langword="null"/> if it was not read or not needed.</summary>
    internal DateTimeOffset? ReadAt { get; init; }

    /// <summary>Why the list of keys could not be read, or not completely.</summary>
    internal RunCloudException? Failure { get; init; }

    /// <summary>The keys that were seen.</summary>
    internal IReadOnlyList<SshCredential> Credentials { get; init; } = [];

    /// <summary>The ids of credentials whose key is not known, even after an individual read.</summary>
    internal HashSet<long> Unreadable { get; init; } = [];

    /// <summary>The SSH settings; <see langword="null"/> if they could not be read or were not needed.</summary>
    internal SshSetting? Setting { get; init; }

    /// <summary>Why the settings could not be read.</summary>
    internal RunCloudException? SettingFailure { get; init; }

    /// <summary>The system users; <see langword="null"/> if they could not be read or were not needed.</summary>
    internal IReadOnlyList<SystemUser>? Users { get; init; }

    /// <summary>Why the system users could not be read.</summary>
    internal RunCloudException? UsersFailure { get; init; }

    /// <summary>Whether everything that was needed was read.</summary>
    internal bool IsComplete => Failure is null && SettingFailure is null && UsersFailure is null;

    /// <summary>The key of a credential; <see langword="null"/> if it can't be read.</summary>
    internal SshPublicKey? KeyOf(SshCredential credential) => Unreadable.Contains(credential.Id) ? null : credential.Key;
}

/// <summary>Everything that the rules check.</summary>
internal sealed class AccessFacts
{
    internal AccessFacts(IReadOnlyList<ServerReading> servers, AccessOptions options, bool hasListedAll, bool isListComplete, DateTimeOffset now)
    {
        Servers = servers;
        Options = options;
        HasListedAll = hasListedAll;
        IsListComplete = isListComplete;
        Now = now;
        Keys = new KeyCatalog(servers, options);
        ServersById = servers.ToDictionary(one => one.Server.Id);
    }

    /// <summary>The servers.</summary>
    internal IReadOnlyList<ServerReading> Servers { get; }

    /// <summary>The servers by id.</summary>
    internal IReadOnlyDictionary<long, ServerReading> ServersById { get; }

    /// <summary>What to check.</summary>
    internal AccessOptions Options { get; }

    /// <summary>Whether these are all servers of the workspace. Only then does a missing server mean that it is gone.</summary>
    internal bool HasListedAll { get; }

    /// <summary>Whether everything that was needed was read.</summary>
    internal bool IsComplete => IsListComplete && Servers.All(server => server.IsComplete);

    /// <summary>Whether the list of servers was read completely.</summary>
    internal bool IsListComplete { get; }

    /// <summary>When it was read.</summary>
    internal DateTimeOffset Now { get; }

    /// <summary>The different keys.</summary>
    internal KeyCatalog Keys { get; }
}
