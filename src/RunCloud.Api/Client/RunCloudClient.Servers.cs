using System.Net.Http;
using System.Runtime.CompilerServices;

namespace RunCloud.Api;

/// <content>Servers.</content>
public sealed partial class RunCloudClient
{
    /// <summary>Every server of the workspace, page by page as they arrive (<c>GET /servers</c>).</summary>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>The servers. The last step throws if the list could not be read completely.</returns>
    public async IAsyncEnumerable<Server> GetServersAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var page in GetServerPagesAsync(cancellation).ConfigureAwait(false))
        {
            foreach (var server in page)
            {
                yield return server;
            }
        }
    }

    /// <summary>The same a page at a time, for a caller to whom each step is a change of threads.</summary>
    internal async IAsyncEnumerable<IReadOnlyList<Server>> GetServerPagesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var list = new ListReader<ServerRow>(
            _transport, _scope, "/servers", "Listing the servers", RunCloudError.RequestRejected, WireJson.Default.ListRowServerRow, pagesAhead: 4);
        await foreach (var page in list.ReadAsync(cancellation).ConfigureAwait(false))
        {
            yield return [.. page.Select(row => row.ToServer().From(Origin))];
        }
    }

    /// <summary>One server (<c>GET /servers/{id}</c>).</summary>
    /// <param name="id">The server's id.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>The server.</returns>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.ServerNotFound"/>, among others.</exception>
    public async Task<Server> GetServerAsync(long id, CancellationToken cancellation)
    {
        var request = new ApiRequest(HttpMethod.Get, FormattableString.Invariant($"/servers/{id}"), FormattableString.Invariant($"Reading server {id}"))
        {
            WhenNotFound = RunCloudError.ServerNotFound,
        };
        return (await GetOneAsync(request, WireJson.Default.ServerRow, id, cancellation).ConfigureAwait(false)).ToServer().From(Origin);
    }

    /// <summary>The current server, or why it could not be read.</summary>
    internal async Task<ServerState> ReadStateAsync(long serverId, CancellationToken cancellation)
    {
        try
        {
            return new ServerState(await GetServerAsync(serverId, cancellation).ConfigureAwait(false), Failure: null);
        }
        catch (RunCloudException e)
        {
            return new ServerState(Server: null, e);
        }
    }
}
