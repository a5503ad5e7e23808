using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.Api;

/// <summary>The calls of the RunCloud API v3 that the work with SSH keys needs. Safe to use from several threads.</summary>
/// <remarks>
/// Unless said otherwise every method throws <see cref="RunCloudException"/> when a call does not succeed, after retrying what may be sent
/// again, and <see cref="OperationCanceledException"/> when it is cancelled.
/// </remarks>
public sealed partial class RunCloudClient : IDisposable
{
    /// <summary>What the API answers to a removal, with the credential (inferred): anything else confirms nothing.</summary>
    private const int DocumentedSuccess = 200;

    private const string AboutSomethingElse = "is about something else";

    private readonly Transport transport;
    private readonly RequestScope scope;
    private readonly RunCloudClientOptions options;
    private readonly bool ownsTransport;

    /// <summary>Makes a client. Nothing is sent.</summary>
    /// <param name="options">How to reach the API.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is <see langword="null"/>.</exception>
    /// <exception cref="RunCloudException">
    /// <see cref="RunCloudError.InvalidEndpoint"/>, <see cref="RunCloudError.InsecureEndpoint"/> or <see cref="RunCloudError.InvalidToken"/>.
    /// </exception>
    public RunCloudClient(RunCloudClientOptions options)
        : this(options ?? throw new ArgumentNullException(nameof(options)), new Transport(options), observer: null) => ownsTransport = true;

    private RunCloudClient(RunCloudClientOptions options, Transport transport, IRequestObserver? observer)
    {
        this.options = options;
        this.transport = transport;
        scope = new RequestScope(observer);
    }

    /// <summary>The API's base address.</summary>
    public Uri Endpoint => transport.Endpoint;

    /// <summary>The requests of a rate window, as the API last said; <see langword="null"/> when it never did.</summary>
    public int? RateLimit => transport.Gate.Limit;

    /// <summary>The requests left in the rate window, as far as known; <see langword="null"/> when the API never said.</summary>
    public int? RateLimitRemaining => transport.Gate.Remaining;

    /// <summary>A client on the same connections and behind the same rate gate, whose requests are told to <paramref name="observer"/>.</summary>
    /// <param name="observer">Who hears of each request.</param>
    /// <returns>The client. It ends with this one; disposing of it does nothing.</returns>
    public RunCloudClient For(IRequestObserver observer) => new(options, transport, observer);

    /// <summary>Closes the connections and forgets the token.</summary>
    public void Dispose()
    {
        if (ownsTransport)
        {
            transport.Dispose();
        }
    }

    /// <summary>Checks that the endpoint is RunCloud's API and that it accepts the token (<c>GET /ping</c>).</summary>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>When it is so.</returns>
    public async Task PingAsync(CancellationToken cancellation)
    {
        var request = new ApiRequest(HttpMethod.Get, "/ping", $"Connecting to {Endpoint}");
        var answer = await transport.SendAsync(request, WireJson.Default.PingRow, scope, cancellation).ConfigureAwait(false);
        if (!string.Equals(answer.Body?.Message, "pong", StringComparison.OrdinalIgnoreCase))
        {
            throw new RunCloudException(RunCloudError.InvalidResponse, $"{request.Purpose} failed: what answers there is not the RunCloud API.")
            {
                Status = answer.Status,
            };
        }
    }

    /// <summary>Every server of the workspace, as the pages arrive (<c>GET /servers</c>).</summary>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>The servers. The last step throws when the list could not be read whole.</returns>
    public IAsyncEnumerable<Server> GetServersAsync(CancellationToken cancellation) => GetServersAsync(untilTwoAgree: false, cancellation);

    /// <summary>The same, where wanted so that no server slips unseen from one page to another: read until two readings agree.</summary>
    internal async IAsyncEnumerable<Server> GetServersAsync(bool untilTwoAgree, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var list = new ListReader<ServerRow>(
            transport, scope, "/servers", "Listing the servers", RunCloudError.RequestRejected, WireJson.Default.ListRowServerRow, pagesAhead: 4, untilTwoAgree);
        await foreach (var page in list.ReadAsync(cancellation).ConfigureAwait(false))
        {
            foreach (var row in page)
            {
                yield return row.ToServer();
            }
        }
    }

    /// <summary>One server (<c>GET /servers/{id}</c>).</summary>
    /// <param name="id">The server's id.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>The server.</returns>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.ServerNotFound"/>, among others.</exception>
    public async Task<Server> GetServerAsync(long id, CancellationToken cancellation)
    {
        var request = new ApiRequest(HttpMethod.Get, FormattableString.Invariant($"/servers/{id}"), FormattableString.Invariant($"Reading server {id}"))
        {
            WhenNotFound = RunCloudError.ServerNotFound,
        };
        return (await GetOneAsync(request, WireJson.Default.ServerRow, id, cancellation).ConfigureAwait(false)).ToServer();
    }

    /// <summary>
    /// The wanted credentials of a server, the whole list or an exception (<c>GET /servers/{id}/ssh/credentials</c>, and
    /// <c>…/{sshId}</c> for ids and for keys that a list does not show whole).
    /// </summary>
    /// <param name="serverId">The server's id.</param>
    /// <param name="server">The server, where it is known; its name and state go with the credentials.</param>
    /// <param name="query">What is wanted.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="query"/> is <see langword="null"/>.</exception>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.ServerNotFound"/>, <see cref="RunCloudError.IncompleteList"/>, among others.</exception>
    public async Task<SshCredentialFindings> FindSshCredentialsAsync(
        long serverId, Server? server, SshCredentialQuery query, CancellationToken cancellation)
    {
        _ = query ?? throw new ArgumentNullException(nameof(query));
        var found = new List<SshCredential>();
        var unreadable = new List<SshCredential>();
        var problems = new List<SshCredentialProblem>();
        var inventory = query.WithInventory ? new List<InventoryEntry>() : null;
        var filter = new SshKeyFilter(query.Keys);
        await foreach (var (row, isSingle) in CandidatesAsync(serverId, server, query, problems, cancellation).ConfigureAwait(false))
        {
            var isMeant = query.Accepts is not { } accepts || accepts(row.User, row.Label);
            var isNamed = row is { User: not null, Label: not null };
            if (!isMeant && isNamed)
            {
                continue;
            }

            var witness = row;
            var match = filter.Test(row.PublicKey);
            RunCloudException? unread = null;
            if (match == SshKeyMatch.NotComparable && !isSingle)
            {
                // The list may have shortened the value: the single answer is the better witness.
                try
                {
                    witness = await ReadSingleAsync(serverId, server, row.Id!.Value, cancellation).ConfigureAwait(false);
                    witness.User ??= row.User;
                    witness.Label ??= row.Label;
                    match = filter.Test(witness.PublicKey);
                }
                catch (RunCloudException e) when (e.Error != RunCloudError.Unauthorized)
                {
                    unread = e;
                }
            }

            inventory?.Add(new InventoryEntry(row.Id!.Value, ApiText.Printable(row.User), row.Label, match != SshKeyMatch.NotComparable));
            var isWanted = query.Keys.Count == 0 || match == SshKeyMatch.Match;
            if (!isWanted && match == SshKeyMatch.NoMatch)
            {
                continue;
            }

            var credential = witness.ToCredential(serverId, server);
            if (!isMeant)
            {
                problems.Add(NotNamed(credential));
                continue;
            }

            if (isWanted)
            {
                found.Add(credential);
            }

            if (unread is not null || !isWanted)
            {
                problems.Add(NotComparable(credential, unread));
            }
            else if (match == SshKeyMatch.NotComparable)
            {
                unreadable.Add(credential);
            }
        }

        return new SshCredentialFindings(found, unreadable, problems) { Inventory = found.Count == 0 || inventory is null ? [] : inventory };
    }

    /// <summary>One credential (<c>GET /servers/{id}/ssh/credentials/{sshId}</c>).</summary>
    /// <param name="serverId">The server's id.</param>
    /// <param name="server">The server, where it is known.</param>
    /// <param name="id">The credential's id.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>The credential, <see cref="SshCredential.Temporary"/> included.</returns>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.SshCredentialNotFound"/> (also when the server is not there), among others.</exception>
    public async Task<SshCredential> GetSshCredentialAsync(long serverId, Server? server, long id, CancellationToken cancellation) =>
        (await ReadSingleAsync(serverId, server, id, cancellation).ConfigureAwait(false)).ToCredential(serverId, server);

    /// <summary>Adds a credential (<c>POST /servers/{id}/ssh/credentials</c>). When the answer is lost, looks whether it is there before sending it again.</summary>
    /// <param name="serverId">The server's id.</param>
    /// <param name="server">The server, where it is known.</param>
    /// <param name="credential">What to add.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>The credential as the API gives it back.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="credential"/> is <see langword="null"/>.</exception>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.ValidationFailed"/>, <see cref="RunCloudError.ServerNotFound"/>, among others.</exception>
    public async Task<SshCredential> AddSshCredentialAsync(long serverId, Server? server, NewSshCredential credential, CancellationToken cancellation)
    {
        _ = credential ?? throw new ArgumentNullException(nameof(credential));
        var request = new ApiRequest(HttpMethod.Post, CredentialsPath(serverId), $"Adding '{ApiText.Clean(credential.Label)}' for {ApiText.Clean(credential.User)} on {ServerText(serverId, server)}")
        {
            WhenNotFound = RunCloudError.ServerNotFound,
            Body = new NewSshCredentialRow
            {
                Label = credential.Label,
                Username = credential.User,
                PublicKey = credential.PublicKey,
                Temporary = credential.Temporary,
            },
        };
        var mayBeThere = false;
        var retries = transport.BeginRetries(scope);
        while (true)
        {
            RunCloudException failure;
            try
            {
                var answer = await transport.SendAsync(request, WireJson.Default.SshCredentialRow, scope, cancellation).ConfigureAwait(false);
                if (answer.Body?.Unwrapped is { Id: not null } row && IsAbout(row, credential))
                {
                    return row.ToCredential(serverId, server);
                }

                failure = NotAsked(request, answer.Status);
            }
            catch (RunCloudException e)
            {
                failure = e;
            }

            mayBeThere |= failure.MayHaveActed;
            if (mayBeThere && await FindAddedAsync(serverId, server, credential, failure, cancellation).ConfigureAwait(false) is { } added)
            {
                return added;
            }

            if (!await retries.WaitAsync(failure, cancellation).ConfigureAwait(false))
            {
                throw failure;
            }
        }
    }

    /// <summary>Whether an answer can be about what was added: another user's credential, or another key, is not.</summary>
    private static bool IsAbout(SshCredentialRow row, NewSshCredential added) =>
        (row.User is null || string.Equals(row.User, added.User, StringComparison.Ordinal))
        && new SshKeyFilter([SshKeySelector.Parse(added.PublicKey)]).Test(row.PublicKey) != SshKeyMatch.NoMatch;

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

    private static string CredentialsPath(long serverId) => FormattableString.Invariant($"/servers/{serverId}/ssh/credentials");

    private static string CredentialPath(long serverId, long id) => FormattableString.Invariant($"/servers/{serverId}/ssh/credentials/{id}");

    private static string ServerText(long serverId, Server? server) => SshCredential.ServerText(serverId, server?.Name);

    private static SshCredentialProblem NotComparable(SshCredential credential, RunCloudException? inner) => new(credential, credential.Id, new RunCloudException(
        RunCloudError.SshCredentialNotComparable,
        inner is null
            ? $"The public key of {credential} cannot be read as a key, so it cannot be told whether it is the one that is looked for."
            : $"The public key of {credential} is not readable in the list, and reading it singly failed: {inner.Message}",
        inner));

    /// <summary>A credential of which it is not known whose it is, where only those of some users are meant: never one of others'.</summary>
    internal static SshCredentialProblem NotNamed(SshCredential credential) => new(credential, credential.Id, new RunCloudException(
        RunCloudError.SshCredentialNotComparable, $"RunCloud does not say whose {credential} is, or what it is called, so it cannot be told whether it is meant."));

    private static RunCloudException NotAsked(ApiRequest request, int status) =>
        new(RunCloudError.InvalidResponse, $"{request.Purpose} failed: the API's answer ({status}) {AboutSomethingElse}.")
        {
            Status = status,
            MayHaveActed = true,
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

    private async IAsyncEnumerable<(SshCredentialRow Row, bool IsSingle)> CandidatesAsync(
        long serverId, Server? server, SshCredentialQuery query, List<SshCredentialProblem> problems, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var id in query.Ids)
        {
            SshCredentialRow row;
            try
            {
                row = await ReadSingleAsync(serverId, server, id, cancellation).ConfigureAwait(false);
            }
            catch (RunCloudException e) when (e.Error != RunCloudError.Unauthorized)
            {
                problems.Add(new SshCredentialProblem(credential: null, id, e));
                continue;
            }

            yield return (row, true);
        }

        if (query.Ids.Count > 0)
        {
            yield break;
        }

        await foreach (var page in CredentialList(serverId, server, query.UntilTwoReadingsAgree).ReadAsync(cancellation).ConfigureAwait(false))
        {
            foreach (var row in page)
            {
                yield return (row, false);
            }
        }
    }

    private ListReader<SshCredentialRow> CredentialList(long serverId, Server? server, bool untilTwoAgree) => new(
        transport,
        scope,
        CredentialsPath(serverId),
        $"Listing the SSH credentials of {ServerText(serverId, server)}",
        RunCloudError.ServerNotFound,
        WireJson.Default.ListRowSshCredentialRow,
        pagesAhead: 1,
        untilTwoAgree);

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
                if (newcomers!.Keys.Test(newcomer.PublicKey) == SshKeyMatch.NotComparable)
                {
                    newcomer = await WholeOrItselfAsync(newcomer, cancellation).ConfigureAwait(false);
                }

                if (newcomers.Keys.Test(newcomer.PublicKey) != SshKeyMatch.NoMatch)
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

    private async Task<SshCredentialRow> ReadSingleAsync(long serverId, Server? server, long id, CancellationToken cancellation)
    {
        var request = new ApiRequest(
            HttpMethod.Get,
            CredentialPath(serverId, id),
            FormattableString.Invariant($"Reading SSH credential {id} of {ServerText(serverId, server)}"))
        {
            WhenNotFound = RunCloudError.SshCredentialNotFound,
        };
        return await GetOneAsync(request, WireJson.Default.SshCredentialRow, id, cancellation).ConfigureAwait(false);
    }

    /// <summary>One object by its id. An answer about another one is none.</summary>
    private async Task<TRow> GetOneAsync<TRow>(ApiRequest request, JsonTypeInfo<TRow> type, long id, CancellationToken cancellation)
        where TRow : WrappedRow<TRow>, IRow
    {
        var answer = await transport.SendAsync(
            request, type, scope, cancellation, row => row?.Unwrapped.Id == id ? null : AboutSomethingElse).ConfigureAwait(false);
        return answer.Body!.Unwrapped;
    }

    private async Task<SshCredential?> FindAddedAsync(long serverId, Server? server, NewSshCredential added, RunCloudException doubt, CancellationToken cancellation)
    {
        var query = new SshCredentialQuery
        {
            Accepts = (user, label) => user == added.User && label == added.Label,
            Keys = [SshKeySelector.Parse(added.PublicKey)],
        };
        try
        {
            var found = await FindSshCredentialsAsync(serverId, server, query, cancellation).ConfigureAwait(false);
            return found.Credentials.Count > 0 ? found.Credentials[0]
                : found.Problems.Count > 0 ? throw found.Problems[0].Exception
                : null;
        }
        catch (RunCloudException e)
        {
            throw StillInDoubt(doubt, "it was added", e);
        }
    }

    /// <summary>A doubt that looking did not settle. A token that is refused is told first: then every later call fails as well.</summary>
    private static RunCloudException StillInDoubt(RunCloudException doubt, string deed, RunCloudException failure) => new(
        failure.Error == RunCloudError.Unauthorized ? failure.Error : doubt.Error,
        $"{doubt.Message} Whether {deed} all the same is not known: {failure.Message}",
        failure)
    {
        Status = doubt.Status,
        MayHaveActed = true,
    };
}
