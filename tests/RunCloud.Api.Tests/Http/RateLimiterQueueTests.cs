using Xunit;

namespace RunCloud.Api.Tests.Http;

/// <summary>Who goes when, and what is known of the limit where nothing is refused.</summary>
public sealed class RateLimiterQueueTests
{
    private static readonly RateReading Fine = new(Refused: false);

    [Fact]
    public async Task The_first_request_goes_alone_and_the_others_when_it_is_answered()
    {
        using var line = new Line();
        var first = line.Acquire();
        var second = line.Acquire();
        var third = line.Acquire();

        Assert.Equal([true, false, false], await line.GoneAsync(1));
        await line.ReleaseAsync(first, Fine);

        Assert.Equal([true, true, true], await line.GoneAsync(3));
    }

    [Fact]
    public async Task Waiters_go_in_the_order_in_which_they_came()
    {
        using var line = new Line();
        for (var i = 0; i < 50; i++)
        {
            line.Acquire();
        }

        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(Enumerable.Range(0, 50).Select(waiter => waiter <= i), await line.GoneAsync(i + 1));

            // One permit and no reserve: the next goes when this one is answered.
            await line.ReleaseAsync(i, new RateReading(Refused: false, Limit: 1, Remaining: 1));
        }
    }

    [Fact]
    public async Task Waiting_for_an_answer_is_not_a_wait_for_the_limit()
    {
        using var line = new Line(maximumWaitSeconds: 60);
        await line.ReleaseAsync(line.Acquire(), new RateReading(Refused: false, Limit: 20, Remaining: 19, Reset: line.Start + TimeSpan.FromHours(1), ServerTime: line.Start));

        // The window has an hour to go, and with those under way all of it may be spent; but when they are answered more turns out to be left.
        _ = Enumerable.Range(0, 15).Select(_ => line.Acquire()).ToArray();
        Assert.True(line.Limiter.Waiting > 0);
        while (line.UnderWay > 0)
        {
            Assert.Empty(line.Announced);
            Assert.Empty(line.Failed);
            await line.ReleaseAsync(line.Oldest, new RateReading(Refused: false, Limit: 20, Remaining: 18));
        }

        Assert.Equal(0, line.Limiter.Waiting);
    }

    [Fact]
    public async Task A_cancelled_caller_leaves_the_queue_and_blocks_nobody()
    {
        using var line = new Line();
        using var source = new CancellationTokenSource();
        var first = line.Acquire();
        var second = line.AcquireUntil(source.Token);
        var third = line.Acquire();

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => line.Admission(second));
        Assert.Equal(1, line.Limiter.Waiting);
        await line.ReleaseAsync(first, Fine);

        Assert.True(await line.IsGoneAsync(third));
    }

    [Fact]
    public async Task A_caller_cancelled_before_never_enters_the_queue()
    {
        using var line = new Line();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => line.Admission(line.AcquireUntil(new CancellationToken(canceled: true))));

        Assert.Equal(0, line.Limiter.Waiting);
        Assert.True(await line.IsGoneAsync(line.Acquire()));
    }

    [Fact]
    public async Task A_first_request_without_an_answer_delays_the_others_only_until_it_times_out()
    {
        using var line = new Line();
        var hung = line.Acquire();
        var waiter = line.Acquire();
        line.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(1, line.Limiter.Waiting);

        await line.ReleaseAsync(hung, answer: null);

        Assert.True(await line.IsGoneAsync(waiter));
    }

    [Fact]
    public async Task A_remaining_of_zero_is_ignored_when_requests_keep_succeeding()
    {
        using var line = new Line();
        for (var i = 0; i < 100; i++)
        {
            line.Acquire();
        }

        while (line.UnderWay + line.Limiter.Waiting > 0)
        {
            if (line.UnderWay > 0)
            {
                await line.ReleaseAsync(line.Oldest, new RateReading(Refused: false, Limit: 60, Remaining: 0));
            }
            else
            {
                line.Time.Advance(TimeSpan.FromSeconds(1));
            }
        }

        Assert.InRange((line.Time.GetUtcNow() - line.Start).TotalMinutes, 0, 5);
        Assert.Empty(line.Failed);
    }

    [Fact]
    public async Task The_known_limit_is_what_the_answers_say()
    {
        using var line = new Line();
        Assert.Null(line.Limiter.Limit);
        Assert.Null(line.Limiter.Remaining);
        var (first, second) = (line.Acquire(), line.Acquire());
        await line.ReleaseAsync(first, new RateReading(Refused: false, Limit: 60, Remaining: 59));
        await line.ReleaseAsync(second, new RateReading(Refused: false, Limit: 60, Remaining: 57));

        Assert.Equal((60, 57), (line.Limiter.Limit, line.Limiter.Remaining));

        // An older answer that comes later does not put anything back.
        await line.ReleaseAsync(line.Acquire(), new RateReading(Refused: false, Limit: 60, Remaining: 56));
        Assert.Equal(56, line.Limiter.Remaining);
    }

    [Fact]
    public async Task An_overtaken_answer_restores_no_permits()
    {
        using var line = new Line();
        await line.ReleaseAsync(line.Acquire(), new RateReading(Refused: false, Limit: 60, Remaining: 59));
        var (older, newer) = (line.Acquire(), line.Acquire());
        await line.ReleaseAsync(newer, new RateReading(Refused: false, Limit: 60, Remaining: 57));
        await line.ReleaseAsync(older, new RateReading(Refused: false, Limit: 60, Remaining: 58));

        Assert.Equal(57, line.Limiter.Remaining);
    }
}
