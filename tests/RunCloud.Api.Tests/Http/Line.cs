using Microsoft.Extensions.Time.Testing;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Http;

/// <summary>Waiters before a rate limiter whose clock stands still unless it is moved.</summary>
internal sealed class Line : IDisposable, IRequestObserver
{
    // Only so that a waiter who is forgotten does not hang the whole run.
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<(Task<RateLimiter.Lease> Task, RequestScope Scope)> _waiters = [];
    private readonly HashSet<int> _left = [];
    private readonly RequestScope _scope;

    internal Line(double maximumWaitSeconds = 900)
    {
        Limiter = new RateLimiter(Time, TimeSpan.FromSeconds(maximumWaitSeconds));
        Start = Time.GetUtcNow();
        _scope = new RequestScope(this);
    }

    internal FakeTimeProvider Time { get; } = new();

    internal RateLimiter Limiter { get; }

    internal DateTimeOffset Start { get; }

    internal List<DateTimeOffset> Announced { get; } = [];

    internal int WaitsOver { get; private set; }

    internal IReadOnlyList<RunCloudException> Failed =>
        [.. _waiters.Select(waiter => waiter.Task.Exception?.InnerException).OfType<RunCloudException>()];

    internal int UnderWay => _waiters.Count - _left.Count - Limiter.Waiting - _waiters.Count(waiter => waiter.Task.IsFaulted);

    /// <summary>The one that went first of those under way.</summary>
    internal int Oldest => Enumerable.Range(0, _waiters.Count).First(waiter => !_left.Contains(waiter) && !_waiters[waiter].Task.IsFaulted);

    public void Dispose() => Limiter.Dispose();

    public bool WantsHeaders => true;

    public void OnRequest(RequestTrace trace)
    {
    }

    public void OnRateWait(DateTimeOffset until) => Announced.Add(until);

    public void OnRateWaitOver() => WaitsOver++;

    public void OnServerWait(DateTimeOffset until)
    {
    }

    /// <summary>Joins the line.</summary>
    internal int Acquire() => AcquireUntil(CancellationToken.None);

    internal int AcquireUntil(CancellationToken cancellation)
    {
        _waiters.Add((Limiter.AcquireAsync(_scope, cancellation), _scope));
        return _waiters.Count - 1;
    }

    /// <summary>Joins the line for another command.</summary>
    internal int AcquireAsAnother()
    {
        var other = new RequestScope(this);
        _waiters.Add((Limiter.AcquireAsync(other, CancellationToken.None), other));
        return _waiters.Count - 1;
    }

    internal Task<RateLimiter.Lease> Admission(int waiter) => _waiters[waiter].Task;

    internal async Task ReleaseAsync(int waiter, RateReading? answer)
    {
        var lease = await _waiters[waiter].Task.WaitAsync(Patience, Stop);
        _left.Add(waiter);
        Limiter.Release(lease, answer);
    }

    /// <summary>Has the first request answered.</summary>
    internal Task OpenAsync() => ReleaseAsync(Acquire(), new RateReading(Refused: false));

    /// <summary>Which have gone, when it must be as many as given.</summary>
    internal async Task<IEnumerable<bool>> GoneAsync(int count)
    {
        Assert.Equal(_waiters.Count - count, Limiter.Waiting);
        await Task.WhenAll(_waiters.Take(count).Select(waiter => waiter.Task)).WaitAsync(Patience, Stop);
        return _waiters.Select(waiter => waiter.Task.IsCompleted);
    }

    /// <summary>Whether somebody has gone: its task ends a little later than its waiting.</summary>
    internal async Task<bool> IsGoneAsync(int waiter)
    {
        if (Limiter.Waiting > 0)
        {
            return false;
        }

        await _waiters[waiter].Task.WaitAsync(Patience, Stop);
        return true;
    }
}
