namespace RunCloud.Simulator;

/// <summary>What one rate window saw.</summary>
/// <param name="Start">When it began. With <see cref="RateWindowKind.Sliding"/> and <see cref="RateWindowKind.TokenBucket"/> there is a single entry, from the first request on.</param>
/// <param name="Accepted">How many requests were let through.</param>
/// <param name="Rejected">How many were answered 429.</param>
public sealed record RateWindow(DateTimeOffset Start, int Accepted, int Rejected);

/// <summary>Counts requests against a limit.</summary>
internal sealed class RateLimiter(RateLimit options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly List<RateWindow> _windows = [];
    private readonly Queue<DateTimeOffset> _recent = new();
    private DateTimeOffset _end;
    private DateTimeOffset _full;
    private int _used;

    internal RateLimit Options => options;

    internal IReadOnlyList<RateWindow> Windows
    {
        get
        {
            lock (_lock)
            {
                return [.. _windows];
            }
        }
    }

    /// <summary>Counts one request in, or refuses it; a refused one does not count.</summary>
    internal RateDecision Take()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            Turn(now);
            var allowed = _used < options.Limit;
            if (allowed)
            {
                Count(now);
            }

            var window = _windows[^1];
            _windows[^1] = allowed ? window with { Accepted = window.Accepted + 1 } : window with { Rejected = window.Rejected + 1 };
            return new RateDecision(allowed, options.Limit - _used, _end, now);
        }
    }

    /// <summary>Uses up part of the present window, as another program with the same token would.</summary>
    internal void Consume(int count)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            Turn(now);
            for (; count > 0 && _used < options.Limit; count--)
            {
                Count(now);
            }
        }
    }

    private void Count(DateTimeOffset now)
    {
        _used++;
        switch (options.Kind)
        {
            case RateWindowKind.Sliding:
                _recent.Enqueue(now);
                _end = _recent.Peek() + options.Window;
                break;

            case RateWindowKind.TokenBucket:
                _full = (_full > now ? _full : now) + (options.Window / options.Limit);
                Turn(now);
                break;
        }
    }

    private void Turn(DateTimeOffset now)
    {
        switch (options.Kind)
        {
            case RateWindowKind.Sliding:
                while (_recent.TryPeek(out var oldest) && oldest + options.Window <= now)
                {
                    _recent.Dequeue();
                }

                _used = _recent.Count;
                _end = (_recent.TryPeek(out var first) ? first : now) + options.Window;
                OpenOnce(now);
                break;

            case RateWindowKind.TokenBucket:
                var one = options.Window / options.Limit;
                _used = _full > now ? (int)Math.Ceiling((_full - now) / one) : 0;
                _end = _used < options.Limit ? now + one : _full - (one * (options.Limit - 1));
                OpenOnce(now);
                break;

            case RateWindowKind.OnTheClock when now >= _end:
                Open(new DateTimeOffset(now.UtcTicks - (now.UtcTicks % options.Window.Ticks), TimeSpan.Zero));
                break;

            case RateWindowKind.FromFirstRequest when now >= _end:
                Open(now);
                break;
        }
    }

    private void OpenOnce(DateTimeOffset start)
    {
        if (_windows.Count == 0)
        {
            _windows.Add(new RateWindow(start, 0, 0));
        }
    }

    private void Open(DateTimeOffset start)
    {
        _used = 0;
        _end = start + options.Window;
        _windows.Add(new RateWindow(start, 0, 0));
    }
}

/// <summary>Whether a request may pass, what is left of the window, and when it ends.</summary>
internal readonly record struct RateDecision(bool Allowed, int Remaining, DateTimeOffset ResetAt, DateTimeOffset Now)
{
    /// <summary>Whole seconds to wait, rounded up so that waiting them is enough.</summary>
    internal long RetryAfterSeconds => Math.Max(1, (long)Math.Ceiling((ResetAt - Now).TotalSeconds));

    /// <summary>The end as Unix time, rounded up for the same reason.</summary>
    internal long ResetUnixSeconds => (ResetAt.ToUnixTimeMilliseconds() + 999) / 1000;
}
