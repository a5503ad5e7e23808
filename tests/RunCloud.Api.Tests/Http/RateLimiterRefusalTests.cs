using Microsoft.Extensions.Time.Testing;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Http;

/// <summary>How the rate limiter waits after a 429, and for how long.</summary>
public sealed class RateLimiterRefusalTests
{
    private static readonly RateReading Fine = new(Refused: false);

    [Fact]
    public async Task The_end_of_a_wait_that_is_too_long_is_told_in_UTC()
    {
        var handler = new StubHandler(_ => Answers.Message(429, "Too Many Attempts.").With("Retry-After", "45"));
        using var client = Create(handler, options => options with
        {
            Time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 22, 30, 0, TimeSpan.Zero)),
            MaximumWait = TimeSpan.FromSeconds(1),
        });

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.PingAsync(Stop));

        Assert.Contains(" used up until 2026-03-01 22:30:45 UTC,", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_refusal_everybody_waits_once_for_the_stated_time_and_one_goes_first()
    {
        using var line = new Line();
        await line.OpenAsync();
        var (first, second) = (line.Acquire(), line.Acquire());
        await line.ReleaseAsync(first, new RateReading(Refused: true, RetryAfter: TimeSpan.FromSeconds(7)));
        await line.ReleaseAsync(second, new RateReading(Refused: true, RetryAfter: TimeSpan.FromSeconds(7)));
        var waiters = Enumerable.Range(0, 10).Select(_ => line.Acquire()).ToArray();
        Assert.Equal(line.Start + TimeSpan.FromSeconds(7), Assert.Single(line.Announced));

        line.Time.Advance(TimeSpan.FromSeconds(7) - TimeSpan.FromTicks(1));
        Assert.Equal(10, line.Limiter.Waiting);
        Assert.Equal(0, line.WaitsOver);
        line.Time.Advance(TimeSpan.FromMilliseconds(2));
        Assert.Equal(9, line.Limiter.Waiting);
        Assert.Equal(1, line.WaitsOver);
        await line.ReleaseAsync(waiters[0], Fine);

        // Half of what the window before let through go at once, and then one at a time.
        Assert.Equal(9, line.Limiter.Waiting + line.UnderWay);
        while (line.UnderWay > 0)
        {
            await line.ReleaseAsync(line.Oldest, Fine);
        }

        Assert.Equal(0, line.Limiter.Waiting);
        Assert.Equal(line.Start + TimeSpan.FromSeconds(7), Assert.Single(line.Announced));
    }

    [Fact]
    public async Task A_time_by_the_server_clock_is_converted_to_ours()
    {
        using var line = new Line();
        await line.OpenAsync();
        var server = line.Start + TimeSpan.FromHours(-5);
        var refused = line.Acquire();
        line.Acquire();
        await line.ReleaseAsync(line.Acquire(), Fine with { ServerTime = server });
        await line.ReleaseAsync(refused, new RateReading(Refused: true, Reset: server + TimeSpan.FromSeconds(12), ServerTime: server));

        line.Acquire();

        Assert.Equal(line.Start + TimeSpan.FromSeconds(12), Assert.Single(line.Announced));
    }

    [Fact]
    public async Task A_refusal_that_says_nothing_is_waited_out_for_a_minute()
    {
        using var line = new Line();
        await line.OpenAsync();
        await line.ReleaseAsync(line.Acquire(), new RateReading(Refused: true));
        line.Acquire();

        Assert.Equal(line.Start + TimeSpan.FromMinutes(1), Assert.Single(line.Announced));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public async Task A_wait_of_zero_is_a_second(int seconds)
    {
        using var line = new Line();
        await line.OpenAsync();
        await line.ReleaseAsync(line.Acquire(), new RateReading(Refused: true, RetryAfter: TimeSpan.FromSeconds(seconds)));
        line.Acquire();

        Assert.Equal(line.Start + TimeSpan.FromSeconds(1), Assert.Single(line.Announced));
    }

    [Fact]
    public async Task A_wait_longer_than_allowed_is_refused_after_a_probe_and_says_until_when()
    {
        using var line = new Line(maximumWaitSeconds: 900);
        await line.OpenAsync();
        await line.ReleaseAsync(line.Acquire(), new RateReading(Refused: true, RetryAfter: TimeSpan.FromDays(365)));
        var (check, waiter) = (line.Acquire(), line.Acquire());
        Assert.Equal(line.Start + TimeSpan.FromMinutes(1), Assert.Single(line.Announced));
        line.Time.Advance(TimeSpan.FromSeconds(60.1));
        Assert.Equal(1, line.Limiter.Waiting);
        await line.ReleaseAsync(check, new RateReading(Refused: true, RetryAfter: TimeSpan.FromSeconds(900)));

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => line.Admission(waiter));

        Assert.Equal(RunCloudError.RateLimited, failure.Error);
        Assert.Equal(line.Start + TimeSpan.FromSeconds(960.1), failure.RetryAt);
        Assert.Contains("monthly quota", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, line.Limiter.Waiting);
    }

    [Theory]
    [InlineData(3_600)]
    [InlineData(31_536_000)]
    public async Task No_header_costs_more_than_a_window_without_a_request_that_checks_it(int seconds)
    {
        using var line = new Line();
        await line.OpenAsync();
        await line.ReleaseAsync(line.Acquire(), new RateReading(Refused: true, RetryAfter: TimeSpan.FromSeconds(seconds)));
        var waiters = Enumerable.Range(0, 5).Select(_ => line.Acquire()).ToArray();
        line.Time.Advance(TimeSpan.FromSeconds(60.1));
        await line.ReleaseAsync(waiters[0], Fine);

        Assert.Equal([4, 0], [line.UnderWay + line.Limiter.Waiting, line.Failed.Count]);
        while (line.UnderWay > 0)
        {
            await line.ReleaseAsync(line.Oldest, Fine);
        }

        Assert.Equal(0, line.Limiter.Waiting);
    }

    [Fact]
    public async Task The_next_command_sends_a_probe_too()
    {
        using var line = new Line();
        await line.OpenAsync();
        await line.ReleaseAsync(line.Acquire(), new RateReading(Refused: true, RetryAfter: TimeSpan.FromDays(365)));
        var check = line.Acquire();
        line.Time.Advance(TimeSpan.FromSeconds(60.1));
        await line.ReleaseAsync(check, new RateReading(Refused: true, RetryAfter: TimeSpan.FromDays(365)));
        await Assert.ThrowsAsync<RunCloudException>(() => line.Admission(line.Acquire()));

        line.Time.Advance(TimeSpan.FromSeconds(10));
        var next = line.AcquireAsAnother();
        Assert.False(line.Admission(next).IsFaulted);
        line.Time.Advance(TimeSpan.FromSeconds(50.1));

        Assert.True(await line.IsGoneAsync(next));
    }

    [Fact]
    public async Task A_plausible_reset_overrides_an_implausible_wait()
    {
        using var line = new Line();
        await line.OpenAsync();
        await line.ReleaseAsync(line.Acquire(), new RateReading(Refused: true, RetryAfter: TimeSpan.FromDays(20_000), Reset: line.Start.AddSeconds(5), ServerTime: line.Start));
        line.Acquire();

        Assert.Equal(line.Start + TimeSpan.FromSeconds(5), Assert.Single(line.Announced));
    }

    [Fact]
    public async Task A_reset_far_away_holds_nothing_back_for_longer_than_a_window()
    {
        using var line = new Line();
        var spent = new RateReading(Refused: false, Limit: 2, Remaining: 0, Reset: line.Start.AddDays(365), ServerTime: line.Start);
        await line.ReleaseAsync(line.Acquire(), spent);
        var waiter = line.Acquire();
        Assert.Equal(1, line.Limiter.Waiting);
        line.Time.Advance(TimeSpan.FromSeconds(60.1));

        Assert.True(await line.IsGoneAsync(waiter));
    }

    [Fact]
    public async Task Waits_add_up_until_a_request_succeeds()
    {
        using var line = new Line(maximumWaitSeconds: 150);
        await line.OpenAsync();
        var waiter = line.Acquire();
        for (var minute = 1; minute <= 2; minute++)
        {
            await line.ReleaseAsync(waiter, new RateReading(Refused: true, RetryAfter: TimeSpan.FromSeconds(60)));
            waiter = line.Acquire();
            line.Time.Advance(TimeSpan.FromSeconds(60.1));
        }

        await line.ReleaseAsync(waiter, new RateReading(Refused: true, RetryAfter: TimeSpan.FromSeconds(60)));
        waiter = line.Acquire();

        Assert.Equal(RunCloudError.RateLimited, (await Assert.ThrowsAsync<RunCloudException>(() => line.Admission(waiter))).Error);
    }

    [Fact]
    public async Task A_successful_answer_resets_the_waiting_time()
    {
        using var line = new Line(maximumWaitSeconds: 150);
        await line.OpenAsync();
        for (var minute = 1; minute <= 20; minute++)
        {
            var waiter = line.Acquire();
            line.Time.Advance(TimeSpan.FromSeconds(61));
            await line.ReleaseAsync(waiter, minute % 2 == 0 ? Fine : new RateReading(Refused: true, RetryAfter: TimeSpan.FromSeconds(60)));
            line.Time.Advance(TimeSpan.FromSeconds(minute % 2 == 0 ? 300 : 0));
        }

        Assert.Empty(line.Failed);
    }

    [Fact]
    public async Task A_probe_that_is_not_answered_after_a_refusal_lets_the_others_go()
    {
        using var line = new Line();
        await line.OpenAsync();
        for (var i = 0; i < 5; i++)
        {
            await line.ReleaseAsync(line.Acquire(), Fine);
        }

        await line.ReleaseAsync(line.Acquire(), new RateReading(Refused: true, RetryAfter: TimeSpan.FromSeconds(3)));
        var waiters = Enumerable.Range(0, 4).Select(_ => line.Acquire()).ToArray();
        line.Time.Advance(TimeSpan.FromSeconds(3.1));
        Assert.Equal(3, line.Limiter.Waiting);

        await line.ReleaseAsync(waiters[0], answer: null);

        // Half of what the window before let through go at once, and then one at a time.
        Assert.Equal(1, line.Limiter.Waiting);
        while (line.UnderWay > 0)
        {
            await line.ReleaseAsync(line.Oldest, Fine);
        }

        Assert.Equal(0, line.Limiter.Waiting);
    }
}
