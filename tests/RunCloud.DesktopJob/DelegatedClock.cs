using System.Security;
using RunCloud.Api;

namespace RunCloud.DesktopJob;

/// <summary>
/// A clock for the assemblies of the Desktop folder, which bring a TimeProvider type of their own. It passes every call to delegates, so
/// that a test on modern .NET can drive it with the TimeProvider of its runtime.
/// </summary>
public sealed class DelegatedClock
{
    /// <summary>Tells the time.</summary>
    public Func<DateTimeOffset> UtcNow { get; set; } = () => DateTimeOffset.UtcNow;

    /// <summary>Tells a time stamp, in ticks of <see cref="Frequency"/>.</summary>
    public Func<long> Timestamp { get; set; } = () => Environment.TickCount;

    /// <summary>The ticks of a time stamp in one second.</summary>
    public long Frequency { get; set; } = 1000;

    /// <summary>Starts a timer: callback, state, time to the first strike, time between strikes.</summary>
    public Func<TimerCallback, object?, TimeSpan, TimeSpan, IDisposable> StartTimer { get; set; } =
        (callback, state, dueTime, period) => new System.Threading.Timer(callback, state, dueTime, period);

    /// <summary>Changes a timer that <see cref="StartTimer"/> gave: time to the next strike, time between strikes.</summary>
    public Func<IDisposable, TimeSpan, TimeSpan, bool> ChangeTimer { get; set; } =
        (timer, dueTime, period) => ((System.Threading.Timer)timer).Change(dueTime, period);

    /// <summary>Options of a client that runs on this clock and retries without chance.</summary>
    /// <param name="endpoint">The API's base address.</param>
    /// <param name="token">Its token.</param>
    public RunCloudClientOptions OptionsFor(Uri endpoint, SecureString token) =>
        new() { Endpoint = endpoint, Token = token, Time = new Face(this), Jitter = () => 0.5 };

    private sealed class Face(DelegatedClock clock) : TimeProvider
    {
        public override long TimestampFrequency => clock.Frequency;

        public override DateTimeOffset GetUtcNow() => clock.UtcNow();

        public override long GetTimestamp() => clock.Timestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new FaceTimer(clock.StartTimer(callback, state, dueTime, period), clock.ChangeTimer);
    }

    private sealed class FaceTimer(IDisposable inner, Func<IDisposable, TimeSpan, TimeSpan, bool> change) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => change(inner, dueTime, period);

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync()
        {
            inner.Dispose();
            return default;
        }
    }
}
