using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.Api;

/// <summary>Work on many items side by side, whose results come in the order of the items.</summary>
/// <param name="limit">How many pieces of work may be under way at once.</param>
internal sealed class OrderedWork(int limit) : IDisposable
{
    /// <summary>Results that may wait behind a slow one, so that memory is bounded.</summary>
    private const int Backlog = 1024;

    private readonly SemaphoreSlim slots = new(limit);
    private readonly List<Task> begun = [];

    /// <summary>Does the work for each item. Whoever stops early cancels what is under way, and waits for its end.</summary>
    internal async IAsyncEnumerable<TResult> ForEachAsync<T, TResult>(
        IAsyncEnumerable<T> source, Func<T, CancellationToken, Task<TResult>> work, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var underWay = new Queue<Task<TResult>>();
        using var abandon = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            await foreach (var item in source.WithCancellation(abandon.Token).ConfigureAwait(false))
            {
                underWay.Enqueue(Track(RunAsync(item, work, abandon.Token)));
                while (underWay.Count > 0 && (underWay.Peek().IsCompleted || underWay.Count >= Backlog))
                {
                    yield return await underWay.Dequeue().ConfigureAwait(false);
                }
            }

            while (underWay.Count > 0)
            {
                yield return await underWay.Dequeue().ConfigureAwait(false);
            }
        }
        finally
        {
            await abandon.CancelAllAsync(underWay).ConfigureAwait(false);
        }
    }

    /// <summary>The same for items that are there already.</summary>
    internal IAsyncEnumerable<TResult> ForEachAsync<T, TResult>(
        IReadOnlyList<T> source, Func<T, CancellationToken, Task<TResult>> work, CancellationToken cancellation) =>
        ForEachAsync(Each(source), work, cancellation);

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

    private async Task<TResult> RunAsync<T, TResult>(T item, Func<T, CancellationToken, Task<TResult>> work, CancellationToken cancellation)
    {
        await slots.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            cancellation.ThrowIfCancellationRequested();
            return await Task.Run(() => work(item, cancellation), CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _ = slots.Release();
        }
    }
}
