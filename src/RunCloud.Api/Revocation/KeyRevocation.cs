using System.Runtime.CompilerServices;

namespace RunCloud.Api;

/// <summary>
/// The whole job about a key, independent of a shell: read every server, save the credentials, change, read back, confirm, and look for what is
/// left. The caller takes the steps in this order, and shows the plan and asks in between. This class never prompts and writes nothing.
/// </summary>
/// <param name="client">The client.</param>
/// <param name="change">The change to make.</param>
/// <param name="given">
/// The given servers, some known by their ids only; <see langword="null"/> for every server of the workspace.
/// </param>
/// <param name="throttleLimit">How many servers are worked on in parallel, at most.</param>
internal sealed class KeyRevocation(RunCloudClient client, KeyChange change, IReadOnlyList<(long Id, Server? Server)>? given, int throttleLimit) : IDisposable
{
    /// <summary>If the list of a clean server is older than this at the end, it is read once more.</summary>
    private static readonly TimeSpan OldAge = TimeSpan.FromMinutes(15);

    private readonly OrderedWork _work = new(throttleLimit);
    private readonly List<ServerPlan> _plans = [];
    private readonly List<Server> _excluded = [];
    private readonly List<ServerChange> _changes = [];
    private readonly List<SshKeyRevocation> _late = [];
    private readonly List<Leftovers> _leftovers = [];
    private readonly HashSet<long> _seen = [];
    private volatile RunCloudException? _refusal;
    private volatile bool _hasListed;

    /// <summary>The plan for each server that was read.</summary>
    internal IReadOnlyList<ServerPlan> Plans => _plans;

    /// <summary>The number of servers, including excluded ones.</summary>
    internal int Servers => _seen.Count;

    /// <summary>How many servers are to be read, those left alone included; <see langword="null"/> while they are still being listed.</summary>
    internal int? Total => _hasListed ? _seen.Count : null;

    /// <summary>The number of excluded servers.</summary>
    internal int Excluded => _excluded.Count;

    /// <summary>The excluded servers.</summary>
    internal IReadOnlyList<Server> ExcludedServers => _excluded;

    /// <summary>Whether every server of the workspace was selected, and not only given ones.</summary>
    internal bool IsWholeWorkspace => given is null;

    /// <summary>The change to make.</summary>
    internal KeyChange Change => change;

    /// <summary>Why the first list of servers could not be read completely; <see langword="null"/> if it could.</summary>
    internal RunCloudException? ListFailure { get; private set; }

    /// <summary>The same for the second time, after the changes.</summary>
    internal RunCloudException? SecondListFailure { get; private set; }

    /// <summary>The refused token that ended the work; <see langword="null"/> if none did.</summary>
    internal RunCloudException? Refusal => _refusal;

    /// <summary>Whether every selected server has a result, and the work was completed.</summary>
    internal bool IsComplete { get; private set; }

    /// <summary>Whether changes have begun.</summary>
    internal bool HasBegun => _changes.Count > 0;

    /// <summary>The leftovers on each inspected server.</summary>
    internal IReadOnlyList<Leftovers> Leftovers => _leftovers;

    /// <summary>The number of requests that the plan needs if nothing goes wrong.</summary>
    internal int ExpectedRequests(bool savesUndo, bool inspects) =>
        new RequestEstimate(_plans, IsWholeWorkspace ? Servers : null, change.Replacement is not null, savesUndo, inspects).Total;

    /// <summary>Reads every server's list and makes the plan.</summary>
    /// <returns>The plan of each server, in order.</returns>
    /// <exception cref="RunCloudException">No server could be listed, or the token was refused.</exception>
    internal async IAsyncEnumerable<ServerPlan> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var (server, plan) in _work.ForEachAsync(ServersAsync(cancellation), PlanAsync, cancellation).ConfigureAwait(false))
        {
            if (plan is null)
            {
                _excluded.Add(server);
                continue;
            }

            _plans.Add(plan);
            yield return plan;
        }
    }

    /// <summary>Searches the system users of all servers for names that no credential has, if every server was read.</summary>
    /// <returns>The names that were found nowhere.</returns>
    /// <exception cref="RunCloudException">The token was refused.</exception>
    internal async Task<IReadOnlyList<string>> FindMissingUsersAsync(IEnumerable<string> names, CancellationToken cancellation)
    {
        var missing = names.ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (missing.Count == 0 || _plans.Exists(plan => plan.Failure is not null))
        {
            // A server that was not read may have the name, and it is not a success anyway.
            return [];
        }

        var servers = _plans.Select(plan => plan.Server).ToList();
        await foreach (var users in _work.ForEachAsync(servers, UsersOfAsync, cancellation).ConfigureAwait(false))
        {
            missing.ExceptWith(users);
            if (missing.Count == 0)
            {
                break;
            }
        }

        return [.. missing];
    }

    /// <summary>Reads whether the credentials to remove are temporary, which no list says, so that they can be put back.</summary>
    /// <returns>The credentials for which that could not be read, with the reason, grouped by server.</returns>
    /// <exception cref="RunCloudException">The token was refused.</exception>
    internal async IAsyncEnumerable<IReadOnlyList<SshCredentialProblem>> CompleteAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var places = Enumerable.Range(0, _plans.Count).Where(place => _plans[place].HasWork).ToList();
        await foreach (var (place, plan, unread) in _work.ForEachAsync(
            places,
            async (place, stop) =>
            {
                var (whole, unread) = await UndoReading.CompleteAsync(client, _plans[place], stop).ConfigureAwait(false);
                return (place, whole, unread);
            },
            cancellation).ConfigureAwait(false))
        {
            _plans[place] = plan;
            yield return unread;
        }
    }

    /// <summary>From here on every server has a result, however the work ends.</summary>
    internal void Begin() => _changes.AddRange(_plans.Select(plan => new ServerChange(client, change, plan)));

    /// <summary>Makes the changes, and reads each changed list back.</summary>
    /// <returns>Each finished server.</returns>
    internal async IAsyncEnumerable<ServerChange> ExecuteAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var due = _changes.Where(one => one.Plan.HasWork).ToList();
        await foreach (var one in _work.ForEachAsync(due, (one, stop) => DoAsync(one, one.RunAsync, stop), cancellation).ConfigureAwait(false))
        {
            yield return one;
        }
    }

    /// <summary>Reads the servers a second time, and checks the results against that. Anything that appears only now is not changed.</summary>
    /// <returns>Each server that is confirmed.</returns>
    internal async IAsyncEnumerable<ServerChange> ConfirmAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var now = await ListAgainAsync(cancellation).ConfigureAwait(false);
        var limit = client.Now - OldAge;
        await foreach (var one in _work.ForEachAsync(
            _changes,
            (one, stop) => DoAsync(
                one,
                async inner => await one.ConfirmAsync(
                    await StateOfAsync(one, now, inner).ConfigureAwait(false), one.Plan.CheckedAt < limit, inner).ConfigureAwait(false),
                stop),
            cancellation).ConfigureAwait(false))
        {
            yield return one;
        }

        IsComplete = _refusal is null && ListFailure is null && SecondListFailure is null && _late.Count == 0 && _plans.Count > 0;
    }

    /// <summary>Looks for leftovers of the removals on changed servers that are online.</summary>
    /// <returns>The leftovers on each of them.</returns>
    internal async IAsyncEnumerable<Leftovers> InspectAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var keys = new SshKeyFilter(change.Keys);
        var touched = _changes.Where(one => one.HasTouched && one.Plan.Server.Reachability != ServerReachability.Offline).Select(one => one.Plan).ToList();
        await foreach (var found in _work.ForEachAsync(
            touched,
            async (plan, stop) =>
            {
                if (_refusal is { } refused)
                {
                    return new Leftovers(plan.Server, [], [], [], plan.AuthoritiesOf, [refused]);
                }

                var left = await RunCloud.Api.Leftovers.ReadAsync(client, plan, keys, stop).ConfigureAwait(false);
                _refusal ??= left.Unread.FirstOrDefault(failure => failure.IsFatal);
                return left;
            },
            cancellation).ConfigureAwait(false))
        {
            _leftovers.Add(found);
            yield return found;
        }
    }

    /// <summary>The result of every server, in order. Servers that were found only at the end come last. It can be read at any time.</summary>
    /// <param name="isRunning">Whether the work is still running, so that some results are not known yet.</param>
    internal IReadOnlyList<SshKeyRevocation> Accounts(bool isRunning = false) =>
        [.. _changes.Select(one => Refused(one).Account(isRunning)), .. _late];

    /// <summary>The planned changes on every server.</summary>
    internal IReadOnlyList<SshKeyRevocation> Planned() => [.. _plans.Select(plan => new ServerChange(client, change, plan).Planned())];

    /// <summary>After a cancellation: waits for the end of the work under way, which comes at once.</summary>
    internal void Join() => _work.Join();

    /// <inheritdoc/>
    public void Dispose() => _work.Dispose();

    private ServerChange Refused(ServerChange one)
    {
        one.Refusal ??= _refusal;
        return one;
    }

    private async Task<ServerChange> DoAsync(ServerChange one, Func<CancellationToken, Task> step, CancellationToken cancellation)
    {
        one.Refusal ??= _refusal;
        if (one.Refusal is null)
        {
            try
            {
                await step(cancellation).ConfigureAwait(false);
            }
            catch (RunCloudException e) when (e.IsFatal)
            {
                one.Refusal = e;
            }

            _refusal ??= one.Refusal;
        }

        return one;
    }

    /// <summary>The selected servers, each once.</summary>
    private async IAsyncEnumerable<(long Id, Server? Server)> ServersAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var one in given ?? [])
        {
            if (_seen.Add(one.Id))
            {
                yield return one;
            }
        }

        if (given is not null)
        {
            _hasListed = true;
            yield break;
        }

        var servers = client.GetServersAsync(cancellation).GetAsyncEnumerator(cancellation);
        await using (servers.ConfigureAwait(false))
        {
            while (await NextAsync(servers).ConfigureAwait(false))
            {
                if (_seen.Add(servers.Current.Id))
                {
                    yield return (servers.Current.Id, servers.Current);
                }
            }
        }

        _hasListed = true;

        async Task<bool> NextAsync(IAsyncEnumerator<Server> list)
        {
            try
            {
                return await list.MoveNextAsync().ConfigureAwait(false);
            }
            catch (RunCloudException e) when (!e.IsFatal && _seen.Count > 0)
            {
                // The listed servers are worked on; the failure is reported.
                ListFailure = e;
                return false;
            }
        }
    }

    /// <summary>A server and its plan, which is <see langword="null"/> if the server is excluded.</summary>
    private async Task<(Server Server, ServerPlan? Plan)> PlanAsync((long Id, Server? Server) one, CancellationToken cancellation)
    {
        Server server;
        try
        {
            server = one.Server ?? await client.GetServerAsync(one.Id, cancellation).ConfigureAwait(false);
        }
        catch (RunCloudException e) when (!e.IsFatal)
        {
            server = new Server(one.Id, string.Empty);
            return (server, ServerPlan.Unread(server, e));
        }

        var plan = IsExcluded(server) ? null
            : change.Excludes is not null && server.Name.Length == 0 ? ServerPlan.Unread(server, new RunCloudException(
                RunCloudError.InvalidResponse, $"RunCloud gives no name for server {server.Id}, so -ExcludeServer could not be applied to it, and it was left alone."))
            : await ServerPlan.ReadAsync(client, server, change, cancellation).ConfigureAwait(false);
        return (server, plan);
    }

    private bool IsExcluded(Server server) => server.Name.Length > 0 && change.Excludes?.Invoke(server.Name) == true;

    private async Task<IReadOnlyCollection<string>> UsersOfAsync(Server server, CancellationToken cancellation)
    {
        try
        {
            return [.. (await client.GetSystemUsersAsync(server.Id, server, cancellation).ConfigureAwait(false)).Select(user => user.User).OfType<string>()];
        }
        catch (RunCloudException e) when (!e.IsFatal)
        {
            // A name that was not found anywhere else stays missing.
            return [];
        }
    }

    /// <summary>The current servers of the workspace by id; <see langword="null"/> if servers were given, or cannot be listed.</summary>
    private async Task<Dictionary<long, Server>?> ListAgainAsync(CancellationToken cancellation)
    {
        if (given is not null || _refusal is not null)
        {
            return null;
        }

        var now = new Dictionary<long, Server>();
        try
        {
            await foreach (var server in client.GetServersAsync(cancellation).ConfigureAwait(false))
            {
                now[server.Id] = server;
                if (_seen.Add(server.Id))
                {
                    NoteLate(server);
                }
            }

            return now;
        }
        catch (RunCloudException e)
        {
            SecondListFailure = e;
            _refusal = e.IsFatal ? e : null;
            return null;
        }
    }

    private void NoteLate(Server server)
    {
        if (IsExcluded(server))
        {
            _excluded.Add(server);
            return;
        }

        var failure = new RunCloudException(
            RunCloudError.IncompleteList, $"{server} was not on the first list of servers, so it was neither read nor changed. Run the command again.");
        _late.Add(new SshKeyRevocation(server, RevocationStatus.Failed, failure.Message)
        {
            Cause = OutcomeReason.AppearedLater,
            Failure = failure,
            Keys = change.KeyTexts,
        });
    }

    /// <summary>The current state of a server: from the second list, or else read individually if something was changed on it.</summary>
    private async Task<ServerState?> StateOfAsync(ServerChange one, Dictionary<long, Server>? now, CancellationToken cancellation)
    {
        var id = one.Plan.Server.Id;
        return now is not null && now.TryGetValue(id, out var listed) ? new ServerState(listed, Failure: null)
            : one.HasTouched ? await client.ReadStateAsync(id, cancellation).ConfigureAwait(false)
            : null;
    }
}
