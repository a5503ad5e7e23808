using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.Api;

/// <content>Removing SSH credentials, and settling what an answer does not confirm.</content>
public sealed partial class RunCloudClient
{
    /// <summary>What the API answers to a removal, with the credential (inferred): anything else confirms nothing.</summary>
    private const int DocumentedSuccess = 200;

    /// <summary>
    /// Removes a credential (<c>DELETE /servers/{id}/ssh/credentials/{sshId}</c>). When the answer is lost or does not confirm the deed,
    /// the credential is read back.
    /// </summary>
    /// <param name="credential">What to remove.</param>
    /// <param name="cancellation">Ends the waiting; the deed may have been done.</param>
    /// <returns>How it ended. A call that fails is <see cref="RemovalStatus.Failed"/> or <see cref="RemovalStatus.Unconfirmed"/>, not an exception.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="credential"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException">It is cancelled.</exception>
    public async Task<SshCredentialRemoval> RemoveSshCredentialAsync(SshCredential credential, CancellationToken cancellation)
    {
        _ = credential ?? throw new ArgumentNullException(nameof(credential));
        var request = new ApiRequest(HttpMethod.Delete, CredentialPath(credential.ServerId, credential.Id), $"Removing {credential}")
        {
            WhenNotFound = RunCloudError.SshCredentialNotFound,
        };
        RunCloudException doubt;
        try
        {
            var answer = await transport.SendAsync(request, WireJson.Default.SshCredentialRow, scope, cancellation).ConfigureAwait(false);
            if (answer.Status == DocumentedSuccess && answer.Body?.Unwrapped.Id == credential.Id)
            {
                return Gone(credential);
            }

            doubt = NotAsked(request, answer.Status);
        }
        catch (RunCloudException e) when (e.Error == RunCloudError.SshCredentialNotFound)
        {
            doubt = e;
        }
        catch (RunCloudException e) when (e.MayHaveActed)
        {
            doubt = e;
        }
        catch (RunCloudException e)
        {
            return new SshCredentialRemoval(credential, RemovalStatus.Failed, e.Message) { Failure = e };
        }

        return await SettleAsync(credential, doubt, cancellation).ConfigureAwait(false);
    }

    /// <summary>Settles by the server's list whether a credential that could not be found singly is absent. Nothing is removed.</summary>
    /// <exception cref="OperationCanceledException">It is cancelled.</exception>
    internal Task<SshCredentialRemoval> SettleAbsenceAsync(SshCredential credential, RunCloudException notFound, CancellationToken cancellation) =>
        SettleAsync(credential, new RunCloudException(notFound.Error, notFound.Message, notFound) { Status = notFound.Status }, cancellation);

    /// <summary>
    /// Reads a server's list once and holds the removals against it. What is still there although the API said otherwise is removed once
    /// more, and read back once more.
    /// </summary>
    /// <param name="removals">Removals from one server.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>
    /// The removals in the same order: <see cref="RemovalStatus.Removed"/> now means that the credential was not found any more. A list
    /// that cannot be read makes it <see cref="RemovalStatus.Unconfirmed"/>.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="removals"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException">It is cancelled.</exception>
    public async Task<IReadOnlyList<SshCredentialRemoval>> VerifyRemovalsAsync(IReadOnlyList<SshCredentialRemoval> removals, CancellationToken cancellation) =>
        (await VerifyRemovalsAsync(removals ?? throw new ArgumentNullException(nameof(removals)), newcomers: null, cancellation).ConfigureAwait(false)).Removals;

    /// <summary>As above, and tells which credentials have come to the server meanwhile and have one of the keys, or may have.</summary>
    internal async Task<(IReadOnlyList<SshCredentialRemoval> Removals, IReadOnlyList<SshCredential> Newcomers)> VerifyRemovalsAsync(
        IReadOnlyList<SshCredentialRemoval> removals, NewcomerQuery? newcomers, CancellationToken cancellation)
    {
        if (removals.Count == 0)
        {
            return (removals, []);
        }

        var (serverId, server) = (removals[0].ServerId, removals[0].Credential.Server);
        try
        {
            var (there, found) = await ListIdsAsync(serverId, server, newcomers, cancellation).ConfigureAwait(false);
            var stubborn = removals.Where(removal => removal.IsGoodEnd && there.Contains(removal.Id)).ToArray();
            foreach (var removal in stubborn)
            {
                _ = await RemoveSshCredentialAsync(removal.Credential, cancellation).ConfigureAwait(false);
            }

            (there, found) = stubborn.Length == 0 ? (there, found) : await ListIdsAsync(serverId, server, newcomers, cancellation).ConfigureAwait(false);
            return ([.. removals.Select(removal => HeldAgainst(removal, there))], found);
        }
        catch (RunCloudException e)
        {
            return ([.. removals.Select(removal => removal.IsGoodEnd
                ? new SshCredentialRemoval(removal.Credential, RemovalStatus.Unconfirmed, $"Removing {removal.Credential} is not confirmed: the API took it, but it could not be read back. {e.Message}") { Failure = e }
                : removal)], []);
        }
    }

    private static SshCredentialRemoval HeldAgainst(SshCredentialRemoval removal, HashSet<long> there) => removal.Status switch
    {
        RemovalStatus.Failed => removal,
        _ when there.Contains(removal.Id) => new SshCredentialRemoval(
            removal.Credential, RemovalStatus.Failed, removal.IsGoodEnd ? $"Removing {removal.Credential} failed: the API took it twice, and still lists it." : $"{removal.Message} Read back, it is still there.")
        {
            Failure = removal.Failure,
        },
        RemovalStatus.Unconfirmed => Gone(removal.Credential),
        _ => removal,
    };

    private static SshCredentialRemoval Gone(SshCredential credential) => credential.Server is { IsReachable: false }
        ? new SshCredentialRemoval(credential, RemovalStatus.Unconfirmed, $"Removing {credential} is not confirmed: the API took it, but the server is offline, so nobody knows whether the key is gone from it.")
        : new SshCredentialRemoval(credential, RemovalStatus.Removed);

    /// <summary>RunCloud forgets a key once it has taken its removal: of a server that is offline, that it is not listed says nothing.</summary>
    private static SshCredentialRemoval Absent(SshCredential credential) => credential.Server is { IsReachable: false }
        ? new SshCredentialRemoval(credential, RemovalStatus.Unconfirmed, $"Removing {credential} is not confirmed: RunCloud no longer lists it, but the server is offline, so nobody knows whether the key is gone from it.")
        : new SshCredentialRemoval(credential, RemovalStatus.AlreadyAbsent);

    /// <summary>
    /// Settles by the server's list what an answer did not confirm. Not by reading the credential singly, and not by believing a 404: where
    /// the token is another workspace's, or a gateway answers in the API's place, everything is not found.
    /// </summary>
    private async Task<SshCredentialRemoval> SettleAsync(SshCredential credential, RunCloudException doubt, CancellationToken cancellation)
    {
        try
        {
            var (there, _) = await ListIdsAsync(credential.ServerId, credential.Server, newcomers: null, cancellation).ConfigureAwait(false);
            if (!there.Contains(credential.Id))
            {
                return doubt.MayHaveActed ? Gone(credential) : Absent(credential);
            }

            // What is listed was found: an API that says otherwise contradicts itself.
            var failure = doubt.Error == RunCloudError.SshCredentialNotFound
                ? new RunCloudException(RunCloudError.InvalidResponse, doubt.Message, doubt) { Status = doubt.Status }
                : doubt;
            return new SshCredentialRemoval(credential, RemovalStatus.Failed, $"{doubt.Message} Read back, it is still there.") { Failure = failure };
        }
        catch (RunCloudException e) when (e.Error == RunCloudError.ServerNotFound)
        {
            return new SshCredentialRemoval(
                credential, RemovalStatus.Failed, $"Removing {credential} failed: this token does not see the server. It may be of another workspace.")
            {
                Failure = e,
            };
        }
        catch (RunCloudException e)
        {
            return new SshCredentialRemoval(credential, RemovalStatus.Unconfirmed, $"{doubt.Message} Reading it back did not settle it: {e.Message}")
            {
                Failure = e.Error == RunCloudError.Unauthorized ? e : doubt,
            };
        }
    }

    private async Task<(HashSet<long> Ids, List<SshCredential> Newcomers)> ListIdsAsync(
        long serverId, Server? server, NewcomerQuery? newcomers, CancellationToken cancellation)
    {
        var ids = new HashSet<long>();
        var found = new List<SshCredential>();
        await foreach (var page in CredentialList(serverId, server, untilTwoAgree: newcomers is not null).ReadAsync(cancellation).ConfigureAwait(false))
        {
            ids.UnionWith(page.Select(row => row.Id!.Value));
            foreach (var row in page.Where(row => newcomers?.Known.Contains(row.Id!.Value) == false))
            {
                var newcomer = row.ToCredential(serverId, server);
                var match = newcomers!.Keys.Test(newcomer.Key, isWhole: false);
                if (match == SshKeyMatch.NotComparable)
                {
                    newcomer = await WholeOrItselfAsync(newcomer, cancellation).ConfigureAwait(false);
                    match = newcomers.Keys.Test(newcomer.Key, isWhole: true);
                }

                if (match != SshKeyMatch.NoMatch)
                {
                    found.Add(newcomer);
                }
            }
        }

        return (ids, found);
    }

    /// <summary>The credential as the single answer has it, for the list may have shortened the key; as it is, where there is none.</summary>
    private async Task<SshCredential> WholeOrItselfAsync(SshCredential listed, CancellationToken cancellation)
    {
        try
        {
            return await GetSshCredentialAsync(listed.ServerId, listed.Server, listed.Id, cancellation).ConfigureAwait(false);
        }
        catch (RunCloudException e) when (e.Error != RunCloudError.Unauthorized)
        {
            return listed;
        }
    }
}
