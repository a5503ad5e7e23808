namespace RunCloud.Api;

/// <summary>Decides how often and when one request is retried, and counts how long it has waited because a server asked for it.</summary>
internal sealed class Retries(RunCloudClientOptions options, RateLimiter limiter, Func<double> jitter, RequestScope scope)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(20);

    /// <summary>The longest wait without a request that checks whether it is necessary. A header may state any time.</summary>
    private static readonly TimeSpan LongestStep = TimeSpan.FromMinutes(1);

    private int _failures;
    private bool _hasChecked;
    private TimeSpan _waitedAsAsked;

    /// <summary>
    /// Waits until the request may be sent again: full jitter over a doubling span, but not less than the server's requested time. In
    /// a long wait there is one attempt each minute that does not count, to see whether the server still asks for the wait.
    /// </summary>
    /// <returns>
    /// <see langword="false"/> at once if it may not: the failure is permanent, all retries are used, or the waits that servers
    /// asked for exceed the limit.
    /// </returns>
    internal async Task<bool> WaitAsync(RunCloudException failure, CancellationToken cancellation)
    {
        if (!failure.IsTransient || _failures >= options.MaximumRetryCount)
        {
            return false;
        }

        var span = Math.Min(FirstDelay.TotalSeconds * Math.Pow(2, _failures), LongestDelay.TotalSeconds);
        var delay = TimeSpan.FromSeconds(span * jitter());
        DateTimeOffset? announced = null;
        if (failure.RetryAfter is { } asked && asked > delay)
        {
            var step = asked < LongestStep ? asked : LongestStep;
            var isTooLong = asked > options.MaximumWait - _waitedAsAsked;
            if (step > options.MaximumWait - _waitedAsAsked || (isTooLong && _hasChecked))
            {
                return false;
            }

            _hasChecked |= isTooLong;
            delay = step;
            _waitedAsAsked += step;
            announced = limiter.Now + step;
            _failures -= step < asked ? 1 : 0;
        }

        _failures++;

        // The timer starts before the wait is announced: tests advance their clock as soon as they hear of it.
        var wait = options.Time.DelayAsync(delay, cancellation);
        if (announced is { } until)
        {
            scope.Observer?.OnServerWait(until);
        }

        await wait.ConfigureAwait(false);
        return true;
    }
}
