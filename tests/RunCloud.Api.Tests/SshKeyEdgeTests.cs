using Xunit;
using static RunCloud.Api.Tests.SshBlobs;

namespace RunCloud.Api.Tests;

/// <summary>What is just allowed and just no longer.</summary>
public sealed class SshKeyEdgeTests
{
    private const string WebAuthn = "webauthn-sk-ecdsa-sha2-nistp256@openssh.com";

    private static readonly string Bare = string.Join(' ', SshVectors.All[0].Line.Split(' ').Take(2));

    private static readonly SshPublicKey Key = SshPublicKey.Parse(Bare);

    private static readonly byte[] Ecdsa = Join(Text("sk-ecdsa-sha2-nistp256@openssh.com"), Text("nistp256"), Text(Point256), Text("ssh:"));

    /// <summary>Authorities and the signatures that they may have made, or not.</summary>
    public static TheoryData<byte[], byte[], bool> Signatures => new()
    {
        { Rsa([3], [5]), Signature("rsa-sha2-256"), true },
        { SshBlobs.Ed25519(), Signature("rsa-sha2-256"), false },
        { SshBlobs.Ed25519(), Signature(WebAuthn), false },
        { Rsa([3], [5]), Signature("rsa-sha2-1024"), false },
        { SecurityKey("ssh:"), Join(Signature("sk-ssh-ed25519@openssh.com"), new byte[5]), true },
        { SecurityKey("ssh:"), Join(Signature("sk-ssh-ed25519@openssh.com"), new byte[4]), false },
        { SecurityKey("ssh:"), Join(Signature("sk-ssh-ed25519@openssh.com"), new byte[6]), false },
        { SecurityKey("ssh:"), Join(Signature(WebAuthn), new byte[5], Text("a"), Text("b"), Text("c")), false },
        { Ecdsa, Join(Signature("sk-ecdsa-sha2-nistp256@openssh.com"), new byte[5]), true },
        { Ecdsa, Join(Signature(WebAuthn), new byte[5], Text("a"), Text("b"), Text("c")), true },
        { Ecdsa, Join(Signature(WebAuthn), new byte[5], Text("a"), Text("b"), Text("c"), [0]), false },
        { Ecdsa, Join(Signature(WebAuthn), new byte[5], Text("a"), Text("b")), false },
        { Ecdsa, Join(Signature(WebAuthn), new byte[5], Text("a")), false },
        { Ecdsa, Join(Signature(WebAuthn), new byte[5]), false },
        { Ecdsa, Signature(WebAuthn), false },
        { Join(Text("ssh-new"), Text("key")), Signature("ssh-newer"), true },
        { Join(Text("ssh-new"), Text("key")), Join(Signature("ssh-newer"), [0]), true },
        { Join(Text("ssh-new"), Text("key")), Join(Text("ssh-newer"), Text(string.Empty)), false },
        { Join(Text("ssh-new"), Text("key")), Text("ssh-newer"), false },
        { Join(Text("ssh-new"), Text("key")), [], false },
    };

    [Theory]
    [MemberData(nameof(Signatures))]
    public void A_certificate_has_a_signature_of_its_authority(byte[] authority, byte[] signature, bool isWhole)
    {
        Assert.Equal(isWhole, SshPublicKey.TryParse(Line(Certificate(authority: authority, signature: signature)), out var key));
        Assert.Equal(isWhole ? authority : null, key?.Certificate?.Authority);
    }

    [Fact]
    public void A_certificate_tells_for_whom_and_until_when_it_is()
    {
        var read = SshPublicKey.Parse(Line(Certificate(principals: Join(Text("root"), Text("wéb"), Text(string.Empty)), validBefore: 0x1_0000_0002))).Certificate!;
        Assert.Equal((true, 0UL, 0x1_0000_0002UL), (read.IsForUsers, read.ValidAfter, read.ValidBefore));
        Assert.Equal(["root", "wéb", string.Empty], read.Principals);
        Assert.False(SshPublicKey.Parse(Line(Certificate(kind: 2))).Certificate!.IsForUsers);
        Assert.Null(SshPublicKey.Parse(Bare).Certificate);
    }

    [Fact]
    public void A_certificate_that_is_cut_off_or_has_more_behind_it_is_none_whatever_its_algorithm()
    {
        var known = Certificate();
        var unknown = Unknown(Text("key"), Text("more"));
        foreach (var whole in new[] { known, unknown })
        {
            Assert.True(SshPublicKey.Parse(Line(whole)).IsCertificate);
            Assert.False(SshPublicKey.TryParse(Line(Join(whole, [0])), out _));
            for (var length = 4 + whole[3]; length < whole.Length; length++)
            {
                Assert.False(SshPublicKey.TryParse(Line(whole[..length]), out _), $"{length} bytes");
            }
        }

        // The key in it is all that stands between the random bytes and the serial number.
        Assert.True(SshPublicKey.Parse(Line(unknown)).HasSameKeyAs(SshPublicKey.Parse(Line(Join(Text("ssh-new"), Text("key"), Text("more"))))));
        Assert.False(SshPublicKey.Parse(Line(unknown)).HasSameKeyAs(SshPublicKey.Parse(Line(Join(Text("ssh-new"), Text("key"))))));
    }

    [Theory]
    [InlineData("ssh-dss", "DSA", false)]
    [InlineData("ssh-ed25519", "ed25519", true)]
    [InlineData("ecdsa-sha2-nistp256", "ECDSA", false)]
    [InlineData("ssh-ed25519-cert-v01@openssh.com", "ED25519-CERT", false)]
    [InlineData("ssh-ed25519", "ED25519-CERT", false)]
    [InlineData("ssh-ed25519", "", false)]
    public void Short_names_inside_a_key_stand_for_plain_keys_without_a_curve(string outer, string inner, bool isKey)
    {
        var rest = outer.StartsWith("ecdsa", StringComparison.Ordinal) ? Join(Text("nistp256"), Text(Point256)) : Text(Sequence(32));
        Assert.Equal(isKey, SshPublicKey.TryParse(Line(outer, Join(Text(inner), rest)), out var key));
        Assert.Equal(isKey ? outer : null, key?.Algorithm);
    }

    [Theory]
    [InlineData("!", true)]
    [InlineData("~", true)]
    [InlineData("@", true)]
    [InlineData("ssh-", true)]
    [InlineData("sk-", true)]
    [InlineData("x,y", false)]
    [InlineData("x\u007f", false)]
    [InlineData("x\u0001", false)]
    [InlineData("x\u0080", false)]
    public void A_name_of_an_unknown_algorithm_is_visible_and_has_no_comma(string name, bool isName)
    {
        Assert.Equal(isName, SshPublicKey.TryParse(Line(name, Join(Text(name), Text("key"))), out var key));
        Assert.Equal(isName ? name : null, key?.Algorithm);
    }

    [Theory]
    [InlineData("@vendor", "@VENDOR")]
    [InlineData("a@vendor", "A")]
    [InlineData("ssh-", "SSH-")]
    [InlineData("ssh-x", "X")]
    [InlineData("sk-ssh-", "SSH--SK")]
    [InlineData("sk-x@ssh-", "X-SK")]
    [InlineData("xsk-y", "XSK-Y")]
    public void The_kind_of_an_unknown_key_is_its_name_without_what_all_names_have(string name, string kind) =>
        Assert.Equal(kind, SshPublicKey.Parse(Line(name, Join(Text(name), Text("key")))).KeyType);

    [Fact]
    public void A_name_of_an_algorithm_has_at_most_128_characters()
    {
        var longest = new string('x', 128);
        Assert.True(SshPublicKey.TryParse(Line(longest, Join(Text(longest), Text("key"))), out _));
        Assert.False(SshPublicKey.TryParse(Line(longest + "x", Join(Text(longest + "x"), Text("key"))), out _));
    }

    [Fact]
    public void Each_digit_of_a_fingerprint_counts_and_nothing_else_is_a_digit()
    {
        const string text = "MD5:01:23:45:67:89:ab:cd:ef:AB:CD:EF:00:99:0a:f9:A0";
        Assert.Equal("MD5:01:23:45:67:89:ab:cd:ef:ab:cd:ef:00:99:0a:f9:a0", SshKeySelector.Parse(text).ToString());
        foreach (var at in new[] { 4, 5, text.Length - 1 })
        {
            foreach (var wrong in "/:@G`g \u0130")
            {
                Assert.Throws<SshKeyFormatException>(() => SshKeySelector.Parse(text[..at] + wrong + text[(at + 1)..]));
            }
        }

        foreach (var colon in Enumerable.Range(0, 15).Select(pair => 6 + (3 * pair)))
        {
            Assert.Throws<SshKeyFormatException>(() => SshKeySelector.Parse(text[..colon] + "-" + text[(colon + 1)..]));
        }
    }

    [Theory]
    [InlineData("{0} (RSA)", true)]
    [InlineData("{0} (x)", true)]
    [InlineData("{0} a (b) (RSA)", true)]
    [InlineData("0 {0}", true)]
    [InlineData("9 {0} x (RSA)", true)]
    [InlineData("{0} ()", false)]
    [InlineData("{0} dave ()", false)]
    [InlineData("{0} RSA)", false)]
    [InlineData("{0} (RSA", false)]
    [InlineData("{0} (RSA).", false)]
    [InlineData("{0} comment", false)]
    [InlineData("1024x {0}", false)]
    [InlineData("10/24 {0}", false)]
    [InlineData("10:24 {0}", false)]
    [InlineData("-1 {0}", false)]
    [InlineData("1 2 {0}", false)]
    public void A_fingerprint_is_taken_from_a_listing_and_from_nothing_else(string form, bool isListing)
    {
        foreach (var fingerprint in new[] { Key.Fingerprint, Key.FingerprintMD5, Key.FingerprintMD5["MD5:".Length..] })
        {
            var text = form.Replace("{0}", fingerprint, StringComparison.Ordinal);
            var failure = Record.Exception(() => Assert.True(SshKeySelector.Parse(text).Matches(Key)));
            Assert.Equal(isListing ? null : typeof(SshKeyFormatException), failure?.GetType());
        }
    }

    [Fact]
    public void A_key_may_be_wrapped_into_101_lines()
    {
        var line = Line("ssh-rsa", Rsa([1, 0, 1], [1, .. new byte[299]])).Split(' ')[1];
        var pieces = Enumerable.Range(0, 100).Select(number => line[number..(number + 1)]);
        Assert.NotNull(SshKeySelector.Parse("ssh-rsa\n" + string.Join('\n', pieces.SkipLast(1)) + "\n" + line[99..]).ToString());
        Assert.Throws<SshKeyFormatException>(() => SshKeySelector.Parse("ssh-rsa\n" + string.Join('\n', pieces) + "\n" + line[100..]));
    }

    [Theory]
    [InlineData("\n\n")]
    [InlineData("\n# remark\n")]
    [InlineData("\n \n")]
    public void A_key_is_not_put_together_over_a_gap(string gap) => Assert.Throws<SshKeyFormatException>(() => SshKeySelector.Parse(Bare.Insert(60, gap)));

    [Fact]
    public void Other_keys_may_stand_around_a_wrapped_one()
    {
        var other = SshVectors.Lines.First(line => !SshPublicKey.Parse(line).HasSameKeyAs(Key));
        var entries = SshKeyDocument.ReadFile($"{other}\n{Bare.Insert(60, "\n").Insert(100, "\n")}\n\n{other}\n");
        Assert.Equal([1, 2, 6], entries.Select(entry => entry.LineNumber));
        Assert.Equal([other, Bare, other], entries.Select(entry => entry.Line));
    }

    [Theory]
    [InlineData("Comment: dave\n{0}", "dave")]
    [InlineData("COMMENT: \"dave\"\n{0}", "dave")]
    [InlineData("Comment:dave\\\n and \\\nmore\nx-other: b\n{0}", "daveand more")]
    [InlineData("x-other: Comment: no\n{0}", null)]
    [InlineData("x-a: b\\\nComment: no\n{0}", null)]
    [InlineData("Comment:\n{0}", null)]
    [InlineData(": odd\n{0}", null)]
    [InlineData("{0}\nSubject: me", null)]
    public void The_headers_of_RFC_4716_are_no_part_of_the_key(string form, string? comment)
    {
        var blob = Bare.Split(' ')[1];
        var body = form.Replace("{0}", blob.Insert(70, "\n"), StringComparison.Ordinal);
        var entries = SshKeyDocument.ReadFile($"# before\n---- begin ssh2 public key ----\n{body}\n---- end SSH2 PUBLIC KEY ----\n{Bare}\n");
        Assert.Equal([2, 2 + body.Count(character => character == '\n') + 3], entries.Select(entry => entry.LineNumber));
        Assert.All(entries, entry => Assert.True(entry.Selector.Matches(Key)));
        Assert.Equal(comment, entries[0].Selector.Key!.Comment);
    }

    [Theory]
    [InlineData("Comment: dave\\")]
    [InlineData("{0}")]
    [InlineData("")]
    [InlineData("{0}{0}\n---- END SSH2 PUBLIC KEY ----")]
    [InlineData("{0}=\n---- END SSH2 PUBLIC KEY ----")]
    [InlineData("AAAA\n---- END SSH2 PUBLIC KEY ----")]
    public void RFC_4716_without_its_end_or_its_key_is_refused(string body)
    {
        var text = "---- BEGIN SSH2 PUBLIC KEY ----\n" + body.Replace("{0}", Bare.Split(' ')[1], StringComparison.Ordinal);
        Assert.Contains("RFC 4716 (SSH2) form is incomplete", Assert.Throws<SshKeyFormatException>(() => SshKeySelector.ParseFile(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RFC_4716_may_have_a_key_by_a_short_name_or_of_an_unknown_algorithm()
    {
        byte[] modulus = [0, .. Sequence(128).Select(value => (byte)(value | 0x80))];
        var unknown = Join(Text("ssh-new"), Text("key"));
        Assert.Equal(SshPublicKey.Parse(Line(Rsa([1, 0, 1], modulus))), Read(Join(Text("RSA"), Text([1, 0, 1]), Text(modulus))));
        Assert.Equal(SshPublicKey.Parse(Line(unknown)), Read(unknown));

        static SshPublicKey? Read(byte[] blob) => Assert.Single(SshKeyDocument.ReadFile(
            $"---- BEGIN SSH2 PUBLIC KEY ----\n{Convert.ToBase64String(blob)}\n---- END SSH2 PUBLIC KEY ----")).Selector.Key;
    }

    [Theory]
    [InlineData("\"", "This is neither")]
    [InlineData("'", "This is neither")]
    [InlineData("`", "This is neither")]
    [InlineData("\"\"", "This is neither")]
    [InlineData("SHA256:x", "This is not a SHA256 fingerprint")]
    [InlineData("MD5:x", "This is not an MD5 fingerprint")]
    public void A_text_that_is_no_key_is_told_what_it_is_not(string text, string begin) =>
        Assert.StartsWith(begin, Assert.Throws<SshKeyFormatException>(() => SshKeySelector.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void No_key_cannot_be_compared_with_any()
    {
        Assert.Equal(SshKeyMatch.NotComparable, new SshKeyFilter([SshKeySelector.Parse(Bare)]).Test(key: null, isWhole: true));
        Assert.Equal(SshKeyMatch.NotComparable, new SshKeyFilter([]).Test(key: null, isWhole: true));
    }

    [Theory]
    [InlineData("x\u0007y", "U+0007, character 2")]
    [InlineData("\u00ADx", "U+00AD, character 1")]
    [InlineData("x\u2028y", "U+2028, character 2")]
    [InlineData("x\u2029y", "U+2029, character 2")]
    [InlineData("xy\u2003z", "U+2003, character 3")]
    [InlineData("x y\tz", null)]
    public void The_first_character_that_nobody_sees_is_named(string text, string? named)
    {
        var message = Assert.Throws<SshKeyFormatException>(() => SshKeySelector.Parse(text)).Message;
        Assert.Equal(named is not null, message.Contains("invisible", StringComparison.Ordinal));
        Assert.Contains(named ?? "neither", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("expiry-time=\"19700101Z\"", 0)]
    [InlineData("expiry-time=\"19691231235959Z\"", null)]
    [InlineData("expiry-time=\"19700102Z\",expiry-time=\"20990101Z\"", 86400)]
    [InlineData("expiry-time=\"20990101Z\",expiry-time=\"19700102Z\"", 86400)]
    [InlineData("expiry-time=\"19700102Z\",no-pty", 86400)]
    [InlineData("expiry-time=\"19700102\"", 86400 - (14 * 3600))]
    [InlineData("expiry-time=\"197001020000Z\"", 86400)]
    [InlineData("expiry-time=\"19700102000001Z\"", 86401)]
    [InlineData("expiry-time=\"1970010200Z\"", null)]
    [InlineData("expiry-time=\"19700102X\"", null)]
    public void The_earliest_time_of_a_line_ends_it(string options, int? seconds)
    {
        var expires = SshPublicKey.Parse(options + " " + Bare).Access.ExpiresAt;
        Assert.Equal(seconds is { } known ? DateTimeOffset.UnixEpoch.AddSeconds(known) : DateTimeOffset.MinValue, expires);
    }

    [Theory]
    [InlineData("no-pty", false, false)]
    [InlineData("command=\"\"", true, false)]
    [InlineData("COMMAND=\"x\"", true, false)]
    [InlineData("principals=\"x\"", false, true)]
    [InlineData("no-pty,command=\"a,principals=\\\"b\\\"\",restrict", true, false)]
    [InlineData("environment=\"principals=x\",principals=\"\"", false, true)]
    public void Options_are_told_apart(string options, bool isForced, bool hasPrincipals)
    {
        var access = SshPublicKey.Parse(options + "\t" + Bare).Access;
        Assert.Equal((isForced, hasPrincipals), (access.HasForcedCommand, access.HasPrincipals));
        Assert.Null(access.ExpiresAt);
    }

    [Theory]
    [InlineData(1023, true)]
    [InlineData(1024, false)]
    public void A_key_of_RSA_with_less_than_1024_bits_is_too_weak(int bits, bool isWeak)
    {
        var modulus = new byte[128];
        modulus[0] = (byte)(bits == 1023 ? 0x40 : 0x80);
        var key = SshPublicKey.Parse(Line(Rsa([3], [0, .. modulus])));
        Assert.Equal((bits, isWeak), (key.KeyLength, key.IsTooWeak));
        Assert.False(SshPublicKey.Parse(Line(SshBlobs.Ed25519())).IsTooWeak);
    }

    [Fact]
    public void A_private_key_is_noticed_as_far_as_a_text_is_read()
    {
        const string secret = "PRIVATE " + "KEY";
        Assert.True(Failure(new string('x', SshKeyLine.MaximumLength - secret.Length) + secret + "x").IsPrivateKey);
        Assert.False(Failure(new string('x', SshKeyLine.MaximumLength - secret.Length + 1) + secret).IsPrivateKey);

        static SshKeyFormatException Failure(string text) => Assert.Throws<SshKeyFormatException>(() => SshPublicKey.Parse(text));
    }

    [Theory]
    [InlineData("see -----BEGIN PUBLIC KEY-----", false)]
    [InlineData("-----BEGIN PUBLIC KEY-----", true)]
    [InlineData("--begin rsa public key", true)]
    [InlineData("-----BEGIN CERTIFICATE-----", false)]
    public void Another_form_of_a_public_key_is_known_by_its_first_line(string text, bool isKnown) => Assert.Equal(
        isKnown, Assert.Throws<SshKeyFormatException>(() => SshKeySelector.Parse(text)).Message.Contains("ssh-keygen -i -m", StringComparison.Ordinal));

    private static byte[] Unknown(params byte[][] key) => Join(
        Text("ssh-new-cert-v01@openssh.com"), Text(Sequence(16)), Join(key), new byte[8], Number(1), Text("id"), Text(Text("root")), new byte[16],
        Text(string.Empty), Text(string.Empty), Text(string.Empty), Text(SshBlobs.Ed25519()), Text(Signature("ssh-ed25519")));

}
