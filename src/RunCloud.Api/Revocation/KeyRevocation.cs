using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.Api;

/// <summary>
/// The whole job about a key, without a shell: read every server, save what is about to go, change, read back, confirm, and look for what is
/// left. The steps are taken in this order; who takes them shows the plan and asks in between. It asks nothing and writes nothing itself.
/// </summary>
/// <param name="client">What calls.</param>
/// <param name="change">What is to be done.</param>
/// <param name="given">
/// The servers that were named, each as it is known or by its id alone; <see langword="null"/> for every server of the workspace.
/// </param>
/// <param name="throttleLimit">How many servers may be worked on at once.</param>
internal sealed class KeyRevocation(RunCloudClient client, KeyChange change, IReadOnlyList<(long Id, Server? Server)>? given, int throttleLimit) : IDisposable
{
    /// <summary>A clean server whose list was read longer ago than this at the end is read once more.</summary>
    private static readonly TimeSpan OldAge = TimeSpan.FromMinutes(15);

    private readonly OrderedWork work = new(throttleLimit);
    private readonly List<ServerPlan> plans = [];
    private readonly List<Server> excluded = [];
    private readonly List<ServerChange> changes = [];
    private readonly List<SshKeyRevocation> late = [];
    private readonly List<Leftovers> leftovers = [];
    private readonly HashSet<long> seen = [];
    private volatile RunCloudException? refusal;

    /// <summary>What is to be done on each server that was read.</summary>
    internal IReadOnlyList<ServerPlan> Plans => plans;

    /// <summary>How many servers there are, those left alone included.</summary>
    internal int Servers => seen.Count;

    /// <summary>How many servers were left alone.</summary>
    internal int Excluded => excluded.Count;

    /// <summary>The servers that were left alone.</summary>
    internal IReadOnlyList<Server> ExcludedServers => excluded;

    /// <summary>Whether every server of the workspace was meant, and not only those that were named.</summary>
    internal bool IsWholeWorkspace => given is null;

    /// <summary>What is to be done.</summary>
    internal KeyChange Change => change;

    /// <summary>Why the list of servers could not be read to its end the first time; <see langword="null"/> when it could.</summary>
    internal RunCloudException? ListFailure { get; private set; }

    /// <summary>The same for the second time, after the changes.</summary>
    internal RunCloudException? SecondListFailure { get; private set; }

    /// <summary>The refused token that ended the work; <see langword="null"/> when none did.</summary>
    internal RunCloudException? Refusal => refusal;

    /// <summary>Whether every server that was meant is accounted for, and the work came to its end.</summary>
    internal bool IsComplete { get; private set; }

    /// <summary>Whether changes have begun.</summary>
    internal bool HasBegun => changes.Count > 0;

    /// <summary>What is left behind on each server that was looked at.</summary>
    internal IReadOnlyList<Leftovers> Leftovers => leftovers;

    /// <summary>The requests that carrying out the plan takes, when nothing goes wrong.</summary>
    internal int ExpectedRequests(bool savesUndo, bool inspects) =>
        new RequestEstimate(plans, given is null ? seen.Count : null, change.Replacement is not null, savesUndo, inspects).Total;

    /// <summary>Reads every server's list, and makes the plan.</summary>
    /// <returns>The plan of each server, in order.</returns>
    /// <exception cref="RunCloudException">Not one server could be listed, or the token was refused.</exception>
    internal async IAsyncEnumerable<ServerPlan> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var (server, plan) in work.ForEachAsync(ServersAsync(cancellation), PlanAsync, cancellation).ConfigureAwait(false))
        {
            if (plan is null)
            {
                excluded.Add(server);
                continue;
            }

            plans.Add(plan);
            yield return plan;
        }
    }

    /// <summary>Looks among the system users of all servers for names that stand on no credential, where every server was read.</summary>
    /// <returns>The names that were found nowhere.</returns>
    /// <exception cref="RunCloudException">The token was refused.</exception>
    internal async Task<IReadOnlyList<string>> FindMissingUsersAsync(IEnumerable<string> names, CancellationToken cancellation)
    {
        var missing = names.ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (missing.Count == 0 || plans.Exists(plan => plan.Failure is not null))
        {
            // On a server that was not read the name may stand, and that server is no good end anyway.
            return [];
        }

        var servers = plans.Select(plan => plan.Server).ToList();
        await foreach (var users in work.ForEachAsync(servers, UsersOfAsync, cancellation).ConfigureAwait(false))
        {
            missing.ExceptWith(users);
            if (missing.Count == 0)
            {
                break;
            }
        }

        return [.. missing];
    }

    /// <summary>Reads what no list tells of the credentials that are to go, whether they are temporary, so that they can be put back.</summary>
    /// <returns>The credentials of which it could not be read, with the reason, a server's together.</returns>
    /// <exception cref="RunCloudException">The token was refused.</exception>
    internal async IAsyncEnumerable<IReadOnlyList<SshCredentialProblem>> CompleteAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var places = Enumerable.Range(0, plans.Count).Where(place => plans[place].HasWork).ToList();
        await foreach (var (place, plan, unread) in work.ForEachAsync(
            places,
            async (place, stop) =>
            {
                var (whole, unread) = await UndoReading.CompleteAsync(client, plans[place], stop).ConfigureAwait(false);
                return (place, whole, unread);
            },
            cancellation).ConfigureAwait(false))
        {
            plans[place] = plan;
            yield return unread;
        }
    }

    /// <summary>From here on there is an account of every server, however the work ends.</summary>
    internal void Begin() => changes.AddRange(plans.Select(plan => new ServerChange(client, change, plan)));

    /// <summary>Changes what is to be changed, and reads each touched list back.</summary>
    /// <returns>Each server that is done.</returns>
    internal async IAsyncEnumerable<ServerChange> ExecuteAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var due = changes.Where(one => one.Plan.HasWork).ToList();
        await foreach (var one in work.ForEachAsync(due, (one, stop) => DoAsync(one, one.RunAsync, stop), cancellation).ConfigureAwait(false))
        {
            yield return one;
        }
    }

    /// <summary>Reads the servers a second time, and holds the accounts against that. Nothing that shows only now is touched.</summary>
    /// <returns>Each server that is confirmed.</returns>
    internal async IAsyncEnumerable<ServerChange> ConfirmAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var now = await ListAgainAsync(cancellation).ConfigureAwait(false);
        var limit = client.Now - OldAge;
        await foreach (var one in work.ForEachAsync(
            changes,
            (one, stop) => DoAsync(
                one,
                async inner => await one.ConfirmAsync(
                    await StateOfAsync(one, now, inner).ConfigureAwait(false), one.Plan.CheckedAt < limit, inner).ConfigureAwait(false),
                stop),
            cancellation).ConfigureAwait(false))
        {
            yield return one;
        }

        IsComplete = refusal is null && ListFailure is null && SecondListFailure is null && late.Count == 0 && plans.Count > 0;
    }

    /// <summary>Looks at the touched servers that are online for what the removals leave behind.</summary>
    /// <returns>What is left on each of them.</returns>
    internal async IAsyncEnumerable<Leftovers> InspectAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var keys = new SshKeyFilter(change.Keys);
        var touched = changes.Where(one => one.HasTouched && one.Plan.Server.Reachability != ServerReachability.Offline).Select(one => one.Plan).ToList();
        await foreach (var found in work.ForEachAsync(
            touched,
            async (plan, stop) =>
            {
                if (refusal is { } refused)
                {
                    return new Leftovers(plan.Server, [], [], [], plan.AuthoritiesOf, [refused]);
                }

                var left = await RunCloud.Api.Leftovers.ReadAsync(client, plan, keys, stop).ConfigureAwait(false);
                refusal ??= left.Unread.FirstOrDefault(failure => failure.IsFatal);
                return left;
            },
            cancellation).ConfigureAwait(false))
        {
            leftovers.Add(found);
            yield return found;
        }
    }

    /// <summary>The account of every server, in order, those that were met only at the end last. It can be taken at any time.</summary>
    /// <param name="isRunning">Whether the work still goes on, so that what is not settled is not known yet.</param>
    internal IReadOnlyList<SshKeyRevocation> Accounts(bool isRunning = false) =>
        [.. changes.Select(one => Refused(one).Account(isRunning)), .. late];

    /// <summary>What would be done on every server.</summary>
    internal IReadOnlyList<SshKeyRevocation> Planned() => [.. plans.Select(plan => new ServerChange(client, change, plan).Planned())];

    /// <summary>After a cancellation: waits until what is under way has ended, which it does at once.</summary>
    internal void Join() => work.Join();

    /// <inheritdoc/>
    public void Dispose() => work.Dispose();

    private ServerChange Refused(ServerChange one)
    {
        one.Refusal ??= refusal;
        return one;
    }

    private async Task<ServerChange> DoAsync(ServerChange one, Func<CancellationToken, Task> step, CancellationToken cancellation)
    {
        one.Refusal ??= refusal;
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

            refusal ??= one.Refusal;
        }

        return one;
    }

    /// <summary>The servers that are meant, each once.</summary>
    private async IAsyncEnumerable<(long Id, Server? Server)> ServersAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var one in given ?? [])
        {
            if (seen.Add(one.Id))
            {
                yield return one;
            }
        }

        if (given is not null)
        {
            yield break;
        }

        var servers = client.GetServersAsync(cancellation).GetAsyncEnumerator(cancellation);
        await using (servers.ConfigureAwait(false))
        {
            while (await NextAsync(servers).ConfigureAwait(false))
            {
                if (seen.Add(servers.Current.Id))
                {
                    yield return (servers.Current.Id, servers.Current);
                }
            }
        }

        async Task<bool> NextAsync(IAsyncEnumerator<Server> list)
        {
            try
            {
                return await list.MoveNextAsync().ConfigureAwait(false);
            }
            catch (RunCloudException e) when (!e.IsFatal && seen.Count > 0)
            {
                // What was listed is done; what was not is said.
                ListFailure = e;
                return false;
            }
        }
    }

    /// <summary>A server and its plan, which is <see langword="null"/> where the server is left alone.</summary>
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
            // A name that is nowhere else stays missing.
            return [];
        }
    }

    /// <summary>The servers of the workspace now, by their ids; <see langword="null"/> where they were named, or cannot be listed.</summary>
    private async Task<Dictionary<long, Server>?> ListAgainAsync(CancellationToken cancellation)
    {
        if (given is not null || refusal is not null)
        {
            return null;
        }

        var now = new Dictionary<long, Server>();
        try
        {
            await foreach (var server in client.GetServersAsync(cancellation).ConfigureAwait(false))
            {
                now[server.Id] = server;
                if (seen.Add(server.Id))
                {
                    NoteLate(server);
                }
            }

            return now;
        }
        catch (RunCloudException e)
        {
            SecondListFailure = e;
            refusal ??= e.IsFatal ? e : null;
            return null;
        }
    }

    private void NoteLate(Server server)
    {
        if (IsExcluded(server))
        {
            excluded.Add(server);
            return;
        }

        var failure = new RunCloudException(
            RunCloudError.IncompleteList, $"{server} was not on the first list of servers, so it was neither read nor changed. Run the command again.");
        late.Add(new SshKeyRevocation(server, RevocationStatus.Failed, failure.Message)
        {
            Cause = OutcomeReason.AppearedLater,
            Failure = failure,
            Keys = change.KeyTexts,
        });
    }

    /// <summary>A server as it stands now: from the second list, else singly where something was changed on it.</summary>
    private async Task<ServerState?> StateOfAsync(ServerChange one, Dictionary<long, Server>? now, CancellationToken cancellation)
    {
        var id = one.Plan.Server.Id;
        return now is not null && now.TryGetValue(id, out var listed) ? new ServerState(listed, Failure: null)
            : one.HasTouched ? await client.ReadStateAsync(id, cancellation).ConfigureAwait(false)
            : null;
    }
}
