namespace RunCloud.Api;

/// <summary>The parallel work for one workspace. After a refused token no more of it begins. Other lanes go on.</summary>
/// <param name="work">The shared limit of all lanes.</param>
internal sealed class WorkLane(OrderedWork work) : IDisposable
{
    private readonly CancellationTokenSource _waiting = CancellationTokenSource.CreateLinkedTokenSource(work.Waiting);

    /// <summary>Whether no more work begins.</summary>
    internal bool IsClosed => _waiting.IsCancellationRequested;

    /// <summary>Begins one piece of work as soon as there is room for it.</summary>
    /// <returns>A task that ends with the work; cancelled if the work did not begin.</returns>
    internal Task<TResult> Begin<TResult>(Func<CancellationToken, Task<TResult>> job) => work.Begin(
        async goOn =>
        {
            try
            {
                return await job(goOn).ConfigureAwait(false);
            }
            catch (RunCloudException e) when (e.IsFatal)
            {
                BeginNoMore();
                throw;
            }
        },
        _waiting.Token);

    /// <summary>From any thread: prevents more work from beginning, because every later request would fail too. Work under way goes on.</summary>
    internal void BeginNoMore() => _waiting.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _waiting.Dispose();
}
