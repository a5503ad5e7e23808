using System.IO.Compression;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunCloud.Simulator;
using Xunit;

namespace RunCloud.SimulatorTests;

/// <content>Which requests a fault strikes, and requests that hang.</content>
public sealed partial class FaultTests
{
    [Fact]
    public async Task Rules_count_their_own_requests_from_the_nth_for_so_many_times()
    {
        var rule = _simulator.Faults.Add(Fault.Status(500), "GET", "/servers/*/ssh/credentials", from: 2, times: 2);

        var answers = new List<string>();
        for (var time = 0; time < 5; time++)
        {
            await _client.TellAsync(HttpMethod.Get, "/ping");
            answers.Add((await _client.TellAsync(HttpMethod.Get, _list))[..3]);
        }

        Assert.Equal(["200", "500", "500", "200", "200"], answers);
        Assert.Equal((5, 2), (rule.Matched, rule.Struck));
    }

    [Fact]
    public async Task Rules_are_asked_in_order_and_can_be_taken_away()
    {
        var first = _simulator.Faults.Add(Fault.Status(500), method: "DELETE");
        var second = _simulator.Faults.Add(Fault.Status(503), where: request => request.IsChanging);
        _simulator.Faults.Add(request => request.Path.EndsWith("/5", StringComparison.Ordinal) ? Fault.Status(409) : null);

        Assert.StartsWith("500", await _client.TellAsync(HttpMethod.Delete, _list + "/5"), StringComparison.Ordinal);
        Assert.True(_simulator.Faults.Remove(first));
        Assert.StartsWith("503", await _client.TellAsync(HttpMethod.Delete, _list + "/5"), StringComparison.Ordinal);
        Assert.True(_simulator.Faults.Remove(second));
        Assert.StartsWith("409", await _client.TellAsync(HttpMethod.Delete, _list + "/5"), StringComparison.Ordinal);
        _simulator.Faults.Clear();
        Assert.StartsWith("200", await _client.TellAsync(HttpMethod.Delete, _list + "/5"), StringComparison.Ordinal);
        Assert.False(_simulator.Faults.Remove(first));
        Assert.Equal((1, 1), (second.Matched, second.Struck));
    }

    [Theory]
    [InlineData("/servers/*/ssh/credentials", true)]
    [InlineData("/servers/**", true)]
    [InlineData("/**", true)]
    [InlineData("/servers/*", false)]
    [InlineData("/servers/*/ssh/credentials/*", false)]
    [InlineData("/servers/*/ssh/sessions", false)]
    [InlineData("/servers", false)]
    public async Task Patterns_match_whole_segments(string pattern, bool fits)
    {
        await _client.GetAsync(_list + "?page=1");

        Assert.Equal(fits, Assert.Single(_simulator.Requests.All).Matches(pattern));
    }

    [Fact]
    public async Task A_hang_before_the_change_goes_on_when_released()
    {
        var hang = new Hang();
        _simulator.Faults.Add(Fault.HangBefore(hang));

        var deletion = _client.TellAsync(HttpMethod.Delete, _list + "/1");
        await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(5, _fleet.Snapshot().Credentials.Count());
        Assert.False(deletion.IsCompleted);
        hang.Release();

        Assert.StartsWith("200 ", await deletion, StringComparison.Ordinal);
        Assert.Equal(4, _fleet.Snapshot().Credentials.Count());
        Assert.StartsWith("200 ", await _client.TellAsync(HttpMethod.Delete, _list + "/2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hang_after_the_change_has_made_it_and_can_be_dropped()
    {
        var hang = new Hang();
        _simulator.Faults.Add(Fault.HangAfter(hang));

        var deletions = new[] { _client.DeleteAsync(_list + "/1"), _client.DeleteAsync(_list + "/2") };
        await hang.ReachedAsync(2, TestContext.Current.CancellationToken);
        Assert.Equal(3, _fleet.Snapshot().Credentials.Count());
        hang.Drop();

        foreach (var deletion in deletions)
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => deletion);
        }
    }

    [Fact]
    public async Task A_hang_in_the_body_has_sent_the_headers()
    {
        var hang = new Hang();
        _simulator.Faults.Add(Fault.HangInBody(hang));

        var reading = _client.TellAsync(HttpMethod.Get, _list);
        await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(200, Assert.Single(_simulator.Requests.All).Status);
        Assert.Equal(1, _simulator.Requests.UnderWay);
        hang.Release();

        Assert.NotNull(JsonNode.Parse((await reading)[4..]));
    }

    [Fact]
    public async Task A_client_that_gives_up_ends_what_hangs()
    {
        var hang = new Hang();
        _simulator.Faults.Add(Fault.HangBefore(hang));
        using var http = new HttpClient();
        using var giveUp = new System.Threading.CancellationTokenSource();

        var ping = http.GetAsync(_simulator.Endpoint, giveUp.Token);
        await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ping);
        var request = await _simulator.Requests.WaitForEndAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Null(request.Status);
        Assert.Equal(0, _simulator.Requests.UnderWay);
    }

    [Fact]
    public async Task A_delay_uses_the_clock_of_the_options()
    {
        _simulator.Faults.Add(Fault.Delay(TimeSpan.FromHours(1)));

        var ping = _client.TellAsync(HttpMethod.Get, "/ping");
        await _time.TimerMade;
        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(1));
        Assert.Null(Assert.Single(_simulator.Requests.All).EndedAt);
        _time.Advance(TimeSpan.FromTicks(1));

        Assert.StartsWith("200 ", await ping, StringComparison.Ordinal);
        Assert.Equal(Fleet.Epoch + TimeSpan.FromHours(1), Assert.Single(_simulator.Requests.All).EndedAt);
    }

    [Fact]
    public async Task A_custom_fault_can_do_anything()
    {
        _simulator.Faults.Add(Fault.Custom("teapot", async exchange =>
        {
            exchange.Fleet.RemoveCredential(_fleet.Snapshot().Servers[0].Id, 4);
            await exchange.SendAsync(new Answer(418, Encoding.UTF8.GetBytes("short and stout")) { ContentType = "text/plain" }.With("X-Spout", "yes"));
        }));

        using var response = await _client.GetAsync("/ping");

        Assert.Equal(418, (int)response.StatusCode);
        Assert.Equal("yes", response.Headers.GetValues("X-Spout").Single());
        Assert.Equal("short and stout", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal([1L, 2L, 3L, 5L], _fleet.Snapshot().Credentials.Select(credential => credential.Id));
    }

    [Fact]
    public async Task A_deletion_done_twice_finds_nothing_more()
    {
        _simulator.Faults.Add(Fault.DoneTwice, "DELETE");

        Assert.StartsWith("404 ", await _client.TellAsync(HttpMethod.Delete, _list + "/1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_made_by_a_fault_does_not_count_against_the_limit()
    {
        _simulator.Faults.Add(Fault.Status(502), times: 3);
        for (var time = 0; time < 4; time++)
        {
            await _client.TellAsync(HttpMethod.Get, "/ping");
        }

        Assert.Equal(1, Assert.Single(_simulator.RateWindows).Accepted);
    }
}
