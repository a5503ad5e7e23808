using System.Net.Http;
using System.Text.Json;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <summary>Calls of any path: what is sent, what is refused, and what becomes of a lost answer.</summary>
public sealed class AnyCallTests
{
    [Theory]
    [InlineData("/servers/3", "/servers/3")]
    [InlineData("servers/3", "/servers/3")]
    [InlineData("/api/v3/servers", "/servers")]
    [InlineData("/api/v3x/servers", "/api/v3x/servers")]
    [InlineData("/API/V3/servers", "/API/V3/servers")]
    [InlineData("/servers?search=a?b", "/servers?search=a?b")]
    [InlineData("/servers?", "/servers")]
    [InlineData("/a.b/..c/...d", "/a.b/..c/...d")]
    [InlineData("@evil.example", "/@evil.example")]
    [InlineData("", null)]
    [InlineData("/", null)]
    [InlineData("//evil.example", null)]
    [InlineData("/servers//3", null)]
    [InlineData("/servers/", null)]
    [InlineData("/api/v3/", null)]
    [InlineData("/.", null)]
    [InlineData("/servers/../3", null)]
    [InlineData("/servers/%2e%2E/3", null)]
    [InlineData("/servers/...", null)]
    [InlineData("/servers/..%2f3", null)]
    [InlineData("/servers/a%5cb", null)]
    [InlineData("/servers/a%3fb", null)]
    [InlineData("/servers/a%23b", null)]
    [InlineData("/servers/a%0ab", null)]
    [InlineData("/servers\\3", null)]
    [InlineData("/servers#3", null)]
    [InlineData("/servers 3", null)]
    [InlineData("/servers?a=\u0001", null)]
    [InlineData("/servers?a=b c", null)]
    [InlineData("https://evil.example/x", null)]
    public void A_path_stays_below_the_endpoint_or_is_refused(string path, string? expected)
    {
        using var client = Create(_ => Answers.Json("{}"));

        Assert.Equal(expected, client.PathOf(path, []));
    }

    [Fact]
    public void An_endpoint_without_a_path_has_nothing_to_leave_out()
    {
        using var client = Create(new StubHandler(_ => Answers.Json("{}")), options => options with { Endpoint = new Uri("https://manage.example.test/") });

        Assert.Equal("/api/v3/servers", client.PathOf("/api/v3/servers", []));
    }

    [Theory]
    [InlineData("/servers", "/servers?a%26=b%3Dc&d=")]
    [InlineData("/servers?x=1", "/servers?x=1&a%26=b%3Dc&d=")]
    public void A_query_is_escaped_and_added_to_that_of_the_path(string path, string expected)
    {
        using var client = Create(_ => Answers.Json("{}"));

        Assert.Equal(expected, client.PathOf(path, [new("a&", "b=c"), new("d", string.Empty)]));
    }

    [Theory]
    [InlineData("""{"a":[1,null,"x"]}""", true)]
    [InlineData("[]", true)]
    [InlineData("5", false)]
    [InlineData("\"text\"", false)]
    [InlineData("null", false)]
    [InlineData("", false)]
    [InlineData("{", false)]
    public void Only_an_object_or_a_list_is_a_body(string text, bool isBody) => Assert.Equal(isBody, RunCloudClient.ParseBody(text) is not null);

    [Theory]
    [InlineData(RunCloudMethod.Get, "GET", 5, false)]
    [InlineData(RunCloudMethod.Delete, "DELETE", 5, true)]
    [InlineData(RunCloudMethod.Post, "POST", 1, true)]
    [InlineData(RunCloudMethod.Put, "PUT", 1, true)]
    [InlineData(RunCloudMethod.Patch, "PATCH", 1, true)]
    public async Task Only_reads_and_removals_are_sent_again_and_a_change_may_have_been_carried_out(RunCloudMethod method, string sent, int times, bool isDoubted)
    {
        var handler = new StubHandler(_ => Answers.Json("""{"message":"Server Error","errors":{"x":["y"]}}""", 500));
        using var client = Create(handler, options => options with { Time = new JumpingTime() });

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.InvokeAsync(method, "/servers/3/x", body: null, Stop));

        Assert.Equal((RunCloudError.ServerError, 500, "Server Error", isDoubted), (failure.Error, failure.Status, failure.ApiMessage, failure.Message.EndsWith("It may have been carried out anyway.", StringComparison.Ordinal)));
        Assert.Equal(["x"], failure.FieldErrors.Keys);
        Assert.True(failure.MayHaveActed);
        Assert.Equal(Enumerable.Repeat(sent + " /servers/3/x", times), handler.Lines);
    }

    [Fact]
    public async Task A_change_that_was_refused_was_not_carried_out()
    {
        using var client = Create(_ => Answers.Message(403, "No."));

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.InvokeAsync(RunCloudMethod.Post, "/servers", body: null, Stop));

        Assert.Equal(RunCloudError.Forbidden, failure.Error);
        Assert.False(failure.MayHaveActed);
        Assert.DoesNotContain("carried out", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_removal_whose_first_try_was_lost_is_in_doubt_though_the_limit_refuses_the_next_one()
    {
        var handler = StubHandler.InTurn(() => Answers.Message(500, "No."), () => Answers.Message(429, "Too Many Attempts.").With("Retry-After", "3600"));
        using var client = Create(handler, options => options with { Time = new JumpingTime(), MaximumWait = TimeSpan.FromSeconds(1) });

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.InvokeAsync(RunCloudMethod.Delete, "/servers/3", body: null, Stop));

        Assert.Equal(RunCloudError.RateLimited, failure.Error);
        Assert.EndsWith("It may have been carried out anyway.", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["DELETE /servers/3", "DELETE /servers/3"], handler.Lines);
    }

    [Fact]
    public async Task A_removal_has_a_body_without_content_so_that_dotnet_does_not_send_it_again_by_itself()
    {
        var handler = new StubHandler(_ => Answers.Json("{}"));
        using var client = Create(handler);

        _ = await client.InvokeAsync(RunCloudMethod.Get, "/servers/3", body: null, Stop);
        _ = await client.InvokeAsync(RunCloudMethod.Delete, "/servers/3", body: null, Stop);

        Assert.Equal([null, string.Empty], handler.Requests.Select(request => request.Body));
    }

    [Theory]
    [InlineData("9223372036854775807")]
    [InlineData("9223372036854775808")]
    [InlineData("79228162514264337593543950335")]
    [InlineData("0.1234567890123456789012345678")]
    public async Task A_number_keeps_its_digits(string number)
    {
        using var client = Create(_ => Answers.Json($$"""{"number":{{number}}}"""));

        var answer = Assert.IsType<AnyObject>(await client.InvokeAsync(RunCloudMethod.Get, "/any", body: null, Stop), exactMatch: false);

        Assert.Equal(number, Convert.ToString(answer[0].Value, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task The_body_is_sent_as_it_was_given_and_the_answer_is_what_came()
    {
        const string Body = """{"name":"x","list":[1,2.5,null,true,"text",{"a":{}}],"big":1e300}""";
        var handler = StubHandler.InTurn(() => Answers.Json("""{"id":7}"""), () => new HttpResponseMessage(System.Net.HttpStatusCode.NoContent));
        using var client = Create(handler);

        var answer = Assert.IsType<AnyObject>(await client.InvokeAsync(RunCloudMethod.Post, "/servers", RunCloudClient.ParseBody(Body), Stop), exactMatch: false);

        Assert.Equal(new KeyValuePair<string, object?>("id", 7L), Assert.Single(answer));
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(Body).RootElement, JsonDocument.Parse(handler.Requests[0].Body!).RootElement), handler.Requests[0].Body);
        Assert.Null(await client.InvokeAsync(RunCloudMethod.Delete, "/servers/7", body: null, Stop));
    }

    [Fact]
    public async Task Rows_without_an_id_are_told_apart_by_what_they_hold()
    {
        using var client = Create(_ => Answers.Json($$"""{"data":[{{string.Join(',', Enumerable.Range(1, 30).Select(number => $"\"row {number}\""))}}],"meta":{"total":30} }"""));
        var rows = new List<object?>();

        await foreach (var row in client.InvokeAllAsync("/any", Stop))
        {
            rows.Add(row);
        }

        Assert.Equal(Enumerable.Range(1, 30).Select(number => $"row {number}"), rows);
    }

    [Fact]
    public async Task All_rows_of_a_list_of_any_shape_come_page_by_page()
    {
        var handler = new StubHandler(request => Answers.Json(request.Page == 1
            ? """{"data":[{"id":1},{"name":"no id"},5],"meta":{"last_page":2}}"""
            : """{"data":["text"],"meta":{"last_page":2}}"""));
        using var client = Create(handler);
        var rows = new List<string>();

        await foreach (var row in client.InvokeAllAsync("/any", Stop))
        {
            rows.Add(row switch { AnyObject properties => properties[0].Key, _ => $"{row}" });
        }

        Assert.Equal(["id", "name", "5", "text"], rows);
    }
}
