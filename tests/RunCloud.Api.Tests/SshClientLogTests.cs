using Xunit;

namespace RunCloud.Api.Tests;

/// <summary>A refusal needs all its parts: the offer, the server's refusal, and the denial at the end of the list.</summary>
public sealed class SshClientLogTests
{
    private const string None = "debug1: Authentications that can continue: publickey,password\ndebug1: Next authentication method: publickey\n";
    private const string OfferA = "debug1: Offering public key: k-0 ED25519 SHA256:a agent\n";
    private const string OfferB = "debug1: Offering public key: k-1 ED25519 SHA256:b agent\n";
    private const string No = "debug1: Authentications that can continue: publickey,password\n";
    private const string Accepts = "debug1: Server accepts key: k-0 ED25519 SHA256:a agent\n";
    private const string End = "debug1: No more authentication methods to try.\n";
    private const string Denied = "root@127.0.0.1: Permission denied (publickey,password).\n";

    [Theory]
    [InlineData(None + OfferA + No + OfferB + No + End + Denied, "01")]
    [InlineData(None + OfferA + Accepts + OfferB + No + End + Denied, "1")]
    [InlineData(None + OfferA + OfferB + No + End + Denied, "1")]
    [InlineData(None + OfferA + No + OfferB + End + Denied, "0")]
    [InlineData(None + OfferA + No + OfferB + No + End, "")]
    [InlineData(None + OfferA + No + OfferB + No + Denied, "")]
    [InlineData(None + OfferA + No + OfferB + No + Denied + End, "")]
    [InlineData(None + OfferA + No + OfferB + "Connection closed by 127.0.0.1 port 22\n", "")]
    [InlineData(None + OfferA + No + "Received disconnect from 127.0.0.1 port 22:2: Too many authentication failures\n", "")]
    [InlineData(None + OfferA + No + End + "nobody@127.0.0.1: Permission denied (publickey).\n", "")]
    [InlineData(None + OfferA + No + End + "  root@127.0.0.1: Permission denied (publickey).\n", "")]
    [InlineData(None + "debug1: Offering public key: mine ED25519 SHA256:a agent\n" + No + End + Denied, "")]
    [InlineData(None + OfferA + "debug1: Authentications that can continue: \n" + End + "root@127.0.0.1: Permission denied ().\n", "")]
    [InlineData(None + OfferA + "debug1: Authentications that can continue: password\n" + End + Denied, "")]
    [InlineData(None + End + Denied, "")]
    [InlineData("", "")]
    public void A_refusal_is_complete_or_does_not_count(string text, string refused)
    {
        foreach (var ends in new[] { "\n", "\r\n" })
        {
            var log = Read(text.Replace("\n", ends, StringComparison.Ordinal));
            Assert.Equal(refused, string.Concat(Enumerable.Range(0, 2).Where(log.IsRefused)));
        }
    }

    [Theory]
    [InlineData("debug1: Host '127.0.0.1' is known and matches the ED25519 host key.\n", "Known")]
    [InlineData("Warning: Permanently added '[127.0.0.1]:22' (ED25519) to the list of known hosts.\n", "New")]
    [InlineData("No ED25519 host key is known for 127.0.0.1 and you have requested strict checking.\nHost key verification failed.\n", "New")]
    [InlineData("kex_exchange_identification: Connection closed by remote host\n", null)]
    public void The_servers_own_key_is_known_new_or_not_seen(string text, string? state) =>
        Assert.Equal(state, SshClientLog.Read(text, "root", "127.0.0.1", _ => null).HostKey?.ToString());

    [Fact]
    public void The_file_with_the_old_key_is_found()
    {
        var log = SshClientLog.Read(
            "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nOffending ED25519 key in /home/dave/.ssh/known hosts:12\nHost key verification failed.\n", "root", "127.0.0.1", _ => null);
        Assert.True(log.IsHostKeyChanged);
        Assert.Equal("/home/dave/.ssh/known hosts", log.OffendingFile);
        Assert.Null(log.HostKey);
    }

    [Fact]
    public void Of_several_files_with_an_old_key_the_first_counts() =>
        Assert.Equal("/etc/ssh/known", Read("Offending key in /etc/ssh/known:1\nOffending RSA key in /root/known:2\n").OffendingFile);

    [Theory]
    [InlineData("", "")]
    [InlineData("@@@\n@       WARNING: REVOKED HOST KEY DETECTED!               @\n", "revoked")]
    [InlineData("@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n", "changed")]
    [InlineData("ssh: connect to host 127.0.0.1 port 22: Connection refused\n", "not connected")]
    [InlineData("ssh: Could not resolve hostname web-1: Name or service not known\n", "not connected")]
    [InlineData("kex_exchange_identification: ssh: Connection refused\n", "")]
    [InlineData("debug1: Authentication succeeded (none).\n", "let in")]
    [InlineData("Authenticated to 127.0.0.1 ([127.0.0.1]:22) using \"none\".\n", "let in")]
    [InlineData("debug1: not Authentication succeeded (none).\n", "")]
    [InlineData("Not Authenticated to 127.0.0.1\n", "")]
    [InlineData("Received disconnect from 127.0.0.1 port 22:2: Too many authentication failures\n", "too many keys")]
    [InlineData("debug1: Too many authentication failures\n", "")]
    [InlineData("root@127.0.0.1: Permission denied (publickey).\nDisconnected: Too many authentication failures\n", "too many keys")]
    [InlineData(End + Denied, "denied")]
    [InlineData(End + "root@127.0.0.1: Permission denied (publickey,password)\n", "")]
    [InlineData(End + Denied + Denied, "denied")]
    public void Each_end_of_a_connection_is_told_apart(string text, string expected)
    {
        var log = Read(text);
        var states = new (bool Is, string Name)[]
        {
            (log.IsHostKeyRevoked, "revoked"), (log.IsHostKeyChanged, "changed"), (log.HasNotConnected, "not connected"), (log.WasLetIn, "let in"), (log.HadTooManyKeys, "too many keys"),
            (log.IsDenied, "denied"),
        };
        Assert.Equal(expected, string.Join(", ", states.Where(state => state.Is).Select(state => state.Name)));
    }

    [Theory]
    [InlineData("", null, false)]
    [InlineData("debug1: Authentications that can continue: publickey\n", "publickey", true)]
    [InlineData("debug1: Authentications that can continue: password,publickey\n", "password,publickey", true)]
    [InlineData("debug1: Authentications that can continue: PublicKey,publickey-hostbound\n", "PublicKey,publickey-hostbound", false)]
    [InlineData("debug1: Authentications that can continue: publickey\ndebug1: Authentications that can continue: password\n", "password", false)]
    public void The_methods_are_those_that_were_last_offered(string text, string? methods, bool takesKeys)
    {
        var log = Read(text);
        Assert.Equal((methods, takesKeys), (log.Methods, log.TakesKeys));
    }

    [Fact]
    public void A_key_was_offered_even_if_nothing_was_answered()
    {
        var log = Read(None + OfferB);
        Assert.Equal((false, true), (log.WasOffered(0), log.WasOffered(1)));
        Assert.False(Read(None + "debug1: Offering public key: mine ED25519\n").WasOffered(0));
    }

    [Fact]
    public void An_answer_after_the_end_of_the_list_is_no_answer_to_the_last_offer() =>
        Assert.False(Read(None + OfferA + End + No + Denied).IsRefused(0));

    [Fact]
    public void The_last_words_are_those_outside_the_trace()
    {
        Assert.Equal("Connection closed by 127.0.0.1 port 22", Read("Banner exchange: timeout\nConnection closed by 127.0.0.1 port 22\ndebug1: Exit status -1\n\n").LastWords);
        Assert.Null(Read(None + OfferA + No + End).LastWords);
    }

    private static SshClientLog Read(string text) => SshClientLog.Read(text, "root", "127.0.0.1", offer => offer.StartsWith("k-", StringComparison.Ordinal) ? offer[2] - '0' : null);
}
