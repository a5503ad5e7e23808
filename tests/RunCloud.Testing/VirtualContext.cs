using System.Security;
using RunCloud.Api;

namespace RunCloud.Testing;

/// <summary>A context with virtual time, so that waits cost nothing and end when the test says.</summary>
public sealed class VirtualContext : IDisposable
{
    private VirtualContext(Context context) => Context = context;

    /// <summary>The context, for <c>-Context</c>.</summary>
    public Context Context { get; }

    /// <summary>Makes one. Nothing is sent.</summary>
    /// <param name="endpoint">The API's base address.</param>
    /// <param name="token">Its token; the context keeps a copy.</param>
    /// <param name="time">The clock.</param>
    /// <param name="change">Changes other options; <see langword="null"/> for the defaults and deterministic retries.</param>
    public static VirtualContext Create(
        Uri endpoint, SecureString token, TimeProvider time, Func<RunCloudClientOptions, RunCloudClientOptions>? change = null)
    {
        var options = new RunCloudClientOptions { Token = token, Endpoint = endpoint, Time = time, Jitter = () => 0.5 };
        return new VirtualContext(new Context("virtual", new RunCloudClient(change is null ? options : change(options))));
    }

    /// <summary>Closes its connections.</summary>
    public void Dispose() => Context.Forget();
}
