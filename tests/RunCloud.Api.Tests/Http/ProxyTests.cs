using System.Net;
using System.Net.Http;
using System.Text;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Http;

/// <summary>What a proxy answers is the proxy's, and its password is shown to nobody.</summary>
public sealed class ProxyTests
{
    private const string Password = "p@ss/w:rd+1";

    private static readonly Uri Far = new("https://manage.runcloud.test/api/v3");

    [Theory]
    [InlineData(407, RunCloudError.ProxyRefused, 407)]
    [InlineData(403, RunCloudError.ProxyRefused, 403)]
    [InlineData(302, RunCloudError.ProxyRefused, 302)]
    [InlineData(502, RunCloudError.ConnectionFailed, null)]
    public async Task A_proxy_that_refuses_is_told_apart_and_its_password_shown_to_nobody(int status, RunCloudError error, int? told)
    {
        await using var proxy = new RefusingProxy(status);
        using var client = new RunCloudClient(Through(proxy, info: $"dave:{Uri.EscapeDataString(Password)}@"));

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.PingAsync(Stop));

        Assert.Equal((error, told), (failure.Error, failure.Status));
        Assert.False(failure.MayHaveActed);
        foreach (var secret in new[] { Password, Uri.EscapeDataString(Password), Convert.ToBase64String(Encoding.UTF8.GetBytes($"dave:{Password}")) })
        {
            Assert.DoesNotContain(secret, failure.ToString(), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task User_info_in_the_address_is_used_as_the_credential()
    {
        await using var proxy = new RefusingProxy(407);
        using var client = new RunCloudClient(Through(proxy, info: $"dave:{Uri.EscapeDataString(Password)}@"));

        await Assert.ThrowsAsync<RunCloudException>(() => client.PingAsync(Stop));

        var sent = $"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"dave:{Password}"))}";
        Assert.Contains(proxy.Heads, head => head.Contains(sent, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/api/v3", true, false)]
    [InlineData("http://127.0.0.1:1/api/v3", false, false)]
    [InlineData("https://127.0.0.1:1/api/v3", true, true)]
    [InlineData("https://localhost:1/api/v3", false, false)]
    [InlineData("https://manage.runcloud.test/api/v3", true, true)]
    [InlineData("https://manage.runcloud.test/api/v3", false, true)]
    public void A_proxy_is_for_https_and_that_of_the_system_for_other_machines(string endpoint, bool hasOwn, bool isUsed)
    {
        var options = Options(new StubHandler(_ => new HttpResponseMessage())) with { Proxy = hasOwn ? new Uri("http://proxy.example.test:8080") : null };

        using var handler = Assert.IsType<SocketsHttpHandler>(HttpHandlers.Create(options, new Uri(endpoint)));

        Assert.Equal(isUsed, handler.UseProxy);
        Assert.Equal(hasOwn, handler.Proxy is not null);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_account_of_the_process_is_the_credential_where_that_is_wanted(bool isWanted)
    {
        var options = Options(new StubHandler(_ => new HttpResponseMessage())) with { Proxy = new Uri("http://proxy.example.test:8080"), ProxyUseDefaultCredentials = isWanted };

        using var handler = Assert.IsType<SocketsHttpHandler>(HttpHandlers.Create(options, Far));

        Assert.Equal(isWanted, handler.DefaultProxyCredentials is not null);
        Assert.Equal(isWanted, Assert.IsType<WebProxy>(handler.Proxy).UseDefaultCredentials);
    }

    [Theory]
    [InlineData("dave:p%40ss@", "dave", "p@ss")]
    [InlineData("da%76e@", "dave", "")]
    [InlineData("dave:@", "dave", "")]
    [InlineData("", null, null)]
    public void The_user_info_of_the_address_is_the_credential_unless_another_is_given(string info, string? user, string? password)
    {
        var options = Through(proxy: null, info);
        using var handler = Assert.IsType<SocketsHttpHandler>(HttpHandlers.Create(options, Far));
        using var other = Assert.IsType<SocketsHttpHandler>(HttpHandlers.Create(options with { ProxyCredential = new NetworkCredential("eve", "other") }, Far));

        var own = Assert.IsType<WebProxy>(handler.Proxy).Credentials?.GetCredential(new Uri("http://127.0.0.1:1"), "Basic");
        Assert.Equal((user, password), (own?.UserName, own?.Password));
        Assert.Equal("eve", Assert.IsType<WebProxy>(other.Proxy).Credentials!.GetCredential(new Uri("http://127.0.0.1:1"), "Basic")!.UserName);
        Assert.Equal("http://127.0.0.1:1/", Assert.IsType<WebProxy>(handler.Proxy).Address!.OriginalString);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1000, 15)]
    public void A_connection_has_no_more_time_than_the_request_and_there_may_be_several(int requestSeconds, int connectSeconds)
    {
        using var handler = Assert.IsType<SocketsHttpHandler>(HttpHandlers.Create(Through(proxy: null, string.Empty) with { RequestTimeout = TimeSpan.FromSeconds(requestSeconds) }, Far));

        Assert.Equal(TimeSpan.FromSeconds(connectSeconds), handler.ConnectTimeout);
        Assert.True(handler.EnableMultipleHttp2Connections);
    }

    [Fact]
    public void A_redirect_is_not_followed_and_no_cookie_kept()
    {
        using var handler = Assert.IsType<SocketsHttpHandler>(HttpHandlers.Create(Options(new StubHandler(_ => new HttpResponseMessage())), Far));

        Assert.False(handler.AllowAutoRedirect);
        Assert.False(handler.UseCookies);
    }

    [Fact]
    public async Task What_a_server_echoes_of_the_proxy_s_password_is_hidden()
    {
        var handler = new StubHandler(_ => Answers.Message(400, $"dave:{Password} and {Uri.EscapeDataString(Password)} and {Convert.ToBase64String(Encoding.UTF8.GetBytes($"dave:{Password}"))}"));
        using var client = Create(handler, options => options with { ProxyCredential = new NetworkCredential("dave", Password) });

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.GetServerAsync(3, Stop));

        Assert.Equal("*** and *** and ***", failure.ApiMessage);
    }

    [Fact]
    public void The_options_as_text_show_no_address_of_a_proxy() =>
        Assert.DoesNotContain("dave", $"{Through(proxy: null, $"dave:{Uri.EscapeDataString(Password)}@")}", StringComparison.Ordinal);

    private static RunCloudClientOptions Through(RefusingProxy? proxy, string info) => new()
    {
        Endpoint = Far,
        Token = new NetworkCredential(string.Empty, Token).SecurePassword,
        Proxy = new Uri($"http://{info}127.0.0.1:{proxy?.Port ?? 1}"),
        MaximumRetryCount = 0,
    };
}
