using System.Globalization;
using System.Net;
using System.Net.Http;
using System.Text;

namespace RunCloud.Api.Tests.Http;

/// <summary>One request as the client sent it.</summary>
/// <param name="Number">Its place in the order of sending, from 1.</param>
/// <param name="Method">The method.</param>
/// <param name="Uri">Where it went.</param>
/// <param name="Headers">The headers, those of the body included, by name without case.</param>
/// <param name="Body">The body; null if there is none.</param>
internal sealed record SentRequest(int Number, string Method, Uri Uri, IReadOnlyDictionary<string, string> Headers, string? Body)
{
    /// <summary>The method, the path below the API's root and the query, in the form <c>GET /servers?page=1</c>.</summary>
    public override string ToString() => $"{Method} {Uri.PathAndQuery.Replace("/api/v3", string.Empty, StringComparison.Ordinal)}";

    /// <summary>The number of the page that is asked for.</summary>
    internal int Page => int.Parse(Uri.Query.Split("page=")[1].Split('&')[0], CultureInfo.InvariantCulture);
}

/// <summary>Answers requests without a network, and keeps them.</summary>
internal sealed class StubHandler(Func<SentRequest, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
{
    private readonly Lock _sync = new();
    private readonly List<SentRequest> _requests = [];

    internal StubHandler(Func<SentRequest, HttpResponseMessage> answer)
        : this((request, _) => Task.FromResult(answer(request)))
    {
    }

    /// <summary>Every request so far, in the order of sending.</summary>
    internal IReadOnlyList<SentRequest> Requests
    {
        get
        {
            lock (_sync)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Every request so far in the form <c>GET /servers?page=1</c>.</summary>
    internal IReadOnlyList<string> Lines => [.. Requests.Select(request => request.ToString())];

    /// <summary>Answers the requests one after the other with what is given, and any further one as the last.</summary>
    internal static StubHandler InTurn(params Func<HttpResponseMessage>[] answers) =>
        new(request => answers[Math.Min(request.Number, answers.Length) - 1]());

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
        var headers = request.Headers.Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>())
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        SentRequest sent;
        lock (_sync)
        {
            sent = new SentRequest(_requests.Count + 1, request.Method.Method, request.RequestUri!, headers, body);
            _requests.Add(sent);
        }

        return await answer(sent, cancellationToken);
    }
}

/// <summary>Makes answers.</summary>
internal static class Answers
{
    internal const string Page = "<!DOCTYPE html><html><head><title>Just a moment</title></head><body>Just a moment</body></html>";

    internal static HttpResponseMessage Json(string json, int status = 200) => new((HttpStatusCode)status)
    {
        Content = new StringContent(json, Encoding.UTF8, "application/json"),
    };

    internal static HttpResponseMessage Html(int status = 200) => new((HttpStatusCode)status)
    {
        Content = new StringContent(Page, Encoding.UTF8, "text/html"),
    };

    internal static HttpResponseMessage Message(int status, string message) => Json($$"""{"message":"{{message}}"}""", status);

    internal static HttpResponseMessage With(this HttpResponseMessage answer, string header, string value)
    {
        answer.Headers.TryAddWithoutValidation(header, value);
        return answer;
    }
}
