using System.Collections.Concurrent;

namespace RunCloud.PowerShell;

/// <summary>
/// Lets other threads run actions on the pipeline thread, the only one that may write, prompt or show progress, while that
/// thread waits for it.
/// </summary>
internal sealed class PipelineThread(Action idle) : IDisposable
{
    /// <summary>How often a waiting pipeline thread refreshes its progress.</summary>
    private static readonly TimeSpan IdleTime = TimeSpan.FromMilliseconds(250);

    private readonly BlockingCollection<Action> _inbox = [];

    /// <summary>From any thread: queues an action for the pipeline thread.</summary>
    internal void Post(Action action)
    {
        try
        {
            _inbox.Add(action);
        }
        catch (ObjectDisposedException)
        {
            // The command has ended, so nobody is listening.
        }
    }

    /// <summary>On the pipeline thread: runs the queued actions.</summary>
    internal void DoPosted()
    {
        while (_inbox.TryTake(out var action))
        {
            action();
        }
    }

    /// <summary>On the pipeline thread: waits for a task, and runs queued actions in the meantime.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled. An exception of the task stays in the task.</exception>
    internal void WaitFor(Task task, CancellationToken stop)
    {
        if (!task.IsCompleted)
        {
            _ = task.ContinueWith(_ => Post(() => { }), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        WaitUntil(() => task.IsCompleted, stop);
        DoPosted();
    }

    /// <summary>On the pipeline thread: runs queued actions until a condition holds, which is checked after each.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    internal void WaitUntil(Func<bool> isSo, CancellationToken stop)
    {
        while (!isSo())
        {
            if (_inbox.TryTake(out var action, (int)IdleTime.TotalMilliseconds, stop))
            {
                action();
            }

            idle();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _inbox.Dispose();
}
