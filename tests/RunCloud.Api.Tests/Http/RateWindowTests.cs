using Xunit;

namespace RunCloud.Api.Tests.Http;

/// <summary>What the rate window decides, without a queue, a timer or a clock.</summary>
public sealed class RateWindowTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly RateReading Fine = new(Refused: false);

    private readonly RateWindow _window = new(Start);

    [Fact]
    public void The_first_request_is_a_probe_and_the_next_waits_for_its_answer()
    {
        Assert.Equal(RateDecision.GoAsProbe, _window.Decide(Start, out _));
        var first = _window.Acquire(isProbe: true, Start);

        Assert.Equal(RateDecision.WaitForAnswer, _window.Decide(Start, out _));
        _window.Release(first, Fine, Start);

        Assert.Equal(RateDecision.Go, _window.Decide(Start, out _));
    }

    [Fact]
    public void After_a_refusal_a_probe_goes_at_the_stated_time_and_not_before()
    {
        _window.Release(_window.Acquire(isProbe: true, Start), new RateReading(Refused: true, RetryAfter: TimeSpan.FromSeconds(7)), Start);

        Assert.Equal(RateDecision.WaitForTime, _window.Decide(Start.AddSeconds(6.999), out var due));
        Assert.Equal((Start.AddSeconds(7), Start.AddSeconds(7)), (due, _window.HeldUntil));
        Assert.Equal(RateDecision.GoAsProbe, _window.Decide(due, out _));
    }

    [Fact]
    public void A_wait_beyond_the_longest_window_is_probed_after_a_minute()
    {
        _window.Release(_window.Acquire(isProbe: true, Start), new RateReading(Refused: true, RetryAfter: TimeSpan.FromHours(1)), Start);

        Assert.Equal(RateDecision.WaitForTime, _window.Decide(Start, out var due));
        Assert.Equal((Start.AddMinutes(1), Start.AddHours(1)), (due, _window.HeldUntil));
    }

    [Fact]
    public void The_remaining_requests_are_those_stated_minus_those_under_way()
    {
        _window.Release(_window.Acquire(isProbe: true, Start), new RateReading(Refused: false, Limit: 60, Remaining: 20), Start);
        // Six permits are kept for probes while the length of a window is not known.
        Assert.Equal((14, 20), (Count(Start), _window.Remaining));
    }

    [Fact]
    public void A_probe_that_finds_the_window_over_opens_the_next_one()
    {
        _window.Release(_window.Acquire(isProbe: true, Start), new RateReading(Refused: false, Limit: 8, Remaining: 6), Start);
        Assert.Equal(RateDecision.WaitForTime, _window.Decide(Start, out var due));
        Assert.Equal(Start.AddSeconds(1), due);

        _window.Release(_window.Acquire(isProbe: true, due), new RateReading(Refused: false, Limit: 8, Remaining: 7), due);

        // One second is known now, and no probe needs to go earlier.
        Assert.Equal(RateDecision.WaitForTime, Spend(due, out var next));
        Assert.Equal(due.AddSeconds(1), next);
    }

    [Fact]
    public void With_one_permit_the_shortest_guesses_are_passed_over()
    {
        _window.Release(_window.Acquire(isProbe: true, Start), new RateReading(Refused: false, Limit: 2, Remaining: 1), Start);

        Assert.Equal(RateDecision.WaitForTime, _window.Decide(Start, out var due));
        Assert.Equal(Start.AddSeconds(3), due);
    }

    [Fact]
    public void Permits_for_which_no_probe_is_left_go_with_the_others()
    {
        _window.Release(_window.Acquire(isProbe: true, Start), new RateReading(Refused: false, Limit: 60, Remaining: 6), Start);
        _window.Release(_window.Acquire(isProbe: true, Start.AddSeconds(2)), new RateReading(Refused: false, Limit: 60, Remaining: 5), Start.AddSeconds(2));
        _window.Release(_window.Acquire(isProbe: true, Start.AddSeconds(3)), new RateReading(Refused: false, Limit: 60, Remaining: 59), Start.AddSeconds(3));

        // Three seconds, since it was open after two: all that are left go at once.
        Assert.Equal(59, Count(Start.AddSeconds(3)));
    }

    [Theory]
    [InlineData(5, 3)]
    [InlineData(100, 30)]
    public void Where_nothing_is_said_few_go_at_once_unless_answers_take_long(int milliseconds, int expected)
    {
        var now = Start;
        for (var i = 0; i < 5; i++)
        {
            var permit = _window.Acquire(isProbe: i == 0, now);
            now = now.AddMilliseconds(milliseconds);
            _window.Release(permit, Fine, now);
        }

        // At 30, a usual limit, one goes alone: 25 more come up to it.
        Assert.Equal(Math.Min(expected, 26), Count(now));
    }

    [Fact]
    public void After_a_refusal_of_unknown_limits_half_of_what_was_counted_is_sure()
    {
        for (var i = 0; i < 20; i++)
        {
            _window.Release(_window.Acquire(isProbe: i == 0, Start), Fine, Start);
        }

        _window.Release(_window.Acquire(isProbe: false, Start), new RateReading(Refused: true, RetryAfter: TimeSpan.FromSeconds(4)), Start);
        var next = Start.AddSeconds(4);
        _window.Release(_window.Acquire(isProbe: true, next), Fine, next);
        for (var sent = 1; sent < 10; sent++)
        {
            Assert.Equal(RateDecision.Go, _window.Decide(next, out _));
            _window.Release(_window.Acquire(isProbe: false, next), Fine, next);
        }

        // Beyond ten, one at a time.
        Assert.Equal(RateDecision.GoAsProbe, _window.Decide(next, out _));
        _ = _window.Acquire(isProbe: true, next);
        Assert.Equal(RateDecision.WaitForAnswer, _window.Decide(next, out _));
    }

    private int Count(DateTimeOffset now)
    {
        var count = 0;
        while (_window.Decide(now, out _) == RateDecision.Go)
        {
            _ = _window.Acquire(isProbe: false, now);
            count++;
        }

        return count;
    }

    private RateDecision Spend(DateTimeOffset now, out DateTimeOffset due)
    {
        _window.Release(_window.Acquire(isProbe: false, now), new RateReading(Refused: false, Limit: 8, Remaining: 0), now);
        return _window.Decide(now, out due);
    }
}
