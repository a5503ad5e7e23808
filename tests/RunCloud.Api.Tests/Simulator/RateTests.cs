using System.Globalization;
using System.Net.Http;
using RunCloud.Simulator;
using Xunit;

namespace RunCloud.SimulatorTests;

public sealed class RateTests
{
    private static readonly RateLimit ThreeInTen = new() { Limit = 3, Window = TimeSpan.FromSeconds(10) };

    private readonly TimerTime _time = new(new DateTimeOffset(2026, 3, 2, 9, 30, 4, 300, TimeSpan.Zero));

    [Fact]
    public async Task Windows_begin_with_their_first_request()
    {
        await using var simulator = await StartAsync(ThreeInTen);
        using var client = new SimulatorClient(simulator);

        Assert.Equal(["200 2", "200 1", "200 0", "429 0", "429 0"], await PingAsync(client, 5));
        _time.Advance(TimeSpan.FromSeconds(9.999));
        Assert.Equal(["429 0"], await PingAsync(client, 1));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(["200 2"], await PingAsync(client, 1));
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(["200 1", "200 0", "429 0"], await PingAsync(client, 3));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["200 2"], await PingAsync(client, 1));

        var first = _time.Start;
        Assert.Equal(
            [
                new RateWindow(first, 3, 3),
                new RateWindow(first + TimeSpan.FromSeconds(14.999), 3, 1),
                new RateWindow(first + TimeSpan.FromSeconds(24.999), 1, 0),
            ],
            simulator.RateWindows);
    }

    [Fact]
    public async Task Windows_can_be_aligned_to_the_clock()
    {
        await using var simulator = await StartAsync(ThreeInTen with { Kind = RateWindowKind.OnTheClock });
        using var client = new SimulatorClient(simulator);

        Assert.Equal(["200 2", "200 1", "200 0", "429 0"], await PingAsync(client, 4));
        _time.Advance(TimeSpan.FromSeconds(5.7));
        Assert.Equal(["200 2"], await PingAsync(client, 1));
        Assert.All(simulator.RateWindows, window => Assert.Equal(0, window.Start.Ticks % ThreeInTen.Window.Ticks));
    }

    [Fact]
    public async Task A_token_bucket_gives_back_one_request_after_the_other_up_to_its_limit()
    {
        await using var simulator = await StartAsync(ThreeInTen with { Kind = RateWindowKind.TokenBucket });
        using var client = new SimulatorClient(simulator);

        Assert.Equal(["200 2", "200 1", "200 0", "429 0"], await PingAsync(client, 4));
        _time.Advance(TimeSpan.FromSeconds(3.4));
        Assert.Equal(["200 0", "429 0"], await PingAsync(client, 2));
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(["200 2", "200 1", "200 0", "429 0"], await PingAsync(client, 4));
    }

    [Fact]
    public async Task A_sliding_window_gives_back_one_request_at_a_time()
    {
        await using var simulator = await StartAsync(ThreeInTen with { Kind = RateWindowKind.Sliding });
        using var client = new SimulatorClient(simulator);

        Assert.Equal(["200 2"], await PingAsync(client, 1));
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(["200 1", "200 0", "429 0"], await PingAsync(client, 3));
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(["200 0", "429 0"], await PingAsync(client, 2));
        Assert.Equal([new RateWindow(_time.Start, 4, 2)], simulator.RateWindows);
    }

    [Theory]
    [InlineData(RetryAfterForm.None, null)]
    [InlineData(RetryAfterForm.Seconds, "8")]
    [InlineData(RetryAfterForm.UnixTime, "1772443815")]
    [InlineData(RetryAfterForm.HttpDate, "Mon, 02 Mar 2026 09:30:15 GMT")]
    public async Task A_refusal_says_how_long_to_wait_in_the_form_asked_for(RetryAfterForm form, string? expected)
    {
        await using var simulator = await StartAsync(ThreeInTen with { Limit = 1, RetryAfter = form });
        using var client = new SimulatorClient(simulator);
        await PingAsync(client, 1);
        _time.Advance(TimeSpan.FromSeconds(2.5));

        using var refusal = await client.GetAsync("/ping");

        Assert.Equal(429, (int)refusal.StatusCode);
        Assert.Equal(expected, refusal.Headers.TryGetValues("Retry-After", out var values) ? values.Single() : null);

        // The window ends at 09:30:14.3: what is told in whole seconds is rounded up.
        Assert.Equal(Unix("2026-03-02T09:30:15Z"), refusal.Headers.GetValues("X-RateLimit-Reset").Single());
        Assert.Equal("""{"message":"Too Many Attempts."}""", await refusal.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(true, false, false, "X-RateLimit-Limit X-RateLimit-Remaining", "X-RateLimit-Limit X-RateLimit-Remaining")]
    [InlineData(false, false, false, "", "")]
    [InlineData(false, true, false, "", "X-RateLimit-Reset")]
    [InlineData(true, true, true, "X-RateLimit-Limit X-RateLimit-Remaining X-RateLimit-Reset", "X-RateLimit-Limit X-RateLimit-Remaining X-RateLimit-Reset")]
    public async Task Headers_are_sent_as_switched(bool headers, bool reset, bool always, string onSuccess, string onRefusal)
    {
        await using var simulator = await StartAsync(new RateLimit { Limit = 1, SendHeaders = headers, SendReset = reset, SendResetAlways = always });
        using var client = new SimulatorClient(simulator);

        using var success = await client.GetAsync("/ping");
        using var refusal = await client.GetAsync("/ping");

        Assert.Equal(onSuccess, RateHeaders(success));
        Assert.Equal(onRefusal, RateHeaders(refusal));

        static string RateHeaders(HttpResponseMessage response) =>
            string.Join(' ', response.Headers.Select(header => header.Key).Where(name => name.StartsWith("X-", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Another_program_can_use_up_the_window()
    {
        await using var simulator = await StartAsync(ThreeInTen);
        using var client = new SimulatorClient(simulator);

        simulator.ConsumeRate(2);
        Assert.Equal(["200 0", "429 0"], await PingAsync(client, 2));
        _time.Advance(ThreeInTen.Window);
        simulator.ConsumeRate(10);
        Assert.Equal(["429 0"], await PingAsync(client, 1));
    }

    [Fact]
    public async Task A_refused_request_does_nothing()
    {
        var fleet = new Fleet();
        var server = fleet.AddServer("web-01");
        var credential = fleet.AddCredential(server.Id, "root", "dave", "x");
        await using var simulator = await StartAsync(new RateLimit { Limit = 0 }, fleet);
        using var client = new SimulatorClient(simulator);

        Assert.StartsWith(
            "429 ",
            await client.TellAsync(HttpMethod.Delete, $"/servers/{server.Id}/ssh/credentials/{credential.Id}"),
            StringComparison.Ordinal);
        Assert.Single(fleet.Snapshot().Credentials);
    }

    [Fact]
    public async Task A_spent_quota_does_not_come_back()
    {
        await using var simulator = await RunCloudSimulator.StartAsync(
            new SimulatorOptions { TimeProvider = _time, Quota = new MonthlyQuota { Calls = 2, Status = 403, Message = "Quota." } },
            new Fleet(),
            TestContext.Current.CancellationToken);
        using var client = new SimulatorClient(simulator);

        Assert.StartsWith("200 ", await client.TellAsync(HttpMethod.Get, "/ping"), StringComparison.Ordinal);
        Assert.StartsWith("200 ", await client.TellAsync(HttpMethod.Get, "/ping"), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("""403 {"message":"Quota."}""", await client.TellAsync(HttpMethod.Get, "/ping"));
    }

    [Fact]
    public async Task Requests_side_by_side_never_pass_the_limit()
    {
        await using var simulator = await StartAsync(new RateLimit { Limit = 50 });
        using var client = new SimulatorClient(simulator);

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => client.TellAsync(HttpMethod.Get, "/ping")));

        Assert.Equal(50, answers.Count(answer => answer.StartsWith("200 ", StringComparison.Ordinal)));
        Assert.Equal(new RateWindow(_time.Start, 50, 150), Assert.Single(simulator.RateWindows));
    }

    [Fact]
    public async Task Latency_uses_the_clock_of_the_options()
    {
        await using var simulator = await RunCloudSimulator.StartAsync(
            new SimulatorOptions { TimeProvider = _time, Latency = TimeSpan.FromMinutes(3) },
            new Fleet(),
            TestContext.Current.CancellationToken);
        using var client = new SimulatorClient(simulator);

        var ping = client.TellAsync(HttpMethod.Get, "/ping");
        await _time.TimerMade;
        _time.Advance(TimeSpan.FromMinutes(3) - TimeSpan.FromTicks(1));
        Assert.Null(Assert.Single(simulator.Requests.All).EndedAt);
        _time.Advance(TimeSpan.FromTicks(1));

        Assert.StartsWith("200 ", await ping, StringComparison.Ordinal);
        Assert.Equal(_time.Start + TimeSpan.FromMinutes(3), Assert.Single(simulator.Requests.All).EndedAt);
    }

    private static string Unix(string date) =>
        DateTimeOffset.Parse(date, CultureInfo.InvariantCulture).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private static async Task<IReadOnlyList<string>> PingAsync(SimulatorClient client, int times)
    {
        var answers = new List<string>();
        for (; times > 0; times--)
        {
            using var response = await client.GetAsync("/ping");
            answers.Add($"{(int)response.StatusCode} {response.Headers.GetValues("X-RateLimit-Remaining").Single()}");
        }

        return answers;
    }

    private Task<RunCloudSimulator> StartAsync(RateLimit limit, Fleet? fleet = null) => RunCloudSimulator.StartAsync(
        new SimulatorOptions { TimeProvider = _time, RateLimit = limit },
        fleet ?? new Fleet(),
        TestContext.Current.CancellationToken);
}
