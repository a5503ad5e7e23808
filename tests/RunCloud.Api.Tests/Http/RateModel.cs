namespace RunCloud.Api.Tests.Http;

/// <summary>What a server's limiter is like.</summary>
public enum LimiterKind
{
    /// <summary>A window opens with the first request after the last one has ended.</summary>
    FromFirstRequest,

    /// <summary>Windows begin at whole multiples of their length.</summary>
    OnTheClock,

    /// <summary>What counts is the time just past.</summary>
    Sliding,

    /// <summary>Permits trickle in one by one, up to the limit.</summary>
    TokenBucket,
}

/// <summary>What a server says of its limit.</summary>
[Flags]
public enum Says
{
    /// <summary>Nothing at all.</summary>
    None = 0,

    /// <summary>Limit and Remaining, on every answer.</summary>
    LimitAndRemaining = 1,

    /// <summary>Reset, on every answer.</summary>
    Reset = 2,

    /// <summary>Retry-After in seconds, on a refusal.</summary>
    RetryAfter = 4,
}

/// <summary>A server's rate limit, true to the tick.</summary>
internal sealed class RateModel(VirtualTime time, LimiterKind kind, int limit, TimeSpan window, Says says)
{
    private readonly List<TimeSpan> _accepted = [];
    private readonly List<(long Window, TimeSpan At)> _refused = [];
    private readonly Queue<TimeSpan> _recent = new();
    private TimeSpan _opened = TimeSpan.MinValue;
    private long _windows;
    private int _used;
    private double _tokens = limit;
    private TimeSpan _tokensAt;

    /// <summary>How far the server's clock is ahead.</summary>
    internal TimeSpan ClockAhead { get; init; } = TimeSpan.FromSeconds(41.7);

    /// <summary>When requests were let through, in order.</summary>
    internal IReadOnlyList<TimeSpan> Accepted => _accepted;

    /// <summary>In which windows requests were refused, and when.</summary>
    internal IReadOnlyList<(long Window, TimeSpan At)> Refused => _refused;

    /// <summary>Counts a request in, or refuses it.</summary>
    internal RateReading Take()
    {
        var now = time.Elapsed;
        var (left, end) = Look(now);
        var isLetThrough = left >= 1;
        if (isLetThrough)
        {
            _accepted.Add(now);
            _used++;
            _recent.Enqueue(now);
            _tokens--;
            (left, end) = Look(now);
        }
        else
        {
            _refused.Add((_windows, now));
        }

        var told = says.HasFlag(Says.LimitAndRemaining);
        var serverNow = time.GetUtcNow() + ClockAhead;
        return new RateReading(
            Refused: !isLetThrough,
            Limit: told ? limit : null,
            Remaining: told ? Math.Max(left, 0) : null,
            Reset: says.HasFlag(Says.Reset) ? Ceiling(serverNow + (end - now)) : null,
            RetryAfter: says.HasFlag(Says.RetryAfter) && !isLetThrough ? TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling((end - now).TotalSeconds))) : null,
            ServerTime: new DateTimeOffset(serverNow.UtcTicks - (serverNow.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero));
    }

    private static DateTimeOffset Ceiling(DateTimeOffset at) =>
        new((at.UtcTicks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero);

    private (int Left, TimeSpan End) Look(TimeSpan now)
    {
        switch (kind)
        {
            case LimiterKind.Sliding:
                while (_recent.TryPeek(out var oldest) && oldest + window <= now)
                {
                    _recent.Dequeue();
                }

                _windows = now.Ticks / window.Ticks;
                return (limit - _recent.Count, (_recent.TryPeek(out var first) ? first : now) + window);
            case LimiterKind.TokenBucket:
                _tokens = Math.Min(limit, _tokens + ((now - _tokensAt) / window * limit));
                _tokensAt = now;
                _windows = now.Ticks / window.Ticks;
                return ((int)_tokens, now + (window / limit));
            case LimiterKind.OnTheClock when _opened == TimeSpan.MinValue || now >= _opened + window:
                _opened = new TimeSpan(now.Ticks - ((now.Ticks + Phase) % window.Ticks));
                break;
            case LimiterKind.FromFirstRequest when _opened == TimeSpan.MinValue || now >= _opened + window:
                _opened = now;
                break;
            default:
                return (limit - _used, _opened + window);
        }

        _used = 0;
        _windows++;
        return (limit, _opened + window);
    }

    /// <summary>Where the first window stands when the clock starts.</summary>
    internal long Phase { get; init; } = TimeSpan.FromSeconds(3.3).Ticks;
}

/// <summary>Many clients behind one rate limiter before one model, and what came of it.</summary>
internal sealed class RateRun
{
    internal required LimiterKind Kind { get; init; }

    internal int Limit { get; init; } = 60;

    internal double WindowSeconds { get; init; } = 10;

    internal Says Says { get; init; } = Says.LimitAndRemaining;

    internal int Requests { get; init; } = 600;

    internal int Concurrency { get; init; } = 16;

    internal int Seed { get; init; } = 1;

    /// <summary>From the sending to the counting, and from there to the answer, in milliseconds: random between these.</summary>
    internal (int Least, int Most) Latency { get; init; } = (20, 30);

    /// <summary>Of a thousand answers, how many never come; half of those requests do not arrive either.</summary>
    internal int LostPerMille { get; init; }

    /// <summary>How many requests another program sends a second with the same token.</summary>
    internal double Others { get; init; }

    /// <summary>Until the last request was answered.</summary>
    internal TimeSpan Elapsed { get; private set; }

    internal RateModel Model { get; private set; } = null!;

    /// <summary>How long the whole took, compared with requests ÷ rate.</summary>
    internal double Ratio => Elapsed.TotalSeconds / (Requests / (Limit / WindowSeconds));

    /// <summary>The requests of ours that were refused.</summary>
    internal int Refused { get; private set; }

    /// <summary>The most refusals that any window saw in the second half of the time.</summary>
    internal int MostRefusalsLater => Model.Refused.GroupBy(refusal => refusal.Window)
        .Where(window => window.All(refusal => refusal.At > Elapsed / 2))
        .Select(window => window.Count()).DefaultIfEmpty().Max();

    /// <summary>The longest that one request waited for the rate limiter.</summary>
    internal TimeSpan LongestWait { get; private set; }

    internal async Task<RateRun> GoAsync()
    {
        var time = new VirtualTime();
        Model = new RateModel(time, Kind, Limit, TimeSpan.FromSeconds(WindowSeconds), Says);
        using var limiter = new RateLimiter(time, TimeSpan.FromHours(10));
        time.HeldBack = () => limiter.Waiting;
        var random = new Random(Seed);
        var left = Requests;
        var working = Concurrency;
        var jobs = new List<Func<Task>>();
        for (var i = 0; i < Concurrency; i++)
        {
            jobs.Add(async () =>
            {
                var scope = new RequestScope(observer: null);
                while (Interlocked.Decrement(ref left) >= 0)
                {
                    while (!await TryAsync(time, limiter, scope, random))
                    {
                    }
                }

                lock (random)
                {
                    Elapsed = time.Elapsed;
                    working--;
                }
            });
        }

        if (Others > 0.001)
        {
            jobs.Add(async () =>
            {
                while (Volatile.Read(ref working) > 0)
                {
                    await time.SleepAsync(TimeSpan.FromSeconds(1 / Others));
                    lock (random)
                    {
                        Model.Take();
                    }
                }
            });
        }

        await time.RunAsync(jobs);
        return this;
    }

    private async Task<bool> TryAsync(VirtualTime time, RateLimiter limiter, RequestScope scope, Random random)
    {
        var asked = time.Elapsed;
        var lease = await limiter.AcquireAsync(scope, default);
        var (there, back, isLost, isSent) = Draw();
        await time.SleepAsync(there);
        RateReading? reading;
        lock (random)
        {
            LongestWait = time.Elapsed - asked > LongestWait ? time.Elapsed - asked : LongestWait;
            reading = isSent ? Model.Take() : null;
            Refused += reading is { Refused: true } ? 1 : 0;
        }

        await time.SleepAsync(back);
        limiter.Release(lease, isLost ? null : reading);
        return !isLost && reading is { Refused: false };

        (TimeSpan There, TimeSpan Back, bool IsLost, bool IsSent) Draw()
        {
            lock (random)
            {
                var lost = random.Next(1000) < LostPerMille;
                return (
                    TimeSpan.FromMilliseconds(random.Next(Latency.Least, Latency.Most + 1)),
                    TimeSpan.FromMilliseconds(lost && random.Next(2) == 0 ? 30_000 : random.Next(Latency.Least, Latency.Most + 1)),
                    lost,
                    !lost || random.Next(2) == 0);
            }
        }
    }
}
