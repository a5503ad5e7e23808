using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>A cmdlet that keeps several requests under way while the pipeline streams, and hands results on in the order of the input.</summary>
/// <typeparam name="TResult">What one piece of work gives.</typeparam>
public abstract class FanOutCommand<TResult> : RunCloudApiCommand
{
    /// <summary>Work that may be queued or finished behind one slow piece, so that the output keeps its order and the network its pace.</summary>
    private const int Backlog = 1024;

    /// <summary>
    /// Work that is taken on and not yet done, in multiples of what may be under way: so much keeps the network busy. Whoever hands in more
    /// waits meanwhile, so that results come out as they are there and not when the next page of input is.
    /// </summary>
    private const int WorkAhead = 2;

    private readonly Queue<Job> queue = new();
    private readonly CancellationTokenSource waiting = new();
    private readonly CancellationTokenSource underWay = new();
    private SemaphoreSlim? slots;
    private int unfinished;
    private int delivered;
    private object? fatalTarget;

    private protected FanOutCommand(string activity)
        : base(activity)
    {
    }

    /// <summary>How many requests may be under way at once.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = 8;

    /// <summary>Whether work that has begun is waited for when nobody wants its result any longer: a removal must not end unknown.</summary>
    private protected virtual bool FinishesWhatItBegan => false;

    /// <summary>Whether a failure that all later calls share ends the command only when all input has been heard, since each is owed an account.</summary>
    private protected virtual bool HearsAllInput => false;

    /// <summary>The failure that all later calls share, where there was one.</summary>
    private protected RunCloudException? Fatal { get; private set; }

    /// <summary>What one delivered piece of work is called in the progress.</summary>
    private protected abstract string Unit { get; }

    /// <summary>How far it is, for the progress.</summary>
    private protected virtual string Status(int deliveries) => FormattableString.Invariant($"{deliveries} {Unit}");

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        slots = new SemaphoreSlim(ThrottleLimit);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        Drain();
        base.EndProcessing();
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        waiting.Cancel();
        underWay.Cancel();
        base.StopProcessing();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Abandon();
            waiting.Dispose();
            underWay.Dispose();
            slots?.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>On the pipeline thread: takes the result of one piece of work.</summary>
    private protected abstract void Deliver(object target, TResult result);

    /// <summary>
    /// On the pipeline thread, after Ctrl+C or another early end: a result that can no longer be delivered, or <see langword="null"/> for
    /// work that had begun and was cut off. The streams may be closed by then; the host still listens.
    /// </summary>
    private protected virtual void Undelivered(object target, TResult? result)
    {
    }

    /// <summary>Starts work as soon as there is room for it, and hands on what is ready.</summary>
    private protected void Enqueue(object target, Func<CancellationToken, Task<TResult>> work)
    {
        Guarded(() =>
        {
            WaitUntil(() => unfinished < WorkAhead * ThrottleLimit);
            Begin(target, work);
            while (queue.Count > 0 && (queue.Peek().Task.IsCompleted || queue.Count >= Backlog))
            {
                DeliverNext();
            }
        });
        if (Fatal is not null && HearsAllInput)
        {
            Settle();
        }
        else if (Fatal is not null)
        {
            Drain();
        }
    }

    /// <summary>Waits for all work and hands its results on; ends the command where all later calls would fail.</summary>
    private protected void Drain()
    {
        Settle();
        if (Fatal is not null)
        {
            ThrowTerminatingError(Failures.ToRecord(Fatal, fatalTarget));
        }
    }

    /// <summary>On the pipeline thread: hands on what was kept back, before the command ends early.</summary>
    private protected virtual void Account(RunCloudException cause)
    {
    }

    /// <summary>On the pipeline thread: work that was not begun, since a failure that all later calls share came before it.</summary>
    private protected virtual void NotBegun(object target, RunCloudException cause)
    {
    }

    /// <summary>
    /// Remembers a failure that all later calls share: nothing more is begun, what is under way is still accounted for, then the command
    /// ends.
    /// </summary>
    private protected void EndWith(RunCloudException exception, object target)
    {
        if (Fatal is null)
        {
            Fatal = exception;
            fatalTarget = target;
            BeginNoMore();
        }
    }

    /// <summary>Whether a result tells of a failure that all later calls share.</summary>
    private protected virtual bool IsFatal(TResult result) => false;

    /// <summary>Gets in line on the pipeline thread, so that work begins in the order of the input; the work itself runs elsewhere.</summary>
    private async Task<TResult> RunAsync(Action begin, Func<CancellationToken, Task<TResult>> work)
    {
        await slots!.WaitAsync(waiting.Token).ConfigureAwait(false);
        try
        {
            waiting.Token.ThrowIfCancellationRequested();
            begin();
            var result = await Task.Run(() => work(underWay.Token)).ConfigureAwait(false);
            if (IsFatal(result))
            {
                BeginNoMore();
            }

            return result;
        }
        catch (RunCloudException e) when (e.IsFatal)
        {
            BeginNoMore();
            throw;
        }
        finally
        {
            _ = slots.Release();
        }
    }

    /// <summary>
    /// Called as soon as a failure is there that all later calls share, not when its turn to be delivered comes: what is behind a slow one
    /// would go out meanwhile, and be refused too.
    /// </summary>
    private void BeginNoMore() => waiting.Cancel();

    /// <summary>Waits for all work and hands its results on, and what was kept back where nothing more can come of it.</summary>
    private void Settle()
    {
        Guarded(() =>
        {
            while (queue.Count > 0)
            {
                DeliverNext();
            }
        });
        if (Fatal is not null)
        {
            Account(Fatal);
        }
    }

    private void Begin(object target, Func<CancellationToken, Task<TResult>> work)
    {
        var job = new Job(target, begin => RunAsync(begin, work));
        queue.Enqueue(job);
        unfinished++;
        _ = job.Task.ContinueWith(
            _ => Post(() => unfinished--), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void DeliverNext()
    {
        var job = queue.Peek();
        WaitUntil(() => job.Task.IsCompleted);
        _ = queue.Dequeue();
        delivered++;
        Report(Status(delivered));
        TellNews();
        try
        {
            Deliver(job.Target, job.Task.GetAwaiter().GetResult());
        }
        catch (RunCloudException e) when (e.IsFatal)
        {
            EndWith(e, job.Target);
        }
        catch (OperationCanceledException) when (Fatal is not null)
        {
            NotBegun(job.Target, Fatal);
        }
        catch (RunCloudException e)
        {
            WriteFailure(e, job.Target);
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

    private void Abandon()
    {
        waiting.Cancel();
        if (!FinishesWhatItBegan)
        {
            underWay.Cancel();
        }

        while (queue.Count > 0)
        {
            var job = queue.Dequeue();
            try
            {
                job.Task.Wait(CancellationToken.None);
                Undelivered(job.Target, job.Task.Result);
            }
            catch (AggregateException)
            {
                if (job.HasBegun)
                {
                    Undelivered(job.Target, default);
                }
            }
        }
    }

    /// <summary>A piece of work, in the order of the input.</summary>
    private sealed class Job
    {
        private volatile bool hasBegun;

        internal Job(object target, Func<Action, Task<TResult>> work)
        {
            Target = target;
            Task = work(() => hasBegun = true);
        }

        internal object Target { get; }

        internal Task<TResult> Task { get; }

        /// <summary>Whether anything of it may have been sent.</summary>
        internal bool HasBegun => hasBegun;
    }
}
