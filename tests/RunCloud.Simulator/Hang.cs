namespace RunCloud.Simulator;

/// <summary>
/// A gate that requests are held at until a test lets them go: see <see cref="Fault.HangBefore"/> and its kin.
/// It tells when they have come, so that a test can act while they wait.
/// </summary>
public sealed class Hang
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiters = [];
    private int _arrived;

    /// <summary>Waits until requests are held.</summary>
    /// <param name="count">How many in all, those that have gone away again included.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends then.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public Task ReachedAsync(int count = 1, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_arrived >= count)
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((count, reached));
            return reached.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Lets every request go on, those that are held and those that come later.</summary>
    public void Release() => _open.TrySetResult();

    /// <summary>Drops every request's connection, of those that are held and those that come later.</summary>
    public void Drop() => _open.TrySetException(new OperationCanceledException("The test drops what hangs."));

    internal Task PassAsync(CancellationToken gone)
    {
        lock (_lock)
        {
            _arrived++;
            _waiters.RemoveAll(waiter => _arrived >= waiter.Count && waiter.Reached.TrySetResult());
        }

        return _open.Task.WaitAsync(gone);
    }
}
