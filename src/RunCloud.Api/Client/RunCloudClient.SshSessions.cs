using System.Net.Http;

namespace RunCloud.Api;

/// <content>Open SSH sessions.</content>
public sealed partial class RunCloudClient
{
    /// <summary>The SSH sessions that are open on a server (<c>GET /servers/{id}/ssh/sessions</c>). No call of the API ends one.</summary>
    /// <param name="serverId">The server's id.</param>
    /// <param name="server">The server, if known. Its name is added to the sessions.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>The sessions.</returns>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.ServerNotFound"/>, among others.</exception>
    public async Task<IReadOnlyList<SshSession>> GetSshSessionsAsync(long serverId, Server? server, CancellationToken cancellation)
    {
        var request = new ApiRequest(
            HttpMethod.Get, FormattableString.Invariant($"/servers/{serverId}/ssh/sessions"), $"Listing the SSH sessions of {ServerText(serverId, server)}")
        {
            WhenNotFound = RunCloudError.ServerNotFound,
        };
        var answer = await _transport.SendAsync(
            request,
            WireJson.Default.SshSessionsRow,
            _scope,
            cancellation,
            sessions => sessions?.List?.Data?.Contains(null!) == false ? null : AboutSomethingElse).ConfigureAwait(false);
        var list = answer.Body!.List!;

        // Documented without pages. If it gets pages one day, the first one is not the whole list.
        if (list.Account.HasNext || list.Account.Pages > 1 || list.Account.Total > list.Data!.Count)
        {
            throw new RunCloudException(RunCloudError.IncompleteList, $"{request.Purpose} failed: the API gave one page of several.");
        }

        return [.. list.Data!.Select(row => row.ToSession(serverId, server).From(Origin))];
    }
}
