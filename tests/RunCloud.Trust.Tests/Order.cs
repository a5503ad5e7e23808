using RunCloud.Simulator;

namespace RunCloud.Trust.Tests;

/// <summary>What a command was to do.</summary>
internal sealed record Order
{
    /// <summary>The key that is to go.</summary>
    internal required string Key { get; init; }

    /// <summary>The key that is to come in its place; <see langword="null"/> if none is.</summary>
    internal string? NewKey { get; init; }

    /// <summary>Which servers are meant.</summary>
    internal Func<FleetServer, bool> Servers { get; init; } = _ => true;

    /// <summary>Which of the copies are meant.</summary>
    internal Func<FleetCredential, bool> Copies { get; init; } = _ => true;

    /// <summary>The ids of the copies that somebody was asked about and said no to.</summary>
    internal IReadOnlySet<long> Declined { get; init; } = new HashSet<long>();

    /// <summary>Whether what was removed is read back.</summary>
    internal bool Verifies { get; init; } = true;

    /// <summary>Whether the command reads lists to find the copies, rather than being told their ids.</summary>
    internal bool ReadsLists { get; init; } = true;

    /// <summary>Whether anything was to be done: it is only rehearsed, or somebody said no to the whole of it, where not.</summary>
    internal bool IsCarriedOut { get; init; } = true;

    /// <summary>Whether the command lists the servers a second time, after the changes.</summary>
    internal bool ListsAgain { get; init; } = true;

    /// <summary>Whether it is only rehearsed.</summary>
    internal bool IsRehearsed { get; init; }

    /// <summary>Whether a user's last credential on a server is left in place.</summary>
    internal bool KeepsLast { get; init; }

    /// <summary>Whether servers are named that must be there.</summary>
    internal bool NamesServers { get; init; }

    /// <summary>Whether users are named that must be there.</summary>
    internal bool NamesUsers { get; init; }

    /// <summary>Whether what nobody can see from the answers (<see cref="OutOfReach"/>) is excused.</summary>
    internal bool Excuses { get; init; } = true;

    /// <summary>Whether the account is one of servers, and about the key, not about single credentials.</summary>
    internal bool AccountsForServers { get; init; }

    /// <summary>Whether what goes is saved before to <c>$undo</c>, and the account to <c>$report</c>.</summary>
    internal bool SavesFiles { get; init; }
}
