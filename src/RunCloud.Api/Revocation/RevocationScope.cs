using System.Collections.Generic;
using System.Linq;

namespace RunCloud.Api;

/// <summary>What a revocation or a rotation was asked for, and how much of the workspace that is.</summary>
internal sealed record RevocationScope
{
    /// <summary>How many servers were named, or are in the workspace, those that were left alone included.</summary>
    public int Asked { get; init; }

    /// <summary>How many servers the workspace has; <see langword="null"/> where only some were named, or the list could not be read.</summary>
    public int? ServersInWorkspace { get; init; }

    /// <summary>How many servers' whole lists were read.</summary>
    public int ServersRead { get; init; }

    /// <summary>How many could not be read.</summary>
    public int NotRead { get; init; }

    /// <summary>How many of them RunCloud shows as offline.</summary>
    public int Offline { get; init; }

    /// <summary>How many were left alone because of <c>-ExcludeServer</c>.</summary>
    public int Excluded { get; init; }

    /// <summary>Whether every server that was meant is accounted for, and the work came to its end.</summary>
    public bool Complete { get; init; }

    /// <summary>What <c>-User</c> says; empty for every user.</summary>
    public IReadOnlyList<string> Users { get; init; } = [];

    /// <summary>What <c>-ExcludeServer</c> says.</summary>
    public IReadOnlyList<string> ExcludeServer { get; init; } = [];

    /// <summary>Whether users kept the key where it is their last way in.</summary>
    public bool SkipLastCredential { get; init; }

    /// <summary>Whether nobody looked for what the removals leave behind.</summary>
    public bool SkipInspection { get; init; }

    /// <summary>How many requests were answered until now.</summary>
    public int Requests { get; init; }

    /// <summary>The scope with what a job has met.</summary>
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
