namespace RunCloud.Api;

/// <summary>What a revocation or a rotation was asked to do, and how much of the workspace it covers.</summary>
internal sealed record RevocationScope
{
    /// <summary>The number of given servers, or of servers in the workspace, including excluded ones.</summary>
    public int Asked { get; init; }

    /// <summary>How many servers the workspace has; <see langword="null"/> if only some were given, or the list could not be read.</summary>
    public int? ServersInWorkspace { get; init; }

    /// <summary>How many servers' whole lists were read.</summary>
    public int ServersRead { get; init; }

    /// <summary>How many could not be read.</summary>
    public int NotRead { get; init; }

    /// <summary>How many of them RunCloud reports as offline.</summary>
    public int Offline { get; init; }

    /// <summary>How many were excluded with <c>-ExcludeServer</c>.</summary>
    public int Excluded { get; init; }

    /// <summary>Whether every selected server has a result, and the work was completed.</summary>
    public bool Complete { get; init; }

    /// <summary>The value of <c>-User</c>; empty for every user.</summary>
    public IReadOnlyList<string> Users { get; init; } = [];

    /// <summary>The value of <c>-ExcludeServer</c>.</summary>
    public IReadOnlyList<string> ExcludeServer { get; init; } = [];

    /// <summary>Whether users kept the key if it is the last one that gives them access.</summary>
    public bool SkipLastCredential { get; init; }

    /// <summary>Whether the search for leftovers was skipped.</summary>
    public bool SkipInspection { get; init; }

    /// <summary>How many requests were answered until now.</summary>
    public int Requests { get; init; }

    /// <summary>The scope with the results of a job.</summary>
    internal RevocationScope Of(KeyRevocation job, IReadOnlyList<SshKeyRevocation> accounts, bool isComplete) => this with
    {
        Asked = job.Servers,
        ServersInWorkspace = job.IsWholeWorkspace && job.ListFailure is null ? job.Servers : null,
        ServersRead = job.Plans.Count(plan => plan.Failure is null),
        NotRead = job.Plans.Count(plan => plan.Failure is not null),
        Offline = accounts.Count(account => account.Server.Reachability == ServerReachability.Offline),
        Excluded = job.Excluded,
        Complete = isComplete,
        SkipLastCredential = job.Change.KeepsLast,
    };
}
