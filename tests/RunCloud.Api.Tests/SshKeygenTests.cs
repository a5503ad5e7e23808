using System.Globalization;
using System.Text;
using RunCloud.Api.Tests.Fuzzing;
using Xunit;

namespace RunCloud.Api.Tests;

/// <summary>Compares with the machine's own <c>ssh-keygen</c>.</summary>
public sealed class SshKeygenTests(SshKeygen keygen) : IClassFixture<SshKeygen>
{
    // Those that are none come first: ssh-keygen 9.2 shows for them what was left of an earlier line of the file.
    private static readonly string[] Comments =
    [
        string.Empty, "# none", "dave@laptop", "Dave's  old laptop, in the office", "zoë 日本 \U0001F511", "nr #7", "\"quoted\" \\ back",
        "esc \u001b[31m del \u007f", "tab\there", "\u0085 \u2028.", "ssh-rsa AAAA",
    ];

    [Theory]
    [MemberData(nameof(SshKeygen.Kinds), MemberType = typeof(SshKeygen))]
    public async Task Keys_read_as_ssh_keygen_reads_them(string kind)
    {
        foreach (var bare in new[] { keygen.Key(kind), keygen.Key(kind + "-cert") })
        {
            foreach (var options in new[] { string.Empty, "no-pty,command=\"a \\\"b\\\", c\" " })
            {
                // With options and no comment, ssh-keygen prints the options for a comment.
                var lines = Comments.Where(comment => options.Length == 0 || comment is not ("" or "# none"))
                    .Select(comment => options + bare + " " + comment).ToList();
                var content = string.Join("\n", lines) + "\n";

                Assert.Equal(await keygen.List(content), lines.Select(line => SshPublicKey.Parse(line).ToString()), StringComparer.Ordinal);
                Assert.Equal(
                    (await keygen.List(content, "md5")).Select(listing => listing.Split(' ')[1]),
                    lines.Select(line => SshPublicKey.Parse(line).FingerprintMD5),
                    StringComparer.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_certificate_from_a_security_key_reads_as_ssh_keygen_reads_it()
    {
        var line = keygen.Key("ed25519-cert-by-sk-ecdsa") + " x";
        Assert.Equal(Assert.Single(await keygen.List(line)), SshPublicKey.Parse(line).ToString());
    }

    [Theory]
    [MemberData(nameof(SameKeyTests.SpellingsOfRsa), MemberType = typeof(SameKeyTests))]
    public async Task Spellings_of_a_key_read_as_ssh_keygen_reads_them(string line) =>
        Assert.Equal(Assert.Single(await keygen.List(line)), SshPublicKey.Parse(line).ToString());

    [Theory]
    [MemberData(nameof(SameKeyTests.ShortNames), MemberType = typeof(SameKeyTests))]
    public async Task Short_names_inside_a_key_are_read_as_ssh_keygen_reads_them(string line)
    {
        // OpenSSH 10 no longer reads them.
        Assert.All(await keygen.List(line), listing => Assert.True(listing == SshPublicKey.Parse(line).ToString() || !listing.StartsWith("1024 ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_vectors_still_hold()
    {
        // OpenSSH 10 no longer reads DSA.
        foreach (var (line, listing, md5) in SshVectors.All.Where(vector => !vector.Line.StartsWith("ssh-dss", StringComparison.Ordinal)))
        {
            Assert.Equal(listing, Assert.Single(await keygen.List(line)));
            Assert.Equal(md5, Assert.Single(await keygen.List(line, "md5")).Split(' ')[1]);
        }
    }

    [Fact]
    public async Task Spoiled_keys_are_read_as_ssh_keygen_reads_them()
    {
        // The comment tells which line a listing is of, since those that ssh-keygen cannot read are left out.
        var random = new Random(20240723);
        var each = Math.Max(150, Fuzz.Count / 15 / keygen.All().Count);
        var lines = keygen.All().SelectMany(line => Enumerable.Range(0, each).Select(_ => Spoil(line, random)))
            .Select((line, number) => string.Create(CultureInfo.InvariantCulture, $"{line} nr-{number}")).ToList();
        var ours = new List<string>();
        var theirs = await keygen.List(string.Join("\n", lines));

        foreach (var listing in theirs)
        {
            var number = int.Parse(listing.Split("nr-")[1].Split(' ')[0], CultureInfo.InvariantCulture);
            if (SshPublicKey.TryParse(lines[number], out var key))
            {
                ours.Add(key.ToString());
            }
            else
            {
                // ssh-keygen also reads numbers that are zero, with which nobody gets in.
                var message = Assert.Throws<SshKeyFormatException>(() => SshPublicKey.Parse(lines[number])).Message;
                Assert.Contains("number", message, StringComparison.Ordinal);
                ours.Add(listing);
            }
        }

        Assert.Equal(theirs, ours, StringComparer.Ordinal);
        Assert.InRange(theirs.Count, 100, lines.Count - 100);
    }

    private static string Spoil(string line, Random random)
    {
        var words = line.Split(' ');
        var text = new StringBuilder(words[1]);
        var blob = Convert.FromBase64String(words[1]);
        var at = random.Next(blob.Length);
        switch (random.Next(5))
        {
            case 0:
                text[random.Next(text.Length)] = (char)random.Next('+', 'z');
                return words[0] + " " + text;
            case 1:
                return words[0] + " " + text.ToString(0, random.Next(1, text.Length));
            case 2:
                blob[at] ^= (byte)(1 << random.Next(8));
                break;
            case 3:
                blob = [.. blob[..at], .. blob[(at + 1)..]];
                break;
            default:
                blob = [.. blob[..at], (byte)random.Next(256), .. blob[at..]];
                break;
        }

        return words[0] + " " + Convert.ToBase64String(blob);
    }
}
