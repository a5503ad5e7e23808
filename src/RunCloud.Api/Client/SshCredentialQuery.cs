using System;
using System.Collections.Generic;
using System.Linq;

namespace RunCloud.Api;

/// <summary>Which credentials of a server are wanted. Everything that is given must fit.</summary>
public sealed record SshCredentialQuery
{
    /// <summary>The ids; empty for any. Each that is not there is <see cref="RunCloudError.SshCredentialNotFound"/>.</summary>
    public IReadOnlyList<long> Ids { get; init; } = [];

    /// <summary>Whether a user and a label are wanted; either may be <see langword="null"/>. <see langword="null"/> for any.</summary>
    public Func<string?, string?, bool>? Accepts { get; init; }

    /// <summary>The keys, any of which is wanted; empty for any.</summary>
    public IReadOnlyList<SshKeySelector> Keys { get; init; } = [];

    /// <summary>Whether <see cref="SshCredentialFindings.Inventory"/> is wanted, of a server on which something is found.</summary>
    internal bool WithInventory { get; init; }

    /// <summary>The same, of one credential only.</summary>
    internal SshCredentialQuery Of(long id) => this with { Ids = [id] };
}

/// <summary>The wanted credentials of a server, and those of which it is not known whether they are wanted.</summary>
public sealed class SshCredentialFindings
{
    internal SshCredentialFindings(IReadOnlyList<SshCredential> credentials, IReadOnlyList<SshCredential> unreadable, IReadOnlyList<SshCredentialProblem> problems)
    {
        Credentials = credentials;
        Unreadable = unreadable;
        Problems = problems;
    }

    /// <summary>The credentials that were asked for.</summary>
    public IReadOnlyList<SshCredential> Credentials { get; }

    /// <summary>Those among <see cref="Credentials"/> whose public key cannot be read as a key, not even in the single answer.</summary>
    public IReadOnlyList<SshCredential> Unreadable { get; }

    /// <summary>What could not be found or not be compared.</summary>
    public IReadOnlyList<SshCredentialProblem> Problems { get; }

    /// <summary>
    /// Why there may be more credentials than these: the list broke off, or does not fit its own count. <see langword="null"/> when the list
    /// was read whole.
    /// </summary>
    public RunCloudException? Incomplete { get; internal init; }

    /// <summary>Those among <see cref="Credentials"/> of which the time of adding was given and cannot be read: a filter by age does not see them.</summary>
    internal IReadOnlyList<SshCredential> Undated { get; init; } = [];

    /// <summary>Every credential of the server; empty when it was not asked for or nothing was found.</summary>
    internal IReadOnlyList<InventoryEntry> Inventory { get; init; } = [];

    /// <summary>The names of the system users that have any credential on the server.</summary>
    internal IReadOnlyCollection<string> Users { get; init; } = [];

    /// <summary>How many pages the list had; 0 where credentials were read singly.</summary>
    internal int Pages { get; init; }

    /// <summary>How many rows these pages had.</summary>
    internal int Rows { get; init; }

    /// <summary>When they were read: what has expired by then is no way in.</summary>
    internal DateTimeOffset ReadAt { get; init; }

    /// <summary>The credentials by which users still get in when some have gone.</summary>
    internal IReadOnlyList<InventoryEntry> WaysIn(ICollection<long> going)
    {
        var staying = Inventory.Where(entry => !going.Contains(entry.Id)).ToList();
        return [.. staying.Where(entry => entry.OpensDoor(staying, ReadAt))];
    }

    /// <summary>The same findings with what was read singly of the inventory.</summary>
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

/// <summary>Why it is not known of one credential whether it is wanted.</summary>
public sealed class SshCredentialProblem
{
    internal SshCredentialProblem(SshCredential? credential, long id, RunCloudException exception)
    {
        Credential = credential;
        Id = id;
        Exception = exception;
    }

    /// <summary>The credential; <see langword="null"/> when it could not be read at all.</summary>
    public SshCredential? Credential { get; }

    /// <summary>The credential's id.</summary>
    public long Id { get; }

    /// <summary>What went wrong.</summary>
    public RunCloudException Exception { get; }
}
