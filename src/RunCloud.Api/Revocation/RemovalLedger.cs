using System;
using System.Collections.Generic;
using System.Linq;

namespace RunCloud.Api;

/// <summary>
/// What became of each credential that is to go: pending, sent, answered, read back. However the work ends, <see cref="Close"/> gives each
/// credential exactly one outcome.
/// </summary>
internal sealed class RemovalLedger
{
    private readonly List<Entry> entries = [];
    private readonly Dictionary<long, Entry> byId = [];

    /// <summary>How far a removal has come.</summary>
    private enum Stage
    {
        Pending,
        Sent,
        Answered,
        ReadBack,
    }

    /// <summary>The outcomes of the removals that were answered.</summary>
    internal IReadOnlyList<SshCredentialRemoval> Answered => [.. entries.Where(entry => entry.Stage >= Stage.Answered).Select(entry => entry.Outcome!)];

    /// <summary>Whether the API accepted, or may have accepted, a removal.</summary>
    internal bool HasActed => entries.Exists(entry => entry.Outcome is { Outcome: RemovalStatus.Removed or RemovalStatus.Unconfirmed });

    /// <summary>Adds a credential that is to go.</summary>
    internal void Expect(SshCredential credential)
    {
        var entry = new Entry(credential);
        entries.Add(entry);
        byId[credential.Id] = entry;
    }

    /// <summary>Notes that its removal is about to be sent.</summary>
    internal void Send(SshCredential credential) => byId[credential.Id].Stage = Stage.Sent;

    /// <summary>Notes how its removal was answered, or why it is not sent.</summary>
    internal void Settle(SshCredentialRemoval removal)
    {
        var entry = byId[removal.Id];
        entry.Outcome = removal;
        entry.Stage = Stage.Answered;
    }

    /// <summary>Notes what the list and the server's state say of it afterwards: this is the last word.</summary>
    internal void ReadBack(SshCredentialRemoval removal)
    {
        Settle(removal);
        byId[removal.Id].Stage = Stage.ReadBack;
    }

    /// <summary>Each credential's outcome, in the order in which they were added.</summary>
    /// <param name="refusal">The refused token that ended the work; <see langword="null"/> where it ended otherwise.</param>
    /// <param name="isRunning">Whether the work still goes on, so that what is not settled is not known yet.</param>
    /// <param name="remark">What else there is to say of a credential for which nothing was sent.</param>
    internal IReadOnlyList<SshCredentialRemoval> Close(RunCloudException? refusal, bool isRunning = false, Func<SshCredential, string?>? remark = null) =>
        [.. entries.Select(entry => isRunning ? SoFar(entry) : Final(entry, refusal, remark))];

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
                entry.Credential, RemovalStatus.Unconfirmed, $"Removing {entry.Credential} is not confirmed: the API accepted it, but the command ended before it was read back.")
            {
                Cause = cause,
            },
            _ => entry.Outcome!,
        };
    }

    private sealed class Entry(SshCredential credential)
    {
        internal SshCredential Credential { get; } = credential;

        internal Stage Stage { get; set; }

        internal SshCredentialRemoval? Outcome { get; set; }
    }
}
