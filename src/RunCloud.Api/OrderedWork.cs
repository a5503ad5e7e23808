using System.Runtime.CompilerServices;

namespace RunCloud.Api;

/// <summary>Bounded parallel work. Pieces of work begin in the order in which they were given, and only a limited number run at once.</summary>
/// <param name="limit">The most pieces of work that run at once.</param>
internal sealed class OrderedWork(int limit) : IDisposable
{
    /// <summary>How many results may wait behind a slow one. This limits memory.</summary>
    internal const int Backlog = 1024;

    private readonly SemaphoreSlim _slots = new(limit);
    private readonly CancellationTokenSource _waiting = new();
    private readonly CancellationTokenSource _underWay = new();
    private readonly List<Task> _begun = [];

    /// <summary>The most pieces of work that run at once.</summary>
    internal int Limit => limit;

    /// <summary>Cancelled when nothing more is to begin.</summary>
    internal CancellationToken Waiting => _waiting.Token;

    /// <summary>Does the work for each item. Stopping early cancels the work under way and waits for its end.</summary>
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

    /// <summary>The same for items that are already available.</summary>
    internal IAsyncEnumerable<TResult> ForEachAsync<T, TResult>(
        IReadOnlyList<T> source, Func<T, CancellationToken, Task<TResult>> work, CancellationToken cancellation) =>
        ForEachAsync(Each(source), work, cancellation);

    /// <summary>Begins one piece of work as soon as there is room for it, unless <paramref name="begin"/> is cancelled before.</summary>
    /// <returns>A task that ends with the work; cancelled if the work did not begin.</returns>
    internal Task<TResult> Begin<TResult>(Func<CancellationToken, Task<TResult>> work, CancellationToken begin) => Track(RunAsync(work, begin, _underWay.Token));

    /// <summary>Prevents more work from beginning. Work under way goes on.</summary>
    internal void BeginNoMore() => _waiting.Cancel();

    /// <summary>Cancels all work given to <see cref="Begin"/>.</summary>
    internal void Cancel()
    {
        _waiting.Cancel();
        _underWay.Cancel();
    }

    /// <summary>After a cancellation: waits for the end of the work under way, which comes at once.</summary>
    internal void Join()
    {
        Task[] all;
        lock (_begun)
        {
            all = [.. _begun];
        }

        try
        {
            Task.WaitAll(all);
        }
        catch (AggregateException)
        {
            // The caller has the failure, or is no longer waiting.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Join();
        _slots.Dispose();
        _waiting.Dispose();
        _underWay.Dispose();
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
        lock (_begun)
        {
            _ = _begun.RemoveAll(other => other.IsCompleted);
            _begun.Add(task);
        }

        return task;
    }

    /// <summary>Queues on the caller's thread, so that work begins in order. The work itself runs on other threads.</summary>
    private async Task<TResult> RunAsync<TResult>(Func<CancellationToken, Task<TResult>> work, CancellationToken begin, CancellationToken goOn)
    {
        var caller = Environment.CurrentManagedThreadId;
        await _slots.WaitAsync(begin).ConfigureAwait(false);
        try
        {
            begin.ThrowIfCancellationRequested();

            // If there was room at once, this is still the caller's thread.
            var result = Environment.CurrentManagedThreadId == caller ? Task.Run(() => work(goOn), CancellationToken.None) : work(goOn);
            return await result.ConfigureAwait(false);
        }
        finally
        {
            _ = _slots.Release();
        }
    }
}
