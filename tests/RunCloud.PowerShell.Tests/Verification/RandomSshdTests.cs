using RunCloud.Api;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Verification;

/// <summary>For any configuration of sshd: never Refused for a key that it would accept, never Accepted for one that it would not.</summary>
public sealed class RandomSshdTests
{
    private const int Servers = 16;

    private static readonly SshKeyKind[] Kinds = [SshKeyKind.Ed25519, SshKeyKind.Rsa2048, SshKeyKind.Ecdsa256, SshKeyKind.Ecdsa521, SshKeyKind.SkEd25519, SshKeyKind.SkEcdsa256, SshKeyKind.Dsa];

    // With each setting: whether it refuses every key.
    private static readonly (string Line, bool Shuts)[] Settings =
    [
        ("PermitRootLogin no", false), ("PermitRootLogin forced-commands-only", false), ("MaxAuthTries 2", false), ("MaxAuthTries 4", false), ("AllowUsers nobody", true),
        ("DenyUsers root", true), ("PubkeyAuthentication no", true), ("AuthorizedKeysFile none", true), ("ForceCommand /bin/false", false), ("LoginGraceTime 5", false),
        ("AuthenticationMethods publickey,publickey", false), ("Compression no", false), ("Banner /etc/passwd", false), ("PubkeyAuthOptions verify-required", false),
        ("PubkeyAcceptedAlgorithms ssh-ed25519", false), ("UseDNS no", false), ("KexAlgorithms curve25519-sha256", false), ("Ciphers aes128-ctr", false),
    ];

    // With each line's options: whether they exclude this machine.
    private static readonly (string Options, bool Shuts)[] Lines =
    [
        ("", false), ("restrict ", false), ("no-pty,command=\"/bin/true\" ", false), ("from=\"127.0.0.0/8\" ", false), ("from=\"10.0.0.0/8\" ", true),
        ("expiry-time=\"20200101\" ", true), ("expiry-time=\"20990101\" ", false), ("cert-authority ", true), ("environment=\"A=B\" ", false),
    ];

    [Fact]
    public async Task No_answer_is_ever_the_opposite_of_the_truth()
    {
        Sshd.Require();
        using var folder = new TemporaryFolder();
        var seed = Environment.TickCount;
        var answered = 0;
        for (var i = 0; i < Servers; i++)
        {
            answered += await AskOneAsync(new Random(unchecked(seed + i)), folder, $"seed {unchecked(seed + i)}");
        }

        Assert.True(answered > 0, $"Nothing was learned of {Servers} servers, seed {seed}.");
    }

    private static async Task<int> AskOneAsync(Random random, TemporaryFolder folder, string name)
    {
        var settings = Enumerable.Range(0, random.Next(4)).Select(_ => Settings[random.Next(Settings.Length)]).DistinctBy(setting => setting.Line.Split(' ')[0]).ToList();

        // An sshd does not start if it requires a method that it has switched off.
        _ = settings.Exists(setting => setting.Line == "PubkeyAuthentication no") ? settings.RemoveAll(setting => setting.Line.StartsWith("AuthenticationMethods", StringComparison.Ordinal)) : 0;
        var keys = Enumerable.Range(0, random.Next(1, 6)).Select(number => TestKeys.Line(Kinds[random.Next(Kinds.Length)], number)).ToList();
        var lines = keys.Where(_ => random.Next(2) == 0).ToDictionary(key => key, _ => Lines[random.Next(Lines.Length)], StringComparer.Ordinal);
        await using var server = await Sshd.StartAsync(
            one => one.Authorize("root", [.. lines.Select(line => line.Value.Options + line.Key)]), [.. settings.Select(setting => setting.Line)]);
        var probe = new SshProbe(new SshClient(SshClient.Find()!, Path.Combine(folder.Path, "known_hosts"), TimeSpan.FromSeconds(30)));
        var result = await probe.AskAsync(
            new SshDestination(server.Address, Sshd.Port, "root"), [.. keys.Select(SshPublicKey.Parse)], takesNewHost: true, TestContext.Current.CancellationToken);
        foreach (var (key, answer) in keys.Zip(result.Answers))
        {
            var isIn = lines.TryGetValue(key, out var line) && !line.Shuts && !settings.Exists(setting => setting.Shuts);
            var wrong = isIn ? SshKeyTestStatus.Refused : SshKeyTestStatus.Accepted;

            // The truth above does not cover key types that the server does not accept. There a refusal is right.
            var isKindTaken = !settings.Exists(setting => setting.Line.StartsWith("PubkeyAccepted", StringComparison.Ordinal) || setting.Line.StartsWith("PubkeyAuthOptions", StringComparison.Ordinal));
            Assert.True(answer.Status != wrong || (isIn && !isKindTaken), $"{name}: {string.Join("; ", settings)}: {line.Options}{key}: {answer}");
        }

        return result.Answers.Count(answer => answer.Status != SshKeyTestStatus.Unknown);
    }
}
