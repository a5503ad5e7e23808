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
            Keys = change.Replacement is { } replacement ? [.. change.Keys, SshKeySelector.For(replacement.Key)] : change.Keys,
            WithInventory = true,
        };
        try
        {
            return ServerPlan.Make(server, change, await FindSshCredentialsAsync(server.Id, server, query, cancellation).ConfigureAwait(false));
        }
        catch (RunCloudException e) when (e.Error != RunCloudError.Unauthorized)
        {
            return ServerPlan.Unread(server, e);
        }
    }

    /// <summary>The plan with all that can be known of its credentials, and those of which it could not be read, with the reason.</summary>
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
                read[credential.Id] = await GetSshCredentialAsync(credential.ServerId, plan.Server, credential.Id, cancellation).ConfigureAwait(false);
            }
            catch (RunCloudException e) when (e.Error != RunCloudError.Unauthorized)
            {
                unread.Add(new SshCredentialProblem(credential, credential.Id, e));
            }
        }

        return (plan.With(read), unread);
    }

    /// <summary>Looks for what removals leave behind on a server. What cannot be read is in the answer.</summary>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.Unauthorized"/>.</exception>
    internal async Task<Remainder> FindRemainderAsync(Server server, SshKeyFilter keys, CancellationToken cancellation)
    {
        IReadOnlyList<SshSession> sessions = [];
        var users = new List<(SystemUser User, SshKeyMatch Match)>();
        var unread = new List<RunCloudException>();
        try
        {
            sessions = await GetSshSessionsAsync(server.Id, server, cancellation).ConfigureAwait(false);
        }
        catch (RunCloudException e) when (e.Error != RunCloudError.Unauthorized)
        {
            unread.Add(e);
        }

        try
        {
            users.AddRange((await GetSystemUsersAsync(server.Id, server, cancellation).ConfigureAwait(false)).Select(user => (user, user.Test(keys))));
        }
        catch (RunCloudException e) when (e.Error != RunCloudError.Unauthorized)
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
