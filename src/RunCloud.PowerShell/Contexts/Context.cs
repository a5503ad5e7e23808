using System.Runtime.CompilerServices;

using RunCloud.Api;
using RunCloud.PowerShell;

namespace RunCloud;

/// <summary>A connection to one RunCloud workspace: its endpoint, when it was made, and its rate limit as far as known. Never shows the token.</summary>
/// <remarks>
/// It is immutable except for the rate figures, which follow the API's last answer. It can be passed to another runspace, whose requests then go
/// through the same rate limiter.
/// </remarks>
public sealed class Context
{
    /// <summary>The contexts by the origin of their objects. A context is not kept alive by this table.</summary>
    private static readonly ConditionalWeakTable<Origin, Context> ByOrigin = new();

    private volatile bool _isForgotten;

    internal Context(string name, RunCloudClient client)
    {
        Name = name;
        Client = client;
        ConnectedAt = DateTimeOffset.UtcNow;
        ByOrigin.Add(client.Origin, this);
    }

    /// <summary>The name under which <c>-Context</c> finds it.</summary>
    public string Name { get; }

    /// <summary>The API's base address.</summary>
    public Uri Endpoint => Client.Endpoint;

    /// <summary>When it was made, in UTC.</summary>
    public DateTimeOffset ConnectedAt { get; }

    /// <summary>The number of requests in a rate window, as the API last said; <see langword="null"/> if it has not said yet.</summary>
    public int? RateLimit => Client.RateLimit;

    /// <summary>The requests left in the rate window, as far as known; <see langword="null"/> if the API has not said yet.</summary>
    public int? RateLimitRemaining => Client.RateLimitRemaining;

    /// <summary>Whether commands of this runspace use it when neither <c>-Context</c> nor their input names another.</summary>
    public bool Current => ContextTable.IsCurrent(this);

    internal RunCloudClient Client { get; }

    /// <summary>Whether it was disconnected. It then has no token in any runspace.</summary>
    internal bool IsForgotten => _isForgotten;

    /// <summary>The name and the endpoint.</summary>
    /// <returns>For example <c>default (https://manage.runcloud.io/api/v3)</c>.</returns>
    public override string ToString() => $"{Name} ({Endpoint})";

    /// <summary>The context through which an object was read; <see langword="null"/> if the object remembers none.</summary>
    internal static Context? Of(object? item) => (item as IOriginated)?.Origin is { } origin ? Of(origin) : null;

    /// <summary>The context with that origin; <see langword="null"/> if there is none.</summary>
    internal static Context? Of(Origin origin) => ByOrigin.TryGetValue(origin, out var context) ? context : null;

    /// <summary>Closes its connections and forgets the token.</summary>
    internal void Forget()
    {
        _isForgotten = true;
        Client.Dispose();
    }
}
