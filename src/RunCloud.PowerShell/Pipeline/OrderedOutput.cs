using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>What <see cref="OrderedOutput{TResult}"/> needs of its cmdlet, on the pipeline thread.</summary>
internal interface IOutputOwner
{
    /// <summary>Waits until something is so, which only what is posted can make so.</summary>
    void WaitUntil(Func<bool> isSo);

    /// <summary>From any thread: has it done on the pipeline thread.</summary>
    void Post(Action action);

    /// <summary>A result is about to be delivered.</summary>
    /// <param name="status">How far the command is; <see langword="null"/> where that is not told.</param>
    void Delivering(string? status);

    /// <summary>Writes the error of a piece of work that failed.</summary>
    void WriteFailure(RunCloudException exception, object? target);

    /// <summary>The work that calls the workspace of a client.</summary>
    WorkLane LaneOf(Origin origin);

    /// <summary>Notes that a workspace no longer accepts its token, so that nothing more is begun there.</summary>
    void Refuse(Origin origin, RunCloudException exception, object target);
}

/// <summary>What a cmdlet does with its outputs whatever their results are.</summary>
internal interface IOrderedOutput
{
    /// <summary>Waits for all work, and delivers its results.</summary>
    /// <param name="isEnd">Whether nothing more comes, so that the total is known.</param>
    void Drain(bool isEnd);

    /// <summary>Ends the work, since nobody takes its results any longer.</summary>
    void Abandon();
}

/// <summary>
/// Work of a cmdlet that runs in parallel while the pipeline streams, and whose results are delivered in the order of the input. Used on the
/// pipeline thread only; the work itself runs elsewhere.
/// </summary>
/// <typeparam name="TResult">What one piece of work gives.</typeparam>
/// <param name="owner">The cmdlet.</param>
/// <param name="work">What bounds the work; several outputs may share it.</param>
/// <param name="deliver">Takes the target and the result of one piece of work.</param>
internal sealed class OrderedOutput<TResult>(IOutputOwner owner, OrderedWork work, Action<object, TResult> deliver) : IOrderedOutput
{
    /// <summary>
    /// Work that is taken on and not yet done, in multiples of what may be under way: so much keeps the network busy. Whoever hands in more
    /// waits meanwhile, so that results come out as they are there and not when the next page of input is.
    /// </summary>
    private const int WorkAhead = 2;

    private readonly Queue<Job> queue = new();
    private readonly List<object> cutOff = [];
    private int unfinished;
    private int delivered;
    private int added;
    private bool hasAll;

    /// <summary>What one result is called in the progress, for example <c>servers read</c>; <see langword="null"/> where it is not told.</summary>
    internal string? Unit { get; init; }

    /// <summary>Whether work that has begun is waited for when nobody wants its result any longer: a change must not end unknown.</summary>
    internal bool FinishesWhatItBegan { get; init; }

    /// <summary>The targets of work that had begun and was cut off, so that nobody knows whether it was done.</summary>
    internal IReadOnlyList<object> CutOff => cutOff;

    /// <summary>Begins work as soon as there is room for it, and delivers what is ready.</summary>
    /// <param name="origin">The workspace that it calls.</param>
    /// <param name="target">What it is about.</param>
    /// <param name="job">The work.</param>
    internal void Add(Origin origin, object target, Func<CancellationToken, Task<TResult>> job)
    {
        Guarded(() =>
        {
            owner.WaitUntil(() => unfinished < WorkAhead * work.Limit);
            Begin(origin, target, job);
            while (queue.Count > 0 && (queue.Peek().Task.IsCompleted || queue.Count >= OrderedWork.Backlog))
            {
                DeliverNext();
            }
        });
    }

    /// <inheritdoc/>
    public void Drain(bool isEnd) => Guarded(() =>
    {
        hasAll |= isEnd;
        while (queue.Count > 0)
        {
            DeliverNext();
        }
    });

    /// <inheritdoc/>
    public void Abandon()
    {
        if (queue.Count == 0)
        {
            return;
        }

        work.BeginNoMore();
        if (!FinishesWhatItBegan)
        {
            work.Cancel();
        }

        while (queue.Count > 0)
        {
            var job = queue.Dequeue();
            try
            {
                job.Task.Wait(CancellationToken.None);
            }
            catch (AggregateException)
            {
                if (job.HasBegun)
                {
                    cutOff.Add(job.Target);
                }
            }
        }
    }

    private void Begin(Origin origin, object target, Func<CancellationToken, Task<TResult>> job)
    {
        var lane = owner.LaneOf(origin);
        var item = new Job(origin, target, begun => lane.Begin(cancellation =>
        {
            begun();
            return job(cancellation);
        }));
        queue.Enqueue(item);
        unfinished++;
        added++;
        _ = item.Task.ContinueWith(
            _ => owner.Post(() => unfinished--), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void DeliverNext()
    {
        var job = queue.Peek();
        owner.WaitUntil(() => job.Task.IsCompleted);
        _ = queue.Dequeue();
        delivered++;
        owner.Delivering(Unit is null ? null : hasAll ? FormattableString.Invariant($"{delivered} of {added} {Unit}") : FormattableString.Invariant($"{delivered} {Unit}"));
        try
        {
            deliver(job.Target, job.Task.GetAwaiter().GetResult());
        }
        catch (RunCloudException e) when (e.IsFatal)
        {
            owner.Refuse(job.Origin, e, job.Target);
        }
        catch (OperationCanceledException) when (owner.LaneOf(job.Origin).IsClosed)
        {
            // It was not begun, since a failure that all later calls share came before it.
        }
        catch (RunCloudException e)
        {
            owner.WriteFailure(e, job.Target);
        }
    }

    /// <summary>Does something that writes to the pipeline; when that is refused (Select-Object -First), ends the work first.</summary>
    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch
        {
            Abandon();
            throw;
        }
    }

    /// <summary>A piece of work, in the order of the input.</summary>
    private sealed class Job
    {
        private volatile bool hasBegun;

        internal Job(Origin origin, object target, Func<Action, Task<TResult>> start)
        {
            Origin = origin;
            Target = target;
            Task = start(() => hasBegun = true);
        }

        internal Origin Origin { get; }

        internal object Target { get; }

        internal Task<TResult> Task { get; }

        /// <summary>Whether anything of it may have been sent.</summary>
        internal bool HasBegun => hasBegun;
    }
}
