using System.Text;
using RunCloud.Simulator;
using Xunit;
using static RunCloud.Api.Tests.Access.AccessFleet;

namespace RunCloud.Api.Tests.Access;

/// <summary>The different keys of an audit, whose they seem to be, and the lists of allowed and blocked keys.</summary>
public sealed class KeyCatalogTests
{
    private static readonly string Bare = TestKeys.Line(SshKeyKind.Ed25519, 1);

    [Fact]
    public void Keys_come_in_the_order_in_which_they_were_first_seen_with_all_their_copies()
    {
        var keys = Facts(new(), Server(1, Credential(1, 11, Other), Credential(1, 12, "no key")), Server(2, Credential(2, 21, Good), Credential(2, 22, Other))).Keys.All;
        Assert.Equal([0, 1], keys.Select(key => key.Index));
        Assert.Equal(["11 22", "21"], keys.Select(key => string.Join(' ', key.Copies.Select(copy => copy.Id))));
        Assert.Equal([TestKeys.Line(SshKeyKind.Ed25519, 2), Bare], keys.Select(key => key.Line));
        Assert.All(keys, key => Assert.Equal((false, false, false), (key.HasList, key.IsAllowed, key.IsBlocked)));
    }

    [Fact]
    public void A_key_and_the_same_key_as_an_authority_are_two()
    {
        var facts = Facts(new(), Server(1, Credential(1, 11, Bare), Credential(1, 12, "cert-authority " + Bare)));
        Assert.Equal([false, true], facts.Keys.All.Select(key => key.IsCertificateAuthority));
        Assert.Equal([0, 1], facts.Servers[0].Credentials.Select(credential => facts.Keys.Of(credential.Key!).Index));
    }

    [Theory]
    [InlineData("alice@a|bob@b|bob@b", null, "bob@b", "comment")]
    [InlineData("bob@b|alice@a", null, "alice@a", "comment")]
    [InlineData("|bob@b", null, "bob@b", "comment")]
    [InlineData("|", "zed-17|alice-2", "alice", "label")]
    [InlineData("|", "alice-2-3|zed", "alice-2", "label")]
    [InlineData("|", "alice|zed-1", "alice", "label")]
    [InlineData("|", "7-eleven|7-eleven", "7-eleven", "label")]
    [InlineData("|", " | ", null, "fingerprint")]
    public void A_person_is_the_most_frequent_comment_or_else_the_most_frequent_label(string comments, string? labels, string? name, string source)
    {
        var label = (labels ?? "x|x|x").Split('|');
        var copies = comments.Split('|').Select((comment, i) => Credential(1, 11 + i, $"{Bare} {comment}", label: label[i])).ToArray();
        var person = Assert.Single(Facts(new(), Server(1, copies)).Keys.All).Person;
        Assert.Equal((name ?? SshPublicKey.Parse(Bare).Fingerprint, source), (person.Name, person.Source));
        Assert.Equal(source == "comment" ? $"says: {name}" : person.Name, person.Shown);
    }

    [Fact]
    public void A_copy_without_a_label_names_nobody()
    {
        var copy = new SshCredential(1, 11, Bare) { ServerName = "web-1" };
        Assert.Equal(Person.FromFingerprint, Assert.Single(Facts(new(), Server(1, copy)).Keys.All).Person.Source);
    }

    [Fact]
    public void A_person_is_first_of_all_the_one_of_the_allowed_and_then_of_the_blocked_list()
    {
        Assert.Equal("Alice", Name(new() { Allowed = List(Bare + " Alice"), Blocked = List(Bare + " Mallory") }));
        Assert.Equal("Mallory", Name(new() { Allowed = List(Bare), Blocked = List(Bare + " Mallory") }));
        Assert.Equal("Alice", Name(new() { Allowed = List(Bare, Bare + " Alice") }));
        Assert.Equal("alice@ops", Name(new() { Allowed = List(SshPublicKey.Parse(Bare).Fingerprint) }));

        static string Name(AccessOptions options) => Assert.Single(Facts(options, Server(1, Credential(1, 11, Good))).Keys.All).Person.Name;
    }

    [Theory]
    [InlineData("line", true)]
    [InlineData("sha256", true)]
    [InlineData("md5", true)]
    [InlineData("line and md5", true)]
    [InlineData("authority", false)]
    [InlineData("another", false)]
    public void A_list_allows_a_key_by_its_line_and_by_each_fingerprint(string form, bool isAllowed)
    {
        var key = SshPublicKey.Parse(Bare);
        var list = form switch
        {
            "line" => List(Other, Good),
            "sha256" => List(Other, key.Fingerprint),
            "md5" => List(Other, key.FingerprintMD5),
            "line and md5" => List(Other, Bare, SshPublicKey.Parse(Other).FingerprintMD5),
            "authority" => List("cert-authority " + Good),
            _ => List(Other),
        };
        Assert.Equal(isAllowed, list.Allows(key));
        Assert.Equal(form == "authority", list.NamesAuthority(SshPublicKey.Parse("cert-authority " + Bare)));
        Assert.Equal(isAllowed, Assert.Single(Facts(new() { Allowed = list }, Server(1, Credential(1, 11, Good))).Keys.All).IsAllowed);
        Assert.Equal(isAllowed || form == "authority", Assert.Single(Facts(new() { Blocked = list }, Server(1, Credential(1, 11, Good))).Keys.All).IsBlocked);
    }

    [Fact]
    public void An_MD5_fingerprint_is_found_beside_a_line_of_the_same_key()
    {
        var key = SshPublicKey.Parse(Bare);
        Assert.Equal(2, List(Bare, key.FingerprintMD5).Find(key).Count());
        _ = Assert.Single(List(Bare, SshPublicKey.Parse(Other).FingerprintMD5).Find(key));
        Assert.Equal(3, List(Bare, Other, key.FingerprintMD5).Count);
    }

    [Fact]
    public void The_digest_of_a_list_depends_on_its_keys_and_not_on_order_comments_or_repetition()
    {
        var digest = List(Good, Other).Sha256;
        Assert.Equal(digest, List(TestKeys.Line(SshKeyKind.Ed25519, 2, "someone"), Bare, Other).Sha256);
        var sorted = new[] { Good, Other }.Select(line => line.Split(' ')[1]).Order(StringComparer.Ordinal);
        Assert.Equal(Digests.Sha256(Encoding.UTF8.GetBytes(string.Join('\n', sorted))), digest);
        Assert.NotEqual(digest, List(Good).Sha256);
        Assert.NotEqual(List(Good).Sha256, List("cert-authority " + Good).Sha256);
        Assert.NotEqual(List(Good).Sha256, List(SshPublicKey.Parse(Good).Fingerprint).Sha256);
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Digests.Sha256("abc"u8.ToArray()));
        Assert.Equal("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", Digests.Sha256Base64("abc"u8.ToArray()));
    }

    [Fact]
    public void A_certificate_is_allowed_by_the_key_in_it()
    {
        var certificate = SshPublicKey.Parse(TestKeys.Line(SshKeyKind.RsaCertificate, 3));
        Assert.True(new KeyList([SshKeySelector.For(certificate)]).Allows(certificate));
        Assert.True(List(certificate.Fingerprint).Allows(certificate));
        Assert.False(List(Good).Allows(certificate));
    }
}
