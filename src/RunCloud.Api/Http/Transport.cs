using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RunCloud.Api;

/// <summary>The one place where requests are sent, rate limited, retried, timed, traced and redacted.</summary>
internal sealed class Transport : IDisposable
{
    private const int TooManyRequests = 429;

    private readonly RunCloudClientOptions _options;
    private readonly ApiToken _token;
    private readonly ResponseReader _reader;
    private readonly HttpClient _http;
    private readonly string _root;
    private readonly Func<double> _jitter;
    private readonly CancellationTokenSource _closed = new();
    private readonly CancellationToken _closing;

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The HttpClient owns the handler.")]
    internal Transport(RunCloudClientOptions options)
    {
        _options = options;
        _closing = _closed.Token;
        Endpoint = CheckedEndpoint(options.Endpoint);
        _root = Endpoint.AbsoluteUri.TrimEnd('/');
        _token = new ApiToken(options.Token);
        Limiter = new RateLimiter(options.Time, options.MaximumWait);
        _reader = new ResponseReader(options, Endpoint, new Secrets(_token, options), Limiter);
        _jitter = options.Jitter ?? NextJitter;
        _http = new HttpClient(options.Handler ?? HttpHandlers.Create(options, Endpoint), disposeHandler: options.Handler is null)
        {
            // The time limit is our own: it starts when the rate limiter releases the request, and uses the clock of the options.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(UserAgent);
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
    }

    internal Uri Endpoint { get; }

    internal RateLimiter Limiter { get; }

    private static ProductInfoHeaderValue UserAgent { get; } =
        new("RunCloud.PowerShell", typeof(Transport).Assembly.GetName().Version?.ToString(3));

    /// <summary>Sends a request, with retries, until there is a final answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="type">The JSON type of the answer.</param>
    /// <param name="scope">The caller.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <param name="objection">Why an answer does not belong to this request, as the end of an error message; <see langword="null"/> if it does.</param>
    /// <exception cref="RunCloudException">There is no such answer.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    internal async Task<ApiAnswer<T>> SendAsync<T>(
        ApiRequest request, JsonTypeInfo<T> type, RequestScope scope, CancellationToken cancellation, Func<T?, string?>? objection = null)
        where T : class
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _closing);
        try
        {
            return await SendUntilSettledAsync(request, type, objection, scope, either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && _closing.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new RunCloudException(RunCloudError.ConnectionFailed, $"{request.Purpose} failed: the context was disconnected in the meantime.", e)
            {
                MayHaveActed = request.Method != HttpMethod.Get,
            };
        }
    }

    /// <summary>The retries of one request, even one that this class may not repeat on its own.</summary>
    internal Retries BeginRetries(RequestScope scope) => new(_options, Limiter, _jitter, scope);

    /// <summary>Waits by the clock of the options.</summary>
    internal Task DelayAsync(TimeSpan delay, CancellationToken cancellation) => _options.Time.DelayAsync(delay, cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_closing.IsCancellationRequested)
        {
            return;
        }

        _closed.Cancel();
        _http.Dispose();
        Limiter.Dispose();
        _token.Dispose();
        _closed.Dispose();
    }

    private async Task<ApiAnswer<T>> SendUntilSettledAsync<T>(
        ApiRequest request, JsonTypeInfo<T> type, Func<T?, string?>? objection, RequestScope scope, CancellationToken cancellation)
        where T : class
    {
        var mayHaveActed = false;
        var retries = BeginRetries(scope);
        DateTimeOffset? firstRefusal = null;
        for (var attempt = 1; ; attempt++)
        {
            ApiAnswer<T>? answer;
            RunCloudException? failure;
            try
            {
                (answer, failure) = await TryOnceAsync(request, type, objection, scope, attempt, cancellation).ConfigureAwait(false);
            }
            catch (RunCloudException e)
            {
                // The rate limiter releases no more requests. The effect of an earlier attempt is still unknown.
                e.MayHaveActed |= mayHaveActed;
                throw;
            }

            if (answer is not null)
            {
                return answer;
            }

            mayHaveActed |= failure!.MayHaveActed;
            if (failure.Status == TooManyRequests)
            {
                // A refused request was not carried out. The rate limiter now holds all requests. Only a refusal that outlasts the maximum wait ends here.
                firstRefusal ??= Limiter.Now;
                if (Limiter.Now - firstRefusal <= _options.MaximumWait)
                {
                    continue;
                }
            }

            if (!request.MayBeSentAgain || !await retries.WaitAsync(failure, cancellation).ConfigureAwait(false))
            {
                failure = failure.Status == TooManyRequests ? StillRefused(failure) : failure;
                failure.MayHaveActed = mayHaveActed;
                throw failure;
            }
        }
    }

    /// <summary>A refusal that has outlasted the maximum wait.</summary>
    private static RunCloudException StillRefused(RunCloudException refusal) =>
        new(refusal.Error, $"{refusal.Message} Waiting did not change that. A spent monthly quota looks the same.", refusal.InnerException)
        {
            Status = refusal.Status,
            ApiMessage = refusal.ApiMessage,
            FieldErrors = refusal.FieldErrors,
            RetryAt = refusal.RetryAt,
        };

    private static Uri CheckedEndpoint(Uri endpoint)
    {
        if (!endpoint.IsAbsoluteUri || (endpoint.Scheme != Uri.UriSchemeHttps && endpoint.Scheme != Uri.UriSchemeHttp)
            || endpoint.UserInfo.Length > 0 || endpoint.Query.Length > 0 || endpoint.Fragment.Length > 0)
        {
            throw new RunCloudException(
                RunCloudError.InvalidEndpoint,
                "The endpoint must be an absolute https address without user, query or fragment, such as " + RunCloudClientOptions.DefaultEndpoint + ".");
        }

        if (endpoint.Scheme == Uri.UriSchemeHttp && !endpoint.IsLoopback)
        {
            throw new RunCloudException(
                RunCloudError.InsecureEndpoint,
                $"The endpoint {endpoint.GetLeftPart(UriPartial.Authority)} is not encrypted: the token would cross the network in clear text.");
        }

        return endpoint;
    }

    [SuppressMessage("Security", "CA5394:Do not use insecure randomness", Justification = "Spreads retries; guards nothing.")]
    private static double NextJitter()
    {
#if NET
        return Random.Shared.NextDouble();
#else
        return new Random(Guid.NewGuid().GetHashCode()).NextDouble();
#endif
    }

    private async Task<(ApiAnswer<T>? Answer, RunCloudException? Failure)> TryOnceAsync<T>(
        ApiRequest request, JsonTypeInfo<T> type, Func<T?, string?>? objection, RequestScope scope, int attempt, CancellationToken cancellation)
        where T : class
    {
        var lease = await Limiter.AcquireAsync(scope, cancellation).ConfigureAwait(false);
        var started = _options.Time.GetTimestamp();
        RateReading? reading = null;
        HttpResponseMessage? response = null;
        ApiAnswer<T>? answer = null;
        RunCloudException? failure = null;
        HttpRequestMessage? message = null;
        try
        {
            message = new HttpRequestMessage(request.Method, _root + request.Path) { Content = request.CreateContent() };
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token.Reveal());
#if NET
            message.Version = HttpVersion.Version20;
            message.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
#endif
            using var limit = NewTimeLimit();
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
            try
            {
                response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
                reading = RateReading.From(response, Limiter.Now);
                var read = await _reader.ReadAsync(response, type, request, both.Token).ConfigureAwait(false);
                answer = objection?.Invoke(read.Body) is { } what ? throw ResponseReader.Spoilt(request, read.Status, what) : read;
            }
            catch (Exception e) when (_reader.Explain(e, request, response, limit.IsCancellationRequested) is { } explained)
            {
                if (e is not RunCloudException)
                {
                    // An exception after a cancellation is not a failure. Reads on .NET Framework end with other exceptions than a cancellation.
                    cancellation.ThrowIfCancellationRequested();
                }

                failure = explained;
            }
        }
        finally
        {
            Limiter.Release(lease, reading);
            scope.Observer?.OnRequest(new RequestTrace(
                request.Method.Method,
                request.Path,
                response is null ? null : (int)response.StatusCode,
                _options.Time.GetElapsedTime(started),
                attempt,
                reading?.Remaining,
                failure?.Message ?? (answer is null ? "cancelled" : null),
                scope.Observer.WantsHeaders ? Sizes(message?.Headers, message?.Content?.Headers) : [],
                scope.Observer.WantsHeaders ? Sizes(response?.Headers, response?.Content?.Headers) : []));
            response?.Dispose();
            message?.Dispose();
        }

        return (answer, failure);
    }

    private static List<KeyValuePair<string, int>> Sizes(params HttpHeaders?[] headers) =>
        [.. from some in headers where some is not null from header in some
            select new KeyValuePair<string, int>(header.Key, header.Value.Sum(value => value.Length))];

#if NET
    private CancellationTokenSource NewTimeLimit() => new(_options.RequestTimeout, _options.Time);
#else
    private CancellationTokenSource NewTimeLimit() => _options.Time.CreateCancellationTokenSource(_options.RequestTimeout);
#endif
}
