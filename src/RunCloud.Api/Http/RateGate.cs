using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.Api;

/// <summary>
/// Stands in front of every request of a context and holds it back before the rate limit is hit.
/// </summary>
/// <remarks>
/// What is known is what the last answers said, less the requests under way. Near the end of a window the last permits are kept for
/// <em>scouts</em>: single requests, sent when the window may have ended, whose answer tells whether it has. A scout costs nothing (it is
/// real work) and finds the end of a window whose length nobody states, without a single 429. After a 429 everything waits once for the
/// stated time, then a scout goes first. One lock guards the state; nothing is awaited inside it.
/// </remarks>
internal sealed class RateGate : IDisposable
{
    /// <summary>What a window lasts when nothing is said: the minute of the framework whose header names these are (inferred).</summary>
    private static readonly TimeSpan AssumedWindow = TimeSpan.FromMinutes(1);

    /// <summary>When, after a window of unknown length opened, it is worth a scout to see whether it has ended.</summary>
    private static readonly TimeSpan[] LikelyWindows =
    [
        TimeSpan.FromSeconds(1),
        TimeSpan.FromSeconds(2),
        TimeSpan.FromSeconds(5),
        TimeSpan.FromSeconds(10),
        TimeSpan.FromSeconds(20),
        TimeSpan.FromSeconds(30),
    ];

    /// <summary>Between two scouts when a stated end has passed and the window has not ended.</summary>
    private static readonly TimeSpan ScoutAgain = TimeSpan.FromSeconds(1);

    private readonly object sync = new();
    private readonly LinkedList<Waiter> queue = new();
    private readonly TimeProvider time;
    private readonly TimeSpan maximumWait;
    private readonly DateTimeOffset epoch;
    private readonly long epochStamp;
    private readonly ITimer timer;

    private long lastTicket;
    private int inFlight;
    private int? limit;
    private int? remaining;
    private long remainingAsOf;
    private DateTimeOffset windowOpened;
    private int answeredInWindow;
    private DateTimeOffset? statedReset;
    private TimeSpan? serverAhead;
    private TimeSpan? learnedWindow;
    private int? learnedLimit;
    private DateTimeOffset? heldUntil;
    private DateTimeOffset lastScout = DateTimeOffset.MinValue;
    private bool scoutUnderWay;

    internal RateGate(TimeProvider time, TimeSpan maximumWait)
    {
        this.time = time;
        this.maximumWait = maximumWait;
        epoch = time.GetUtcNow();
        epochStamp = time.GetTimestamp();
        windowOpened = epoch;
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

    /// <summary>The time now, by a clock that never jumps.</summary>
    internal DateTimeOffset Now => epoch + time.GetElapsedTime(epochStamp);

    private enum Verdict
    {
        Go,
        GoAsScout,
        WaitForAnswer,
        WaitForTime,
    }

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
        }

        Pump();
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
            scoutUnderWay &= !ticket.IsScout;
            if (answer is not { } reading)
            {
                // It may have been counted all the same.
                SpendOne();
            }
            else
            {
                Learn(reading);
                if (reading.Refused)
                {
                    Hold(reading);
                }
                else
                {
                    ticket.Scope.StalledSince = null;
                    Advance(ticket, reading);
                }
            }
        }

        Pump();
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
                    queue.RemoveFirst();
                    inFlight++;
                    scoutUnderWay |= verdict == Verdict.GoAsScout;
                    lastScout = verdict == Verdict.GoAsScout ? now : lastScout;
                    node.Value.Admit(new Ticket(node.Value.Scope, ++lastTicket, verdict == Verdict.GoAsScout));
                    continue;
                }

                if (verdict == Verdict.WaitForTime)
                {
                    HoldBack(now, due);
                    if (queue.Count > 0)
                    {
                        // A timer may round down to a whole millisecond.
                        timer.Change(due - now + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                    }
                }

                return;
            }
        }
    }

    /// <summary>The permits that are kept for scouts: one where the end of the window is known, one for each guess where it is not.</summary>
    private int Reserve => limit is { } all ? Math.Min(all / 4, WindowEnd is null ? LikelyWindows.Length : 1) : 0;

    /// <summary>When the present window ends; <see langword="null"/> when nobody has told.</summary>
    private DateTimeOffset? WindowEnd =>
        statedReset is { } reset ? reset - (serverAhead ?? TimeSpan.Zero)
        : learnedWindow is { } length ? windowOpened + length
        : null;

    private Verdict Decide(DateTimeOffset now, out DateTimeOffset due)
    {
        due = now;
        if (heldUntil is { } held)
        {
            due = held;
            return now < held ? Verdict.WaitForTime : scoutUnderWay ? Verdict.WaitForAnswer : Verdict.GoAsScout;
        }

        if (remaining is not { } left)
        {
            // Nothing is said about the limit: beyond what the last window allowed, one at a time.
            return learnedLimit is not { } known || answeredInWindow + inFlight < known ? Verdict.Go
                : inFlight > 0 ? Verdict.WaitForAnswer
                : Verdict.GoAsScout;
        }

        if (left - inFlight > Reserve)
        {
            return Verdict.Go;
        }

        if (scoutUnderWay || (inFlight > 0 && left > Reserve))
        {
            return Verdict.WaitForAnswer;
        }

        due = NextScout(now, left - inFlight);
        return now < due ? Verdict.WaitForTime : Verdict.GoAsScout;
    }

    private DateTimeOffset NextScout(DateTimeOffset now, int permits)
    {
        if (WindowEnd is { } end)
        {
            return lastScout < end ? end : lastScout + ScoutAgain;
        }

        foreach (var guess in LikelyWindows)
        {
            var at = windowOpened + guess;
            if (permits > 0 && at > lastScout && at >= now)
            {
                return at;
            }
        }

        var last = windowOpened + AssumedWindow;
        return lastScout < last ? last : lastScout + ScoutAgain;
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
        var now = Now;
        var sentSince = ticket.Number > remainingAsOf;
        if (heldUntil is not null)
        {
            if (sentSince)
            {
                OpenWindow(now, reading);
            }
            else
            {
                // Let through before the refusal, heard of after it.
                learnedLimit++;
            }

            return;
        }

        if (sentSince && now - windowOpened >= (learnedWindow ?? AssumedWindow))
        {
            OpenWindow(now, reading);
            return;
        }

        answeredInWindow++;
        if (reading.Remaining is not { } left)
        {
            learnedLimit = ticket.IsScout && remaining is null ? answeredInWindow : learnedLimit;
            SpendOne();
        }
        else if (remaining is not { } known || left <= known)
        {
            windowOpened = remaining is null ? now : windowOpened;
            remaining = left;
            remainingAsOf = lastTicket;
        }
        else if (sentSince)
        {
            // More than before, and not because the answer is an old one.
            OpenWindow(now, reading);
        }
    }

    private void OpenWindow(DateTimeOffset now, RateReading reading)
    {
        var scouted = lastScout - windowOpened;
        if (heldUntil is null && statedReset is null && scouted > TimeSpan.Zero && scouted <= AssumedWindow + ScoutAgain)
        {
            learnedWindow = scouted;
        }

        heldUntil = null;
        windowOpened = now;
        answeredInWindow = 1;
        remaining = reading.Remaining;
        remainingAsOf = lastTicket;
        statedReset = reading.Reset;
    }

    private void Hold(RateReading reading)
    {
        var now = Now;
        var wait = reading.RetryAfter ?? (reading.Reset is null ? null : WindowEnd - now) ?? AssumedWindow;
        var until = now + (wait > ScoutAgain ? wait : ScoutAgain);
        if (heldUntil is null)
        {
            // The first refusal of a window shows its limit and, where the wait is stated, its length.
            learnedLimit = Math.Max(answeredInWindow, 1);
            learnedWindow = reading.RetryAfter is null || now - windowOpened > AssumedWindow ? learnedWindow : until - windowOpened;
        }

        heldUntil = heldUntil is { } held && held > until ? held : until;
        remaining = remaining is null ? null : 0;
        remainingAsOf = lastTicket;
    }

    private void SpendOne()
    {
        if (remaining is > 0)
        {
            remaining--;
        }
    }

    private void HoldBack(DateTimeOffset now, DateTimeOffset due)
    {
        for (var node = queue.First; node is not null;)
        {
            var next = node.Next;
            var scope = node.Value.Scope;
            scope.StalledSince ??= now;
            if (due - scope.StalledSince > maximumWait)
            {
                queue.Remove(node);
                node.Value.Refuse(due);
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
    internal readonly record struct Ticket(RequestScope Scope, long Number, bool IsScout);

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
