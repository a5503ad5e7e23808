using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.Api;

/// <summary>
/// The carrying out of a plan on one server: the new key is added where there is one, the old ones are removed, and the list is read
/// back. Its account can be taken whenever it no longer runs, also when it was cut off or never begun.
/// </summary>
/// <param name="client">What calls.</param>
/// <param name="change">What is to be done.</param>
/// <param name="plan">What that means on this server.</param>
internal sealed class ServerChange(RunCloudClient client, KeyChange change, ServerPlan plan)
{
    private readonly Dictionary<long, SshCredentialRemoval> settled = [];
    private readonly List<SshCredential> additions = [];
    private readonly List<SshCredentialRemoval> cameBack = [];
    private SshCredential? underWay;
    private KeyPlace? adding;
    private bool isReadBack;

    internal ServerPlan Plan => plan;

    /// <summary>Why nothing more was sent, where something ended all work.</summary>
    internal RunCloudException? Hindrance { get; set; }

    /// <summary>Whether the API took a change on this server.</summary>
    internal bool HasTouched => additions.Count > 0 || settled.Values.Any(removal => removal.Status is RemovalStatus.Removed or RemovalStatus.Unconfirmed);

    /// <summary>Does it. What fails is in the account.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        var going = plan.Credentials;
        if (change.Replacement is not null && going.Count > 0)
        {
            going = await ReplaceAsync(change.Replacement, cancellation).ConfigureAwait(false);
        }

        foreach (var credential in going)
        {
            if (Hindrance is not null)
            {
                return;
            }

            underWay = credential;
            Settle(await client.RemoveSshCredentialAsync(credential, cancellation).ConfigureAwait(false));
            underWay = null;
        }

        var known = plan.Listed.Concat(additions.Select(added => added.Id)).ToHashSet();
        var (verified, newcomers) = await client.VerifyRemovalsAsync(
            [.. settled.Values.Where(removal => removal.Status != RemovalStatus.Failed)],
            new NewcomerQuery(known, new SshKeyFilter(change.Keys)),
            cancellation).ConfigureAwait(false);
        foreach (var removal in verified)
        {
            Settle(removal);
        }

        cameBack.AddRange(newcomers.Where(credential => credential.User is null || change.AcceptsUser(credential.User)).Select(CameBack));
        await DoubtIfOfflineAsync(cancellation).ConfigureAwait(false);
        isReadBack = true;
    }

    /// <summary>How it stands.</summary>
    internal SshKeyRevocation Account()
    {
        var removals = plan.Credentials.Select(AccountOf).Concat(plan.Kept.Select(KeptOn)).Concat(cameBack).ToArray();
        var status = plan.Failure is not null || removals.Any(removal => removal.Status == RemovalStatus.Failed) ? RevocationStatus.Failed
            : plan.Problems.Count > 0 || removals.Any(removal => removal.Status == RemovalStatus.Unconfirmed) ? RevocationStatus.Unconfirmed
            : removals.Length > 0 ? RevocationStatus.Removed
            : RevocationStatus.Clean;
        var message = string.Join(" ", Remarks(status, removals));
        return new SshKeyRevocation(plan.Server, status, message.Length == 0 ? null : message)
        {
            Removals = removals,
            Additions = [.. additions],
        };
    }

    /// <summary>Whether the server answers may have changed since it was read, and is part of what a removal means.</summary>
    private async Task DoubtIfOfflineAsync(CancellationToken cancellation)
    {
        var good = settled.Values.Where(removal => removal.IsGoodEnd).ToArray();
        if (good.Length == 0 || !plan.Server.IsReachable)
        {
            return;
        }

        string why;
        try
        {
            if ((await client.GetServerAsync(plan.Server.Id, cancellation).ConfigureAwait(false)).IsReachable)
            {
                return;
            }

            why = "the server has gone offline meanwhile, so nobody knows whether the key is gone from it.";
        }
        catch (RunCloudException e)
        {
            StopIfRefused(e);
            why = $"whether the server still answers could not be read. {e.Message}";
        }

        foreach (var removal in good)
        {
            Settle(new SshCredentialRemoval(
                removal.Credential,
                RemovalStatus.Unconfirmed,
                $"Removing {removal.Credential} is not confirmed: the API took it, but {why}"));
        }
    }

    private static SshCredentialRemoval CameBack(SshCredential credential) => credential.Key is null
        ? new(credential, RemovalStatus.Unconfirmed, $"{credential} was added while the key was being removed, and cannot be compared with it.")
        : new(credential, RemovalStatus.Failed, $"{credential} was added while the key was being removed, and is still there.");

    private static SshCredentialRemoval KeptOn(SshCredential credential) => Failed(credential, new RunCloudException(
        RunCloudError.LastCredentialKept, $"{credential} was left in place: {(credential.User is null ? "it is not known whether its user has another key there" : $"{credential.User} has no other key there")}."));

    private static SshCredentialRemoval Failed(SshCredential credential, RunCloudException failure) =>
        new(credential, RemovalStatus.Failed, failure.Message) { Failure = failure };

    private IEnumerable<string> Remarks(RevocationStatus status, SshCredentialRemoval[] removals)
    {
        if (removals.Length > 0)
        {
            yield return FormattableString.Invariant($"Credentials gone: {removals.Count(removal => removal.IsGoodEnd)} of {removals.Length}.");
        }

        if (plan.Failure is { } failure)
        {
            yield return failure.Message;
        }

        if (plan.Problems.Count > 0)
        {
            yield return $"{plan.Problems.Count} of its credentials could not be compared with the key.";
        }

        if (plan.OthersHave.Count > 0)
        {
            yield return $"Other users have the key too, and were not asked for: {string.Join(", ", plan.OthersHave.Select(credential => credential.User).Distinct(StringComparer.Ordinal))}.";
        }

        if (status == RevocationStatus.Clean && !plan.Server.IsReachable)
        {
            yield return "The server is offline: RunCloud's list was read, the server itself was not asked.";
        }
    }

    private SshCredentialRemoval AccountOf(SshCredential credential) =>
        !settled.TryGetValue(credential.Id, out var removal) ? NotSettled(credential)
        : removal.IsGoodEnd && !isReadBack ? new SshCredentialRemoval(
            credential, RemovalStatus.Unconfirmed, $"Removing {credential} is not confirmed: the command ended before it was read back.")
        : removal;

    private SshCredentialRemoval NotSettled(SshCredential credential) =>
        credential == underWay ? new SshCredentialRemoval(
            credential, RemovalStatus.Unconfirmed, $"Removing {credential} is not confirmed: it was under way when the command ended.")
        : new SshCredentialRemoval(
            credential,
            RemovalStatus.Failed,
            $"Removing {credential} failed: nothing was sent{(Hindrance is { Error: RunCloudError.Unauthorized } ? ", since the API no longer accepts the token" : ", since the command ended before")}."
                + (adding?.User == credential.User && adding is not null ? $" '{adding.NewLabel}' may have been added for {adding.User}." : string.Empty))
        {
            Failure = Hindrance,
        };

    private void Settle(SshCredentialRemoval removal)
    {
        settled[removal.Id] = removal;
        StopIfRefused(removal.Failure);
    }

    /// <summary>Nothing more is sent once the API no longer accepts the token.</summary>
    private void StopIfRefused(RunCloudException? failure) => Hindrance ??= failure is { Error: RunCloudError.Unauthorized } ? failure : null;

    /// <summary>Gives each user the new key, and tells which old credentials may go: those of users who are seen to have it.</summary>
    private async Task<IReadOnlyList<SshCredential>> ReplaceAsync(SshKeyReplacement replacement, CancellationToken cancellation)
    {
        if (!plan.Server.IsReachable)
        {
            Keep(plan.Credentials, new RunCloudException(
                RunCloudError.ServerUnreachable, $"{plan.Server} is offline: nobody can tell whether a new key would let anybody in, so the old one was kept."));
            return [];
        }

        var present = new Dictionary<KeyPlace, SshCredential>();
        foreach (var place in plan.Places)
        {
            if (Hindrance is not null)
            {
                return [];
            }

            adding = place;
            try
            {
                present[place] = await GiveAsync(place, replacement, cancellation).ConfigureAwait(false);
            }
            catch (RunCloudException e)
            {
                Keep(Of(place), e);
            }

            adding = null;
        }

        var ready = await ReadBackAsync(replacement, present, cancellation).ConfigureAwait(false);
        return [.. plan.Credentials.Where(credential => ready.Contains(credential.User))];
    }

    /// <summary>The credential by which a user has the new key: the one that is there, if it lasts, or else one that is added.</summary>
    private async Task<SshCredential> GiveAsync(KeyPlace place, SshKeyReplacement replacement, CancellationToken cancellation)
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

        // A key that would have gone by itself is not to be followed by one that stays, nor one that stays by one that goes.
        var temporary = true;
        foreach (var credential in old)
        {
            temporary = temporary && await IsTemporaryAsync(credential, cancellation).ConfigureAwait(false);
        }

        if (temporary && place.Holder is not null)
        {
            return place.Holder;
        }

        var wanted = new NewSshCredential(place.User!, place.NewLabel, replacement.LineFor(old), temporary);
        var added = await client.AddSshCredentialAsync(plan.Server.Id, plan.Server, wanted, cancellation).ConfigureAwait(false);
        additions.Add(added);
        return added;
    }

    private async Task<bool> IsTemporaryAsync(SshCredential credential, CancellationToken cancellation) =>
        (credential.Temporary ?? (await client.GetSshCredentialAsync(credential.ServerId, plan.Server, credential.Id, cancellation).ConfigureAwait(false)).Temporary) == true;

    /// <summary>Reads the list once more, and tells which users are seen to have the new key; the old ones of the others are kept.</summary>
    private async Task<HashSet<string?>> ReadBackAsync(SshKeyReplacement replacement, Dictionary<KeyPlace, SshCredential> present, CancellationToken cancellation)
    {
        var ready = new HashSet<string?>(StringComparer.Ordinal);
        if (present.Count == 0)
        {
            return ready;
        }

        var query = new SshCredentialQuery { Keys = [SshKeySelector.Exactly(replacement.Key)] };
        SshCredentialFindings? found = null;
        RunCloudException? unread = null;
        try
        {
            found = await client.FindSshCredentialsAsync(plan.Server.Id, plan.Server, query, cancellation).ConfigureAwait(false);
        }
        catch (RunCloudException e)
        {
            StopIfRefused(e);
            unread = e;
        }

        foreach (var (place, credential) in present.Select(one => (one.Key, one.Value)))
        {
            if (found?.Credentials.Any(listed => listed.Id == credential.Id && string.Equals(listed.User, place.User, StringComparison.Ordinal)) == true)
            {
                _ = ready.Add(place.User);
                continue;
            }

            var why = unread ?? found?.Problems.FirstOrDefault(problem => problem.Id == credential.Id)?.Exception;
            Keep(Of(place), new RunCloudException(
                RunCloudError.AdditionUnconfirmed,
                why is null ? $"{credential} is not on the server's list as {place.User}'s." : $"{credential} could not be read back. {why.Message}",
                why));
        }

        return ready;
    }

    private SshCredential[] Of(KeyPlace place) =>
        [.. plan.Credentials.Where(credential => string.Equals(credential.User, place.User, StringComparison.Ordinal))];

    private void Keep(IEnumerable<SshCredential> old, RunCloudException cause)
    {
        StopIfRefused(cause);
        foreach (var credential in old)
        {
            Settle(new SshCredentialRemoval(credential, RemovalStatus.Failed, $"{credential} was kept. {cause.Message}") { Failure = cause });
        }
    }
}
