using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using RunCloud.PowerShell.Tests.Hosting;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Verification;

/// <summary>What Test-RunCloudSshKey needs of the process that it runs in, and what it leaves there.</summary>
[Collection(ProcessEnvironmentCollection.Name)]
public sealed class SshKeyTestProcessTests
{
    private static string Key { get; } = TestKeys.Line(SshKeyKind.Ed25519, 1, "dave");

    [Theory]
    [InlineData("Test-RunCloudSshKey", "InvalidPublicKey")]
    [InlineData("Test-RunCloudSshKey -Server web-1", "InvalidPublicKey")]
    [InlineData("Test-RunCloudSshKey SHA256:QRKKbTx7ZhPFrqvk8w4XYRr8ydQXzIU/Am//PP0Qdh8", "InvalidPublicKey")]
    [InlineData("'web-1' | Test-RunCloudSshKey", "InvalidPublicKey")]
    [InlineData("Test-RunCloudSshKey $keys -KnownHostsPath /no/such/folder/file", "InvalidPath")]
    [InlineData("$env:PATH = '/no/such/folder'; Test-RunCloudSshKey $keys", "OpenSshNotFound")]
    public async Task What_cannot_be_asked_is_an_error_before_any_request(string script, string id)
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
        await using var first = FakeServer.Waits();
        await using var second = FakeServer.Waits("SSH-2.0-OpenSSH_9.2\r\n");
        await using var world = await SshKeyTestTests.WorldAsync([first.Address, second.Address], [Key], folder);
        using var temporary = new EnvironmentVariables(("TMPDIR", folder.Path));
        var before = Directory.GetDirectories(folder.Path);
        var run = world.Shell.Start(SshKeyTestTests.Ask + " -TimeoutSec 300");
        await Task.WhenAll(first.Reached, second.Reached).WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(before.Length + 2, Directory.GetDirectories(folder.Path).Length);
        var watch = Stopwatch.StartNew();
        await run.StopAsync();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"It took {watch.Elapsed}.");
        Assert.Empty(ClientsOf(first.Address, second.Address));
        Assert.Equal(before, Directory.GetDirectories(folder.Path));
        _ = await world.MustAsync("Get-RunCloudServer");
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
                // It has ended meanwhile.
            }
        }

        return found;
    }
}
