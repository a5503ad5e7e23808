namespace RunCloud.Api;

/// <summary>The loggable facts about one request: never a header's value, a body or the token.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path below the endpoint, with its query.</param>
/// <param name="Status">The answer's status; <see langword="null"/> if there was no answer.</param>
/// <param name="Elapsed">The time from sending to the end of the answer.</param>
/// <param name="Attempt">1 for the first attempt.</param>
/// <param name="Remaining">The requests left in the rate window, as the answer said; <see langword="null"/> if it did not.</param>
/// <param name="Failure">Why there was no usable answer; <see langword="null"/> if there was one.</param>
/// <param name="RequestHeaders">The names of the headers sent, with the size of their values in characters. Empty if the observer does not want them.</param>
/// <param name="ResponseHeaders">The same for the headers received.</param>
public sealed record RequestTrace(
    string Method,
    string Path,
    int? Status,
    TimeSpan Elapsed,
    int Attempt,
    int? Remaining,
    string? Failure,
    IReadOnlyList<KeyValuePair<string, int>> RequestHeaders,
    IReadOnlyList<KeyValuePair<string, int>> ResponseHeaders);

/// <summary>Receives what happens to the requests of one caller. Called on any thread; must return at once.</summary>
public interface IRequestObserver
{
    /// <summary>Whether the traces are to have the names and sizes of the headers.</summary>
    bool WantsHeaders { get; }

    /// <summary>A request was answered or failed.</summary>
    /// <param name="trace">What happened.</param>
    void OnRequest(RequestTrace trace);

    /// <summary>A request is held back by the rate limit.</summary>
    /// <param name="until">When the rate limiter expects to let it through, in UTC.</param>
    void OnRateWait(DateTimeOffset until);

    /// <summary>A request is let through again after such a wait.</summary>
    void OnRateWaitOver();

    /// <summary>A server that failed has asked to wait before the request is sent again.</summary>
    /// <param name="until">When it is sent again, in UTC.</param>
    void OnServerWait(DateTimeOffset until);
}

/// <summary>The shared state of one caller's requests: the observer, and how long they have waited without success.</summary>
internal sealed class RequestScope(IRequestObserver? observer)
{
    internal IRequestObserver? Observer { get; } = observer;

    /// <summary>Since when the rate limit has let nothing of this caller through; owned by the rate limiter's lock.</summary>
    internal DateTimeOffset? StalledSince { get; set; }

    /// <summary>The last wait that was reported to the observer; owned by the rate limiter's lock.</summary>
    internal DateTimeOffset? AnnouncedUntil { get; set; }
}
