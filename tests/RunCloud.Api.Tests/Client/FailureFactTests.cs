using System.Net.Http;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <summary>What each failure says of itself: whether the request may have acted, whether a retry may help, and what the server said.</summary>
public sealed class FailureFactTests
{
    private const string Acted = "acted";
    private const string Passing = "passing";

    [Theory]
    [InlineData(300, "", Acted)]
    [InlineData(302, "", Acted)]
    [InlineData(400, "Bad.", "")]
    [InlineData(401, "No.", "")]
    [InlineData(403, "No.", "")]
    [InlineData(404, "", Acted + Passing)]
    [InlineData(404, "Gone.", "")]
    [InlineData(407, "", "")]
    [InlineData(408, "", Acted + Passing)]
    [InlineData(422, "Bad.", "")]
    [InlineData(423, "Busy.", "")]
    [InlineData(425, "Early.", Passing)]
    [InlineData(500, "Broken.", Acted + Passing)]
    [InlineData(501, "Broken.", Acted)]
    [InlineData(502, "", Acted + Passing)]
    [InlineData(520, "", Acted + Passing)]
    [InlineData(526, "", Acted)]
    [InlineData(530, "", Acted + Passing)]
    public async Task A_status_tells_whether_the_request_may_have_acted_and_whether_a_retry_may_help(int status, string said, string facts)
    {
        var failure = await FailAsync(() => said.Length == 0 ? Answers.Json("{}", status) : Answers.Message(status, said));
        Assert.Equal(status, failure.Status);
        Assert.Equal(facts.Contains(Acted, StringComparison.Ordinal), failure.MayHaveActed);
        Assert.Equal(facts.Contains(Passing, StringComparison.Ordinal), failure.IsTransient);
        Assert.Equal(said.Length == 0 ? null : said, failure.ApiMessage);
        Assert.Null(failure.RetryAt);
        Assert.False(failure.IsTooLarge);
    }

    [Theory]
    [InlineData(400, "", "Reading server 3 failed: the API answered 400.")]
    [InlineData(400, "Bad", "Reading server 3 failed: the API answered 400: Bad.")]
    [InlineData(400, "Bad.", "Reading server 3 failed: the API answered 400: Bad.")]
    [InlineData(404, "", "Reading server 3 failed: the API returned 404 with an unexpected body.")]
    [InlineData(407, "", "Reading server 3 failed: the proxy refused it (407), so RunCloud was not reached.")]
    public async Task A_status_is_told_with_what_the_server_said(int status, string said, string message) =>
        Assert.Equal(message, (await FailAsync(() => said.Length == 0 ? Answers.Json("{}", status) : Answers.Message(status, said))).Message);

    [Theory]
    [InlineData("https://evil.example/x", "evil.example")]
    [InlineData("//evil.example:8443/x", "evil.example:8443")]
    [InlineData("/elsewhere", "manage.runcloud.io")]
    [InlineData("urn:x", "an unnamed place")]
    [InlineData(null, "an unnamed place")]
    public async Task A_redirect_names_its_host(string? location, string named)
    {
        var failure = await FailAsync(() => location is null ? Answers.Html(302) : Answers.Html(302).With("Location", location));
        Assert.Equal($"Reading server 3 failed: the API answered with a redirect (302) to {named}, which was not followed.", failure.Message);
    }

    [Theory]
    [InlineData(429, true)]
    [InlineData(503, false)]
    public async Task Only_a_spent_limit_says_when_to_try_again(int status, bool isKnown)
    {
        var options = Options(new StubHandler(_ => Answers.Message(status, "Later.").With("Retry-After", "60"))) with { MaximumRetryCount = 0, MaximumWait = TimeSpan.Zero };
        using var client = new RunCloudClient(options);
        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.GetServerAsync(3, Stop));
        Assert.Equal(isKnown ? options.Time.GetUtcNow() + TimeSpan.FromMinutes(1) : null, failure.RetryAt);
    }

    [Theory]
    [InlineData(8 * 1024 * 1024, false)]
    [InlineData((8 * 1024 * 1024) + 1, true)]
    public async Task An_answer_that_announces_more_than_8_MiB_is_not_read(int size, bool isTooLarge)
    {
        var failure = await FailAsync(() =>
        {
            var answer = Answers.Json("[]");
            answer.Content.Headers.ContentLength = size;
            return answer;
        });
        Assert.Equal((isTooLarge, true), (failure.IsTooLarge, failure.MayHaveActed));
        Assert.Equal(isTooLarge, failure.Message == "Reading server 3 failed: the API's answer is larger than 8 MiB.");
    }

    [Fact]
    public async Task An_answer_that_turns_out_to_be_larger_is_not_read_to_its_end()
    {
        var failure = await FailAsync(() => new HttpResponseMessage { Content = new StreamContent(new MemoryStream(new byte[(8 * 1024 * 1024) + 1])) });
        Assert.Equal((true, true), (failure.IsTooLarge, failure.MayHaveActed));
    }

    [Theory]
    [InlineData("no JSON", "is not the documented JSON")]
    [InlineData("null", "is not the documented JSON")]
    [InlineData(null, "broke off")]
    public async Task An_answer_that_is_no_JSON_is_told_from_one_that_broke_off(string? body, string what)
    {
        var failure = await FailAsync(() => body is null ? new HttpResponseMessage { Content = new StreamContent(new Broken()) } : Answers.Json(body));
        Assert.Equal((RunCloudError.InvalidResponse, $"Reading server 3 failed: the API's answer (200) {what}."), (failure.Error, failure.Message));
        Assert.Equal((true, true, 200), (failure.MayHaveActed, failure.IsTransient, failure.Status));
        Assert.NotNull(failure.InnerException);
    }

    [Theory]
    [InlineData(false, RunCloudError.RequestTimeout, true)]
    [InlineData(true, RunCloudError.ConnectionFailed, false)]
    public async Task A_connection_that_takes_too_long_did_nothing_and_a_request_may_have(bool isConnecting, RunCloudError error, bool mayHaveActed)
    {
        var failure = await FailAsync(() => throw (isConnecting ? new OperationCanceledException("Too long.", new TimeoutException("No connection.")) : new OperationCanceledException()));
        Assert.Equal((error, mayHaveActed, true), (failure.Error, failure.MayHaveActed, failure.IsTransient));
    }

    [Fact]
    public async Task An_answer_of_another_server_may_have_acted_and_may_pass()
    {
        var failure = await FailAsync(() => Answers.Json("{\"id\":4,\"name\":\"web\"}"));
        Assert.Equal((RunCloudError.InvalidResponse, true, true), (failure.Error, failure.MayHaveActed, failure.IsTransient));
    }

    [Fact]
    public async Task An_exception_that_is_no_failure_of_the_network_is_passed_on()
    {
        using var client = Create(_ => throw new NotSupportedException("A fault of this program."));
        _ = await Assert.ThrowsAsync<NotSupportedException>(() => client.GetServerAsync(3, Stop));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whether_it_may_have_acted_is_remembered_over_all_attempts(int attempts)
    {
        // The last attempt certainly did nothing.
        var number = 0;
        using var client = Create(
            new StubHandler(_ => ++number < attempts ? Answers.Message(500, "Broken.") : Answers.Message(400, "Bad.")), options => options with { MaximumRetryCount = 5 });
        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.GetServerAsync(3, Stop));
        Assert.Equal((400, true, attempts), (failure.Status, failure.MayHaveActed, number));
    }

    [Fact]
    public async Task Whether_it_may_have_acted_is_remembered_when_the_limit_lets_nothing_more_through()
    {
        var options = Options(new StubHandler(_ => Answers.Message(500, "Broken.").With("X-RateLimit-Limit", "1").With("X-RateLimit-Remaining", "0").With("X-RateLimit-Reset", "9999999999")));
        using var client = new RunCloudClient(options with { MaximumWait = TimeSpan.FromSeconds(1), MaximumRetryCount = 5, Jitter = () => 0 });
        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.GetServerAsync(3, Stop));
        Assert.True(failure.MayHaveActed, failure.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_trace_has_the_sizes_of_the_headers_only_for_who_wants_them(bool isWanted)
    {
        var observer = new Collector { WantsHeaders = isWanted };
        using var client = Create(_ => Answers.Json("{\"id\":3,\"name\":\"web\"}").With("X-Several", "abc").With("X-Several", "de"));
        _ = await client.For(observer).GetServerAsync(3, Stop);
        var trace = Assert.Single(observer.Traces);
        Assert.Equal(("GET", "/servers/3", 200, 1, null), (trace.Method, trace.Path, trace.Status, trace.Attempt, trace.Failure));
        Assert.Equal(isWanted ? [5] : [], trace.ResponseHeaders.Where(header => header.Key == "X-Several").Select(header => header.Value));
        Assert.Equal(isWanted, trace.RequestHeaders.Any(header => header.Key == "Authorization"));
    }

    [Fact]
    public async Task A_trace_of_a_cancelled_request_says_so()
    {
        using var stop = new CancellationTokenSource();
        var observer = new Collector();
        using var client = Create(new StubHandler(async (_, cancellation) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellation);
            return Answers.Json("{}");
        }));
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.For(observer).GetServerAsync(3, stop.Token));
        Assert.Equal((null, "cancelled"), (Assert.Single(observer.Traces).Status, observer.Traces[0].Failure));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task A_request_that_a_disconnection_ends_may_have_acted_unless_it_reads(bool removes, bool mayHaveActed)
    {
        RunCloudClient? client = null;
        client = Create(new StubHandler(async (_, cancellation) =>
        {
            client!.Dispose();
            await Task.Delay(Timeout.Infinite, cancellation);
            return Answers.Json("{}");
        }));
        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.InvokeAsync(removes ? RunCloudMethod.Delete : RunCloudMethod.Get, "/servers/3", body: null, Stop));
        Assert.Equal((RunCloudError.ConnectionFailed, mayHaveActed), (failure.Error, failure.MayHaveActed));
        Assert.StartsWith($"{(removes ? "DELETE" : "GET")} /servers/3 failed: the context was disconnected in the meantime.", failure.Message, StringComparison.Ordinal);
        _ = await Assert.ThrowsAsync<RunCloudException>(() => client.GetServerAsync(3, Stop));
    }

    private static async Task<RunCloudException> FailAsync(Func<HttpResponseMessage> answer)
    {
        using var client = Create(new StubHandler(_ => answer()), options => options with { MaximumRetryCount = 0, MaximumWait = TimeSpan.Zero });
        return await Assert.ThrowsAsync<RunCloudException>(() => client.GetServerAsync(3, Stop));
    }

    /// <summary>A body that breaks off at once.</summary>
    private sealed class Broken : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("The connection was reset.");
    }

    private sealed class Collector : IRequestObserver
    {
        internal List<RequestTrace> Traces { get; } = [];

        public bool WantsHeaders { get; init; }

        public void OnRequest(RequestTrace trace) => Traces.Add(trace);

        public void OnRateWait(DateTimeOffset until)
        {
        }

        public void OnRateWaitOver()
        {
        }

        public void OnServerWait(DateTimeOffset until)
        {
        }
    }
}
