using System.Collections;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <summary>What a call that does not succeed says.</summary>
public sealed partial class FailureTests
{
    private const int Tries = 5;

    [Theory]
    [InlineData(400, RunCloudError.RequestRejected, 1)]
    [InlineData(401, RunCloudError.Unauthorized, 1)]
    [InlineData(402, RunCloudError.RequestRejected, 1)]
    [InlineData(403, RunCloudError.Forbidden, 1)]
    [InlineData(404, RunCloudError.ServerNotFound, 1)]
    [InlineData(405, RunCloudError.RequestRejected, 1)]
    [InlineData(409, RunCloudError.RequestRejected, 1)]
    [InlineData(410, RunCloudError.RequestRejected, 1)]
    [InlineData(422, RunCloudError.ValidationFailed, 1)]
    [InlineData(451, RunCloudError.RequestRejected, 1)]
    [InlineData(500, RunCloudError.ServerError, Tries)]
    [InlineData(501, RunCloudError.ServerError, 1)]
    [InlineData(502, RunCloudError.ServerError, Tries)]
    [InlineData(503, RunCloudError.ServerError, Tries)]
    [InlineData(504, RunCloudError.ServerError, Tries)]
    [InlineData(408, RunCloudError.RequestTimeout, 5)]
    [InlineData(520, RunCloudError.ServerError, 5)]
    [InlineData(524, RunCloudError.ServerError, 5)]
    [InlineData(525, RunCloudError.ServerError, 5)]
    [InlineData(526, RunCloudError.ServerError, 1)]
    public async Task Each_status_has_its_error(int status, RunCloudError error, int requests)
    {
        var handler = new StubHandler(_ => Answers.Message(status, "Something\\nis \\u001b[31mwrong."));

        var failure = await FailAsync(handler);

        Assert.Equal(error, failure.Error);
        Assert.Equal(status, failure.Status);
        Assert.Equal("Something is  [31mwrong.", failure.ApiMessage);
        Assert.Equal($"Reading server 3 failed: the API answered {status}: Something is  [31mwrong.", failure.Message);
        Assert.Empty(failure.FieldErrors);
        Assert.Null(failure.RetryAt);
        Assert.Equal(requests, handler.Requests.Count);
    }

    [Fact]
    public async Task A_404_means_what_was_asked_for()
    {
        using var client = Create(_ => Answers.Message(404, "Resources not found."));

        Assert.Equal(RunCloudError.RequestRejected, (await Assert.ThrowsAsync<RunCloudException>(() => client.PingAsync(Stop))).Error);
        Assert.Equal(RunCloudError.RequestRejected, (await Assert.ThrowsAsync<RunCloudException>(client.ServersAsync)).Error);
        Assert.Equal(RunCloudError.ServerNotFound, (await Assert.ThrowsAsync<RunCloudException>(() => client.GetServerAsync(3, Stop))).Error);
        Assert.Equal(
            RunCloudError.ServerNotFound,
            (await Assert.ThrowsAsync<RunCloudException>(() => client.FindSshCredentialsAsync(3, server: null, new SshCredentialQuery(), Stop))).Error);
        Assert.Equal(
            RunCloudError.SshCredentialNotFound,
            (await Assert.ThrowsAsync<RunCloudException>(() => client.GetSshCredentialAsync(3, server: null, 7, Stop))).Error);
    }

    [Theory]
    [InlineData(Answers.Page)]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"Resources not found.\"")]
    [InlineData("{}")]
    [InlineData("""{"error":"no such host"}""")]
    [InlineData("""{"message":"Resources no""")]
    public async Task A_404_that_is_not_the_API_s_own_is_not_absence(string body)
    {
        var handler = new StubHandler(_ => Answers.Json(body, 404));

        var failure = await FailAsync(handler);

        Assert.Equal(RunCloudError.InvalidResponse, failure.Error);
        Assert.Equal(404, failure.Status);
        Assert.Equal(Tries, handler.Requests.Count);
    }

    [Theory]
    [InlineData("""{"label":["The label has already been taken.","Too long."],"username":"Unknown."}""")]
    public async Task A_422_names_the_fields(string errors)
    {
        using var client = Create(_ => Answers.Json($$$"""{"message":"The label has already been taken. (and 2 more errors)","errors":{{{errors}}}}""", 422));

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.GetServerAsync(3, Stop));

        Assert.Equal(["label", "username"], failure.FieldErrors.Keys);
        Assert.Equal(["The label has already been taken.", "Too long."], failure.FieldErrors["label"]);
        Assert.Equal(["Unknown."], failure.FieldErrors["username"]);
        Assert.Equal(
            "Reading server 3 failed: the API answered 422: The label has already been taken. (and 2 more errors) (label: The label has already been taken. Too long.; username: Unknown.).",
            failure.Message);
    }

    [Theory]
    [InlineData("[]", "")]
    [InlineData("null", "")]
    [InlineData("\"x\"", "")]
    [InlineData("{}", "")]
    [InlineData("""{"a":null,"b":7,"c":[1,{"d":2},null]}""", "a=null;b=7;c=1/{\"d\":2}/null")]
    [InlineData("""{"a":"1","a":["2"]}""", "a=2")]
    [InlineData("""{"\ud800":["\udc00"]}""", "\ufffd=\ufffd")]
    public async Task Field_errors_have_any_shape(string errors, string expected)
    {
        using var client = Create(_ => Answers.Json($$$"""{"message":"No.","errors":{{{errors}}}}""", 422));

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.GetServerAsync(3, Stop));

        Assert.Equal(RunCloudError.ValidationFailed, failure.Error);
        Assert.Equal(expected, string.Join(';', failure.FieldErrors.Select(field => $"{field.Key}={string.Join('/', field.Value)}")));
    }

    [Theory]
    [InlineData(Answers.Page)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("\"pong\"")]
    [InlineData("[]")]
    [InlineData("{\"id\":3,\"name\":\"we")]
    [InlineData("{\"id\":3,\"name\":\"web\"} and more")]
    public async Task A_success_that_is_not_the_documented_JSON_is_a_failure(string body)
    {
        var handler = new StubHandler(_ => Answers.Json(body));

        var failure = await FailAsync(handler);

        Assert.Equal(RunCloudError.InvalidResponse, failure.Error);
        Assert.Equal(200, failure.Status);
        Assert.Equal(Tries, handler.Requests.Count);
    }

    [Fact]
    public async Task A_list_without_rows_or_with_rows_without_id_is_invalid()
    {
        foreach (var json in new[]
        {
            "{}", """{"data":null}""", """{"data":{}}""", """{"data":[null]}""", """{"data":[{"name":"web"}]}""", """{"data":[{"id":-1}]}""", """{"data":[{"id":0}]}""", """[{"id":1}]""", """{"data":[7]}""",
        })
        {
            using var client = Create(_ => Answers.Json(json));
            var failure = await Assert.ThrowsAsync<RunCloudException>(client.ServersAsync);
            Assert.Equal(RunCloudError.InvalidResponse, failure.Error);
        }
    }

    [Theory]
    [InlineData("""{"message":"hello"}""")]
    [InlineData("{}")]
    [InlineData("""{"data":[]}""")]
    public async Task A_server_that_does_not_answer_a_ping_is_not_the_API(string body)
    {
        using var client = Create(_ => Answers.Json(body));

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.PingAsync(Stop));

        Assert.Equal(RunCloudError.InvalidResponse, failure.Error);
    }

    [Fact]
    public async Task Deep_JSON_is_refused_and_not_followed()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":[", 50_000));

        var failure = await FailAsync(new StubHandler(_ => Answers.Json("{\"x\":" + deep)));

        Assert.Equal(RunCloudError.InvalidResponse, failure.Error);
    }

    [Theory]
    [InlineData(200, RunCloudError.InvalidResponse, 1)]
    [InlineData(404, RunCloudError.InvalidResponse, 1)]
    public async Task An_answer_that_says_it_is_too_large_is_not_read(int status, RunCloudError error, int requests)
    {
        var content = new EndlessContent(announced: 64L << 20);
        var handler = new StubHandler(_ => new HttpResponseMessage((HttpStatusCode)status) { Content = content });

        var failure = await FailAsync(handler);

        Assert.Equal(error, failure.Error);
        Assert.Contains("8 MiB", failure.Message, StringComparison.Ordinal);
        Assert.Equal(requests, handler.Requests.Count);
        Assert.Equal(0, content.Read);
    }

    [Theory]
    [InlineData(200, RunCloudError.InvalidResponse)]
    [InlineData(404, RunCloudError.InvalidResponse)]
    [InlineData(403, RunCloudError.Forbidden)]
    public async Task An_answer_that_does_not_end_is_read_up_to_a_bound(int status, RunCloudError error)
    {
        var content = new EndlessContent(announced: null);

        var failure = await FailAsync(new StubHandler(_ => new HttpResponseMessage((HttpStatusCode)status) { Content = content }), retries: 0);

        Assert.Equal(error, failure.Error);
        Assert.InRange(content.Read, 8L << 20, 10L << 20);
    }

    [Theory]
    [InlineData(300, null)]
    [InlineData(301, "https://elsewhere.example.test/steal?a=b")]
    [InlineData(302, "/login")]
    [InlineData(303, "//elsewhere.example.test/login")]
    [InlineData(304, null)]
    [InlineData(307, "https://manage.runcloud.io/api/v3/servers/4")]
    [InlineData(308, "http://manage.runcloud.io/")]
    [InlineData(302, "javascript:alert(1)")]
    [InlineData(302, "mailto:somebody@example.test")]
    [InlineData(302, "http://")]
    [InlineData(302, "https://[broken/")]
    [InlineData(302, "file:///etc/passwd")]
    [InlineData(302, "http:relative")]
    [InlineData(302, "//")]
    [InlineData(302, "///")]
    [InlineData(302, "https://exa mple.test:99999/")]
    public async Task A_redirect_is_a_failure_and_never_followed(int status, string? location)
    {
        var handler = new StubHandler(_ => location is null ? Answers.Html(status) : Answers.Html(status).With("Location", location));

        var failure = await FailAsync(handler);

        Assert.Equal(RunCloudError.InvalidResponse, failure.Error);
        Assert.Equal(status, failure.Status);
        Assert.Contains("redirect", failure.Message, StringComparison.Ordinal);
        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task The_handler_of_the_shipped_client_follows_no_redirect_and_keeps_no_cookie()
    {
        using var handler = Assert.IsType<SocketsHttpHandler>(HttpHandlers.Create(Options(new StubHandler(_ => new HttpResponseMessage())), RunCloudClientOptions.DefaultEndpoint));
        await Task.CompletedTask;

        Assert.False(handler.AllowAutoRedirect);
        Assert.False(handler.UseCookies);
        Assert.True(handler.UseProxy);
        Assert.Equal(DecompressionMethods.All, handler.AutomaticDecompression);
        Assert.Null(handler.SslOptions.RemoteCertificateValidationCallback);
    }

    [Fact]
    public async Task A_long_message_is_cut()
    {
        var failure = await FailAsync(new StubHandler(_ => Answers.Message(400, new string('x', 10_000))));

        Assert.InRange(failure.Message.Length, 500, 600);
    }

    [Fact]
    public async Task A_first_refusal_does_not_say_that_it_waited()
    {
        var handler = StubHandler.InTurn(() => Answers.Message(429, "Too Many Attempts.").With("Retry-After", "0"), () => Answers.Json("""{"id":3}"""));
        var observer = new Observer();
        using var client = Create(handler, options => options with { Time = new JumpingTime() }).For(observer);

        Assert.Equal(3, (await client.GetServerAsync(3, Stop)).Id);
        Assert.Equal("Reading server 3 failed: the API answered 429: Too Many Attempts.", observer.Traces[0].Failure);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_wait_has_begun_when_it_is_announced(int status)
    {
        var time = new FakeTimeProvider();
        var handler = StubHandler.InTurn(() => Answers.Message(status, "Later.").With("Retry-After", "42"), () => Answers.Json("""{"id":3}"""));
        var observer = new Observer { OnWait = until => time.Advance(until + TimeSpan.FromSeconds(1) - time.GetUtcNow()) };
        using var client = Create(handler, options => options with { Time = time }).For(observer);

        var server = await client.GetServerAsync(3, Stop).WaitAsync(Line.Patience, Stop);
        Assert.Equal((3, 2), (server.Id, handler.Requests.Count));
    }

    [Theory]
    [InlineData("text/html", null, RunCloudError.InvalidResponse)]
    [InlineData("application/json", "challenge", RunCloudError.InvalidResponse)]
    [InlineData("application/json", null, RunCloudError.Forbidden)]
    public async Task A_challenge_page_is_not_a_plan_or_quota_error(string type, string? mitigated, RunCloudError error)
    {
        var failure = await FailAsync(new StubHandler(_ =>
        {
            var answer = new HttpResponseMessage(HttpStatusCode.Forbidden) { Content = new StringContent("{}", System.Text.Encoding.UTF8, type) };
            return mitigated is null ? answer : answer.With("cf-mitigated", mitigated);
        }));

        Assert.Equal((error, 403), (failure.Error, failure.Status));
        Assert.Equal(error == RunCloudError.InvalidResponse, failure.Message.Contains("challenge", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_attempt_is_reported_to_the_observer_without_values()
    {
        var handler = StubHandler.InTurn(
            () => Answers.Message(503, "Busy.").With("X-RateLimit-Remaining", "17"),
            () => throw new HttpRequestException(HttpRequestError.ConnectionError, "refused"),
            () => Answers.Json("""{"id":3}""").With("X-Some-Header", "some value"));
        var observer = new Observer();
        using var client = Create(handler).For(observer);

        await client.GetServerAsync(3, Stop);

        Assert.Equal([("GET", "/servers/3", 503, 1, 17), ("GET", "/servers/3", null, 2, null), ("GET", "/servers/3", 200, 3, null)],
            observer.Traces.Select(trace => (trace.Method, trace.Path, trace.Status, trace.Attempt, trace.Remaining)));
        Assert.Equal([true, true, false], observer.Traces.Select(trace => trace.Failure is not null));
        Assert.All(observer.Traces, trace => Assert.Contains(new("Authorization", "Bearer ".Length + Token.Length), trace.RequestHeaders));
        Assert.Contains(new("X-Some-Header", "some value".Length), observer.Traces[2].ResponseHeaders);
    }

    private static StubHandler Hanging(FakeTimeProvider time, TimeSpan limit, bool beforeHeaders) => new(async (_, cancellation) =>
    {
        if (!beforeHeaders)
        {
            return new HttpResponseMessage { Content = new HangingContent(() => time.Advance(limit)) };
        }

        // One tick before its end the limit has not struck.
        time.Advance(limit - TimeSpan.FromTicks(1));
        Assert.False(cancellation.IsCancellationRequested);
        time.Advance(TimeSpan.FromTicks(1));
        await Task.Delay(Timeout.Infinite, cancellation);
        throw new InvalidOperationException("Never comes here.");
    });

    private static async Task<RunCloudException> FailAsync(StubHandler handler, int retries = 4, TimeProvider? time = null)
    {
        using var client = Create(handler, options => options with { MaximumRetryCount = retries, Time = time ?? options.Time });
        return await Assert.ThrowsAsync<RunCloudException>(() => client.GetServerAsync(3, Stop));
    }
}
