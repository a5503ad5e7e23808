using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>What <see cref="OrderedOutput{TResult}"/> needs from its cmdlet on the pipeline thread.</summary>
internal interface IOutputOwner
{
    /// <summary>Waits until a condition holds that only posted work can fulfil.</summary>
    void WaitUntil(Func<bool> isSo);

    /// <summary>From any thread: runs an action on the pipeline thread.</summary>
    void Post(Action action);

    /// <summary>A result is about to be delivered.</summary>
    /// <param name="status">The progress text; <see langword="null"/> if no progress is shown.</param>
    void Delivering(string? status);

    /// <summary>Writes the error of a piece of work that failed.</summary>
    void WriteFailure(RunCloudException exception, object? target);

    /// <summary>The work that calls the workspace of a client.</summary>
    WorkLane LaneOf(Origin origin);

    /// <summary>Notes that a workspace no longer accepts its token, so that nothing more is begun there.</summary>
    void Refuse(Origin origin, RunCloudException exception, object target);
}

/// <summary>The operations on an output that do not depend on the type of its results.</summary>
internal interface IOrderedOutput
{
    /// <summary>Waits for all work, and delivers its results.</summary>
    /// <param name="isEnd">Whether nothing more comes, so that the total is known.</param>
    void Drain(bool isEnd);

    /// <summary>Stops the work because nobody needs its results any more.</summary>
    void Abandon();
}

/// <summary>
/// Work of a cmdlet that runs in parallel while the pipeline streams, and whose results are delivered in the order of the input. Used on the
/// pipeline thread only; the work itself runs elsewhere.
/// </summary>
/// <typeparam name="TResult">What one piece of work gives.</typeparam>
/// <param name="owner">The cmdlet.</param>
/// <param name="work">What bounds the work; several outputs may share it.</param>
/// <param name="deliver">Receives the target and the result of one piece of work</param>
internal sealed class OrderedOutput<TResult>(IOutputOwner owner, OrderedWork work, Action<object, TResult> deliver) : IOrderedOutput
{
    /// <summary>
    /// The work that may be queued, in multiples of the work that may be under way. That is enough to keep the network busy. A caller with more
    /// work waits, so that results come out as soon as they are ready and not only when the next page of input arrives.
    /// </summary>
    private const int WorkAhead = 2;

    private readonly Queue<Job> _queue = new();
    private readonly List<object> _cutOff = [];
    private int _unfinished;
    private int _delivered;
    private int _added;
    private bool _hasAll;

    /// <summary>The unit in the progress text, for example <c>servers read</c>; <see langword="null"/> if no progress is shown.</summary>
    internal string? Unit { get; init; }

    /// <summary>Whether to wait for work that has begun even when nobody needs its result any more. The result of a change must be known.</summary>
    internal bool FinishesWhatItBegan { get; init; }

    /// <summary>The targets of work that was stopped after it had begun. It is not known whether it was done.</summary>
    internal IReadOnlyList<object> CutOff => _cutOff;

    /// <summary>Begins work as soon as there is room for it, and delivers what is ready.</summary>
    /// <param name="origin">The workspace that it calls.</param>
    /// <param name="target">What it is about.</param>
    /// <param name="job">The work.</param>
    internal void Add(Origin origin, object target, Func<CancellationToken, Task<TResult>> job)
    {
        Guarded(() =>
        {
            owner.WaitUntil(() => _unfinished < WorkAhead * work.Limit);
            Begin(origin, target, job);
            while (_queue.Count > 0 && (_queue.Peek().Task.IsCompleted || _queue.Count >= OrderedWork.Backlog))
            {
                DeliverNext();
            }
        });
    }

    /// <inheritdoc/>
    public void Drain(bool isEnd) => Guarded(() =>
    {
        _hasAll |= isEnd;
        while (_queue.Count > 0)
        {
            DeliverNext();
        }
    });

    /// <inheritdoc/>
    public void Abandon()
    {
        if (_queue.Count == 0)
        {
            return;
        }

        work.BeginNoMore();
        if (!FinishesWhatItBegan)
        {
            work.Cancel();
        }

        while (_queue.Count > 0)
        {
            var job = _queue.Dequeue();
            try
            {
                job.Task.Wait(CancellationToken.None);
            }
            catch (AggregateException)
            {
                if (job.HasBegun)
                {
                    _cutOff.Add(job.Target);
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
        _queue.Enqueue(item);
        _unfinished++;
        _added++;
        _ = item.Task.ContinueWith(
            _ => owner.Post(() => _unfinished--), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void DeliverNext()
    {
        var job = _queue.Peek();
        owner.WaitUntil(() => job.Task.IsCompleted);
        _ = _queue.Dequeue();
        _delivered++;
        owner.Delivering(Unit is null ? null : _hasAll ? FormattableString.Invariant($"{_delivered} of {_added} {Unit}") : FormattableString.Invariant($"{_delivered} {Unit}"));
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
            // It was not begun because a failure that every later call would have came first.
        }
        catch (RunCloudException e)
        {
            owner.WriteFailure(e, job.Target);
        }
    }

    /// <summary>Runs an action that writes to the pipeline. If the pipeline refuses the output (Select-Object -First), stops the work first.</summary>
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
        private volatile bool _hasBegun;

        internal Job(Origin origin, object target, Func<Action, Task<TResult>> start)
        {
            Origin = origin;
            Target = target;
            Task = start(() => _hasBegun = true);
        }

        internal Origin Origin { get; }

        internal object Target { get; }

        internal Task<TResult> Task { get; }

        /// <summary>Whether a request of it may have been sent.</summary>
        internal bool HasBegun => _hasBegun;
    }
}
