using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.Api;

/// <summary>
/// Keeps connections to an address below what gets this machine banned there: one at a time, three in 20 seconds, and a limit in ten minutes,
/// whichever command makes them.
/// </summary>
/// <remarks>
/// RunCloud's default ban is five attempts in ten minutes, and OpenSSH 10 penalises the fourth connection within a short time. The numbers count
/// from the end of a connection, since that is when a server counts it.
/// </remarks>
/// <param name="time">The clock.</param>
internal sealed class AttemptBudget(TimeProvider time)
{
    private const int BurstLimit = 3;
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, Gate> gates = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The budget of this process: all commands of all its runspaces come from the same address.</summary>
    internal static AttemptBudget Session { get; } = new(TimeProvider.System);

    /// <summary>The clock's time, in UTC.</summary>
    internal DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Waits until a connection to the address may be made; at once where the limit in ten minutes is reached.</summary>
    /// <param name="address">The server's address.</param>
    /// <param name="limit">How many connections there may be in ten minutes.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>The permit, to be disposed of when the connection has ended; without one, the time from which there may be one.</returns>
    internal async Task<Attempt> AcquireAsync(string address, int limit, CancellationToken cancellation)
    {
        var gate = gates.GetOrAdd(address, _ => new Gate());
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

    /// <summary>Forgets the connections to an address, as if they were long ago.</summary>
    internal void Forget(string address)
    {
        if (gates.TryGetValue(address, out var gate))
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
/// <param name="end">What is done at the end of the connection; <see langword="null"/> where there is no permit.</param>
/// <param name="askAgainAt">When there may be one.</param>
internal sealed class Attempt(Action? end, DateTimeOffset? askAgainAt) : IDisposable
{
    private Action? end = end;

    /// <summary>When to ask again; <see langword="null"/> where the connection may be made.</summary>
    internal DateTimeOffset? AskAgainAt { get; } = askAgainAt;

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref end, null)?.Invoke();
}
