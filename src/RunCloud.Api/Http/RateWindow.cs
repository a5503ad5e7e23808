using System;

namespace RunCloud.Api;

/// <summary>
/// The rate limit as far as it is known. Learns from each answer, and decides whether the next request may go. Has no lock, no timer and
/// no clock: each call is given the time.
/// </summary>
/// <remarks>
/// <para>
/// What is left of the present window is what the last answer said, less the requests under way. Where answers say nothing, it is what
/// the window before allowed, less those answered and under way. Where there was no window before, requests go until one is refused. Only
/// at the usual limits does one request go beyond, and no other until all are answered: a limit there refuses that one request only.
/// </para>
/// <para>
/// Nobody states how long a window lasts. It is learned with <em>probes</em>: when a window is nearly used up, single requests that go at
/// likely times and whose answers tell whether the window has ended. A probe is real work and has a permit, so it costs nothing and is not
/// refused. What is learned is kept in <see cref="RateWindowLength"/>.
/// </para>
/// <para>
/// After a 429 everything waits once for the stated time, then a probe goes first. No statement is believed for longer than a window
/// without a probe.
/// </para>
/// </remarks>
internal sealed class RateWindow
{
    /// <summary>Common limits; each is worth one request beyond it to find out. None of them is ever taken for the limit.</summary>
    private static readonly int[] UsualLimits = [30, 60, 100, 120, 300, 600, 1_000];

    /// <summary>For how many windows the limit that was counted in one is trusted, before it is tried again whether they allow more.</summary>
    private const int TrustedWindows = 9;

    /// <summary>After so many windows in a row that allow requests and say "0 left" from the first, the number is ignored; after many more when a refusal has shown it to be true.</summary>
    private const int BelievedEmptyWindows = 3;

    /// <summary>With no more requests in a window than these, one that comes back is a good part of them.</summary>
    private const int FewRequests = 8;

    private readonly RateWindowLength length = new();
    private readonly RatePace pace = new();

    private long lastPermit;
    private int underWay;
    private bool probeUnderWay;
    private bool heardNothing = true;
    private DateTimeOffset lastHeard;

    // After a refusal: when a probe goes to see whether requests may go again.
    private DateTimeOffset probeAt;

    // The present window.
    private DateTimeOffset opened;
    private RatePermit opener;
    private int answered;
    private TimeSpan lastProbe;

    // The last permit that was out when the answers said what is left, and the requests since whose answers were lost.
    private long remainingAsOf;
    private int lost;
    private int emptyWindows;
    private int believedEmptyWindows = BelievedEmptyWindows;

    // What the last refusal showed of all windows.
    private int? countedLimit;
    private int sureLimit;
    private int trustedWindows;

    /// <summary>A window about which nothing is known.</summary>
    internal RateWindow(DateTimeOffset now)
    {
        opened = now;
        lastHeard = now;
    }

    /// <summary>The requests of a window as the API last stated it.</summary>
    internal int? Limit { get; private set; }

    /// <summary>The requests left in the present window, as far as the answers have told.</summary>
    internal int? Remaining { get; private set; }

    /// <summary>After a refusal: when the API says that requests may go again.</summary>
    internal DateTimeOffset? HeldUntil { get; private set; }

    /// <summary>When the last probe after a refusal was refused too.</summary>
    internal DateTimeOffset? LastRefusedProbe { get; private set; }

    /// <summary>The permits that are kept for probes.</summary>
    private int Reserve => Remaining is null ? 0 : length.Reserve(Limit, opened, lastProbe);

    /// <summary>The length of a window as far as it is known, which is a minute where it is not.</summary>
    internal TimeSpan UsualLength => length.Known;

    private TimeSpan Length => length.Of(opened);

    /// <summary>Decides whether a request may go now.</summary>
    /// <param name="now">The time.</param>
    /// <param name="due">Where it may not: when to ask again, unless an answer comes before.</param>
    internal RateDecision Decide(DateTimeOffset now, out DateTimeOffset due)
    {
        due = now;
        if (HeldUntil is not null && now < probeAt)
        {
            due = probeAt;
            return RateDecision.WaitForTime;
        }

        if (probeUnderWay)
        {
            return RateDecision.WaitForAnswer;
        }

        if (heardNothing || HeldUntil is not null)
        {
            return RateDecision.GoAsProbe;
        }

        return Remaining is { } told ? DecideTold(told - lost - underWay, now, out due) : DecideUntold(now, out due);
    }

    /// <summary>Decides where the answers say what is left.</summary>
    private RateDecision DecideTold(int left, DateTimeOffset now, out DateTimeOffset due)
    {
        due = now;
        if (left > Reserve)
        {
            return RateDecision.Go;
        }

        due = Earlier(opened + length.NextProbe(opened, lastProbe, permits: left), lastHeard + length.LongestWait);
        return now >= due ? RateDecision.GoAsProbe
            : left + underWay > Reserve && underWay > 0 ? RateDecision.WaitForAnswer
            : RateDecision.WaitForTime;
    }

    /// <summary>Decides where they do not.</summary>
    private RateDecision DecideUntold(DateTimeOffset now, out DateTimeOffset due)
    {
        due = now;
        if (countedLimit is not { } counted)
        {
            var isAtUsualLimit = underWay > 0 && Array.IndexOf(UsualLimits, answered + underWay - 1) >= 0;
            return isAtUsualLimit || underWay >= pace.Most(isLimited: Limit is not null) ? RateDecision.WaitForAnswer : RateDecision.Go;
        }

        if (answered + underWay < (trustedWindows > 0 ? counted : sureLimit))
        {
            return underWay < pace.MostFor(counted, Length) ? RateDecision.Go : RateDecision.WaitForAnswer;
        }

        if (trustedWindows == 0)
        {
            // Beyond that, one at a time.
            return underWay > 0 ? RateDecision.WaitForAnswer : RateDecision.GoAsProbe;
        }

        due = Earlier(opened + length.NextBlindProbe(opened, lastProbe), lastHeard + length.LongestWait);
        return now >= due ? RateDecision.GoAsProbe
            : answered < counted && underWay > 0 ? RateDecision.WaitForAnswer
            : RateDecision.WaitForTime;
    }

    /// <summary>Gives out a permit, as decided.</summary>
    internal RatePermit Acquire(bool isProbe, DateTimeOffset now)
    {
        var age = now - opened;
        underWay++;
        probeUnderWay |= isProbe;
        lastProbe = isProbe ? age : lastProbe;
        return new RatePermit(++lastPermit, isProbe, now, age);
    }

    /// <summary>Takes a permit back and learns from the answer; <see langword="null"/> when there was no answer.</summary>
    internal void Release(RatePermit permit, RateReading? answer, DateTimeOffset now)
    {
        underWay--;
        lastHeard = now;
        probeUnderWay &= !permit.IsProbe;
        if (answer is not { } reading)
        {
            MissAnswer(permit, now);
        }
        else
        {
            length.Learn(reading, now);
            pace.Learn(now - permit.Sent);
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

        heardNothing = false;
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    /// <summary>What an answer says is left. Ignores "0 left" while requests keep succeeding.</summary>
    private int? Believed(RateReading reading)
    {
        if (emptyWindows >= believedEmptyWindows && Limit != 1)
        {
            Remaining = null;
            return null;
        }

        return reading.Remaining;
    }

    private void Accept(RatePermit permit, int? stated, DateTimeOffset now)
    {
        var isNew = permit.Number > remainingAsOf;
        if (HeldUntil is not null)
        {
            if (isNew)
            {
                Open(permit, stated, now);
            }
            else
            {
                // Let through before the refusal, heard of after it.
                countedLimit++;
            }
        }
        else if (heardNothing)
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

    /// <summary>Counts an answer that does not say what is left.</summary>
    private void Count(RatePermit permit, bool isNew, DateTimeOffset now)
    {
        // A length that was seen once may be that of a part of a window.
        var isTrusted = trustedWindows > 0;
        if (isNew && (permit.Age >= (isTrusted ? Length : length.LongestWait) || (permit.IsProbe && isTrusted)))
        {
            LearnOver(permit, now);
            Open(permit, left: null, now);
        }
        else
        {
            answered++;
        }
    }

    /// <summary>Counts an answer that says what is left, where the answers before it did so too.</summary>
    private void Count(RatePermit permit, bool isNew, int left, int known, DateTimeOffset now)
    {
        if (permit.Number < opener.Number)
        {
            // An answer of the window before. It may have been counted in this one.
            lost++;
        }
        else if (isNew && permit.Age < Length && left == 0 && known == 0 && Limit > FewRequests)
        {
            // One has come back before its time, as from a sliding window: most of them are still to come.
            answered++;
            lost = 0;
            Remaining = left;
            remainingAsOf = lastPermit;
        }
        else if (isNew && (left >= known || (known == 0 && permit.IsProbe)))
        {
            // Not fewer than before although this one took a permit: some have come back.
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
            length.LearnOpen(permit.IsProbe ? permit.Age : TimeSpan.Zero, opened);
            answered++;
            lost = isNew ? 0 : lost;
            Remaining = Math.Min(known, left);
            remainingAsOf = lastPermit;
        }
    }

    /// <summary>A window was found over. Only a probe tells since when: others go when they like.</summary>
    private void LearnOver(RatePermit permit, DateTimeOffset now)
    {
        if (permit.IsProbe)
        {
            length.LearnOver(permit.Age, opened, longest: now - opener.Sent);
        }
    }

    private void Open(RatePermit permit, int? left, DateTimeOffset now)
    {
        HeldUntil = null;
        opened = now;
        opener = permit;
        answered = 1;
        lastProbe = TimeSpan.Zero;
        Remaining = left;
        remainingAsOf = lastPermit;
        lost = 0;
        length.Open(now);
        trustedWindows = Math.Max(trustedWindows - 1, 0);
        emptyWindows = left == 0 ? emptyWindows + 1 : left is null ? emptyWindows : 0;
    }

    private void Hold(RatePermit permit, RateReading reading, DateTimeOffset now)
    {
        var stated = length.StatedWait(reading, now);
        var isFirst = HeldUntil is null;
        var expected = Length;
        if (isFirst || (permit.IsProbe && stated is null && permit.Age < RateWindowLength.Assumed))
        {
            length.LearnOpen(permit.Age, opened);
        }

        var wait = stated ?? (length.IsSeen ? opened + Length - now : RateWindowLength.Assumed);
        var until = now + (wait > RateWindowLength.ShortWait ? wait : RateWindowLength.ShortWait);
        if (isFirst)
        {
            // The first refusal of a window shows its limit and, where the wait is stated, its end.
            if (stated is not null && stated <= length.LongestWait && permit.Age < expected)
            {
                length.LearnEnd(until - opened);
            }

            trustedWindows = countedLimit == answered ? TrustedWindows : 0;

            // The end of a window may have passed unseen in the counting, which is then too high.
            sureLimit = countedLimit is { } before ? Math.Min(before, answered) : answered / 2;
            countedLimit = Math.Max(answered, 1);
        }

        var probe = Earlier(until, now + length.LongestWait);
        if (isFirst || permit.IsProbe)
        {
            (HeldUntil, probeAt, LastRefusedProbe) = (until, probe, isFirst ? LastRefusedProbe : now);
        }
        else
        {
            (HeldUntil, probeAt) = (HeldUntil > until ? HeldUntil : until, probeAt > probe ? probeAt : probe);
        }

        believedEmptyWindows *= emptyWindows >= believedEmptyWindows ? BelievedEmptyWindows : 1;
        emptyWindows = 0;
        Remaining = Remaining is null ? null : 0;
        remainingAsOf = lastPermit;
    }

    private void MissAnswer(RatePermit permit, DateTimeOffset now)
    {
        // It may have been counted all the same.
        lost++;
        answered++;
        remainingAsOf = lastPermit;
        if (permit.IsProbe && (HeldUntil is not null || permit.Age >= Length))
        {
            // It tells nothing, but the time was up: a server that does not answer must not hold back everything else. As many may go as before.
            Open(permit, Remaining is not null ? answered : null, now);
        }
    }
}
