using System;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text.Json;

namespace RunCloud.Api;

/// <summary>One call of the API.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path below the endpoint, with its query.</param>
/// <param name="Purpose">What the call is for, as the beginning of an error message.</param>
internal sealed record ApiRequest(HttpMethod Method, string Path, string Purpose)
{
    /// <summary>What a 404 means here.</summary>
    internal RunCloudError WhenNotFound { get; init; } = RunCloudError.RequestRejected;

    /// <summary>What to add or to set, as one of the rows that are written; <see langword="null"/> for a request without a body.</summary>
    internal object? Body { get; init; }

    /// <summary>Whether sending it twice does no harm. An id that was removed may have become another credential's, so a removal looks first.</summary>
    internal bool MayBeSentAgain => Method == HttpMethod.Get || IsRepeatable;

    /// <summary>Whether a request that is no read may be sent again all the same.</summary>
    internal bool IsRepeatable { get; init; }

    internal HttpContent? CreateContent()
    {
        if (Body is null)
        {
            // .NET sends a request without content again by itself when a kept connection breaks, and tells nobody: a removal must not be.
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
