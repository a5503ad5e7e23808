namespace RunCloud.Api;

/// <summary>
/// The rate limit as far as it is known. Learns from each answer, and decides whether the next request may go. Has no lock, no timer and
/// no clock: each call is given the time.
/// </summary>
/// <remarks>
/// <para>
/// The requests left in the present window are those that the last answer stated, minus the requests under way. If answers state nothing, it is the number that
/// the previous window allowed, minus those answered and under way. Without a previous window, requests go until one is refused. Only
/// at the usual limits a single request goes beyond, and no other until all are answered, so that such a limit refuses only this one.
/// </para>
/// <para>
/// The length of a window is not stated. It is learned with <em>probes</em>: when a window is nearly used up, single requests go at
/// likely times, and their answers show whether the window has ended. A probe is real work and has a permit, so it costs nothing and is not
/// refused. What is learned is kept in <see cref="RateWindowLength"/>.
/// </para>
/// <para>
/// After a 429 all requests wait once for the stated time, then a probe goes first. No statement is trusted for longer than a window
/// without a probe.
/// </para>
/// </remarks>
internal sealed class RateWindow
{
    /// <summary>Common limits; each is worth one request beyond it to find out. None of them is ever taken for the limit.</summary>
    private static readonly int[] UsualLimits = [30, 60, 100, 120, 300, 600, 1_000];

    /// <summary>How many windows a counted limit is trusted, before a request tests whether more are allowed.</summary>
    private const int TrustedWindows = 9;

    /// <summary>After this many windows in a row that accept requests but say "0 left" from the first, the number is ignored. A refusal that proves the number right multiplies this.</summary>
    private const int BelievedEmptyWindows = 3;

    /// <summary>In a window with at most this many requests, one returned permit is a large part of it.</summary>
    private const int FewRequests = 8;

    private readonly RateWindowLength _length = new();
    private readonly RatePace _pace = new();

    private long _lastPermit;
    private int _underWay;
    private bool _probeUnderWay;
    private bool _heardNothing = true;
    private DateTimeOffset _lastHeard;

    // After a refusal: when a probe goes to see whether requests may go again.
    private DateTimeOffset _probeAt;

    // The present window.
    private DateTimeOffset _opened;
    private RatePermit _opener;
    private int _answered;
    private TimeSpan _lastProbe;

    // The last permit given out when the answers stated the remaining requests, and the number of lost answers since then.
    private long _remainingAsOf;
    private int _lost;
    private int _emptyWindows;
    private int _believedEmptyWindows = BelievedEmptyWindows;

    // What the last refusal showed about all windows.
    private int? _countedLimit;
    private int _sureLimit;
    private int _trustedWindows;

    /// <summary>A window about which nothing is known.</summary>
    internal RateWindow(DateTimeOffset now)
    {
        _opened = now;
        _lastHeard = now;
    }

    /// <summary>The number of requests in a window, as the API last stated it.</summary>
    internal int? Limit { get; private set; }

    /// <summary>The requests left in the present window, as far as the answers have stated.</summary>
    internal int? Remaining { get; private set; }

    /// <summary>After a refusal: when the API says that requests may go again.</summary>
    internal DateTimeOffset? HeldUntil { get; private set; }

    /// <summary>When the last probe after a refusal was refused too.</summary>
    internal DateTimeOffset? LastRefusedProbe { get; private set; }

    /// <summary>The permits that are kept for probes.</summary>
    private int Reserve => Remaining is null ? 0 : _length.Reserve(Limit, _opened, _lastProbe);

    /// <summary>The length of a window if known, otherwise a minute.</summary>
    internal TimeSpan UsualLength => _length.Known;

    private TimeSpan Length => _length.Of(_opened);

    /// <summary>Decides whether a request may go now.</summary>
    /// <param name="now">The time.</param>
    /// <param name="due">If it may not: when to ask again, unless an answer comes first.</param>
    internal RateDecision Decide(DateTimeOffset now, out DateTimeOffset due)
    {
        due = now;
        if (HeldUntil is not null && now < _probeAt)
        {
            due = _probeAt;
            return RateDecision.WaitForTime;
        }

        if (_probeUnderWay)
        {
            return RateDecision.WaitForAnswer;
        }

        if (_heardNothing || HeldUntil is not null)
        {
            return RateDecision.GoAsProbe;
        }

        return Remaining is { } told ? DecideTold(told - _lost - _underWay, now, out due) : DecideUntold(now, out due);
    }

    /// <summary>Decides if the answers state the remaining requests.</summary>
    private RateDecision DecideTold(int left, DateTimeOffset now, out DateTimeOffset due)
    {
        due = now;
        if (left > Reserve)
        {
            return RateDecision.Go;
        }

        due = Earlier(_opened + _length.NextProbe(_opened, _lastProbe, permits: left), _lastHeard + _length.LongestWait);
        return now >= due ? RateDecision.GoAsProbe
            : left + _underWay > Reserve && _underWay > 0 ? RateDecision.WaitForAnswer
            : RateDecision.WaitForTime;
    }

    /// <summary>Decides if they do not.</summary>
    private RateDecision DecideUntold(DateTimeOffset now, out DateTimeOffset due)
    {
        due = now;
        if (_countedLimit is not { } counted)
        {
            var isAtUsualLimit = _underWay > 0 && Array.IndexOf(UsualLimits, _answered + _underWay - 1) >= 0;
            return isAtUsualLimit || _underWay >= _pace.Most(isLimited: Limit is not null) ? RateDecision.WaitForAnswer : RateDecision.Go;
        }

        if (_answered + _underWay < (_trustedWindows > 0 ? counted : _sureLimit))
        {
            return _underWay < _pace.MostFor(counted, Length) ? RateDecision.Go : RateDecision.WaitForAnswer;
        }

        if (_trustedWindows == 0)
        {
            // Beyond that, one at a time.
            return _underWay > 0 ? RateDecision.WaitForAnswer : RateDecision.GoAsProbe;
        }

        due = Earlier(_opened + _length.NextBlindProbe(_opened, _lastProbe), _lastHeard + _length.LongestWait);
        return now >= due ? RateDecision.GoAsProbe
            : _answered < counted && _underWay > 0 ? RateDecision.WaitForAnswer
            : RateDecision.WaitForTime;
    }

    /// <summary>Gives out a permit, as decided.</summary>
    internal RatePermit Acquire(bool isProbe, DateTimeOffset now)
    {
        var age = now - _opened;
        _underWay++;
        _probeUnderWay |= isProbe;
        _lastProbe = isProbe ? age : _lastProbe;
        return new RatePermit(++_lastPermit, isProbe, now, age);
    }

    /// <summary>Takes a permit back and learns from the answer; <see langword="null"/> when there was no answer.</summary>
    internal void Release(RatePermit permit, RateReading? answer, DateTimeOffset now)
    {
        _underWay--;
        _lastHeard = now;
        _probeUnderWay &= !permit.IsProbe;
        if (answer is not { } reading)
        {
            MissAnswer(permit, now);
        }
        else
        {
            _length.Learn(reading, now);
            _pace.Learn(now - permit.Sent);
            Limit = reading.Limit ?? Limit;
            if (reading.Refused)
            {
                Hold(permit, reading, now);
            }
            else
            {
                Accept(permit, Believed(reading), now);
            }
        }

        _heardNothing = false;
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    /// <summary>The remaining requests that an answer states. Ignores "0 left" while requests keep succeeding.</summary>
    private int? Believed(RateReading reading)
    {
        if (_emptyWindows >= _believedEmptyWindows && Limit != 1)
        {
            Remaining = null;
            return null;
        }

        return reading.Remaining;
    }

    private void Accept(RatePermit permit, int? stated, DateTimeOffset now)
    {
        var isNew = permit.Number > _remainingAsOf;
        if (HeldUntil is not null)
        {
            if (isNew)
            {
                Open(permit, stated, now);
            }
            else
            {
                // Sent before the refusal, answered after it.
                _countedLimit++;
            }
        }
        else if (_heardNothing)
        {
            Open(permit, stated, now);
        }
        else if (stated is not { } left)
        {
            Count(permit, isNew, now);
        }
        else if (Remaining is not { } known)
        {
            Open(permit, left, now);
        }
        else
        {
            Count(permit, isNew, left, known, now);
        }
    }

    /// <summary>Counts an answer that does not state the remaining requests.</summary>
    private void Count(RatePermit permit, bool isNew, DateTimeOffset now)
    {
        // A length that was seen once may be only a part of a window.
        var isTrusted = _trustedWindows > 0;
        if (isNew && (permit.Age >= (isTrusted ? Length : _length.LongestWait) || (permit.IsProbe && isTrusted)))
        {
            LearnOver(permit, now);
            Open(permit, left: null, now);
        }
        else
        {
            _answered++;
        }
    }

    /// <summary>Counts an answer that states the remaining requests, like the answers before it.</summary>
    private void Count(RatePermit permit, bool isNew, int left, int known, DateTimeOffset now)
    {
        if (permit.Number < _opener.Number)
        {
            // An answer of the window before. It may have been counted in this one.
            _lost++;
        }
        else if (isNew && permit.Age < Length && left == 0 && known == 0 && Limit > FewRequests)
        {
            // A permit came back early, as from a sliding window. Most of them are still to come.
            _answered++;
            _lost = 0;
            Remaining = left;
            _remainingAsOf = _lastPermit;
        }
        else if (isNew && (left >= known || (known == 0 && permit.IsProbe)))
        {
            // Not fewer than before, although this request took one: permits have come back.
            LearnOver(permit, now);
            Open(permit, left, now);
        }
        else if (isNew && permit.Age >= Length && !permit.IsProbe)
        {
            // Nothing was sent for so long that the window has passed unseen.
            Open(permit, left, now);
        }
        else
        {
            _length.LearnOpen(permit.IsProbe ? permit.Age : TimeSpan.Zero, _opened);
            _answered++;
            _lost = isNew ? 0 : _lost;
            Remaining = Math.Min(known, left);
            _remainingAsOf = _lastPermit;
        }
    }

    /// <summary>A window has ended. Only a probe shows when, because other requests go at any time.</summary>
    private void LearnOver(RatePermit permit, DateTimeOffset now)
    {
        if (permit.IsProbe)
        {
            _length.LearnOver(permit.Age, _opened, longest: now - _opener.Sent);
        }
    }

    private void Open(RatePermit permit, int? left, DateTimeOffset now)
    {
        HeldUntil = null;
        _opened = now;
        _opener = permit;
        _answered = 1;
        _lastProbe = TimeSpan.Zero;
        Remaining = left;
        _remainingAsOf = _lastPermit;
        _lost = 0;
        _length.Open(now);
        _trustedWindows = Math.Max(_trustedWindows - 1, 0);
        _emptyWindows = left == 0 ? _emptyWindows + 1 : left is null ? _emptyWindows : 0;
    }

    private void Hold(RatePermit permit, RateReading reading, DateTimeOffset now)
    {
        var stated = _length.StatedWait(reading, now);
        var isFirst = HeldUntil is null;
        var expected = Length;
        if (isFirst || (permit.IsProbe && stated is null && permit.Age < RateWindowLength.Assumed))
        {
            _length.LearnOpen(permit.Age, _opened);
        }

        var wait = stated ?? (_length.IsSeen ? _opened + Length - now : RateWindowLength.Assumed);
        var until = now + (wait > RateWindowLength.ShortWait ? wait : RateWindowLength.ShortWait);
        if (isFirst)
        {
            // The first refusal of a window shows its limit and, where the wait is stated, its end.
            if (stated is not null && stated <= _length.LongestWait && permit.Age < expected)
            {
                _length.LearnEnd(until - _opened);
            }

            _trustedWindows = _countedLimit == _answered ? TrustedWindows : 0;

            // A window may have ended unseen during the counting. Then the count is too high.
            _sureLimit = _countedLimit is { } before ? Math.Min(before, _answered) : _answered / 2;
            _countedLimit = Math.Max(_answered, 1);
        }

        var probe = Earlier(until, now + _length.LongestWait);
        if (isFirst || permit.IsProbe)
        {
            (HeldUntil, _probeAt, LastRefusedProbe) = (until, probe, isFirst ? LastRefusedProbe : now);
        }
        else
        {
            (HeldUntil, _probeAt) = (HeldUntil > until ? HeldUntil : until, _probeAt > probe ? _probeAt : probe);
        }

        _believedEmptyWindows *= _emptyWindows >= _believedEmptyWindows ? BelievedEmptyWindows : 1;
        _emptyWindows = 0;
        Remaining = Remaining is null ? null : 0;
        _remainingAsOf = _lastPermit;
    }

    private void MissAnswer(RatePermit permit, DateTimeOffset now)
    {
        // The server may have counted it anyway.
        _lost++;
        _answered++;
        _remainingAsOf = _lastPermit;
        if (permit.IsProbe && (HeldUntil is not null || permit.Age >= Length))
        {
            // The outcome is unknown, but the time was up. A server that does not answer must not block everything else, so as many as before may go.
            Open(permit, Remaining is not null ? _answered : null, now);
        }
    }
}
