using System.Net.Http;

namespace RunCloud.Api;

/// <content>Removing SSH credentials, and finding out what an answer does not confirm.</content>
public sealed partial class RunCloudClient
{
    /// <summary>The API's answer to a removal, with the credential (inferred). Anything else confirms nothing.</summary>
    private const int DocumentedSuccess = 200;

    /// <summary>How long to wait for a list to reflect a removal before it is read again: it may come from a replica that lags.</summary>
    private static readonly TimeSpan[] ReplicaDelays = [TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1.5)];

    /// <summary>Whether a removed credential is still on a list.</summary>
    private enum Presence
    {
        /// <summary>Its id is not listed, or belongs to another key now.</summary>
        Gone,

        /// <summary>The same id with the same key.</summary>
        Same,

        /// <summary>The same id, and the keys cannot be compared.</summary>
        Unclear,
    }

    /// <summary>
    /// Removes a credential (<c>DELETE /servers/{id}/ssh/credentials/{sshId}</c>). If the answer is lost or does not confirm the removal, the
    /// server's list is read. The request is repeated only if the list still has the same key under the same id.
    /// </summary>
    /// <param name="credential">The credential to remove.</param>
    /// <param name="cancellation">Stops waiting. The credential may have been removed.</param>
    /// <returns>The outcome. A failed call gives a removal that is failed or unconfirmed, not an exception.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="credential"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException">It is cancelled.</exception>
    public async Task<SshCredentialRemoval> RemoveSshCredentialAsync(SshCredential credential, CancellationToken cancellation)
    {
        _ = credential ?? throw new ArgumentNullException(nameof(credential));
        var retries = _transport.BeginRetries(_scope);
        var mayHaveActed = false;
        while (true)
        {
            if (await TryRemoveAsync(credential, cancellation).ConfigureAwait(false) is not { } doubt)
            {
                return Gone(credential);
            }

            mayHaveActed |= doubt.MayHaveActed;
            if (!mayHaveActed && doubt.Error != RunCloudError.SshCredentialNotFound)
            {
                if (await retries.WaitAsync(doubt, cancellation).ConfigureAwait(false))
                {
                    continue;
                }

                return new SshCredentialRemoval(credential, RemovalStatus.Failed, doubt.Message)
                {
                    Cause = doubt.IsFatal ? OutcomeReason.TokenRefused : OutcomeReason.StillListed,
                    Failure = doubt,
                };
            }

            var (settled, mayRetry) = await SettleAsync(credential, doubt, mayHaveActed, cancellation).ConfigureAwait(false);
            if (!mayRetry || !await retries.WaitAsync(doubt, cancellation).ConfigureAwait(false))
            {
                return settled.Cause == OutcomeReason.StillListed
                    ? await SettleLateAsync(credential, doubt, mayHaveActed, cancellation).ConfigureAwait(false)
                    : settled;
            }
        }
    }

    /// <summary>Uses the server's list to find out whether a credential that was not found individually is absent. Nothing is removed.</summary>
    /// <exception cref="OperationCanceledException">It is cancelled.</exception>
    internal Task<SshCredentialRemoval> SettleAbsenceAsync(SshCredential credential, RunCloudException notFound, CancellationToken cancellation) =>
        SettleLateAsync(credential, new RunCloudException(notFound.Error, notFound.Message, notFound) { Status = notFound.Status }, mayHaveActed: false, cancellation);

    /// <summary>
    /// Reads a server's list, compares the removals with it, and reads the server's state. A credential that is still there although the API said
    /// otherwise is removed and read back once more. The list must not have the key for the same user under another id either.
    /// </summary>
    /// <param name="removals">Removals from one server.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>
    /// The removals in the same order. A removed one is no longer on the list, and its server is online. A list or a state that cannot be
    /// read makes the removal unconfirmed.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="removals"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException">It is cancelled.</exception>
    public async Task<IReadOnlyList<SshCredentialRemoval>> VerifyRemovalsAsync(IReadOnlyList<SshCredentialRemoval> removals, CancellationToken cancellation)
    {
        _ = removals ?? throw new ArgumentNullException(nameof(removals));
        if (removals.Count == 0)
        {
            return removals;
        }

        var readBack = await ReadBackAsync(removals, cancellation).ConfigureAwait(false);
        var verified = await HoldAgainstOthersAsync(readBack, cancellation).ConfigureAwait(false);
        if (!verified.Exists(removal => removal.IsGoodEnd))
        {
            return verified;
        }

        var state = await ReadStateAsync(removals[0].ServerId, cancellation).ConfigureAwait(false);
        return [.. verified.Select(removal => removal.IsGoodEnd ? state.Doubted(removal) : removal)];
    }

    /// <summary>
    /// Reads a server's list and compares the removals with it. A credential that is still listed gets time, then a second request, then time
    /// again.
    /// </summary>
    internal async Task<ReadBack> ReadBackAsync(IReadOnlyList<SshCredentialRemoval> removals, CancellationToken cancellation)
    {
        var (serverId, server) = (removals[0].ServerId, removals[0].Credential.Server);
        try
        {
            var rows = await ReadUntilGoneAsync(serverId, server, removals, cancellation).ConfigureAwait(false);
            var again = new List<SshCredential>();
            foreach (var removal in removals.Where(removal => removal.IsGoodEnd))
            {
                if (await FindAsync(removal.Credential, rows, cancellation).ConfigureAwait(false) == Presence.Same)
                {
                    again.Add(removal.Credential);
                }
            }

            foreach (var credential in again)
            {
                _ = await RemoveSshCredentialAsync(credential, cancellation).ConfigureAwait(false);
            }

            rows = again.Count == 0 ? rows : await ReadUntilGoneAsync(serverId, server, removals, cancellation).ConfigureAwait(false);
            var held = new List<SshCredentialRemoval>();
            foreach (var removal in removals)
            {
                held.Add(HeldAgainst(removal, await FindAsync(removal.Credential, rows, cancellation).ConfigureAwait(false)));
            }

            return new ReadBack(held, [.. rows.Values], Failure: null);
        }
        catch (RunCloudException e)
        {
            return new ReadBack(
                [.. removals.Select(removal => removal.IsGoodEnd
                    ? new SshCredentialRemoval(removal.Credential, RemovalStatus.Unconfirmed, $"Removing {removal.Credential} is not confirmed: the API accepted it, but it could not be read back. {e.Message}")
                    {
                        Cause = e.IsFatal ? OutcomeReason.TokenRefused : OutcomeReason.NotRead,
                        Failure = e,
                    }
                    : removal)],
                Rows: [],
                e);
        }
    }

    /// <summary>Whether the server's list has the credential's id.</summary>
    internal async Task<bool> ListsAsync(SshCredential credential, CancellationToken cancellation) =>
        (await ReadRowsAsync(credential.ServerId, credential.Server, cancellation).ConfigureAwait(false)).ContainsKey(credential.Id);

    /// <summary>The credential from an individual read, because the list may have shortened the key; unchanged if there is none.</summary>
    internal async Task<SshCredential> WholeOrItselfAsync(SshCredential listed, CancellationToken cancellation)
    {
        try
        {
            return await GetSshCredentialAsync(listed.ServerId, listed.Server, listed.Id, cancellation).ConfigureAwait(false);
        }
        catch (RunCloudException e) when (!e.IsFatal)
        {
            return listed;
        }
    }

    private static bool HasSameKey(SshCredential row, SshCredential removed) =>
        string.Equals(row.User, removed.User, StringComparison.Ordinal) && row.Key is { } key && key.Equals(removed.Key);

    private static SshCredentialRemoval HeldAgainst(SshCredentialRemoval removal, Presence presence) => removal.Outcome switch
    {
        RemovalStatus.Failed => removal,
        _ when presence != Presence.Gone => new SshCredentialRemoval(
            removal.Credential,
            RemovalStatus.Failed,
            removal.IsGoodEnd ? $"Removing {removal.Credential} failed: the API accepted it twice, and still lists it." : $"{removal.Message} The list still has it.")
        {
            Cause = OutcomeReason.StillListed,
            Failure = removal.Failure,
        },
        RemovalStatus.Unconfirmed when removal.Cause is OutcomeReason.AnswerLost or OutcomeReason.NotRead => Gone(removal.Credential),
        _ => removal,
    };

    private static SshCredentialRemoval Gone(SshCredential credential) => credential.Server?.Doubt is { } doubt
        ? new SshCredentialRemoval(
            credential, RemovalStatus.Unconfirmed, $"Removing {credential} is not confirmed: the API accepted it, but {ServerState.Say(doubt)}, so the key may still be on it.")
        {
            Cause = doubt,
        }
        : new SshCredentialRemoval(credential, RemovalStatus.Removed);

    /// <summary>RunCloud forgets a key once it has accepted its removal. For a server that is not online, its absence from the list proves nothing.</summary>
    private static SshCredentialRemoval Absent(SshCredential credential) => credential.Server?.Doubt is { } doubt
        ? new SshCredentialRemoval(
            credential, RemovalStatus.Unconfirmed, $"Removing {credential} is not confirmed: RunCloud no longer lists it, but {ServerState.Say(doubt)}, so the key may still be on it.")
        {
            Cause = doubt,
        }
        : new SshCredentialRemoval(credential, RemovalStatus.AlreadyAbsent);

    /// <summary>
    /// Compares removals with the other credentials of the list. A shortened key of the same user is read individually; if
    /// that fails, it may be the removed key under another id.
    /// </summary>
    private async Task<List<SshCredentialRemoval>> HoldAgainstOthersAsync(ReadBack readBack, CancellationToken cancellation)
    {
        var own = readBack.Removals.Select(removal => removal.Id).ToHashSet();
        var users = readBack.Removals.Where(removal => removal.IsGoodEnd).Select(removal => removal.User ?? "").ToHashSet(StringComparer.Ordinal);
        var others = new List<SshCredential>();
        var unread = new Dictionary<string, RunCloudException>(StringComparer.Ordinal);
        foreach (var row in readBack.Rows.Where(row => !own.Contains(row.Id) && users.Contains(row.User ?? "")))
        {
            try
            {
                others.Add(row.Key is null ? await GetSshCredentialAsync(row.ServerId, row.Server, row.Id, cancellation).ConfigureAwait(false) : row);
            }
            catch (RunCloudException e)
            {
                unread[row.User ?? ""] = e;
            }
        }

        return [.. readBack.Removals.Select(removal => !removal.IsGoodEnd ? removal
            : others.Find(row => HasSameKey(row, removal.Credential)) is { } other ? new SshCredentialRemoval(
                removal.Credential, RemovalStatus.Failed, $"{removal.Credential} was removed, but {removal.User} still has the same key: {other}.")
            {
                Cause = OutcomeReason.CameBack,
            }
            : unread.TryGetValue(removal.User ?? "", out var failure) ? new SshCredentialRemoval(
                removal.Credential,
                RemovalStatus.Unconfirmed,
                $"Removing {removal.Credential} is not confirmed: the API accepted it, but another key of {removal.User} could not be compared with it. {failure.Message}")
            {
                Cause = failure.IsFatal ? OutcomeReason.TokenRefused : OutcomeReason.NotRead,
                Failure = failure,
            }
            : removal)];
    }

    /// <summary>Sends the removal once.</summary>
    /// <returns><see langword="null"/> if the API confirmed it, otherwise the doubt.</returns>
    private async Task<RunCloudException?> TryRemoveAsync(SshCredential credential, CancellationToken cancellation)
    {
        var request = new ApiRequest(HttpMethod.Delete, CredentialPath(credential.ServerId, credential.Id), $"Removing {credential}")
        {
            WhenNotFound = RunCloudError.SshCredentialNotFound,
        };
        try
        {
            var answer = await _transport.SendAsync(request, WireJson.Default.SshCredentialRow, _scope, cancellation).ConfigureAwait(false);
            return answer.Status == DocumentedSuccess && answer.Body is { } row && row.Id == credential.Id && !IsOther(row.ToCredential(credential.ServerId, server: null), credential)
                ? null
                : NotAsked(request, answer.Status);
        }
        catch (RunCloudException e)
        {
            return e;
        }
    }

    private static bool IsOther(SshCredential answered, SshCredential removed) => answered.Key is { } key && removed.Key is { } wanted && !wanted.Equals(key);

    /// <summary>
    /// Uses the server's list to find out what an answer did not confirm. An individual read or a 404 is not enough: if
    /// the token belongs to another workspace, or a gateway answers instead of the API, everything is "not found".
    /// </summary>
    /// <returns>The outcome as far as it is known, and whether the list still has the same key, so that the request may be repeated.</returns>
    private async Task<(SshCredentialRemoval Settled, bool MayRetry)> SettleAsync(
        SshCredential credential, RunCloudException doubt, bool mayHaveActed, CancellationToken cancellation)
    {
        try
        {
            var rows = await ReadRowsAsync(credential.ServerId, credential.Server, cancellation).ConfigureAwait(false);
            var presence = await FindAsync(credential, rows, cancellation).ConfigureAwait(false);
            if (presence == Presence.Gone)
            {
                return (mayHaveActed ? Gone(credential) : Absent(credential), false);
            }

            // A listed credential was found. An API that says otherwise contradicts itself.
            var failure = doubt.Error == RunCloudError.SshCredentialNotFound
                ? new RunCloudException(RunCloudError.InvalidResponse, doubt.Message, doubt) { Status = doubt.Status }
                : doubt;
            var still = new SshCredentialRemoval(credential, RemovalStatus.Failed, $"{doubt.Message} The list still has it.")
            {
                Cause = OutcomeReason.StillListed,
                Failure = failure,
            };
            return (still, presence == Presence.Same && doubt.Error != RunCloudError.SshCredentialNotFound);
        }
        catch (RunCloudException e) when (e.Error == RunCloudError.ServerNotFound)
        {
            return (new SshCredentialRemoval(
                credential, RemovalStatus.Failed, $"Removing {credential} failed: this token cannot see the server. It may belong to another workspace.")
            {
                Cause = OutcomeReason.NotRead,
                Failure = e,
            }, false);
        }
        catch (RunCloudException e)
        {
            return (new SshCredentialRemoval(credential, RemovalStatus.Unconfirmed, $"{doubt.Message} Reading it back failed too: {e.Message}")
            {
                Cause = e.IsFatal ? OutcomeReason.TokenRefused : mayHaveActed ? OutcomeReason.AnswerLost : OutcomeReason.NotRead,
                Failure = e.IsFatal ? e : doubt,
            }, false);
        }
    }

    /// <summary>The same for the last time: wait for a list that still has the credential to catch up.</summary>
    private async Task<SshCredentialRemoval> SettleLateAsync(SshCredential credential, RunCloudException doubt, bool mayHaveActed, CancellationToken cancellation)
    {
        for (var reading = 0; ; reading++)
        {
            var (settled, _) = await SettleAsync(credential, doubt, mayHaveActed, cancellation).ConfigureAwait(false);
            if (settled.Cause != OutcomeReason.StillListed || reading == ReplicaDelays.Length)
            {
                return settled;
            }

            await _transport.DelayAsync(ReplicaDelays[reading], cancellation).ConfigureAwait(false);
        }
    }

    private async Task<Presence> FindAsync(SshCredential removed, Dictionary<long, SshCredential> rows, CancellationToken cancellation)
    {
        if (!rows.TryGetValue(removed.Id, out var row))
        {
            return Presence.Gone;
        }

        if (removed.Key is not { } key)
        {
            return string.Equals(row.RawPublicKey, removed.RawPublicKey, StringComparison.Ordinal) ? Presence.Same : Presence.Unclear;
        }

        var witness = row.Key is null ? await WholeOrItselfAsync(row, cancellation).ConfigureAwait(false) : row;
        return witness.Key is not { } present ? Presence.Unclear : key.Equals(present) ? Presence.Same : Presence.Gone;
    }

    /// <summary>Reads the list again after a pause while it still has removed credentials, a limited number of times.</summary>
    private async Task<Dictionary<long, SshCredential>> ReadUntilGoneAsync(
        long serverId, Server? server, IReadOnlyList<SshCredentialRemoval> removals, CancellationToken cancellation)
    {
        for (var reading = 0; ; reading++)
        {
            var rows = await ReadRowsAsync(serverId, server, cancellation).ConfigureAwait(false);
            var isBehind = false;
            foreach (var removal in removals.Where(removal => removal.IsGoodEnd))
            {
                isBehind |= await FindAsync(removal.Credential, rows, cancellation).ConfigureAwait(false) != Presence.Gone;
            }

            if (!isBehind || reading == ReplicaDelays.Length)
            {
                return rows;
            }

            await _transport.DelayAsync(ReplicaDelays[reading], cancellation).ConfigureAwait(false);
        }
    }

    private async Task<Dictionary<long, SshCredential>> ReadRowsAsync(long serverId, Server? server, CancellationToken cancellation)
    {
        var rows = new Dictionary<long, SshCredential>();
        await foreach (var page in CredentialList(serverId, server).ReadAsync(cancellation).ConfigureAwait(false))
        {
            foreach (var row in page)
            {
                rows[row.Id!.Value] = row.ToCredential(serverId, server).From(Origin);
            }
        }

        return rows;
    }
}
