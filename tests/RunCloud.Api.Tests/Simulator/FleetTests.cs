using System.Diagnostics;
using RunCloud.Simulator;
using Xunit;

namespace RunCloud.SimulatorTests;

public sealed class FleetTests
{
    // Every key on nistp256 begins with its type's name and the encoded lengths and names, which fill so many characters of a line.
    private const int SharedPrefix = 50;

    [Fact]
    public void The_same_seed_makes_the_same_fleet_and_another_seed_another()
    {
        var first = Fleet.Generate(new SimulatorOptions { Seed = 7 });
        var again = Fleet.Generate(new SimulatorOptions { Seed = 7 });
        var other = Fleet.Generate(new SimulatorOptions { Seed = 8 });

        Assert.Equal(Lines(first), Lines(again));
        Assert.Equal(first.LeakedKey, again.LeakedKey);
        Assert.NotEqual(first.LeakedKey, other.LeakedKey);
        Assert.Empty(Keys(first).Intersect(Keys(other), StringComparer.Ordinal));
    }

    [Fact]
    public void A_seed_means_the_same_on_every_machine() => Assert.Equal(
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBPyQfaZMthDL0svQFdPeQd8gglGRmPLpy3O5u8xxoRA7IR0x/NJMM34u7+oybw3MlXGC54rpEmjdjx0vI6lKhuY= dave@laptop",
        Fleet.Generate(new SimulatorOptions { Seed = 1, Servers = 0, OfflineServers = 0 }).LeakedKey);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(31337)]
    public void A_fleet_has_every_problem_of_a_real_one(long seed)
    {
        var options = new SimulatorOptions { Seed = seed };
        var fleet = Fleet.Generate(options);
        var snapshot = fleet.Snapshot();
        var copies = snapshot.CopiesOf(fleet.LeakedKey!);

        Assert.Equal(options.Servers, snapshot.Servers.Length);
        Assert.Equal(options.Servers, snapshot.Servers.Select(server => server.Id).Distinct().Count());
        Assert.Equal(options.Servers, snapshot.Servers.Select(server => server.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(options.OfflineServers, snapshot.Servers.Count(server => !server.Online));
        Assert.Contains(snapshot.Servers, server => !server.Connected);
        Assert.Contains(snapshot.CredentialsByServer.Values, credentials => credentials.Length > 40);
        Assert.All(snapshot.CredentialsByServer.Values, credentials => Assert.Distinct(credentials.Select(credential => credential.Label), StringComparer.OrdinalIgnoreCase));
        Assert.Distinct(snapshot.Credentials.Select(credential => credential.Id));
        Assert.All(snapshot.Credentials, credential => Assert.Matches("^[A-Za-z0-9_-]+$", credential.Label));

        Assert.InRange(copies.Select(copy => copy.ServerId).Distinct().Count(), 15, 44);
        Assert.Contains(copies.GroupBy(copy => copy.ServerId), server => server.Count() > 1);
        Assert.True(copies.Select(copy => copy.User).Distinct(StringComparer.Ordinal).Count() > 2);
        Assert.True(copies.Select(copy => copy.Label).Distinct(StringComparer.Ordinal).Count() > 2);
        Assert.All(copies, copy => Assert.EndsWith("dave@laptop", copy.PublicKey, StringComparison.Ordinal));
        Assert.Equal(copies.Count, snapshot.Credentials.Count(credential => credential.PublicKey.EndsWith("dave@laptop", StringComparison.Ordinal)));

        var prefix = fleet.LeakedKey![..SharedPrefix];
        Assert.True(snapshot.Credentials.Count(credential => credential.PublicKey.StartsWith(prefix, StringComparison.Ordinal)) > 2 * copies.Count);
        Assert.True(snapshot.Credentials.Select(credential => credential.PublicKey.Split(' ')[0]).Distinct(StringComparer.Ordinal).Count() >= 6);
        Assert.Contains(snapshot.Credentials, credential => credential.Temporary);
        Assert.All(
            snapshot.Servers,
            server => Assert.Subset(
                fleet.GetUsers(server.Id).Select(user => user.Username).ToHashSet(StringComparer.Ordinal),
                snapshot.CredentialsByServer[server.Id].Select(credential => credential.User).ToHashSet(StringComparer.Ordinal)));
    }

    [Fact]
    public void Counts_are_kept_exactly()
    {
        var snapshot = Fleet.Generate(new SimulatorOptions { Servers = 10, KeysPerServer = 5, OfflineServers = 0, UnparsableKeys = 2 }).Snapshot();

        Assert.Equal(10, snapshot.Servers.Length);
        Assert.All(snapshot.CredentialsByServer.Values, credentials => Assert.Equal(5, credentials.Length));
        Assert.All(snapshot.Servers, server => Assert.True(server is { Online: true, Connected: true }));
        Assert.Equal(2, snapshot.Credentials.Count(credential => Enumerable.Range(0, 2).Any(seed => credential.PublicKey == TestKeys.Unparsable(seed))));
    }

    [Fact]
    public void Counts_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Fleet.Generate(new SimulatorOptions { Servers = -1, OfflineServers = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Fleet.Generate(new SimulatorOptions { Servers = 1, OfflineServers = 2 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Fleet.Generate(new SimulatorOptions { KeysPerServer = -1 }));
    }

    [Fact]
    public void Disguised_copies_are_recognised_by_their_body_alone()
    {
        var fleet = Fleet.Generate(new SimulatorOptions { DisguisedCopies = true, AcceptKeyOptions = true });
        var snapshot = fleet.Snapshot();
        var copies = snapshot.CopiesOf(fleet.LeakedKey!);

        Assert.Contains(copies, copy => !copy.PublicKey.Contains("dave@laptop", StringComparison.Ordinal));
        Assert.Contains(copies, copy => copy.PublicKey.StartsWith("no-agent-forwarding,", StringComparison.Ordinal));
        Assert.Contains(
            snapshot.Credentials.Except(copies),
            credential => credential.PublicKey.EndsWith("dave@laptop", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_generated_fleet_has_only_what_the_simulator_would_accept(bool acceptsOptions)
    {
        var fleet = Fleet.Generate(new SimulatorOptions { DisguisedCopies = true, UnparsableKeys = 0, AcceptKeyOptions = acceptsOptions });
        Assert.Equal(acceptsOptions, fleet.Snapshot().Credentials.Any(credential => !credential.PublicKey.TrimStart().StartsWith("ssh-", StringComparison.Ordinal)
            && !credential.PublicKey.TrimStart().StartsWith("ecdsa-", StringComparison.Ordinal) && !credential.PublicKey.TrimStart().StartsWith("sk-", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_fleet_made_by_hand_has_what_was_put_in()
    {
        var fleet = new Fleet();
        var server = fleet.AddServer("web-01", online: false);
        var added = fleet.AddCredential(server.Id, "deploy", "dave", "ssh-rsa x", temporary: true);
        var before = fleet.Snapshot();

        Assert.Throws<ArgumentException>(() => fleet.AddServer("again", id: server.Id));
        Assert.Throws<ArgumentException>(() => fleet.AddCredential(server.Id + 1, "root", "dave", "x"));
        Assert.Throws<ArgumentException>(() => fleet.AddCredential(server.Id, "root", "dave", "x", id: added.Id));
        Assert.Throws<ArgumentException>(() => fleet.AddUser(server.Id, "deploy"));
        Assert.Equal(["runcloud", "root", "deploy"], fleet.GetUsers(server.Id).Select(user => user.Username));
        Assert.True(fleet.RemoveCredential(server.Id, added.Id));
        Assert.False(fleet.RemoveCredential(server.Id, added.Id));
        fleet.UpdateServer(server.Id, old => old with { Name = "web-02", Id = 99 });

        Assert.Equal([added], before.Credentials);
        Assert.Equal("web-01", Assert.Single(before.Servers).Name);
        Assert.Equal((server.Id, "web-02"), (Assert.Single(fleet.Snapshot().Servers).Id, fleet.Snapshot().Servers[0].Name));
        Assert.True(fleet.RemoveServer(server.Id));
        Assert.False(fleet.RemoveServer(server.Id));
        Assert.Empty(fleet.Snapshot().Servers);
    }

    [Fact]
    public async Task Ssh_keygen_accepts_every_kind_of_key()
    {
        var kinds = Enum.GetValues<SshKeyKind>();
        var expected = new[]
        {
            "2048 RSA", "3072 RSA", "4096 RSA", "1024 DSA", "256 ECDSA", "384 ECDSA", "521 ECDSA", "256 ED25519",
            "256 ECDSA-SK", "256 ED25519-SK", "2048 RSA-CERT", "256 ECDSA-CERT", "256 ED25519-CERT",
        };
        var seeds = new[] { 0L, 1, -5, long.MaxValue };
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(
                path,
                kinds.SelectMany(_ => seeds, (kind, seed) => TestKeys.Line(kind, seed, "who@where")),
                TestContext.Current.CancellationToken);
            var lines = await SshKeygenAsync("-lf", path);

            Assert.Equal(
                expected.SelectMany(_ => seeds, (words, _) => words),
                lines.Select(line => line.Split(' ')).Select(words => $"{words[0]} {words[3].Trim('(', ')')}"));
            Assert.Distinct(lines.Select(line => line.Split(' ')[1]), StringComparer.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_line_is_type_body_and_comment()
    {
        var parts = TestKeys.Line(SshKeyKind.SkEd25519, 3, "two words").Split(' ', 3);

        Assert.Equal("sk-ssh-ed25519@openssh.com", parts[0]);
        Assert.Equal(TestKeys.Blob(SshKeyKind.SkEd25519, 3), Convert.FromBase64String(parts[1]));
        Assert.Equal("two words", parts[2]);
        Assert.Equal(2, TestKeys.Line(SshKeyKind.SkEd25519, 3).Split(' ').Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => TestKeys.Line((SshKeyKind)99, 1));
    }

    [Fact]
    public void Unreadable_keys_come_in_several_forms()
    {
        var broken = Enumerable.Range(0, 5).Select(seed => TestKeys.Unparsable(seed)).ToArray();

        Assert.Distinct(broken, StringComparer.Ordinal);
        Assert.EndsWith("...", broken[0], StringComparison.Ordinal);
        Assert.Contains(string.Empty, broken, StringComparer.Ordinal);
    }

    [Fact]
    public void A_workspace_can_be_reset_and_used_again()
    {
        var fleet = Fleet.Generate(new SimulatorOptions { Servers = 5 });
        var before = Lines(fleet).ToArray();
        var snapshot = fleet.Snapshot();
        var first = snapshot.Servers[0].Id;

        var added = Change();
        Assert.NotEqual(before, Lines(fleet));
        fleet.Restore(snapshot);
        Assert.Equal(before, Lines(fleet));
        Assert.Equal(added, Change());
        Assert.Equal(before, Lines(Copy()));

        (long, long) Change()
        {
            fleet.RemoveServer(snapshot.Servers[1].Id);
            fleet.RemoveCredential(first, snapshot.CredentialsByServer[first][0].Id);
            fleet.MoveFirstCredentialToEnd(first);
            return (fleet.AddServer("new").Id, fleet.AddCredential(first, "eve", "new", "no key").Id);
        }

        Fleet Copy()
        {
            var copy = new Fleet();
            copy.Restore(snapshot);
            return copy;
        }
    }

    private static IEnumerable<string> Keys(Fleet fleet) => fleet.Snapshot().Credentials
        .Select(credential => credential.PublicKey)
        .Except(Enumerable.Range(0, 3).Select(seed => TestKeys.Unparsable(seed)), StringComparer.Ordinal);

    private static IEnumerable<string> Lines(Fleet fleet)
    {
        var snapshot = fleet.Snapshot();
        return snapshot.Servers.Select(server => server.ToString())
            .Concat(snapshot.Credentials.Select(credential => credential.ToString()))
            .Concat(snapshot.Servers.SelectMany(server => fleet.GetUsers(server.Id)).Select(user => user.ToString()))
            .Concat(snapshot.Servers.Select(server => fleet.GetSettings(server.Id).ToString()));
    }

    private static async Task<string[]> SshKeygenAsync(params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("ssh-keygen", arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("There is no ssh-keygen on this machine.");
            throw;
        }
    }
}
