using CsCheck;
using Xunit;

namespace RunCloud.Api.Tests.Http;

/// <summary>The rate limiter before models of servers, in virtual time.</summary>
public sealed class RateLimiterModelTests
{
    private const Says Told = Says.LimitAndRemaining;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(20)]
    [InlineData(30)]
    [InlineData(60)]
    public Task A_server_that_states_the_remaining_requests_refuses_none(int windowSeconds) =>
        Gen.Select(Gen.Int[8, 120], Gen.Int[1, 64], Gen.Int[0, 100], Gen.Int[0, 300], Gen.Bool, Gen.Int).SampleAsync(
            async (limit, concurrency, least, spread, sayReset, seed) =>
            {
                var run = await new RateRun
                {
                    Kind = LimiterKind.FromFirstRequest,
                    Limit = limit,
                    WindowSeconds = windowSeconds,
                    Says = sayReset ? Told | Says.Reset : Told,
                    Concurrency = concurrency,
                    Latency = (least, least + spread),
                    Requests = limit * 5,
                    Seed = seed,
                }.GoAsync();

                Assert.Equal(0, run.Refused);
                Assert.Equal(limit * 5, run.Model.Accepted.Count);
            },
            iter: Draws.Of(25),
            threads: 1);

    [Theory]
    [InlineData(LimiterKind.FromFirstRequest, Told)]
    [InlineData(LimiterKind.FromFirstRequest, Told | Says.Reset)]
    [InlineData(LimiterKind.FromFirstRequest, Told | Says.RetryAfter)]
    [InlineData(LimiterKind.FromFirstRequest, Says.RetryAfter)]
    [InlineData(LimiterKind.FromFirstRequest, Says.Reset)]
    [InlineData(LimiterKind.OnTheClock, Told)]
    [InlineData(LimiterKind.OnTheClock, Told | Says.Reset)]
    [InlineData(LimiterKind.OnTheClock, Told | Says.RetryAfter)]
    [InlineData(LimiterKind.OnTheClock, Says.RetryAfter)]
    [InlineData(LimiterKind.OnTheClock, Says.Reset)]
    [InlineData(LimiterKind.TokenBucket, Told)]
    [InlineData(LimiterKind.TokenBucket, Told | Says.Reset)]
    [InlineData(LimiterKind.TokenBucket, Says.RetryAfter)]
    public async Task Sixty_requests_in_ten_seconds_are_used_to_the_full(LimiterKind kind, Says says)
    {
        foreach (var concurrency in new[] { 1, 4, 16, 64 })
        {
            foreach (var requests in new[] { 600, 1500 })
            {
                var run = await new RateRun { Kind = kind, Says = says, Concurrency = concurrency, Requests = requests }.GoAsync();

                TestContext.Current.TestOutputHelper?.WriteLine($"{concurrency} side by side, {requests} requests: {run.Ratio:0.000} of the time, {run.Refused} refused");
                Assert.InRange(run.Ratio, 0.8, 1.05);
            }
        }
    }

    [Theory]
    [InlineData(Told, 1.3)]
    [InlineData(Told | Says.Reset, 1.3)]
    [InlineData(Says.RetryAfter, 1.05)]
    public async Task A_sliding_limit_costs_a_little_more(Says says, double ratio)
    {
        foreach (var concurrency in new[] { 1, 4, 16, 64 })
        {
            var run = await new RateRun { Kind = LimiterKind.Sliding, Says = says, Concurrency = concurrency, Requests = 1500 }.GoAsync();

            Assert.InRange(run.Ratio, 0.8, ratio);
            Assert.Equal(0, says == Told ? run.Refused : 0);
            Assert.All(run.Model.Refused.GroupBy(refusal => refusal.Window), window => Assert.True(!says.HasFlag(Told) || window.Count() == 1));
        }
    }

    [Theory]
    [InlineData(LimiterKind.FromFirstRequest)]
    [InlineData(LimiterKind.OnTheClock)]
    public async Task Without_any_headers_the_length_of_a_window_is_learned(LimiterKind kind)
    {
        foreach (var concurrency in new[] { 1, 4, 16, 64 })
        {
            var early = await new RateRun { Kind = kind, Says = Says.None, Concurrency = concurrency, Requests = 1200 }.GoAsync();
            var later = await new RateRun { Kind = kind, Says = Says.None, Concurrency = concurrency, Requests = 2400 }.GoAsync();

            // It is tried now and then whether more is allowed, and then a minute passes.
            Assert.InRange((later.Elapsed - early.Elapsed) / TimeSpan.FromSeconds(1200 / 6.0), 0.95, 1.8);

            // On the clock a window may end in the midst of the counting, which is then too high for once.
            Assert.InRange(later.MostRefusalsLater, 0, kind == LimiterKind.OnTheClock ? Math.Max(concurrency, 2) : 1);
            Assert.InRange(later.Refused, 0, concurrency + (2400 / 60));
        }
    }

    [Theory]
    [InlineData(Says.RetryAfter)]
    [InlineData(Says.Reset)]
    [InlineData(Says.None)]
    public Task Without_headers_at_most_one_request_per_window_is_refused(Says says) =>
        Gen.Select(says == Says.None ? Gen.Const(LimiterKind.FromFirstRequest) : Gen.OneOf(LimiterKind.FromFirstRequest, LimiterKind.OnTheClock), Gen.Int[8, 90], Gen.OneOf(5, 10, 20, 60), Gen.Int[1, 64], Gen.Int).SampleAsync(
            async (kind, limit, windowSeconds, concurrency, seed) =>
            {
                var run = await new RateRun
                {
                    Kind = kind,
                    Limit = limit,
                    WindowSeconds = windowSeconds,
                    Says = says,
                    Concurrency = concurrency,
                    Requests = limit * 24,
                    Seed = seed,
                }.GoAsync();

                Assert.InRange(run.MostRefusalsLater, 0, 1);
            },
            iter: Draws.Of(40),
            threads: 1);

    [Theory]
    [InlineData(Says.RetryAfter)]
    [InlineData(Says.Reset)]
    [InlineData(Says.None)]
    public Task Without_headers_only_one_request_exceeds_a_usual_limit_even_in_the_first_window(Says says) =>
        Gen.Select(Gen.OneOf(LimiterKind.FromFirstRequest, LimiterKind.Sliding), Gen.OneOf(30, 60, 100, 120, 300), Gen.OneOf(10, 20, 60), Gen.Int[8, 64], Gen.Int[0, 100], Gen.Int).SampleAsync(
            async (kind, limit, windowSeconds, concurrency, spread, seed) =>
            {
                var run = await new RateRun
                {
                    Kind = kind,
                    Limit = limit,
                    WindowSeconds = windowSeconds,
                    Says = says,
                    Concurrency = concurrency,
                    Latency = (5, 5 + spread),
                    Requests = limit * 3 / 2,
                    Seed = seed,
                }.GoAsync();

                Assert.Single(run.Model.Refused, refusal => refusal.At.TotalSeconds < windowSeconds);
                Assert.Equal(limit * 3 / 2, run.Model.Accepted.Count);
            },
            iter: Draws.Of(40),
            threads: 1);

    [Fact]
    public Task With_any_server_every_request_is_sent_and_none_waits_forever() =>
        Gen.Select(
            Gen.Select(Gen.Enum<LimiterKind>(), Gen.Int[0, 7].Select(says => (Says)says), Gen.Int[1, 80], Gen.Int[1, 70]),
            Gen.Select(Gen.Int[1, 64], Gen.Int[0, 200], Gen.Int[0, 2000], Gen.Int[0, 100]),
            Gen.Double[0, 0.6],
            Gen.Int).SampleAsync(
            async (server, clients, others, seed) =>
            {
                var (kind, says, limit, window) = server;
                var (concurrency, least, spread, lost) = clients;
                var run = await new RateRun
                {
                    Kind = kind,
                    Says = says,
                    Limit = limit,
                    WindowSeconds = window,
                    Concurrency = concurrency,
                    Latency = (least, least + spread),
                    LostPerMille = lost,
                    Others = others * limit / window,
                    Requests = Math.Min(limit * 6, 300),
                    Seed = seed,
                }.GoAsync();

                // A wait is a few windows, or a minute where nothing is said, for each share of the limit before it in the line; some more
                // where another program takes the permits of window after window.
                var rounds = 4 + (concurrency / (limit * (1 - others)));
                Assert.InRange(run.LongestWait.TotalSeconds, 0, rounds * (Math.Max(window, 60) + 31) * 6);
            },
            iter: Draws.Of(300),
            threads: 1);

    [Fact]
    public Task No_caller_waits_forever_because_another_was_cancelled_or_refused() =>
        Gen.Select(
            Gen.Select(Gen.Enum<LimiterKind>(), Gen.Int[0, 7].Select(says => (Says)says), Gen.Int[1, 30], Gen.Int[1, 70]),
            Gen.Select(Gen.Int[1, 40], Gen.Int[0, 150], Gen.Int[1, 90]),
            Gen.Int).SampleAsync(
            async (server, clients, seed) =>
            {
                var (kind, says, limit, window) = server;
                var (concurrency, lostPerMille, patience) = clients;
                var time = new VirtualTime();
                var model = new RateModel(time, kind, limit, TimeSpan.FromSeconds(window), says);
                using var limiter = new RateLimiter(time, TimeSpan.FromSeconds(patience));
                time.HeldBack = () => limiter.Waiting;
                var random = new Random(seed);
                var ended = 0;

                await time.RunAsync(Enumerable.Range(0, concurrency).Select(_ => (Func<Task>)(async () =>
                {
                    await SendImpatientlyAsync(time, limiter, model, random, lostPerMille);
                    Interlocked.Increment(ref ended);
                })));

                Assert.Equal(concurrency, ended);
                Assert.Equal(0, limiter.Waiting);
            },
            iter: Draws.Of(300),
            threads: 1);

    [Fact]
    public async Task With_another_program_on_the_same_token_few_requests_are_refused()
    {
        foreach (var kind in new[] { LimiterKind.FromFirstRequest, LimiterKind.OnTheClock })
        {
            var run = await new RateRun { Kind = kind, Says = Told | Says.RetryAfter, Others = 2, Requests = 1200 }.GoAsync();

            Assert.InRange(run.Refused, 0, 40);
            Assert.InRange(run.Elapsed.TotalSeconds / (1200 / 4.0), 0, 1.2);
        }
    }

    [Theory]
    [InlineData(11, 39, 11, 70, 955, 39, 0.5344827586206896, 496880345)]
    [InlineData(12, 60, 50, 105, 633, 37, 0.548240941550504, 265301)]
    [InlineData(13, 55, 28, 55, 1740, 75, 0.5758597464460354, 9)]
    public async Task A_sliding_limit_that_another_program_uses_as_well_is_not_taken_for_a_window_that_never_ends(
        int limit, int windowSeconds, int concurrency, int least, int spread, int lost, double others, int seed)
    {
        var run = await new RateRun
        {
            Kind = LimiterKind.Sliding,
            Says = Told,
            Limit = limit,
            WindowSeconds = windowSeconds,
            Concurrency = concurrency,
            Latency = (least, least + spread),
            LostPerMille = lost,
            Others = others * limit / windowSeconds,
            Requests = limit * 6,
            Seed = seed,
        }.GoAsync();

        Assert.InRange(run.Ratio * (1 - others), 0, 4);
    }

    /// <summary>Twelve requests in a row, some of which are given up.</summary>
    private static async Task SendImpatientlyAsync(VirtualTime time, RateLimiter limiter, RateModel model, Random random, int lostPerMille)
    {
        var scope = new RequestScope(observer: null);
        for (var i = 0; i < 12; i++)
        {
            var (least, lost) = Draw();
            using var source = least % 3 == 0 ? new CancellationTokenSource(TimeSpan.FromMilliseconds(least * 100), time) : new CancellationTokenSource();
            try
            {
                var lease = await limiter.AcquireAsync(scope, source.Token);
                await time.SleepAsync(TimeSpan.FromMilliseconds(least));
                RateReading reading;
                lock (random)
                {
                    reading = model.Take();
                }

                await time.SleepAsync(TimeSpan.FromMilliseconds(least));
                limiter.Release(lease, lost ? null : reading);
            }
            catch (OperationCanceledException)
            {
                Assert.True(source.IsCancellationRequested);
            }
            catch (RunCloudException e)
            {
                Assert.Equal(RunCloudError.RateLimited, e.Error);
            }
        }

        (int Least, bool Lost) Draw()
        {
            lock (random)
            {
                return (random.Next(1, 400), random.Next(1000) < lostPerMille);
            }
        }
    }
}
