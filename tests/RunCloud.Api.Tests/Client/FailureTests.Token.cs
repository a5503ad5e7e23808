using System.Collections;
using System.Net;
using System.Net.Http;
using System.Text;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <summary>No failure shows the token.</summary>
public sealed partial class FailureTests
{
    [Fact]
    public async Task A_very_short_token_does_not_garble_messages()
    {
        using var client = Create(new StubHandler(_ => Answers.Message(422, "Bad value.")), options => options with { Token = new NetworkCredential(string.Empty, "abc").SecurePassword });

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.GetServerAsync(3, Stop));

        Assert.Contains("Bad value.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_is_in_no_failure_even_when_the_server_echoes_it()
    {
        var escaped = string.Concat(Token.Select(c => $"\\u{(int)c:x4}"));
        Func<HttpResponseMessage>[] echoes =
        [
            () => Answers.Json($$"""{"message":"Bad token Bearer {{Token}}."}""", 401),
            () => Answers.Json($$"""{"message":"Bad token {{escaped}}."}""", 403),
            () => Answers.Json($$$"""{"message":"{{{new string('x', 480)}}}{{{Token}}}","errors":{"{{{Token}}}":["{{{Token}}}"]}}""", 422),
            () => Answers.Message(500, Token),
            () => Answers.Json($$$"""{"message":{"{{{Token}}}":1}}""", 404),
            () => Answers.Html(302).With("Location", $"https://{Token.Replace('_', '-').Replace(".", "-", StringComparison.Ordinal)}.example.test/?{Token}"),
            () => Answers.Html(302).With("Location", $"https://example.test/{Token}"),
            () => Answers.Html(302).With("Location", $"https://{Token}@example.test/"),
            () => Answers.Json(Token),
            () => Answers.Json($$"""{"{{Token}}":tru"""),
            () => Answers.Json($$"""{"id":{"{{Token}}":[tru"""),
            () => Answers.Json($$"""{"id":3,"tags":{"{{Token}}":[tru"""),
            () => Answers.Json($$"""{"errors":{"{{Token}}":[tru""", 400),
            () => Answers.Json($$$"""{"{{{Token}}}":{"{{{Token}}}":{{{Token}}}"""),
            () => throw new HttpRequestException($"Received an invalid status line: '{Token}'."),
            () => throw new HttpRequestException($"Received an invalid status line: '{Token.ToUpperInvariant()}'."),
            () => throw new HttpRequestException("Something broke.", new IOException($"Received an invalid header line: '{Token}'.")),
            () => new HttpResponseMessage { Content = new BreakingContent("{", new IOException($"after '{Token}'")) },
            () => new HttpResponseMessage { Content = new BreakingContent("{", new HttpRequestException($"after '{Token}'")) },
            () => Answers.Message(400, $"Bad {Uri.EscapeDataString(Token + "%")} and {Base64($"Bearer {Token}")} and {Base64($"x:{Token}")} and {Base64($"xy{Token}")}."),
            () => new HttpResponseMessage { ReasonPhrase = Token, StatusCode = (HttpStatusCode)418, Content = new StringContent(Token) },
        ];
        foreach (var echo in echoes)
        {
            var handler = new StubHandler(_ => echo());
            var observer = new Observer();
            using var client = Create(handler).For(observer);

            var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.GetServerAsync(3, Stop));

            Assert.DoesNotContain(Token, failure.ToString(), StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Token, failure.ApiMessage ?? string.Empty, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Base64(Token[3..^3])[2..^4], failure.ToString(), StringComparison.Ordinal);
            Assert.All(failure.FieldErrors, field => Assert.DoesNotContain(Token, field.Key + string.Concat(field.Value), StringComparison.OrdinalIgnoreCase));
            for (Exception? inner = failure; inner is not null; inner = inner.InnerException)
            {
                Assert.DoesNotContain(Token, inner.Message, StringComparison.OrdinalIgnoreCase);
                Assert.All(inner.Data.Cast<DictionaryEntry>(), entry => Assert.DoesNotContain(Token, $"{entry.Key}{entry.Value}", StringComparison.OrdinalIgnoreCase));
            }

            Assert.NotEmpty(observer.Traces);
            Assert.All(observer.Traces, trace => Assert.DoesNotContain(Token, trace.ToString() + trace.Failure, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Theory]
    [InlineData("???~~~>>>")]
    [InlineData(">>>~~~???")]
    public async Task Base64_of_a_token_is_hidden_in_both_alphabets(string token)
    {
        var text = Base64(token);
        Assert.Contains('+', text);
        Assert.Contains('/', text);
        var handler = new StubHandler(_ => Answers.Message(422, $"{text}, {text.Replace('+', '-').Replace('/', '_')}"));
        using var client = Create(handler, options => options with { Token = new NetworkCredential(string.Empty, token).SecurePassword });

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.GetServerAsync(3, Stop));

        Assert.Equal("***, ***", failure.ApiMessage);
    }

    [Fact]
    public async Task A_token_is_hidden_also_as_a_page_and_an_address_spell_it()
    {
        const string Special = "a<b>&c+d/e";
        var handler = new StubHandler(_ => Answers.Message(422, $"{WebUtility.HtmlEncode(Special)}, {WebUtility.UrlEncode(Special)}, {Uri.EscapeDataString(Special)}"));
        using var client = Create(handler, options => options with { Token = new NetworkCredential(string.Empty, Special).SecurePassword });

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.GetServerAsync(3, Stop));

        Assert.Equal("***, ***, ***", failure.ApiMessage);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
