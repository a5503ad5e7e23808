using Microsoft.Extensions.Time.Testing;

namespace RunCloud.Api.Tests.Http;

/// <summary>
/// A clock that jumps to the end of every wait as soon as somebody begins it. Time limits are not waits: they strike only when the
/// clock gets there. For work that does one thing at a time.
/// </summary>
internal sealed class JumpingTime : FakeTimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        return state is CancellationTokenSource ? timer : new Jump(this, timer, dueTime);
    }

    private void JumpBy(TimeSpan wait)
    {
        if (wait >= TimeSpan.Zero)
        {
            ThreadPool.QueueUserWorkItem(_ => Advance(wait));
        }
    }

    private sealed class Jump : ITimer
    {
        private readonly JumpingTime _time;
        private readonly ITimer _timer;

        internal Jump(JumpingTime time, ITimer timer, TimeSpan wait)
        {
            _time = time;
            _timer = timer;
            time.JumpBy(wait);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var changed = _timer.Change(dueTime, period);
            _time.JumpBy(dueTime);
            return changed;
        }

        public void Dispose() => _timer.Dispose();

        public System.Threading.Tasks.ValueTask DisposeAsync() => _timer.DisposeAsync();
    }
}
