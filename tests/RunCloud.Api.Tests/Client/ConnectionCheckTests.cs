using System.Net.Http;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <summary>What the checks of a connection say of each answer.</summary>
public sealed class ConnectionCheckTests
{
    private const string Servers = """{"data":[{"id":1,"name":"web-01"}],"meta":{"pagination":{"total":1,"total_pages":1}}}""";

    [Theory]
    [InlineData("200", "Passed Passed Passed Passed Passed")]
    [InlineData("odd", "Passed Failed Skipped Skipped Passed")]
    [InlineData("401", "Passed Passed Failed Skipped Passed")]
    [InlineData("403", "Passed Passed Failed Skipped Passed")]
    [InlineData("404", "Passed Failed Skipped Skipped Passed")]
    [InlineData("407", "Failed Skipped Skipped Skipped Passed")]
    [InlineData("408", "Passed Failed Skipped Skipped Passed")]
    [InlineData("429", "Passed Passed Skipped Skipped Failed")]
    [InlineData("501", "Passed Failed Skipped Skipped Passed")]
    [InlineData("page", "Passed Failed Skipped Skipped Passed")]
    [InlineData("none", "Failed Skipped Skipped Skipped Skipped")]
    [InlineData("silence", "Failed Skipped Skipped Skipped Skipped")]
    public async Task The_first_answer_tells_what_is_wrong(string answer, string expected)
    {
        var time = new JumpingTime();
        var handler = new StubHandler(async (request, cancellation) =>
        {
            if (answer == "none")
            {
                throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused");
            }

            if (answer == "silence")
            {
                time.Advance(TimeSpan.FromMinutes(1));
                await Task.Delay(Timeout.Infinite, cancellation);
            }

            var response = request.Uri.AbsolutePath.EndsWith("/servers", StringComparison.Ordinal) ? Answers.Json(Servers)
                : answer == "200" ? Answers.Json("""{"message":"PONG"}""")
                : answer == "odd" ? Answers.Json("""{"message":"hello"}""")
                : answer == "page" ? Answers.Html(403)
                : Answers.Message(int.Parse(answer, System.Globalization.CultureInfo.InvariantCulture), "No.");
            return response.With("X-RateLimit-Limit", "60").With("X-RateLimit-Remaining", "59");
        });

        var checks = await ChecksAsync(handler, options => options with { Time = time, MaximumRetryCount = 0, MaximumWait = TimeSpan.Zero });

        Assert.Equal(["NameResolution", "Connection", "Api", "Token", "List", "RateLimit"], checks.Select(check => check.Name));
        Assert.Equal(expected, string.Join(' ', checks.Skip(1).Select(check => check.Status)));
        Assert.All(checks, check => Assert.Equal(check.Status == "Failed", check.Failure is not null));
        Assert.Equal(answer == "200", handler.Requests.Any(request => request.Uri.AbsolutePath.EndsWith("/servers", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("""{"data":[{"id":1}],"meta":{"pagination":{"total":7}}}""", "Passed", "by the list's own count: 7 (meta.pagination).")]
    [InlineData("""{"data":[{"id":1}],"meta":{"lastPage":1}}""", "Warning", "first page: 1. The list does not count them (meta).")]
    [InlineData("""{"data":[{"id":1},{"id":2}]}""", "Warning", "first page: 2. The list does not count them (it says nothing about its pages).")]
    [InlineData("""{"data":null}""", "Failed", "has no data")]
    [InlineData("", "Failed", "403")]
    public async Task The_list_is_judged_by_its_count(string list, string status, string detail)
    {
        var checks = await ChecksAsync(new StubHandler(request => request.Uri.AbsolutePath.EndsWith("/ping", StringComparison.Ordinal) ? Answers.Json("""{"message":"pong"}""")
            : list.Length > 0 ? Answers.Json(list)
            : Answers.Message(403, "No.")));

        Assert.Equal(status, checks[4].Status);
        Assert.Contains(detail, checks[4].Detail, StringComparison.Ordinal);
        Assert.Equal(status == "Warning", checks[4].Advice is not null);
        Assert.Equal(status == "Failed", checks[4].Failure is not null);
    }

    [Theory]
    [InlineData(null, null, "Warning", "do not state its rate limit")]
    [InlineData("60", "41", "Passed", "41 of 60 requests of this window are left.")]
    [InlineData("60", "0", "Warning", "None of 60 requests of this window are left.")]
    [InlineData(null, "0", "Warning", "None of the requests of this window are left.")]
    public async Task The_rate_limit_is_what_the_answers_say(string? limit, string? remaining, string status, string detail)
    {
        var handler = new StubHandler(request =>
        {
            var answer = Answers.Json(request.Uri.AbsolutePath.EndsWith("/ping", StringComparison.Ordinal) ? """{"message":"pong"}""" : Servers);
            answer = limit is null ? answer : answer.With("X-RateLimit-Limit", limit);
            return remaining is null || request.Number == 1 ? answer : answer.With("X-RateLimit-Remaining", remaining);
        });

        var rate = (await ChecksAsync(handler))[5];

        Assert.Equal(status, rate.Status);
        Assert.Contains(detail, rate.Detail, StringComparison.Ordinal);
        Assert.Equal(status == "Warning", rate.Advice is not null);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9/api/v3", null, "Skipped", "127.0.0.1 is an address, not a name.", "http://127.0.0.1:9 was reached directly, unencrypted")]
    [InlineData("https://[::1]:9/api/v3", null, "Skipped", "is an address, not a name.", "https://[::1]:9 was reached directly over TLS")]
    [InlineData("http://localhost:9/api/v3", null, "Passed", "localhost is ", "http://localhost:9 was reached directly, unencrypted")]
    [InlineData("https://runcloud.test/api/v3", "http://user:secret@proxy.test:8080", "Skipped", "The proxy http://proxy.test:8080 looks up runcloud.test.", "through the proxy http://proxy.test:8080 over TLS")]
    [InlineData("http://127.0.0.1:9/api/v3", "http://proxy.test:8080", "Skipped", "is an address", "was reached directly")]
    public async Task A_name_is_looked_up_unless_it_is_an_address_or_the_proxys_business(string endpoint, string? proxy, string status, string detail, string connection)
    {
        var checks = await ChecksAsync(
            new StubHandler(request => Answers.Json(request.Uri.AbsolutePath.EndsWith("/ping", StringComparison.Ordinal) ? """{"message":"pong"}""" : Servers)),
            options => options with { Endpoint = new Uri(endpoint), Proxy = proxy is null ? null : new Uri(proxy) });

        Assert.Equal(status, checks[0].Status);
        Assert.Contains(detail, checks[0].Detail, StringComparison.Ordinal);
        Assert.Equal("Passed", checks[1].Status);
        Assert.Contains(connection, checks[1].Detail, StringComparison.Ordinal);
    }

    private static async Task<List<ConnectionCheck>> ChecksAsync(StubHandler handler, Func<RunCloudClientOptions, RunCloudClientOptions>? change = null)
    {
        using var client = Create(handler, options =>
        {
            options = options with { Endpoint = new Uri("https://127.0.0.1:9/api/v3") };
            return change is null ? options : change(options);
        });
        var checks = new List<ConnectionCheck>();
        await foreach (var check in client.CheckConnectionAsync(Stop))
        {
            checks.Add(check);
        }

        return checks;
    }
}
