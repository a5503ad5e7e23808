using System.Diagnostics;

namespace RunCloud.Api.Tests.Http;

/// <summary>
/// A clock for several jobs at once that moves only when each of them waits: asleep, or held back by a rate limiter. It jumps to what comes
/// first. When everybody waits and nothing is to come, somebody has been forgotten, and that is an error.
/// </summary>
internal sealed class VirtualTime : TimeProvider
{
    // Not a measure of anything: only a hanging test must not hang the whole run.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Eternity = TimeSpan.FromDays(30);

    private readonly Lock _sync = new();
    private readonly PriorityQueue<Alarm, (long Due, long Order)> _alarms = new();
    private readonly DateTimeOffset _start = new(2026, 3, 2, 9, 30, 17, 350, TimeSpan.Zero);
    private long _now;
    private long _order;
    private long _changes;
    private int _started;
    private int _ended;
    private int _asleep;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>The time since the beginning.</summary>
    internal TimeSpan Elapsed => new(Interlocked.Read(ref _now));

    /// <summary>How many jobs are held back where the clock cannot see it.</summary>
    internal Func<int> HeldBack { get; set; } = () => 0;

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => _start + Elapsed;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        // A delay is somebody asleep; a time limit or the rate limiter's own timer is not.
        var alarm = new Alarm(this, () => callback(state), isSleep: state is Task);
        alarm.Change(dueTime, period);
        return alarm;
    }

    /// <summary>Sleeps.</summary>
    internal async Task SleepAsync(TimeSpan time, CancellationToken cancellation = default) => await Task.Delay(time, this, cancellation);

    /// <summary>Does something at a time.</summary>
    internal void At(TimeSpan time, Action deed) =>
        new Alarm(this, deed, isSleep: false).Change(time - Elapsed, Timeout.InfiniteTimeSpan);

    /// <summary>Starts a job.</summary>
    internal Task Start(Func<Task> job)
    {
        Interlocked.Increment(ref _started);
        Interlocked.Increment(ref _changes);
        return Task.Run(async () =>
        {
            try
            {
                await job();
            }
            finally
            {
                Interlocked.Increment(ref _changes);
                Interlocked.Increment(ref _ended);
            }
        });
    }

    /// <summary>Runs jobs to their end, on a thread of its own: it watches them closely.</summary>
    internal async Task RunAsync(IEnumerable<Func<Task>> jobs)
    {
        var all = new List<Task>();
        foreach (var job in jobs)
        {
            all.Add(Start(job));
        }

        await Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.WhenAll(all);
    }

    private void Run()
    {
        while (true)
        {
            AwaitRest();
            if (Volatile.Read(ref _ended) == Volatile.Read(ref _started))
            {
                return;
            }

            Alarm? alarm;
            lock (_sync)
            {
                do
                {
                    if (!_alarms.TryDequeue(out alarm, out var next))
                    {
                        throw new InvalidOperationException($"Forgotten after {Elapsed}: {HeldBack()} held back, {_ended} of {_started} ended.");
                    }

                    if (next.Due > Eternity.Ticks)
                    {
                        throw new InvalidOperationException($"No end after {Elapsed}: {HeldBack()} held back, {_ended} of {_started} ended.");
                    }

                    alarm = alarm.Strikes(next.Order) ? alarm : null;
                    if (alarm is not null)
                    {
                        Interlocked.Exchange(ref _now, Math.Max(_now, next.Due));
                    }
                }
                while (alarm is null);
            }

            alarm.Strike();
        }
    }

    private void AwaitRest()
    {
        var watch = Stopwatch.StartNew();
        var spin = default(SpinWait);
        while (true)
        {
            // Anyone who leaves the rate limiter to sleep or end in the midst of the counting shows in the changes.
            var before = Interlocked.Read(ref _changes);
            var resting = HeldBack() + Volatile.Read(ref _asleep) + Volatile.Read(ref _ended);
            if (resting == Volatile.Read(ref _started) && before == Interlocked.Read(ref _changes))
            {
                return;
            }

            spin.SpinOnce(sleep1Threshold: -1);
            if (watch.Elapsed > Patience)
            {
                throw new TimeoutException($"Not at rest after {Elapsed}: {HeldBack()} held back, {_asleep} asleep, {_ended} of {_started} ended.");
            }
        }
    }

    private sealed class Alarm(VirtualTime time, Action ring, bool isSleep) : ITimer
    {
        private long? _set;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._sync)
            {
                Unset();
                if (dueTime >= TimeSpan.Zero)
                {
                    _set = ++time._order;
                    time._alarms.Enqueue(this, (time._now + dueTime.Ticks, _set.Value));
                    Count(1);
                }
            }

            return true;
        }

        public void Dispose()
        {
            lock (time._sync)
            {
                Unset();
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        internal bool Strikes(long number)
        {
            if (_set != number)
            {
                return false;
            }

            Unset();
            return true;
        }

        internal void Strike() => ring();

        private void Unset()
        {
            if (_set is not null)
            {
                _set = null;
                Count(-1);
            }
        }

        private void Count(int by)
        {
            if (isSleep)
            {
                // The change is told first, so that nobody who sees the new number misses it.
                Interlocked.Increment(ref time._changes);
                Volatile.Write(ref time._asleep, time._asleep + by);
            }
        }
    }
}
