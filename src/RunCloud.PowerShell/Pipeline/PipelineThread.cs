using System;
using System.Collections.Concurrent;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.PowerShell;

/// <summary>
/// Lets work on other threads have something done on the pipeline thread, the only one that may write, prompt or report, while that
/// thread waits for it.
/// </summary>
internal sealed class PipelineThread(Action idle) : IDisposable
{
    /// <summary>How often a waiting pipeline thread refreshes its progress.</summary>
    private static readonly TimeSpan IdleTime = TimeSpan.FromMilliseconds(250);

    private readonly BlockingCollection<Action> inbox = [];

    /// <summary>From any thread: has it done when the pipeline thread next looks.</summary>
    internal void Post(Action action)
    {
        try
        {
            inbox.Add(action);
        }
        catch (ObjectDisposedException)
        {
            // The command has ended; nobody listens any longer.
        }
    }

    /// <summary>On the pipeline thread: does what was posted so far.</summary>
    internal void DoPosted()
    {
        while (inbox.TryTake(out var action))
        {
            action();
        }
    }

    /// <summary>On the pipeline thread: waits for the task, doing meanwhile what is posted.</summary>
    /// <exception cref="OperationCanceledException">It no longer waits. What the task throws is left in the task.</exception>
    internal void WaitFor(Task task, CancellationToken stop)
    {
        if (!task.IsCompleted)
        {
            _ = task.ContinueWith(_ => Post(() => { }), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        WaitUntil(() => task.IsCompleted, stop);
        DoPosted();
    }

    /// <summary>On the pipeline thread: does what is posted until something is so, and looks after each whether it is.</summary>
    /// <exception cref="OperationCanceledException">It no longer waits.</exception>
    internal void WaitUntil(Func<bool> isSo, CancellationToken stop)
    {
        while (!isSo())
        {
            if (inbox.TryTake(out var action, (int)IdleTime.TotalMilliseconds, stop))
            {
                action();
            }

            idle();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => inbox.Dispose();
}
