using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.Api;

/// <content>What revoking and replacing a key needs beyond the single calls.</content>
public sealed partial class RunCloudClient
{
    /// <summary>Reads a server's whole list, and tells what a change of keys means there.</summary>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.Unauthorized"/>. Any other failure is in the plan.</exception>
    internal async Task<ServerPlan> PlanAsync(Server server, KeyChange change, CancellationToken cancellation)
    {
        var query = new SshCredentialQuery
        {
            Keys = change.Replacement is { } replacement ? [.. change.Keys, SshKeySelector.Exactly(replacement.Key)] : change.Keys,
            WithInventory = true,
            UntilTwoReadingsAgree = true,
        };
        try
        {
            var findings = await FindSshCredentialsAsync(server.Id, server, query, cancellation).ConfigureAwait(false);
            return ServerPlan.Make(server, change, await SettleWaysInAsync(server, change, findings, cancellation).ConfigureAwait(false));
        }
        catch (RunCloudException e) when (e.Error != RunCloudError.Unauthorized)
        {
            return ServerPlan.Unread(server, e);
        }
    }

    /// <summary>
    /// The plan with what no list tells of its credentials, whether they are temporary, and those of which it could not be read, with the
    /// reason. All else stays as the plan was made of it: a single answer may lack the key, or shorten it.
    /// </summary>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.Unauthorized"/>.</exception>
    internal async Task<(ServerPlan Plan, IReadOnlyList<SshCredentialProblem> Unread)> CompleteAsync(ServerPlan plan, CancellationToken cancellation)
    {
        var read = new Dictionary<long, SshCredential>();
        var unread = new List<SshCredentialProblem>();
        foreach (var credential in plan.Credentials)
        {
            if (credential.Temporary is not null)
            {
                continue;
            }

            try
            {
                var single = await GetSshCredentialAsync(credential.ServerId, plan.Server, credential.Id, cancellation).ConfigureAwait(false);
                read[credential.Id] = single.Temporary is { } temporary
                    ? credential.Known(temporary)
                    : throw new RunCloudException(RunCloudError.InvalidResponse, "The API's answer does not say.");
            }
            catch (RunCloudException e) when (e.Error != RunCloudError.Unauthorized)
            {
                unread.Add(new SshCredentialProblem(credential, credential.Id, await WhyUnreadAsync(credential, e, cancellation).ConfigureAwait(false)));
            }
        }

        return (plan.With(read), unread);
    }

    /// <summary>Why a credential could not be read singly. That it is not found is believed only where the list does not have it any more.</summary>
    private async Task<RunCloudException> WhyUnreadAsync(SshCredential credential, RunCloudException failure, CancellationToken cancellation)
    {
        if (failure.Error != RunCloudError.SshCredentialNotFound)
        {
            return failure;
        }

        try
        {
            var (there, _) = await ListIdsAsync(credential.ServerId, credential.Server, newcomers: null, cancellation).ConfigureAwait(false);
            return there.Contains(credential.Id) ? new RunCloudException(RunCloudError.InvalidResponse, $"{failure.Message} It is listed all the same.") : failure;
        }
        catch (RunCloudException e) when (e.Error != RunCloudError.Unauthorized)
        {
            return e;
        }
    }

    /// <summary>Looks for what removals leave behind on a server. What cannot be read is in the answer.</summary>
    /// <param name="server">The server.</param>
    /// <param name="keys">The keys that were removed.</param>
    /// <param name="refusal">Why nothing need be asked any more; <see langword="null"/> when it may be.</param>
    /// <param name="cancellation">Ends the reading.</param>
    internal async Task<Remainder> FindRemainderAsync(Server server, SshKeyFilter keys, RunCloudException? refusal, CancellationToken cancellation)
    {
        if (refusal is not null)
        {
            return new Remainder(server, [], [], [], [refusal]);
        }

        IReadOnlyList<SshSession> sessions = [];
        var users = new List<(SystemUser User, SshKeyMatch Match)>();
        var unread = new List<RunCloudException>();
        try
        {
            sessions = await GetSshSessionsAsync(server.Id, server, cancellation).ConfigureAwait(false);
        }
        catch (RunCloudException e)
        {
            unread.Add(e);
        }

        try
        {
            users.AddRange((await GetSystemUsersAsync(server.Id, server, cancellation).ConfigureAwait(false)).Select(user => (user, user.Test(keys))));
        }
        catch (RunCloudException e)
        {
            unread.Add(e);
        }

        return new Remainder(
            server,
            sessions,
            [.. users.Where(user => user.Match == SshKeyMatch.Match).Select(user => user.User)],
            [.. users.Where(user => user.Match == SshKeyMatch.NotComparable).Select(user => user.User)],
            unread);
    }
}
