using System.Collections.Concurrent;

namespace RunCloud.Api;

/// <summary>
/// Limits connections to an address so that this machine is not banned there: one at a time, three in 20 seconds, and a limit in ten minutes,
/// over all commands.
/// </summary>
/// <remarks>
/// RunCloud bans by default after five attempts in ten minutes, and OpenSSH 10 penalises the fourth connection within a short time. Times are measured
/// from the end of a connection, because servers count it then.
/// </remarks>
/// <param name="time">The clock.</param>
internal sealed class AttemptBudget(TimeProvider time)
{
    private const int BurstLimit = 3;
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, Gate> _gates = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The budget of this process. Servers see the same address for all its commands and runspaces.</summary>
    internal static AttemptBudget Session { get; } = new(TimeProvider.System);

    /// <summary>The clock's time, in UTC.</summary>
    internal DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Waits until a connection to the address is allowed. Returns at once if the limit in ten minutes is reached.</summary>
    /// <param name="address">The server's address.</param>
    /// <param name="limit">The most connections in ten minutes.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <returns>A permit, to be disposed of when the connection has ended; or, without a permit, the time from which one is available.</returns>
    internal async Task<Attempt> AcquireAsync(string address, int limit, CancellationToken cancellation)
    {
        var gate = _gates.GetOrAdd(address, _ => new Gate());
        await gate.Turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            while (true)
            {
                gate.Forget(Now - Window);
                if (gate.Ends.Count >= limit)
                {
                    _ = gate.Turn.Release();
                    return new Attempt(null, gate.Ends[gate.Ends.Count - limit] + Window);
                }

                var wait = gate.Ends.Count < BurstLimit ? TimeSpan.Zero : gate.Ends[gate.Ends.Count - BurstLimit] + Burst - Now;
                if (wait <= TimeSpan.Zero)
                {
                    gate.Ends.Add(Now);
                    return new Attempt(() => End(gate), askAgainAt: null);
                }

                await time.DelayAsync(wait, cancellation).ConfigureAwait(false);
            }
        }
        catch
        {
            _ = gate.Turn.Release();
            throw;
        }
    }

    /// <summary>Forgets the connections to an address.</summary>
    internal void Forget(string address)
    {
        if (_gates.TryGetValue(address, out var gate))
        {
            gate.Ends.Clear();
        }
    }

    private void End(Gate gate)
    {
        gate.Ends[gate.Ends.Count - 1] = Now;
        _ = gate.Turn.Release();
    }

    /// <summary>The connections to one address. It lives as long as the session, so it is never disposed of.</summary>
    private sealed class Gate
    {
        internal SemaphoreSlim Turn { get; } = new(1);

        internal List<DateTimeOffset> Ends { get; } = [];

        internal void Forget(DateTimeOffset before) => Ends.RemoveAll(end => end <= before);
    }
}

/// <summary>The permit to make one connection, or the time to ask for one again.</summary>
/// <param name="end">The action at the end of the connection; <see langword="null"/> if there is no permit.</param>
/// <param name="askAgainAt">When a permit is available.</param>
internal sealed class Attempt(Action? end, DateTimeOffset? askAgainAt) : IDisposable
{
    private Action? _end = end;

    /// <summary>When to ask again; <see langword="null"/> if the connection is allowed.</summary>
    internal DateTimeOffset? AskAgainAt { get; } = askAgainAt;

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
}
