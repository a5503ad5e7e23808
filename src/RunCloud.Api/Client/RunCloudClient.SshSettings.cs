using System.Net.Http;

namespace RunCloud.Api;

/// <content>The SSH settings of servers.</content>
public sealed partial class RunCloudClient
{
    /// <summary>.NET Framework has no constant for it.</summary>
    private static readonly HttpMethod Patch = new("PATCH");

    /// <summary>The SSH settings of a server (<c>GET /servers/{id}/settings/ssh</c>).</summary>
    /// <param name="serverId">The server's id.</param>
    /// <param name="server">The server, if known. Its name is added to the settings.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>The settings.</returns>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.ServerNotFound"/>, among others.</exception>
    public async Task<SshSetting> GetSshSettingAsync(long serverId, Server? server, CancellationToken cancellation)
    {
        var request = new ApiRequest(HttpMethod.Get, SettingsPath(serverId), $"Reading the SSH settings of {ServerText(serverId, server)}")
        {
            WhenNotFound = RunCloudError.ServerNotFound,
        };
        var answer = await _transport.SendAsync(
            request, WireJson.Default.SshSettingRow, _scope, cancellation, row => row is { IsEmpty: false } ? null : AboutSomethingElse).ConfigureAwait(false);
        return answer.Body!.ToSetting(serverId, server).From(Origin);
    }

    /// <summary>
    /// Sets the SSH settings of a server, all three (<c>PATCH /servers/{id}/settings/ssh</c>). If the answer is lost, or does not contain what
    /// was sent, the settings are read back before the request is repeated or fails.
    /// </summary>
    /// <param name="serverId">The server's id.</param>
    /// <param name="server">The server, if known. Its name is added to the settings.</param>
    /// <param name="setting">What to set.</param>
    /// <param name="cancellation">Stops waiting. The change may have been made.</param>
    /// <returns>The settings as the API returns them: the requested ones.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="setting"/> is <see langword="null"/>.</exception>
    /// <exception cref="RunCloudException">
    /// <see cref="RunCloudError.SettingNotApplied"/> if the API accepted them but other values are stored; <see cref="RunCloudError.ServerNotFound"/>, among others.
    /// </exception>
    public async Task<SshSetting> SetSshSettingAsync(long serverId, Server? server, NewSshSetting setting, CancellationToken cancellation) =>
        (await SetAsync(serverId, server, setting, cancellation).ConfigureAwait(false)).Held;

    /// <summary>The same, and whether the settings were read back, if that had to be checked.</summary>
    private async Task<(SshSetting Held, bool IsReadBack)> SetAsync(long serverId, Server? server, NewSshSetting setting, CancellationToken cancellation)
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
        var retries = _transport.BeginRetries(_scope);
        while (true)
        {
            RunCloudException failure;
            try
            {
                var answer = await _transport.SendAsync(request, WireJson.Default.SshSettingRow, _scope, cancellation).ConfigureAwait(false);
                if (answer.Body?.ToSetting(serverId, server).From(Origin) is { } answered && setting.Differences(answered).Count == 0)
                {
                    return (answered, false);
                }

                failure = new RunCloudException(RunCloudError.SettingNotApplied, $"{request.Purpose} failed: the API's answer ({answer.Status}) does not contain what was sent.")
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
                    return (present, true);
                }

                if (failure.Error == RunCloudError.SettingNotApplied)
                {
                    throw new RunCloudException(failure.Error, $"{request.Purpose} failed: the API accepted the change ({failure.Status}), but read back, {string.Join(", ", differences)}.")
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

    private static string SettingsPath(long serverId) => FormattableString.Invariant($"/servers/{serverId}/settings/ssh");

    /// <summary>The stored settings after a change whose outcome is in doubt.</summary>
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
}
