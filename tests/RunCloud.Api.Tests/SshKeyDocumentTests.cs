using Xunit;
using static RunCloud.Api.Tests.SshBlobs;

namespace RunCloud.Api.Tests;

/// <summary>Texts as people have them.</summary>
public sealed class SshKeyDocumentTests
{
    private static readonly string Bare = string.Join(' ', SshVectors.All[0].Line.Split(' ').Take(2));
    private static readonly string Blob = Bare.Split(' ')[1];
    private static readonly SshPublicKey Key = SshPublicKey.Parse(Bare);

    public static TheoryData<string> Forms =>
    [
        Bare + " dave@laptop\r\n\u001A",
        Bare + " dave@laptop\n\0\0",
        Bare + "\uFEFF",
        Bare + "\u00A0",
        "> " + Bare + " dave@laptop\n",
        ">> > " + Bare,
        "\u201C" + Bare + " dave@laptop\u201D\n",
        "\"" + Bare + "\"",
        "'" + Bare + "'",
        Bare.Insert(60, "\n"),
        Bare.Insert(60, "\r\n").Insert(100, "\r\n") + " dave@laptop",
        "\r\nssh-rsa \r\n" + Blob + "\r\n\r\n",
        "> " + Bare.Insert(60, "\n> "),
        "# Dave\n\n" + Bare + " dave@laptop",
        Bare + " dave@laptop\n" + Bare + " other\n",
        Bare + "\r",
        "---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"dave\\\n's laptop\"\nx-other: a\n" + Blob.Insert(40, "\n") + "\n---- END SSH2 PUBLIC KEY ----\n",
        "1024 " + Key.Fingerprint + " dave@laptop (RSA)",
        "1024 " + Key.Fingerprint + " no comment (RSA)",
        "1024 " + Key.FingerprintMD5 + " dave (at work) (RSA)",
        "1024 " + Key.FingerprintMD5["MD5:".Length..] + " /home/dave/.ssh/id_rsa (RSA)",
        Key.ToString(),
    ];

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_key_is_read_in_the_formats_that_people_have(string text)
    {
        Assert.True(SshKeySelector.Parse(text).Matches(Key));
        Assert.True(SshKeySelector.ParseFile(text).Matches(Key));
    }

    [Fact]
    public void The_comment_of_RFC_4716_is_the_comment()
    {
        var entry = Assert.Single(SshKeyDocument.ReadFile("---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"dave\\\n's laptop\"\n" + Blob + "\n---- END SSH2 PUBLIC KEY ----\n"));
        Assert.Equal("dave's laptop", entry.Selector.Key?.Comment);
        Assert.Equal(Bare + " dave's laptop", entry.Line);
    }

    [Theory]
    [InlineData("ssh-rsa\u200B {0}", "U+200B, character 8")]
    [InlineData("ssh-rsa\u00A0{0}", "U+00A0, character 8")]
    [InlineData("ssh-rsa \0{0}", "U+0000, character 9")]
    [InlineData("1024 SHA256:short dave (RSA)", "exactly 43")]
    [InlineData("1024 SHA256:Jc+VK1mDDAeAp+CZUynxAqI5KH+cvYzL/+26xm6s7As and more", "exactly 43")]
    [InlineData("---- BEGIN SSH2 PUBLIC KEY ----\n{0}", "RFC 4716")]
    public void An_invisible_character_is_reported(string form, string reason)
    {
        var text = form.Replace("{0}", Blob, StringComparison.Ordinal);
        var exception = Assert.Throws<SshKeyFormatException>(() => SshKeySelector.Parse(text));
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Blob[..30], exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pieces_of_a_key_of_an_unknown_algorithm_are_not_put_together()
    {
        // Nothing tells where such a key ends.
        var line = Line("ssh-new", Join(Text("ssh-new"), Text(Sequence(60))));
        Assert.Throws<SshKeyFormatException>(() => SshKeySelector.Parse(line.Insert(41, "\n")));
    }

    [Fact]
    public void Several_different_keys_are_listed_where_one_is_wanted()
    {
        var other = SshVectors.Lines.First(line => !SshPublicKey.Parse(line).HasSameKeyAs(Key));
        var exception = Assert.Throws<SshKeyFormatException>(() => SshKeySelector.ParseFile($"{Bare} dave@laptop\n\n{other}\n{Bare} again\n"));
        Assert.True(exception.HasSeveralKeys);
        Assert.Contains($"line 1: dave@laptop {Key.Fingerprint}; line 3: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(SshPublicKey.Parse(other).Fingerprint, exception.Message, StringComparison.Ordinal);
        Assert.Contains("2 different public keys", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_and_its_fingerprint_are_one_key_and_another_fingerprint_is_not()
    {
        var other = SshVectors.Lines.Select(SshPublicKey.Parse).First(key => !key.HasSameKeyAs(Key));
        foreach (var text in (string[])[$"{Bare}\n{Key.Fingerprint}", $"{Key.Fingerprint}\n{Bare}", $"{Key.FingerprintMD5}\n{Key.FingerprintMD5}"])
        {
            Assert.True(SshKeySelector.ParseFile(text).Matches(Key));
        }

        foreach (var text in (string[])[$"{Bare}\n{other.Fingerprint}", $"{other.Fingerprint}\n{Bare}", $"{Key.Fingerprint}\n{other.Fingerprint}"])
        {
            Assert.True(Assert.Throws<SshKeyFormatException>(() => SshKeySelector.ParseFile(text)).HasSeveralKeys);
        }
    }

    [Theory]
    [InlineData(20, null)]
    [InlineData(21, "; and 1 more.")]
    [InlineData(25, "; and 5 more.")]
    public void Twenty_of_the_keys_are_listed(int count, string? more)
    {
        var lines = Enumerable.Range(0, count).Select(number => Line("ssh-ed25519", Join(Text("ssh-ed25519"), Text([.. Enumerable.Repeat((byte)(number + 1), 32)]))));
        var message = Assert.Throws<SshKeyFormatException>(() => SshKeySelector.ParseFile(string.Join('\n', lines))).Message;
        Assert.Equal(Math.Min(count, 20), message.Split("SHA256:").Length - 1);
        Assert.Equal(more is not null, message.Contains(" more.", StringComparison.Ordinal));
        Assert.Contains(more ?? ": ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_may_have_as_many_characters_as_a_line()
    {
        var longest = Bare + new string('\n', SshKeyLine.MaximumLength - Bare.Length);
        Assert.True(SshKeySelector.Parse(longest).Matches(Key));
        Assert.Contains("The text has more than 65,536 characters, which no public key has.", Assert.Throws<SshKeyFormatException>(() => SshKeySelector.Parse(longest + "\n")).Message, StringComparison.Ordinal);
        Assert.Contains("The file has more than 65,536 characters, which no public key file has.", Assert.Throws<SshKeyFormatException>(() => SshKeySelector.ParseFile(longest + "\n")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_line_of_a_key_is_kept_and_not_that_of_a_fingerprint() =>
        Assert.Equal([Bare, null], SshKeyDocument.ReadFile($"{Bare}\n{Key.Fingerprint}").Select(entry => entry.Line));
}
