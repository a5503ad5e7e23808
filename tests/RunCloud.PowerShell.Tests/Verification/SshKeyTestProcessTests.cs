using System.Diagnostics;
using RunCloud.PowerShell.Tests.Hosting;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Verification;

/// <summary>What Test-RunCloudSshKey needs from its process, and what it leaves there.</summary>
[Collection(ProcessEnvironmentCollection.Name)]
public sealed class SshKeyTestProcessTests
{
    private const int Clients = 24;

    private static string Key { get; } = TestKeys.Line(SshKeyKind.Ed25519, 1, "dave");

    [Theory]
    [InlineData("Test-RunCloudSshKey", "InvalidPublicKey")]
    [InlineData("Test-RunCloudSshKey -Server web-1", "InvalidPublicKey")]
    [InlineData("Test-RunCloudSshKey SHA256:QRKKbTx7ZhPFrqvk8w4XYRr8ydQXzIU/Am//PP0Qdh8", "InvalidPublicKey")]
    [InlineData("'web-1' | Test-RunCloudSshKey", "InvalidPublicKey")]
    [InlineData("Test-RunCloudSshKey $keys -KnownHostsPath /no/such/folder/file", "InvalidPath")]
    [InlineData("$env:PATH = '/no/such/folder'; Test-RunCloudSshKey $keys", "OpenSshNotFound")]
    public async Task A_key_that_cannot_be_tested_is_an_error_before_any_request(string script, string id)
    {
        using var folder = new TemporaryFolder();
        await using var world = await SshKeyTestTests.WorldAsync([Sshd.NextAddress()], [Key], folder);
        var path = Environment.GetEnvironmentVariable("PATH");
        try
        {
            Assert.Equal(id, (await world.ThrowsOrFailsAsync("& { " + script + " }")).Id());
            Assert.Empty(world.Requests.All);
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Ctrl_c_ends_every_client_and_leaves_nothing_behind()
    {
        Sshd.Require();
        using var folder = new TemporaryFolder();

        // So many that waiting for them must block no thread.
        var servers = Enumerable.Range(0, Clients).Select(number => FakeServer.Waits(number % 2 == 0 ? string.Empty : "SSH-2.0-OpenSSH_9.2\r\n")).ToList();
        await using var world = await SshKeyTestTests.WorldAsync([.. servers.Select(server => server.Address)], [Key], folder);
        using var temporary = new EnvironmentVariables(("TMPDIR", folder.Path));
        var before = Directory.GetDirectories(folder.Path);
        var run = world.Shell.Start(SshKeyTestTests.Ask + " -TimeoutSec 300 -ThrottleLimit 64");
        await Task.WhenAll(servers.Select(server => server.Reached)).WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(before.Length + Clients, Directory.GetDirectories(folder.Path).Length);
        await run.StopAsync();
        Assert.Empty(ClientsOf([.. servers.Select(server => server.Address)]));
        Assert.Equal(before, Directory.GetDirectories(folder.Path));
        _ = await world.MustAsync("Get-RunCloudServer");
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public void Leftovers_of_a_killed_process_are_deleted_by_the_next_one()
    {
        using var temporary = new TemporaryFolder();
        using var variable = new EnvironmentVariables(("TMPDIR", temporary.Path));
        var dead = Directory.CreateDirectory(Path.Combine(temporary.Path, "rcssh-2147483646-left")).FullName;
        var alive = Directory.CreateDirectory(Path.Combine(temporary.Path, FormattableString.Invariant($"rcssh-{Environment.ProcessId}-mine"))).FullName;
        var others = Directory.CreateDirectory(Path.Combine(temporary.Path, "rcssh-other")).FullName;
        _ = Api.PrivateFolder.Sweep();
        Assert.Equal([alive, others], Directory.GetDirectories(temporary.Path).Order(StringComparer.Ordinal));
        Assert.False(Directory.Exists(dead));
    }

    [Fact]
    public void A_client_in_a_relative_folder_of_PATH_is_not_run()
    {
        Assert.SkipUnless(World.HasUnixFiles, "Windows has a client of its own.");
        using var folder = new TemporaryFolder();
        var client = Path.Combine(folder.Path, "ssh");
        File.WriteAllText(client, string.Empty);
        Assert.Equal(client, Find(folder.Path));
        Assert.Null(Find(Path.GetRelativePath(Environment.CurrentDirectory, folder.Path)));

        static string? Find(string path)
        {
            using var variable = new EnvironmentVariables(("PATH", path));
            return Api.SshClient.Find();
        }
    }

    [Fact]
    public async Task The_client_is_told_to_read_no_configuration_and_to_do_nothing_but_offer_keys()
    {
        Assert.SkipUnless(World.HasUnixFiles, "The client that tells its arguments is a shell script.");
        using var folder = new TemporaryFolder();
        var (client, arguments, variables) = (Path.Combine(folder.Path, "ssh"), Path.Combine(folder.Path, "arguments"), Path.Combine(folder.Path, "variables"));
        await File.WriteAllTextAsync(client, $"#!/bin/sh\nprintf '%s\\n' \"$@\" > '{arguments}'\n/usr/bin/env > '{variables}'\nexit 255\n", TestContext.Current.CancellationToken);
        if (World.HasUnixFiles)
        {
            File.SetUnixFileMode(client, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        using var environment = new EnvironmentVariables(("PATH", folder.Path), ("DISPLAY", ":0"), ("SSH_ASKPASS", "/bin/false"), ("SSH_SK_PROVIDER", "/bin/false"));
        var address = Sshd.NextAddress();
        await using var world = await SshKeyTestTests.WorldAsync([address], [Key], folder);
        Assert.Equal("Unknown", Assert.Single((await world.MustAsync(SshKeyTestTests.Ask + " -TimeoutSec 7")).OutputOf<SshKeyTest>()).Status);

        var given = await File.ReadAllLinesAsync(arguments, TestContext.Current.CancellationToken);
        Assert.Equal("-F none -v -E LOG -N -T", string.Join(' ', given[..7]).Replace(given[4], "LOG", StringComparison.Ordinal));
        Assert.Equal(["-l", "root", "-p", FormattableString.Invariant($"{Sshd.Port}"), "--", address], given[^6..]);
        Assert.Equal(
            [
                "AddKeysToAgent=no", "BatchMode=yes", "CanonicalizeHostname=no", "CertificateFile=none", "CheckHostIP=no", "ClearAllForwardings=yes", "ConnectTimeout=7", "ConnectionAttempts=1",
                "ControlMaster=no", "ControlPath=none", "FingerprintHash=sha256", "ForwardAgent=no", "ForwardX11=no", "HostbasedAuthentication=no", "IdentitiesOnly=no", "IdentityAgent=SSH_AUTH_SOCK",
                "IdentityFile=none", "KbdInteractiveAuthentication=no", "LogLevel=DEBUG1", "PasswordAuthentication=no", "PermitLocalCommand=no", "PreferredAuthentications=publickey", "ProxyCommand=none",
                "ProxyJump=none", "PubkeyAuthentication=yes", "StrictHostKeyChecking=accept-new", "UpdateHostKeys=no",
                $"UserKnownHostsFile=\"{Path.Combine(folder.Path, "known_hosts")}\" \"~/.ssh/known_hosts\" \"~/.ssh/known_hosts2\"", "VerifyHostKeyDNS=no",
            ],
            given[7..^6].Where((_, i) => i % 2 == 1).Order(StringComparer.Ordinal));
        Assert.All(given[7..^6].Where((_, i) => i % 2 == 0), option => Assert.Equal("-o", option));

        var set = await File.ReadAllLinesAsync(variables, TestContext.Current.CancellationToken);
        Assert.Contains("LC_ALL=C", set);
        Assert.Contains("SSH_ASKPASS_REQUIRE=never", set);
        Assert.Contains(set, line => line.StartsWith("SSH_AUTH_SOCK=/", StringComparison.Ordinal));
        Assert.DoesNotContain(set, line => line.StartsWith("DISPLAY=", StringComparison.Ordinal) || line.StartsWith("SSH_ASKPASS=", StringComparison.Ordinal) || line.StartsWith("SSH_SK_PROVIDER=", StringComparison.Ordinal));
    }

    [Fact]
    public void The_folder_of_a_probe_is_the_owner_s_alone_and_goes_with_it()
    {
        string path;
        using (var folder = new Api.PrivateFolder())
        {
            path = folder.Path;
            if (World.HasUnixFiles)
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
            }
        }

        Assert.False(Directory.Exists(path));
    }

    private static List<string> ClientsOf(params string[] addresses)
    {
        if (!Directory.Exists("/proc"))
        {
            return [];
        }

        var found = new List<string>();
        foreach (var process in Process.GetProcessesByName("ssh"))
        {
            try
            {
                var command = File.ReadAllText($"/proc/{process.Id}/cmdline");
                found.AddRange(addresses.Any(address => command.Contains(address, StringComparison.Ordinal)) ? [command] : []);
            }
            catch (IOException)
            {
                // It has ended in the meantime.
            }
        }

        return found;
    }
}
