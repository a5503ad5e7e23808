using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.Api;

/// <summary>Bounded parallel work: it begins in the order in which it is given, and no more than a number of pieces are under way at once.</summary>
/// <param name="limit">How many pieces of work may be under way at once.</param>
internal sealed class OrderedWork(int limit) : IDisposable
{
    /// <summary>Results that may wait behind a slow one, so that memory is bounded.</summary>
    internal const int Backlog = 1024;

    private readonly SemaphoreSlim slots = new(limit);
    private readonly CancellationTokenSource waiting = new();
    private readonly CancellationTokenSource underWay = new();
    private readonly List<Task> begun = [];

    /// <summary>How many pieces of work may be under way at once.</summary>
    internal int Limit => limit;

    /// <summary>Cancelled when nothing more is to begin.</summary>
    internal CancellationToken Waiting => waiting.Token;

    /// <summary>Does the work for each item. Whoever stops early cancels what is under way, and waits for its end.</summary>
    /// <returns>The results, in the order of the items.</returns>
    internal async IAsyncEnumerable<TResult> ForEachAsync<T, TResult>(
        IAsyncEnumerable<T> source, Func<T, CancellationToken, Task<TResult>> work, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var ahead = new Queue<Task<TResult>>();
        using var abandon = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            await foreach (var item in source.WithCancellation(abandon.Token).ConfigureAwait(false))
            {
                ahead.Enqueue(Track(RunAsync(goOn => work(item, goOn), abandon.Token, abandon.Token)));
                while (ahead.Count > 0 && (ahead.Peek().IsCompleted || ahead.Count >= Backlog))
                {
                    yield return await ahead.Dequeue().ConfigureAwait(false);
                }
            }

            while (ahead.Count > 0)
            {
                yield return await ahead.Dequeue().ConfigureAwait(false);
            }
        }
        finally
        {
            await abandon.CancelAllAsync(ahead).ConfigureAwait(false);
        }
    }

    /// <summary>The same for items that are there already.</summary>
    internal IAsyncEnumerable<TResult> ForEachAsync<T, TResult>(
        IReadOnlyList<T> source, Func<T, CancellationToken, Task<TResult>> work, CancellationToken cancellation) =>
        ForEachAsync(Each(source), work, cancellation);

    /// <summary>Begins one piece of work as soon as there is room for it, unless <paramref name="begin"/> is cancelled before.</summary>
    /// <returns>Ends with the work; cancelled where it did not begin.</returns>
    internal Task<TResult> Begin<TResult>(Func<CancellationToken, Task<TResult>> work, CancellationToken begin) => Track(RunAsync(work, begin, underWay.Token));

    /// <summary>Lets nothing more begin. What is under way goes on.</summary>
    internal void BeginNoMore() => waiting.Cancel();

    /// <summary>Cancels everything that <see cref="Begin"/> was given.</summary>
    internal void Cancel()
    {
        waiting.Cancel();
        underWay.Cancel();
    }

    /// <summary>After a cancellation: waits until what is under way has ended, which it does at once.</summary>
    internal void Join()
    {
        Task[] all;
        lock (begun)
        {
            all = [.. begun];
        }

        try
        {
            Task.WaitAll(all);
        }
        catch (AggregateException)
        {
            // Whoever wanted the result has it, or no longer waits.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Join();
        slots.Dispose();
        waiting.Dispose();
        underWay.Dispose();
    }

#pragma warning disable CS1998 // An iterator without a wait.
    private static async IAsyncEnumerable<T> Each<T>(IReadOnlyList<T> items)
    {
        foreach (var item in items)
        {
            yield return item;
        }
    }
#pragma warning restore CS1998

    private Task<TResult> Track<TResult>(Task<TResult> task)
    {
        lock (begun)
        {
            _ = begun.RemoveAll(other => other.IsCompleted);
            begun.Add(task);
        }

        return task;
    }

    /// <summary>Gets in line on the caller's thread, so that work begins in order; the work itself runs elsewhere.</summary>
    private async Task<TResult> RunAsync<TResult>(Func<CancellationToken, Task<TResult>> work, CancellationToken begin, CancellationToken goOn)
    {
        await slots.WaitAsync(begin).ConfigureAwait(false);
        try
        {
            begin.ThrowIfCancellationRequested();
            return await Task.Run(() => work(goOn), CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _ = slots.Release();
        }
    }
}
