using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Http;

/// <summary>Each secret is hidden in each spelling, wherever it comes from.</summary>
public sealed class SecretsTests
{
    private const string Special = "t<k?n>99";
    private const string Password = "p@ss w/rd+1";

    [Fact]
    public void The_token_is_hidden_in_each_spelling_and_case()
    {
        foreach (var spelling in new[] { Special, Uri.EscapeDataString(Special), WebUtility.UrlEncode(Special), WebUtility.HtmlEncode(Special), Base64(Special) })
        {
            Assert.Equal("[***, ***]", Hide($"[{spelling}, {spelling.ToUpperInvariant()}]"));
        }
    }

    [Theory]
    [InlineData("x", 2)]
    [InlineData("xy", 3)]
    [InlineData("xyz", 4)]
    [InlineData("wxyz", 6)]
    public void Base64_of_a_longer_text_is_hidden_but_for_what_its_surroundings_change(string before, int untouched)
    {
        // A character and the padding at the end depend on what follows.
        foreach (var text in new[] { Base64(before + Special), Base64(before + Special).Replace('+', '-').Replace('/', '_') })
        {
            Assert.Matches($"^{Regex.Escape(text[..untouched])}[*]{{3}}.?=*$", Hide(text));
        }
    }

    [Theory]
    [InlineData("abcd", true)]
    [InlineData("abc", false)]
    public void A_secret_of_less_than_four_characters_is_left_because_words_contain_it(string token, bool isHidden)
    {
        var secrets = Create(token);
        Assert.Equal(isHidden ? "x***x" : $"x{token}x", secrets.Hide($"x{token}x"));
        Assert.Equal(isHidden, secrets.AppearIn(token.ToUpperInvariant()));
        Assert.False(secrets.AppearIn("nothing"));
        Assert.Equal(string.Empty, secrets.Hide(string.Empty));
    }

    [Fact]
    public void The_password_of_a_credential_is_hidden_alone_and_with_its_user()
    {
        var secrets = Create(Special, options => options with { ProxyCredential = new NetworkCredential("dave", Password) });
        Assert.Equal("*** *** *** dave", secrets.Hide($"{Password} dave:{Password} {Base64($"dave:{Password}")} dave"));
    }

    [Theory]
    [InlineData("http://dave:p%40ss%20w%2Frd%2B1@127.0.0.1:8080")]
    [InlineData("http://dave:p%40ss%20w%2Frd%2B1@127.0.0.1:8080/://x")]
    public void The_user_info_of_a_proxy_s_address_is_hidden_as_it_is_written_and_as_it_is_meant(string address)
    {
        var secrets = Create(Special, options => options with { Proxy = new Uri(address) });
        Assert.Equal("***", secrets.Hide($"dave:{Password}"));
        Assert.Equal("***", secrets.Hide($"dave:{Uri.EscapeDataString(Password)}"));
        Assert.Equal("***", secrets.Hide(Password));
        Assert.Equal("***", secrets.Hide(Uri.EscapeDataString(Password)));
        Assert.Equal("***", secrets.Hide(Base64($"dave:{Password}")));
        Assert.Equal("dave 127.0.0.1:8080", secrets.Hide("dave 127.0.0.1:8080"));
    }

    [Theory]
    [InlineData("HTTPS_PROXY", "http://dave:hunter22@proxy:8080", "hunter22")]
    [InlineData("https_proxy", "http://dave:hunter22@proxy:8080", "hunter22")]
    [InlineData("HTTP_PROXY", "http://dave:hunter22@proxy:8080", "hunter22")]
    [InlineData("http_proxy", "http://dave:hunter22@proxy:8080", "hunter22")]
    [InlineData("ALL_PROXY", "socks5://dave:hunter22@proxy", "hunter22")]
    [InlineData("all_proxy", "http://dave:hunter22@proxy:8080", "dave:hunter22")]
    [InlineData("ALL_PROXY", "dave:hunter22@proxy:8080", "hunter22")]
    [InlineData("ALL_PROXY", "dave:hunter22@proxy:8080/://x", "hunter22")]
    [InlineData("ALL_PROXY", "http://dave:hunter@22@proxy:8080", "hunter@22")]
    [InlineData("ALL_PROXY", "http://davehunter22@proxy:8080", "davehunter22")]
    [InlineData("ALL_PROXY", "://davehunter22@proxy:8080", "davehunter22")]
    [InlineData("OTHER_PROXY", "http://dave:hunter22@proxy:8080", null)]
    [InlineData("ALL_PROXY", "http://@proxy:8080", null)]
    [InlineData("ALL_PROXY", "@proxy", null)]
    [InlineData("ALL_PROXY", "http://proxy:8080", null)]
    [InlineData("ALL_PROXY", "", null)]
    public void The_user_info_of_the_environment_s_proxy_is_hidden(string name, string value, string? secret)
    {
        var secrets = Create(Special, variable: asked => asked == name ? value : null);
        Assert.Equal(secret is null ? "proxy dave hunter22 http" : "proxy *** http", secrets.Hide($"proxy {secret ?? "dave hunter22"} http"));
    }

    private static string Hide(string text) => Create(Special).Hide(text);

    private static Secrets Create(string token, Func<RunCloudClientOptions, RunCloudClientOptions>? change = null, Func<string, string?>? variable = null)
    {
        var options = Options(new StubHandler(_ => new HttpResponseMessage()));
        return new Secrets(TokenOf(token), change?.Invoke(options) ?? options, variable ?? (_ => null));
    }

    private static ApiToken TokenOf(string token) => new(new NetworkCredential(string.Empty, token).SecurePassword);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
