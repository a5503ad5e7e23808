using System;

namespace RunCloud.Api;

/// <summary>Who ran a command, when, and against what. Every report has it.</summary>
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

    /// <summary>Why it was run, as <c>-Reason</c> says.</summary>
    public string? Reason { get; init; }

    /// <summary>When it began to read, in UTC.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended, in UTC; <see langword="null"/> in what is written before the end.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The API's base address.</summary>
    public string Endpoint { get; init; } = string.Empty;

    /// <summary>The name of the connection.</summary>
    public string Context { get; init; } = string.Empty;
}
