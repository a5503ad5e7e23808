using CsCheck;
using Xunit;
using static RunCloud.Api.Tests.SshBlobs;

namespace RunCloud.Api.Tests;

public sealed class SshKeySelectorTests
{
    private static readonly SshPublicKey[] Keys = [.. SshVectors.Lines.Select(SshPublicKey.Parse)];

    private static readonly string Line = SshVectors.All[0].Line;

    // The words that make a text a private key, kept apart so that no scanner takes this file for one.
    private const string Private = "PRIVATE " + "KEY";

    public static TheoryData<string> PrivateKeys => new(
        "-----BEGIN OPENSSH " + Private + "-----\nhunter2hunter2\n-----END OPENSSH " + Private + "-----\n",
        "\uFEFF\r\n-----BEGIN RSA " + Private + "-----\r\nProc-Type: 4,ENCRYPTED\r\nhunter2\r\n",
        "-----BEGIN EC " + Private + "-----",
        "-----BEGIN DSA " + Private + "----- hunter2 -----END",
        "-----BEGIN " + Private + "-----\nhunter2",
        "-----BEGIN ENCRYPTED " + Private + "-----\nhunter2",
        "---- BEGIN SSH2 ENCRYPTED " + Private + " ----\nhunter2",
        "SSH " + Private + " FILE FORMAT 1.1\nhunter2",
        "Bag Attributes\n    friendlyName: hunter2\n-----BEGIN " + Private + "-----\nhunter2",
        "PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nComment: hunter2\n",
        "PuTTY-User-Key-File-3: ssh-ed25519",
        "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQhunter2");

    [Fact]
    public void A_key_line_selects_the_key_and_its_certificates_and_a_certificate_its_key()
    {
        foreach (var wanted in SshVectors.All)
        {
            var selector = SshKeySelector.Parse("\uFEFF no-pty " + wanted.Line + " other comment\r\n");
            foreach (var other in SshVectors.All)
            {
                Assert.Equal(wanted.Listing.Split(' ')[1] == other.Listing.Split(' ')[1], selector.Matches(SshPublicKey.Parse(other.Line)));
            }

            Assert.Equal(SshPublicKey.Parse(wanted.Line).Fingerprint, selector.ToString());
        }
    }

    [Fact]
    public void A_fingerprint_selects_the_key_and_its_certificates()
    {
        foreach (var wanted in Keys)
        {
            var (sha256, md5) = (wanted.Fingerprint, wanted.FingerprintMD5);
            (string Text, string Shown)[] forms =
            [
                (sha256, sha256), (sha256 + "=", sha256), (" sha256:" + sha256[7..] + "\n", sha256),
                (md5, md5), (md5.ToUpperInvariant(), md5), (md5[4..], md5), (md5[4..].ToUpperInvariant(), md5),
            ];
            foreach (var (text, shown) in forms)
            {
                var selector = SshKeySelector.Parse(text);
                var matches = Keys.Where(selector.Matches).ToList();

                Assert.Equal(Keys.Where(key => string.Equals(key.Fingerprint, sha256, StringComparison.Ordinal)), matches);
                Assert.Contains(wanted, matches);
                Assert.Equal(shown, selector.ToString());
            }
        }
    }

    [Theory]
    [InlineData("SHA256:", "43")]
    [InlineData("SHA256:=", "43")]
    [InlineData("SHA256:Jc+VK1mDDAeAp+CZUynxAqI5KH+cvYzL/+26xm6s7A", "43")]
    [InlineData("SHA256:Jc+VK1mDDAeAp+CZUynxAqI5KH+cvYzL/+26xm6s7Asx", "43")]
    [InlineData("SHA256:Jc+VK1mDDAeAp+CZUynxAqI5KH+cvYzL/+26xm6s7As==", "43")]
    [InlineData("SHA256:Jc+VK1mDDAeAp+CZUynxAqI5KH+cvYzL/+26xm6s7At", "43")]
    [InlineData("SHA256:Jc-VK1mDDAeAp-CZUynxAqI5KH-cvYzL_-26xm6s7As", "43")]
    [InlineData("SHA256: Jc+VK1mDDAeAp+CZUynxAqI5KH+cvYzL/+26xm6s7As", "43")]
    [InlineData("MD5:", "16 pairs")]
    [InlineData("MD5:1d:bf:08:53:44:10:4b:1d:e2:a7:af:cf:d2:80:76", "16 pairs")]
    [InlineData("MD5:1d:bf:08:53:44:10:4b:1d:e2:a7:af:cf:d2:80:76:b", "16 pairs")]
    [InlineData("MD5:1d:bf:08:53:44:10:4b:1d:e2:a7:af:cf:d2:80:76:b8:", "16 pairs")]
    [InlineData("MD5:1d:bf:08:53:44:10:4b:1d:e2:a7:af:cf:d2:80:76:bg", "16 pairs")]
    [InlineData("MD5:1d-bf-08-53-44-10-4b-1d-e2-a7-af-cf-d2-80-76-b8", "16 pairs")]
    [InlineData("MD5:1dbf085344104b1de2a7afcfd28076b8", "16 pairs")]
    [InlineData("1d:bf:08", "neither")]
    [InlineData("dave@laptop", "neither")]
    [InlineData("", "neither")]
    [InlineData("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDkT5cCaJpylL...", "base64")]
    public void Text_that_selects_no_key_is_refused_with_a_reason(string text, string reason)
    {
        var exception = Assert.Throws<SshKeyFormatException>(() => SshKeySelector.Parse(text));
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.False(exception.IsPrivateKey);
    }

    [Theory]
    [MemberData(nameof(PrivateKeys))]
    public void A_private_key_is_refused_with_advice_and_never_shown(string text)
    {
        Func<object>[] readers = [() => SshKeySelector.Parse(text), () => SshKeySelector.ParseFile(text), () => SshPublicKey.Parse(text)];
        foreach (var reader in readers)
        {
            var exception = Assert.Throws<SshKeyFormatException>(reader);
            Assert.True(exception.IsPrivateKey);
            Assert.Contains("private key", exception.Message, StringComparison.Ordinal);
            var advice = text.Contains("PuTTY", StringComparison.Ordinal) ? "puttygen" : "ssh-keygen -y";
            Assert.Contains(advice, exception.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("hunter2", exception.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_private_key_before_or_behind_a_public_one_is_still_refused_as_that()
    {
        var secret = "-----BEGIN OPENSSH " + Private + "-----\nhunter2\n";
        foreach (var content in new[] { Line + "\n" + secret, secret + Line, secret + new string('x', 10_000_000) })
        {
            Assert.True(Assert.Throws<SshKeyFormatException>(() => SshKeySelector.ParseFile(content)).IsPrivateKey);
            Assert.True(Assert.Throws<SshKeyFormatException>(() => SshKeySelector.Parse(content)).IsPrivateKey);
        }
    }

    [Fact]
    public void A_public_key_whose_comment_speaks_of_private_keys_is_a_public_key() =>
        Assert.Equal(Keys[0].Fingerprint, SshKeySelector.ParseFile(Line + " without the " + Private).ToString());

    [Theory]
    [InlineData("---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"x\"\nAAAA", "RFC 4716 (SSH2) form is incomplete")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA", "ssh-keygen -i -m PKCS8 -f")]
    [InlineData("-----BEGIN RSA PUBLIC KEY-----\nAAAA", "ssh-keygen -i -m PEM -f")]
    public void A_public_key_in_another_form_is_refused_with_advice(string text, string advice)
    {
        Func<object>[] readers = [() => SshKeySelector.Parse(text), () => SshKeySelector.ParseFile(text)];
        foreach (var reader in readers)
        {
            var exception = Assert.Throws<SshKeyFormatException>(reader);
            Assert.Contains(advice, exception.Message, StringComparison.Ordinal);
            Assert.False(exception.IsPrivateKey);
        }
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("\uFEFF# who\r\n\r\n  {0}\r\n#more\r\n")]
    [InlineData("\n\t\n{0}\n\n")]
    [InlineData("# ssh-rsa AAAA\nno-pty {0}")]
    public void A_file_with_one_key_selects_that_key(string form) =>
        Assert.True(SshKeySelector.ParseFile(form.Replace("{0}", Line, StringComparison.Ordinal)).Matches(Keys[0]));

    [Theory]
    [InlineData("", "no public key")]
    [InlineData("\uFEFF\r\n# only a remark\n", "no public key")]
    [InlineData("{0}\n{1}\n", "2 different public keys")]
    [InlineData("{0}\n{1}\n\n# x\n{0}", "line 2: no comment SHA256:")]
    [InlineData("# x\nrubbish\n", "Line 2")]
    [InlineData("{0}\n\nrubbish\n", "Line 3")]
    [InlineData("{0}\n{0}...\n", "Line 2")]
    [InlineData("{0}\r{1}\n", "2 different public keys")]
    public void A_file_without_exactly_one_key_is_refused(string form, string reason)
    {
        var other = SshVectors.Lines.First(line => !SshPublicKey.Parse(line).HasSameKeyAs(Keys[0]));
        var content = form.Replace("{0}", string.Join(' ', Line.Split(' ').Take(2)), StringComparison.Ordinal)
            .Replace("{1}", string.Join(' ', other.Split(' ').Take(2)), StringComparison.Ordinal);
        var exception = Assert.Throws<SshKeyFormatException>(() => SshKeySelector.ParseFile(content));
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("rubbish", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_huge_file_is_refused()
    {
        var exception = Assert.Throws<SshKeyFormatException>(() => SshKeySelector.ParseFile(Line + new string('\n', 70_000)));
        Assert.Contains("65,536", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Null_is_refused()
    {
        Assert.Throws<ArgumentNullException>(() => SshKeySelector.Parse(null!));
        Assert.Throws<ArgumentNullException>(() => SshKeySelector.ParseFile(null!));
        Assert.Throws<ArgumentNullException>(() => SshKeySelector.Parse(Line).Matches(null!));
    }

    [Fact]
    public void An_exact_selector_does_not_take_a_certificate_for_its_key()
    {
        var pair = Keys.SelectMany(_ => Keys, (key, certificate) => (Key: key, Certificate: certificate)).First(one => one.Certificate.IsCertificate && !one.Key.IsCertificate && one.Key.HasSameKeyAs(one.Certificate));
        Assert.True(SshKeySelector.For(pair.Key).Matches(pair.Certificate));
        Assert.False(SshKeySelector.Exactly(pair.Key).Matches(pair.Certificate));
        Assert.True(SshKeySelector.Exactly(pair.Key).Matches(pair.Key));
        Assert.Equal((true, false), (SshKeySelector.Parse(pair.Key.FingerprintMD5).IsMd5, SshKeySelector.Parse(pair.Key.Fingerprint).IsMd5));
    }

    [Fact]
    public void Any_text_is_a_selector_or_refused() => Gen.OneOf(
            Gen.String,
            Gen.OneOf("SHA256:", "sha256:", "MD5:", "aa:", "AAAA", "=", " ", "\n", "ssh-rsa ", "#", "é", "\uD800").Array[0, 20]
                .Select(string.Concat))
        .Sample(
            text =>
            {
                Func<SshKeySelector>[] readers = [() => SshKeySelector.Parse(text), () => SshKeySelector.ParseFile(text)];
                foreach (var reader in readers)
                {
                    try
                    {
                        Assert.Matches("^(SHA256:.{43}|MD5:(..:){15}..)$", reader().ToString());
                    }
                    catch (SshKeyFormatException exception)
                    {
                        Assert.False(exception.IsPrivateKey);
                    }
                }
            },
            iter: Draws.Of(10_000));

    [Fact]
    public void Ecdsa_keys_that_share_their_first_50_characters_never_match()
    {
        var pair = SshVectors.All.Where(vector => vector.Line.StartsWith("ecdsa-sha2-nistp256 ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, pair.Length);
        Assert.Equal(pair[0].Line[..50], pair[1].Line[..50]);
        AssertApart(pair[0].Line, pair[1].Line);

        // Whichever byte of the point differs, the last one included.
        Gen.Select(Gen.Int[1, 64], Gen.Int[1, 255]).Sample(
            (at, change) =>
            {
                var point = (byte[])Point256.Clone();
                point[at] ^= (byte)change;
                var other = SshBlobs.Line(Join(Text("ecdsa-sha2-nistp256"), Text("nistp256"), Text(point)));
                Assert.Equal(pair[0].Line[..50], other[..50]);
                AssertApart(pair[0].Line, other);
            },
            iter: Draws.Of(500));

        static void AssertApart(string one, string other)
        {
            var (a, b) = (SshPublicKey.Parse(one), SshPublicKey.Parse(other));
            Assert.NotEqual(a, b);
            foreach (var selector in new[] { one, a.Fingerprint, a.FingerprintMD5 }.Select(SshKeySelector.Parse))
            {
                Assert.True(selector.Matches(a));
                Assert.False(selector.Matches(b));
                Assert.Equal(SshKeyMatch.Match, new SshKeyFilter([selector]).Test(one));
                Assert.Equal(SshKeyMatch.NoMatch, new SshKeyFilter([selector]).Test(other));
            }
        }
    }

    [Fact]
    public void A_filter_finds_what_its_selectors_match()
    {
        var genSelector = Gen.Select(Gen.OneOf(Keys), Gen.OneOf([.. SshVectors.Lines]), Gen.Int[0, 2])
            .Select((key, line, form) => form switch { 0 => line, 1 => key.Fingerprint, _ => key.FingerprintMD5 });
        var genText = Gen.Select(Gen.OneOf([.. SshVectors.Lines]), Gen.OneOf(string.Empty, " more", "\r\n"), Gen.Double[0, 4])
            .Select((line, behind, cut) => "\tno-pty " + line[..(int)(line.Length * Math.Min(1, cut))] + behind);
        Gen.Select(genSelector.Array[0, 4], genText).Sample(
            (selectorTexts, text) =>
            {
                var selectors = selectorTexts.Select(SshKeySelector.Parse).ToList();
                var expected = !SshPublicKey.TryParse(text, out var key) ? SshKeyMatch.NotComparable
                    : selectors.Exists(selector => selector.Matches(key)) ? SshKeyMatch.Match
                    : SshKeyMatch.NoMatch;
                Assert.Equal(expected, new SshKeyFilter(selectors).Test(text));
            },
            iter: Draws.Of(20_000));
    }

    [Fact]
    public void A_filter_reports_what_it_cannot_compare()
    {
        var blob = Convert.FromBase64String(Line.Split(' ')[1]);
        foreach (var selector in new[] { Line, Keys[0].Fingerprint, Keys[0].FingerprintMD5 }.Select(SshKeySelector.Parse))
        {
            var filter = new SshKeyFilter([selector]);
            Assert.Equal(SshKeyMatch.Match, filter.Test(Line));
            Assert.Equal(SshKeyMatch.NotComparable, filter.Test(null));
            Assert.Equal(SshKeyMatch.NotComparable, filter.Test(string.Empty));
            Assert.Equal(SshKeyMatch.NotComparable, filter.Test(Line + "\n" + Line));
            Assert.Equal(SshKeyMatch.NotComparable, filter.Test(Line.Replace("ssh-rsa", "ssh-dss", StringComparison.Ordinal)));
            Assert.Equal(SshKeyMatch.NotComparable, filter.Test("ssh-rsa " + Convert.ToBase64String([.. blob, 0])));
            for (var length = 0; length < blob.Length; length++)
            {
                Assert.Equal(SshKeyMatch.NotComparable, filter.Test("ssh-rsa " + Convert.ToBase64String(blob, 0, length)));
            }
        }
    }
}
