using System.Runtime.CompilerServices;

namespace RunCloud.Api;

/// <summary>
/// The access audit, independent of a shell: reads everything that the rules need, then checks the rules. It never prompts and writes nothing.
/// </summary>
/// <param name="client">The client.</param>
/// <param name="options">What to check.</param>
/// <param name="given">The given servers, some known by their ids only; <see langword="null"/> for every server of the workspace.</param>
/// <param name="throttleLimit">How many servers are read in parallel, at most.</param>
internal sealed class AccessAudit(RunCloudClient client, AccessOptions options, IReadOnlyList<(long Id, Server? Server)>? given, int throttleLimit) : IDisposable
{
    private readonly OrderedWork _work = new(throttleLimit);
    private readonly List<ServerReading> _servers = [];
    private readonly HashSet<long> _seen = [];
    private volatile bool _hasListed;

    /// <summary>How many servers are to be read; <see langword="null"/> while they are still being listed.</summary>
    internal int? Total => _hasListed ? _seen.Count : null;

    /// <summary>What was read of each server, in order.</summary>
    internal IReadOnlyList<ServerReading> Servers => _servers;

    /// <summary>Why the list of servers could not be read completely; <see langword="null"/> if it could.</summary>
    internal RunCloudException? ListFailure { get; private set; }

    /// <summary>Whether every server of the workspace was selected and listed.</summary>
    internal bool HasListedAll => given is null && ListFailure is null;

    /// <summary>Reads every server.</summary>
    /// <returns>What was read of each, in order.</returns>
    /// <exception cref="RunCloudException">No server could be listed, or the token was refused.</exception>
    internal async IAsyncEnumerable<ServerReading> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var server in _work.ForEachAsync(ListAsync(cancellation), ReadAsync, cancellation).ConfigureAwait(false))
        {
            _servers.Add(server);
            yield return server;
        }
    }

    /// <summary>Everything that was read, for the rules and the snapshot.</summary>
    internal AccessFacts Facts() => new(_servers, options, HasListedAll, ListFailure is null, client.Now);

    /// <summary>The findings, the worst first.</summary>
    internal static IReadOnlyList<SshFinding> Find(AccessFacts facts) =>
        [.. facts.Options.Rules.SelectMany(rule => rule.Find(facts)).OrderByDescending(finding => finding.Level)];

    /// <inheritdoc/>
    public void Dispose() => _work.Dispose();

#pragma warning disable CS1998 // An iterator without a wait.
    private static async IAsyncEnumerable<(long Id, Server? Server)> Each(IReadOnlyList<(long Id, Server? Server)> items)
    {
        foreach (var item in items)
        {
            yield return item;
        }
    }
#pragma warning restore CS1998

    private async IAsyncEnumerable<(long Id, Server? Server)> AllAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var server in client.GetServersAsync(cancellation).ConfigureAwait(false))
        {
            yield return (server.Id, server);
        }
    }

    /// <summary>The selected servers, each once.</summary>
    private async IAsyncEnumerable<(long Id, Server? Server)> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var list = (given is null ? AllAsync(cancellation) : Each(given)).GetAsyncEnumerator(cancellation);
        await using (list.ConfigureAwait(false))
        {
            while (await NextAsync().ConfigureAwait(false))
            {
                if (_seen.Add(list.Current.Id))
                {
                    yield return list.Current;
                }
            }
        }

        _hasListed = true;

        async Task<bool> NextAsync()
        {
            try
            {
                return await list.MoveNextAsync().ConfigureAwait(false);
            }
            catch (RunCloudException e) when (!e.IsFatal && _seen.Count > 0)
            {
                // The listed servers are read; the failure is reported.
                ListFailure = e;
                return false;
            }
        }
    }

    private async Task<ServerReading> ReadAsync((long Id, Server? Server) item, CancellationToken cancellation)
    {
        Server server;
        try
        {
            server = item.Server ?? await client.GetServerAsync(item.Id, cancellation).ConfigureAwait(false);
        }
        catch (RunCloudException e) when (!e.IsFatal)
        {
            return new ServerReading(new Server(item.Id, string.Empty).From(client.Origin)) { Failure = e };
        }

        var (keys, failure) = options.ReadsKeys
            ? await TryAsync(() => client.FindSshCredentialsAsync(server.Id, server, new SshCredentialQuery(), cancellation)).ConfigureAwait(false)
            : (null, null);
        var (setting, settingFailure) = options.ReadsSettings
            ? await TryAsync(() => client.GetSshSettingAsync(server.Id, server, cancellation)).ConfigureAwait(false)
            : (null, null);
        var (users, usersFailure) = options.ReadsUsers
            ? await TryAsync(() => client.GetSystemUsersAsync(server.Id, server, cancellation)).ConfigureAwait(false)
            : (null, null);
        failure ??= keys?.Incomplete;
        return new ServerReading(server)
        {
            ReadAt = failure is null ? keys?.ReadAt : null,
            Failure = failure,
            Credentials = keys is null ? [] : [.. keys.Credentials.Concat(keys.Problems.Select(problem => problem.Credential).OfType<SshCredential>()).Distinct()],
            Unreadable = keys is null ? [] : [.. keys.Unreadable.Select(credential => credential.Id).Concat(keys.Problems.Select(problem => problem.Id))],
            Setting = setting,
            SettingFailure = settingFailure,
            Users = users,
            UsersFailure = usersFailure,
        };
    }

    private static async Task<(T? Value, RunCloudException? Failure)> TryAsync<T>(Func<Task<T>> read)
        where T : class
    {
        try
        {
            return (await read().ConfigureAwait(false), null);
        }
        catch (RunCloudException e) when (!e.IsFatal)
        {
            return (null, e);
        }
    }
}
