using System.Text;
using CsCheck;
using Xunit;
using static RunCloud.Api.Tests.SshBlobs;

namespace RunCloud.Api.Tests;

public sealed partial class SshPublicKeyTests
{
    private const string Ed25519Name = "ssh-ed25519";

    private static readonly string Plain = Line(Ed25519Name, SshBlobs.Ed25519());
    private static readonly string Bare = Plain[..Plain.LastIndexOf(' ')];

    private static readonly Gen<string> GenLine = Gen.OneOf([.. SshVectors.Lines]);

    // Text that comes near what the parser knows, beside text that does not.
    private static readonly Gen<string> GenText = Gen.OneOf(
        Gen.String,
        Gen.OneOf(
            "ssh-rsa", "ssh-ed25519", " ", "\t", "\n", "\r\n", "\uFEFF", "\"", "\\\"", "=", ",", "command=\"", "no-pty", "AAAA",
            "AAAAC3NzaC1lZDI1NTE5AAAAI", "#", "SHA256:", "MD5:", "aa:", "PRIVATE KEY", "----", "\0", "\u2028", "\uD800").Array[0, 12]
            .Select(string.Concat),
        Gen.Select(GenLine, GenLine, Gen.Double[0, 1], Gen.Double[0, 1])
            .Select((a, b, x, y) => a[..(int)(a.Length * x)] + b[(int)(b.Length * y)..]));

    public static TheoryData<int> VectorNumbers => [.. Enumerable.Range(0, SshVectors.All.Length)];

    public static TheoryData<string> OptionTexts => new(
        "no-pty",
        "NO-X11-Forwarding",
        "restrict,pty",
        "from=\"10.0.0.0/8,*.example.org\",no-agent-forwarding",
        "command=\"echo \\\"two words\\\", and a comma\"",
        "command=\"ssh-rsa AAAA\"",
        "environment=\"A=b c\",tunnel=\"0\",cert-authority,principals=\"a,b\"",
        "command=\"\",expiry-time=\"20990101\",permitopen=\"h:1\",permitlisten=\"2\",verify-required,no-touch-required,user-rc",
        "command=\"C:\\a \\b\"");

    public static TheoryData<string, string> BadTexts => new()
    {
        { string.Empty, "no text" },
        { " \r\n\t", "no text" },
        { "\uFEFF", "no text" },
        { Bare + "\n" + Bare, "more than one line" },
        { Bare + "\r" + Bare, "more than one line" },
        { Bare + "\nrubbish", "more than one line" },
        { "rubbish " + Bare, "neither" },
        { "# " + Bare, "neither" },
        { "\"" + Bare + "\"", "neither" },
        { "host.example.org " + Bare, "neither" },
        { "no-pty", "neither" },
        { "command=\"x" + Bare, "neither" },
        { "command=x " + Bare, "neither" },
        { "command=\"\\\\\" " + Bare, "neither" },
        { "command " + Bare, "neither" },
        { "no-pty=\"x\" " + Bare, "neither" },
        { "command=\"x\"y " + Bare, "neither" },
        { "command=", "neither" },
        { "no-pty,, " + Bare, "neither" },
        { "no-pty, " + Bare, "neither" },
        { ",no-pty " + Bare, "neither" },
        { "SSH-ED25519 " + Bare.Split(' ')[1], "neither" },
        { "rsa-sha2-256 " + Bare.Split(' ')[1], "not the one named in front" },
        { Bare.Split(' ')[1], "neither" },
        { "no-pty rubbish " + Bare, "not followed by the name" },
        { "no-pty restrict " + Bare, "not followed by the name" },
        { Ed25519Name, "not followed by a key" },
        { "no-pty ssh-ed25519 ", "not followed by a key" },
        { "ssh-rsa " + Bare, "not base64" },
        { Bare + "=", "not base64" },
        { Bare.Insert(30, "*"), "not base64" },
        { Bare.Insert(30, "\u00A0"), "not base64" },
        { Bare.Insert(30, " "), "base64" },
        { "ssh-ed25519 ====", "not base64" },
        { "ssh-ed25519 AAAA", "cut off" },
        { "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDkT5cCaJpylL...", "not base64" },
        { "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDkT5cCaJpylL", "not base64" },
    };

    public static TheoryData<string, string> BadBlobs => new()
    {
        { Line("ssh-rsa", SshBlobs.Ed25519()), "not the one named in front" },
        { Line("ssh-ed25519-cert-v01@openssh.com", SshBlobs.Ed25519()), "not the one named in front" },
        { Line(Join(SshBlobs.Ed25519(), [0])), "after the end" },
        { Line(Join(Text(Ed25519Name), Text(Sequence(31)))), "32 bytes" },
        { Line(Join(Text(Ed25519Name), Text(Sequence(33)))), "32 bytes" },
        { Line(Rsa([1, 0, 1], [])), "number" },
        { Line(Rsa([1, 0, 1], [0])), "number" },
        { Line(Rsa([1, 0, 1], [0x80, 1])), "number" },
        { Line(Join(Text("ssh-dss"), Text([5]), Text([4]), Text([3]))), "number" },
        { Line("ecdsa-sha2-nistp256", Join(Text("ecdsa-sha2-nistp256"), Text("nistp384"), Text(Point256))), "curve" },
        { Line("ecdsa-sha2-nistp384", Join(Text("ecdsa-sha2-nistp384"), Text("nistp384"), Text(Point256))), "uncompressed" },
        { Line(Join(Text("ecdsa-sha2-nistp256"), Text("nistp256"), Text([2, .. Point256[1..33]]))), "uncompressed" },
        { Line(Join(Text("ecdsa-sha2-nistp256"), Text("nistp256"), Text([2, .. Point256[1..]]))), "uncompressed" },
        { Line(Join(Text("ecdsa-sha2-nistp256"), Text("nistp256"), Text([.. Point256, 0]))), "uncompressed" },
        { Line(Join(Text("sk-ssh-ed25519@openssh.com"), Text(Sequence(32)))), "application" },
        { Line(SecurityKey("ss\0h:")), "application" },
        { Line(Join(Text("sk-ecdsa-sha2-nistp256@openssh.com"), Text("nistp256"), Text(Point256))), "application" },
        { Line(Certificate(kind: 0)), "certificate around" },
        { Line(Certificate(kind: 3)), "certificate around" },
        { Line(Certificate(keyId: "a\0b")), "certificate around" },
        { Line(Certificate(principals: [0, 0, 0])), "certificate around" },
        { Line(Certificate(criticalOptions: Text("force-command"))), "certificate around" },
        { Line(Certificate(extensions: Join(Text("permit-pty"), Number(9)))), "certificate around" },
        { Line(Certificate(authority: [])), "The certificate authority's key is" },
        { Line(Certificate(authority: Certificate())), "The certificate authority's key is" },
        { Line(Certificate(authority: Join(SshBlobs.Ed25519(), [0]))), "The certificate authority's key is" },
        { Line(Certificate(authority: Text("ssh-unknown"))), "The certificate authority's key is" },
        { Line(Certificate(signature: [])), "certificate's signature" },
        { Line(Certificate(signature: Signature("ssh-rsa"))), "certificate's signature" },
        { Line(Certificate(signature: Join(Text(Ed25519Name), Text(string.Empty)))), "certificate's signature" },
        { Line(Certificate(signature: Join(Signature(Ed25519Name), [0]))), "certificate's signature" },
        { Line(Certificate(authority: Rsa([3], [5]), signature: Signature(Ed25519Name))), "certificate's signature" },
        {
            Line(Certificate(authority: SecurityKey("ssh:"), signature: Signature("sk-ssh-ed25519@openssh.com"))),
            "certificate's signature"
        },
        { Line(Join(Certificate(), [0])), "after the end" },
    };

    public static TheoryData<byte[]> UnusualCertificates => new(
        Certificate(kind: 2),
        Certificate(principals: [], criticalOptions: [], extensions: []),
        Certificate(authority: Rsa([3], [5]), signature: Signature("ssh-rsa")),
        Certificate(authority: Rsa([3], [5]), signature: Signature("rsa-sha2-256")),
        Certificate(authority: Rsa([3], [5]), signature: Signature("rsa-sha2-512")),
        Certificate(authority: SecurityKey("ssh:"), signature: Join(Signature("sk-ssh-ed25519@openssh.com"), new byte[5])),
        Certificate(
            authority: Join(Text("sk-ecdsa-sha2-nistp256@openssh.com"), Text("nistp256"), Text(Point256), Text("ssh:")),
            signature: Join(
                Signature("webauthn-sk-ecdsa-sha2-nistp256@openssh.com"),
                new byte[5],
                Text("https://a.example"),
                Text("{}"),
                Text(string.Empty))));

    [Theory]
    [MemberData(nameof(VectorNumbers))]
    public void A_key_reads_as_ssh_keygen_prints_it(int number)
    {
        var (line, listing, md5) = SshVectors.All[number];
        var words = line.Split(' ', 3);

        var key = SshPublicKey.Parse(line);

        Assert.Equal(listing, key.ToString());
        Assert.Equal(md5, key.FingerprintMD5);
        Assert.Equal(listing.Split(' ')[1], key.Fingerprint);
        Assert.Equal(words[0], key.Algorithm);
        Assert.Equal(words[0].Contains("-cert-v01", StringComparison.Ordinal), key.IsCertificate);
        Assert.Equal(key.IsCertificate, key.KeyType.EndsWith("-CERT", StringComparison.Ordinal));
        Assert.EndsWith("(" + key.KeyType + ")", listing, StringComparison.Ordinal);
        Assert.StartsWith(key.KeyLength + " ", listing, StringComparison.Ordinal);
        Assert.Equal(words.Length < 3 || words[2].Length == 0 ? null : words[2], key.Comment);
        Assert.Null(key.Options);
        Assert.Equal(Convert.FromBase64String(words[1]), key.Blob.ToArray());
    }

    [Fact]
    public void There_is_a_vector_of_every_algorithm() =>
        Assert.Equal(16, SshVectors.Lines.Select(line => line.Split(' ')[0]).Distinct(StringComparer.Ordinal).Count());

    [Theory]
    [MemberData(nameof(OptionTexts))]
    public void Options_in_front_are_kept_apart(string options)
    {
        foreach (var gap in new[] { " ", "\t", " \t " })
        {
            var key = SshPublicKey.Parse(options + gap + Plain);
            Assert.Equal(options, key.Options);
            Assert.Equal("somebody", key.Comment);
            Assert.Equal(SshPublicKey.Parse(Plain), key);
        }

        Assert.Null(SshPublicKey.Parse(options + " " + Bare).Comment);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData(" ", null)]
    [InlineData(" dave@laptop", "dave@laptop")]
    [InlineData("\tdave@laptop", "dave@laptop")]
    [InlineData("  Dave's  old laptop \t\r\n", "Dave's  old laptop")]
    [InlineData(" zoë 日本 \U0001F511", "zoë 日本 \U0001F511")]
    [InlineData(" # not a comment for OpenSSH", null)]
    [InlineData(" nr #7", "nr #7")]
    [InlineData(" a\tb\\c\"d", "a\tb\\c\"d")]
    [InlineData(" red \u001b[31m bell \u0007 del \u007f nul \0.", "red \\033[31m bell \\007 del \\177 nul \\000.")]
    [InlineData(" next line \u0085 separators \u2028\u2029.", "next line \\302\\205 separators \\342\\200\\250\\342\\200\\251.")]
    public void Comments_are_what_ssh_keygen_shows(string behind, string? comment) =>
        Assert.Equal(comment, SshPublicKey.Parse(Bare + behind).Comment);

    [Theory]
    [InlineData(" a\u202Eb", "a\\342\\200\\256b")]
    [InlineData(" a\u200B\u00ADb", "a\\342\\200\\213\\302\\255b")]
    [InlineData(" a\U000E0041b", "a\\363\\240\\201\\201b")]
    public void Format_characters_in_a_comment_are_escaped_too(string behind, string comment) =>
        Assert.Equal(comment, SshPublicKey.Parse(Bare + behind).Comment);

    [Theory]
    [InlineData("\uFEFF", "")]
    [InlineData("", "\r\n")]
    [InlineData("\r\n\r\n", "\n\n\r\n")]
    [InlineData(" \t", "\t ")]
    [InlineData("\uFEFF \u00A0", "\u00A0\u3000")]
    public void White_space_around_makes_no_difference(string before, string after)
    {
        var key = SshPublicKey.Parse(before + Plain + after);
        Assert.Equal(SshPublicKey.Parse(Plain), key);
        Assert.Equal("somebody", key.Comment);
    }

    [Fact]
    public void White_space_between_the_parts_makes_no_difference() =>
        Assert.Equal(SshPublicKey.Parse(Plain), SshPublicKey.Parse(Plain.Replace(" ", " \t ", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(BadTexts))]
    [MemberData(nameof(BadBlobs))]
    public void Text_that_is_not_a_key_is_refused_with_a_reason(string text, string reason)
    {
        Assert.False(SshPublicKey.TryParse(text, out var key));
        Assert.Null(key);
        var exception = Assert.Throws<SshKeyFormatException>(() => SshPublicKey.Parse(text));
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.False(exception.IsPrivateKey);
    }

    [Fact]
    public void Null_is_not_a_key()
    {
        Assert.False(SshPublicKey.TryParse(null, out _));
        Assert.Throws<ArgumentNullException>(() => SshPublicKey.Parse(null!));
    }

    [Theory]
    [MemberData(nameof(UnusualCertificates))]
    public void Certificates_of_every_type_are_read(byte[] blob)
    {
        var key = SshPublicKey.Parse(Line(blob));
        Assert.True(key.IsCertificate);
        Assert.Equal("ED25519-CERT", key.KeyType);
        Assert.Equal(SshPublicKey.Parse(Plain).Fingerprint, key.Fingerprint);
        Assert.Equal(SshPublicKey.Parse(Plain).FingerprintMD5, key.FingerprintMD5);
        Assert.NotEqual(SshPublicKey.Parse(Plain), key);
    }

    [Theory]
    [InlineData(new byte[] { 1 }, 1)]
    [InlineData(new byte[] { 0x7F }, 7)]
    [InlineData(new byte[] { 0, 0x80 }, 8)]
    [InlineData(new byte[] { 1, 0 }, 9)]
    [InlineData(new byte[] { 0x40, 0, 0 }, 23)]
    public void The_length_of_an_rsa_key_is_that_of_its_modulus(byte[] modulus, int bits) =>
        Assert.Equal(bits, SshPublicKey.Parse(Line(Rsa([1, 0, 1], modulus))).KeyLength);

    [Theory]
    [MemberData(nameof(VectorNumbers))]
    public void A_shortened_key_is_not_a_key(int number)
    {
        var words = SshVectors.All[number].Line.Split(' ');
        var blob = Convert.FromBase64String(words[1]);

        for (var length = 0; length < blob.Length; length++)
        {
            Assert.False(SshPublicKey.TryParse(words[0] + " " + Convert.ToBase64String(blob, 0, length), out _), $"{length} bytes");
        }

        var whole = words[0] + " " + words[1];
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.False(SshPublicKey.TryParse(whole[..length], out _), $"{length} characters");
            Assert.False(SshPublicKey.TryParse(whole[..length] + "...", out _), $"{length} characters and dots");
        }

        Assert.True(SshPublicKey.TryParse(whole, out _));
    }

    [Theory]
    [MemberData(nameof(VectorNumbers))]
    public void A_key_with_one_byte_more_anywhere_is_not_the_same_key(int number)
    {
        var words = SshVectors.All[number].Line.Split(' ');
        var blob = Convert.FromBase64String(words[1]);
        var key = SshPublicKey.Parse(SshVectors.All[number].Line);
        for (var at = 0; at <= blob.Length; at++)
        {
            byte[] longer = [.. blob[..at], 0, .. blob[at..]];
            var isKey = SshPublicKey.TryParse(words[0] + " " + Convert.ToBase64String(longer), out var other);
            Assert.False(isKey && key.Equals(other));
            Assert.False(isKey && at == blob.Length);
        }
    }

    [Fact]
    public void Base64_has_one_text_for_a_key()
    {
        // As with ssh-keygen: unused bits must be zero and the padding must be there.
        var line = SshVectors.Lines.First(text => text.Split(' ')[1].EndsWith("==", StringComparison.Ordinal));
        var words = line.Split(' ');
        var text = words[1][..^2];
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        var last = alphabet.IndexOf(text[^1], StringComparison.Ordinal);

        Assert.True(SshPublicKey.TryParse(line, out _));
        Assert.False(SshPublicKey.TryParse(words[0] + " " + text, out _));
        Assert.False(SshPublicKey.TryParse(words[0] + " " + text + "=", out _));
        Assert.False(SshPublicKey.TryParse(words[0] + " " + text + "===", out _));
        for (var bits = 1; bits < 16; bits++)
        {
            Assert.False(SshPublicKey.TryParse(words[0] + " " + text[..^1] + alphabet[last + bits] + "==", out _));
        }
    }

    [Fact]
    public void Keys_are_equal_when_their_blobs_are()
    {
        var keys = SshVectors.Lines.Select(SshPublicKey.Parse).ToList();
        for (var i = 0; i < keys.Count; i++)
        {
            for (var j = 0; j < keys.Count; j++)
            {
                Assert.Equal(i == j, keys[i].Equals(SshPublicKey.Parse("no-pty " + SshVectors.All[j].Line + " and more")));
            }
        }

        Assert.Equal(keys.Count, keys.Concat(SshVectors.Lines.Select(SshPublicKey.Parse)).ToHashSet().Count);
        Assert.Equal(keys.Count, keys.Select(key => key.GetHashCode()).Distinct().Count());
        Assert.False(keys[0].Equals(null));
        Assert.False(keys[0].Equals((object)"ssh-rsa"));
    }
}
