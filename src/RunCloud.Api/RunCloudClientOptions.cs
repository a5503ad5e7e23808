using System.Net;
using System.Net.Http;
using System.Security;

namespace RunCloud.Api;

/// <summary>How a <see cref="RunCloudClient"/> reaches the API.</summary>
public sealed record RunCloudClientOptions
{
    /// <summary>The address of RunCloud's API v3, <c>https://manage.runcloud.io/api/v3</c> (documented).</summary>
    public static Uri DefaultEndpoint { get; } = new("https://manage.runcloud.io/api/v3");

    /// <summary>The API's base address: https, or http for this machine. Default: <see cref="DefaultEndpoint"/>.</summary>
    public Uri Endpoint { get; init; } = DefaultEndpoint;

    /// <summary>The workspace's API token. The client keeps a copy, so the caller may dispose of its own.</summary>
    public required SecureString Token { get; init; }

    /// <summary>The proxy; <see langword="null"/> for the system's. User info in the address is its credential. An http endpoint is never reached through a proxy.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>The proxy's credential; <see langword="null"/> for none.</summary>
    public NetworkCredential? ProxyCredential { get; init; }

    /// <summary>Whether to use the account of this process as the proxy credential, also for the system's proxy.</summary>
    public bool ProxyUseDefaultCredentials { get; init; }

    /// <summary>The time limit of one request including its answer. Default: 30 seconds.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a failed read or removal is retried. Default: 4.</summary>
    public int MaximumRetryCount { get; init; } = 4;

    /// <summary>How long a caller waits for the rate limit while none of its requests can be sent, and how long one request waits in total when failing servers ask for time. Default: 15 minutes.</summary>
    public TimeSpan MaximumWait { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>The endpoint only, because a proxy's address may contain a password.</summary>
    /// <returns>For example <c>RunCloud API at https://manage.runcloud.io/api/v3</c>.</returns>
    public override string ToString() => $"RunCloud API at {Endpoint}";

    /// <summary>The clock, for tests in virtual time.</summary>
    internal TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>A number in [0, 1) for each retry, for deterministic tests.</summary>
    internal Func<double>? Jitter { get; init; }

    /// <summary>The handler that sends the requests, for tests without a network.</summary>
    internal HttpMessageHandler? Handler { get; init; }

    /// <summary>An absolute http or https address without its user info; <see langword="null"/> if it is not such an address.</summary>
    /// <param name="address">The address.</param>
    internal static Uri? WithoutUser(Uri address)
    {
        try
        {
            return address.IsAbsoluteUri && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
                ? new UriBuilder(address) { UserName = string.Empty, Password = string.Empty }.Uri
                : null;
        }
        catch (UriFormatException)
        {
            // Some errors in an address appear only when its parts are put together.
            return null;
        }
    }
}
