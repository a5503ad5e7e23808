using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Http;

/// <summary>The gate before models of servers in virtual time, and rule by rule.</summary>
public sealed class RateGateTests
{
    private const Says Told = Says.LimitAndRemaining;

    private static readonly RateReading Fine = new(Refused: false);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(20)]
    [InlineData(30)]
    [InlineData(60)]
    public Task A_server_that_tells_what_is_left_refuses_nothing(int windowSeconds) =>
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
            iter: 25,
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
            Assert.True(!says.HasFlag(Told) || run.Refused == 0);
        }
    }

    [Theory]
    [InlineData(LimiterKind.FromFirstRequest)]
    [InlineData(LimiterKind.OnTheClock)]
    public async Task Where_nothing_at_all_is_said_the_length_of_a_window_is_found_out(LimiterKind kind)
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
    public Task Where_nothing_is_told_beforehand_at_most_one_request_a_window_is_refused(Says says) =>
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
            iter: 40,
            threads: 1);

    [Theory]
    [InlineData(Says.RetryAfter)]
    [InlineData(Says.Reset)]
    [InlineData(Says.None)]
    public Task Where_nothing_is_told_beforehand_a_usual_limit_is_met_by_one_request_alone_already_in_the_first_window(Says says) =>
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
            iter: 40,
            threads: 1);

    [Fact]
    public Task Whatever_the_server_is_like_every_request_gets_through_and_none_waits_for_ever() =>
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
            iter: 300,
            threads: 1);

    [Fact]
    public Task Whoever_gives_up_or_is_refused_no_other_waits_for_ever() =>
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
                using var gate = new RateGate(time, TimeSpan.FromSeconds(patience));
                time.HeldBack = () => gate.Waiting;
                var random = new Random(seed);
                var ended = 0;

                await time.RunAsync(Enumerable.Range(0, concurrency).Select(_ => (Func<Task>)(async () =>
                {
                    var scope = new RequestScope(observer: null);
                    for (var i = 0; i < 12; i++)
                    {
                        var (least, lost) = Draw();
                        using var source = least % 3 == 0 ? new CancellationTokenSource(TimeSpan.FromMilliseconds(least * 100), time) : new CancellationTokenSource();
                        try
                        {
                            var ticket = await gate.EnterAsync(scope, source.Token);
                            await time.SleepAsync(TimeSpan.FromMilliseconds(least));
                            RateReading reading;
                            lock (random)
                            {
                                reading = model.Take();
                            }

                            await time.SleepAsync(TimeSpan.FromMilliseconds(least));
                            gate.Leave(ticket, lost ? null : reading);
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

                    Interlocked.Increment(ref ended);
                })));

                Assert.Equal(concurrency, ended);
                Assert.Equal(0, gate.Waiting);

                (int Least, bool Lost) Draw()
                {
                    lock (random)
                    {
                        return (random.Next(1, 400), random.Next(1000) < lostPerMille);
                    }
                }
            },
            iter: 300,
            threads: 1);

    [Fact]
    public async Task Beside_another_program_with_the_same_token_little_is_refused()
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

    [Fact]
    public async Task The_first_request_goes_alone_and_the_others_when_it_is_answered()
    {
        using var line = new Line();
        var first = line.Enter();
        var second = line.Enter();
        var third = line.Enter();

        Assert.Equal([true, false, false], await line.GoneAsync(1));
        await line.LeaveAsync(first, Fine);

        Assert.Equal([true, true, true], await line.GoneAsync(3));
    }

    [Fact]
    public async Task Waiters_go_in_the_order_in_which_they_came()
    {
        using var line = new Line();
        for (var i = 0; i < 50; i++)
        {
            line.Enter();
        }

        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(Enumerable.Range(0, 50).Select(waiter => waiter <= i), await line.GoneAsync(i + 1));

            // One permit and no reserve: the next goes when this one is answered.
            await line.LeaveAsync(i, new RateReading(Refused: false, Limit: 1, Remaining: 1));
        }
    }

    [Fact]
    public async Task After_a_refusal_everybody_waits_once_for_the_stated_time_and_one_goes_first()
    {
        using var line = new Line();
        await line.OpenAsync();
        var (first, second) = (line.Enter(), line.Enter());
        await line.LeaveAsync(first, new RateReading(Refused: true, RetryAfter: TimeSpan.FromSeconds(7)));
        await line.LeaveAsync(second, new RateReading(Refused: true, RetryAfter: TimeSpan.FromSeconds(7)));
        var waiters = Enumerable.Range(0, 10).Select(_ => line.Enter()).ToArray();
        Assert.Equal(line.Start + TimeSpan.FromSeconds(7), Assert.Single(line.Announced));

        line.Time.Advance(TimeSpan.FromSeconds(7) - TimeSpan.FromTicks(1));
        Assert.Equal(10, line.Gate.Waiting);
        Assert.Equal(0, line.WaitsOver);
        line.Time.Advance(TimeSpan.FromMilliseconds(2));
        Assert.Equal(9, line.Gate.Waiting);
        Assert.Equal(1, line.WaitsOver);
        await line.LeaveAsync(waiters[0], Fine);

        // As many as the window before let through go at once, and then one at a time.
        Assert.Equal(9, line.Gate.Waiting + line.UnderWay);
        while (line.UnderWay > 0)
        {
            await line.LeaveAsync(line.Oldest, Fine);
        }

        Assert.Equal(0, line.Gate.Waiting);
        Assert.Equal(line.Start + TimeSpan.FromSeconds(7), Assert.Single(line.Announced));
    }

    [Fact]
    public async Task A_time_of_the_server_s_clock_is_turned_into_ours()
    {
        using var line = new Line();
        await line.OpenAsync();
        var server = line.Start + TimeSpan.FromHours(-5);
        var refused = line.Enter();
        line.Enter();
        await line.LeaveAsync(line.Enter(), Fine with { ServerTime = server });
        await line.LeaveAsync(refused, new RateReading(Refused: true, Reset: server + TimeSpan.FromSeconds(12), ServerTime: server));

        line.Enter();

        Assert.Equal(line.Start + TimeSpan.FromSeconds(12), Assert.Single(line.Announced));
    }

    [Fact]
    public async Task A_refusal_that_says_nothing_is_waited_out_for_a_minute()
    {
        using var line = new Line();
        await line.OpenAsync();
        await line.LeaveAsync(line.Enter(), new RateReading(Refused: true));
        line.Enter();

        Assert.Equal(line.Start + TimeSpan.FromMinutes(1), Assert.Single(line.Announced));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public async Task A_wait_that_is_no_wait_is_a_second(int seconds)
    {
        using var line = new Line();
        await line.OpenAsync();
        await line.LeaveAsync(line.Enter(), new RateReading(Refused: true, RetryAfter: TimeSpan.FromSeconds(seconds)));
        line.Enter();

        Assert.Equal(line.Start + TimeSpan.FromSeconds(1), Assert.Single(line.Announced));
    }

    [Fact]
    public async Task A_wait_longer_than_allowed_is_refused_once_a_request_has_been_to_see_and_says_when()
    {
        using var line = new Line(maximumWaitSeconds: 900);
        await line.OpenAsync();
        await line.LeaveAsync(line.Enter(), new RateReading(Refused: true, RetryAfter: TimeSpan.FromDays(365)));
        var (check, waiter) = (line.Enter(), line.Enter());
        Assert.Equal(line.Start + TimeSpan.FromMinutes(1), Assert.Single(line.Announced));
        line.Time.Advance(TimeSpan.FromSeconds(60.1));
        Assert.Equal(1, line.Gate.Waiting);
        await line.LeaveAsync(check, new RateReading(Refused: true, RetryAfter: TimeSpan.FromSeconds(900)));

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => line.Admission(waiter));

        Assert.Equal(RunCloudError.RateLimited, failure.Error);
        Assert.Equal(line.Start + TimeSpan.FromSeconds(960.1), failure.RetryAt);
        Assert.Contains("monthly quota", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, line.Gate.Waiting);
    }

    [Theory]
    [InlineData(3_600)]
    [InlineData(31_536_000)]
    public async Task No_header_costs_more_than_a_window_without_a_request_that_checks_it(int seconds)
    {
        using var line = new Line();
        await line.OpenAsync();
        await line.LeaveAsync(line.Enter(), new RateReading(Refused: true, RetryAfter: TimeSpan.FromSeconds(seconds)));
        var waiters = Enumerable.Range(0, 5).Select(_ => line.Enter()).ToArray();
        line.Time.Advance(TimeSpan.FromSeconds(60.1));
        await line.LeaveAsync(waiters[0], Fine);

        Assert.Equal([4, 0], [line.UnderWay + line.Gate.Waiting, line.Failed.Count]);
        while (line.UnderWay > 0)
        {
            await line.LeaveAsync(line.Oldest, Fine);
        }

        Assert.Equal(0, line.Gate.Waiting);
    }

    [Fact]
    public async Task The_next_command_sends_a_request_to_see_as_well()
    {
        using var line = new Line();
        await line.OpenAsync();
        await line.LeaveAsync(line.Enter(), new RateReading(Refused: true, RetryAfter: TimeSpan.FromDays(365)));
        var check = line.Enter();
        line.Time.Advance(TimeSpan.FromSeconds(60.1));
        await line.LeaveAsync(check, new RateReading(Refused: true, RetryAfter: TimeSpan.FromDays(365)));
        await Assert.ThrowsAsync<RunCloudException>(() => line.Admission(line.Enter()));

        line.Time.Advance(TimeSpan.FromSeconds(10));
        var next = line.EnterAsAnother();
        Assert.False(line.Admission(next).IsFaulted);
        line.Time.Advance(TimeSpan.FromSeconds(50.1));

        Assert.True(await line.IsGoneAsync(next));
    }

    [Fact]
    public async Task A_reset_that_can_be_counts_for_more_than_a_wait_that_can_not()
    {
        using var line = new Line();
        await line.OpenAsync();
        await line.LeaveAsync(line.Enter(), new RateReading(Refused: true, RetryAfter: TimeSpan.FromDays(20_000), Reset: line.Start.AddSeconds(5), ServerTime: line.Start));
        line.Enter();

        Assert.Equal(line.Start + TimeSpan.FromSeconds(5), Assert.Single(line.Announced));
    }

    [Fact]
    public async Task A_reset_far_away_holds_nothing_back_for_longer_than_a_window()
    {
        using var line = new Line();
        var spent = new RateReading(Refused: false, Limit: 2, Remaining: 0, Reset: line.Start.AddDays(365), ServerTime: line.Start);
        await line.LeaveAsync(line.Enter(), spent);
        var waiter = line.Enter();
        Assert.Equal(1, line.Gate.Waiting);
        line.Time.Advance(TimeSpan.FromSeconds(60.1));

        Assert.True(await line.IsGoneAsync(waiter));
    }

    [Fact]
    public async Task Waits_add_up_until_an_answer_is_let_through()
    {
        using var line = new Line(maximumWaitSeconds: 150);
        await line.OpenAsync();
        var waiter = line.Enter();
        for (var minute = 1; minute <= 2; minute++)
        {
            await line.LeaveAsync(waiter, new RateReading(Refused: true, RetryAfter: TimeSpan.FromSeconds(60)));
            waiter = line.Enter();
            line.Time.Advance(TimeSpan.FromSeconds(60.1));
        }

        await line.LeaveAsync(waiter, new RateReading(Refused: true, RetryAfter: TimeSpan.FromSeconds(60)));
        waiter = line.Enter();

        Assert.Equal(RunCloudError.RateLimited, (await Assert.ThrowsAsync<RunCloudException>(() => line.Admission(waiter))).Error);
    }

    [Fact]
    public async Task An_answer_that_is_let_through_begins_the_waiting_anew()
    {
        using var line = new Line(maximumWaitSeconds: 150);
        await line.OpenAsync();
        for (var minute = 1; minute <= 20; minute++)
        {
            var waiter = line.Enter();
            line.Time.Advance(TimeSpan.FromSeconds(61));
            await line.LeaveAsync(waiter, minute % 2 == 0 ? Fine : new RateReading(Refused: true, RetryAfter: TimeSpan.FromSeconds(60)));
            line.Time.Advance(TimeSpan.FromSeconds(minute % 2 == 0 ? 300 : 0));
        }

        Assert.Empty(line.Failed);
    }

    [Fact]
    public async Task Waiting_for_an_answer_is_no_waiting_for_the_limit()
    {
        using var line = new Line(maximumWaitSeconds: 60);
        await line.LeaveAsync(line.Enter(), new RateReading(Refused: false, Limit: 20, Remaining: 19, Reset: line.Start + TimeSpan.FromHours(1), ServerTime: line.Start));

        // The window has an hour to go, and with those under way all of it may be spent; but when they are answered more turns out to be left.
        _ = Enumerable.Range(0, 15).Select(_ => line.Enter()).ToArray();
        Assert.True(line.Gate.Waiting > 0);
        while (line.UnderWay > 0)
        {
            Assert.Empty(line.Announced);
            Assert.Empty(line.Failed);
            await line.LeaveAsync(line.Oldest, new RateReading(Refused: false, Limit: 20, Remaining: 18));
        }

        Assert.Equal(0, line.Gate.Waiting);
    }

    [Fact]
    public async Task Who_gives_up_waiting_leaves_the_line_and_holds_up_nobody()
    {
        using var line = new Line();
        using var source = new CancellationTokenSource();
        var first = line.Enter();
        var second = line.EnterUntil(source.Token);
        var third = line.Enter();

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => line.Admission(second));
        Assert.Equal(1, line.Gate.Waiting);
        await line.LeaveAsync(first, Fine);

        Assert.True(await line.IsGoneAsync(third));
    }

    [Fact]
    public async Task Who_has_given_up_before_is_never_in_the_line()
    {
        using var line = new Line();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => line.Admission(line.EnterUntil(new CancellationToken(canceled: true))));

        Assert.Equal(0, line.Gate.Waiting);
        Assert.True(await line.IsGoneAsync(line.Enter()));
    }

    [Fact]
    public async Task A_first_request_that_is_not_answered_holds_back_the_others_no_longer_than_itself()
    {
        using var line = new Line();
        var hung = line.Enter();
        var waiter = line.Enter();
        line.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(1, line.Gate.Waiting);

        await line.LeaveAsync(hung, answer: null);

        Assert.True(await line.IsGoneAsync(waiter));
    }

    [Fact]
    public async Task A_scout_that_is_not_answered_after_a_refusal_lets_the_others_go()
    {
        using var line = new Line();
        await line.OpenAsync();
        for (var i = 0; i < 5; i++)
        {
            await line.LeaveAsync(line.Enter(), Fine);
        }

        await line.LeaveAsync(line.Enter(), new RateReading(Refused: true, RetryAfter: TimeSpan.FromSeconds(3)));
        var waiters = Enumerable.Range(0, 4).Select(_ => line.Enter()).ToArray();
        line.Time.Advance(TimeSpan.FromSeconds(3.1));
        Assert.Equal(3, line.Gate.Waiting);

        await line.LeaveAsync(waiters[0], answer: null);

        Assert.Equal(0, line.Gate.Waiting);
    }

    [Fact]
    public async Task A_server_that_always_says_that_nothing_is_left_and_refuses_nothing_is_not_believed_for_long()
    {
        using var line = new Line();
        for (var i = 0; i < 100; i++)
        {
            line.Enter();
        }

        while (line.UnderWay + line.Gate.Waiting > 0)
        {
            if (line.UnderWay > 0)
            {
                await line.LeaveAsync(line.Oldest, new RateReading(Refused: false, Limit: 60, Remaining: 0));
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
    public async Task What_the_answers_say_is_what_is_known()
    {
        using var line = new Line();
        Assert.Null(line.Gate.Limit);
        Assert.Null(line.Gate.Remaining);
        var (first, second) = (line.Enter(), line.Enter());
        await line.LeaveAsync(first, new RateReading(Refused: false, Limit: 60, Remaining: 59));
        await line.LeaveAsync(second, new RateReading(Refused: false, Limit: 60, Remaining: 57));

        Assert.Equal((60, 57), (line.Gate.Limit, line.Gate.Remaining));

        // An older answer that comes later does not put anything back.
        await line.LeaveAsync(line.Enter(), new RateReading(Refused: false, Limit: 60, Remaining: 56));
        Assert.Equal(56, line.Gate.Remaining);
    }

    [Fact]
    public async Task An_answer_that_was_overtaken_puts_nothing_back()
    {
        using var line = new Line();
        await line.LeaveAsync(line.Enter(), new RateReading(Refused: false, Limit: 60, Remaining: 59));
        var (older, newer) = (line.Enter(), line.Enter());
        await line.LeaveAsync(newer, new RateReading(Refused: false, Limit: 60, Remaining: 57));
        await line.LeaveAsync(older, new RateReading(Refused: false, Limit: 60, Remaining: 58));

        Assert.Equal(57, line.Gate.Remaining);
    }

    /// <summary>Waiters before a gate whose clock stands still unless it is moved.</summary>
    private sealed class Line : IDisposable, IRequestObserver
    {
        // Only so that a waiter who is forgotten does not hang the whole run.
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

        private readonly List<(Task<RateGate.Ticket> Task, RequestScope Scope)> waiters = [];
        private readonly HashSet<int> left = [];
        private readonly RequestScope scope;

        internal Line(double maximumWaitSeconds = 900)
        {
            Gate = new RateGate(Time, TimeSpan.FromSeconds(maximumWaitSeconds));
            Start = Time.GetUtcNow();
            scope = new RequestScope(this);
        }

        internal FakeTimeProvider Time { get; } = new();

        internal RateGate Gate { get; }

        internal DateTimeOffset Start { get; }

        internal List<DateTimeOffset> Announced { get; } = [];

        internal int WaitsOver { get; private set; }

        internal IReadOnlyList<RunCloudException> Failed =>
            [.. waiters.Select(waiter => waiter.Task.Exception?.InnerException).OfType<RunCloudException>()];

        internal int UnderWay => waiters.Count - left.Count - Gate.Waiting - waiters.Count(waiter => waiter.Task.IsFaulted);

        /// <summary>The one that went first of those under way.</summary>
        internal int Oldest => Enumerable.Range(0, waiters.Count).First(waiter => !left.Contains(waiter) && !waiters[waiter].Task.IsFaulted);

        public void Dispose() => Gate.Dispose();

        public void OnRequest(RequestTrace trace)
        {
        }

        public void OnRateWait(DateTimeOffset until) => Announced.Add(until);

        public void OnRateWaitOver() => WaitsOver++;

        public void OnServerWait(DateTimeOffset until)
        {
        }

        /// <summary>Joins the line.</summary>
        internal int Enter() => EnterUntil(CancellationToken.None);

        internal int EnterUntil(CancellationToken cancellation)
        {
            waiters.Add((Gate.EnterAsync(scope, cancellation), scope));
            return waiters.Count - 1;
        }

        /// <summary>Joins the line for another command.</summary>
        internal int EnterAsAnother()
        {
            var other = new RequestScope(this);
            waiters.Add((Gate.EnterAsync(other, CancellationToken.None), other));
            return waiters.Count - 1;
        }

        internal Task<RateGate.Ticket> Admission(int waiter) => waiters[waiter].Task;

        internal async Task LeaveAsync(int waiter, RateReading? answer)
        {
            var ticket = await waiters[waiter].Task.WaitAsync(Patience, Stop);
            left.Add(waiter);
            Gate.Leave(ticket, answer);
        }

        /// <summary>Has the first request answered.</summary>
        internal Task OpenAsync() => LeaveAsync(Enter(), Fine);

        /// <summary>Which have gone, when it must be as many as given.</summary>
        internal async Task<IEnumerable<bool>> GoneAsync(int count)
        {
            Assert.Equal(waiters.Count - count, Gate.Waiting);
            await Task.WhenAll(waiters.Take(count).Select(waiter => waiter.Task)).WaitAsync(Patience, Stop);
            return waiters.Select(waiter => waiter.Task.IsCompleted);
        }

        /// <summary>Whether somebody has gone: its task ends a little later than its waiting.</summary>
        internal async Task<bool> IsGoneAsync(int waiter)
        {
            if (Gate.Waiting > 0)
            {
                return false;
            }

            await waiters[waiter].Task.WaitAsync(Patience, Stop);
            return true;
        }
    }
}
