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
    /// <summary>Finished and waiting work beyond what is under way, so that a pause of the pipeline thread does not stop the network.</summary>
    private const int QueueFactor = 4;

    private readonly Queue<(object Target, Task<TResult> Task)> queue = new();
    private readonly CancellationTokenSource waiting = new();
    private readonly CancellationTokenSource underWay = new();
    private SemaphoreSlim? slots;
    private int delivered;
    private RunCloudException? fatal;
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

    /// <summary>What one delivered piece of work is called in the progress.</summary>
    private protected abstract string Unit { get; }

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

    /// <summary>Starts work as soon as there is room for it, and hands on what is ready.</summary>
    private protected void Enqueue(object target, Func<CancellationToken, Task<TResult>> work)
    {
        queue.Enqueue((target, Task.Run(() => RunAsync(work))));
        Guarded(() =>
        {
            while (queue.Count > 0 && (queue.Peek().Task.IsCompleted || queue.Count >= ThrottleLimit * QueueFactor))
            {
                DeliverNext();
            }
        });
        if (fatal is not null)
        {
            Drain();
        }
    }

    /// <summary>Waits for all work and hands its results on.</summary>
    private protected void Drain()
    {
        Guarded(() =>
        {
            while (queue.Count > 0)
            {
                DeliverNext();
            }
        });
        if (fatal is not null)
        {
            Account();
            ThrowTerminatingError(Failures.ToRecord(fatal, fatalTarget));
        }
    }

    /// <summary>On the pipeline thread: hands on what was kept back, before the command ends early.</summary>
    private protected virtual void Account()
    {
    }

    /// <summary>Remembers a failure that all later calls share: what is under way is still accounted for, then the command ends.</summary>
    private protected void EndWith(RunCloudException exception, object target)
    {
        if (fatal is null)
        {
            fatal = exception;
            fatalTarget = target;
        }
    }

    private async Task<TResult> RunAsync(Func<CancellationToken, Task<TResult>> work)
    {
        await slots!.WaitAsync(waiting.Token).ConfigureAwait(false);
        try
        {
            waiting.Token.ThrowIfCancellationRequested();
            return await work(underWay.Token).ConfigureAwait(false);
        }
        finally
        {
            _ = slots.Release();
        }
    }

    private void DeliverNext()
    {
        var (target, task) = queue.Peek();
        WaitFor(task);
        _ = queue.Dequeue();
        delivered++;
        Report(FormattableString.Invariant($"{delivered} {Unit}"));
        TellNews();
        try
        {
            Deliver(target, task.GetAwaiter().GetResult());
        }
        catch (RunCloudException e) when (Failures.IsFatal(e))
        {
            EndWith(e, target);
        }
        catch (RunCloudException e)
        {
            WriteFailure(e, target);
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
            try
            {
                queue.Dequeue().Task.Wait(CancellationToken.None);
            }
            catch (AggregateException)
            {
                // It was given up: whatever it met no longer matters.
            }
        }
    }
}
