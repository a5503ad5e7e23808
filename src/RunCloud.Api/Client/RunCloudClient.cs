using System.Diagnostics.CodeAnalysis;
using System.Net.Http;
using System.Text.Json.Serialization.Metadata;

namespace RunCloud.Api;

/// <summary>The calls of the RunCloud API v3 that the work with SSH keys needs. Safe to use from several threads.</summary>
/// <remarks>
/// Unless stated otherwise, every method throws <see cref="RunCloudException"/> if a call does not succeed, after retrying requests that may be
/// repeated, and <see cref="OperationCanceledException"/> if it is cancelled.
/// </remarks>
public sealed partial class RunCloudClient : IDisposable
{
    private const string AboutSomethingElse = "is about something else";

    private readonly Transport _transport;
    private readonly RequestScope _scope;
    private readonly RunCloudClientOptions _options;
    private readonly bool _ownsTransport;

    /// <summary>Creates a client. Sends no request.</summary>
    /// <param name="options">How to reach the API.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is <see langword="null"/>.</exception>
    /// <exception cref="RunCloudException">
    /// <see cref="RunCloudError.InvalidEndpoint"/>, <see cref="RunCloudError.InsecureEndpoint"/> or <see cref="RunCloudError.InvalidToken"/>.
    /// </exception>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The client disposes of it.")]
    public RunCloudClient(RunCloudClientOptions options)
        : this(options ?? throw new ArgumentNullException(nameof(options)), new Transport(options), new Origin(), observer: null) => _ownsTransport = true;

    private RunCloudClient(RunCloudClientOptions options, Transport transport, Origin origin, IRequestObserver? observer)
    {
        _options = options;
        _transport = transport;
        Origin = origin;
        _scope = new RequestScope(observer);
    }

    /// <summary>The API's base address.</summary>
    public Uri Endpoint => _transport.Endpoint;

    /// <summary>The time by the client's clock, in UTC.</summary>
    internal DateTimeOffset Now => _options.Time.GetUtcNow();

    /// <summary>The number of requests in a rate window, as the API last said; <see langword="null"/> if it never did.</summary>
    public int? RateLimit => _transport.Limiter.Limit;

    /// <summary>The requests left in the rate window, as far as known; <see langword="null"/> if the API never said.</summary>
    public int? RateLimitRemaining => _transport.Limiter.Remaining;

    /// <summary>The length of a rate window as far as it is known, which is a minute where it is not.</summary>
    internal TimeSpan RateWindowLength => _transport.Limiter.WindowLength;

    /// <summary>The mark of all objects that are read through this client and its observed copies.</summary>
    internal Origin Origin { get; }

    /// <summary>A client with the same connections and rate limiter that reports its requests to <paramref name="observer"/>.</summary>
    /// <param name="observer">Receives the trace of each request.</param>
    /// <returns>The client. It is closed with this one; disposing of it does nothing.</returns>
    public RunCloudClient For(IRequestObserver observer) => new(_options, _transport, Origin, observer);

    /// <summary>Closes the connections and forgets the token.</summary>
    public void Dispose()
    {
        if (_ownsTransport)
        {
            _transport.Dispose();
        }
    }

    /// <summary>Checks that the endpoint is RunCloud's API and accepts the token (<c>GET /ping</c>).</summary>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>A task that succeeds if so.</returns>
    public async Task PingAsync(CancellationToken cancellation)
    {
        var request = new ApiRequest(HttpMethod.Get, "/ping", $"Connecting to {Endpoint}");
        var answer = await _transport.SendAsync(request, WireJson.Default.PingRow, _scope, cancellation).ConfigureAwait(false);
        if (!string.Equals(answer.Body?.Message, "pong", StringComparison.OrdinalIgnoreCase))
        {
            throw new RunCloudException(RunCloudError.InvalidResponse, $"{request.Purpose} failed: what answers there is not the RunCloud API.")
            {
                Status = answer.Status,
            };
        }
    }

    private static string ServerText(long serverId, Server? server) => SshCredential.ServerText(serverId, server?.Name);

    private static RunCloudException NotAsked(ApiRequest request, int status) =>
        new(RunCloudError.InvalidResponse, $"{request.Purpose} failed: the API's answer ({status}) {AboutSomethingElse}.")
        {
            Status = status,
            MayHaveActed = true,
        };

    /// <summary>All rows of one of a server's lists, or an exception.</summary>
    private async Task<IReadOnlyList<TRow>> ReadListAsync<TRow>(string path, string purpose, JsonTypeInfo<ListRow<TRow>> type, CancellationToken cancellation)
        where TRow : class, IRow
    {
        var rows = new List<TRow>();
        var list = new ListReader<TRow>(_transport, _scope, path, purpose, RunCloudError.ServerNotFound, type, pagesAhead: 1);
        await foreach (var page in list.ReadAsync(cancellation).ConfigureAwait(false))
        {
            rows.AddRange(page);
        }

        return rows;
    }

    /// <summary>One object by its id. An answer about another object is an error.</summary>
    private async Task<TRow> GetOneAsync<TRow>(ApiRequest request, JsonTypeInfo<TRow> type, long id, CancellationToken cancellation)
        where TRow : class, IRow
    {
        var answer = await _transport.SendAsync(
            request, type, _scope, cancellation, row => row?.Id == id ? null : AboutSomethingElse).ConfigureAwait(false);
        return answer.Body!;
    }

    /// <summary>A doubt that could not be resolved. A refused token is reported first, because then every later call fails too.</summary>
    private static RunCloudException StillInDoubt(RunCloudException doubt, string deed, RunCloudException failure) => new(
        failure.Error == RunCloudError.Unauthorized ? failure.Error : doubt.Error,
        $"{doubt.Message} It is not known whether {deed}: {failure.Message}",
        failure)
    {
        Status = doubt.Status,
        MayHaveActed = true,
    };
}
