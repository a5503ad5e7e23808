using System.Text;
using CsCheck;
using Xunit;
using static RunCloud.Api.Tests.SshBlobs;

namespace RunCloud.Api.Tests;

/// <content>What holds for every text and every key.</content>
public sealed partial class SshPublicKeyTests
{
    [Fact]
    public void Huge_texts_are_refused_unread()
    {
        var longest = Bare + " " + new string('c', SshKeyLine.MaximumLength - Bare.Length - 1);
        Assert.True(SshPublicKey.TryParse(longest, out _));
        foreach (var text in new[] { longest + "c", Bare + new string(' ', 10_000_000), new string('\\', 10_000_000) })
        {
            Assert.False(SshPublicKey.TryParse(text, out _));
            var exception = Assert.Throws<SshKeyFormatException>(() => SshPublicKey.Parse(text));
            Assert.Contains("65,536", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Any_text_is_a_key_or_refused_in_words_of_our_own()
    {
        var messages = new HashSet<string>(StringComparer.Ordinal);
        GenText.Sample(
            text =>
            {
                var isKey = SshPublicKey.TryParse(text, out var key);
                Assert.Equal(isKey, key is not null);
                if (isKey)
                {
                    Assert.Equal(key, SshPublicKey.Parse(text));
                }
                else
                {
                    var message = Assert.Throws<SshKeyFormatException>(() => SshPublicKey.Parse(text)).Message;
                    lock (messages)
                    {
                        messages.Add(message);
                    }
                }
            },
            iter: Draws.Of(20_000));

        // Were any part of a text in a message, there would be nearly as many messages as texts.
        Assert.InRange(messages.Count, 5, 25);
    }

    [Fact]
    public void A_changed_key_is_refused_or_another_key()
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= .-_*";
        Gen.Select(GenLine, Gen.Double[0, 1], Gen.Char[alphabet]).Sample(
            (line, where, character) =>
            {
                var words = line.Split(' ', 3);
                var at = (int)(where * (words[1].Length - 1));
                var changed = words[1][..at] + character + words[1][(at + 1)..];
                if (!string.Equals(changed, words[1], StringComparison.Ordinal)
                    && SshPublicKey.TryParse(words[0] + " " + changed, out var key))
                {
                    Assert.NotEqual(SshPublicKey.Parse(line), key);
                }
            },
            iter: Draws.Of(20_000));
    }

    [Fact]
    public void Changed_bytes_and_lengths_inside_a_key_never_throw() =>
        Gen.Select(GenLine, Gen.Double[0, 1], Gen.Byte.Array[1, 4]).Sample(
            (line, where, bytes) =>
            {
                var name = line.Split(' ')[0];
                var blob = Convert.FromBase64String(line.Split(' ')[1]);
                bytes.CopyTo(blob, (int)(where * (blob.Length - bytes.Length)));
                if (SshPublicKey.TryParse(name + " " + Convert.ToBase64String(blob), out var key))
                {
                    // Numbers come out without zeros in front: what is written is read as the same key, and written the same way.
                    var written = SshPublicKey.Parse(name + " " + Convert.ToBase64String(key.Blob.Span));
                    Assert.Equal(key, written);
                    Assert.InRange(key.Blob.Length, 1, blob.Length);
                    Assert.Equal(name, key.Algorithm);
                    Assert.InRange(key.KeyLength!.Value, 1, blob.Length * 8);
                }
            },
            iter: Draws.Of(20_000));

    [Fact]
    public void Comments_and_options_of_any_kind_are_kept() =>
        Gen.Select(GenLine, Gen.String[Gen.Char[' ', '~'], 0, 30], Gen.String[Gen.Char[' ', '~'], 0, 30]).Sample(
            (line, command, comment) =>
            {
                var bare = string.Join(' ', line.Split(' ').Take(2));
                var quoted = command.Replace("\\", string.Empty, StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
                var options = "command=\"" + quoted + "\"";
                var key = SshPublicKey.Parse(options + " " + bare + " " + comment);
                var expected = comment.Trim();
                Assert.Equal(options, key.Options);
                Assert.Equal(expected.Length == 0 || expected[0] == '#' ? null : expected, key.Comment);
                Assert.Equal(SshPublicKey.Parse(line), key);
            },
            iter: Draws.Of(5_000));

    [Fact]
    public void Md5_is_md5() => Gen.Byte.Array[0, 300].Sample(
        data =>
        {
            var digest = new byte[Md5.DigestLength];
            Md5.Hash(data, digest);
#pragma warning disable CA5351 // the platform's own is the standard to compare with
            Assert.Equal(System.Security.Cryptography.MD5.HashData(data), digest);
#pragma warning restore CA5351
        },
        iter: Draws.Of(5_000));

    [Fact]
    public void Names_of_algorithms_are_found_as_text_and_as_bytes()
    {
        foreach (var name in SshVectors.Lines.Select(line => line.Split(' ')[0]))
        {
            var algorithm = SshKeyAlgorithm.Find(name);
            Assert.NotNull(algorithm);
            Assert.Same(algorithm, SshKeyAlgorithm.FindInBlob(Encoding.ASCII.GetBytes(name)));
            Assert.Equal(name, algorithm.Name);
        }

        Assert.Null(SshKeyAlgorithm.Find("ssh-rs"));
        Assert.Null(SshKeyAlgorithm.FindInBlob("ssh-rsa\0"u8));
    }
}
