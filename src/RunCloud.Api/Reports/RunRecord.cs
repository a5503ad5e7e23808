namespace RunCloud.Api;

/// <summary>Who ran a command, when, and against which endpoint. Part of every report.</summary>
internal sealed record RunRecord
{
    /// <summary>The command's name.</summary>
    public string Command { get; init; } = string.Empty;

    /// <summary>The module's version.</summary>
    public string? Module { get; init; }

    /// <summary>The shell's version.</summary>
    public string? Powershell { get; init; }

    /// <summary>The account that ran it.</summary>
    public string Account { get; init; } = string.Empty;

    /// <summary>The computer that it ran on.</summary>
    public string Computer { get; init; } = string.Empty;

    /// <summary>The reason, from <c>-Reason</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>When reading began, in UTC.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended, in UTC; <see langword="null"/> in a report written before the end.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The API's base address.</summary>
    public string Endpoint { get; init; } = string.Empty;

    /// <summary>The name of the connection.</summary>
    public string Context { get; init; } = string.Empty;
}
