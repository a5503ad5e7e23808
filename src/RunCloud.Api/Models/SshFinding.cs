using RunCloud.Api;

namespace RunCloud;

/// <summary>One violation that <c>Test-RunCloudSshAccess</c> found. Immutable.</summary>
/// <remarks>It has no <c>Id</c>: with <see cref="ServerId"/> it would bind to <c>Remove-RunCloudSshCredential</c> as a credential.</remarks>
public sealed class SshFinding : IOriginated
{
    internal SshFinding(string rule, FindingSeverity severity, string message, string advice)
    {
        Rule = rule;
        Level = severity;
        Message = message;
        Advice = advice;
    }

    /// <summary>The violated rule, for example <c>NotAllowed</c>.</summary>
    public string Rule { get; }

    /// <summary><c>Critical</c>, <c>High</c>, <c>Medium</c>, <c>Low</c> or <c>Info</c>.</summary>
    public string Severity => Level.ToString();

    /// <summary>The severity as a number, from 4 (Critical) to 0 (Info), for comparing and sorting.</summary>
    public int SeverityLevel => (int)Level;

    /// <summary>The id of the server; <see langword="null"/> if the finding is about a key on several servers.</summary>
    public long? ServerId { get; internal init; }

    /// <summary>The name of the server; <see langword="null"/> if the finding is about a key on several servers.</summary>
    public string? ServerName { get; internal init; }

    /// <summary>The system user's name; <see langword="null"/> if the finding is about no single user.</summary>
    public string? User { get; internal init; }

    /// <summary>The credential's label; <see langword="null"/> if the finding is about no single credential.</summary>
    public string? Label { get; internal init; }

    /// <summary>The key's SHA-256 fingerprint; <see langword="null"/> if there is no key or it can't be read.</summary>
    public string? Fingerprint { get; internal init; }

    /// <summary>The credential; <see langword="null"/> if the finding is about none, or about one that is no longer there.</summary>
    public SshCredential? Credential { get; internal init; }

    /// <summary>The finding, beginning with label, user, fingerprint and server.</summary>
    public string Message { get; }

    /// <summary>What to do or to type next.</summary>
    public string Advice { get; }

    internal FindingSeverity Level { get; }

    /// <summary>The key's index in the snapshot, if the finding is about a key.</summary>
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

    /// <summary>Act some day.</summary>
    Low,

    /// <summary>Act soon.</summary>
    Medium,

    /// <summary>Act now.</summary>
    High,

    /// <summary>Somebody has access who must not have it.</summary>
    Critical,
}
