namespace RunCloud.Api;

/// <summary>The part of parallel work that calls one workspace. Once its token is refused, no more of it begins; other lanes go on.</summary>
/// <param name="work">What bounds the work of all lanes together.</param>
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

    /// <summary>From any thread: lets nothing more begin, since every later request would fail too. What is under way goes on.</summary>
    internal void BeginNoMore() => _waiting.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _waiting.Dispose();
}
