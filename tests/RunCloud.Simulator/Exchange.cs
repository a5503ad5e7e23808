using System;
using System.Buffers;
using System.IO;
using System.IO.Compression;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace RunCloud.Simulator;

/// <summary>One request being dealt with: what a fault may do with it.</summary>
public sealed class Exchange
{
    private readonly RunCloudSimulator _simulator;
    private readonly HttpContext _http;

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
    public Answer Perform(bool pretend = false) => _simulator.Perform(Request, pretend);

    /// <summary>Sends an answer whole.</summary>
    /// <param name="answer">The answer.</param>
    /// <returns>A task that ends when it is sent, or never where <see cref="Answer.Never"/> says so and nobody gives up.</returns>
    /// <exception cref="OperationCanceledException">The client has gone away or the simulator stops.</exception>
    public async Task SendAsync(Answer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        if (answer.Never)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, Gone);
        }

        var body = answer.Body;
        if (_simulator.Options.Compress
            && body.Length > 0
            && _http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
        {
            body = Compressed(body);
            Response.Headers.ContentEncoding = "gzip";
        }

        WriteHead(answer);
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

    private static ReadOnlyMemory<byte> Compressed(ReadOnlyMemory<byte> body)
    {
        using var compressed = new MemoryStream(body.Length / 2);
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(body.Span);
        }

        return compressed.ToArray();
    }
}
