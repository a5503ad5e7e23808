using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.Api;

/// <summary>The one place where a request is sent, held back, retried, timed, traced and redacted.</summary>
internal sealed class Transport : IDisposable
{
    /// <summary>More than any documented answer needs: a page of 40 keys is below 100 KB.</summary>
    private const long MaximumAnswerSize = 8 * 1024 * 1024;

    private const int RequestTimedOut = 408;
    private const int TooManyRequests = 429;

    private readonly RunCloudClientOptions options;
    private readonly ApiToken token;
    private readonly HttpClient http;
    private readonly string root;
    private readonly Func<double> jitter;
    private readonly CancellationTokenSource closed = new();
    private readonly CancellationToken closing;

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The HttpClient owns the handler.")]
    internal Transport(RunCloudClientOptions options)
    {
        this.options = options;
        closing = closed.Token;
        Endpoint = CheckedEndpoint(options.Endpoint);
        root = Endpoint.AbsoluteUri.TrimEnd('/');
        token = new ApiToken(options.Token);
        Gate = new RateGate(options.Time, options.MaximumWait);
        jitter = options.Jitter ?? NextJitter;
        http = new HttpClient(options.Handler ?? HttpHandlers.Create(options, Endpoint), disposeHandler: options.Handler is null)
        {
            // The limit is ours: it starts when the gate lets the request through, and it runs in the options' time.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        http.DefaultRequestHeaders.UserAgent.Add(UserAgent);
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
    }

    internal Uri Endpoint { get; }

    internal RateGate Gate { get; }

    private static ProductInfoHeaderValue UserAgent { get; } =
        new("RunCloud.PowerShell", typeof(Transport).Assembly.GetName().Version?.ToString(3));

    /// <summary>Sends a request until it has an answer that settles it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="type">The answer's JSON.</param>
    /// <param name="scope">For whom.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <param name="objection">Why an answer that was read is none to this request, as the end of an error message; <see langword="null"/> when it is one.</param>
    /// <exception cref="RunCloudException">There is no such answer.</exception>
    /// <exception cref="OperationCanceledException">The caller no longer waits.</exception>
    internal async Task<ApiAnswer<T>> SendAsync<T>(
        ApiRequest request, JsonTypeInfo<T> type, RequestScope scope, CancellationToken cancellation, Func<T?, string?>? objection = null)
        where T : class
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, closing);
        try
        {
            return await SendUntilSettledAsync(request, type, objection, scope, either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && closing.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new RunCloudException(RunCloudError.ConnectionFailed, $"{request.Purpose} failed: the context was disconnected meanwhile.", e)
            {
                MayHaveActed = request.Method != HttpMethod.Get,
            };
        }
    }

    /// <summary>The retries of one request; also of one that this class may not send twice by itself.</summary>
    internal Retries BeginRetries(RequestScope scope) => new(options, Gate, jitter, scope);

    /// <summary>Waits in the options' time.</summary>
    internal async Task DelayAsync(TimeSpan delay, CancellationToken cancellation) =>
#if NET
        await Task.Delay(delay, options.Time, cancellation).ConfigureAwait(false);
#else
        await options.Time.Delay(delay, cancellation).ConfigureAwait(false);
#endif

    /// <inheritdoc/>
    public void Dispose()
    {
        if (closing.IsCancellationRequested)
        {
            return;
        }

        closed.Cancel();
        http.Dispose();
        Gate.Dispose();
        token.Dispose();
        closed.Dispose();
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
                // The gate lets nothing through any more; what an earlier try did is as unknown as before.
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
                // A refused request was not carried out, whatever it was. The gate now holds everything; only a refusal that outlasts the allowed wait ends here.
                firstRefusal ??= Gate.Now;
                if (Gate.Now - firstRefusal <= options.MaximumWait)
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

    /// <summary>A refusal that has outlasted every wait.</summary>
    private static RunCloudException StillRefused(RunCloudException refusal) =>
        new(refusal.Error, $"{refusal.Message} That did not change while it was waited; a spent monthly quota looks the same.", refusal.InnerException)
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
        var ticket = await Gate.EnterAsync(scope, cancellation).ConfigureAwait(false);
        var started = options.Time.GetTimestamp();
        RateReading? reading = null;
        HttpResponseMessage? response = null;
        ApiAnswer<T>? answer = null;
        RunCloudException? failure = null;
        HttpRequestMessage? message = null;
        try
        {
            var secret = token.Reveal();
            message = new HttpRequestMessage(request.Method, root + request.Path) { Content = request.CreateContent() };
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
#if NET
            message.Version = HttpVersion.Version20;
            message.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
#endif
            using var limit = NewTimeLimit();
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
            try
            {
                response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
                reading = RateReading.From(response, Gate.Now);
                var read = await ReadAsync(response, type, request, secret, both.Token).ConfigureAwait(false);
                answer = objection?.Invoke(read.Body) is { } what ? throw Spoilt(request, read.Status, what) : read;
            }
            catch (Exception e) when (Explain(e, request, response, limit.IsCancellationRequested, secret) is { } explained)
            {
                if (e is not RunCloudException)
                {
                    // What breaks because nobody waits any longer is no failure; the old framework's reads break in other ways than with a cancellation.
                    cancellation.ThrowIfCancellationRequested();
                }

                failure = explained;
            }
        }
        finally
        {
            Gate.Leave(ticket, reading);
            scope.Observer?.OnRequest(new RequestTrace(
                request.Method.Method,
                request.Path,
                response is null ? null : (int)response.StatusCode,
                options.Time.GetElapsedTime(started),
                attempt,
                reading?.Remaining,
                failure?.Message ?? (answer is null ? "cancelled" : null),
                Sizes(message?.Headers, message?.Content?.Headers),
                Sizes(response?.Headers, response?.Content?.Headers)));
            response?.Dispose();
            message?.Dispose();
        }

        return (answer, failure);
    }

    private async Task<ApiAnswer<T>> ReadAsync<T>(
        HttpResponseMessage response, JsonTypeInfo<T> type, ApiRequest request, string secret, CancellationToken cancellation)
        where T : class
    {
        var status = (int)response.StatusCode;
        if (status is >= 300 and < 400)
        {
            var target = response.Headers.Location is { } location && Uri.TryCreate(Endpoint, location, out var place) && place.Authority.Length > 0
                ? place.Authority
                : "an unnamed place";
            throw new RunCloudException(
                RunCloudError.InvalidResponse,
                $"{request.Purpose} failed: the API answered with a redirect ({status}) to {ApiText.Clean(target, secret)}, which was not followed.")
            {
                Status = status,
                MayHaveActed = true,
            };
        }

        if (response.Content.Headers.ContentLength > MaximumAnswerSize)
        {
            throw TooLarge(request, status);
        }

        if (status is < 200 or >= 300)
        {
            throw Refusal(request, status, RateReading.From(response, Gate.Now).RetryAfter, await ReadErrorAsync(response, cancellation).ConfigureAwait(false), secret);
        }

        if (response.StatusCode == HttpStatusCode.NoContent)
        {
            return new ApiAnswer<T>(status, null);
        }

#if NET
        var content = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
#else
        var content = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);

        // A read on the old framework does not hear the token.
        using var abort = cancellation.Register(response.Dispose);
#endif
        using var bounded = new BoundedStream(content, MaximumAnswerSize, () => TooLarge(request, status));
        var value = await JsonSerializer.DeserializeAsync(bounded, type, cancellation).ConfigureAwait(false)
            ?? throw new JsonException("The answer is null.");
        return new ApiAnswer<T>(status, value);
    }

    /// <summary>The body of an error, <see langword="null"/> when it is not the documented JSON object.</summary>
    private static async Task<ErrorRow?> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
#if NET
            var content = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
#else
            var content = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
            using var abort = cancellation.Register(response.Dispose);
#endif
            using var bounded = new BoundedStream(content, MaximumAnswerSize, () => new JsonException("too large"));
            return await JsonSerializer.DeserializeAsync(bounded, WireJson.Default.ErrorRow, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return null;
        }
    }

    /// <summary>An answer that is JSON, and not what was asked for: as a rule somebody else's, or half a one, and better the next time.</summary>
    private static RunCloudException Spoilt(ApiRequest request, int status, string what) =>
        new(RunCloudError.InvalidResponse, $"{request.Purpose} failed: the API's answer ({status}) {what}.")
        {
            Status = status,
            IsTransient = true,
            MayHaveActed = true,
        };

    private static RunCloudException TooLarge(ApiRequest request, int status) => new(
        RunCloudError.InvalidResponse,
        FormattableString.Invariant($"{request.Purpose} failed: the API's answer is larger than {MaximumAnswerSize / (1024 * 1024)} MiB."))
    {
        Status = status,
        IsTooLarge = true,
        MayHaveActed = true,
    };

    private RunCloudException Refusal(ApiRequest request, int status, TimeSpan? retryAfter, ErrorRow? body, string secret)
    {
        var said = ApiText.Clean(body?.Message, secret);
        var fields = body?.FieldErrors(secret) ?? [];
        var because = said.Length > 0 ? $"{status}: {said}" : $"{status}";
        var error = status switch
        {
            401 => RunCloudError.Unauthorized,
            403 => RunCloudError.Forbidden,

            // A 404 without the API's own message is somebody else's, and says nothing about what exists.
            404 => said.Length == 0 ? RunCloudError.InvalidResponse : request.WhenNotFound,
            RequestTimedOut => RunCloudError.RequestTimeout,
            422 => RunCloudError.ValidationFailed,
            TooManyRequests => RunCloudError.RateLimited,
            >= 500 => RunCloudError.ServerError,
            _ => RunCloudError.RequestRejected,
        };
        if (error == RunCloudError.ValidationFailed)
        {
            var named = string.Join("; ", fields.Select(field => $"{field.Key}: {string.Join(" ", field.Value)}"));
            because += named.Length > 0 ? $" ({named})" : string.Empty;
        }

        return new RunCloudException(error, error == RunCloudError.InvalidResponse
            ? $"{request.Purpose} failed: the API answered {status}, but not in its own words."
            : $"{request.Purpose} failed: the API answered {because}{(because[because.Length - 1] == '.' ? string.Empty : ".")}")
        {
            Status = status,
            ApiMessage = said.Length > 0 ? said : null,
            FieldErrors = fields,
            IsTransient = error == RunCloudError.InvalidResponse || IsPassing(status) || (retryAfter is not null && status is 403 or 423),
            MayHaveActed = error == RunCloudError.InvalidResponse || status is RequestTimedOut or >= 500,
            RetryAfter = retryAfter,
            RetryAt = status == TooManyRequests && retryAfter is { } wait ? Gate.Now + wait : null,
        };
    }

    /// <summary>
    /// Whether it may be better the next time; 520 to 530 are what Cloudflare and others say of a server that does not answer as it should,
    /// or is too busy.
    /// </summary>
    private static bool IsPassing(int status) => status is RequestTimedOut or 425 or 500 or 502 or 503 or 504 or (>= 520 and <= 525) or 529 or 530;

    /// <summary>What an exception of the network or the parser means; <see langword="null"/> for one that is not theirs.</summary>
    private RunCloudException? Explain(Exception exception, ApiRequest request, HttpResponseMessage? response, bool timedOut, string secret)
    {
        var status = response is null ? null : (int?)response.StatusCode;

        // Parsers quote what they could not read, and a server may send back what it was sent.
        var inner = exception.ToString().AsSpan().IndexOf(secret.AsSpan(), StringComparison.OrdinalIgnoreCase) >= 0 ? null : exception;
        if (exception is RunCloudException known)
        {
            return known;
        }

        // A host that does not answer the connection is reported as a cancellation, long before the request's own limit.
        if (timedOut || (exception is OperationCanceledException && !HasInner<TimeoutException>(exception)))
        {
            return new RunCloudException(
                RunCloudError.RequestTimeout,
                FormattableString.Invariant($"{request.Purpose} failed: no full answer within {options.RequestTimeout.TotalSeconds:0.###} seconds."),
                inner)
            {
                Status = status,
                IsTransient = true,
                MayHaveActed = true,
            };
        }

        if (response is not null && IsUnreadable(exception))
        {
            var what = exception is JsonException ? "is not the documented JSON" : "broke off";
            return new RunCloudException(RunCloudError.InvalidResponse, $"{request.Purpose} failed: the API's answer ({status}) {what}.", inner)
            {
                Status = status,
                IsTransient = true,
                MayHaveActed = true,
            };
        }

        return exception is HttpRequestException or IOException or OperationCanceledException
            ? new RunCloudException(
                RunCloudError.ConnectionFailed,
                $"{request.Purpose} failed: {Reason(exception, secret)} ({Endpoint.GetLeftPart(UriPartial.Authority)}).",
                inner)
            {
                IsTransient = !HasInner<AuthenticationException>(exception),
                MayHaveActed = exception is not OperationCanceledException && !HttpHandlers.FailedBeforeSending(exception),
            }
            : null;
    }

    /// <summary>Whether it is of those that parsers, decoders and connections throw in the midst of an answer.</summary>
    private static bool IsUnreadable(Exception exception) =>
        exception is JsonException or IOException or HttpRequestException or InvalidDataException or InvalidOperationException;

    private static string Reason(Exception exception, string secret)
    {
        while (exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return ApiText.Clean(exception.Message, secret).TrimEnd('.');
    }

    private static bool HasInner<T>(Exception? exception)
        where T : Exception
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is T)
            {
                return true;
            }
        }

        return false;
    }

    private static List<KeyValuePair<string, int>> Sizes(params HttpHeaders?[] headers) =>
        [.. from some in headers where some is not null from header in some
            select new KeyValuePair<string, int>(header.Key, header.Value.Sum(value => value.Length))];

#if NET
    private CancellationTokenSource NewTimeLimit() => new(options.RequestTimeout, options.Time);
#else
    private CancellationTokenSource NewTimeLimit() => options.Time.CreateCancellationTokenSource(options.RequestTimeout);
#endif
}
