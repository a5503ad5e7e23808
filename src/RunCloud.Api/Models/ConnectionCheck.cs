using RunCloud.Api;

namespace RunCloud;

/// <summary>One check of the connection between this machine and the RunCloud API.</summary>
public sealed class ConnectionCheck
{
    internal ConnectionCheck(string name, ConnectionCheckStatus status, string detail)
    {
        Name = name;
        Outcome = status;
        Detail = detail;
    }

    /// <summary>The name of the connection that was tested; <see langword="null"/> where it has none.</summary>
    public string? Context { get; private init; }

    /// <summary>What was checked: NameResolution, Connection, Api, Token, List or RateLimit. Never <see langword="null"/>.</summary>
    public string Name { get; }

    /// <summary>How it ended: <c>Passed</c>, <c>Warning</c>, <c>Failed</c>, or <c>Skipped</c> if an earlier check makes it pointless.</summary>
    public string Status => Outcome.ToString();

    /// <summary>What was seen. Never <see langword="null"/>.</summary>
    public string Detail { get; }

    /// <summary>What to do; <see langword="null"/> if there is nothing to do.</summary>
    public string? Advice { get; internal init; }

    /// <summary>Why it failed; <see langword="null"/> if it did not.</summary>
    internal RunCloudException? Failure { get; init; }

    internal ConnectionCheckStatus Outcome { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Status}. {Detail}";

    /// <summary>The same with advice and the name of the connection.</summary>
    internal ConnectionCheck With(string? advice, string? context) => new(Name, Outcome, Detail) { Advice = advice, Context = context, Failure = Failure };
}

/// <summary>The result of a check.</summary>
internal enum ConnectionCheckStatus
{
    /// <summary>All is well.</summary>
    Passed,

    /// <summary>It works, with less certainty or speed.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Failed,

    /// <summary>It was not checked.</summary>
    Skipped,
}
