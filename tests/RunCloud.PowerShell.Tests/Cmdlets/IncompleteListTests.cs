using System.Management.Automation;
using System.Net;
using RunCloud.Simulator;
using Xunit;
using static RunCloud.PowerShell.Tests.World;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>Handling of a list that could not be read completely, and of a proxy.</summary>
public sealed class IncompleteListTests
{
    [Fact]
    public async Task Rows_of_a_list_with_a_wrong_count_come_before_the_error()
    {
        await using var world = await StartAsync(Build);
        _ = world.Faults.Add(Fault.TotalOff(1), path: "/servers/101/ssh/credentials");

        var result = await world.RunAsync("Get-RunCloudSshCredential -ServerId 101");

        Assert.NotEmpty(result.OutputOf<SshCredential>());
        var error = Assert.Single(result.Errors).MustBe("IncompleteList", ErrorCategory.InvalidResult);
        Assert.Contains("count does not match", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_visible_key_on_an_incomplete_list_is_removed_and_its_server_fails()
    {
        await using var world = await StartAsync(Build);
        var before = Keys(world);
        _ = world.Faults.Add(Fault.TotalOff(1), path: "/servers/101/ssh/credentials");
        world.Shell.SetVariable("key", Key(1));

        var result = await world.RunAsync("Revoke-RunCloudSshKey $key -Confirm:$false -WarningAction SilentlyContinue");

        var row = Assert.Single(result.OutputOf<SshKeyRevocation>(), row => row.ServerId == 101);
        Assert.Equal("Failed", row.Status);
        Assert.Contains("count does not match", row.Message, StringComparison.Ordinal);
        Assert.NotEmpty(row.Removals);
        Assert.True(Keys(world) < before);
        Assert.Contains(result.Errors, error => error.FullyQualifiedErrorId.StartsWith("IncompleteList", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("-Proxy http://a:b@proxy.example.test -ProxyUseDefaultCredentials")]
    [InlineData("-Proxy http://proxy.example.test -ProxyCredential $credential -ProxyUseDefaultCredentials")]
    [InlineData("-Proxy http://a:b@proxy.example.test -ProxyCredential $credential")]
    public async Task Several_credentials_for_one_proxy_are_refused_unsent(string parameters)
    {
        await using var world = await StartAsync(Build, connect: null);
        world.Shell.SetVariable("credential", new PSCredential("dave", new NetworkCredential(string.Empty, "secret").SecurePassword));

        var error = (await world.ThrowsAsync($"Connect-RunCloud -Token $token -Endpoint $endpoint {parameters}")).MustBe("InvalidProxy", ErrorCategory.InvalidArgument);

        Assert.DoesNotContain("a:b", error.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(world.Requests.All);
    }

    private static int Keys(World world) => world.Fleet.Snapshot().CredentialsByServer[101].Count(credential => credential.Label == "dave");

    private static void Build(Fleet fleet)
    {
        for (var id = 101; id <= 102; id++)
        {
            fleet.AddServer($"web-{id}", id: id);
            fleet.AddCredential(id, "root", "dave", Key(1));
            fleet.AddCredential(id, "root", "erin", Key(2));
        }
    }
}
