namespace RunCloud.Api;

/// <summary>The right to send one request.</summary>
/// <param name="Number">Counts up with each permit: a higher number was sent later.</param>
/// <param name="IsProbe">Whether others wait for this request's answer.</param>
/// <param name="Sent">When it was given out.</param>
/// <param name="Age">How old the present window was then.</param>
internal readonly record struct RatePermit(long Number, bool IsProbe, DateTimeOffset Sent, TimeSpan Age);

/// <summary>Whether a request may go.</summary>
internal enum RateDecision
{
    /// <summary>It may go.</summary>
    Go,

    /// <summary>It may go, and others wait for its answer.</summary>
    GoAsProbe,

    /// <summary>It depends on an answer that is under way.</summary>
    WaitForAnswer,

    /// <summary>Not before a certain time.</summary>
    WaitForTime,
}
