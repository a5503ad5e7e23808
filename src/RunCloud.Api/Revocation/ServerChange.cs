namespace RunCloud.Api;

/// <summary>
/// Carries out the plan on one server: adds the new key, if there is one, removes the old ones, and reads the list
/// back. Its result can be read when it is not running, even if it was stopped or never begun.
/// </summary>
internal sealed class ServerChange
{
    private readonly RunCloudClient _client;
    private readonly KeyChange _change;
    private readonly RemovalLedger _ledger = new();
    private readonly List<SshCredentialRemoval> _appeared = [];
    private readonly List<SshCredential> _othersHave;
    private readonly KeyReplacement? _replacement;
    private IReadOnlyList<SshCredentialProblem> _problems;
    private IReadOnlyList<SshCredential> _rows = [];
    private IReadOnlyList<SshCredential> _lost = [];
    private RunCloudException? _notReadAgain;
    private OutcomeReason? _doubt;
    private DateTimeOffset? _checkedAt;
    private DateTimeOffset? _verifiedAt;

    /// <param name="client">The client.</param>
    /// <param name="change">The change to make.</param>
    /// <param name="plan">The plan for this server.</param>
    internal ServerChange(RunCloudClient client, KeyChange change, ServerPlan plan)
    {
        (_client, _change, Plan) = (client, change, plan);
        (_problems, _checkedAt, _doubt) = (plan.Problems, plan.CheckedAt, plan.Server.Doubt);
        _othersHave = [.. plan.OthersHave];
        foreach (var credential in plan.Credentials)
        {
            _ledger.Expect(credential);
        }

        _replacement = change.Replacement is { } key && plan.HasWork ? new KeyReplacement(client, plan, key, _ledger) : null;
    }

    internal ServerPlan Plan { get; }

    /// <summary>The refused token, after which no more requests are sent.</summary>
    internal RunCloudException? Refusal { get; set; }

    /// <summary>Whether the API accepted a change on this server.</summary>
    internal bool HasTouched => _replacement?.Additions.Count > 0 || _ledger.HasActed;

    /// <summary>Makes the changes, and reads the list back. Failures are part of the result.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        var going = Plan.Credentials;
        if (_replacement is not null)
        {
            going = await _replacement.RunAsync(cancellation).ConfigureAwait(false);
            Refusal ??= _replacement.Refusal;
        }

        foreach (var credential in going)
        {
            if (Refusal is not null)
            {
                return;
            }

            _ledger.Send(credential);
            Note(await _client.RemoveSshCredentialAsync(credential, cancellation).ConfigureAwait(false));
        }

        if (Refusal is null && _ledger.Answered.Where(removal => removal.Outcome != RemovalStatus.Failed).ToArray() is { Length: > 0 } sent)
        {
            await ReadBackAsync(sent, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Adds the server's state after all changes. A removal counts only if the server is still online. A list that is long or was
    /// read long ago is read once more. Keys that appear then are not changed.
    /// </summary>
    /// <param name="state">The server now; <see langword="null"/> if no change was made on it and its state was not read again.</param>
    /// <param name="isOld">Whether the list is so old that it is read once more.</param>
    /// <param name="cancellation">Stops reading.</param>
    internal async Task ConfirmAsync(ServerState? state, bool isOld, CancellationToken cancellation)
    {
        if (state?.Failure is { IsFatal: true } refused)
        {
            Refusal = refused;
            return;
        }

        _doubt ??= state?.Doubt;
        foreach (var removal in _ledger.Answered.Where(removal => _verifiedAt is not null || !removal.IsGoodEnd))
        {
            _ledger.ReadBack(removal.IsGoodEnd && state is not null ? state.Doubted(removal) : removal);
        }

        if (_verifiedAt is null && Plan.Failure is null && (isOld || Plan.HasSeveralPages))
        {
            await ReadAgainAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>The result of the server.</summary>
    /// <param name="isRunning">Whether the work is still running, so that some results are not known yet.</param>
    internal SshKeyRevocation Account(bool isRunning = false)
    {
        SshCredentialRemoval[] removals =
        [
            .. _ledger.Close(Refusal, isRunning, credential => _replacement?.MayHaveAdded(credential)),
            .. Plan.Kept.Select(KeptOn),
            .. _appeared,
        ];
        var (status, cause, failure) = Judge(removals);
        var message = string.Join(" ", Remarks(removals, failure));
        return new SshKeyRevocation(Plan.Server, status, message.Length == 0 ? null : message)
        {
            Cause = cause,
            Failure = failure,
            Keys = _change.KeyTexts,
            Removals = removals,
            Additions = _replacement is null ? [] : [.. _replacement.Additions],
            CheckedAt = _checkedAt,
            VerifiedAt = _verifiedAt,
        };
    }

    /// <summary>The planned changes.</summary>
    internal SshKeyRevocation Planned()
    {
        var account = Account();
        return !Plan.HasWork ? account : new SshKeyRevocation(Plan.Server, RevocationStatus.Planned)
        {
            Keys = account.Keys,
            Removals = [.. Plan.Credentials.Select(credential => new SshCredentialRemoval(credential, RemovalStatus.Planned)), .. Plan.Kept.Select(KeptOn)],
            CheckedAt = _checkedAt,
        };
    }

    private static SshCredentialRemoval KeptOn(SshCredential credential) => new(
        credential,
        RemovalStatus.Failed,
        $"{credential} was left in place: {(credential.User is null ? "it is not known whether its user has another key there" : $"{credential.User} has no other key there")}.")
    {
        Cause = OutcomeReason.LastCredential,
        Failure = new RunCloudException(RunCloudError.LastCredentialKept, "It is its user's last key there."),
    };

    private async Task ReadBackAsync(IReadOnlyList<SshCredentialRemoval> sent, CancellationToken cancellation)
    {
        var readBack = await _client.ReadBackAsync(sent, cancellation).ConfigureAwait(false);
        foreach (var removal in readBack.Removals)
        {
            Note(removal);
        }

        Refusal ??= readBack.Failure is { IsFatal: true } refused ? refused : null;
        if (readBack.Failure is not null)
        {
            return;
        }

        _rows = readBack.Rows;
        await LookForKeyAsync(cancellation).ConfigureAwait(false);
        _lost = [.. _replacement?.Present.Where(HasLost) ?? []];
        _verifiedAt = _client.Now;
        foreach (var removal in _ledger.Answered.Where(removal => removal.IsGoodEnd))
        {
            _ledger.Settle(removal.ReadBackAt(_verifiedAt.Value));
        }
    }

    /// <summary>No row of the list that was read back may have the key, whatever its id, except those that were kept.</summary>
    private async Task LookForKeyAsync(CancellationToken cancellation)
    {
        var keys = new SshKeyFilter(_change.Keys);
        var accounted = Plan.Credentials.Concat(Plan.Kept).Concat(Plan.OthersHave).Select(credential => credential.Id)
            .Concat(Plan.Problems.Select(problem => problem.Id)).ToHashSet();
        foreach (var row in _rows.Where(row => !accounted.Contains(row.Id)))
        {
            var listed = row;
            var match = keys.Test(listed.Key, isWhole: false);
            if (match == SshKeyMatch.NotComparable && !Plan.Listed.Contains(row.Id))
            {
                listed = await _client.WholeOrItselfAsync(listed, cancellation).ConfigureAwait(false);
                match = keys.Test(listed.Key, isWhole: true);
            }

            if (match == SshKeyMatch.NoMatch || (match == SshKeyMatch.NotComparable && Plan.Listed.Contains(row.Id)))
            {
                continue;
            }

            if (listed.User is null || _change.AcceptsUser(listed.User))
            {
                _appeared.Add(Appeared(listed, match));
            }
            else if (match == SshKeyMatch.Match)
            {
                _othersHave.Add(listed);
            }
        }
    }

    /// <summary>Whether a user had the new key before the old one was removed, but is no longer on the list with it.</summary>
    private bool HasLost(SshCredential added) => !_rows.Any(row => string.Equals(row.User, added.User, StringComparison.Ordinal)
        && (row.Key is { } key ? _change.Replacement!.Key.Equals(key) : row.Id == added.Id));

    private SshCredentialRemoval Appeared(SshCredential credential, SshKeyMatch match)
    {
        if (match == SshKeyMatch.NotComparable)
        {
            return new SshCredentialRemoval(credential, RemovalStatus.Unconfirmed, $"{credential} was added while the command ran, and its key could not be compared.")
            {
                Cause = OutcomeReason.Unreadable,
            };
        }

        var cameBack = Plan.Credentials.Any(gone => string.Equals(gone.User, credential.User, StringComparison.Ordinal));
        return new SshCredentialRemoval(
            credential,
            RemovalStatus.Failed,
            $"{credential} {(cameBack ? "came back" : "appeared")} after the plan was made, and is still there. Run the command again.")
        {
            Cause = cameBack ? OutcomeReason.CameBack : OutcomeReason.AppearedLater,
        };
    }

    private async Task ReadAgainAsync(CancellationToken cancellation)
    {
        var again = await ServerPlan.ReadAsync(_client, Plan.Server, _change, cancellation).ConfigureAwait(false);
        if (again.Failure is not null)
        {
            _notReadAgain = again.Failure;
            return;
        }

        var known = Plan.Credentials.Concat(Plan.Kept).Select(credential => credential.Id).ToHashSet();
        _checkedAt = again.CheckedAt;
        _problems = again.Problems;
        _othersHave.AddRange(again.OthersHave.Where(credential => _othersHave.TrueForAll(other => other.Id != credential.Id)));
        _appeared.AddRange(again.Credentials.Concat(again.Kept).Where(credential => !known.Contains(credential.Id))
            .Select(credential => Appeared(credential, SshKeyMatch.Match)));
    }

    /// <summary>The worst of the parts, and the reason.</summary>
    private (RevocationStatus Status, OutcomeReason? Cause, RunCloudException? Failure) Judge(SshCredentialRemoval[] removals)
    {
        if (Plan.Failure is not null)
        {
            return (RevocationStatus.Failed, OutcomeReason.NotRead, null);
        }

        if (removals.FirstOrDefault(removal => removal.Outcome == RemovalStatus.Failed) is { } failed)
        {
            return (RevocationStatus.Failed, failed.Cause, null);
        }

        if (_lost.Count > 0)
        {
            return (RevocationStatus.Failed, OutcomeReason.AppearedLater, new RunCloudException(
                RunCloudError.AdditionUnconfirmed,
                $"The new key was removed again from {Plan.Server} while the command ran, and the old one is gone: {string.Join(", ", _lost)}. Add it again with Add-RunCloudSshCredential."));
        }

        if (removals.FirstOrDefault(removal => removal.Outcome == RemovalStatus.Unconfirmed) is { } unconfirmed)
        {
            return (RevocationStatus.Unconfirmed, unconfirmed.Cause, null);
        }

        if (_problems.Count > 0)
        {
            // Problems of the plan were reported when it was read.
            var told = Plan.Problems.Select(problem => problem.Id).ToHashSet();
            return (RevocationStatus.Unconfirmed, OutcomeReason.Unreadable, _problems.FirstOrDefault(problem => !told.Contains(problem.Id))?.Exception);
        }

        if (_notReadAgain is not null)
        {
            return Unconfirmed(OutcomeReason.NotRead, $"{Plan.Server} was read without the key, but could not be read again at the end. {_notReadAgain.Message}");
        }

        if (removals.Length == 0 && _doubt is { } state)
        {
            return Unconfirmed(
                state == OutcomeReason.Offline ? OutcomeReason.OfflineNotListed : state,
                $"RunCloud lists no copy of the key on {Plan.Server}, but {ServerState.Say(state)}, so the key may still be on it.");
        }

        return _othersHave.Count > 0 ? (RevocationStatus.Kept, OutcomeReason.OtherUsers, null)
            : removals.Length > 0 ? (RevocationStatus.Removed, null, null)
            : (RevocationStatus.Clean, null, null);

        static (RevocationStatus Status, OutcomeReason? Cause, RunCloudException? Failure) Unconfirmed(OutcomeReason cause, string message) =>
            (RevocationStatus.Unconfirmed, cause, new RunCloudException(RunCloudError.RemovalUnconfirmed, message));
    }

    private IEnumerable<string> Remarks(SshCredentialRemoval[] removals, RunCloudException? failure)
    {
        if (removals.Length > 0)
        {
            yield return FormattableString.Invariant($"Credentials gone: {removals.Count(removal => removal.IsGoodEnd)} of {removals.Length}.");
        }

        if ((Plan.Failure ?? failure) is { } why)
        {
            yield return why.Message;
        }

        if (_problems.Count > 0)
        {
            yield return $"Credentials that could not be compared with the key: {_problems.Count}.";
        }

        if (Plan.OthersNotComparable > 0)
        {
            yield return FormattableString.Invariant($"Credentials of users outside -User that could not be compared with the key: {Plan.OthersNotComparable}.");
        }

        if (Plan.AuthoritiesOf.Count > 0)
        {
            yield return $"A cert-authority line stays for {string.Join(", ", Plan.AuthoritiesOf)}: anyone with a certificate of that authority still gets in.";
        }

        if (_othersHave.Count > 0)
        {
            yield return $"Users outside -User have the key too: {string.Join(", ", _othersHave.Select(credential => credential.User).Distinct(StringComparer.Ordinal))}.";
        }
    }

    private void Note(SshCredentialRemoval removal)
    {
        _ledger.Settle(removal);
        Refusal ??= removal.Failure is { IsFatal: true } refused ? refused : null;
    }
}
