namespace RunCloud.Simulator;

/// <summary>
/// Every request in the order of arrival, and the events that a test waits for in place of sleeping. Safe for use by many
/// threads; each list is a copy.
/// </summary>
public sealed class RequestLog
{
    private readonly Lock _lock = new();
    private readonly List<RecordedRequest> _requests = [];
    private readonly List<Waiter> _waiters = [];
    private readonly List<TaskCompletionSource> _quietWaiters = [];
    private int _underWay;
    private int _peak;

    /// <summary>Gets or sets what is called with each request as it ends, on the thread that served it; <see langword="null"/> for nothing.</summary>
    public Action<RecordedRequest>? Watch { get; set; }

    /// <summary>Gets how many have arrived, since the start or the last <see cref="Clear"/>.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _requests.Count;
            }
        }
    }

    /// <summary>Gets the requests, in order.</summary>
    public IReadOnlyList<RecordedRequest> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Gets the requests that could change something, in order.</summary>
    public IReadOnlyList<RecordedRequest> Changing => [.. All.Where(request => request.IsChanging)];

    /// <summary>Gets how many requests have come and are not dealt with yet.</summary>
    public int UnderWay
    {
        get
        {
            lock (_lock)
            {
                return _underWay;
            }
        }
    }

    /// <summary>Gets the most requests that were ever under way at once, since the start or the last <see cref="Clear"/>.</summary>
    public int PeakUnderWay
    {
        get
        {
            lock (_lock)
            {
                return _peak;
            }
        }
    }

    /// <summary>Forgets what has been recorded. Requests under way go on and still count as such.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _requests.Clear();
            _peak = _underWay;
        }
    }

    /// <summary>Waits until a number of matching requests have arrived, those recorded before the call included.</summary>
    /// <param name="match">Which; <see langword="null"/> for any.</param>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The last of them.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public Task<RecordedRequest> WaitForArrivalAsync(
        Func<RecordedRequest, bool>? match = null,
        int count = 1,
        CancellationToken cancellationToken = default) =>
        WaitAsync(new Waiter(match, count, ended: false), cancellationToken);

    /// <summary>Waits until a number of matching requests have been dealt with, those recorded before the call included.</summary>
    /// <param name="match">Which; <see langword="null"/> for any.</param>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The last of them.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public Task<RecordedRequest> WaitForEndAsync(
        Func<RecordedRequest, bool>? match = null,
        int count = 1,
        CancellationToken cancellationToken = default) =>
        WaitAsync(new Waiter(match, count, ended: true), cancellationToken);

    /// <summary>Waits until every request that has come is dealt with, those of a client that has gone away too.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends then.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public Task WhenQuietAsync(CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_underWay == 0)
            {
                return Task.CompletedTask;
            }

            var quiet = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _quietWaiters.Add(quiet);
            return quiet.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Records an arrival; <paramref name="chooseFault"/> runs in the same step, so that both count requests in one order.</summary>
    internal Fault? Arrived(RecordedRequest request, Func<RecordedRequest, Fault?> chooseFault)
    {
        lock (_lock)
        {
            _requests.Add(request);
            request.Number = _requests.Count;
            _peak = Math.Max(_peak, ++_underWay);
            var fault = chooseFault(request);
            request.Fault = fault?.Name;
            Tell(request, ended: false);
            return fault;
        }
    }

    /// <summary>
    /// Records an end; the first call for a request counts. It is made before the answer's last bytes go out, so that a client
    /// that sends its next request at once is never counted twice.
    /// </summary>
    internal void Ended(RecordedRequest request, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (request.EndedAt is not null)
            {
                return;
            }

            request.EndedAt = now;
            _underWay--;
            Tell(request, ended: true);
            if (_underWay == 0)
            {
                _quietWaiters.RemoveAll(quiet => quiet.TrySetResult());
            }
        }

        Watch?.Invoke(request);
    }

    private void Tell(RecordedRequest request, bool ended) =>
        _waiters.RemoveAll(waiter => waiter.ForEnd == ended && waiter.Sees(request));

    private Task<RecordedRequest> WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var seen = _requests.Any(request => (!waiter.ForEnd || request.EndedAt is not null) && waiter.Sees(request));
            if (!seen)
            {
                _waiters.Add(waiter);
            }
        }

        return waiter.Done.WaitAsync(cancellationToken);
    }

    private sealed class Waiter(Func<RecordedRequest, bool>? match, int count, bool ended)
    {
        private readonly TaskCompletionSource<RecordedRequest> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = count;

        internal bool ForEnd => ended;

        internal Task<RecordedRequest> Done => _done.Task;

        /// <summary>Takes note of a request; true once it has seen enough.</summary>
        internal bool Sees(RecordedRequest request)
        {
            if ((match is null || match(request)) && --_left <= 0)
            {
                _done.TrySetResult(request);
                return true;
            }

            return false;
        }
    }
}
