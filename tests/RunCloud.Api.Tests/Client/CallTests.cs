using System.Globalization;
using System.Text.Json;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <summary>What each call sends.</summary>
public sealed class CallTests
{
    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGzmRzNonDLGy+whHAqW2fCZHOPW6KEUNPPe/STIZX6B dave@laptop";

    private static readonly string Row = JsonSerializer.Serialize(new { id = 7, label = "dave", user = "root", publicKey = Key });

    [Fact]
    public async Task Every_call_goes_to_its_documented_place()
    {
        var handler = new StubHandler(request => Answers.Json(request.ToString() switch
        {
            "GET /ping" => """{"message":"pong"}""",
            "GET /servers/3" => """{"id":3,"name":"web-03"}""",
            "GET /servers?page=1&perPage=40" or "GET /servers/3/ssh/credentials?page=1&perPage=40" => """{"data":[],"meta":{"pagination":{"total":0,"total_pages":1}}}""",
            _ => Row,
        }));
        using var client = Create(handler);

        await client.PingAsync(Stop);
        await client.ServersAsync();
        await client.GetServerAsync(3, Stop);
        await client.FindSshCredentialsAsync(3, server: null, new SshCredentialQuery(), Stop);
        var credential = await client.GetSshCredentialAsync(3, server: null, 7, Stop);
        await client.AddSshCredentialAsync(3, server: null, new NewSshCredential("root", "dave", Key, temporary: true), Stop);
        await client.RemoveSshCredentialAsync(credential, Stop);

        Assert.Equal(
            [
                "GET /ping",
                "GET /servers?page=1&perPage=40",
                "GET /servers/3",
                "GET /servers/3/ssh/credentials?page=1&perPage=40",
                "GET /servers/3/ssh/credentials/7",
                "POST /servers/3/ssh/credentials",
                "DELETE /servers/3/ssh/credentials/7",
            ],
            handler.Lines);
    }

    [Fact]
    public async Task Every_call_carries_the_token_and_who_is_calling()
    {
        var handler = new StubHandler(_ => Answers.Json(Row));
        using var client = Create(handler);
        var credential = await client.GetSshCredentialAsync(3, server: null, 7, Stop);
        await client.AddSshCredentialAsync(3, server: null, new NewSshCredential("root", "dave", Key, temporary: false), Stop);
        await client.RemoveSshCredentialAsync(credential, Stop);

        var version = typeof(RunCloudClient).Assembly.GetName().Version!.ToString(3);
        Assert.Equal(3, handler.Requests.Count);
        Assert.All(handler.Requests, request =>
        {
            Assert.Equal("manage.runcloud.io", request.Uri.Host);
            Assert.Equal("https", request.Uri.Scheme);
            Assert.Equal("Bearer " + Token, request.Headers["Authorization"]);
            Assert.Equal("application/json", request.Headers["Accept"]);
            Assert.Equal("RunCloud.PowerShell/" + version, request.Headers["User-Agent"]);
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_addition_names_label_user_key_and_duration(bool temporary)
    {
        var handler = new StubHandler(_ => Answers.Json(Row));
        using var client = Create(handler);

        await client.AddSshCredentialAsync(3, server: null, new NewSshCredential("root", "dave", $" {Key} ", temporary), Stop);

        var sent = Assert.Single(handler.Requests);
        Assert.Equal("application/json", sent.Headers["Content-Type"]);
        using var body = JsonDocument.Parse(sent.Body!);
        Assert.Equal(
            [("label", "dave"), ("username", "root"), ("publicKey", Key), ("temporary", temporary ? "True" : "False")],
            body.RootElement.EnumerateObject().Select(field => (field.Name, field.Value.ToString())));
    }

    [Fact]
    public async Task Reading_and_removing_send_no_body()
    {
        var handler = new StubHandler(_ => Answers.Json(Row));
        using var client = Create(handler);
        var credential = await client.GetSshCredentialAsync(3, server: null, 7, Stop);
        await client.RemoveSshCredentialAsync(credential, Stop);

        Assert.All(handler.Requests, request => Assert.True(string.IsNullOrEmpty(request.Body)));
        Assert.All(handler.Requests, request => Assert.DoesNotContain("Content-Type", request.Headers.Keys));
    }

    [Theory]
    [InlineData("https://example.test", "https://example.test/ping")]
    [InlineData("https://example.test/", "https://example.test/ping")]
    [InlineData("https://example.test:8443/some/api/v3/", "https://example.test:8443/some/api/v3/ping")]
    [InlineData("http://127.0.0.1:5000/api/v3", "http://127.0.0.1:5000/api/v3/ping")]
    [InlineData("http://localhost/api/v3", "http://localhost/api/v3/ping")]
    [InlineData("http://[::1]:81/api/v3", "http://[::1]:81/api/v3/ping")]
    public async Task An_endpoint_is_what_paths_are_put_behind(string endpoint, string expected)
    {
        var handler = new StubHandler(_ => Answers.Json("""{"message":"pong"}"""));
        using var client = Create(handler, options => options with { Endpoint = new Uri(endpoint) });

        await client.PingAsync(Stop);

        Assert.Equal(expected, Assert.Single(handler.Requests).Uri.AbsoluteUri);
    }

    [Fact]
    public async Task Numbers_are_written_the_same_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            // Its minus sign is another character, and some cultures have other digits or groups.
            CultureInfo.CurrentCulture = new CultureInfo("sv-SE") { NumberFormat = { NegativeSign = "~" } };
            var handler = new StubHandler(_ => Answers.Json("""{"id":-3,"name":"web-03"}"""));
            using var client = Create(handler);
            await client.GetServerAsync(-3, Stop);
            Assert.Equal(["GET /servers/-3"], handler.Lines);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public async Task A_client_may_be_closed_twice_and_then_sends_nothing()
    {
        var handler = new StubHandler(_ => Answers.Json(Row));
        var client = Create(handler);
        client.Dispose();
        client.Dispose();

        Assert.Equal(RunCloudError.ConnectionFailed, (await Assert.ThrowsAsync<RunCloudException>(() => client.PingAsync(Stop))).Error);
        Assert.Empty(handler.Requests);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_before_it_begins_sends_nothing()
    {
        var handler = new StubHandler(_ => Answers.Json(Row));
        using var client = Create(handler);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.PingAsync(new System.Threading.CancellationToken(canceled: true)));

        Assert.Empty(handler.Requests);
    }
}
