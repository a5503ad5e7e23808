using System.Net.Http;

namespace RunCloud.Api;

/// <content>SSH credentials: finding, reading and adding them.</content>
public sealed partial class RunCloudClient
{
    /// <summary>
    /// The wanted credentials of a server, from its whole list (<c>GET /servers/{id}/ssh/credentials</c>, and
    /// <c>…/{sshId}</c> for ids and for keys that a list does not show completely).
    /// </summary>
    /// <param name="serverId">The server's id.</param>
    /// <param name="server">The server, if known. Its name and state are added to the credentials.</param>
    /// <param name="query">The credentials to select.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>The result. If the list could not be read completely, the part that was read, with <see cref="SshCredentialFindings.Incomplete"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="query"/> is <see langword="null"/>.</exception>
    /// <exception cref="RunCloudException">
    /// No part of the list could be read: <see cref="RunCloudError.ServerNotFound"/>, <see cref="RunCloudError.IncompleteList"/>, among others. Or
    /// <see cref="RunCloudError.Unauthorized"/>.
    /// </exception>
    public async Task<SshCredentialFindings> FindSshCredentialsAsync(
        long serverId, Server? server, SshCredentialQuery query, CancellationToken cancellation)
    {
        var search = new SshCredentialSearch(
            serverId, server, query ?? throw new ArgumentNullException(nameof(query)), Origin, _options.Time, id => ReadSingleAsync(serverId, server, id, cancellation));
        if (query.Ids.Count > 0)
        {
            foreach (var id in query.Ids)
            {
                await search.AddSingleAsync(id).ConfigureAwait(false);
            }

            return search.Findings([], incomplete: null);
        }

        var list = CredentialList(serverId, server);
        try
        {
            await foreach (var page in list.ReadAsync(cancellation).ConfigureAwait(false))
            {
                search.AddPage(page.Count);
                foreach (var row in page)
                {
                    await search.AddListedAsync(row).ConfigureAwait(false);
                }
            }
        }
        catch (RunCloudException e) when (search.HasSeenAny && e.Error != RunCloudError.Unauthorized)
        {
            return search.Findings(list.Disputed, e);
        }

        return search.Findings([], incomplete: null);
    }

    /// <summary>One credential (<c>GET /servers/{id}/ssh/credentials/{sshId}</c>).</summary>
    /// <param name="serverId">The server's id.</param>
    /// <param name="server">The server, if known.</param>
    /// <param name="id">The credential's id.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>The credential, <see cref="SshCredential.Temporary"/> included.</returns>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.SshCredentialNotFound"/> (also if the server does not exist), among others.</exception>
    public async Task<SshCredential> GetSshCredentialAsync(long serverId, Server? server, long id, CancellationToken cancellation) =>
        (await ReadSingleAsync(serverId, server, id, cancellation).ConfigureAwait(false)).ToCredential(serverId, server).From(Origin);

    /// <summary>Adds a credential (<c>POST /servers/{id}/ssh/credentials</c>). If the answer is lost, checks whether it is there before repeating the request.</summary>
    /// <param name="serverId">The server's id.</param>
    /// <param name="server">The server, if known.</param>
    /// <param name="credential">The credential to add.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>The credential as the API returns it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="credential"/> is <see langword="null"/>.</exception>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.ValidationFailed"/>, <see cref="RunCloudError.ServerNotFound"/>, among others.</exception>
    public async Task<SshCredential> AddSshCredentialAsync(long serverId, Server? server, NewSshCredential credential, CancellationToken cancellation) =>
        (await AddAsync(serverId, server, credential, cancellation).ConfigureAwait(false)).Added;

    /// <summary>The same, and whether the credential was seen on the list, if that had to be checked.</summary>
    private async Task<(SshCredential Added, bool IsListed)> AddAsync(long serverId, Server? server, NewSshCredential credential, CancellationToken cancellation)
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
        var retries = _transport.BeginRetries(_scope);
        while (true)
        {
            RunCloudException failure;
            try
            {
                var answer = await _transport.SendAsync(request, WireJson.Default.SshCredentialRow, _scope, cancellation).ConfigureAwait(false);
                if (answer.Body is { Id: not null } row && IsAbout(row, credential))
                {
                    return (row.ToCredential(serverId, server).From(Origin), false);
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
                return (added, true);
            }

            if (!await retries.WaitAsync(failure, cancellation).ConfigureAwait(false))
            {
                throw WithOptions(failure, credential);
            }
        }
    }

    /// <summary>The refusal of a key with options names the options and a solution. No options are dropped silently.</summary>
    private static RunCloudException WithOptions(RunCloudException failure, NewSshCredential refused) =>
        failure.Error == RunCloudError.ValidationFailed && failure.FieldErrors.Keys.Any(field => field.StartsWith("publicKey", StringComparison.OrdinalIgnoreCase))
            && SshPublicKey.TryParse(refused.PublicKey, out var key) && key.Options is { } options
            ? new RunCloudException(
                failure.Error,
                $"{failure.Message} The key has authorized_keys options ({ApiText.Clean(options)}), which RunCloud does not seem to accept. "
                + "Add it without them only if the key may be used without restriction. Otherwise write the whole line into authorized_keys on the server by hand.",
                failure)
            {
                Status = failure.Status,
                ApiMessage = failure.ApiMessage,
                FieldErrors = failure.FieldErrors,
            }
            : failure;

    /// <summary>Whether an answer can be about the added credential. Another user or another key means that it is not.</summary>
    private static bool IsAbout(SshCredentialRow row, NewSshCredential added) =>
        (row.User is null || string.Equals(row.User, added.User, StringComparison.Ordinal))
        && new SshKeyFilter([SshKeySelector.Exactly(SshPublicKey.Parse(added.PublicKey))]).Test(row.PublicKey) != SshKeyMatch.NoMatch;

    private static string CredentialsPath(long serverId) => FormattableString.Invariant($"/servers/{serverId}/ssh/credentials");

    private static string CredentialPath(long serverId, long id) => FormattableString.Invariant($"/servers/{serverId}/ssh/credentials/{id}");

    private ListReader<SshCredentialRow> CredentialList(long serverId, Server? server) => new(
        _transport,
        _scope,
        CredentialsPath(serverId),
        $"Listing the SSH credentials of {ServerText(serverId, server)}",
        RunCloudError.ServerNotFound,
        WireJson.Default.ListRowSshCredentialRow,
        pagesAhead: 1);

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

    private async Task<SshCredential?> FindAddedAsync(long serverId, Server? server, NewSshCredential added, RunCloudException doubt, CancellationToken cancellation)
    {
        var query = new SshCredentialQuery
        {
            Accepts = (user, label) => user == added.User && label == added.Label,
            Keys = [SshKeySelector.Exactly(SshPublicKey.Parse(added.PublicKey))],
        };
        try
        {
            var found = await FindSshCredentialsAsync(serverId, server, query, cancellation).ConfigureAwait(false);
            return found.Credentials.Count > 0 ? found.Credentials[0]
                : found.Problems.Count > 0 ? throw found.Problems[0].Exception
                : found.Incomplete is { } incomplete ? throw incomplete
                : null;
        }
        catch (RunCloudException e)
        {
            throw StillInDoubt(doubt, "it was added", e);
        }
    }
}
