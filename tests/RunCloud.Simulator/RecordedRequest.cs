namespace RunCloud.Simulator;

/// <summary>What a request carried to say who is calling.</summary>
public enum RequestAuthorization
{
    /// <summary>No <c>Authorization</c> header.</summary>
    Missing,

    /// <summary>One that is not the simulator's token.</summary>
    Wrong,

    /// <summary>The simulator's token.</summary>
    Right,
}

/// <summary>
/// One request as it came in, and how it ended. Values of headers are not kept, so that no log of a test can show a token;
/// the User-Agent is the exception.
/// </summary>
public sealed class RecordedRequest
{
    /// <summary>Gets its place in the order of arrival, from 1.</summary>
    public int Number { get; internal set; }

    /// <summary>Gets the method.</summary>
    public required string Method { get; init; }

    /// <summary>Gets the decoded path, <c>/api/v3</c> included.</summary>
    public required string Path { get; init; }

    /// <summary>Gets the query with its question mark, or the empty string.</summary>
    public required string Query { get; init; }

    /// <summary>Gets the protocol: <c>HTTP/1.1</c> or <c>HTTP/2</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>Gets the id of the connection that it came on; unique while the simulator runs.</summary>
    public required string ConnectionId { get; init; }

    /// <summary>Gets the names of its headers.</summary>
    public required IReadOnlyList<string> HeaderNames { get; init; }

    /// <summary>Gets the User-Agent, or <see langword="null"/>.</summary>
    public string? UserAgent { get; init; }

    /// <summary>Gets the body, or <see langword="null"/> if there was none.</summary>
    public string? Body { get; init; }

    /// <summary>Gets whether it carried the right token.</summary>
    public required RequestAuthorization Authorization { get; init; }

    /// <summary>Gets when it arrived, by the simulator's clock.</summary>
    public required DateTimeOffset ArrivedAt { get; init; }

    /// <summary>Gets when its answer was ready to be sent, or it ended without one; <see langword="null"/> until then.</summary>
    public DateTimeOffset? EndedAt { get; internal set; }

    /// <summary>Gets the status that was sent; <see langword="null"/> if none was: not yet, or the connection was dropped.</summary>
    public int? Status { get; internal set; }

    /// <summary>Gets the name of the fault that struck it, or <see langword="null"/>.</summary>
    public string? Fault { get; internal set; }

    /// <summary>
    /// Gets a value indicating whether the answer was sent whole and said what is true, whatever fault struck: the same status, and the same
    /// body but for the access which the JSON is written.
    /// </summary>
    public bool AnsweredTruly { get; internal set; }

    /// <summary>Gets a value indicating whether it could change something: any method but GET and HEAD.</summary>
    public bool IsChanging => Method is not ("GET" or "HEAD");

    /// <summary>Tells whether the path, after <c>/api/v3</c>, fits a pattern.</summary>
    /// <param name="pattern">Such as <c>/servers/*/ssh/credentials</c>: <c>*</c> stands for one segment, <c>**</c> at the end for any rest.</param>
    /// <returns>Whether it fits.</returns>
    public bool Matches(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        if (!Path.StartsWith(Api.Root, StringComparison.Ordinal))
        {
            return false;
        }

        var path = Path.AsSpan(Api.Root.Length);
        var segments = path.Split('/');
        foreach (var range in pattern.AsSpan().Split('/'))
        {
            var wanted = pattern.AsSpan(range);
            if (wanted is "**")
            {
                return true;
            }

            if (!segments.MoveNext() || !(wanted is "*" || path[segments.Current].Equals(wanted, StringComparison.Ordinal)))
            {
                return false;
            }
        }

        return !segments.MoveNext();
    }

    /// <summary>A GET of something else, from the same caller.</summary>
    internal RecordedRequest Instead(string path, string query) => new()
    {
        Method = "GET",
        Path = path,
        Query = query,
        Protocol = Protocol,
        ConnectionId = ConnectionId,
        HeaderNames = HeaderNames,
        UserAgent = UserAgent,
        Authorization = Authorization,
        ArrivedAt = ArrivedAt,
    };

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Number} {Method} {Path}{Query} -> {Status?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "no answer"}{(Fault is null ? null : $" ({Fault})")}";
}
