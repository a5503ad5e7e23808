using System.Security;
using RunCloud.Api;
using RunCloud.DesktopJob;

namespace RunCloud.Testing;

/// <summary>
/// The same as in RunCloud.Testing, for the Desktop assemblies: their TimeProvider type differs from this runtime's, so every call
/// goes through delegates.
/// </summary>
internal sealed class VirtualContext : IDisposable
{
    private VirtualContext(Context context) => Context = context;

    /// <summary>The context, for <c>-Context</c>.</summary>
    public Context Context { get; }

    /// <summary>Makes one. Nothing is sent.</summary>
    /// <param name="endpoint">The API's base address.</param>
    /// <param name="token">Its token; the context keeps a copy.</param>
    /// <param name="time">The clock.</param>
    /// <param name="change">Changes other options; <see langword="null"/> for the defaults.</param>
    public static VirtualContext Create(
        Uri endpoint, SecureString token, TimeProvider time, Func<RunCloudClientOptions, RunCloudClientOptions>? change = null)
    {
        var clock = new DelegatedClock
        {
            UtcNow = time.GetUtcNow,
            Timestamp = time.GetTimestamp,
            Frequency = time.TimestampFrequency,
            StartTimer = time.CreateTimer,
            ChangeTimer = (timer, dueTime, period) => ((ITimer)timer).Change(dueTime, period),
        };
        var options = clock.OptionsFor(endpoint, token);
        return new VirtualContext(new Context("virtual", new RunCloudClient(change is null ? options : change(options))));
    }

    /// <summary>Closes its connections.</summary>
    public void Dispose() => Context.Forget();
}
