using System.Net;
using System.Net.Http;
using System.Security;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <summary>Which endpoints and tokens are refused before anything is sent.</summary>
public sealed class EndpointTests
{
    [Theory]
    [InlineData("http://manage.runcloud.io/api/v3")]
    [InlineData("http://10.0.0.1/api/v3")]
    [InlineData("http://127.0.0.1.example.test/")]
    [InlineData("http://localhost.example.test/")]
    public void Http_to_another_machine_is_insecure(string endpoint)
    {
        var refused = Refused(endpoint);

        Assert.Equal(RunCloudError.InsecureEndpoint, refused.Error);
        Assert.Contains(new Uri(endpoint).Host, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://example.test/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://user@example.test/")]
    [InlineData("https://user:secret@example.test/")]
    [InlineData("http://user:secret@127.0.0.1/")]
    [InlineData("https://example.test/?page=1")]
    [InlineData("https://example.test/#part")]
    [InlineData("/api/v3")]
    public void Anything_but_a_plain_web_address_is_invalid(string endpoint)
    {
        var refused = Refused(endpoint);

        Assert.Equal(RunCloudError.InvalidEndpoint, refused.Error);
        Assert.DoesNotContain("secret", refused.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("two words")]
    [InlineData("line\nbreak")]
    [InlineData("line\r\nX-Injected: yes")]
    [InlineData("inner tab\there")]
    [InlineData("umläut")]
    [InlineData("del\u007f")]
    public void A_token_that_no_header_can_hold_is_refused_and_not_shown(string token)
    {
        using var secret = new NetworkCredential(string.Empty, token).SecurePassword;

        var refused = Assert.Throws<RunCloudException>(() => new RunCloudClient(new RunCloudClientOptions { Token = secret }));

        Assert.Equal(RunCloudError.InvalidToken, refused.Error);
        Assert.True(token.Trim().Length == 0 || !refused.ToString().Contains(token.Trim(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("\n")]
    [InlineData("\r\n\t")]
    public async System.Threading.Tasks.Task Blanks_and_line_ends_around_a_token_are_dropped(string around)
    {
        var handler = new StubHandler(_ => Answers.Json("""{"message":"pong"}"""));
        using var client = Create(handler, options => options with { Token = new NetworkCredential(string.Empty, around + Token + around).SecurePassword });

        await client.PingAsync(Stop);

        Assert.Equal("Bearer " + Token, handler.Requests[0].Headers["Authorization"]);
    }

    [Fact]
    public async System.Threading.Tasks.Task The_token_may_be_disposed_of_by_its_owner()
    {
        var secret = new NetworkCredential(string.Empty, Token).SecurePassword;
        var handler = new StubHandler(_ => Answers.Json("""{"message":"pong"}"""));
        using var client = Create(handler, options => options with { Token = secret });
        secret.Dispose();

        await client.PingAsync(Stop);

        Assert.Equal("Bearer " + Token, handler.Requests[0].Headers["Authorization"]);
    }

    [Fact]
    public void A_client_without_options_is_refused() => Assert.Throws<ArgumentNullException>(() => new RunCloudClient(null!));

    private static RunCloudException Refused(string endpoint)
    {
        var options = Options(new StubHandler(_ => new HttpResponseMessage())) with { Endpoint = new Uri(endpoint, UriKind.RelativeOrAbsolute) };
        return Assert.Throws<RunCloudException>(() => new RunCloudClient(options));
    }
}
