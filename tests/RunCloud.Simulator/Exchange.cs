using System.Buffers;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace RunCloud.Simulator;

/// <summary>One request being dealt with: what a fault may do with it.</summary>
public sealed class Exchange
{
    private readonly RunCloudSimulator _simulator;
    private readonly HttpContext _http;
    private Answer? _true;

    internal Exchange(RunCloudSimulator simulator, HttpContext http, RecordedRequest request, CancellationToken gone)
    {
        _simulator = simulator;
        _http = http;
        Request = request;
        Gone = gone;
    }

    /// <summary>Gets the request.</summary>
    public RecordedRequest Request { get; }

    /// <summary>Gets the workspace.</summary>
    public Fleet Fleet => _simulator.Fleet;

    /// <summary>Gets the simulator's clock.</summary>
    public TimeProvider TimeProvider => _simulator.Options.TimeProvider;

    /// <summary>Gets what is cancelled when the client has gone away or the simulator stops.</summary>
    public CancellationToken Gone { get; }

    /// <summary>Gets the bare response, for a fault that needs more than the methods here.</summary>
    public HttpResponse Response => _http.Response;

    /// <summary>Does what the request asks, limits and authorization included, and makes the answer, which is not sent by that.</summary>
    /// <param name="pretend">To make the same answer and change nothing.</param>
    /// <returns>The answer.</returns>
    public Answer Perform(bool pretend = false) => _true = _simulator.Perform(Request, pretend);

    /// <summary>Does what another request would ask, in the place of this one.</summary>
    /// <param name="path">Its path, <c>/api/v3</c> included.</param>
    /// <param name="query">Its query with the question mark, or the empty string.</param>
    /// <returns>The answer to a GET of that.</returns>
    public Answer PerformInstead(string path, string query) => _simulator.Perform(Request.Instead(path, query), pretend: false);

    /// <summary>Waits by the simulator's clock.</summary>
    /// <param name="time">How long.</param>
    /// <returns>A task that ends then.</returns>
    /// <exception cref="OperationCanceledException">The client has gone away or the simulator stops.</exception>
    public Task SleepAsync(TimeSpan time) => Task.Delay(time, TimeProvider, Gone);

    /// <summary>Sends an answer whole.</summary>
    /// <param name="answer">The answer.</param>
    /// <returns>A task that ends when it is sent, or never where <see cref="Answer.Never"/> says so and nobody gives up.</returns>
    /// <exception cref="OperationCanceledException">The client has gone away or the simulator stops.</exception>
    public async Task SendAsync(Answer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        if (answer.Never)
        {
            // A timer that never strikes tells a clock that moves by itself that this request waits.
            await using var never = TimeProvider.CreateTimer(_ => { }, state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            await Task.Delay(Timeout.InfiniteTimeSpan, Gone);
        }

        var shaped = PageShape.Of(answer, _simulator.Options);
        var body = shaped.Body;
        if (_simulator.Options.Compress
            && body.Length > 0
            && _http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
        {
            body = Compressed(body);
            Response.Headers.ContentEncoding = "gzip";
        }

        WriteHead(answer);
        Request.AnsweredTruly = _true is not null && _true.Status == answer.Status && SaysTheSame(PageShape.Of(_true, _simulator.Options).Body.Span, shaped.Body.Span);
        if (answer.Status is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified))
        {
            Response.ContentLength = body.Length;
        }

        _simulator.Requests.Ended(Request, TimeProvider.GetUtcNow());
        if (body.Length > 0)
        {
            await Response.Body.WriteAsync(body, Gone);
        }
    }

    /// <summary>Sends the head of an answer and the beginning of its body, announced at its full length; the rest is up to the caller.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="bytes">How much of the body.</param>
    /// <returns>A task that ends when they are sent.</returns>
    /// <exception cref="OperationCanceledException">The client has gone away or the simulator stops.</exception>
    public async Task SendPartAsync(Answer answer, int bytes)
    {
        ArgumentNullException.ThrowIfNull(answer);
        answer = PageShape.Of(answer, _simulator.Options);
        WriteHead(answer);
        Response.ContentLength = answer.Body.Length;
        await Response.Body.WriteAsync(answer.Body[..bytes], Gone);
        await Response.Body.FlushAsync(Gone);
    }

    /// <summary>Drops the connection: over HTTP/1.1 the whole of it, over HTTP/2 this request's stream.</summary>
    public void Drop() => _http.Abort();

    private void WriteHead(Answer answer)
    {
        Request.Status = answer.Status;
        Response.StatusCode = answer.Status;
        Response.ContentType = answer.ContentType;
        foreach (var (name, value) in answer.Headers)
        {
            Response.Headers[name] = value;
        }
    }

    private static bool SaysTheSame(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        try
        {
            return one.SequenceEqual(other) || JsonNode.DeepEquals(JsonNode.Parse(one), JsonNode.Parse(other));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    internal static ReadOnlyMemory<byte> Compressed(ReadOnlyMemory<byte> body)
    {
        using var compressed = new MemoryStream(body.Length / 2);
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(body.Span);
        }

        return compressed.ToArray();
    }
}
