using System;
using Xunit;

namespace RunCloud.Api.Tests.Http;

/// <summary>What the rate window decides, without a queue, a timer or a clock.</summary>
public sealed class RateWindowTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly RateReading Fine = new(Refused: false);

    private readonly RateWindow window = new(Start);

    [Fact]
    public void The_first_request_is_a_probe_and_the_next_waits_for_its_answer()
    {
        Assert.Equal(RateDecision.GoAsProbe, window.Decide(Start, out _));
        var first = window.Acquire(isProbe: true, Start);

        Assert.Equal(RateDecision.WaitForAnswer, window.Decide(Start, out _));
        window.Release(first, Fine, Start);

        Assert.Equal(RateDecision.Go, window.Decide(Start, out _));
    }

    [Fact]
    public void After_a_refusal_a_probe_goes_at_the_stated_time_and_not_before()
    {
        window.Release(window.Acquire(isProbe: true, Start), new RateReading(Refused: true, RetryAfter: TimeSpan.FromSeconds(7)), Start);

        Assert.Equal(RateDecision.WaitForTime, window.Decide(Start.AddSeconds(6.999), out var due));
        Assert.Equal((Start.AddSeconds(7), Start.AddSeconds(7)), (due, window.HeldUntil));
        Assert.Equal(RateDecision.GoAsProbe, window.Decide(due, out _));
    }

    [Fact]
    public void A_wait_beyond_the_longest_window_is_probed_after_a_minute()
    {
        window.Release(window.Acquire(isProbe: true, Start), new RateReading(Refused: true, RetryAfter: TimeSpan.FromHours(1)), Start);

        Assert.Equal(RateDecision.WaitForTime, window.Decide(Start, out var due));
        Assert.Equal((Start.AddMinutes(1), Start.AddHours(1)), (due, window.HeldUntil));
    }

    [Fact]
    public void The_remaining_requests_are_those_stated_minus_those_under_way()
    {
        window.Release(window.Acquire(isProbe: true, Start), new RateReading(Refused: false, Limit: 60, Remaining: 20), Start);
        var allowed = 0;
        while (window.Decide(Start, out _) == RateDecision.Go)
        {
            _ = window.Acquire(isProbe: false, Start);
            allowed++;
        }

        // Six permits are kept for probes while the length of a window is not known.
        Assert.Equal((14, 20), (allowed, window.Remaining));
    }

    [Fact]
    public void A_probe_that_finds_the_window_over_opens_the_next_one()
    {
        window.Release(window.Acquire(isProbe: true, Start), new RateReading(Refused: false, Limit: 2, Remaining: 1), Start);
        Assert.Equal(RateDecision.WaitForTime, window.Decide(Start, out var due));
        Assert.Equal(Start.AddSeconds(1), due);

        window.Release(window.Acquire(isProbe: true, due), new RateReading(Refused: false, Limit: 2, Remaining: 1), due);

        // One second is known now, and no probe needs to go earlier.
        Assert.Equal(RateDecision.WaitForTime, Spend(due, out var next));
        Assert.Equal(due.AddSeconds(1), next);
    }

    private RateDecision Spend(DateTimeOffset now, out DateTimeOffset due)
    {
        window.Release(window.Acquire(isProbe: false, now), new RateReading(Refused: false, Limit: 2, Remaining: 0), now);
        return window.Decide(now, out due);
    }
}
