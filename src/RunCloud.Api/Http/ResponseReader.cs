using System.Net;
using System.Net.Http;
using System.Security.Authentication;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RunCloud.Api;

/// <summary>Reads answers, and turns unexpected ones into exceptions.</summary>
/// <param name="options">The connection options.</param>
/// <param name="endpoint">The API's base address.</param>
/// <param name="secrets">The secrets that no message may contain.</param>
/// <param name="limiter">The clock for waiting times.</param>
internal sealed class ResponseReader(RunCloudClientOptions options, Uri endpoint, Secrets secrets, RateLimiter limiter)
{
    /// <summary>More than any documented answer needs. A page of 40 keys has less than 100 KB.</summary>
    private const int MaximumAnswerSize = 8 * 1024 * 1024;

    private const int ProxyRefused = 407;
    private const int RequestTimedOut = 408;
    private const int TooManyRequests = 429;

    /// <summary>Reads a 2xx answer.</summary>
    /// <exception cref="RunCloudException">It is not a 2xx answer, or not the requested content.</exception>
    internal async Task<ApiAnswer<T>> ReadAsync<T>(
        HttpResponseMessage response, JsonTypeInfo<T> type, ApiRequest request, CancellationToken cancellation)
        where T : class
    {
        var status = (int)response.StatusCode;
        if (status is >= 300 and < 400)
        {
            var target = response.Headers.Location is { } location && Uri.TryCreate(endpoint, location, out var place) && place.Authority.Length > 0
                ? place.Authority
                : "an unnamed place";
            throw new RunCloudException(
                RunCloudError.InvalidResponse,
                $"{request.Purpose} failed: the API answered with a redirect ({status}) to {ApiText.Clean(target, secrets.Hide)}, which was not followed.")
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
            throw Refusal(request, status, RateReading.From(response, limiter.Now).RetryAfter, await ReadErrorAsync(response, cancellation).ConfigureAwait(false), IsChallenge(response));
        }

        if (response.StatusCode == HttpStatusCode.NoContent)
        {
            return new ApiAnswer<T>(status, null);
        }

        var value = await DeserializeAsync(response, type, () => TooLarge(request, status), cancellation).ConfigureAwait(false)
            ?? throw new JsonException("The answer is null.");
        return new ApiAnswer<T>(status, value);
    }

    /// <summary>Reads a body as JSON, up to the maximum size of an answer.</summary>
    private static async Task<T?> DeserializeAsync<T>(
        HttpResponseMessage response, JsonTypeInfo<T> type, Func<Exception> tooLarge, CancellationToken cancellation)
        where T : class
    {
#if NET
        var content = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
#else
        var content = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);

        // On .NET Framework a read ignores the cancellation token.
        using var abort = cancellation.Register(response.Dispose);
#endif
        using var body = await AnswerBody.ReadAsync(content, MaximumAnswerSize, tooLarge, cancellation).ConfigureAwait(false);

        // At once, because the serializer is slow on a stream.
        return JsonSerializer.Deserialize(body.Json, type);
    }

    /// <summary>The body of an error; <see langword="null"/> if it is not the documented JSON object.</summary>
    private static async Task<ErrorRow?> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            return await DeserializeAsync(response, WireJson.Default.ErrorRow, () => new JsonException("too large"), cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return null;
        }
    }

    /// <summary>Whether it is a web page from something in front of the API, such as a browser challenge.</summary>
    private static bool IsChallenge(HttpResponseMessage response) =>
        response.Headers.Contains("cf-mitigated")
        || (response.Content.Headers.ContentType?.MediaType ?? string.Empty).EndsWith("html", StringComparison.OrdinalIgnoreCase);

    /// <summary>JSON that is not the requested content. It usually comes from something else or is cut off, so a retry may help.</summary>
    internal static RunCloudException Spoilt(ApiRequest request, int status, string what) =>
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

    private RunCloudException Refusal(ApiRequest request, int status, TimeSpan? retryAfter, ErrorRow? body, bool isChallenge)
    {
        var said = ApiText.Clean(body?.Message, secrets.Hide);
        var fields = body?.FieldErrors(secrets.Hide) ?? [];
        var because = said.Length > 0 ? $"{status}: {said}" : $"{status}";
        var error = status switch
        {
            401 => RunCloudError.Unauthorized,
            403 => isChallenge ? RunCloudError.InvalidResponse : RunCloudError.Forbidden,

            // The API never answers like this, so it is the proxy.
            ProxyRefused => RunCloudError.ProxyRefused,

            // A 404 without the API's own message comes from something else, and does not say what exists.
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
            ? isChallenge
                ? $"{request.Purpose} failed: the answer ({status}) is a web page that something in front of the API sent, such as a challenge for browsers. RunCloud itself was not reached."
                : $"{request.Purpose} failed: the API returned {status} with an unexpected body."
            : error == RunCloudError.ProxyRefused ? $"{request.Purpose} failed: the proxy refused it ({status}), so RunCloud was not reached."
            : $"{request.Purpose} failed: the API answered {because}{(because[because.Length - 1] == '.' ? string.Empty : ".")}")
        {
            Status = status,
            ApiMessage = said.Length > 0 ? said : null,
            FieldErrors = fields,
            IsTransient = error == RunCloudError.InvalidResponse || IsPassing(status) || (retryAfter is not null && status is 403 or 423),
            MayHaveActed = error == RunCloudError.InvalidResponse || status is RequestTimedOut or >= 500,
            RetryAfter = retryAfter,
            RetryAt = status == TooManyRequests && retryAfter is { } wait ? limiter.Now + wait : null,
        };
    }

    /// <summary>
    /// Whether a retry may help. Cloudflare and others send 520 to 530 for a server that does not answer properly
    /// or is overloaded.
    /// </summary>
    private static bool IsPassing(int status) => status is RequestTimedOut or 425 or 500 or 502 or 503 or 504 or (>= 520 and <= 525) or 529 or 530;

    /// <summary>The failure that a network or parser exception means; <see langword="null"/> for any other exception.</summary>
    internal RunCloudException? Explain(Exception exception, ApiRequest request, HttpResponseMessage? response, bool timedOut)
    {
        var status = response is null ? null : (int?)response.StatusCode;

        // Parsers quote what they could not read, and a server may echo the request.
        var inner = secrets.AppearIn(exception.ToString()) ? null : exception;
        if (exception is RunCloudException known)
        {
            return known;
        }

        // A connection timeout is reported as a cancellation, long before the request's own limit.
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

        if (response is null && HttpHandlers.ProxyStatus(exception) is { } refused and < 500)
        {
            return new RunCloudException(
                RunCloudError.ProxyRefused, FormattableString.Invariant($"{request.Purpose} failed: the proxy refused to connect to {endpoint.GetLeftPart(UriPartial.Authority)} ({refused}), so RunCloud was not reached."), inner)
            {
                Status = refused,
            };
        }

        return exception is HttpRequestException or IOException or OperationCanceledException
            ? new RunCloudException(
                RunCloudError.ConnectionFailed,
                $"{request.Purpose} failed: {Reason(exception)} ({endpoint.GetLeftPart(UriPartial.Authority)}).",
                inner)
            {
                IsTransient = !HasInner<AuthenticationException>(exception),
                MayHaveActed = exception is not OperationCanceledException && !HttpHandlers.FailedBeforeSending(exception),
            }
            : null;
    }

    /// <summary>Whether parsers, decoders or connections throw it in the middle of an answer.</summary>
    private static bool IsUnreadable(Exception exception) =>
        exception is JsonException or IOException or HttpRequestException or InvalidDataException or InvalidOperationException;

    private string Reason(Exception exception)
    {
        while (exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return ApiText.Clean(exception.Message, secrets.Hide).TrimEnd('.');
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
}
