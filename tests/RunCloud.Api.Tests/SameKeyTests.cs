using System.Text;
using CsCheck;
using Xunit;
using static RunCloud.Api.Tests.SshBlobs;

namespace RunCloud.Api.Tests;

/// <summary>What sshd reads as the same key is the same key, and no two different keys are.</summary>
public sealed class SameKeyTests
{
    private const string WebAuthn = "webauthn-sk-ecdsa-sha2-nistp256@openssh.com";

    private static readonly byte[] Modulus = [.. Sequence(128).Select(value => (byte)(value | 0x80))];

    private static readonly string PlainRsa = Line(Rsa([1, 0, 1], [0, .. Modulus]));

    /// <summary>Spellings of one RSA key.</summary>
    public static TheoryData<string> SpellingsOfRsa =>
    [
        Line("rsa-sha2-256", Rsa([1, 0, 1], [0, .. Modulus])),
        Line("rsa-sha2-512", Rsa([1, 0, 1], [0, .. Modulus])),
        Line("ssh-rsa", Join(Text("rsa-sha2-256"), Text([1, 0, 1]), Text([0, .. Modulus]))),
        Line("rsa-sha2-512", Join(Text("rsa-sha2-256"), Text([1, 0, 1]), Text([0, .. Modulus]))),
        Line("ssh-rsa", Join(Text("ssh-rsa\0"), Text([1, 0, 1]), Text([0, .. Modulus]))),
        Line("ssh-rsa", Rsa([0, 1, 0, 1], [0, .. Modulus])),
        Line("ssh-rsa", Rsa([0, 0, 0, 1, 0, 1], [0, 0, 0, .. Modulus])),
    ];

    /// <summary>The same key with short names inside.</summary>
    public static TheoryData<string> ShortNames =>
        [.. new[] { "RSA", "rsa", "Rsa" }.Select(name => Line("ssh-rsa", Join(Text(name), Text([1, 0, 1]), Text([0, .. Modulus]))))];

    /// <summary>Spellings of keys that are no RSA keys, each with the plain one.</summary>
    public static TheoryData<string, string> OtherSpellings => new()
    {
        { Line(SecurityKey("ssh:\0")), Line(SecurityKey("ssh:")) },
        { Line(WebAuthn, SecurityKeyEcdsa("sk-ecdsa-sha2-nistp256@openssh.com")), Line(SecurityKeyEcdsa("sk-ecdsa-sha2-nistp256@openssh.com")) },
        { Line("sk-ecdsa-sha2-nistp256@openssh.com", SecurityKeyEcdsa(WebAuthn)), Line(SecurityKeyEcdsa("sk-ecdsa-sha2-nistp256@openssh.com")) },
        { Line(Join(Text("ecdsa-sha2-nistp256"), Text("nistp256\0"), Text(Point256))), Line(Join(Text("ecdsa-sha2-nistp256"), Text("nistp256"), Text(Point256))) },
        { Line("ssh-dss", Join(Text("ssh-dss"), Text([0, 5]), Text([0, 4]), Text([3]), Text([2]))), Line(Join(Text("ssh-dss"), Text([5]), Text([4]), Text([3]), Text([2]))) },
    };

    /// <summary>Algorithms that are not known here, with the name that their keys go by.</summary>
    public static TheoryData<string, string> UnknownAlgorithms => new()
    {
        { "ssh-ed448", "ED448" },
        { "ssh-mldsa65", "MLDSA65" },
        { "ssh-slhdsa-128s@openssh.com", "SLHDSA-128S" },
        { "sk-ssh-ed448@openssh.com", "ED448-SK" },
        { "ecdsa-sha2-1.3.132.0.10", "ECDSA-SHA2-1.3.132.0.10" },
        { "x509v3-ssh-rsa", "X509V3-SSH-RSA" },
    };

    [Theory]
    [MemberData(nameof(SpellingsOfRsa))]
    public void A_spelling_that_ssh_keygen_reads_as_the_same_key_is_the_same_key(string line)
    {
        var (plain, other) = (SshPublicKey.Parse(PlainRsa), SshPublicKey.Parse(line));
        Assert.Equal(plain, other);
        Assert.Equal(plain.GetHashCode(), other.GetHashCode());
        Assert.Equal("ssh-rsa", other.Algorithm);
        Assert.Equal(1024, other.KeyLength);
        foreach (var selector in new[] { PlainRsa, line, plain.Fingerprint, plain.FingerprintMD5 })
        {
            Assert.Equal(SshKeyMatch.Match, new SshKeyFilter([SshKeySelector.Parse(selector)]).Test(line));
            Assert.Equal(SshKeyMatch.Match, new SshKeyFilter([SshKeySelector.Parse(selector)]).Test(PlainRsa));
        }
    }

    [Theory]
    [MemberData(nameof(OtherSpellings))]
    public void Other_spellings_of_a_key_are_the_same_key(string line, string plain)
    {
        Assert.Equal(SshPublicKey.Parse(plain), SshPublicKey.Parse(line));
        Assert.Equal(SshPublicKey.Parse(plain).Fingerprint, SshPublicKey.Parse(line).Fingerprint);
    }

    [Theory]
    [MemberData(nameof(ShortNames))]
    public void A_short_name_inside_a_key_stands_for_the_algorithm(string line) => Assert.Equal(SshPublicKey.Parse(PlainRsa), SshPublicKey.Parse(line));

    [Fact]
    public void A_different_number_is_a_different_key_however_it_is_padded() => Gen.Select(Gen.Int[0, 4], Gen.Int[0, 4], Gen.Int[0, 127], Gen.Int[1, 255]).Sample(
        (zeros, more, at, change) =>
        {
            var other = (byte[])Modulus.Clone();
            other[at] ^= (byte)change;
            var wanted = SshKeySelector.Parse(Line(Rsa([.. new byte[more], 1, 0, 1], [.. new byte[1 + zeros], .. Modulus])));
            Assert.True(wanted.Matches(SshPublicKey.Parse(PlainRsa)));
            if (SshPublicKey.TryParse(Line(Rsa([1, 0, 1], [.. new byte[1 + more], .. other])), out var key))
            {
                Assert.False(wanted.Matches(key));
            }
        },
        iter: Draws.Of(2_000));

    [Theory]
    [MemberData(nameof(UnknownAlgorithms))]
    public void A_key_of_an_algorithm_that_is_not_known_is_compared_byte_by_byte(string name, string type)
    {
        var blob = Join(Text(name), Text(Sequence(57)));
        var key = SshPublicKey.Parse(Line(name, blob));
        Assert.Equal(name, key.Algorithm);
        Assert.Equal(type, key.KeyType);
        Assert.Null(key.KeyLength);
        Assert.Equal("somebody", key.Comment);
        Assert.Equal(SshFingerprint.Sha256(blob), key.Fingerprint);
        Assert.Equal($"{key.Fingerprint} somebody ({type})", key.ToString());
        Assert.Equal(key, SshPublicKey.Parse("no-pty " + Line(name, blob)));

        var filters = new[] { Line(name, blob), key.Fingerprint, key.FingerprintMD5, key.ToString() }
            .Select(text => new SshKeyFilter([SshKeySelector.Parse(text)])).ToList();
        for (var at = 4 + name.Length; at < blob.Length; at++)
        {
            var changed = (byte[])blob.Clone();
            changed[at] ^= 1;
            Assert.All(filters, filter =>
            {
                Assert.Equal(SshKeyMatch.Match, filter.Test(Line(name, blob)));
                Assert.Equal(SshKeyMatch.NoMatch, filter.Test(Line(name, changed), isWhole: true));
            });
        }
    }

    [Fact]
    public void Whatever_follows_the_name_of_an_unknown_algorithm_is_a_key_but_in_a_list_it_may_be_cut_off()
    {
        var whole = Join(Text("ssh-new@example.com"), Text(Sequence(40)));
        var filter = new SshKeyFilter([SshKeySelector.Parse(Line("ssh-new@example.com", whole))]);
        for (var length = 24; length < whole.Length; length++)
        {
            var line = Line("ssh-new@example.com", whole[..length]);
            Assert.Equal(SshKeyMatch.NotComparable, filter.Test(line));
            Assert.Equal(SshKeyMatch.NoMatch, filter.Test(line, isWhole: true));
            Assert.Equal(SshKeyMatch.Match, new SshKeyFilter([SshKeySelector.Parse(line)]).Test(line));
        }

        Assert.Equal(SshKeyMatch.NotComparable, filter.Test(Line("ssh-new@example.com", whole[..23]), isWhole: true));
        Assert.False(SshPublicKey.TryParse(Line("ssh-new@example.com", Join(Text("ssh-other"), Text(Sequence(40)))), out _));
        Assert.False(SshPublicKey.TryParse(Line("ssh-new@example.com", SshBlobs.Ed25519()), out _));
    }

    [Fact]
    public void The_post_quantum_key_of_OpenSSH_reads_as_its_ssh_keygen_prints_it()
    {
        const string name = "ssh-mldsa44-ed25519@openssh.com";
        var key = SshPublicKey.Parse(Line(Join(Text(name), Text(new byte[1344]))));
        Assert.Equal(("MLDSA44-ED25519", 256), (key.KeyType, key.KeyLength));
        Assert.False(SshPublicKey.TryParse(Line(Join(Text(name), Text(new byte[1343]))), out _));
    }

    [Fact]
    public void A_key_selects_itself_and_its_certificates_and_a_certificate_selects_the_same()
    {
        var (key, other) = (Line(SshBlobs.Ed25519()), Line(Join(Text("ssh-ed25519"), Text(new byte[32]))));
        string[] same = [key, Line(Certificate()), Line(Certificate(kind: 2, keyId: "other", signature: Signature("ssh-ed25519")))];
        foreach (var wanted in same)
        {
            var filter = new SshKeyFilter([SshKeySelector.Parse(wanted)]);
            Assert.All(same, line => Assert.Equal(SshKeyMatch.Match, filter.Test(line)));
            Assert.Equal(SshKeyMatch.NoMatch, filter.Test(other));
            Assert.Equal(SshPublicKey.Parse(key).Fingerprint, SshKeySelector.Parse(wanted).ToString());
        }

        var exact = new SshKeyFilter([SshKeySelector.Exactly(SshPublicKey.Parse(key))]);
        Assert.Equal([SshKeyMatch.Match, SshKeyMatch.NoMatch, SshKeyMatch.NoMatch], same.Select(line => exact.Test(line)));
    }

    [Theory]
    [InlineData("ssh-new-cert-v01@openssh.com", "ssh-new@openssh.com")]
    [InlineData("ssh-new-cert-v01@openssh.com", "ssh-new")]
    public void A_certificate_of_an_unknown_algorithm_has_the_key_in_it(string certificateName, string name)
    {
        var certificate = UnknownCertificate(certificateName, Sequence(40));
        var key = SshPublicKey.Parse(Line(name, Join(Text(name), Text(Sequence(40)))));
        Assert.False(key.MayBeShortened);
        Assert.True(SshPublicKey.Parse(Line(name, Join(Text(name), Text(Sequence(40)))[..^1])).MayBeShortened);
        Assert.True(SshPublicKey.Parse(certificate).IsCertificate);
        Assert.Equal("NEW-CERT", SshPublicKey.Parse(certificate).KeyType);
        Assert.True(SshKeySelector.Parse(certificate).Matches(key));
        Assert.True(SshKeySelector.For(key).Matches(SshPublicKey.Parse(certificate)));
        Assert.True(SshKeySelector.Parse(key.Fingerprint).Matches(SshPublicKey.Parse(certificate)));
        Assert.True(new KeyList([SshKeySelector.For(key)]).Allows(SshPublicKey.Parse(certificate)));
        Assert.False(SshKeySelector.For(key).Matches(SshPublicKey.Parse(UnknownCertificate(certificateName, [.. Sequence(39), 0]))));
    }

    [Theory]
    [InlineData("cert-authority", true)]
    [InlineData("CERT-Authority", true)]
    [InlineData("no-pty,cert-authority,principals=\"a\"", true)]
    [InlineData("command=\"cert-authority\"", false)]
    [InlineData("command=\"a\\\",cert-authority,\\\"b\"", false)]
    [InlineData("principals=\"cert-authority\",no-pty", false)]
    public void The_options_tell_whether_a_line_is_a_certificate_authority(string options, bool isAuthority) =>
        Assert.Equal(isAuthority, SshPublicKey.Parse(options + " " + PlainRsa).IsCertificateAuthority);

    [Fact]
    public void Base64_is_read_as_one_comparison_of_a_round_trip_and_as_by_rule() =>
        Gen.OneOf(
            Gen.Char["ABYZabyz0189+/=-_ \t\n\r\0é"].Array[0, 12].Select(characters => new string(characters)),
            Gen.Byte.Array[0, 12].Select(Convert.ToBase64String),
            Gen.Select(Gen.Byte.Array[1, 12], Gen.Char["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="], Gen.Double[0, 1]).Select((bytes, character, where) =>
            {
                var text = Convert.ToBase64String(bytes).ToCharArray();
                text[(int)(where * (text.Length - 1))] = character;
                return new string(text);
            })).Sample(text => Assert.Equal(ByRule(text), SshBase64.TryDecode(text, out var bytes) ? bytes : null), iter: Draws.Of(300_000));

    private static byte[]? ByRule(string text)
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        var padding = text.Length - text.TrimEnd('=').Length;
        if (text.Length == 0 || text.Length % 4 != 0 || padding > 2 || text[..^padding].Any(character => !alphabet.Contains(character, StringComparison.Ordinal)))
        {
            return null;
        }

        var bits = string.Concat(text[..^padding].Select(character => Convert.ToString(alphabet.IndexOf(character, StringComparison.Ordinal), 2).PadLeft(6, '0')));
        var length = bits.Length / 8;
        return bits[(length * 8)..].Contains('1', StringComparison.Ordinal) ? null
            : [.. Enumerable.Range(0, length).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2))];
    }

    private static byte[] SecurityKeyEcdsa(string name) => Join(Text(name), Text("nistp256"), Text(Point256), Text("ssh:"));

    private static string UnknownCertificate(string name, byte[] key) => Line(name, Join(
        Text(name), Text(Sequence(16)), Text(key), new byte[8], Number(1), Text("id"), Text(Text("root")), new byte[16],
        Text(string.Empty), Text(string.Empty), Text(string.Empty), Text(SshBlobs.Ed25519()), Text(Signature("ssh-ed25519"))));
}
