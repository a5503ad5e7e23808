using System.Globalization;
using System.Net;
using System.Net.Http;
using System.Text.RegularExpressions;

namespace RunCloud.Api;

/// <summary>The differences between the two editions in making connections.</summary>
internal static class HttpHandlers
{
#if NET
    /// <summary>Shorter than a request's time limit, so that a missing host is noticed soon.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Reconnects from time to time, so that a change of address is noticed.</summary>
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
        UseProxy = UseProxy(options, endpoint),
        DefaultProxyCredentials = options.ProxyUseDefaultCredentials ? CredentialCache.DefaultCredentials : null,
    };

    /// <summary>Whether it is certain that the request did not reach the server.</summary>
    internal static bool FailedBeforeSending(Exception exception) => exception is HttpRequestException
    {
        HttpRequestError: HttpRequestError.NameResolutionError
            or HttpRequestError.ConnectionError
            or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError,
    };
    /// <summary>The status with which a proxy refused to connect to the API; <see langword="null"/> if it did not. It is only in the exception's text.</summary>
    internal static int? ProxyStatus(Exception exception) =>
        exception is HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } refusal
        && Regex.Match(refusal.Message, "'(?<status>[345][0-9][0-9])'", RegexOptions.RightToLeft | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)) is { Success: true } found
            ? int.Parse(found.Groups["status"].Value, NumberStyles.None, CultureInfo.InvariantCulture)
            : null;
#else
    /// <summary>As many connections as a cmdlet may have parallel requests. The framework's default is two.</summary>
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
            UseProxy = UseProxy(options, endpoint),
            DefaultProxyCredentials = options.ProxyUseDefaultCredentials ? CredentialCache.DefaultCredentials : null,
        };
    }

    /// <summary>Whether it is certain that the request did not reach the server.</summary>
    internal static bool FailedBeforeSending(Exception exception) => exception.InnerException is WebException
    {
        Status: WebExceptionStatus.ConnectFailure
            or WebExceptionStatus.NameResolutionFailure
            or WebExceptionStatus.ProxyNameResolutionFailure
            or WebExceptionStatus.SecureChannelFailure
            or WebExceptionStatus.TrustFailure,
    };

    /// <summary>The status with which a proxy refused to connect to the API; <see langword="null"/> if it did not.</summary>
    internal static int? ProxyStatus(Exception exception) =>
        exception.InnerException is WebException { Response: HttpWebResponse { StatusCode: HttpStatusCode.ProxyAuthenticationRequired } refusal } ? (int)refusal.StatusCode : null;
#endif

    /// <summary>Never for http, which is for this machine only: through a proxy the token would leave it in clear text.</summary>
    private static bool UseProxy(RunCloudClientOptions options, Uri endpoint) =>
        endpoint.Scheme == Uri.UriSchemeHttps && (options.Proxy is not null || !endpoint.IsLoopback);

    /// <summary>The proxy for the endpoint, without user info; <see langword="null"/> for a direct connection.</summary>
    internal static Uri? ProxyOf(RunCloudClientOptions options, Uri endpoint)
    {
        if (!UseProxy(options, endpoint))
        {
            return null;
        }

        if (options.Proxy is { } own)
        {
            return RunCloudClientOptions.WithoutUser(own);
        }

#if NET
        var system = HttpClient.DefaultProxy;
#else
        var system = WebRequest.DefaultWebProxy;
#endif
        return system is null || system.IsBypassed(endpoint) || system.GetProxy(endpoint) is not { } proxy || proxy.Equals(endpoint) ? null : RunCloudClientOptions.WithoutUser(proxy);
    }

    private static WebProxy? Proxy(RunCloudClientOptions options)
    {
        if (options.Proxy is not { } address)
        {
            return null;
        }

        // The address appears in exception messages, so the user info is removed.
        var proxy = new WebProxy(RunCloudClientOptions.WithoutUser(address) ?? throw new ArgumentException("The proxy's address cannot be read.", nameof(options))) { UseDefaultCredentials = options.ProxyUseDefaultCredentials };
        if (!options.ProxyUseDefaultCredentials)
        {
            proxy.Credentials = options.ProxyCredential ?? CredentialOf(address);
        }

        return proxy;
    }

    private static NetworkCredential? CredentialOf(Uri address)
    {
        if (address.UserInfo.Length == 0)
        {
            return null;
        }

        var parts = address.UserInfo.Split([':'], 2);
        return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : string.Empty);
    }
}
