using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RunCloud.Api;

/// <summary>What to ask every server.</summary>
internal sealed record VerificationOptions
{
    /// <summary>The SSH port.</summary>
    public required int Port { get; init; }

    /// <summary>The most connections to an address in ten minutes.</summary>
    public required int AttemptLimit { get; init; }

    /// <summary>The most connections at once, each to another server.</summary>
    public required int ThrottleLimit { get; init; }

    /// <summary>Users to ask about even if RunCloud does not list them. If only these are selected, RunCloud's record is not read.</summary>
    public IReadOnlyList<string> NamedUsers { get; init; } = [];

    /// <summary>The pattern for users that RunCloud lists; <see langword="null"/> for none besides those that are named.</summary>
    public Func<string, bool>? AcceptsListed { get; init; }
}

/// <summary>What was learned about one server.</summary>
/// <param name="Target">The server.</param>
/// <param name="Tests">The answers, for each user and key.</param>
/// <param name="Failures">The parts of RunCloud's record that could not be read.</param>
internal sealed record VerificationResult(VerificationTarget Target, IReadOnlyList<SshKeyTest> Tests, IReadOnlyList<RunCloudException> Failures);

/// <summary>Asks servers over SSH whether they would accept keys. It is independent of a shell, never prompts and writes nothing.</summary>
/// <param name="ssh">The client.</param>
/// <param name="options">What to ask.</param>
/// <param name="budget">The connection limits.</param>
internal sealed class KeyVerification(SshClient ssh, VerificationOptions options, AttemptBudget budget) : IDisposable
{
    private const string Root = "root";

    /// <summary>How long RunCloud's agent may take to carry out a removal.</summary>
    private static readonly TimeSpan Lag = TimeSpan.FromMinutes(1);

    private readonly SshProbe _probe = new(ssh);

    // A server that waits for its turn does not block others. Only connections and reads are limited.
    private readonly OrderedWork _work = new(int.MaxValue);
    private readonly SemaphoreSlim _slots = new(options.ThrottleLimit);

    /// <summary>Called on any thread for each finished step. A step is a connection, or a skipped one.</summary>
    internal Action? StepDone { get; init; }

    /// <summary>Called on any thread with the number of steps for a server.</summary>
    internal Action<int>? StepsKnown { get; init; }

    /// <summary>Asks every server.</summary>
    /// <returns>The results, in order.</returns>
    /// <exception cref="RunCloudException">The token was refused.</exception>
    internal IAsyncEnumerable<VerificationResult> TestAsync(IReadOnlyList<VerificationTarget> targets, CancellationToken cancellation) =>
        _work.ForEachAsync(targets, TestAsync, cancellation);

    /// <summary>After a cancellation: waits for the end of the work under way, which comes at once.</summary>
    internal void Join() => _work.Join();

    /// <inheritdoc/>
    public void Dispose()
    {
        _work.Dispose();
        _slots.Dispose();
    }

    private async Task<VerificationResult> TestAsync(VerificationTarget target, CancellationToken cancellation)
    {
        var failures = new List<RunCloudException>();
        Server server;
        IReadOnlyList<string> users;
        await _slots.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            server = target.Server ?? await target.Client.GetServerAsync(target.ServerId, cancellation).ConfigureAwait(false);
            users = await UsersAsync(target, server, failures, cancellation).ConfigureAwait(false);
        }
        catch (RunCloudException e) when (!e.IsFatal)
        {
            return new VerificationResult(target, [], [e]);
        }
        finally
        {
            _ = _slots.Release();
        }

        var tests = new List<SshKeyTest>();
        ProbeResult? standing = null;
        var parts = Enumerable.Range(0, (target.Keys.Count + SshProbe.MostKeys - 1) / SshProbe.MostKeys)
            .Select(part => target.Keys.Skip(part * SshProbe.MostKeys).Take(SshProbe.MostKeys).ToList()).ToList();
        StepsKnown?.Invoke(users.Count * parts.Count);
        foreach (var (user, keys) in users.SelectMany(user => parts.Select(part => (user, part))))
        {
            var result = standing is null ? await AskAsync(server, user, keys, cancellation).ConfigureAwait(false) : Repeated(standing, keys.Count);
            standing ??= result.StandsForAll ? result : null;
            tests.AddRange(keys.Select((key, i) => ToTest(target, server, user, key, result, result.Answers[i])));
            StepDone?.Invoke();
        }

        return new VerificationResult(target, tests, failures);
    }

    /// <summary>The users to ask about: first those whose record had the key, then root, then the others that RunCloud lists.</summary>
    private async Task<IReadOnlyList<string>> UsersAsync(VerificationTarget target, Server server, List<RunCloudException> failures, CancellationToken cancellation)
    {
        if (target.Users.Count > 0)
        {
            return [.. target.Users.Where(user => options.AcceptsListed?.Invoke(user) != false || options.NamedUsers.Contains(user, StringComparer.OrdinalIgnoreCase))];
        }

        if (options.AcceptsListed is not { } accepts)
        {
            return options.NamedUsers;
        }

        var listed = new List<string>();
        await TryAsync(async () =>
        {
            var query = new SshCredentialQuery { Keys = [.. target.Keys.Select(SshKeySelector.For)] };
            var found = await target.Client.FindSshCredentialsAsync(target.ServerId, server, query, cancellation).ConfigureAwait(false);
            listed.AddRange(found.Credentials.Select(credential => credential.User).OfType<string>());
            failures.AddRange(found.Incomplete is { } incomplete ? [incomplete] : []);
        }).ConfigureAwait(false);
        listed.Add(Root);
        await TryAsync(async () => listed.AddRange(
            (await target.Client.GetSystemUsersAsync(target.ServerId, server, cancellation).ConfigureAwait(false)).Select(user => user.User).OfType<string>())).ConfigureAwait(false);
        var wanted = listed.Distinct(StringComparer.Ordinal).Where(accepts).ToList();
        return [.. wanted, .. options.NamedUsers.Where(name => !wanted.Contains(name, StringComparer.OrdinalIgnoreCase))];

        async Task TryAsync(Func<Task> read)
        {
            try
            {
                await read().ConfigureAwait(false);
            }
            catch (RunCloudException e) when (!e.IsFatal)
            {
                failures.Add(e);
            }
        }
    }

    private async Task<ProbeResult> AskAsync(Server server, string user, List<SshPublicKey> keys, CancellationToken cancellation)
    {
        if (AddressOf(server) is not { } address)
        {
            return NotAsked(keys, server.IPAddress is null
                ? "RunCloud gives no address for this server, so it was not asked."
                : $"'{ApiText.Clean(server.IPAddress)}' is not a machine's IP address, so the server was not asked.");
        }

        if (!SshClient.CanNameUser(user))
        {
            return NotAsked(keys, "The user's name contains characters that the SSH client may misread, so the server was not asked.");
        }

        using var attempt = await budget.AcquireAsync(address, options.AttemptLimit, cancellation).ConfigureAwait(false);
        if (attempt.AskAgainAt is { } time)
        {
            return NotAsked(keys, string.Format(
                CultureInfo.InvariantCulture, "Not asked: another connection could get this machine's address banned. Ask again after {0:HH:mm:ss} UTC.", time.UtcDateTime));
        }

        await _slots.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await _probe.AskAsync(new SshDestination(address, options.Port, user), keys, server.IsReachable, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _ = _slots.Release();
        }
    }

    /// <summary>The address of one machine in canonical form; <see langword="null"/> if there is none.</summary>
    private static string? AddressOf(Server server)
    {
        if (!IPAddress.TryParse(server.IPAddress, out var address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)
            || address.Equals(IPAddress.Broadcast) || address.IsIPv6Multicast)
        {
            return null;
        }

        var text = address.ToString();
        return address.AddressFamily == AddressFamily.InterNetworkV6 || text == server.IPAddress ? text : null;
    }

    private static ProbeResult NotAsked(List<SshPublicKey> keys, string why) =>
        Repeated(new ProbeResult([new KeyAnswer(SshKeyTestStatus.Unknown, why)], HostKey: null, StandsForAll: false), keys.Count);

    private static ProbeResult Repeated(ProbeResult result, int keys) =>
        result with { Answers = [.. Enumerable.Repeat(result.Answers[0], keys)] };

    private SshKeyTest ToTest(VerificationTarget target, Server server, string user, SshPublicKey key, ProbeResult result, KeyAnswer answer)
    {
        var now = budget.Now;
        var detail = answer.Status == SshKeyTestStatus.Accepted && target.RemovedAt is { } removed && now - removed < Lag
            ? $"{answer.Detail} The removal is less than a minute old, and RunCloud's agent may not have caught up. Ask again before you act on this."
            : answer.Detail;
        return new SshKeyTest(server, user, key, answer.Status, detail) { Port = options.Port, HostKeyState = result.HostKey, TestedAt = now };
    }
}
