namespace RunCloud.Api;

/// <summary>What a removal leaves behind on a server, and what could not be read.</summary>
/// <param name="Server">The server.</param>
/// <param name="Sessions">The open SSH sessions.</param>
/// <param name="Holders">The system users whose deployment key is one of the keys.</param>
/// <param name="NotComparable">The system users whose deployment key cannot be read as a key.</param>
/// <param name="AuthoritiesOf">The users whose key went and who keep a <c>cert-authority</c> line.</param>
/// <param name="Unread">Why something could not be read.</param>
internal sealed record Leftovers(
    Server Server,
    IReadOnlyList<SshSession> Sessions,
    IReadOnlyList<SystemUser> Holders,
    IReadOnlyList<SystemUser> NotComparable,
    IReadOnlyList<string> AuthoritiesOf,
    IReadOnlyList<RunCloudException> Unread)
{
    /// <summary>Looks for leftovers. Failures are part of the result.</summary>
    internal static async Task<Leftovers> ReadAsync(RunCloudClient client, ServerPlan plan, SshKeyFilter keys, CancellationToken cancellation)
    {
        var server = plan.Server;
        IReadOnlyList<SshSession> sessions = [];
        var users = new List<(SystemUser User, SshKeyMatch Match)>();
        var unread = new List<RunCloudException>();
        try
        {
            sessions = await client.GetSshSessionsAsync(server.Id, server, cancellation).ConfigureAwait(false);
        }
        catch (RunCloudException e)
        {
            unread.Add(e);
        }

        try
        {
            users.AddRange((await client.GetSystemUsersAsync(server.Id, server, cancellation).ConfigureAwait(false)).Select(user => (user, user.Test(keys))));
        }
        catch (RunCloudException e)
        {
            unread.Add(e);
        }

        return new Leftovers(
            server,
            sessions,
            [.. users.Where(user => user.Match == SshKeyMatch.Match).Select(user => user.User)],
            [.. users.Where(user => user.Match == SshKeyMatch.NotComparable).Select(user => user.User)],
            plan.AuthoritiesOf,
            unread);
    }
}
