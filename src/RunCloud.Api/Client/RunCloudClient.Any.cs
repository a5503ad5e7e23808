using System.Net.Http;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunCloud.Api;

/// <content>Calls of any path.</content>
public sealed partial class RunCloudClient
{
    /// <summary>Calls any path of the API. Reads and removals are retried if an answer is lost, as everywhere; nothing else is.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path with its query, checked by <see cref="PathOf"/>.</param>
    /// <param name="body">What is sent as JSON: <see cref="AnyObject"/>, lists and plain values; <see langword="null"/> for no body.</param>
    /// <param name="cancellation">Stops waiting. A change may have been made.</param>
    /// <returns>The answer as plain values; <see langword="null"/> if it has no body.</returns>
    /// <exception cref="RunCloudException">The call does not succeed.</exception>
    /// <exception cref="OperationCanceledException">It is cancelled.</exception>
    internal async Task<object?> InvokeAsync(RunCloudMethod method, string path, object? body, CancellationToken cancellation)
    {
        var request = new ApiRequest(new HttpMethod(Spelled(method)), path, $"{Spelled(method)} {path}")
        {
            Body = AnyJson.ToNode(body),
            IsRepeatable = method == RunCloudMethod.Delete,
        };
        try
        {
            return (await _transport.SendAsync(request, WireJson.Default.AnyRow, _scope, cancellation).ConfigureAwait(false)).Body?.Value;
        }
        catch (RunCloudException e) when (e.MayHaveActed && method != RunCloudMethod.Get)
        {
            throw new RunCloudException(e.Error, $"{e.Message} It may have been carried out anyway.", e)
            {
                Status = e.Status,
                ApiMessage = e.ApiMessage,
                FieldErrors = e.FieldErrors,
                MayHaveActed = true,
            };
        }
    }

    /// <summary>Every row of a list, page by page as they arrive, read completely like all lists.</summary>
    /// <param name="path">The list's path with its query, without <c>page</c> and <c>perPage</c>.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>The rows as plain values.</returns>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.IncompleteList"/>, or why a page could not be read.</exception>
    /// <exception cref="OperationCanceledException">It is cancelled.</exception>
    internal async IAsyncEnumerable<object?> InvokeAllAsync(string path, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var list = new ListReader<AnyRow>(_transport, _scope, path, $"GET {path}", RunCloudError.RequestRejected, WireJson.Default.ListRowAnyRow, pagesAhead: 1);
        await foreach (var page in list.ReadAsync(cancellation).ConfigureAwait(false))
        {
            foreach (var row in page)
            {
                yield return row.Value;
            }
        }
    }

    /// <summary>
    /// A path below the endpoint, with its query. The endpoint's own path in front of it is removed, because documentation and full addresses contain it.
    /// </summary>
    /// <param name="path">What was typed.</param>
    /// <param name="query">Names and values of the query, in addition to those in <paramref name="path"/>.</param>
    /// <returns>The path to send; <see langword="null"/> if it would lead outside the endpoint.</returns>
    internal string? PathOf(string path, IEnumerable<KeyValuePair<string, string>> query)
    {
        var own = Endpoint.AbsolutePath.TrimEnd('/');
        var parts = path.Split(['?'], 2);
        var asked = parts.Length > 1 ? parts[1] : string.Empty;
        var given = parts[0].Length > 0 && parts[0][0] == '/' ? parts[0] : "/" + parts[0];
        given = own.Length > 0 && given.StartsWith(own + "/", StringComparison.Ordinal) ? given.Substring(own.Length) : given;
        var segments = given.Substring(1).Split('/');
        if (path.Any(character => character is '\\' or '#' || char.IsControl(character) || char.IsWhiteSpace(character))
            || segments.Any(segment => segment.Length == 0 || Decoded(segment).All(character => character == '.') || Decoded(segment).Any(character => character is '/' or '\\' or '?' or '#' || char.IsControl(character))))
        {
            return null;
        }

        var pairs = (asked.Length > 0 ? [asked] : Array.Empty<string>()).Concat(query.Select(pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}"));
        var text = string.Join("&", pairs);
        var whole = "/" + string.Join("/", segments) + (text.Length > 0 ? "?" + text : string.Empty);
        var root = Endpoint.AbsoluteUri.TrimEnd('/');
        return Uri.TryCreate(root + whole, UriKind.Absolute, out var address) && address.AbsoluteUri.StartsWith(root + "/", StringComparison.Ordinal) ? whole : null;
    }

    /// <summary>A JSON object or list as plain values; <see langword="null"/> if the text is neither.</summary>
    internal static object? ParseBody(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, WireJson.Default.AnyRow)?.Value is var value and (AnyObject or List<object?>) ? value : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The HTTP name of a method.</summary>
    internal static string Spelled(RunCloudMethod method) => method.ToString().ToUpperInvariant();

    private static string Decoded(string segment) => Uri.UnescapeDataString(segment);
}
