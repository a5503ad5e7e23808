using System.Globalization;
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

    /// <summary>Beyond the year 2200 a number counts milliseconds, or means nothing.</summary>
    private const long LatestUnixTime = 7_258_118_400;

    /// <summary>A longer wait counts as forever, and a time that far away cannot be calculated with.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(36_525);

    internal static RateReading From(HttpResponseMessage answer, DateTimeOffset now)
    {
        var date = answer.Headers.Date is { } stated && stated.ToUnixTimeSeconds() is >= EarliestUnixTime and <= LatestUnixTime ? stated : (DateTimeOffset?)null;
        var limit = Count("X-RateLimit-Limit");
        var after = Time("Retry-After") is { } until ? until - (date ?? now)
            : answer.Headers.RetryAfter?.Date is { } at ? at - (date ?? now)
            : (TimeSpan?)null;
        return new RateReading(
            (int)answer.StatusCode == 429,
            limit > 0 ? limit : null,

            // A limit of none is no limit, and then nothing is ever left of it.
            limit == 0 ? null : Count("X-RateLimit-Remaining"),
            Time("X-RateLimit-Reset"),
            after > Lifetime ? Lifetime : after < -Lifetime ? -Lifetime : after,
            date);

        long? Number(string name) =>
            answer.Headers.TryGetValues(name, out var values)
            && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : null;

        int? Count(string name) => Number(name) is { } number and <= LatestUnixTime ? (int)Math.Min(number, int.MaxValue) : null;

        // Seconds from now, a Unix time, or one in milliseconds.
        DateTimeOffset? Time(string name) => Number(name) switch
        {
            null => null,
            long seconds and < EarliestUnixTime => (date ?? now).AddSeconds(seconds),
            long unix and <= LatestUnixTime => DateTimeOffset.FromUnixTimeSeconds(unix),
            long unix and >= EarliestUnixTime * 1000 and <= LatestUnixTime * 1000 => DateTimeOffset.FromUnixTimeMilliseconds(unix),
            _ => null,
        };
    }
}
