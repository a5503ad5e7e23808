using System;
using System.Net;
using System.Net.Http;

namespace RunCloud.Api;

/// <summary>What differs between the two editions in how a connection is made.</summary>
internal static class HttpHandlers
{
#if NET
    /// <summary>Shorter than a request's limit: a host that is not there is known soon.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    /// <summary>So that a change of address is noticed.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>A handler that follows no redirect and keeps no cookie.</summary>
    internal static HttpMessageHandler Create(RunCloudClientOptions options, Uri endpoint) => new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All,
        ConnectTimeout = ConnectTimeout < options.RequestTimeout ? ConnectTimeout : options.RequestTimeout,
        PooledConnectionLifetime = ConnectionLifetime,
        EnableMultipleHttp2Connections = true,
        Proxy = Proxy(options),
        UseProxy = options.Proxy is not null || !endpoint.IsLoopback,
    };

    /// <summary>Whether the request cannot have reached the server.</summary>
    internal static bool FailedBeforeSending(Exception exception) => exception is HttpRequestException
    {
        HttpRequestError: HttpRequestError.NameResolutionError
            or HttpRequestError.ConnectionError
            or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError,
    };
#else
    /// <summary>As many as a cmdlet may have requests under way; the framework's own default is two.</summary>
    private const int Connections = 64;

    /// <summary>A handler that follows no redirect and keeps no cookie.</summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5398:Avoid hardcoded SslProtocols values", Justification = "powershell.exe 5.1 would still offer TLS 1.0.")]
    internal static HttpMessageHandler Create(RunCloudClientOptions options, Uri endpoint)
    {
        ServicePointManager.FindServicePoint(endpoint).ConnectionLimit = Connections;
        return new HttpClientHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate,
            MaxConnectionsPerServer = Connections,
            SslProtocols = System.Security.Authentication.SslProtocols.Tls12,
            Proxy = Proxy(options),
            UseProxy = options.Proxy is not null || !endpoint.IsLoopback,
        };
    }

    /// <summary>Whether the request cannot have reached the server.</summary>
    internal static bool FailedBeforeSending(Exception exception) => exception.InnerException is WebException
    {
        Status: WebExceptionStatus.ConnectFailure
            or WebExceptionStatus.NameResolutionFailure
            or WebExceptionStatus.ProxyNameResolutionFailure
            or WebExceptionStatus.SecureChannelFailure
            or WebExceptionStatus.TrustFailure,
    };
#endif

    private static WebProxy? Proxy(RunCloudClientOptions options) =>
        options.Proxy is null ? null : new WebProxy(options.Proxy) { Credentials = options.ProxyCredential };
}
