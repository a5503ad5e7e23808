namespace RunCloud.Api;

/// <summary>Gives the users of one server the new key, so that the old one can be removed.</summary>
/// <param name="client">The client.</param>
/// <param name="plan">The plan for the server.</param>
/// <param name="key">The new key.</param>
/// <param name="ledger">Records the credentials that are kept.</param>
internal sealed class KeyReplacement(RunCloudClient client, ServerPlan plan, SshKeyReplacement key, RemovalLedger ledger)
{
    private readonly List<SshCredential> _additions = [];
    private readonly List<SshCredential> _present = [];
    private KeyPlace? _adding;

    /// <summary>The credentials that were added.</summary>
    internal IReadOnlyList<SshCredential> Additions => _additions;

    /// <summary>The credentials that showed that users had the new key before the old one was removed.</summary>
    internal IReadOnlyList<SshCredential> Present => _present;

    /// <summary>The refused token, after which no more requests are sent.</summary>
    internal RunCloudException? Refusal { get; private set; }

    /// <summary>The remark about a credential whose user was being given the new key when the work was stopped.</summary>
    internal string? MayHaveAdded(SshCredential credential) =>
        _adding is { } place && place.User == credential.User ? $" '{place.NewLabel}' may have been added for {place.User}." : null;

    /// <summary>Adds the new key where it is missing, and returns the old credentials that may be removed: those of users who are confirmed to have it.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    internal async Task<IReadOnlyList<SshCredential>> RunAsync(CancellationToken cancellation)
    {
        if (plan.Server.Doubt is { } doubt)
        {
            Keep(plan.Credentials, doubt, new RunCloudException(
                RunCloudError.ServerUnreachable, $"{plan.Server}: {ServerState.Say(doubt)}, so it is not known whether a new key would work, and the old one was kept."));
            return [];
        }

        var given = new Dictionary<KeyPlace, SshCredential>();
        foreach (var place in plan.Places)
        {
            _adding = place;
            try
            {
                given[place] = await GiveAsync(place, cancellation).ConfigureAwait(false);
            }
            catch (RunCloudException e)
            {
                Keep(Of(place), OutcomeReason.StillListed, e);
            }

            _adding = null;
            if (Refusal is not null)
            {
                return [];
            }
        }

        var ready = await ReadBackAsync(given, cancellation).ConfigureAwait(false);
        return [.. plan.Credentials.Where(credential => ready.Contains(credential.User))];
    }

    /// <summary>The credential with which a user has the new key: an existing permanent one, or else an added one.</summary>
    private async Task<SshCredential> GiveAsync(KeyPlace place, CancellationToken cancellation)
    {
        var old = Of(place);
        if (string.IsNullOrWhiteSpace(place.User))
        {
            throw new RunCloudException(RunCloudError.ValidationFailed, $"RunCloud does not say whose credential {old[0]} is.");
        }

        if (place.Holder is { } holder && !await IsTemporaryAsync(holder, cancellation).ConfigureAwait(false))
        {
            return holder;
        }

        // A temporary key must not be replaced by a permanent one, nor a permanent key by a temporary one.
        var temporary = true;
        foreach (var credential in old)
        {
            temporary = temporary && await IsTemporaryAsync(credential, cancellation).ConfigureAwait(false);
        }

        if (temporary && place.Holder is not null)
        {
            return place.Holder;
        }

        var wanted = new NewSshCredential(place.User!, place.NewLabel, key.LineFor(old), temporary);
        var added = await client.AddSshCredentialAsync(plan.Server.Id, plan.Server, wanted, cancellation).ConfigureAwait(false);
        _additions.Add(added);
        return added;
    }

    private async Task<bool> IsTemporaryAsync(SshCredential credential, CancellationToken cancellation) =>
        (credential.Temporary ?? (await client.GetSshCredentialAsync(credential.ServerId, plan.Server, credential.Id, cancellation).ConfigureAwait(false)).Temporary) == true;

    /// <summary>Reads the list once more, and returns the users who are confirmed to have the new key. The others keep the old one.</summary>
    private async Task<HashSet<string?>> ReadBackAsync(Dictionary<KeyPlace, SshCredential> given, CancellationToken cancellation)
    {
        var ready = new HashSet<string?>(StringComparer.Ordinal);
        if (given.Count == 0)
        {
            return ready;
        }

        var query = new SshCredentialQuery { Keys = [SshKeySelector.Exactly(key.Key)] };
        SshCredentialFindings? found = null;
        RunCloudException? unread = null;
        try
        {
            found = await client.FindSshCredentialsAsync(plan.Server.Id, plan.Server, query, cancellation).ConfigureAwait(false);
        }
        catch (RunCloudException e)
        {
            Refusal = e.IsFatal ? e : null;
            unread = e;
        }

        foreach (var (place, credential) in given.Select(one => (one.Key, one.Value)))
        {
            if (found?.Credentials.Any(listed => listed.Id == credential.Id && string.Equals(listed.User, place.User, StringComparison.Ordinal)) == true)
            {
                _ = ready.Add(place.User);
                _present.Add(credential);
                continue;
            }

            var why = unread ?? found?.Problems.FirstOrDefault(problem => problem.Id == credential.Id)?.Exception;
            Keep(Of(place), OutcomeReason.StillListed, new RunCloudException(
                RunCloudError.AdditionUnconfirmed,
                why is null ? $"{credential} is not on the server's list for {place.User}." : $"{credential} could not be read back. {why.Message}",
                why));
        }

        return ready;
    }

    private SshCredential[] Of(KeyPlace place) =>
        [.. plan.Credentials.Where(credential => string.Equals(credential.User, place.User, StringComparison.Ordinal))];

    private void Keep(IEnumerable<SshCredential> old, OutcomeReason reason, RunCloudException cause)
    {
        Refusal ??= cause.IsFatal ? cause : null;
        foreach (var credential in old)
        {
            ledger.Settle(new SshCredentialRemoval(credential, RemovalStatus.Failed, $"{credential} was kept. {cause.Message}")
            {
                Cause = cause.IsFatal ? OutcomeReason.TokenRefused : reason,
                Failure = cause,
            });
        }
    }
}
