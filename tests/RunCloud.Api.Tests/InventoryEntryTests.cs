using Xunit;
using static RunCloud.Api.Tests.SshBlobs;

namespace RunCloud.Api.Tests;

/// <summary>Which credentials give their user access, and which only seem to.</summary>
public sealed class InventoryEntryTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 30, 0, TimeSpan.Zero);

    private static readonly string Plain = Line(SshBlobs.Ed25519());

    private static readonly string Authority = "cert-authority " + Line(SecurityKey("ssh:"));

    private static readonly ulong Later = (ulong)Now.ToUnixTimeSeconds() + 60;

    public static TheoryData<string, bool> Options => new()
    {
        { "no-pty", true },
        { "from=\"203.0.113.0/24\"", true },
        { "command=\"/usr/bin/backup\"", true },
        { "cert-authority", false },
        { "no-pty,CERT-authority", false },
        { "expiry-time=\"20260302\"", false },
        { "expiry-time=\"20260302093000Z\"", false },
        { "expiry-time=\"20260302093001Z\"", true },
        { "expiry-time=\"202603020930utc\"", false },
        { "expiry-time=\"20260302093001UTC\"", true },
        { "EXPIRY-TIME=\"20000101\"", false },
        { "expiry-time=\"20990101\"", true },
        { "expiry-time=\"20990101\",no-pty,expiry-time=\"20000101Z\"", false },

        // In the server's zone, which may be 14 hours ahead.
        { "expiry-time=\"202603022330\"", false },
        { "expiry-time=\"20260302233001\"", true },

        // sshd ignores a line with a time that it can't read.
        { "expiry-time=\"tomorrow\"", false },
        { "expiry-time=\"\"", false },
        { "expiry-time=\"2099010\"", false },
        { "command=\"expiry-time=\\\"20000101\\\"\"", true },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void Options_decide_whether_a_key_gives_access(string options, bool opens)
    {
        var entry = Entry(options + " " + Plain);
        Assert.Equal(opens, entry.OpensDoor([entry], Now));
        Assert.Equal(options.StartsWith("command", StringComparison.Ordinal), entry.HasForcedCommand);
    }

    [Fact]
    public void A_temporary_key_and_an_unreadable_one_give_no_lasting_access()
    {
        Assert.True(Entry(Plain).OpensDoor([], Now));
        Assert.True(Entry(Plain).Known(temporary: false).OpensDoor([], Now));
        Assert.False(Entry(Plain).Known(temporary: true).OpensDoor([], Now));
        Assert.False(Entry("ssh-rsa AAAA...").OpensDoor([], Now));
        Assert.False(Entry(publicKey: null).OpensDoor([], Now));
    }

    [Fact]
    public void A_key_that_sshd_refuses_gives_no_access_and_an_unknown_one_does()
    {
        Assert.False(Entry(Line(Join(Text("ssh-dss"), Text([5]), Text([4]), Text([3]), Text([2])))).OpensDoor([], Now));
        Assert.False(Entry(Line(Rsa([3], [1, .. new byte[95]]))).OpensDoor([], Now));
        Assert.True(Entry(Line(Rsa([3], [1, .. new byte[255]]))).OpensDoor([], Now));
        Assert.True(Entry(Line("ssh-new", Join(Text("ssh-new"), Text(Sequence(60))))).OpensDoor([], Now));
    }

    [Fact]
    public void A_certificate_gives_access_only_together_with_its_authority()
    {
        var certificate = Entry(Signed(validBefore: Later));
        var authority = Entry(Authority);
        Assert.True(certificate.IsCertificate);
        Assert.True(authority.IsCertificateAuthority);
        Assert.True(certificate.OpensDoor([certificate, authority], Now));
        Assert.False(authority.OpensDoor([certificate, authority], Now));
        foreach (var other in new[]
        {
            certificate,
            Entry(Authority["cert-authority ".Length..]),
            Entry("cert-authority " + Plain),
            Entry(Authority, user: "web"),
            Entry("expiry-time=\"20000101\"," + Authority),
            Entry("principals=\"ops\"," + Authority),
            authority.Known(temporary: true),
        })
        {
            Assert.False(certificate.OpensDoor([other], Now));
        }
    }

    [Fact]
    public void A_certificate_that_is_not_valid_for_the_user_gives_no_access()
    {
        var authority = Entry(Authority);
        Assert.False(Entry(Signed(validBefore: Later - 60)).OpensDoor([authority], Now));
        Assert.False(Entry(Signed(validBefore: Later, kind: 2)).OpensDoor([authority], Now));
        Assert.False(Entry(Signed(validBefore: Later, principals: Text("web"))).OpensDoor([authority], Now));
        Assert.False(Entry(Signed(validBefore: Later, principals: [])).OpensDoor([authority], Now));
        Assert.True(Entry(Signed(validBefore: ulong.MaxValue)).OpensDoor([authority], Now));
        Assert.True(Entry(Signed(validBefore: Later, validAfter: Later - 60)).OpensDoor([authority], Now));
        Assert.False(Entry(Signed(validBefore: Later, validAfter: Later - 59)).OpensDoor([authority], Now));

        // A clock before 1970 is at its beginning.
        Assert.True(Entry(Signed(validBefore: 1)).OpensDoor([authority], DateTimeOffset.UnixEpoch.AddDays(-1)));
    }

    [Fact]
    public void A_certificate_without_a_known_user_gives_no_access()
    {
        Assert.False(Entry(Signed(validBefore: Later, principals: Text(string.Empty)), user: null).OpensDoor([Entry(Authority, user: null)], Now));
        Assert.True(Entry(Plain, user: null).OpensDoor([], Now));
    }

    [Fact]
    public void A_plain_key_is_neither_an_authority_nor_a_certificate_nor_forced()
    {
        foreach (var entry in new[] { Entry(Plain), Entry(publicKey: null) })
        {
            Assert.Equal((false, false, false), (entry.IsCertificateAuthority, entry.IsCertificate, entry.HasForcedCommand));
        }

        Assert.Equal((1, "root", "label", null), (Entry(Plain).Id, Entry(Plain).User, Entry(Plain).Label, Entry(Plain).Temporary));
        Assert.Equal([true, false], new[] { true, false }.Select(temporary => Entry(Plain).Known(temporary).Temporary));
    }

    private static string Signed(ulong validBefore, uint kind = 1, byte[]? principals = null, ulong validAfter = 0) => Line(Certificate(
        kind,
        principals: principals,
        authority: SecurityKey("ssh:"),
        signature: Join(Signature("sk-ssh-ed25519@openssh.com"), new byte[5]),
        validBefore: validBefore,
        validAfter: validAfter));

    private static InventoryEntry Entry(string? publicKey, string? user = "root") => new(1, user, "label", publicKey, temporary: null);
}
