namespace RunCloud.Api;

/// <summary>
/// The state of each credential to remove: pending, sent, answered, read back. However the work ends, <see cref="Close"/> gives each
/// credential exactly one outcome.
/// </summary>
internal sealed class RemovalLedger
{
    private readonly List<Entry> _entries = [];
    private readonly Dictionary<long, Entry> _byId = [];

    /// <summary>The progress of a removal.</summary>
    internal enum Stage
    {
        /// <summary>Nothing was sent.</summary>
        Pending,

        /// <summary>Its request is being sent.</summary>
        Sent,

        /// <summary>It was answered.</summary>
        Answered,

        /// <summary>It was read back, or does not need to be.</summary>
        ReadBack,
    }

    /// <summary>The outcomes of the removals that were answered.</summary>
    internal IReadOnlyList<SshCredentialRemoval> Answered => [.. _entries.Where(entry => entry.Stage >= Stage.Answered).Select(entry => entry.Outcome!)];

    /// <summary>Whether the API accepted, or may have accepted, a removal.</summary>
    internal bool HasActed => _entries.Exists(entry => entry.Outcome is { Outcome: RemovalStatus.Removed or RemovalStatus.Unconfirmed });

    /// <summary>The removals that were answered, did not fail, and are waiting to be read back.</summary>
    internal IReadOnlyList<Entry> ToReadBack => [.. _entries.Where(entry => entry is { Stage: Stage.Answered, Outcome.Outcome: not RemovalStatus.Failed })];

    /// <summary>Adds a credential to remove.</summary>
    internal Entry Expect(SshCredential credential)
    {
        var entry = new Entry(credential);
        _entries.Add(entry);
        _byId[credential.Id] = entry;
        return entry;
    }

    /// <summary>Notes that its removal is about to be sent.</summary>
    internal void Send(SshCredential credential) => _byId[credential.Id].Send();

    /// <summary>Notes the answer to its removal, or why it is not sent.</summary>
    internal void Settle(SshCredentialRemoval removal) => _byId[removal.Id].Settle(removal);

    /// <summary>Notes what the list and the server's state say afterwards. This is final.</summary>
    internal void ReadBack(SshCredentialRemoval removal) => _byId[removal.Id].ReadBack(removal);

    /// <summary>Each credential's outcome, in the order in which they were added.</summary>
    /// <param name="refusal">The refused token that ended the work; <see langword="null"/> if it ended otherwise.</param>
    /// <param name="isRunning">Whether the work is still running, so that some results are not known yet.</param>
    /// <param name="remark">An additional remark about a credential for which nothing was sent.</param>
    internal IReadOnlyList<SshCredentialRemoval> Close(RunCloudException? refusal, bool isRunning = false, Func<SshCredential, string?>? remark = null) =>
        [.. _entries.Select(entry => isRunning ? SoFar(entry) : Final(entry, refusal, remark))];

    /// <summary>The same for those that were not returned yet. Each is returned once.</summary>
    /// <param name="refusal">The refused token that ended the work on a credential; <see langword="null"/> where it ended otherwise.</param>
    /// <param name="isMeant">Which of them to give out.</param>
    internal IEnumerable<SshCredentialRemoval> TakeRest(Func<SshCredential, RunCloudException?> refusal, Func<Entry, bool> isMeant)
    {
        foreach (var entry in _entries.Where(entry => !entry.IsTaken && isMeant(entry)))
        {
            entry.IsTaken = true;
            yield return Final(entry, refusal(entry.Credential), remark: null);
        }
    }

    private static SshCredentialRemoval SoFar(Entry entry) => entry is { Stage: Stage.ReadBack, Outcome: { } known } ? known : new(
        entry.Credential, RemovalStatus.Unconfirmed, $"Removing {entry.Credential} is not confirmed: the command was still running when this was written.")
    {
        Cause = OutcomeReason.Stopped,
    };

    private static SshCredentialRemoval Final(Entry entry, RunCloudException? refusal, Func<SshCredential, string?>? remark)
    {
        var cause = refusal is null ? OutcomeReason.Stopped : OutcomeReason.TokenRefused;
        return entry.Stage switch
        {
            Stage.Pending => new SshCredentialRemoval(
                entry.Credential,
                RemovalStatus.Failed,
                $"Removing {entry.Credential} failed: nothing was sent, {(refusal is null ? "because the command ended before" : "because the API no longer accepts the token")}.{remark?.Invoke(entry.Credential)}")
            {
                Cause = cause,
                Failure = refusal,
            },
            Stage.Sent => new SshCredentialRemoval(
                entry.Credential, RemovalStatus.Unconfirmed, $"Removing {entry.Credential} is not confirmed: its request was being sent when the command ended.")
            {
                Cause = cause,
            },
            Stage.Answered when entry.Outcome!.IsGoodEnd => new SshCredentialRemoval(
                entry.Credential, RemovalStatus.Unconfirmed, $"Removing {entry.Credential} is not confirmed: {(entry.Outcome.Outcome == RemovalStatus.Removed ? "the API accepted it" : "RunCloud no longer listed it")}, but the command ended before it was read back.")
            {
                Cause = cause,
            },
            _ => entry.Outcome!,
        };
    }

    /// <summary>A credential to remove, and the progress of its removal.</summary>
    internal sealed class Entry(SshCredential credential)
    {
        private volatile Stage _stage;

        /// <summary>The credential as it was.</summary>
        internal SshCredential Credential { get; } = credential;

        /// <summary>The progress of its removal.</summary>
        internal Stage Stage => _stage;

        /// <summary>The answer to its removal; <see langword="null"/> until then.</summary>
        internal SshCredentialRemoval? Outcome { get; private set; }

        /// <summary>Whether its outcome was returned.</summary>
        internal bool IsTaken { get; set; }

        /// <summary>Notes that its removal is about to be sent.</summary>
        internal void Send() => _stage = Stage.Sent;

        /// <summary>Notes the answer to its removal, or why it is not sent.</summary>
        internal void Settle(SshCredentialRemoval removal)
        {
            Outcome = removal;
            _stage = Stage.Answered;
        }

        /// <summary>Notes its final outcome.</summary>
        internal void ReadBack(SshCredentialRemoval removal)
        {
            Outcome = removal;
            _stage = Stage.ReadBack;
        }

        /// <summary>Returns its outcome.</summary>
        internal SshCredentialRemoval Take()
        {
            IsTaken = true;
            return Outcome!;
        }
    }
}
