using System.Net.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Http;

/// <summary>What is sent again, when, and how often.</summary>
public sealed class RetryTests
{
    private static readonly ApiRequest Ping = new(HttpMethod.Get, "/ping", "Connecting");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(9)]
    public async Task A_failure_that_may_pass_is_tried_again_as_often_as_allowed(int retries)
    {
        var handler = new StubHandler(_ => Answers.Message(503, "Down."));
        var run = await SendAsync(handler, options => options with { MaximumRetryCount = retries });

        Assert.Equal(RunCloudError.ServerError, run.Failure!.Error);
        Assert.Equal(retries + 1, handler.Requests.Count);
    }

    [Fact]
    public async Task Waits_double_up_to_a_bound_with_full_jitter()
    {
        foreach (var chance in new[] { 0, 0.25, 0.999 })
        {
            var run = await SendAsync(new StubHandler(_ => Answers.Message(500, "No.")), options => options with { MaximumRetryCount = 8, Jitter = () => chance });

            Assert.Equal(8, run.Gaps.Count);
            foreach (var (longest, gap) in new[] { 0.5, 1, 2, 4, 8, 16, 20, 20 }.Zip(run.Gaps))
            {
                // Timers know whole milliseconds.
                Assert.Equal(longest * chance, gap.TotalSeconds, 0.001);
            }
        }
    }

    [Fact]
    public async Task Retries_are_random_by_default()
    {
        var parts = new List<double>();
        for (var job = 0; job < 50; job++)
        {
            var run = await SendAsync(new StubHandler(_ => Answers.Message(500, "No.")), options => options with { MaximumRetryCount = 4, Jitter = null });
            parts.AddRange(run.Gaps.Select((gap, number) => gap.TotalSeconds / (0.5 * Math.Pow(2, number))));
        }

        // That of 200 even chances none falls into a given fourth happens once in 10^25 times.
        Assert.All(parts, part => Assert.InRange(part, 0, 1));
        Assert.All([0, 0.25, 0.5, 0.75], fourth => Assert.Contains(parts, part => part >= fourth && part < fourth + 0.25));
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("0", 0.25)]
    [InlineData("nonsense", 0.25)]
    [InlineData("-3", 0.25)]
    public async Task A_server_that_is_down_is_given_the_time_it_asks_for(string retryAfter, double seconds)
    {
        var run = await SendAsync(
            StubHandler.InTurn(() => Answers.Message(503, "Down.").With("Retry-After", retryAfter), Pong),
            options => options with { Jitter = () => 0.5 });

        Assert.Null(run.Failure);
        Assert.Equal(seconds, Assert.Single(run.Gaps).TotalSeconds, 3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_requested_time_may_be_a_date_by_either_clock(bool saysDate)
    {
        var run = await SendAsync(time => StubHandler.InTurn(
            () =>
            {
                var server = time.GetUtcNow() + (saysDate ? TimeSpan.FromHours(3) : TimeSpan.Zero);
                var answer = Answers.Message(503, "Down.").With("Retry-After", (server + TimeSpan.FromSeconds(11)).ToString("R"));
                return saysDate ? answer.With("Date", server.ToString("R")) : answer;
            },
            Pong));

        Assert.Null(run.Failure);
        Assert.InRange(Assert.Single(run.Gaps).TotalSeconds, 10, 11);
    }

    [Fact]
    public async Task A_server_that_asks_for_more_than_may_be_waited_fails_at_once()
    {
        var handler = StubHandler.InTurn(() => Answers.Message(503, "Down.").With("Retry-After", "61"), Pong);

        var run = await SendAsync(handler, options => options with { MaximumWait = TimeSpan.FromSeconds(59) });

        Assert.Equal(RunCloudError.ServerError, run.Failure!.Error);
        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task A_server_that_asks_for_an_absurd_time_is_asked_once_more_after_a_minute()
    {
        var handler = new StubHandler(_ => Answers.Message(503, "Down.").With("Retry-After", "31536000"));

        var run = await SendAsync(handler);

        Assert.Equal(RunCloudError.ServerError, run.Failure!.Error);
        Assert.Equal(2, handler.Requests.Count);
        Assert.InRange(run.Elapsed.TotalSeconds, 60, 61);
    }

    [Fact]
    public async Task A_server_that_asks_for_a_long_time_is_asked_each_minute_whether_it_still_needs_it()
    {
        var handler = new StubHandler(request => request.Number <= 9 ? Answers.Message(503, "Down.").With("Retry-After", $"{600 - (60 * request.Number)}") : Pong());

        var run = await SendAsync(handler, options => options with { MaximumRetryCount = 1 });

        Assert.Null(run.Failure);
        Assert.All(run.Gaps, gap => Assert.Equal(60, gap.TotalSeconds, 1));
    }

    [Theory]
    [InlineData(425, null, 2)]
    [InlineData(525, null, 2)]
    [InlineData(529, null, 2)]
    [InlineData(530, null, 2)]
    [InlineData(423, "3", 2)]
    [InlineData(403, "3", 2)]
    [InlineData(423, null, 1)]
    [InlineData(403, null, 1)]
    [InlineData(526, null, 1)]
    [InlineData(501, null, 1)]
    public async Task Temporary_failures_are_retried_and_nothing_else(int status, string? retryAfter, int requests)
    {
        var handler = StubHandler.InTurn(
            () => retryAfter is null ? Answers.Message(status, "No.") : Answers.Message(status, "No.").With("Retry-After", retryAfter), Pong);

        var run = await SendAsync(handler);

        Assert.Equal(requests == 2, run.Failure is null);
        Assert.Equal(requests, handler.Requests.Count);
    }

    [Theory]
    [InlineData(75, 3)]
    [InlineData(74, 2)]
    public async Task Requested_waits_add_up_to_no_more_than_the_maximum(int most, int waits)
    {
        var handler = new StubHandler(_ => Answers.Message(503, "Down.").With("Retry-After", "25"));

        var run = await SendAsync(handler, options => options with { MaximumRetryCount = 20, MaximumWait = TimeSpan.FromSeconds(most) });

        Assert.Equal(RunCloudError.ServerError, run.Failure!.Error);
        Assert.Equal(waits + 1, handler.Requests.Count);
        Assert.Equal(waits * 25, run.Elapsed.TotalSeconds, 1);
    }

    [Fact]
    public async Task Waits_that_nobody_asked_for_are_not_counted_with_them()
    {
        var handler = new StubHandler(request => request.Number == 9 ? Pong()
            : request.Number == 5 ? Answers.Message(503, "Down.").With("Retry-After", "10")
            : Answers.Message(503, "Down."));

        var run = await SendAsync(handler, options => options with { MaximumRetryCount = 20, MaximumWait = TimeSpan.FromSeconds(10), Jitter = () => 0.5 });

        Assert.Null(run.Failure);
        Assert.True(run.Elapsed.TotalSeconds > 20);
    }

    [Fact]
    public async Task A_wait_that_a_server_asks_for_is_announced_and_no_other()
    {
        var run = await SendAsync(
            StubHandler.InTurn(
                () => Answers.Message(503, "Down."),
                () => Answers.Message(503, "Down.").With("Retry-After", "40"),
                () => Answers.Message(502, "Down.").With("Retry-After", "7"),
                Pong),
            options => options with { Jitter = () => 0.5 });

        Assert.Null(run.Failure);
        Assert.Equal([0.25, 40, 7], run.Gaps.Select(gap => Math.Round(gap.TotalSeconds, 2)));
        Assert.Equal([40.25, 47.25], run.Announced.Select(at => Math.Round(at.TotalSeconds, 2)));
    }

    [Fact]
    public async Task A_refusal_is_waited_out_and_does_not_count_as_a_retry()
    {
        var handler = new StubHandler(request => request.Number <= 6 ? Answers.Message(429, "Too Many Attempts.").With("Retry-After", "10") : Pong());

        var run = await SendAsync(handler, options => options with { MaximumRetryCount = 0 });

        Assert.Null(run.Failure);
        Assert.Equal([10, 10, 10, 10, 10, 10], run.Gaps.Select(gap => Math.Round(gap.TotalSeconds, 2)));
    }

    [Fact]
    public async Task Endless_refusals_are_an_error_that_says_until_when()
    {
        var handler = new StubHandler(_ => Answers.Message(429, "Too Many Attempts."));

        var run = await SendAsync(handler, options => options with { MaximumWait = TimeSpan.FromMinutes(5) });

        Assert.Equal(RunCloudError.RateLimited, run.Failure!.Error);
        Assert.Equal(429, run.Failure.Status);
        Assert.NotNull(run.Failure.RetryAt);
        Assert.Contains("monthly quota", run.Failure.Message, StringComparison.Ordinal);
        Assert.InRange(handler.Requests.Count, 4, 6);
        Assert.InRange(run.Elapsed.TotalMinutes, 3, 5);
    }

    [Fact]
    public async Task A_quota_spent_for_weeks_is_an_error_after_one_probe()
    {
        var handler = new StubHandler(_ => Answers.Message(429, "Too Many Attempts.").With("Retry-After", "1209600"));

        var run = await SendAsync(handler);

        Assert.Equal(RunCloudError.RateLimited, run.Failure!.Error);
        Assert.Equal(2, handler.Requests.Count);
        Assert.InRange(run.Elapsed.TotalSeconds, 60, 61);
    }

    [Fact]
    public async Task The_time_limit_does_not_run_during_a_rate_limit_wait()
    {
        var handler = StubHandler.InTurn(() => Answers.Message(429, "Too Many Attempts.").With("Retry-After", "300"), Pong);

        var run = await SendAsync(handler, options => options with { RequestTimeout = TimeSpan.FromSeconds(1) });

        Assert.Null(run.Failure);
    }

    [Fact]
    public async Task An_addition_is_not_repeated_after_a_lost_answer()
    {
        foreach (var lost in new Func<HttpResponseMessage>[]
        {
            () => Answers.Message(500, "No."),
            () => Answers.Html(),
            () => Answers.Json("{"),
            () => throw new HttpRequestException(HttpRequestError.ResponseEnded, "lost"),
        })
        {
            var handler = new StubHandler(_ => lost());
            var request = new ApiRequest(HttpMethod.Post, "/servers/1/ssh/credentials", "Adding")
            {
                Body = new NewSshCredentialRow { Label = "a", Username = "b", PublicKey = "c" },
            };

            var run = await SendAsync(handler, request: request);

            Assert.True(run.Failure!.MayHaveActed);
            Assert.Single(handler.Requests);
        }
    }

    [Fact]
    public async Task A_wait_can_be_given_up()
    {
        foreach (var answer in new Func<HttpResponseMessage>[]
        {
            () => Answers.Message(503, "Down.").With("Retry-After", "60"),
            () => Answers.Message(429, "Too Many Attempts.").With("Retry-After", "60"),
        })
        {
            var time = new VirtualTime();
            var handler = new StubHandler(_ => answer());
            using var transport = new Transport(Options(handler) with { Time = time });
            time.HeldBack = () => transport.Limiter.Waiting;
            using var source = new CancellationTokenSource();
            time.At(TimeSpan.FromSeconds(30), source.Cancel);

            await time.RunAsync([() => Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => transport.SendAsync(Ping, WireJson.Default.PingRow, new RequestScope(observer: null), source.Token))]);

            Assert.Equal(TimeSpan.FromSeconds(30), time.Elapsed);
            Assert.Single(handler.Requests);
        }
    }

    [Fact]
    public async Task Many_callers_share_one_wait()
    {
        var time = new VirtualTime();
        var end = TimeSpan.Zero;
        var sent = new List<TimeSpan>();
        var handler = new StubHandler(async (request, cancellation) =>
        {
            lock (sent)
            {
                sent.Add(time.Elapsed);
            }

            await time.SleepAsync(TimeSpan.FromMilliseconds(50), cancellation);
            lock (sent)
            {
                end = end == TimeSpan.Zero && request.Number == 5 ? time.Elapsed + TimeSpan.FromSeconds(20) : end;
                return end > time.Elapsed ? Answers.Message(429, "Too Many Attempts.").With("Retry-After", "20") : Pong();
            }
        });
        using var transport = new Transport(Options(handler) with { Time = time });
        time.HeldBack = () => transport.Limiter.Waiting;

        await time.RunAsync(Enumerable.Range(0, 32).Select(_ => (Func<Task>)(async () =>
        {
            for (var i = 0; i < 3; i++)
            {
                await transport.SendAsync(Ping, WireJson.Default.PingRow, new RequestScope(observer: null), Stop);
            }
        })));

        // Nobody sends in the time that the server asked for, but those who were under way when it did.
        Assert.True(end > TimeSpan.Zero);
        Assert.DoesNotContain(sent, at => at > end - TimeSpan.FromSeconds(19.8) && at < end);
    }

    private static HttpResponseMessage Pong() => Answers.Json("""{"message":"pong"}""");

    private static Task<Run> SendAsync(StubHandler handler, Func<RunCloudClientOptions, RunCloudClientOptions>? change = null, ApiRequest? request = null) =>
        SendAsync(_ => handler, change, request);

    private static async Task<Run> SendAsync(
        Func<VirtualTime, StubHandler> handler, Func<RunCloudClientOptions, RunCloudClientOptions>? change = null, ApiRequest? request = null)
    {
        var time = new VirtualTime();
        var sent = new List<TimeSpan>();
        using var watched = new Watch(handler(time), () => sent.Add(time.Elapsed));
        var options = Options(watched) with { Time = time };
        using var transport = new Transport(change is null ? options : change(options));
        time.HeldBack = () => transport.Limiter.Waiting;
        RunCloudException? failure = null;
        var ear = new Ear(time);
        await time.RunAsync([async () =>
        {
            try
            {
                await transport.SendAsync(request ?? Ping, WireJson.Default.PingRow, new RequestScope(ear), Stop);
            }
            catch (RunCloudException e)
            {
                failure = e;
            }
        }]);
        return new Run(failure, [.. sent.Skip(1).Zip(sent, (next, before) => next - before)], time.Elapsed, ear.Announced);
    }

    private sealed record Run(RunCloudException? Failure, IReadOnlyList<TimeSpan> Gaps, TimeSpan Elapsed, IReadOnlyList<TimeSpan> Announced);

    /// <summary>Hears until when a server has asked to wait, counted from the beginning.</summary>
    private sealed class Ear(VirtualTime time) : IRequestObserver
    {
        private readonly DateTimeOffset _start = time.GetUtcNow();

        internal List<TimeSpan> Announced { get; } = [];

        public bool WantsHeaders => true;

        public void OnRequest(RequestTrace trace)
        {
        }

        public void OnRateWait(DateTimeOffset until)
        {
        }

        public void OnRateWaitOver()
        {
        }

        public void OnServerWait(DateTimeOffset until) => Announced.Add(until - _start);
    }

    private sealed class Watch(HttpMessageHandler inner, Action sent) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            sent();
            return base.SendAsync(request, cancellationToken);
        }
    }
}
