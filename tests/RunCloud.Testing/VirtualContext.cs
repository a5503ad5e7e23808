using System;
using System.Security;
using RunCloud.Api;

namespace RunCloud.Testing;

/// <summary>A context whose time is a test's, so that what waits costs nothing and strikes when the test will have it.</summary>
public sealed class VirtualContext : IDisposable
{
    private VirtualContext(Context context) => Context = context;

    /// <summary>The context, for <c>-Context</c>.</summary>
    public Context Context { get; }

    /// <summary>Makes one. Nothing is sent.</summary>
    /// <param name="endpoint">The API's base address.</param>
    /// <param name="token">Its token; the context keeps a copy.</param>
    /// <param name="time">The clock.</param>
    /// <param name="change">Changes what else there is to choose; <see langword="null"/> for the defaults, and retries without chance.</param>
    public static VirtualContext Create(
        Uri endpoint, SecureString token, TimeProvider time, Func<RunCloudClientOptions, RunCloudClientOptions>? change = null)
    {
        var options = new RunCloudClientOptions { Token = token, Endpoint = endpoint, Time = time, Jitter = () => 0.5 };
        return new VirtualContext(new Context("virtual", new RunCloudClient(change is null ? options : change(options))));
    }

    /// <summary>Closes its connections.</summary>
    public void Dispose() => Context.Forget();
}
