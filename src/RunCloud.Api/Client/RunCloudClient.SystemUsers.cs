using System.Net.Http;

namespace RunCloud.Api;

/// <content>System users and their deployment keys.</content>
public sealed partial class RunCloudClient
{
    /// <summary>
    /// The system users of a server: the whole list or an exception (<c>GET /servers/{id}/users</c>, and <c>…/{uid}</c> for deployment keys
    /// that the list does not show completely).
    /// </summary>
    /// <param name="serverId">The server's id.</param>
    /// <param name="server">The server, if known. Its name is added to the users.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>The users.</returns>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.ServerNotFound"/>, <see cref="RunCloudError.IncompleteList"/>, among others.</exception>
    public async Task<IReadOnlyList<SystemUser>> GetSystemUsersAsync(long serverId, Server? server, CancellationToken cancellation)
    {
        var users = new List<SystemUser>();
        var rows = await ReadListAsync(
            UsersPath(serverId), $"Listing the system users of {ServerText(serverId, server)}", WireJson.Default.ListRowSystemUserRow, cancellation).ConfigureAwait(false);
        foreach (var row in rows)
        {
            var user = row.ToUser(serverId, server).From(Origin);
            users.Add(user.HasUnreadableDeploymentKey ? await ReadSingleAsync(user, row, server, cancellation).ConfigureAwait(false) : user);
        }

        return users;
    }

    private static string UsersPath(long serverId) => FormattableString.Invariant($"/servers/{serverId}/users");

    /// <summary>The user from an individual read, because the list may have shortened the deployment key.</summary>
    private async Task<SystemUser> ReadSingleAsync(SystemUser listed, SystemUserRow row, Server? server, CancellationToken cancellation)
    {
        var request = new ApiRequest(HttpMethod.Get, FormattableString.Invariant($"{UsersPath(listed.ServerId)}/{listed.UserId}"), $"Reading system user {listed}");
        try
        {
            return (await GetOneAsync(request, WireJson.Default.SystemUserRow, listed.UserId, cancellation).ConfigureAwait(false)).ToUser(listed.ServerId, server).Whole().From(Origin);
        }
        catch (RunCloudException e) when (e.Error != RunCloudError.Unauthorized)
        {
            return row.ToUser(listed.ServerId, server, e).From(Origin);
        }
    }
}
