using System;
using System.Runtime.CompilerServices;

using RunCloud.Api;
using RunCloud.PowerShell;

namespace RunCloud;

/// <summary>A connection to one RunCloud workspace: where, since when, and what is known of its rate limit. Never shows the token.</summary>
/// <remarks>
/// It is immutable: only the rate figures follow what the API last said. It can be handed to another runspace, whose requests then go
/// through the same rate limiter.
/// </remarks>
public sealed class Context
{
    /// <summary>The contexts by what their objects are marked with; none is kept here longer than such a mark is.</summary>
    private static readonly ConditionalWeakTable<Origin, Context> ByOrigin = new();

    private volatile bool isForgotten;

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

    /// <summary>The requests of a rate window, as the API last said; <see langword="null"/> when it has not said yet.</summary>
    public int? RateLimit => Client.RateLimit;

    /// <summary>The requests left in the rate window, as far as known; <see langword="null"/> when the API has not said yet.</summary>
    public int? RateLimitRemaining => Client.RateLimitRemaining;

    /// <summary>Whether commands of this runspace call it when neither <c>-Context</c> nor their input names another.</summary>
    public bool Current => ContextTable.IsCurrent(this);

    internal RunCloudClient Client { get; }

    /// <summary>Whether it was disconnected: it has no token any longer, wherever it was handed on to.</summary>
    internal bool IsForgotten => isForgotten;

    /// <summary>The name and the endpoint.</summary>
    /// <returns>For example <c>default (https://manage.runcloud.io/api/v3)</c>.</returns>
    public override string ToString() => $"{Name} ({Endpoint})";

    /// <summary>The context that an object was read through; <see langword="null"/> for an object that remembers none.</summary>
    internal static Context? Of(object? item) => (item as IOriginated)?.Origin is { } origin ? Of(origin) : null;

    /// <summary>The context whose objects are marked so; <see langword="null"/> where it was given to nobody.</summary>
    internal static Context? Of(Origin origin) => ByOrigin.TryGetValue(origin, out var context) ? context : null;

    /// <summary>Closes its connections and forgets the token.</summary>
    internal void Forget()
    {
        isForgotten = true;
        Client.Dispose();
    }
}
