using System;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.Api;

/// <summary>How often and when one request is sent again, and how long it has waited in all because a server asked it to.</summary>
internal sealed class Retries(RunCloudClientOptions options, RateLimiter limiter, Func<double> jitter, RequestScope scope)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(20);

    /// <summary>The longest wait without a request that checks whether it is needed: a header may say anything.</summary>
    private static readonly TimeSpan LongestStep = TimeSpan.FromMinutes(1);

    private int failures;
    private bool hasChecked;
    private TimeSpan waitedAsAsked;

    /// <summary>
    /// Waits until the request may be sent again: full jitter over a doubling span, and not inside the time that the server asked to wait. Of
    /// a long time each minute is a try that does not count: it sees whether the server still asks for it.
    /// </summary>
    /// <returns>
    /// <see langword="false"/> at once when it may not: the failure would not pass, it has been tried often enough, or the waits that servers
    /// asked for would add up to more than allowed.
    /// </returns>
    internal async Task<bool> WaitAsync(RunCloudException failure, CancellationToken cancellation)
    {
        if (!failure.IsTransient || failures >= options.MaximumRetryCount)
        {
            return false;
        }

        var span = Math.Min(FirstDelay.TotalSeconds * Math.Pow(2, failures), LongestDelay.TotalSeconds);
        var delay = TimeSpan.FromSeconds(span * jitter());
        if (failure.RetryAfter is { } asked && asked > delay)
        {
            var step = asked < LongestStep ? asked : LongestStep;
            var isTooLong = asked > options.MaximumWait - waitedAsAsked;
            if (step > options.MaximumWait - waitedAsAsked || (isTooLong && hasChecked))
            {
                return false;
            }

            hasChecked |= isTooLong;
            delay = step;
            waitedAsAsked += step;
            scope.Observer?.OnServerWait(limiter.Now + step);
            failures -= step < asked ? 1 : 0;
        }

        failures++;

        await options.Time.DelayAsync(delay, cancellation).ConfigureAwait(false);
        return true;
    }
}
