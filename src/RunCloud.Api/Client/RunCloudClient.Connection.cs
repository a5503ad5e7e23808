using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace RunCloud.Api;

/// <content>Checks of the connection.</content>
public sealed partial class RunCloudClient
{
    private const string NameResolution = "NameResolution";
    private const string Connection = "Connection";
    private const string Api = "Api";
    private const string Token = "Token";
    private const string List = "List";
    private const string Rate = "RateLimit";

    /// <summary>
    /// Checks everything that a call needs, in order: name resolution, the connection, the API, the token, a list and the rate
    /// limit. Sends at most two requests (<c>GET /ping</c> and the first page of <c>GET /servers</c>), and changes nothing.
    /// </summary>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>Six checks, each as soon as it is done. A failure is a failed check, not an exception.</returns>
    /// <exception cref="OperationCanceledException">It is cancelled.</exception>
    public async IAsyncEnumerable<ConnectionCheck> CheckConnectionAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var proxy = HttpHandlers.ProxyOf(_options, Endpoint);
        var name = await CheckNameAsync(proxy, cancellation).ConfigureAwait(false);
        yield return name;
        if (name.Outcome == ConnectionCheckStatus.Failed)
        {
            foreach (var rest in (string[])[Connection, Api, Token, List, Rate])
            {
                yield return Skipped(rest, "The endpoint's name has no address.");
            }

            yield break;
        }

        var failure = await FailureOfAsync(PingAsync(cancellation)).ConfigureAwait(false);
        foreach (var check in Judge(failure, proxy))
        {
            yield return check;
        }

        yield return failure is null ? await CheckListAsync(cancellation).ConfigureAwait(false) : Skipped(List, "No list was requested because the API did not accept the first request.");
        yield return CheckRate(failure);
    }

    private static ConnectionCheck Passed(string name, string detail) => new(name, ConnectionCheckStatus.Passed, detail);

    private static ConnectionCheck Skipped(string name, string detail) => new(name, ConnectionCheckStatus.Skipped, detail);

    private static ConnectionCheck Failed(string name, RunCloudException failure) => new(name, ConnectionCheckStatus.Failed, failure.Message) { Failure = failure };

    private static async Task<RunCloudException?> FailureOfAsync(Task call)
    {
        try
        {
            await call.ConfigureAwait(false);
            return null;
        }
        catch (RunCloudException e)
        {
            return e;
        }
    }

    private async Task<ConnectionCheck> CheckNameAsync(Uri? proxy, CancellationToken cancellation)
    {
        var host = Endpoint.DnsSafeHost;
        if (proxy is not null)
        {
            return Skipped(NameResolution, $"The proxy {Shown(proxy)} looks up {host}.");
        }

        if (IPAddress.TryParse(host, out _))
        {
            return Skipped(NameResolution, $"{host} is an address, not a name.");
        }

        try
        {
#if NET
            var addresses = await Dns.GetHostAddressesAsync(host, cancellation).ConfigureAwait(false);
#else
            var addresses = await Dns.GetHostAddressesAsync(host).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
#endif
            return Passed(NameResolution, $"{host} is {string.Join(", ", (IEnumerable<IPAddress>)addresses)}.");
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return new ConnectionCheck(NameResolution, ConnectionCheckStatus.Failed, $"{host} has no address: {ApiText.Clean(e.Message)}")
            {
                Advice = "Check the endpoint's spelling (Get-RunCloudContext) and this machine's DNS. Where only a proxy reaches the internet, give Connect-RunCloud -Proxy.",
            };
        }
    }

    /// <summary>What one answer to <c>/ping</c> says about the connection, the API and the token.</summary>
    private IEnumerable<ConnectionCheck> Judge(RunCloudException? failure, Uri? proxy)
    {
        var connected = Passed(Connection, $"{Shown(Endpoint)} was reached {(proxy is null ? "directly" : $"through the proxy {Shown(proxy)}")}{(Endpoint.Scheme == Uri.UriSchemeHttps ? " over TLS" : ", unencrypted: it is on this machine")}.");
        if (failure is { Error: RunCloudError.ConnectionFailed or RunCloudError.ProxyRefused } or { Error: RunCloudError.RequestTimeout, Status: null })
        {
            yield return Failed(Connection, failure);
            yield return Skipped(Api, "RunCloud was not reached.");
            yield return Skipped(Token, "RunCloud was not reached.");
            yield break;
        }

        yield return connected;
        switch (failure?.Error)
        {
            case null:
                yield return Passed(Api, "The RunCloud API answers.");
                yield return Passed(Token, "The API accepts the token.");
                break;
            case RunCloudError.Unauthorized or RunCloudError.Forbidden:
                yield return Passed(Api, "The RunCloud API answers.");
                yield return Failed(Token, failure);
                break;
            case RunCloudError.RateLimited:
                yield return Passed(Api, "The RunCloud API answers.");
                yield return Skipped(Token, "The API refused the request because of its rate limit, so it said nothing about the token.");
                break;
            default:
                yield return Failed(Api, failure);
                yield return Skipped(Token, "The API did not answer as documented.");
                break;
        }
    }

    private async Task<ConnectionCheck> CheckListAsync(CancellationToken cancellation)
    {
        var request = new ApiRequest(HttpMethod.Get, "/servers?page=1&perPage=40", "Listing the servers");
        try
        {
            var answer = await _transport.SendAsync(
                request, WireJson.Default.ListRowServerRow, _scope, cancellation, list => list?.Data is null ? "has no data" : null).ConfigureAwait(false);
            var (rows, account) = (answer.Body!.Data!.Count, answer.Body.Account);
            return account.Total is { } total
                ? Passed(List, FormattableString.Invariant($"Servers in the workspace, by the list's own count: {total} ({account.Place})."))
                : new ConnectionCheck(List, ConnectionCheckStatus.Warning, FormattableString.Invariant($"Servers on the first page: {rows}. The list does not count them ({account.Place ?? "it says nothing about its pages"})."))
                {
                    Advice = "Lists are read page by page until one is not full. Without a count, a row that RunCloud leaves out cannot be noticed.",
                };
        }
        catch (RunCloudException e)
        {
            return Failed(List, e);
        }
    }

    private ConnectionCheck CheckRate(RunCloudException? failure)
    {
        if (failure?.Error == RunCloudError.RateLimited)
        {
            return Failed(Rate, failure);
        }

        return (RateLimit, RateLimitRemaining) switch
        {
            (null, null) when failure is not null => Skipped(Rate, "No answer of the API mentions it."),
            (null, null) => new ConnectionCheck(Rate, ConnectionCheckStatus.Warning, "The API's answers do not state its rate limit.")
            {
                Advice = "Commands notice the limit when they are refused, and then wait. Expect pauses in long work.",
            },
            (var limit, 0) => new ConnectionCheck(Rate, ConnectionCheckStatus.Warning, FormattableString.Invariant($"None of {limit?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "the"} requests of this window are left."))
            {
                Advice = "Another program may use the same token. Commands wait for the next window.",
            },
            (var limit, var left) => Passed(Rate, FormattableString.Invariant($"{left} of {limit} requests of this window are left. The API does not report the monthly quota.")),
        };
    }

    private static string Shown(Uri address) => address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
}
