using Xunit;

namespace RunCloud.Api.Tests.Http;

/// <summary>What small limits cost, in virtual time. <c>RunCloud.Benchmarks -- job</c> measures the same in real time.</summary>
public sealed class RateTableTests
{
    private const Says Told = Says.LimitAndRemaining;

    /// <summary>The least time: whole windows pass before the last request may go.</summary>
    [Theory]
    [InlineData(LimiterKind.FromFirstRequest, 7, 3, 80, Told | Says.RetryAfter, 1.1, 0)]
    [InlineData(LimiterKind.FromFirstRequest, 20, 2, 80, Told | Says.RetryAfter, 1.1, 1)]
    [InlineData(LimiterKind.FromFirstRequest, 3, 2, 25, Told, 1.2, 0)]
    [InlineData(LimiterKind.FromFirstRequest, 60, 60, 300, Told, 1.05, 0)]
    [InlineData(LimiterKind.FromFirstRequest, 60, 60, 300, Told | Says.Reset, 1.05, 0)]
    [InlineData(LimiterKind.FromFirstRequest, 11, 7, 100, Told, 1.1, 0)]
    [InlineData(LimiterKind.OnTheClock, 7, 3, 80, Told | Says.RetryAfter, 1.1, 1)]
    [InlineData(LimiterKind.OnTheClock, 20, 2, 80, Told | Says.RetryAfter, 1.1, 1)]
    [InlineData(LimiterKind.OnTheClock, 3, 2, 25, Told, 1.2, 1)]
    [InlineData(LimiterKind.OnTheClock, 60, 60, 300, Told, 1.05, 1)]
    [InlineData(LimiterKind.Sliding, 7, 3, 80, Told | Says.RetryAfter, 1.1, 1)]
    [InlineData(LimiterKind.Sliding, 20, 2, 80, Told | Says.RetryAfter, 1.1, 1)]
    [InlineData(LimiterKind.Sliding, 60, 60, 300, Told, 1.1, 1)]
    [InlineData(LimiterKind.TokenBucket, 7, 3, 80, Told | Says.RetryAfter, 1.1, 0)]
    [InlineData(LimiterKind.TokenBucket, 20, 2, 80, Told | Says.RetryAfter, 1.1, 1)]
    [InlineData(LimiterKind.TokenBucket, 3, 2, 25, Told, 1.2, 0)]
    public async Task Where_the_answers_say_what_is_left_a_job_takes_little_more_than_the_least_time(
        LimiterKind kind, int limit, int windowSeconds, int requests, Says says, double ratio, int windowsMore)
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            var run = await RunAsync(kind, limit, windowSeconds, says, requests, seed);
            var least = (requests - 1) / limit * windowSeconds;

            Assert.InRange(run.Elapsed.TotalSeconds, 0, (least * ratio) + (windowSeconds * windowsMore) + 1);
            Assert.True(kind == LimiterKind.OnTheClock || run.Refused == 0, $"{run.Refused} were refused.");
            Assert.All(run.Model.Refused.GroupBy(refusal => refusal.Window), window => Assert.InRange(window.Count(), 0, 2));
        }
    }

    [Theory]
    [InlineData(LimiterKind.FromFirstRequest, 37, 5)]
    [InlineData(LimiterKind.FromFirstRequest, 13, 4)]
    [InlineData(LimiterKind.OnTheClock, 37, 5)]
    [InlineData(LimiterKind.OnTheClock, 13, 4)]
    public async Task Where_only_refusals_say_something_the_first_window_refuses_three_at_most_and_any_other_one(LimiterKind kind, int limit, int windowSeconds)
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            var run = await RunAsync(kind, limit, windowSeconds, Says.RetryAfter, requests: 200, seed);
            var windows = run.Model.Refused.GroupBy(refusal => refusal.Window).Select(window => window.Count()).ToList();

            Assert.InRange(windows[0], 1, 3);
            Assert.All(windows.Skip(1), count => Assert.Equal(1, count));
            Assert.InRange(run.Elapsed.TotalSeconds, 0, (199 / limit * windowSeconds * 1.1) + windowSeconds);
        }
    }

    [Fact]
    public async Task A_token_bucket_that_says_that_nothing_is_left_is_believed_again_after_a_refusal()
    {
        var run = await RunAsync(LimiterKind.TokenBucket, 60, 60, Told, requests: 600, seed: 1);

        Assert.InRange(run.Refused, 0, 12);
    }

    private static Task<RateRun> RunAsync(LimiterKind kind, int limit, int windowSeconds, Says says, int requests, int seed) => new RateRun
    {
        Kind = kind,
        Limit = limit,
        WindowSeconds = windowSeconds,
        Says = says,
        Requests = requests,
        Seed = seed,
        Latency = (2, 3),
    }.GoAsync();
}
