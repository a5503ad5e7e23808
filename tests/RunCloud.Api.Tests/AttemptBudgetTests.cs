using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace RunCloud.Api.Tests;

/// <summary>No address sees more connections than it may: one at a time, three in 20 seconds, so many in ten minutes.</summary>
public sealed class AttemptBudgetTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 25, 14, 0, 0, TimeSpan.Zero));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_fourth_connection_within_20_seconds_waits()
    {
        var budget = new AttemptBudget(_time);
        for (var i = 0; i < 3; i++)
        {
            Take(budget.AcquireAsync("127.0.0.1", 10, Stop)).Dispose();
        }

        var fourth = budget.AcquireAsync("127.0.0.1", 10, Stop);
        _time.Advance(TimeSpan.FromSeconds(19));
        Assert.False(fourth.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null((await fourth).AskAgainAt);
    }

    [Fact]
    public async Task One_connection_at_a_time_and_other_addresses_are_free()
    {
        var budget = new AttemptBudget(_time);
        var first = Take(budget.AcquireAsync("127.0.0.1", 10, Stop));
        var second = budget.AcquireAsync("127.0.0.1", 10, Stop);
        Take(budget.AcquireAsync("127.0.0.2", 10, Stop)).Dispose();
        Assert.False(second.IsCompleted);
        first.Dispose();
        Assert.Null((await second).AskAgainAt);
    }

    [Fact]
    public void The_limit_in_ten_minutes_answers_at_once_with_the_time_to_retry()
    {
        var budget = new AttemptBudget(_time);
        for (var i = 0; i < 2; i++)
        {
            Take(budget.AcquireAsync("127.0.0.1", 2, Stop)).Dispose();
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        using (var third = Take(budget.AcquireAsync("127.0.0.1", 2, Stop)))
        {
            Assert.Equal(new DateTimeOffset(2026, 11, 25, 14, 10, 0, TimeSpan.Zero), third.AskAgainAt);
        }

        _time.Advance(TimeSpan.FromMinutes(8));
        Assert.Null(Take(budget.AcquireAsync("127.0.0.1", 2, Stop)).AskAgainAt);
    }

    [Fact]
    public void The_ten_minutes_begin_when_a_connection_ends()
    {
        var budget = new AttemptBudget(_time);
        var first = Take(budget.AcquireAsync("127.0.0.1", 1, Stop));
        _time.Advance(TimeSpan.FromMinutes(4));
        first.Dispose();
        Assert.Equal(new DateTimeOffset(2026, 11, 25, 14, 14, 0, TimeSpan.Zero), Take(budget.AcquireAsync("127.0.0.1", 1, Stop)).AskAgainAt);
    }

    [Fact]
    public async Task A_cancelled_wait_blocks_nobody()
    {
        var budget = new AttemptBudget(_time);
        using var stop = new CancellationTokenSource();
        var first = Take(budget.AcquireAsync("127.0.0.1", 10, Stop));
        var second = budget.AcquireAsync("127.0.0.1", 10, stop.Token);
        await stop.CancelAsync();
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        first.Dispose();
        Assert.Null(Take(budget.AcquireAsync("127.0.0.1", 10, Stop)).AskAgainAt);
    }

    [Fact]
    public void A_connection_counts_from_its_end_and_is_forgotten_after_ten_minutes()
    {
        var budget = new AttemptBudget(_time);
        var first = Take(budget.AcquireAsync("127.0.0.1", 1, Stop));
        _time.Advance(TimeSpan.FromMinutes(3));
        first.Dispose();
        first.Dispose();
        _time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromTicks(1));
        using (var second = Take(budget.AcquireAsync("127.0.0.1", 1, Stop)))
        {
            Assert.Equal(new DateTimeOffset(2026, 11, 25, 14, 13, 0, TimeSpan.Zero), second.AskAgainAt);
        }

        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(Take(budget.AcquireAsync("127.0.0.1", 1, Stop)).AskAgainAt);
    }

    [Fact]
    public void The_time_to_retry_is_when_enough_connections_are_forgotten()
    {
        var budget = new AttemptBudget(_time);
        for (var i = 0; i < 4; i++)
        {
            Take(budget.AcquireAsync("127.0.0.1", 4, Stop)).Dispose();
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(new DateTimeOffset(2026, 11, 25, 14, 12, 0, TimeSpan.Zero), Take(budget.AcquireAsync("127.0.0.1", 2, Stop)).AskAgainAt);
        Assert.Null(Take(budget.AcquireAsync("127.0.0.1", 5, Stop)).AskAgainAt);
    }

    [Fact]
    public void What_was_forgotten_on_purpose_does_not_count()
    {
        var budget = new AttemptBudget(_time);
        Take(budget.AcquireAsync("::1", 1, Stop)).Dispose();
        budget.Forget("::2");
        Assert.NotNull(Take(budget.AcquireAsync("::1", 1, Stop)).AskAgainAt);
        budget.Forget("::1");
        Assert.Null(Take(budget.AcquireAsync("::1", 1, Stop)).AskAgainAt);
        Assert.Equal(_time.GetUtcNow(), budget.Now);
    }

    private static Attempt Take(Task<Attempt> attempt)
    {
        Assert.True(attempt.IsCompletedSuccessfully);
        return attempt.GetAwaiter().GetResult();
    }
}
