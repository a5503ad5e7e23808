using Microsoft.Extensions.Time.Testing;

namespace RunCloud.SimulatorTests;

/// <summary>Virtual time that tells when somebody has begun to wait by it, so that a test advances neither too early nor in a loop.</summary>
internal sealed class TimerTime(DateTimeOffset start) : FakeTimeProvider(start)
{
    private readonly TaskCompletionSource _timerMade = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the first timer is running.</summary>
    internal Task TimerMade => _timerMade.Task;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _timerMade.TrySetResult();
        return timer;
    }
}
