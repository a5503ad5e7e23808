using System.Management.Automation;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>Missing or contradicting information is never taken for a no. Found by the fault matrix and the model.</summary>
public sealed class UnsaidTests
{
    private const string List = "/servers/*/ssh/credentials";
    private const string Single = "/servers/*/ssh/credentials/*";

    private static Fault NoNames { get; } = Fault.Catalogue.Single(fault => fault.Name == "no user, no label, no name");

    [Theory]
    [InlineData("")]
    [InlineData(" -Verify")]
    public async Task A_404_to_the_reading_of_an_id_is_not_believed_where_the_list_has_it(string parameters)
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Status(404, "Resources not found."), "GET", Single);
        var result = await world.RunAsync($"Remove-RunCloudSshCredential -ServerId 101 -Id 17 -Confirm:$false -PassThru{parameters}");
        Assert.Equal("Failed", Assert.Single(result.OutputOf<SshCredentialRemoval>()).Status);
        Assert.Equal(17, Assert.IsType<SshCredential>(Assert.Single(result.Errors).MustBe("InvalidResponse", ErrorCategory.ProtocolError).TargetObject).Id);
        Assert.Empty(world.Requests.Changing);
    }

    [Fact]
    public async Task A_404_after_a_failure_does_not_count_as_our_removal()
    {
        await using var world = await World.StartAsync(Build, connect: "-MaximumRetryCount 1");
        _ = world.Faults.Add(Fault.Status(500), "GET", Single, times: 1);
        var result = await world.MustAsync("Remove-RunCloudSshCredential -ServerId 101 -Id 99 -Confirm:$false -PassThru");
        Assert.Equal("AlreadyAbsent", Assert.Single(result.OutputOf<SshCredentialRemoval>()).Status);
    }

    [Theory]
    [InlineData(true, "RemovalFailed", "Failed")]
    [InlineData(false, "RemovalUnconfirmed", "Unconfirmed")]
    public async Task A_key_that_comes_back_is_seen_where_lists_shorten_keys(bool readable, string id, string status)
    {
        await using var world = await World.StartAsync(Build, new SimulatorOptions { TruncatedKeys = TruncatedKeys.InLists });
        world.Shell.SetVariable("key", World.Key(1));
        _ = world.Faults.Add(Fault.ComesBack, "DELETE", times: 1);
        if (!readable)
        {
            // The three credentials of the plan are read individually first.
            _ = world.Faults.Add(Fault.Each("shortened", json => json["publicKey"] = "ssh-rsa AAAAB3..."), "GET", Single, from: 4);
        }

        var result = await world.RunAsync("Get-RunCloudServer web-01 | Revoke-RunCloudSshKey -Key $key -Confirm:$false");
        Assert.Equal(status, Assert.Single(result.OutputOf<SshKeyRevocation>()).Status);
        var back = Assert.Single(world.Fleet.Snapshot().CopiesOf(World.Key(1)), copy => copy.ServerId == 101);
        Assert.Equal(back.Id, Assert.IsType<SshCredential>(Assert.Single(result.Errors).MustBe(id, ErrorCategory.InvalidResult).TargetObject).Id);
    }

    [Theory]
    [InlineData("-User root -Key $key", 2)]
    [InlineData("-Label dave -Key $key", 2)]
    [InlineData("-User root", 3)]
    [InlineData("-User *", 0)]
    public async Task A_credential_without_a_user_is_an_error_where_users_matter(string parameters, int errors)
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(NoNames, "GET", List);
        var result = await world.RunAsync($"Get-RunCloudServer web-01 | Get-RunCloudSshCredential {parameters}");
        Assert.Equal(errors, result.Errors.Count);
        Assert.All(result.Errors, error => Assert.IsType<SshCredential>(error.MustBe("SshCredentialNotComparable", ErrorCategory.InvalidData).TargetObject));
    }

    [Fact]
    public async Task Values_missing_in_the_individual_answer_come_from_the_list()
    {
        await using var world = await World.StartAsync(Build, new SimulatorOptions { TruncatedKeys = TruncatedKeys.InLists });
        world.Shell.SetVariable("key", World.Key(1));
        _ = world.Faults.Add(NoNames, "GET", Single);
        var result = await world.MustAsync("Get-RunCloudServer web-01 | Get-RunCloudSshCredential -Key $key -User root");
        Assert.Equal(("root", "dave"), Assert.Single(result.OutputOf<SshCredential>()) is var one ? (one.User, one.Label) : default);
    }

    [Fact]
    public async Task A_key_without_a_user_is_not_revoked_when_users_are_given()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(NoNames, "GET", "/servers/101/ssh/credentials", times: 1);
        var result = await world.RunAsync("Revoke-RunCloudSshKey -Key $key -User root -Confirm:$false");
        Assert.Equal(["Unconfirmed", "Removed"], result.OutputOf<SshKeyRevocation>().Select(account => account.Status));
        Assert.Equal(2, result.Errors.Count(error => error.MustBe("SshCredentialNotComparable", ErrorCategory.InvalidData).TargetObject is SshCredential { ServerId: 101 }));
        Assert.DoesNotContain(world.Requests.Changing, request => request.Path.Contains("/101/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_last_key_without_a_user_is_kept()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(NoNames, "GET", List, times: 1);
        var result = await world.RunAsync("Get-RunCloudServer web-01 | Revoke-RunCloudSshKey -Key $key -SkipLastCredential -Confirm:$false");
        Assert.All(result.Errors, error => Assert.Contains("it is not known", error.MustBe("LastCredentialKept", ErrorCategory.InvalidOperation).ToString(), StringComparison.Ordinal));
        Assert.Equal(2, result.Errors.Count);
        Assert.Empty(world.Requests.Changing);
    }

    [Fact]
    public async Task A_server_without_a_name_is_an_error_where_names_are_asked_for()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Rewrite("no name", json => json["data"]![0]!.AsObject().Remove("name")), "GET", "/servers");
        var result = await world.RunAsync("Get-RunCloudServer -Name web*");
        Assert.Equal("web-02", Assert.Single(result.OutputOf<Server>()).Name);
        Assert.Equal(101, Assert.IsType<Server>(Assert.Single(result.Errors).MustBe("InvalidResponse", ErrorCategory.ProtocolError).TargetObject).Id);
        Assert.Equal(2, (await world.MustAsync("Get-RunCloudServer")).Output.Count);
    }

    [Fact]
    public async Task A_server_without_a_name_is_left_alone_where_some_are_to_be()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Rewrite("no name", json => json["data"]![0]!.AsObject().Remove("name")), "GET", "/servers");
        var result = await world.RunAsync("Revoke-RunCloudSshKey -Key $key -ExcludeServer db* -Confirm:$false");
        Assert.Equal(["Failed", "Removed"], result.OutputOf<SshKeyRevocation>().Select(account => account.Status));
        Assert.Equal(101, Assert.IsType<Server>(Assert.Single(result.Errors).MustBe("InvalidResponse", ErrorCategory.ProtocolError).TargetObject).Id);
        Assert.DoesNotContain(world.Requests.All, request => request.Path.Contains("/101/", StringComparison.Ordinal));
    }

    private static void Build(Fleet fleet)
    {
        _ = fleet.AddServer("web-01", id: 101);
        _ = fleet.AddServer("web-02", id: 102);
        _ = fleet.AddCredential(101, "root", "dave", World.Key(1), id: 17);
        _ = fleet.AddCredential(101, "runcloud", "dave-2", World.Key(1), id: 18);
        _ = fleet.AddCredential(101, "root", "eve", World.Key(2), id: 19);
        _ = fleet.AddCredential(102, "root", "dave", World.Key(1), id: 20);
        _ = fleet.AddCredential(102, "root", "eve", World.Key(2), id: 21);
    }

    private static async Task<World> StartAsync()
    {
        var world = await World.StartAsync(Build);
        world.Shell.SetVariable("key", World.Key(1));
        return world;
    }
}
