namespace RunCloud.Api;

/// <summary>What an audit checks.</summary>
internal sealed record AccessOptions
{
    /// <summary>The rules that are checked.</summary>
    internal IReadOnlyList<AccessRule> Rules { get; init; } = AccessRule.All;

    /// <summary>The allowed keys; <see langword="null"/> if no list was given.</summary>
    internal KeyList? Allowed { get; init; }

    /// <summary>The blocked keys; <see langword="null"/> if no list was given.</summary>
    internal KeyList? Blocked { get; init; }

    /// <summary>The age in days from which a key is old.</summary>
    internal int MaximumAgeDays { get; init; } = 365;

    /// <summary>The baseline; <see langword="null"/> if none was given.</summary>
    internal Baseline? Baseline { get; init; }

    /// <summary>Whether the keys are read. They are not if only settings are checked.</summary>
    internal bool ReadsKeys => Rules.Count == 0 || Rules.Any(rule => rule.Needs.HasFlag(AccessNeeds.Keys)) || !ReadsSettings;

    /// <summary>Whether the SSH settings are read.</summary>
    internal bool ReadsSettings => Rules.Any(rule => rule.Needs.HasFlag(AccessNeeds.Settings));

    /// <summary>Whether the system users are read.</summary>
    internal bool ReadsUsers => Rules.Any(rule => rule.Needs.HasFlag(AccessNeeds.Users));
}

/// <summary>What a rule needs to read.</summary>
[Flags]
internal enum AccessNeeds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The credentials.</summary>
    Keys = 1,

    /// <summary>The SSH settings.</summary>
    Settings = 2,

    /// <summary>The system users with their deployment keys.</summary>
    Users = 4,
}
