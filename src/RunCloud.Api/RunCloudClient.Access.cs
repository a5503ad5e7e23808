using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.Api;

/// <content>What lets people in besides the credentials: open sessions, the settings of SSH, and system users with their deployment keys.</content>
public sealed partial class RunCloudClient
{
    /// <summary>The old framework has no name for it.</summary>
    private static readonly HttpMethod Patch = new("PATCH");

    /// <summary>The SSH sessions that are open on a server (<c>GET /servers/{id}/ssh/sessions</c>). No call of the API ends one.</summary>
    /// <param name="serverId">The server's id.</param>
    /// <param name="server">The server, where it is known; its name goes with the sessions.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>The sessions.</returns>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.ServerNotFound"/>, among others.</exception>
    public async Task<IReadOnlyList<SshSession>> GetSshSessionsAsync(long serverId, Server? server, CancellationToken cancellation)
    {
        var request = new ApiRequest(
            HttpMethod.Get, FormattableString.Invariant($"/servers/{serverId}/ssh/sessions"), $"Listing the SSH sessions of {ServerText(serverId, server)}")
        {
            WhenNotFound = RunCloudError.ServerNotFound,
        };
        var answer = await transport.SendAsync(
            request,
            WireJson.Default.SshSessionsRow,
            scope,
            cancellation,
            sessions => sessions?.List?.Data?.Contains(null!) == false ? null : AboutSomethingElse).ConfigureAwait(false);
        var list = answer.Body!.List!;

        // Documented without pages; should it have some one day, the first one is not the list.
        if (list.Pagination is { } account && (account.HasNext || account.TotalPages > 1 || account.Total > list.Data!.Count))
        {
            throw new RunCloudException(RunCloudError.IncompleteList, $"{request.Purpose} failed: the API gave one page of several.");
        }

        return [.. list.Data!.Select(row => row.ToSession(serverId, server))];
    }

    /// <summary>The SSH settings of a server (<c>GET /servers/{id}/settings/ssh</c>).</summary>
    /// <param name="serverId">The server's id.</param>
    /// <param name="server">The server, where it is known; its name goes with the settings.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>The settings.</returns>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.ServerNotFound"/>, among others.</exception>
    public async Task<SshSetting> GetSshSettingAsync(long serverId, Server? server, CancellationToken cancellation)
    {
        var request = new ApiRequest(HttpMethod.Get, SettingsPath(serverId), $"Reading the SSH settings of {ServerText(serverId, server)}")
        {
            WhenNotFound = RunCloudError.ServerNotFound,
        };
        var answer = await transport.SendAsync(
            request, WireJson.Default.SshSettingRow, scope, cancellation, row => row is { Unwrapped.IsEmpty: false } ? null : AboutSomethingElse).ConfigureAwait(false);
        return answer.Body!.Unwrapped.ToSetting(serverId, server);
    }

    /// <summary>
    /// Sets the SSH settings of a server, all three (<c>PATCH /servers/{id}/settings/ssh</c>). When the answer is lost, or does not hold what
    /// was sent, they are read back before it is sent again or fails.
    /// </summary>
    /// <param name="serverId">The server's id.</param>
    /// <param name="server">The server, where it is known; its name goes with the settings.</param>
    /// <param name="setting">What to set.</param>
    /// <param name="cancellation">Ends the waiting; the deed may have been done.</param>
    /// <returns>The settings as the API gives them back: those that were wanted.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="setting"/> is <see langword="null"/>.</exception>
    /// <exception cref="RunCloudException">
    /// <see cref="RunCloudError.SettingNotApplied"/> when the API took them and still holds others; <see cref="RunCloudError.ServerNotFound"/>, among others.
    /// </exception>
    public async Task<SshSetting> SetSshSettingAsync(long serverId, Server? server, NewSshSetting setting, CancellationToken cancellation)
    {
        _ = setting ?? throw new ArgumentNullException(nameof(setting));
        var request = new ApiRequest(Patch, SettingsPath(serverId), $"Changing the SSH settings of {ServerText(serverId, server)}")
        {
            WhenNotFound = RunCloudError.ServerNotFound,
            Body = new NewSshSettingRow
            {
                PasswordlessLogin = setting.PasswordlessLogin,
                UseDns = setting.UseDns,
                PreventRootLogin = setting.PreventRootLogin,
            },
        };
        var mayHaveActed = false;
        var retries = transport.BeginRetries(scope);
        while (true)
        {
            RunCloudException failure;
            try
            {
                var answer = await transport.SendAsync(request, WireJson.Default.SshSettingRow, scope, cancellation).ConfigureAwait(false);
                if (answer.Body?.Unwrapped.ToSetting(serverId, server) is { } answered && setting.Differences(answered).Count == 0)
                {
                    return answered;
                }

                failure = new RunCloudException(RunCloudError.SettingNotApplied, $"{request.Purpose} failed: the API's answer ({answer.Status}) does not hold what was sent.")
                {
                    Status = answer.Status,
                    MayHaveActed = true,
                };
            }
            catch (RunCloudException e)
            {
                failure = e;
            }

            mayHaveActed |= failure.MayHaveActed;
            if (mayHaveActed)
            {
                var present = await ReadBackAsync(serverId, server, failure, cancellation).ConfigureAwait(false);
                var differences = setting.Differences(present);
                if (differences.Count == 0)
                {
                    return present;
                }

                if (failure.Error == RunCloudError.SettingNotApplied)
                {
                    throw new RunCloudException(failure.Error, $"{request.Purpose} failed: the API took the change ({failure.Status}), and read back, {string.Join(", ", differences)}.")
                    {
                        Status = failure.Status,
                    };
                }
            }

            if (!await retries.WaitAsync(failure, cancellation).ConfigureAwait(false))
            {
                throw failure;
            }
        }
    }

    /// <summary>
    /// The system users of a server, the whole list or an exception (<c>GET /servers/{id}/users</c>, and <c>…/{uid}</c> for deployment keys
    /// that the list does not show whole).
    /// </summary>
    /// <param name="serverId">The server's id.</param>
    /// <param name="server">The server, where it is known; its name goes with the users.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>The users.</returns>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.ServerNotFound"/>, <see cref="RunCloudError.IncompleteList"/>, among others.</exception>
    public async Task<IReadOnlyList<SystemUser>> GetSystemUsersAsync(long serverId, Server? server, CancellationToken cancellation)
    {
        var users = new List<SystemUser>();
        var list = new ListReader<SystemUserRow>(
            transport,
            scope,
            UsersPath(serverId),
            $"Listing the system users of {ServerText(serverId, server)}",
            RunCloudError.ServerNotFound,
            WireJson.Default.ListRowSystemUserRow,
            pagesAhead: 1);
        await foreach (var page in list.ReadAsync(cancellation).ConfigureAwait(false))
        {
            foreach (var row in page)
            {
                var user = row.ToUser(serverId, server);
                users.Add(user.HasUnreadableDeploymentKey ? await ReadSingleAsync(user, row, server, cancellation).ConfigureAwait(false) : user);
            }
        }

        return users;
    }

    private static string SettingsPath(long serverId) => FormattableString.Invariant($"/servers/{serverId}/settings/ssh");

    private static string UsersPath(long serverId) => FormattableString.Invariant($"/servers/{serverId}/users");

    /// <summary>What the API holds after a change whose end is in doubt.</summary>
    private async Task<SshSetting> ReadBackAsync(long serverId, Server? server, RunCloudException doubt, CancellationToken cancellation)
    {
        try
        {
            return await GetSshSettingAsync(serverId, server, cancellation).ConfigureAwait(false);
        }
        catch (RunCloudException e)
        {
            throw StillInDoubt(doubt, "they were changed", e);
        }
    }

    /// <summary>The user as the single answer has it: the list may have shortened the deployment key.</summary>
    private async Task<SystemUser> ReadSingleAsync(SystemUser listed, SystemUserRow row, Server? server, CancellationToken cancellation)
    {
        var request = new ApiRequest(HttpMethod.Get, FormattableString.Invariant($"{UsersPath(listed.ServerId)}/{listed.UserId}"), $"Reading system user {listed}");
        try
        {
            return (await GetOneAsync(request, WireJson.Default.SystemUserRow, listed.UserId, cancellation).ConfigureAwait(false)).ToUser(listed.ServerId, server);
        }
        catch (RunCloudException e) when (e.Error != RunCloudError.Unauthorized)
        {
            return row.ToUser(listed.ServerId, server, e);
        }
    }
}
