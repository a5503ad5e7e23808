using System.Net.Http;
using System.Text.Json;
using RunCloud.Simulator;
using Xunit;

namespace RunCloud.SimulatorTests;

public sealed class RequestLogTests
{
    [Fact]
    public async Task A_request_is_recorded_with_all_but_the_values_of_its_headers()
    {
        await using var simulator = await RunCloudSimulator.StartAsync(fleet: Small(), cancellationToken: TestContext.Current.CancellationToken);
        using var client = new SimulatorClient(simulator);

        await client.TellAsync(HttpMethod.Get, "/servers?page=2&search=a%20b");
        await client.TellAsync(HttpMethod.Post, "/servers/1/ssh/credentials", """{"label":"x"}""");

        Assert.Equal(["1 GET /api/v3/servers?page=2&search=a%20b -> 200", "2 POST /api/v3/servers/1/ssh/credentials -> 422"], simulator.Requests.All.Select(request => request.ToString()));
        var post = Assert.Single(simulator.Requests.Changing);
        Assert.Equal("""{"label":"x"}""", post.Body);
        Assert.Equal("ContractTests/1.0", post.UserAgent);
        Assert.Equal(RequestAuthorization.Right, post.Authorization);
        Assert.Equal("HTTP/1.1", post.Protocol);
        Assert.Superset(
            new[] { "Accept", "Authorization", "Content-Type", "User-Agent" }.ToHashSet(StringComparer.OrdinalIgnoreCase),
            post.HeaderNames.ToHashSet(StringComparer.OrdinalIgnoreCase));
        Assert.True(post.EndedAt >= post.ArrivedAt);
        Assert.Null(simulator.Requests.All[0].Body);
        Assert.DoesNotContain(simulator.Token, JsonSerializer.Serialize(simulator.Requests.All), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_reports_past_and_future_arrivals_and_ends()
    {
        await using var simulator = await RunCloudSimulator.StartAsync(fleet: Small(), cancellationToken: TestContext.Current.CancellationToken);
        using var client = new SimulatorClient(simulator);
        var hang = new Hang();
        simulator.Faults.Add(Fault.HangBefore(hang), path: "/servers");
        var second = simulator.Requests.WaitForArrivalAsync(request => request.Matches("/ping"), 2, TestContext.Current.CancellationToken);
        var end = simulator.Requests.WaitForEndAsync(request => request.Matches("/servers"), cancellationToken: TestContext.Current.CancellationToken);

        await client.TellAsync(HttpMethod.Get, "/ping");
        Assert.False(second.IsCompleted);
        await client.TellAsync(HttpMethod.Get, "/ping");
        Assert.Equal(2, (await second).Number);

        var servers = client.TellAsync(HttpMethod.Get, "/servers");
        await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.False(end.IsCompleted);
        hang.Release();
        Assert.Equal(3, (await end).Number);
        await servers;

        Assert.Equal(2, (await simulator.Requests.WaitForArrivalAsync(request => request.Matches("/ping"), 2, TestContext.Current.CancellationToken)).Number);
        Assert.Equal(3, (await simulator.Requests.WaitForEndAsync(count: 3, cancellationToken: TestContext.Current.CancellationToken)).Number);
    }

    [Fact]
    public async Task It_knows_how_many_were_under_way_at_once()
    {
        await using var simulator = await RunCloudSimulator.StartAsync(fleet: Small(), cancellationToken: TestContext.Current.CancellationToken);
        using var client = new SimulatorClient(simulator);
        var hang = new Hang();
        simulator.Faults.Add(Fault.HangBefore(hang), times: 7);

        var pings = Enumerable.Range(0, 7).Select(_ => client.TellAsync(HttpMethod.Get, "/ping")).ToArray();
        await hang.ReachedAsync(7, TestContext.Current.CancellationToken);
        Assert.Equal((7, 7, 7), (simulator.Requests.UnderWay, simulator.Requests.PeakUnderWay, simulator.Requests.Count));
        hang.Release();
        await Task.WhenAll(pings);

        Assert.Equal((0, 7), (simulator.Requests.UnderWay, simulator.Requests.PeakUnderWay));
        simulator.Requests.Clear();
        await client.TellAsync(HttpMethod.Get, "/ping");
        Assert.Equal((1, 1), (simulator.Requests.PeakUnderWay, simulator.Requests.Count));
    }

    // Else a client that has its answer and sends the next request at once would now and then be counted twice.
    [Fact(Timeout = 60_000)]
    public async Task A_request_ends_before_the_client_can_have_read_its_answer()
    {
        await using var simulator = await RunCloudSimulator.StartAsync(fleet: Small(), cancellationToken: TestContext.Current.CancellationToken);
        simulator.Faults.Add(Fault.Answering("more than any buffer holds", answer => answer with { Body = new byte[64 << 20] }));
        using var http = new HttpClient();

        using var response = await http.GetAsync(simulator.Endpoint, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await simulator.Requests.WaitForEndAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(0, simulator.Requests.UnderWay);
        Assert.Equal(64 << 20, (await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length);
    }

    [Fact]
    public async Task A_watcher_sees_each_request_as_it_ends()
    {
        await using var simulator = await RunCloudSimulator.StartAsync(fleet: Small(), cancellationToken: TestContext.Current.CancellationToken);
        using var client = new SimulatorClient(simulator);
        var seen = new System.Collections.Concurrent.ConcurrentQueue<string>();
        simulator.Requests.Watch = request => seen.Enqueue(request.ToString());

        await client.TellAsync(HttpMethod.Get, "/ping");
        simulator.Faults.Add(Fault.Status(503));
        await client.TellAsync(HttpMethod.Get, "/ping");

        Assert.Equal(["1 GET /api/v3/ping -> 200", "2 GET /api/v3/ping -> 503 (status 503)"], seen);
    }

    [Fact]
    public async Task It_is_idle_when_no_request_is_left()
    {
        await using var simulator = await RunCloudSimulator.StartAsync(fleet: Small(), cancellationToken: TestContext.Current.CancellationToken);
        using var client = new SimulatorClient(simulator);
        Assert.True(simulator.Requests.WhenQuietAsync(TestContext.Current.CancellationToken).IsCompletedSuccessfully);
        var hang = new Hang();
        simulator.Faults.Add(Fault.HangBefore(hang));

        var pings = new[] { client.TellAsync(HttpMethod.Get, "/ping"), client.TellAsync(HttpMethod.Get, "/ping") };
        await hang.ReachedAsync(2, TestContext.Current.CancellationToken);
        var quiet = simulator.Requests.WhenQuietAsync(TestContext.Current.CancellationToken);
        Assert.False(quiet.IsCompleted);
        hang.Release();

        await quiet;
        await Task.WhenAll(pings);
    }

    [Theory]
    [InlineData("page 200", false)]
    [InlineData("true answer, status 202", false)]
    [InlineData("cut JSON", false)]
    [InlineData("drop after", false)]
    [InlineData("row goes", true)]
    [InlineData("total off by 1", false)]
    [InlineData("no key", true)]
    [InlineData("another server's answer", true)]
    public async Task It_knows_whether_an_answer_was_true(string fault, bool truly)
    {
        await using var simulator = await RunCloudSimulator.StartAsync(fleet: Small(), cancellationToken: TestContext.Current.CancellationToken);
        using var client = new SimulatorClient(simulator);
        simulator.Faults.Add(Fault.Catalogue.Single(other => other.Name == fault));

        try
        {
            await client.TellAsync(HttpMethod.Get, "/servers");
        }
        catch (HttpRequestException) when (fault == "drop after")
        {
            // That is what it is for.
        }

        Assert.Equal(truly, Assert.Single(simulator.Requests.All).AnsweredTruly);
        simulator.Faults.Clear();
        await client.TellAsync(HttpMethod.Get, "/servers");
        Assert.True(simulator.Requests.All[1].AnsweredTruly);
    }

    [Fact]
    public async Task Over_tls_it_offers_http2_on_one_connection_behind_its_own_certificate()
    {
        await using var simulator = await RunCloudSimulator.StartAsync(new SimulatorOptions { UseTls = true }, Small(), TestContext.Current.CancellationToken);
        using var client = new SimulatorClient(simulator);

        Assert.Equal("https", simulator.Endpoint.Scheme);
        for (var time = 0; time < 3; time++)
        {
            Assert.StartsWith("200 ", await client.TellAsync(HttpMethod.Get, "/servers"), StringComparison.Ordinal);
        }

        Assert.All(simulator.Requests.All, request => Assert.Equal("HTTP/2", request.Protocol));
        Assert.Equal(1, simulator.Connections);
        using var stranger = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => stranger.GetAsync(simulator.Endpoint, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Answers_are_compressed_where_both_sides_want_it()
    {
        await using var simulator = await RunCloudSimulator.StartAsync(new SimulatorOptions { Compress = true }, cancellationToken: TestContext.Current.CancellationToken);
        using var plain = new SimulatorClient(simulator);
        using var handler = new SocketsHttpHandler();
        using var compressing = new HttpClient(handler);
        compressing.DefaultRequestHeaders.Authorization = new("Bearer", simulator.Token);
        compressing.DefaultRequestHeaders.AcceptEncoding.Add(new("gzip"));

        var expected = (await plain.TellAsync(HttpMethod.Get, "/servers"))[4..];
        using var response = await compressing.GetAsync(new Uri(simulator.Endpoint + "/servers"), TestContext.Current.CancellationToken);

        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.InRange(body.Length, 100, expected.Length / 3);
        await using var gzip = new System.IO.Compression.GZipStream(new MemoryStream(body), System.IO.Compression.CompressionMode.Decompress);
        using var reader = new StreamReader(gzip);
        Assert.Equal(expected, await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_port_in_use_is_reported_at_the_start_and_released_at_the_end()
    {
        var first = await RunCloudSimulator.StartAsync(fleet: Small(), cancellationToken: TestContext.Current.CancellationToken);
        var options = new SimulatorOptions { Port = first.Endpoint.Port };
        await Assert.ThrowsAsync<IOException>(() => RunCloudSimulator.StartAsync(options, Small(), TestContext.Current.CancellationToken));
        await first.DisposeAsync();
        await first.DisposeAsync();

        await using var second = await RunCloudSimulator.StartAsync(options, Small(), TestContext.Current.CancellationToken);
        Assert.Equal(first.Endpoint, second.Endpoint);
    }

    private static Fleet Small()
    {
        var fleet = new Fleet();
        fleet.AddServer("web-01", id: 1);
        return fleet;
    }
}
