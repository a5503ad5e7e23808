namespace RunCloud.Api;

/// <content>Changes that are read back: the answer to a POST or PATCH repeats the request and does not prove what is stored.</content>
public sealed partial class RunCloudClient
{
    /// <summary>
    /// Adds a credential and reads it back. If a credential with the same user, label and key exists, that one is returned. A list that does
    /// not have it yet is read again, as often as a request would be retried.
    /// </summary>
    /// <exception cref="RunCloudException">
    /// <see cref="RunCloudError.AdditionUnconfirmed"/>: it is not on the list, or the list could not be read;
    /// <see cref="RunCloudError.TemporaryNotApplied"/>: it is stored as a permanent one; what <see cref="AddSshCredentialAsync"/> throws.
    /// </exception>
    internal async Task<SshCredential> PlaceSshCredentialAsync(long serverId, Server? server, NewSshCredential wanted, CancellationToken cancellation)
    {
        SshCredential placed;
        try
        {
            var (added, isListed) = await AddAsync(serverId, server, wanted, cancellation).ConfigureAwait(false);
            var listed = isListed ? added : await ReadBackAsync(serverId, server, wanted, cancellation).ConfigureAwait(false);
            placed = listed.Id == added.Id ? added : listed;
        }
        catch (RunCloudException e) when (e.Error == RunCloudError.ValidationFailed)
        {
            var present = await FindPresentAsync(serverId, server, wanted, e, cancellation).ConfigureAwait(false);
            if (present is null)
            {
                throw;
            }

            return await WithTemporaryAsync(present, wanted, e, cancellation).ConfigureAwait(false);
        }

        return wanted.Temporary ? await WithTemporaryAsync(placed, wanted, refusal: null, cancellation).ConfigureAwait(false) : placed;
    }

    /// <summary>Sets the SSH settings of a server and reads them back, as often as a request would be retried.</summary>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.SettingNotApplied"/>, and what <see cref="SetSshSettingAsync"/> throws.</exception>
    internal async Task<SshSetting> ApplySshSettingAsync(long serverId, Server? server, NewSshSetting setting, CancellationToken cancellation)
    {
        var (held, isReadBack) = await SetAsync(serverId, server, setting, cancellation).ConfigureAwait(false);
        if (isReadBack)
        {
            return held;
        }

        var retries = _transport.BeginRetries(_scope);
        while (true)
        {
            SshSetting present;
            try
            {
                present = await GetSshSettingAsync(serverId, server, cancellation).ConfigureAwait(false);
            }
            catch (RunCloudException e) when (!e.IsFatal)
            {
                throw new RunCloudException(
                    RunCloudError.SettingNotApplied, $"The API accepted the change of the SSH settings of {ServerText(serverId, server)}, but they could not be read back: {e.Message}", e);
            }

            var differences = setting.Differences(present);
            if (differences.Count == 0)
            {
                return present;
            }

            var failure = new RunCloudException(
                RunCloudError.SettingNotApplied,
                $"Changing the SSH settings of {ServerText(serverId, server)} failed: the API accepted the change, but read back, {string.Join(", ", differences)}.")
            {
                IsTransient = true,
            };
            if (!await retries.WaitAsync(failure, cancellation).ConfigureAwait(false))
            {
                throw failure;
            }
        }
    }

    private static string Named(NewSshCredential wanted, long serverId, Server? server) =>
        $"'{ApiText.Clean(wanted.Label)}' of {ApiText.Clean(wanted.User)} on {ServerText(serverId, server)}";

    /// <summary>The added credential, from the list.</summary>
    private async Task<SshCredential> ReadBackAsync(long serverId, Server? server, NewSshCredential wanted, CancellationToken cancellation)
    {
        var retries = _transport.BeginRetries(_scope);
        while (true)
        {
            var failure = new RunCloudException(
                RunCloudError.AdditionUnconfirmed, $"RunCloud answered that {Named(wanted, serverId, server)} was added, but it is not on the server's list with this user, label and key.")
            {
                IsTransient = true,
            };
            try
            {
                if (await FindSameAsync(serverId, server, wanted, cancellation).ConfigureAwait(false) is { } listed)
                {
                    return listed;
                }
            }
            catch (RunCloudException e) when (!e.IsFatal)
            {
                throw new RunCloudException(
                    RunCloudError.AdditionUnconfirmed, $"RunCloud answered that {Named(wanted, serverId, server)} was added, but it could not be read back. {e.Message}", e);
            }

            if (!await retries.WaitAsync(failure, cancellation).ConfigureAwait(false))
            {
                throw failure;
            }
        }
    }

    /// <summary>The existing credential because of which the API refused an addition, if it is the same. If the list cannot be read, the refusal stands.</summary>
    private async Task<SshCredential?> FindPresentAsync(
        long serverId, Server? server, NewSshCredential wanted, RunCloudException refusal, CancellationToken cancellation)
    {
        try
        {
            return await FindSameAsync(serverId, server, wanted, cancellation).ConfigureAwait(false);
        }
        catch (RunCloudException e) when (!e.IsFatal)
        {
            throw refusal;
        }
    }

    /// <summary>The credential with the same user, label and key. An unreadable key with the same user and label throws.</summary>
    private async Task<SshCredential?> FindSameAsync(long serverId, Server? server, NewSshCredential wanted, CancellationToken cancellation)
    {
        var query = new SshCredentialQuery
        {
            Accepts = (user, label) => user == wanted.User && label == wanted.Label,
            Keys = [SshKeySelector.Exactly(SshPublicKey.Parse(wanted.PublicKey))],
        };
        var found = await FindSshCredentialsAsync(serverId, server, query, cancellation).ConfigureAwait(false);
        return found.Credentials.Count > 0 ? found.Credentials[0]
            : found.Problems.Count > 0 ? throw found.Problems[0].Exception
            : null;
    }

    /// <summary>The credential, after checking that it is temporary or permanent as requested.</summary>
    private async Task<SshCredential> WithTemporaryAsync(SshCredential placed, NewSshCredential wanted, RunCloudException? refusal, CancellationToken cancellation)
    {
        var single = placed;
        try
        {
            // The answer to a POST may only repeat the request.
            single = await GetSshCredentialAsync(placed.ServerId, placed.Server, placed.Id, cancellation).ConfigureAwait(false);
        }
        catch (RunCloudException e) when (!e.IsFatal)
        {
            throw new RunCloudException(
                wanted.Temporary ? RunCloudError.TemporaryNotApplied : RunCloudError.AdditionUnconfirmed, $"{placed} is there, but whether it is temporary could not be read. {e.Message}", e);
        }

        if (wanted.Temporary && single.Temporary != true)
        {
            throw new RunCloudException(
                RunCloudError.TemporaryNotApplied,
                single.Temporary == false
                    ? $"{single} is there as a permanent key: RunCloud will not remove it after 12 hours."
                    : $"{single} is there, but RunCloud does not say that it is temporary, so it may stay after 12 hours.");
        }

        return !wanted.Temporary && single.Temporary == true
            ? throw new RunCloudException(RunCloudError.ValidationFailed, $"{single} is there already, but as a temporary key, which RunCloud removes after 12 hours.", refusal)
            : single;
    }
}
