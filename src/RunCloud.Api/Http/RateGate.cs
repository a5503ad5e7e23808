using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.Api;

/// <summary>
/// Stands in front of every request of a context and holds it back before the rate limit is hit.
/// </summary>
/// <remarks>
/// <para>
/// What is left of the present window is what the last answer said, less the requests under way. Where answers say nothing, it is what
/// the window before allowed, less those answered and under way; where there was none, requests go until one is refused. Only at the
/// numbers at which limits usually stand one goes beyond, and no other until all are answered: a limit there refuses no more than that one.
/// </para>
/// <para>
/// Nobody states how long a window lasts. The gate learns it with <em>scouts</em>: when a window is nearly used up, single requests that
/// go at likely times and whose answers tell whether the window has ended. A scout is real work and has a permit, so it costs nothing
/// and is not refused. What is learned is an interval: a window was seen open at <see cref="openAt"/>, and over at <see cref="overAt"/>.
/// </para>
/// <para>
/// After a 429 everything waits once for the stated time, then a scout goes first. No statement is believed for longer than a window
/// without asking again: one request then goes to see. One lock guards the state; nothing is awaited inside it.
/// </para>
/// </remarks>
internal sealed class RateGate : IDisposable
{
    /// <summary>What a window lasts when nothing is said: the minute of the framework whose header names these are (inferred).</summary>
    private static readonly TimeSpan AssumedWindow = TimeSpan.FromMinutes(1);

    /// <summary>What windows last where people choose: worth a scout each.</summary>
    private static readonly TimeSpan[] LikelyWindows =
    [
        TimeSpan.FromSeconds(1),
        TimeSpan.FromSeconds(2),
        TimeSpan.FromSeconds(5),
        TimeSpan.FromSeconds(10),
        TimeSpan.FromSeconds(20),
        TimeSpan.FromSeconds(30),
    ];

    /// <summary>
    /// How many requests windows allow where people choose: worth one request beyond each to find out. None of them is ever taken for the
    /// limit.
    /// </summary>
    private static readonly int[] UsualLimits = [30, 60, 100, 120, 300, 600, 1_000];

    /// <summary>The least wait after a refusal, and between scouts when a window has outlasted everything that was known.</summary>
    private static readonly TimeSpan ShortWait = TimeSpan.FromSeconds(1);

    /// <summary>By how much a stated wait may be too long: both its ends may have been rounded to whole seconds.</summary>
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(2);

    /// <summary>A timer may round down to a whole millisecond.</summary>
    private static readonly TimeSpan TimerSlack = TimeSpan.FromMilliseconds(1);

    /// <summary>The part of a window below which its end need not be known more exactly.</summary>
    private const int Exactness = 32;

    /// <summary>The windows that are taken to allow what the one before did, before it is tried again whether they allow more.</summary>
    private const int TrustedWindows = 9;

    /// <summary>The windows in a row that say at their first request that nothing is left, after which that is taken for a slip of the API's.</summary>
    private const int BelievedEmptyWindows = 3;

    private readonly object sync = new();
    private readonly LinkedList<Waiter> queue = new();
    private readonly TimeProvider time;
    private readonly TimeSpan maximumWait;
    private readonly DateTimeOffset epoch;
    private readonly long epochStamp;
    private readonly ITimer timer;

    private long lastTicket;
    private int inFlight;
    private bool scoutUnderWay;
    private bool heardNothing = true;

    // After a refusal: when requests may go again as the API says, when one goes to see whether that is true, and when the last such
    // one was refused.
    private DateTimeOffset? heldUntil;
    private DateTimeOffset checkAt;
    private DateTimeOffset? lastVainCheck;
    private DateTimeOffset lastHeard;

    // The present window.
    private DateTimeOffset windowOpened;
    private Ticket opener;
    private int answered;
    private TimeSpan lastScout;

    // What answers say is left of it, the last ticket that was out when they said so, and the requests since whose answers were lost.
    private int? limit;
    private int? remaining;
    private long remainingAsOf;
    private int lost;
    private int emptyWindows;

    // Windows in general.
    private TimeSpan openAt;
    private TimeSpan? overAt;
    private bool settled;
    private DateTimeOffset? statedReset;
    private TimeSpan? serverAhead;
    private int? countedLimit;
    private int trustedWindows;

    internal RateGate(TimeProvider time, TimeSpan maximumWait)
    {
        this.time = time;
        this.maximumWait = maximumWait;
        epoch = time.GetUtcNow();
        epochStamp = time.GetTimestamp();
        windowOpened = epoch;
        lastHeard = epoch;
        timer = time.CreateTimer(_ => Pump(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The requests of a window as the API last stated it.</summary>
    internal int? Limit
    {
        get
        {
            lock (sync)
            {
                return limit;
            }
        }
    }

    /// <summary>The requests left in the present window, as far as the answers have told.</summary>
    internal int? Remaining
    {
        get
        {
            lock (sync)
            {
                return remaining;
            }
        }
    }

    /// <summary>The requests that are held back now.</summary>
    internal int Waiting
    {
        get
        {
            lock (sync)
            {
                return queue.Count;
            }
        }
    }

    /// <summary>The time now, by a clock that never jumps.</summary>
    internal DateTimeOffset Now => epoch + time.GetElapsedTime(epochStamp);

    private enum Verdict
    {
        Go,
        GoAsScout,
        WaitForAnswer,
        WaitForTime,
    }

    /// <summary>Whether the answers say what is left.</summary>
    private bool IsTold => remaining is not null;

    /// <summary>When a window is over, as far as is known: counted from when it was first seen.</summary>
    private TimeSpan Length
    {
        get
        {
            var stated = statedReset - serverAhead - windowOpened;
            return !settled && stated > openAt && !(overAt < stated) ? stated.Value : overAt ?? AssumedWindow;
        }
    }

    /// <summary>The longest wait without a request that checks whether it is needed: a window as assumed, or as long as one was seen open.</summary>
    private TimeSpan LongestWait => openAt > AssumedWindow ? openAt : AssumedWindow;

    /// <summary>The permits that are kept for scouts: none once the windows' length is known, and one where it is known to be an odd one.</summary>
    private int Reserve => !IsTold ? 0
        : settled ? (Length.Ticks % TimeSpan.TicksPerSecond == 0 ? 0 : 1)
        : Math.Min((limit ?? int.MaxValue) / 2, LikelyWindows.Length);

    /// <summary>Waits until a request may be sent. Every ticket must be handed back to <see cref="Leave"/>.</summary>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.RateLimited"/>: the wait would be longer than allowed.</exception>
    /// <exception cref="OperationCanceledException">The caller does not wait any longer.</exception>
    internal async Task<Ticket> EnterAsync(RequestScope scope, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var waiter = new Waiter(scope);
        lock (sync)
        {
            queue.AddLast(waiter.Node);
            Pump();
        }

        using (cancellation.Register(() => Withdraw(waiter, cancellation)))
        {
            return await waiter.Task.ConfigureAwait(false);
        }
    }

    /// <summary>Hands a ticket back with what the answer said; <see langword="null"/> when there was no answer.</summary>
    internal void Leave(Ticket ticket, RateReading? answer)
    {
        lock (sync)
        {
            inFlight--;
            lastHeard = Now;
            scoutUnderWay &= !ticket.IsScout;
            if (answer is not { } reading)
            {
                MissAnswer(ticket);
            }
            else
            {
                Learn(reading);
                if (reading.Refused)
                {
                    Hold(ticket, reading);
                }
                else
                {
                    ticket.Scope.StalledSince = null;
                    Advance(ticket, reading);
                }
            }

            heardNothing = false;
            Pump();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => timer.Dispose();

    private void Withdraw(Waiter waiter, CancellationToken cancellation)
    {
        lock (sync)
        {
            if (waiter.Node.List is null)
            {
                return;
            }

            queue.Remove(waiter.Node);
        }

        waiter.Cancel(cancellation);
        Pump();
    }

    private void Pump()
    {
        lock (sync)
        {
            while (queue.First is { } node)
            {
                var now = Now;
                var verdict = Decide(now, out var due);
                if (verdict is Verdict.Go or Verdict.GoAsScout)
                {
                    var isScout = verdict == Verdict.GoAsScout;
                    var age = now - windowOpened;
                    queue.RemoveFirst();
                    if (node.Value.Scope.AnnouncedUntil is not null)
                    {
                        node.Value.Scope.AnnouncedUntil = null;
                        node.Value.Scope.Observer?.OnRateWaitOver();
                    }

                    inFlight++;
                    scoutUnderWay |= isScout;
                    lastScout = isScout ? age : lastScout;
                    node.Value.Admit(new Ticket(node.Value.Scope, ++lastTicket, isScout, now, age));
                    continue;
                }

                if (verdict == Verdict.WaitForTime)
                {
                    HoldBack(now, due);
                }

                if (queue.Count > 0 && due > now)
                {
                    timer.Change(due - now + TimerSlack, Timeout.InfiniteTimeSpan);
                }

                return;
            }
        }
    }

    private Verdict Decide(DateTimeOffset now, out DateTimeOffset due)
    {
        due = now;
        if (heldUntil is not null && now < checkAt)
        {
            due = checkAt;
            return Verdict.WaitForTime;
        }

        if (scoutUnderWay)
        {
            return Verdict.WaitForAnswer;
        }

        if (heardNothing || heldUntil is not null)
        {
            return Verdict.GoAsScout;
        }

        if ((IsTold ? remaining - lost : countedLimit - answered) is not { } left)
        {
            return inFlight > 0 && Array.IndexOf(UsualLimits, answered + inFlight - 1) >= 0 ? Verdict.WaitForAnswer : Verdict.Go;
        }

        if (left - inFlight > Reserve)
        {
            return Verdict.Go;
        }

        if (!IsTold && trustedWindows == 0)
        {
            // Beyond what the last window allowed, one at a time.
            return inFlight > 0 ? Verdict.WaitForAnswer : Verdict.GoAsScout;
        }

        due = Earlier(windowOpened + NextScout(mayBeInVain: IsTold && left - inFlight > 0), lastHeard + LongestWait);
        return now >= due ? Verdict.GoAsScout
            : left > Reserve && inFlight > 0 ? Verdict.WaitForAnswer
            : Verdict.WaitForTime;
    }

    /// <summary>The age of the window at which the next scout is to go.</summary>
    /// <param name="mayBeInVain">Whether it does no harm when the window is still open: where there is a permit for it.</param>
    private TimeSpan NextScout(bool mayBeInVain)
    {
        var length = Length;
        if (!IsTold)
        {
            // Every scout in vain is a refusal: the longest guess first.
            var guess = Array.FindLast(LikelyWindows, likely => likely > openAt && likely < length);
            return guess > lastScout ? guess : length > lastScout ? length : lastScout + ShortWait;
        }

        var after = lastScout > openAt ? lastScout : openAt;
        var last = length - Fraction(length, Exactness);
        if (mayBeInVain && after < last)
        {
            var guess = Array.Find(LikelyWindows, likely => likely > after && likely < last);
            return guess > TimeSpan.Zero ? guess : after + Fraction(length - after, 2);
        }

        return length > lastScout ? length : lastScout + ShortWait;
    }

    private void Learn(RateReading reading)
    {
        if (reading.ServerTime is { } date)
        {
            // A date is cut to whole seconds and aged by the way it came, so each is a lower bound: the highest is the best.
            var ahead = date - Now;
            serverAhead = serverAhead is { } best && best > ahead ? best : ahead;
        }

        limit = reading.Limit ?? limit;
        statedReset = reading.Reset ?? statedReset;
    }

    private void Advance(Ticket ticket, RateReading reading)
    {
        var isNew = ticket.Number > remainingAsOf;
        if (emptyWindows >= BelievedEmptyWindows && limit != 1)
        {
            // It says that nothing is left, and lets every request through.
            reading = reading with { Remaining = null };
            remaining = null;
        }

        if (heldUntil is not null)
        {
            if (isNew)
            {
                OpenWindow(ticket, reading.Remaining);
            }
            else
            {
                // Let through before the refusal, heard of after it.
                countedLimit++;
            }

            return;
        }

        if (heardNothing)
        {
            OpenWindow(ticket, reading.Remaining);
        }
        else if (reading.Remaining is not { } left)
        {
            if (isNew && (ticket.Age >= Length || (ticket.IsScout && trustedWindows > 0)))
            {
                LearnLength(ticket);
                OpenWindow(ticket, left: null);
            }
            else
            {
                answered++;
            }
        }
        else if (remaining is not { } known)
        {
            OpenWindow(ticket, left);
        }
        else if (ticket.Number < opener.Number)
        {
            // An answer of the window before. It may have been counted in this one.
            lost++;
        }
        else if (isNew && (left >= known || (known == 0 && ticket.IsScout)))
        {
            // Not fewer than before although this one took a permit: some have come back.
            LearnLength(ticket);
            OpenWindow(ticket, left);
        }
        else if (isNew && ticket.Age >= Length && !ticket.IsScout)
        {
            // Nothing was sent for so long that the window has passed unseen.
            OpenWindow(ticket, left);
        }
        else
        {
            LearnOpen(ticket.IsScout ? ticket.Age : TimeSpan.Zero);
            answered++;
            lost = isNew ? 0 : lost;
            remaining = Math.Min(known, left);
            remainingAsOf = lastTicket;
        }
    }

    /// <summary>A window was found over. Only a scout tells since when: others go when they like.</summary>
    private void LearnLength(Ticket scout)
    {
        if (!scout.IsScout)
        {
            return;
        }

        // At the first try, and no guess is left that could be tried before: no more permits need to be kept.
        settled = scout.Age >= Length && openAt >= Length - Fraction(Length, Exactness);
        if (overAt is null || scout.Age < overAt)
        {
            // Between the sending of the one and the answer to the other the window began and ended. Whole seconds are likelier than others.
            var longest = Now - opener.Sent;
            var whole = TimeSpan.FromSeconds(Math.Ceiling((scout.Age - TimerSlack - TimerSlack).TotalSeconds));
            overAt = whole < longest ? whole : longest;
            openAt = openAt < overAt ? openAt : TimeSpan.Zero;
        }
    }

    /// <summary>A window was found open at an age.</summary>
    private void LearnOpen(TimeSpan age)
    {
        if (age > Length + Length)
        {
            // It came so late that it may well have met another window.
            return;
        }

        openAt = age > openAt ? age : openAt;
        if (age >= overAt)
        {
            // Windows are longer than was thought.
            var likely = Array.Find(LikelyWindows, length => length > age);
            overAt = likely > TimeSpan.Zero ? likely : age < AssumedWindow ? AssumedWindow : age + age;
            settled = false;
        }
    }

    private void OpenWindow(Ticket ticket, int? left)
    {
        heldUntil = null;
        windowOpened = Now;
        opener = ticket;
        answered = 1;
        lastScout = TimeSpan.Zero;
        remaining = left;
        remainingAsOf = lastTicket;
        lost = 0;
        statedReset = statedReset - serverAhead > windowOpened ? statedReset : null;
        trustedWindows = Math.Max(trustedWindows - 1, 0);
        emptyWindows = left == 0 ? emptyWindows + 1 : left is null ? emptyWindows : 0;
    }

    private void Hold(Ticket ticket, RateReading reading)
    {
        var now = Now;
        var stated = Stated(reading, now);
        var length = Length;
        var rest = windowOpened + length - now;
        var wait = stated ?? (!settled ? AssumedWindow : rest > TimeSpan.Zero ? rest : length);
        var until = now + (wait > ShortWait ? wait : ShortWait);
        var isCheck = heldUntil is not null && ticket.IsScout;
        if (heldUntil is null)
        {
            // The first refusal of a window shows its limit and, where the wait is stated, its end.
            LearnOpen(ticket.Age);
            if (stated is not null && stated <= LongestWait && ticket.Age < length)
            {
                var end = until - windowOpened;
                openAt = end - Rounding > openAt ? end - Rounding : openAt;
                overAt = overAt > openAt && overAt < end ? overAt : end;
            }

            trustedWindows = countedLimit == answered ? TrustedWindows : 0;
            countedLimit = Math.Max(answered, 1);
        }

        var check = Earlier(until, now + LongestWait);
        if (isCheck || heldUntil is null)
        {
            (heldUntil, checkAt, lastVainCheck) = (until, check, isCheck ? now : lastVainCheck);
        }
        else
        {
            (heldUntil, checkAt) = (heldUntil > until ? heldUntil : until, checkAt > check ? checkAt : check);
        }

        emptyWindows = 0;
        remaining = remaining is null ? null : 0;
        remainingAsOf = lastTicket;
    }

    /// <summary>How long to wait, as the answer says. A reset that may well be true counts for more than a wait that can't.</summary>
    private TimeSpan? Stated(RateReading reading, DateTimeOffset now)
    {
        var reset = reading.Reset is null ? null : statedReset - serverAhead - now;
        return reading.RetryAfter is null || (reading.RetryAfter > LongestWait && reset > TimeSpan.Zero && reset <= LongestWait) ? reset : reading.RetryAfter;
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private void MissAnswer(Ticket ticket)
    {
        // It may have been counted all the same.
        lost++;
        answered++;
        remainingAsOf = lastTicket;
        if (ticket.IsScout && (heldUntil is not null || ticket.Age >= Length))
        {
            // It tells nothing, but the time was up: what does not answer must not hold back everything else. As many may go as before.
            OpenWindow(ticket, IsTold ? answered : null);
        }
    }

    private static TimeSpan Fraction(TimeSpan whole, int parts) => new(whole.Ticks / parts);

    private void HoldBack(DateTimeOffset now, DateTimeOffset due)
    {
        for (var node = queue.First; node is not null;)
        {
            var next = node.Next;
            var scope = node.Value.Scope;
            scope.StalledSince ??= now;

            // A time far away is believed only once a request of this caller's has been to see.
            var end = heldUntil > due ? heldUntil.Value : due;
            var isChecked = lastVainCheck >= scope.StalledSince;
            if ((isChecked ? end : due) - scope.StalledSince > maximumWait)
            {
                queue.Remove(node);
                node.Value.Refuse(end);
            }
            else if (scope.AnnouncedUntil != due)
            {
                scope.AnnouncedUntil = due;
                scope.Observer?.OnRateWait(due);
            }

            node = next;
        }
    }

    /// <summary>The right to send one request.</summary>
    /// <param name="Scope">Whose request it is.</param>
    /// <param name="Number">Counts up with each ticket: a higher number was sent later.</param>
    /// <param name="IsScout">Whether others wait for this request's answer.</param>
    /// <param name="Sent">When it was handed out.</param>
    /// <param name="Age">How old the present window was then.</param>
    internal readonly record struct Ticket(RequestScope Scope, long Number, bool IsScout, DateTimeOffset Sent, TimeSpan Age);

    private sealed class Waiter
    {
        private readonly TaskCompletionSource<Ticket> admitted = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Waiter(RequestScope scope)
        {
            Scope = scope;
            Node = new LinkedListNode<Waiter>(this);
        }

        internal RequestScope Scope { get; }

        internal LinkedListNode<Waiter> Node { get; }

        internal Task<Ticket> Task => admitted.Task;

        internal void Admit(Ticket ticket) => admitted.SetResult(ticket);

        internal void Cancel(CancellationToken cancellation) => admitted.TrySetCanceled(cancellation);

        internal void Refuse(DateTimeOffset due) => admitted.SetException(new RunCloudException(
            RunCloudError.RateLimited,
            FormattableString.Invariant($"The rate limit of the API is used up until {due.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, longer than may be waited. A spent monthly quota looks the same."))
        {
            Status = 429,
            RetryAt = due,
        });
    }
}
