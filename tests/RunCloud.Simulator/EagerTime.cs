using System.Diagnostics.CodeAnalysis;

namespace RunCloud.Simulator;

/// <summary>
/// A clock for a client and the simulator that it talks to, which moves by itself as soon as everybody waits: back-off, rate limits and
/// time limits cost nothing, and no time limit strikes a request that is only being dealt with. It has two faces, one for each side.
/// </summary>
/// <remarks>
/// <para>
/// A request is under way as long as its time limit runs: the client makes one for each, as a <see cref="CancellationTokenSource"/> on
/// its face, and disposes of it when the answer is there. The simulator holds a request as long as something on its own face runs:
/// there a timer is a request that waits. So everybody waits when as many requests are held as are under way, and what comes
/// first may then happen.
/// </para>
/// <para>
/// Events set it going, and it looks a few turns of the thread pool later, so that anyone who was just woken can begin something. Should
/// that come too late, the clock has moved on in the meantime, which no one who measures by it can tell from a slow machine.
/// </para>
/// </remarks>
public sealed class EagerTime
{
    /// <summary>The turns of the thread pool without any event before time moves.</summary>
    private const int Turns = 4;

    private readonly Lock _lock = new();
    private readonly PriorityQueue<Alarm, (long Due, long Order)> _alarms = new();
    private long _now;
    private long _order;
    private long _events;
    private int _underWay;
    private int _held;
    private int _leaving;
    private bool _looking;

    /// <summary>Starts a clock, which stands still until somebody waits.</summary>
    /// <param name="start">The time now.</param>
    /// <param name="serverBehind">How much the simulator's clock is slow.</param>
    public EagerTime(DateTimeOffset start, TimeSpan serverBehind = default)
    {
        Client = new Face(this, start, isServer: false);
        Server = new Face(this, start - serverBehind, isServer: true);
    }

    /// <summary>Gets the client's face.</summary>
    public TimeProvider Client { get; }

    /// <summary>Gets the simulator's face.</summary>
    public TimeProvider Server { get; }

    /// <summary>Gets the time since the start.</summary>
    public TimeSpan Elapsed => new(Interlocked.Read(ref _now));

    private void Happened()
    {
        _events++;
        if (!_looking)
        {
            _looking = true;
            TakeTurn(_events, Turns);
        }
    }

    private void TakeTurn(long events, int left) =>
        ThreadPool.UnsafeQueueUserWorkItem(state => state.Clock.Look(state.events, state.left), (Clock: this, events, left), preferLocal: false);

    private void Look(long events, int left)
    {
        Alarm? alarm;
        lock (_lock)
        {
            if (events != _events || left > 0)
            {
                TakeTurn(_events, events == _events ? left - 1 : Turns);
                return;
            }

            _looking = false;
            alarm = _underWay == _held && _leaving == 0 ? Next() : null;
            if (alarm is null)
            {
                return;
            }
        }

        alarm.Ring();
        lock (_lock)
        {
            Happened();
        }
    }

    private Alarm? Next()
    {
        while (_alarms.TryDequeue(out var alarm, out var at))
        {
            if (alarm.Strikes(at.Order))
            {
                Interlocked.Exchange(ref _now, Math.Max(_now, at.Due));
                return alarm;
            }
        }

        return null;
    }

    private sealed class Face(EagerTime clock, DateTimeOffset start, bool isServer) : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => clock.Elapsed.Ticks;

        public override DateTimeOffset GetUtcNow() => start + clock.Elapsed;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var kind = isServer ? Kind.Hold : state is CancellationTokenSource ? Kind.Limit : Kind.Wait;
            var alarm = new Alarm(clock, () => callback(state), kind);
            alarm.Change(dueTime, period);
            return alarm;
        }
    }

    private enum Kind
    {
        /// <summary>The client waits.</summary>
        Wait,

        /// <summary>A request is under way.</summary>
        Limit,

        /// <summary>The simulator holds a request.</summary>
        Hold,
    }

    private sealed class Alarm : ITimer
    {
        private readonly EagerTime _clock;
        private readonly Action _ring;
        private readonly Kind _kind;
        private long? _set;
        private bool _counts = true;

        internal Alarm(EagerTime clock, Action ring, Kind kind)
        {
            (_clock, _ring, _kind) = (clock, ring, kind);
            lock (clock._lock)
            {
                clock._underWay += kind == Kind.Limit ? 1 : 0;
                clock._held += kind == Kind.Hold ? 1 : 0;
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (period > TimeSpan.Zero)
            {
                throw new NotSupportedException("Nobody here needs a timer that strikes again and again.");
            }

            lock (_clock._lock)
            {
                _set = null;
                if (dueTime >= TimeSpan.Zero)
                {
                    _set = ++_clock._order;
                    _clock._alarms.Enqueue(this, (_clock._now + dueTime.Ticks, _set.Value));
                }

                _clock.Happened();
            }

            return true;
        }

        public void Dispose()
        {
            lock (_clock._lock)
            {
                _set = null;
                if (_counts)
                {
                    _counts = false;
                    _clock._underWay -= _kind == Kind.Limit ? 1 : 0;
                    if (_kind == Kind.Hold)
                    {
                        // Anyone who was held and is no longer wanted has noticed.
                        _clock._held--;
                        _clock._leaving = Math.Clamp(_clock._leaving - 1, 0, _clock._held);
                    }
                }

                _clock.Happened();
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        /// <summary>Under the lock: whether it is set to this number still, and strikes now.</summary>
        internal bool Strikes(long number)
        {
            if (_set != number)
            {
                return false;
            }

            _set = null;
            if (_kind == Kind.Hold)
            {
                // It goes on from here.
                _counts = false;
                _clock._held--;
            }
            else if (_kind == Kind.Limit)
            {
                // A request is given up that the simulator holds: that one is not to be taken for another's.
                _clock._leaving = Math.Min(_clock._leaving + 1, _clock._held);
            }

            return true;
        }

        [SuppressMessage("Design", "CA1030:Use events where appropriate", Justification = "An alarm rings.")]
        internal void Ring() => _ring();
    }
}
