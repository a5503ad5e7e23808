namespace RunCloud.Api;

/// <summary>Selects credentials of a server. All given conditions must match.</summary>
public sealed record SshCredentialQuery
{
    /// <summary>The ids; empty for any. Each that does not exist is <see cref="RunCloudError.SshCredentialNotFound"/>.</summary>
    public IReadOnlyList<long> Ids { get; init; } = [];

    /// <summary>Whether a user and a label match; either may be <see langword="null"/>. <see langword="null"/> for any.</summary>
    public Func<string?, string?, bool>? Accepts { get; init; }

    /// <summary>The keys, any of which matches; empty for any key.</summary>
    public IReadOnlyList<SshKeySelector> Keys { get; init; } = [];

    /// <summary>Whether to fill <see cref="SshCredentialFindings.Inventory"/> for a server on which something is found.</summary>
    internal bool WithInventory { get; init; }

    /// <summary>The same query for one credential.</summary>
    internal SshCredentialQuery Of(long id) => this with { Ids = [id] };
}

/// <summary>The selected credentials of a server, and those for which it is not known whether they match.</summary>
public sealed class SshCredentialFindings
{
    internal SshCredentialFindings(IReadOnlyList<SshCredential> credentials, IReadOnlyList<SshCredential> unreadable, IReadOnlyList<SshCredentialProblem> problems)
    {
        Credentials = credentials;
        Unreadable = unreadable;
        Problems = problems;
    }

    /// <summary>The selected credentials.</summary>
    public IReadOnlyList<SshCredential> Credentials { get; }

    /// <summary>Those of <see cref="Credentials"/> whose public key cannot be read, even individually.</summary>
    public IReadOnlyList<SshCredential> Unreadable { get; }

    /// <summary>Credentials that could not be found or compared.</summary>
    public IReadOnlyList<SshCredentialProblem> Problems { get; }

    /// <summary>
    /// Why there may be more credentials than these: the list broke off, or does not match its own count. <see langword="null"/> if the list
    /// was read completely.
    /// </summary>
    public RunCloudException? Incomplete { get; internal init; }

    /// <summary>Those of <see cref="Credentials"/> whose date was given but cannot be read, so that a filter by age misses them.</summary>
    internal IReadOnlyList<SshCredential> Undated { get; init; } = [];

    /// <summary>Every credential of the server; empty if it was not requested or nothing was found.</summary>
    internal IReadOnlyList<InventoryEntry> Inventory { get; init; } = [];

    /// <summary>The names of the system users with any credential on the server.</summary>
    internal IReadOnlyCollection<string> Users { get; init; } = [];

    /// <summary>How many pages the list had; 0 if credentials were read individually.</summary>
    internal int Pages { get; init; }

    /// <summary>How many rows these pages had.</summary>
    internal int Rows { get; init; }

    /// <summary>When they were read. Credentials that have expired by then give no access.</summary>
    internal DateTimeOffset ReadAt { get; init; }

    /// <summary>The credentials that still give users access after some were removed.</summary>
    internal IReadOnlyList<InventoryEntry> WaysIn(ICollection<long> going)
    {
        var staying = Inventory.Where(entry => !going.Contains(entry.Id)).ToList();
        return [.. staying.Where(entry => entry.OpensDoor(staying, ReadAt))];
    }

    /// <summary>The same findings with the individually read parts of the inventory.</summary>
    internal SshCredentialFindings With(IReadOnlyDictionary<long, InventoryEntry> read) => new(Credentials, Unreadable, Problems)
    {
        Incomplete = Incomplete,
        Undated = Undated,
        Inventory = [.. Inventory.Select(entry => read.TryGetValue(entry.Id, out var known) ? known : entry)],
        Users = Users,
        Pages = Pages,
        Rows = Rows,
        ReadAt = ReadAt,
    };
}

/// <summary>A credential for which it is not known whether it matches, and why.</summary>
public sealed class SshCredentialProblem
{
    internal SshCredentialProblem(SshCredential? credential, long id, RunCloudException exception)
    {
        Credential = credential;
        Id = id;
        Exception = exception;
    }

    /// <summary>The credential; <see langword="null"/> if it could not be read at all.</summary>
    public SshCredential? Credential { get; }

    /// <summary>The credential's id.</summary>
    public long Id { get; }

    /// <summary>What went wrong.</summary>
    public RunCloudException Exception { get; }
}
