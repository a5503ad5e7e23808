using System;
using System.Globalization;
using System.Linq;
using System.Net.Http;

namespace RunCloud.Api;

/// <summary>What one answer says about the rate limit.</summary>
/// <param name="Refused">Whether the answer is a 429.</param>
/// <param name="Limit"><c>X-RateLimit-Limit</c>: the requests of a window (documented).</param>
/// <param name="Remaining"><c>X-RateLimit-Remaining</c>: those left in this window (documented).</param>
/// <param name="Reset"><c>X-RateLimit-Reset</c> as a time of the server's clock (inferred).</param>
/// <param name="RetryAfter"><c>Retry-After</c>, in seconds or until a date (inferred).</param>
/// <param name="ServerTime"><c>Date</c>: the server's clock, cut to whole seconds.</param>
internal readonly record struct RateReading(
    bool Refused,
    int? Limit = null,
    int? Remaining = null,
    DateTimeOffset? Reset = null,
    TimeSpan? RetryAfter = null,
    DateTimeOffset? ServerTime = null)
{
    /// <summary>Smaller numbers in <c>X-RateLimit-Reset</c> are seconds from now, as some proxies send them.</summary>
    private const long EarliestUnixTime = 1_000_000_000;

    /// <summary>Beyond the year 2200 a number means something else: milliseconds, or nothing.</summary>
    private const long LatestUnixTime = 7_258_118_400;

    /// <summary>Beyond a lifetime a wait is as good as for ever, and a time so far away is none that can be reckoned with.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(36_525);

    internal static RateReading From(HttpResponseMessage answer, DateTimeOffset now)
    {
        var date = answer.Headers.Date is { } stated && stated.ToUnixTimeSeconds() is >= EarliestUnixTime and <= LatestUnixTime ? stated : (DateTimeOffset?)null;
        var retry = answer.Headers.RetryAfter;
        var after = retry?.Delta ?? (retry?.Date is { } at ? at - (date ?? now) : null);
        return new RateReading(
            (int)answer.StatusCode == 429,
            Count("X-RateLimit-Limit"),
            Count("X-RateLimit-Remaining"),
            Number("X-RateLimit-Reset") switch
            {
                null => null,
                long seconds and < EarliestUnixTime => (date ?? now).AddSeconds(seconds),
                long unix => DateTimeOffset.FromUnixTimeSeconds(unix),
            },
            after > Lifetime ? Lifetime : after < -Lifetime ? -Lifetime : after,
            date);

        long? Number(string name) =>
            answer.Headers.TryGetValues(name, out var values)
            && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= LatestUnixTime
                ? number
                : null;

        int? Count(string name) => Number(name) is { } number ? (int)Math.Min(number, int.MaxValue) : null;
    }
}
