namespace RunCloud.Api;

/// <summary>Helpers for waiting, and for abandoned work.</summary>
internal static class TaskExtensions
{
    /// <summary>Waits by a clock.</summary>
    /// <exception cref="OperationCanceledException">It is cancelled.</exception>
    internal static Task DelayAsync(this TimeProvider time, TimeSpan delay, CancellationToken cancellation) =>
#if NET
        Task.Delay(delay, time, cancellation);
#else
        time.Delay(delay, cancellation);
#endif

    /// <summary>Cancels, and waits until the work has ended, however it ended.</summary>
    internal static async Task CancelAllAsync(this CancellationTokenSource source, IEnumerable<Task> work)
    {
#if NET
        await source.CancelAsync().ConfigureAwait(false);
#else
        source.Cancel();
#endif
        foreach (var task in work)
        {
            try
            {
                await task.ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or RunCloudException)
            {
                // It was cancelled. Its caller knows why.
            }
        }
    }
}
