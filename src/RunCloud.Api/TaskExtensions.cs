using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.Api;

/// <summary>Small helpers for work that is given up.</summary>
internal static class TaskExtensions
{
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
                // It was given up; whoever waits for it knows why.
            }
        }
    }
}
