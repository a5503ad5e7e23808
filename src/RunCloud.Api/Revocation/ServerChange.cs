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
    private readonly List<(KeyPlace Place, SshCredential Credential)> additions = [];
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

        var (verified, holders) = await client.VerifyRemovalsAsync(
            [.. settled.Values.Where(removal => removal.Status != RemovalStatus.Failed)], new SshKeyFilter(change.Keys), cancellation).ConfigureAwait(false);
        foreach (var removal in verified)
        {
            Settle(removal);
        }

        var known = plan.Credentials.Concat(plan.Kept).Concat(plan.OthersHave).Select(credential => credential.Id).ToHashSet();
        cameBack.AddRange(holders.Where(credential => !known.Contains(credential.Id) && change.AcceptsUser(credential.User)).Select(credential => new SshCredentialRemoval(
            credential, RemovalStatus.Failed, $"{credential} was added while the key was being removed, and is still there.")));
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
            Additions = [.. additions.Select(added => added.Credential)],
        };
    }

    private static SshCredentialRemoval KeptOn(SshCredential credential) => Failed(credential, new RunCloudException(
        RunCloudError.LastCredentialKept, $"{credential} was left in place: {credential.User} has no other key there."));

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
        Hindrance ??= removal.Failure is { Error: RunCloudError.Unauthorized } refused ? refused : null;
    }

    /// <summary>Gives each user the new key, and tells which old credentials may go: those of users who are seen to have it.</summary>
    private async Task<IReadOnlyList<SshCredential>> ReplaceAsync(SshKeyReplacement replacement, CancellationToken cancellation)
    {
        if (!plan.Server.IsReachable)
        {
            Keep(plan.Credentials, new RunCloudException(
                RunCloudError.ServerUnreachable, $"{plan.Server} is offline: nobody can tell whether a new key would let anybody in, so the old one was kept."));
            return [];
        }

        var ready = plan.Places.Where(place => place.NewLabel is null).Select(place => place.User).ToHashSet(StringComparer.Ordinal);
        foreach (var place in plan.Places.Where(place => place.NewLabel is not null))
        {
            if (Hindrance is not null)
            {
                return [];
            }

            adding = place;
            var old = Of(place);
            try
            {
                additions.Add((place, await AddAsync(place, old, replacement, cancellation).ConfigureAwait(false)));
            }
            catch (RunCloudException e)
            {
                Keep(old, e);
            }

            adding = null;
        }

        if (additions.Count > 0)
        {
            await ReadBackAsync(replacement, ready, cancellation).ConfigureAwait(false);
        }

        return [.. plan.Credentials.Where(credential => ready.Contains(credential.User))];
    }

    private async Task<SshCredential> AddAsync(KeyPlace place, SshCredential[] old, SshKeyReplacement replacement, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(place.User))
        {
            throw new RunCloudException(RunCloudError.ValidationFailed, $"RunCloud does not say whose credential {old[0]} is.");
        }

        // A key that would have gone by itself is not to be followed by one that stays.
        var temporary = old.Length > 0;
        foreach (var credential in old)
        {
            var whole = credential.Temporary is null
                ? await client.GetSshCredentialAsync(credential.ServerId, plan.Server, credential.Id, cancellation).ConfigureAwait(false)
                : credential;
            temporary &= whole.Temporary == true;
        }

        var added = new NewSshCredential(place.User!, place.NewLabel!, replacement.LineFor(old), temporary);
        return await client.AddSshCredentialAsync(plan.Server.Id, plan.Server, added, cancellation).ConfigureAwait(false);
    }

    private async Task ReadBackAsync(SshKeyReplacement replacement, HashSet<string?> ready, CancellationToken cancellation)
    {
        var query = new SshCredentialQuery { Keys = [SshKeySelector.For(replacement.Key)] };
        RunCloudException? unread = null;
        IReadOnlyList<SshCredential> found = [];
        try
        {
            found = (await client.FindSshCredentialsAsync(plan.Server.Id, plan.Server, query, cancellation).ConfigureAwait(false)).Credentials;
        }
        catch (RunCloudException e)
        {
            unread = e;
        }

        foreach (var (place, added) in additions)
        {
            if (found.Any(credential => string.Equals(credential.User, place.User, StringComparison.Ordinal)))
            {
                _ = ready.Add(place.User);
            }
            else
            {
                Keep(Of(place), new RunCloudException(
                    RunCloudError.AdditionUnconfirmed,
                    unread is null ? $"{added} was added, and is not on the server's list." : $"{added} was added, and could not be read back. {unread.Message}",
                    unread));
            }
        }
    }

    private SshCredential[] Of(KeyPlace place) =>
        [.. plan.Credentials.Where(credential => string.Equals(credential.User, place.User, StringComparison.Ordinal))];

    private void Keep(IEnumerable<SshCredential> old, RunCloudException cause)
    {
        Hindrance ??= cause.Error == RunCloudError.Unauthorized ? cause : null;
        foreach (var credential in old)
        {
            Settle(new SshCredentialRemoval(credential, RemovalStatus.Failed, $"{credential} was kept. {cause.Message}") { Failure = cause });
        }
    }
}
