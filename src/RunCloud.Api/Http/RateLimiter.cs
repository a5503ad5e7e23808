namespace RunCloud.Api;

/// <summary>
/// Stands in front of every request of a context and holds it back before the rate limit is hit. Has the queue, the lock and the timer;
/// <see cref="RateWindow"/> decides.
/// </summary>
/// <remarks>One lock guards the state; nothing is awaited inside it.</remarks>
internal sealed class RateLimiter : IDisposable
{
    private readonly object _sync = new();
    private readonly LinkedList<Waiter> _queue = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _maximumWait;
    private readonly DateTimeOffset _epoch;
    private readonly long _epochStamp;
    private readonly RateWindow _window;
    private readonly ITimer _timer;

    internal RateLimiter(TimeProvider time, TimeSpan maximumWait)
    {
        _time = time;
        _maximumWait = maximumWait;
        _epoch = time.GetUtcNow();
        _epochStamp = time.GetTimestamp();
        _window = new RateWindow(_epoch);
        _timer = time.CreateTimer(_ => Pump(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The number of requests in a window, as the API last stated it.</summary>
    internal int? Limit
    {
        get
        {
            lock (_sync)
            {
                return _window.Limit;
            }
        }
    }

    /// <summary>The requests left in the present window, as far as the answers have stated.</summary>
    internal int? Remaining
    {
        get
        {
            lock (_sync)
            {
                return _window.Remaining;
            }
        }
    }

    /// <summary>The length of a window if known, otherwise a minute.</summary>
    internal TimeSpan WindowLength
    {
        get
        {
            lock (_sync)
            {
                return _window.UsualLength;
            }
        }
    }

    /// <summary>The requests that are held back now.</summary>
    internal int Waiting
    {
        get
        {
            lock (_sync)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>The time now, by a clock that never jumps.</summary>
    internal DateTimeOffset Now => _epoch + _time.GetElapsedTime(_epochStamp);

    /// <summary>Waits until a request may be sent. Every lease must be handed back to <see cref="Release"/>.</summary>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.RateLimited"/>: the wait would be longer than allowed.</exception>
    /// <exception cref="OperationCanceledException">The caller does not wait any longer.</exception>
    internal async Task<Lease> AcquireAsync(RequestScope scope, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var waiter = new Waiter(scope);
        lock (_sync)
        {
            _queue.AddLast(waiter.Node);
            Pump();
        }

        using (waiter.Task.IsCompleted ? default : cancellation.Register(() => Withdraw(waiter, cancellation)))
        {
            return await waiter.Task.ConfigureAwait(false);
        }
    }

    /// <summary>Hands a lease back with what the answer said; <see langword="null"/> when there was no answer.</summary>
    internal void Release(Lease lease, RateReading? answer)
    {
        lock (_sync)
        {
            _window.Release(lease.Permit, answer, Now);
            if (answer is { Refused: false })
            {
                lease.Scope.StalledSince = null;
            }

            Pump();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Withdraw(Waiter waiter, CancellationToken cancellation)
    {
        lock (_sync)
        {
            if (waiter.Node.List is null)
            {
                return;
            }

            _queue.Remove(waiter.Node);
        }

        waiter.Cancel(cancellation);
        Pump();
    }

    /// <summary>Releases the callers that may go, and sets the timer for the next.</summary>
    private void Pump()
    {
        lock (_sync)
        {
            while (_queue.First is { } node)
            {
                var now = Now;
                var decision = _window.Decide(now, out var due);
                if (decision is RateDecision.Go or RateDecision.GoAsProbe)
                {
                    _queue.RemoveFirst();
                    Admit(node.Value, _window.Acquire(decision == RateDecision.GoAsProbe, now));
                    continue;
                }

                // The timer starts before the wait is announced: tests advance their clock as soon as they hear of it.
                if (due > now)
                {
                    _timer.Change(due - now + RateWindowLength.TimerSlack, Timeout.InfiniteTimeSpan);
                }

                if (decision == RateDecision.WaitForTime)
                {
                    HoldBack(now, due);
                }

                return;
            }
        }
    }

    private static void Admit(Waiter waiter, RatePermit permit)
    {
        if (waiter.Scope.AnnouncedUntil is not null)
        {
            waiter.Scope.AnnouncedUntil = null;
            waiter.Scope.Observer?.OnRateWaitOver();
        }

        waiter.Admit(permit);
    }

    /// <summary>Announces the wait to the callers in the queue, and fails those for which it is too long.</summary>
    private void HoldBack(DateTimeOffset now, DateTimeOffset due)
    {
        for (var node = _queue.First; node is not null;)
        {
            var next = node.Next;
            var scope = node.Value.Scope;
            scope.StalledSince ??= now;

            // A time far away is believed only once a probe of this caller's was refused.
            var end = _window.HeldUntil > due ? _window.HeldUntil.Value : due;
            var isProbed = _window.LastRefusedProbe >= scope.StalledSince;
            if ((isProbed ? end : due) - scope.StalledSince > _maximumWait)
            {
                _queue.Remove(node);
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

    /// <summary>A permit, and whose request it is for.</summary>
    /// <param name="Scope">Whose request it is.</param>
    /// <param name="Permit">The right to send it.</param>
    internal readonly record struct Lease(RequestScope Scope, RatePermit Permit);

    private sealed class Waiter
    {
        private readonly TaskCompletionSource<Lease> _admitted = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Waiter(RequestScope scope)
        {
            Scope = scope;
            Node = new LinkedListNode<Waiter>(this);
        }

        internal RequestScope Scope { get; }

        internal LinkedListNode<Waiter> Node { get; }

        internal Task<Lease> Task => _admitted.Task;

        internal void Admit(RatePermit permit) => _admitted.SetResult(new Lease(Scope, permit));

        internal void Cancel(CancellationToken cancellation) => _admitted.TrySetCanceled(cancellation);

        internal void Refuse(DateTimeOffset due) => _admitted.SetException(new RunCloudException(
            RunCloudError.RateLimited,
            FormattableString.Invariant($"The rate limit of the API is used up until {due.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, which is longer than commands may wait. A spent monthly quota looks the same."))
        {
            Status = 429,
            RetryAt = due,
        });
    }
}
