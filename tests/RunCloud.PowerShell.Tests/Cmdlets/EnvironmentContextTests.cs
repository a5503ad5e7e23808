using System.Management.Automation;
using System.Security;
using RunCloud.PowerShell.Tests.Hosting;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>The workspace of the environment's token.</summary>
[Collection(ProcessEnvironmentCollection.Name)]
public sealed class EnvironmentContextTests
{
    private const string TokenVariable = "RUNCLOUD_API_TOKEN";
    private const string EndpointVariable = "RUNCLOUD_API_ENDPOINT";

    [Theory]
    [InlineData("Get-RunCloudServer | Get-RunCloudSshCredential | Remove-RunCloudSshCredential -Confirm:$false")]
    [InlineData("Get-RunCloudServer -Context environment | Get-RunCloudSshCredential -Context Environment | Remove-RunCloudSshCredential -Context ENVIRONMENT -Confirm:$false")]
    [InlineData("Connect-RunCloud; Get-RunCloudServer | Get-RunCloudSshCredential | Remove-RunCloudSshCredential -Confirm:$false")]
    public async Task Everything_works_without_connecting_by_hand(string script)
    {
        await using var world = await StartAsync(ShellMode.NonInteractive);
        using (new EnvironmentVariables((TokenVariable, $" {world.Api.Token}\n"), (EndpointVariable, world.Api.Endpoint.OriginalString)))
        {
            _ = await world.MustAsync(script);
            Assert.Empty(world.Fleet.Snapshot().Credentials);
            Assert.All(world.Requests.All, request => Assert.Equal(RequestAuthorization.Right, request.Authorization));
        }
    }

    [Fact]
    public async Task The_context_lasts_as_long_as_the_variables_and_ends_with_them()
    {
        await using var world = await StartAsync();
        using (new EnvironmentVariables((TokenVariable, world.Api.Token), (EndpointVariable, world.Api.Endpoint.OriginalString)))
        {
            Assert.Empty((await world.MustAsync("Get-RunCloudContext")).Output);
            var contexts = (await world.MustAsync("$null = Get-RunCloudServer; Get-RunCloudContext; $null = Get-RunCloudServer; Get-RunCloudContext")).OutputOf<Context>();
            Assert.Equal("environment", contexts[0].Name);
            Assert.Same(contexts[0], contexts[1]);
        }

        using (new EnvironmentVariables((TokenVariable, null), (EndpointVariable, null)))
        {
            world.Requests.Clear();
            _ = (await world.ThrowsAsync("Get-RunCloudServer")).MustBe("NotConnected", ErrorCategory.ConnectionError);
            _ = (await world.ThrowsAsync("Get-RunCloudServer -Context environment")).MustBe("NotConnected", ErrorCategory.ConnectionError);
            Assert.Empty(world.Requests.All);
        }
    }

    [Theory]
    [InlineData("wrong", "Unauthorized")]
    [InlineData(null, "NotConnected")]
    public async Task A_failed_connection_with_the_environments_token_leaves_no_current_context(string? token, string id)
    {
        await using var world = await StartAsync(ShellMode.NonInteractive);
        _ = await world.MustAsync("Connect-RunCloud $token -Endpoint $endpoint -Name main");
        using (new EnvironmentVariables((TokenVariable, token), (EndpointVariable, world.Api.Endpoint.OriginalString)))
        {
            Assert.Equal(id, (await world.ThrowsAsync("Connect-RunCloud")).Id());
            world.Requests.Clear();
            _ = (await world.ThrowsAsync("Remove-RunCloudSshCredential -ServerId 101 -Id 17 -Confirm:$false")).MustBe("NotConnected", ErrorCategory.ConnectionError);
            Assert.Empty(world.Requests.All);
        }
    }

    [Fact]
    public async Task Another_token_or_endpoint_is_another_context()
    {
        await using var world = await StartAsync();
        await using var other = await World.StartAsync(fleet => fleet.AddServer("other"), new SimulatorOptions { Seed = 2 }, connect: null);
        using (new EnvironmentVariables((TokenVariable, world.Api.Token), (EndpointVariable, world.Api.Endpoint.OriginalString)))
        {
            _ = await world.MustAsync("Get-RunCloudServer");
            using (new EnvironmentVariables((TokenVariable, other.Api.Token), (EndpointVariable, other.Api.Endpoint.OriginalString)))
            {
                Assert.Equal("other", Assert.Single((await world.MustAsync("Get-RunCloudServer")).OutputOf<Server>()).Name);
            }

            Assert.Equal("web-01", Assert.Single((await world.MustAsync("Get-RunCloudServer")).OutputOf<Server>()).Name);
        }
    }

    [Fact]
    public async Task Another_endpoint_is_another_context_though_the_token_is_the_same()
    {
        await using var world = await StartAsync();
        await using var other = await World.StartAsync(fleet => fleet.AddServer("other"), new SimulatorOptions { Token = world.Api.Token }, connect: null);
        foreach (var (api, name) in new[] { (world.Api, "web-01"), (other.Api, "other"), (world.Api, "web-01") })
        {
            using var variables = new EnvironmentVariables((TokenVariable, api.Token), (EndpointVariable, api.Endpoint.OriginalString));
            Assert.Equal(name, Assert.Single((await world.MustAsync("Get-RunCloudServer")).OutputOf<Server>()).Name);
        }
    }

    [Fact]
    public async Task A_connection_takes_precedence_and_disconnecting_it_leaves_none()
    {
        await using var world = await StartAsync();
        await using var other = await World.StartAsync(fleet => fleet.AddServer("other"), new SimulatorOptions { Seed = 2 }, connect: null);
        using (new EnvironmentVariables((TokenVariable, other.Api.Token), (EndpointVariable, other.Api.Endpoint.OriginalString)))
        {
            _ = await world.MustAsync("Connect-RunCloud $token -Endpoint $endpoint");
            Assert.Equal("web-01", Assert.Single((await world.MustAsync("Get-RunCloudServer")).OutputOf<Server>()).Name);
            Assert.Equal("other", Assert.Single((await world.MustAsync("Get-RunCloudServer -Context environment")).OutputOf<Server>()).Name);
            other.Requests.Clear();
            _ = (await world.ThrowsAsync("Disconnect-RunCloud; Get-RunCloudServer")).MustBe("NotConnected", ErrorCategory.ConnectionError);
            Assert.Empty(other.Requests.All);
            Assert.Equal("other", Assert.Single((await world.MustAsync("Select-RunCloudContext environment; Get-RunCloudServer")).OutputOf<Server>()).Name);
            _ = (await world.ThrowsAsync("Connect-RunCloud 'typed' -Endpoint $endpoint")).Id();
            _ = (await world.ThrowsAsync("Get-RunCloudServer")).MustBe("NotConnected", ErrorCategory.ConnectionError);
        }
    }

    [Theory]
    [InlineData("Connect-RunCloud $token -Endpoint $endpoint; Disconnect-RunCloud default")]
    [InlineData("Connect-RunCloud $token -Endpoint $endpoint; Disconnect-RunCloud d*")]
    [InlineData("$null = Get-RunCloudServer; Disconnect-RunCloud environment")]
    [InlineData("Disconnect-RunCloud")]
    public async Task What_was_disconnected_is_not_followed_by_the_environment(string script)
    {
        await using var world = await StartAsync();
        await using var other = await World.StartAsync(fleet => fleet.AddServer("other"), new SimulatorOptions { Seed = 2 }, connect: null);
        using (new EnvironmentVariables((TokenVariable, other.Api.Token), (EndpointVariable, other.Api.Endpoint.OriginalString)))
        {
            _ = await world.MustAsync(script);
            other.Requests.Clear();
            _ = (await world.ThrowsAsync("Get-RunCloudServer")).MustBe("NotConnected", ErrorCategory.ConnectionError);
            Assert.Empty(other.Requests.All);
        }
    }

    [Theory]
    [InlineData("http://manage.example.test/api/v3", "InsecureEndpoint")]
    [InlineData("not an address", "InvalidEndpoint")]
    public async Task An_endpoint_of_the_environment_that_will_not_do_is_an_error(string endpoint, string id)
    {
        await using var world = await StartAsync();
        using (new EnvironmentVariables((TokenVariable, world.Api.Token), (EndpointVariable, endpoint)))
        {
            Assert.Equal(id, (await world.ThrowsAsync("Get-RunCloudServer")).Id());
            Assert.Equal(id, (await world.ThrowsAsync("Connect-RunCloud $token")).Id());
        }
    }

    [Fact]
    public async Task A_token_of_the_environment_that_cannot_be_one_is_an_error_that_does_not_show_it()
    {
        await using var world = await StartAsync();
        using (new EnvironmentVariables((TokenVariable, "se cret"), (EndpointVariable, world.Api.Endpoint.OriginalString)))
        {
            var error = (await world.ThrowsAsync("Get-RunCloudServer")).MustBe("InvalidToken", ErrorCategory.InvalidArgument);
            Assert.DoesNotContain("se cret", error.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Two_runspaces_with_the_same_environment_have_a_context_each()
    {
        await using var world = await StartAsync();
        using var shell = new Shell();
        using (new EnvironmentVariables((TokenVariable, world.Api.Token), (EndpointVariable, world.Api.Endpoint.OriginalString)))
        {
            var one = (await world.MustAsync("$null = Get-RunCloudServer; Get-RunCloudContext")).OutputOf<Context>().Single();
            var other = (await shell.RunAsync("$null = Get-RunCloudServer; Get-RunCloudContext", TestContext.Current.CancellationToken)).OutputOf<Context>().Single();
            Assert.NotSame(one, other);
        }
    }

    private static Task<World> StartAsync(ShellMode mode = ShellMode.Scripted) => World.StartAsync(
        fleet => fleet.AddCredential(fleet.AddServer("web-01", id: 101).Id, "root", "dave", World.Key(1), id: 17),
        shell: new ShellOptions { Mode = mode },
        connect: null);
}
