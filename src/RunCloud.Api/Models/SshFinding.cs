using RunCloud.Api;

namespace RunCloud;

/// <summary>One violation that <c>Test-RunCloudSshAccess</c> found. Immutable.</summary>
/// <remarks>It has no <c>Id</c>: together with <see cref="ServerId"/> it would be taken for a credential by the command that removes those.</remarks>
public sealed class SshFinding : IOriginated
{
    internal SshFinding(string rule, FindingSeverity severity, string message, string advice)
    {
        Rule = rule;
        Level = severity;
        Message = message;
        Advice = advice;
    }

    /// <summary>The rule that was broken, for example <c>NotAllowed</c>.</summary>
    public string Rule { get; }

    /// <summary><c>Critical</c>, <c>High</c>, <c>Medium</c>, <c>Low</c> or <c>Info</c>.</summary>
    public string Severity => Level.ToString();

    /// <summary>The severity as a number, from 4 (Critical) to 0 (Info): text does not compare.</summary>
    public int SeverityLevel => (int)Level;

    /// <summary>The id of the server; <see langword="null"/> where the finding is about a key on several servers.</summary>
    public long? ServerId { get; internal init; }

    /// <summary>The name of the server; <see langword="null"/> where the finding is about a key on several servers.</summary>
    public string? ServerName { get; internal init; }

    /// <summary>The system user's name; <see langword="null"/> where the finding is about no single user.</summary>
    public string? User { get; internal init; }

    /// <summary>The credential's label; <see langword="null"/> where the finding is about no single credential.</summary>
    public string? Label { get; internal init; }

    /// <summary>The key's SHA-256 fingerprint; <see langword="null"/> where there is no key or it can't be read.</summary>
    public string? Fingerprint { get; internal init; }

    /// <summary>The credential; <see langword="null"/> where the finding is about none, or about one that is no longer there.</summary>
    public SshCredential? Credential { get; internal init; }

    /// <summary>What was found, beginning with label, user, fingerprint and server.</summary>
    public string Message { get; }

    /// <summary>What to do or to type next.</summary>
    public string Advice { get; }

    internal FindingSeverity Level { get; }

    /// <summary>The key's place among those of the snapshot, where the finding is about one.</summary>
    internal int? KeyIndex { get; init; }

    /// <inheritdoc/>
    Origin? IOriginated.Origin { get; set; }

    /// <summary>Severity, rule and message.</summary>
    /// <returns>For example <c>High NotAllowed: 'dave' of root (id 17, SHA256:…) on web-01 (id 101) is not on the -AllowedKey list.</c></returns>
    public override string ToString() => $"{Severity} {Rule}: {Message}";
}

/// <summary>How bad a finding is.</summary>
internal enum FindingSeverity
{
    /// <summary>Worth knowing.</summary>
    Info,

    /// <summary>To be done some day.</summary>
    Low,

    /// <summary>To be done soon.</summary>
    Medium,

    /// <summary>To be done now.</summary>
    High,

    /// <summary>Somebody gets in who must not.</summary>
    Critical,
}
