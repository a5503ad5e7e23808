using System.IO.Compression;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunCloud.Simulator;
using Xunit;

namespace RunCloud.SimulatorTests;

public sealed partial class FaultTests : IAsyncLifetime
{
    private readonly Fleet _fleet = new();
    private readonly TimerTime _time = new(Fleet.Epoch);
    private readonly string _list;
    private RunCloudSimulator _simulator = null!;
    private SimulatorClient _client = null!;

    public FaultTests()
    {
        var server = _fleet.AddServer("web-01");
        for (var id = 1; id <= 5; id++)
        {
            _fleet.AddCredential(server.Id, "root", $"key-{id}", TestKeys.Line(SshKeyKind.Ed25519, id), id: id);
        }

        _list = $"/servers/{server.Id}/ssh/credentials";
    }

    /// <summary>Every fault of the catalogue, and whether a DELETE that it strikes is done anyway.</summary>
    public static TheoryData<string, bool> Deeds { get; } = new()
    {
        { "status 400", false },
        { "status 401", false },
        { "status 403", false },
        { "status 404", false },
        { "status 409", false },
        { "status 500", false },
        { "status 502", false },
        { "status 503", false },
        { "status 504", false },
        { "after, status 500", true },
        { "after, status 504", true },
        { "429, None", false },
        { "429, Seconds", false },
        { "429, HttpDate", false },
        { "drop before", false },
        { "drop after", true },
        { "cut connection", true },
        { "cut JSON", true },
        { "page 200", false },
        { "page 503", false },
        { "after, page 200", true },
        { "302 to /login", false },
        { "302 to https://login.example.test/", false },
        { "empty body", true },
        { "body {}", true },
        { "body []", true },
        { "body null", true },
        { "total off by 1", true },
        { "total off by -1", true },
        { "repeated id", true },
        { "short page", true },
        { "no meta", true },
        { "oversized", true },
        { "oversized, compressed", true },
        { "pretended", false },
        { "done twice", true },
        { "status 408", false },
        { "status 410", false },
        { "status 423", false },
        { "status 501", false },
        { "status 520", false },
        { "202, not done", false },
        { "nothing done, status 204", false },
        { "429, Retry-After 0", false },
        { "429, Retry-After -5", false },
        { "429, Retry-After 1.5", false },
        { "429, Retry-After soon", false },
        { "429, Retry-After 2147483647", false },
        { "429, Retry-After 999999999999999999999", false },
        { "429, Retry-After Thu, 01 Jan 1970 00:00:00 GMT", false },
        { "429, Retry-After Fri, 31 Dec 9999 23:59:59 GMT", false },
        { "503, Retry-After 2147483647", false },
        { "503, Retry-After Fri, 31 Dec 9999 23:59:59 GMT", false },
        { "echo 200", false },
        { "echo 302", false },
        { "echo 500", false },
        { "another id, not done", false },
        { "after, status 408", true },
        { "after, status 524", true },
        { "true answer, status 500", true },
        { "true answer, status 202", true },
        { "true answer, status 206", true },
        { "no body, status 204", true },
        { "no body, status 304", true },
        { "rate headers, nothing left", true },
        { "rate headers, nonsense", true },
        { "rate headers, reset at the end of time", true },
        { "dated Fri, 31 Dec 9999 23:59:59 GMT", true },
        { "dated Thu, 01 Jan 1970 00:00:00 GMT", true },
        { "huge header", true },
        { "body {\"message\":\"Server Error\"}", true },
        { "body {\"data\":null}", true },
        { "body {\"data\":[null]}", true },
        { "body {\"data\":[]}", true },
        { "body \"deleted\"", true },
        { "byte order mark", true },
        { "UTF-16", true },
        { "no UTF-8", true },
        { "two answers", true },
        { "deep", true },
        { "padded", true },
        { "wrong content type", true },
        { "gzip that is none", true },
        { "Brotli that is none", true },
        { "half a character", true },
        { "somebody else's, not done", false },
        { "no row and no count", true },
        { "gzip cut short", true },
        { "unknown encoding", true },
        { "in an envelope", true },
        { "another id", true },
        { "no id", true },
        { "id as text", true },
        { "id below zero", true },
        { "id with a fraction", true },
        { "no key", true },
        { "key is an object", true },
        { "key cut short", true },
        { "no user, no label, no name", true },
        { "no flag", true },
        { "no state", true },
        { "total as text", true },
        { "no total", true },
        { "total below zero", true },
        { "no account", true },
        { "one page only", true },
        { "a million pages", true },
        { "no page size", true },
        { "no links", true },
        { "always a next page", true },
        { "links are text", true },
        { "hidden row", true },
        { "empty list", true },
        { "first page", true },
        { "another server's answer", true },
        { "row goes", true },
        { "row comes", true },
        { "row moves", true },
        { "one row goes, one comes", true },
        { "comes back", true },
    };

    public async ValueTask InitializeAsync()
    {
        _simulator = await RunCloudSimulator.StartAsync(new SimulatorOptions { TimeProvider = _time }, _fleet, TestContext.Current.CancellationToken);
        _client = new SimulatorClient(_simulator);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _simulator.DisposeAsync();
    }

    [Fact]
    public void The_list_of_algorithms_is_the_one_that_these_tests_know() =>
        Assert.Equal(
            Deeds.Select(row => row.Data.Item1).Order(StringComparer.Ordinal),
            Fault.Catalogue.Select(fault => fault.Name).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Deeds))]
    public async Task A_fault_strikes_before_or_after_the_change_and_spares_the_next_request(string name, bool done)
    {
        _simulator.Faults.Add(Fault.Catalogue.Single(fault => fault.Name == name), times: 1);

        try
        {
            using var response = await _client.DeleteAsync(_list + "/3");
            await response.Content.LoadIntoBufferAsync(TestContext.Current.CancellationToken);
        }
        catch (HttpRequestException) when (name.Contains("drop", StringComparison.Ordinal) || name is "cut connection" or "huge header")
        {
            // That is what these are for.
        }

        Assert.Equal(done, !_fleet.Snapshot().Credentials.Any(credential => credential.Id == 3));
        Assert.Equal(name, Assert.Single(_simulator.Requests.All).Fault);
        Assert.StartsWith("200 ", await _client.TellAsync(HttpMethod.Get, _list), StringComparison.Ordinal);
        Assert.Null(_simulator.Requests.All[1].Fault);
    }

    [Theory]
    [InlineData("drop before")]
    [InlineData("drop after")]
    public async Task A_dropped_connection_has_no_answer(string name)
    {
        _simulator.Faults.Add(Fault.Catalogue.Single(fault => fault.Name == name));

        await Assert.ThrowsAsync<HttpRequestException>(() => _client.GetAsync("/ping"));
        Assert.All(_simulator.Requests.All, request => Assert.Null(request.Status));
    }

    [Fact]
    public async Task A_cut_connection_ends_in_the_middle_of_the_body()
    {
        _simulator.Faults.Add(Fault.CutConnection);

        await Assert.ThrowsAsync<HttpRequestException>(() => _client.TellAsync(HttpMethod.Get, _list));
        Assert.Equal(200, Assert.Single(_simulator.Requests.All).Status);
    }

    [Fact]
    public async Task Cut_json_arrives_in_good_order_and_does_not_parse()
    {
        var whole = await _client.TellAsync(HttpMethod.Get, _list);
        _simulator.Faults.Add(Fault.CutJson);

        var half = await _client.TellAsync(HttpMethod.Get, _list);

        Assert.StartsWith(half, whole, StringComparison.Ordinal);
        Assert.InRange(half.Length, 100, whole.Length - 100);
        Assert.ThrowsAny<JsonException>(() => JsonNode.Parse(half[4..]));
    }

    [Theory]
    [InlineData("total off by 1", 6, 5, 5)]
    [InlineData("total off by -1", 4, 5, 5)]
    [InlineData("short page", 5, 4, 4)]
    [InlineData("repeated id", 5, 5, 4)]
    public async Task A_page_can_lie(string name, int total, int rows, int different)
    {
        _simulator.Faults.Add(Fault.Catalogue.Single(fault => fault.Name == name));

        var page = await _client.ReadAsync(_list);

        Assert.Equal(total, page["meta"]!["pagination"]!["total"]!.GetValue<int>());
        Assert.Equal(rows, page["data"]!.AsArray().Count);
        Assert.Equal(different, page["data"]!.AsArray().Select(row => row!["id"]!.GetValue<long>()).Distinct().Count());
        Assert.Equal(5, page["meta"]!["pagination"]!["count"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("hidden row", 4)]
    [InlineData("empty list", 0)]
    public async Task A_page_can_lie_in_good_order(string name, int rows)
    {
        _simulator.Faults.Add(Fault.Catalogue.Single(fault => fault.Name == name));

        var page = await _client.ReadAsync(_list);

        Assert.Equal(rows, page["data"]!.AsArray().Count);
        Assert.Equal(rows, page["meta"]!["pagination"]!["total"]!.GetValue<int>());
        Assert.Equal(rows, page["meta"]!["pagination"]!["count"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("row goes", "1 2", "4 5", 4)]
    [InlineData("row comes", "1 2", "3 4", 6)]
    [InlineData("row moves", "1 2", "4 5", 5)]
    [InlineData("one row goes, one comes", "1 2", "4 5", 5)]
    [InlineData("first page", "1 2", "1 2", 5)]
    public async Task A_list_can_move_under_the_reading(string name, string first, string second, int total)
    {
        _simulator.Faults.Add(Fault.Catalogue.Single(fault => fault.Name == name));

        Assert.Equal(first, Ids(await _client.ReadAsync(_list + "?page=1&perPage=2")));
        var page = await _client.ReadAsync(_list + "?page=2&perPage=2");

        Assert.Equal(second, Ids(page));
        Assert.Equal(total, page["meta"]!["pagination"]!["total"]!.GetValue<int>());

        static string Ids(JsonNode page) => string.Join(' ', page["data"]!.AsArray().Select(row => row!["id"]));
    }

    [Fact]
    public async Task The_list_of_servers_can_move_too()
    {
        var first = _fleet.Snapshot().Servers.Single().Id;
        _simulator.Faults.Add(Fault.RowsChange, times: 1);

        Assert.Equal(first, (await _client.ReadAsync("/servers"))["data"]![0]!["id"]!.GetValue<long>());

        Assert.Equal("new", _fleet.Snapshot().Servers.Single().Name);
    }

    [Fact]
    public async Task An_answer_can_be_about_another_server()
    {
        var other = _fleet.AddServer("web-02");
        _fleet.AddCredential(other.Id, "root", "theirs", TestKeys.Line(SshKeyKind.Ed25519, 9), id: 77);
        _simulator.Faults.Add(Fault.Sibling);

        Assert.Equal(77, (await _client.ReadAsync(_list))["data"]!.AsArray().Single()!["id"]!.GetValue<long>());
        Assert.Contains("\"web-02\"", await _client.TellAsync(HttpMethod.Delete, _list + "/3"), StringComparison.Ordinal);
        Assert.DoesNotContain(_fleet.Snapshot().Credentials, credential => credential.Id == 3);
    }

    [Fact]
    public async Task A_removed_key_can_come_back_under_another_id()
    {
        var before = _fleet.Snapshot().Credentials.Single(credential => credential.Id == 3);
        _simulator.Faults.Add(Fault.ComesBack);

        Assert.StartsWith("200 ", await _client.TellAsync(HttpMethod.Delete, _list + "/3"), StringComparison.Ordinal);

        var after = Assert.Single(_fleet.Snapshot().CopiesOf(before.PublicKey));
        Assert.NotEqual(3, after.Id);
        Assert.Equal(before with { Id = after.Id, CreatedAt = after.CreatedAt }, after);
    }

    [Theory]
    [InlineData("delay 00:00:29", 29, true)]
    [InlineData("slow body", 20, true)]
    [InlineData("slower body", 76, true)]
    [InlineData("delay after 00:05:00", 300, true)]
    [InlineData("no answer", 86400, false)]
    public async Task A_slow_answer_takes_its_time_by_the_virtual_clock(string name, int seconds, bool answered)
    {
        var time = new EagerTime(Fleet.Epoch);
        await using var simulator = await RunCloudSimulator.StartAsync(new SimulatorOptions { TimeProvider = time.Server }, _fleet, TestContext.Current.CancellationToken);
        using var client = new SimulatorClient(simulator);
        simulator.Faults.Add(Fault.Slow.Single(fault => fault.Name == name));

        // The time limit of a request is what tells the clock that there is one.
        using var underWay = new System.Threading.CancellationTokenSource(TimeSpan.FromDays(2), time.Client);
        var answer = await Record.ExceptionAsync(() => client.TellAsync(HttpMethod.Get, _list));

        Assert.Equal(answered, answer is null);
        Assert.Equal(seconds, time.Elapsed.TotalSeconds);
    }

    [Fact]
    public async Task Redirects_name_their_target()
    {
        _simulator.Faults.Add(Fault.Redirect("https://elsewhere.example.test/x", 307));

        using var response = await _client.GetAsync(_list);

        Assert.Equal(307, (int)response.StatusCode);
        Assert.Equal("https://elsewhere.example.test/x", response.Headers.Location?.OriginalString);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task The_login_page_is_a_page_and_needs_no_token()
    {
        _client.Token = null;

        var page = await _client.TellAsync(HttpMethod.Get, new Uri(_simulator.Endpoint, "/login").AbsoluteUri);

        Assert.StartsWith("200 <!DOCTYPE html>", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_oversized_body_is_as_large_as_it_is_told(bool compressed)
    {
        _simulator.Faults.Add(Fault.Oversized(1_000_000, compressed));

        using var response = await _client.GetAsync(_list);
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);

        if (compressed)
        {
            Assert.InRange(body.Length, 100, 50_000);
            await using var gzip = new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
            using var whole = new MemoryStream();
            await gzip.CopyToAsync(whole, TestContext.Current.CancellationToken);
            body = whole.ToArray();
        }

        Assert.InRange(body.Length, 1_000_000, 1_000_100);
        Assert.NotNull(JsonNode.Parse(body)!["data"]);
    }
}
