namespace RunCloud.Api;

/// <summary>What is known about how long a rate window lasts: it was seen open at one age, and over at another.</summary>
internal sealed class RateWindowLength
{
    /// <summary>A timer may round down to a whole millisecond.</summary>
    internal static readonly TimeSpan TimerSlack = TimeSpan.FromMilliseconds(1);

    /// <summary>The assumed length when nothing is stated: the minute of the framework whose header names these are (inferred).</summary>
    internal static readonly TimeSpan Assumed = TimeSpan.FromMinutes(1);

    /// <summary>Common window lengths; each is worth one probe.</summary>
    private static readonly TimeSpan[] Common =
    [
        TimeSpan.FromSeconds(1),
        TimeSpan.FromSeconds(2),
        TimeSpan.FromSeconds(3),
        TimeSpan.FromSeconds(5),
        TimeSpan.FromSeconds(10),
        TimeSpan.FromSeconds(20),
        TimeSpan.FromSeconds(30),
    ];

    /// <summary>The least wait after a refusal, and between probes when a window has outlasted everything that was known.</summary>
    internal static readonly TimeSpan ShortWait = TimeSpan.FromSeconds(1);

    /// <summary>By how much a stated wait may be too long: both its ends may have been rounded to whole seconds.</summary>
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(2);

    /// <summary>The part of a window below which its end need not be known more exactly.</summary>
    private const int Exactness = 32;

    /// <summary>The most permits of a window that are kept for probes.</summary>
    private const int MostProbes = 6;

    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    private TimeSpan _openAt;
    private TimeSpan? _overAt;
    private TimeSpan _growth = OneSecond;
    private DateTimeOffset? _statedReset;
    private TimeSpan? _serverAhead;

    /// <summary>Whether the length is known as exactly as it needs to be.</summary>
    internal bool IsSettled => _overAt is { } over && _openAt >= JustBefore(over);

    /// <summary>Whether a window was ever seen over.</summary>
    internal bool IsSeen => _overAt is not null;

    /// <summary>The length as far as it was learned, or else the assumed one.</summary>
    internal TimeSpan Known => _overAt ?? Assumed;

    /// <summary>The longest wait without a probe: a window as assumed, or as long as one was seen open.</summary>
    internal TimeSpan LongestWait => _openAt > Assumed ? _openAt : Assumed;

    /// <summary>The permits to keep for the probes that are still to come in a window.</summary>
    /// <param name="limit">The requests of a window; <see langword="null"/> where it is not known.</param>
    /// <param name="opened">When the present window opened.</param>
    /// <param name="lastProbe">The age at which the last probe went.</param>
    internal int Reserve(int? limit, DateTimeOffset opened, TimeSpan lastProbe)
    {
        var length = Of(opened);
        var (after, last) = Bracket(length, lastProbe);
        if (IsSettled || after >= last)
        {
            return 0;
        }

        var guesses = Guesses(after, last).Length;
        var probes = IsStated(opened) ? 1 : guesses > 0 ? guesses + 1 : IsLikely(length) ? 1 : MostProbes;
        return Math.Min(Math.Min(probes, MostProbes), (limit ?? int.MaxValue) - 1);
    }

    /// <summary>When a window that opened at a time is over, as far as is known: counted from when it was first seen.</summary>
    internal TimeSpan Of(DateTimeOffset opened) => Stated(opened) ?? Known;

    /// <summary>Notes what an answer states about the reset time and the server's clock.</summary>
    internal void Learn(RateReading reading, DateTimeOffset now)
    {
        if (reading.ServerTime is { } date)
        {
            // A date is cut to whole seconds and is some time on its way, so each is a lower bound: the highest is the best.
            var ahead = date - now;
            _serverAhead = _serverAhead is { } best && best > ahead ? best : ahead;
        }

        _statedReset = reading.Reset ?? _statedReset;
    }

    /// <summary>Forgets a stated reset that is past when a window opens.</summary>
    internal void Open(DateTimeOffset opened) => _statedReset = _statedReset - _serverAhead > opened ? _statedReset : null;

    /// <summary>How long an answer says to wait. A reset that can be true counts for more than a <c>Retry-After</c> that can't.</summary>
    internal TimeSpan? StatedWait(RateReading reading, DateTimeOffset now)
    {
        var reset = reading.Reset is null ? null : _statedReset - _serverAhead - now;
        return reading.RetryAfter is null || (reading.RetryAfter > LongestWait && reset > TimeSpan.Zero && reset <= LongestWait) ? reset : reading.RetryAfter;
    }

    /// <summary>The age of the window at which the next probe is to go where the answers say what is left.</summary>
    /// <param name="opened">When the present window opened.</param>
    /// <param name="lastProbe">The age at which the last probe went.</param>
    /// <param name="permits">The permits that are left. While there is one, a probe does no harm when the window is still open.</param>
    internal TimeSpan NextProbe(DateTimeOffset opened, TimeSpan lastProbe, int permits)
    {
        var length = Of(opened);
        var (after, last) = Bracket(length, lastProbe);
        if (permits <= 0 || after >= last)
        {
            return length > lastProbe ? length : lastProbe + ShortWait;
        }

        if (IsStated(opened))
        {
            return last;
        }

        var guesses = Guesses(after, last);
        if (guesses.Length > 0)
        {
            // One after the other; with a few permits only, some are passed over.
            return guesses[(guesses.Length - 1) / (permits + 2)];
        }

        var middle = after + Fraction(length - after, 2);
        return IsLikely(length) ? last : length - after > OneSecond + OneSecond ? TimeSpan.FromSeconds(Math.Floor(middle.TotalSeconds)) : middle;
    }

    /// <summary>The same where the answers do not say what is left: each probe that comes too early is refused, so the longest guess goes first.</summary>
    /// <param name="opened">When the present window opened.</param>
    /// <param name="lastProbe">The age at which the last probe went.</param>
    internal TimeSpan NextBlindProbe(DateTimeOffset opened, TimeSpan lastProbe)
    {
        var length = Of(opened);
        var guess = Array.FindLast(Common, common => common > _openAt && common < length);
        return guess > lastProbe ? guess : length > lastProbe ? length : lastProbe + ShortWait;
    }

    /// <summary>A probe found its window over.</summary>
    /// <param name="age">The age of the window when the probe went.</param>
    /// <param name="opened">When the window opened.</param>
    /// <param name="longest">The time from the first request of the window to the answer of the probe.</param>
    internal void LearnOver(TimeSpan age, DateTimeOffset opened, TimeSpan longest)
    {
        if (_overAt is null || age < _overAt)
        {
            // The window began and ended between these two. Whole seconds are likelier than others.
            var whole = TimeSpan.FromSeconds(Math.Ceiling((age - TimerSlack - TimerSlack).TotalSeconds));
            _overAt = whole < longest ? whole : longest;
            _growth = OneSecond;
            _openAt = _openAt < _overAt ? _openAt : TimeSpan.Zero;
        }
    }

    /// <summary>A request found its window open.</summary>
    /// <param name="age">The age of the window when the request went.</param>
    /// <param name="opened">When the window opened.</param>
    internal void LearnOpen(TimeSpan age, DateTimeOffset opened)
    {
        var length = Of(opened);
        if (age > length + length)
        {
            // It came so late that it may well have met another window.
            return;
        }

        _openAt = age > _openAt ? age : _openAt;
        if (age >= _overAt)
        {
            // Windows are longer than was thought: a little at first, and more each time in a row.
            _overAt = TimeSpan.FromSeconds(Math.Floor(age.TotalSeconds)) + _growth;
            _growth += _growth;
        }
    }

    /// <summary>A refusal stated the end of its window.</summary>
    /// <param name="end">The age of the window at that end.</param>
    internal void LearnEnd(TimeSpan end)
    {
        _openAt = end - Rounding > _openAt ? end - Rounding : _openAt;
        _overAt = _overAt > _openAt && _overAt < end ? _overAt : end;
    }

    /// <summary>The ages between which to search for the end of a window. Beyond the second it need not be known more exactly.</summary>
    private (TimeSpan After, TimeSpan Last) Bracket(TimeSpan length, TimeSpan lastProbe) =>
        (lastProbe > _openAt ? lastProbe : _openAt, JustBefore(length));

    /// <summary>An age of a window so close to its end that nothing is gained by knowing better: whole seconds are likelier than others.</summary>
    private static TimeSpan JustBefore(TimeSpan length)
    {
        var part = Fraction(length, Exactness);
        return length - (length.Ticks % TimeSpan.TicksPerSecond == 0 && part < OneSecond ? OneSecond : part);
    }

    /// <summary>The stated end of a window, as far as nothing better is known.</summary>
    private TimeSpan? Stated(DateTimeOffset opened)
    {
        var stated = _statedReset - _serverAhead - opened;
        return !IsSettled && stated > _openAt && !(_overAt < stated) ? stated : null;
    }

    /// <summary>Whether the end of a window is stated and can be true, so that nothing needs to be guessed.</summary>
    private bool IsStated(DateTimeOffset opened) => Stated(opened) <= Assumed + Rounding;

    private static TimeSpan[] Guesses(TimeSpan after, TimeSpan last) => Array.FindAll(Common, common => common > after && common < last);

    /// <summary>Whether a window is likely to last so long, so that one probe just before its end is enough to know.</summary>
    private static bool IsLikely(TimeSpan length) =>
        length == Assumed || Array.IndexOf(Common, length) >= 0;

    private static TimeSpan Fraction(TimeSpan whole, int parts) => new(whole.Ticks / parts);
}
