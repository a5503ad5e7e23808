using System.Net.Http;
using System.Net.Http.Headers;
using System.Text.Json;

namespace RunCloud.Api;

/// <summary>One call of the API.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path below the endpoint, with its query.</param>
/// <param name="Purpose">The purpose of the call, as the beginning of an error message.</param>
internal sealed record ApiRequest(HttpMethod Method, string Path, string Purpose)
{
    /// <summary>The error that a 404 means.</summary>
    internal RunCloudError WhenNotFound { get; init; } = RunCloudError.RequestRejected;

    /// <summary>The body, as one of the rows for writing; <see langword="null"/> for a request without a body.</summary>
    internal object? Body { get; init; }

    /// <summary>Whether it may be sent twice. The id of a removed credential may have been reused, so a removal reads the list first.</summary>
    internal bool MayBeSentAgain => Method == HttpMethod.Get || IsRepeatable;

    /// <summary>Whether a request that is not a read may be repeated anyway.</summary>
    internal bool IsRepeatable { get; init; }

    internal HttpContent? CreateContent()
    {
        if (Body is null)
        {
            // When a kept connection breaks, .NET silently repeats a request without content. A removal must not be repeated that way.
            return Method == HttpMethod.Delete ? new ByteArrayContent([]) : null;
        }

        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(Body, Body.GetType(), WireJson.Default));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }
}

/// <summary>A 2xx answer.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Body">Its body; <see langword="null"/> for 204.</param>
internal sealed record ApiAnswer<T>(int Status, T? Body)
    where T : class;
