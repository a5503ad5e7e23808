using System.Globalization;
using System.Text;
using CsCheck;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <content>Text of any script, and what a terminal does not show.</content>
public sealed partial class ReadingTests
{
    [Fact]
    public async Task No_text_of_a_server_has_characters_that_a_terminal_obeys()
    {
        string[] names = ["name", "provider", "stack", "ipAddress", "country_iso_code", "os", "osVersion", "agentVersion", "phpCLIVersion", "transferStatus"];
        var server = await ServerAsync($$"""{"id":1903,"tags":["a\u001b[31m"],{{string.Join(',', names.Select(name => $"\"{name}\":\"a\\u001b[31m\""))}}}""");
        var texts = typeof(Server).GetProperties().Where(property => property.PropertyType == typeof(string)).Select(property => (string?)property.GetValue(server)).Concat(server.Tags).ToList();
        Assert.True(texts.Count(text => text == "a\ufffd[31m") > names.Length);
        Assert.All(texts, text => Assert.DoesNotContain("\u001b", text ?? string.Empty, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""\ud800""", "\ufffd")]
    [InlineData("""a\udc00b""", "a\ufffdb")]
    [InlineData("""\ud83d\ude00\ud83d""", "\U0001f600\ufffd")]
    [InlineData("""\ud800\n\"\\\/\b\f\r\t\u0041""", "\ufffd\n\"\\/\b\f\r\tA")]
    [InlineData("""\\ud800""", """\ud800""")]
    [InlineData("""\ud800\\ud800é""", """�\ud800é""")]
    [InlineData("""\ud800\ud800\udc00""", "\ufffd\ud800\udc00")]
    public async Task Half_a_surrogate_pair_spoils_only_itself(string json, string expected)
    {
        var server = await ServerAsync($$"""{"id":1903,"name":"{{json}}"}""");
        var credential = await CredentialAsync($$"""{"id":1903,"publicKey":"{{Key}} {{json}}"}""");

        // A name is made fit for a terminal; a key stays as the API gave it, behind what is shown of it.
        Assert.Equal(AsShown(expected), server.Name);
        Assert.Equal($"{Key} {expected}", credential.RawPublicKey);
        Assert.Equal(AsShown($"{Key} {expected}".Replace('\t', ' ')), credential.PublicKey);
    }

    [Theory]
    [InlineData("u202E", "\u202e")]
    [InlineData("u2066", "\u2066")]
    [InlineData("u200b", "\u200b")]
    [InlineData("u200e", "\u200e")]
    [InlineData("ufeff", "\ufeff")]
    [InlineData("u00AD", "\u00ad")]
    [InlineData("u2028", "\u2028")]
    [InlineData("udb40\\udc41", "\U000e0041")]
    [InlineData("u001b", "\u001b")]
    public async Task Invisible_characters_are_shown_as_a_replacement_and_kept_in_the_raw_key(string json, string character)
    {
        var text = $"web\\{json}-01";
        var server = await ServerAsync($$"""{"id":1903,"name":"{{text}}","provider":"{{text}}","tags":["{{text}}"]}""");
        var credential = await CredentialAsync($$"""{"id":1903,"label":"{{text}}","user":"{{text}}","publicKey":"{{Key}} {{text}}"}""");
        using var client = Create(_ => Answers.Json($$"""{"errors":{"{{text}}":["{{text}}"]},"message":"{{text}}"}""", 422));
        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.GetServerAsync(1903, Stop));

        Assert.Equal(["web\ufffd-01", "web\ufffd-01", "web\ufffd-01"], [server.Name, server.Provider!, .. server.Tags]);
        Assert.Equal(("web\ufffd-01", "web\ufffd-01"), (credential.Label, credential.User));
        Assert.Equal($"{Key} web{character}-01", credential.RawPublicKey);
        Assert.Equal(($"{Key} web\ufffd-01", "web\ufffd-01"), (credential.PublicKey, credential.Comment));
        Assert.Equal("web -01", failure.ApiMessage);
        Assert.Equal(("web -01", "web -01"), (failure.FieldErrors.Single().Key, failure.FieldErrors.Single().Value.Single()));
        Assert.DoesNotContain(character, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Letters_of_any_script_and_signs_of_two_units_stay()
    {
        const string Name = "zoë-日本-\U0001F511-e\u0301-שלום-\U0001F469\u200d\U0001F4BB-می\u200cخواهم";

        Assert.Equal(Name, (await ServerAsync($$"""{"id":1903,"name":"{{Name}}"}""")).Name);
    }

    [Fact]
    public async Task Bytes_that_are_not_text_spoil_only_their_own_value()
    {
        using var client = Create(_ =>
        {
            var answer = Answers.Json(string.Empty);
            answer.Content = new System.Net.Http.ByteArrayContent([.. "{\"id\":1903,\"name\":\"a"u8, 0xff, .. "b\"}"u8]);
            return answer;
        });

        Assert.Equal("a\ufffdb", (await client.GetServerAsync(1903, Stop)).Name);
    }

    [Fact]
    public void Any_text_is_read_back_as_it_was_written_but_for_what_a_terminal_does_not_show() => Gen.OneOf(Gen.Char, Gen.Char['\ud700', '\ue100'], Gen.Char['\0', '\u007f'], Gen.Char['\u2000', '\u206f']).Array[0, 20].Sample(
        characters =>
        {
            var text = new string(characters);
            var json = string.Concat(text.Select(c => $"\\u{(int)c:x4}"));
            using var client = Create(_ => Answers.Json($$"""{"id":1903,"name":"{{json}}"}"""));
            var read = client.GetServerAsync(1903, default).GetAwaiter().GetResult().Name;

            // .NET writes half a character as U+FFFD when it encodes.
            return read == AsShown(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)));
        },
        iter: Draws.Of(1000),
        threads: 1);

    [Fact]
    public async Task A_byte_order_mark_does_no_harm()
    {
        using var client = Create(_ =>
        {
            var answer = Answers.Json(string.Empty);
            answer.Content = new System.Net.Http.ByteArrayContent([0xef, 0xbb, 0xbf, .. "{\"id\":1903,\"name\":\"web\"}"u8]);
            return answer;
        });

        Assert.Equal("web", (await client.GetServerAsync(1903, Stop)).Name);
    }

    private static string AsShown(string text) => string.Concat(Trimmed(text).EnumerateRunes().Select(rune =>
        rune.Value is not (0x200c or 0x200d) && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            ? "\uFFFD"
            : rune.ToString()));

    private static string Trimmed(string text)
    {
        static bool IsOutside(char c) => char.IsWhiteSpace(c) || c == '\ufeff';
        return new string([.. text.SkipWhile(IsOutside).Reverse().SkipWhile(IsOutside).Reverse()]);
    }
}
