using System.Management.Automation;
using System.Text.Json;
using RunCloud.Api;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <content>Failures: servers, lists, keys and removals that fail or are not confirmed.</content>
public sealed partial class RevokeTests
{
    [Fact]
    public async Task A_server_that_goes_offline_during_the_run_is_unconfirmed()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Answering("goes offline", answer =>
        {
            world.Fleet.UpdateServer(102, server => server with { Online = false });
            return answer;
        }), method: "DELETE", path: "/servers/102/ssh/credentials/19");
        var result = await world.RunAsync(Job);
        Assert.Equal(["Removed", "Unconfirmed", "Clean"], result.OutputOf<SshKeyRevocation>().Select(account => account.Status));
        _ = Assert.Single(result.Errors).MustBe("RemovalUnconfirmed", ErrorCategory.InvalidResult);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(404)]
    public async Task A_server_whose_state_cannot_be_read_again_is_unconfirmed(int status)
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Status(status, "Resources not found."), method: "GET", path: "/servers/101");
        var result = await world.RunAsync("Get-RunCloudServer | " + Job);
        var account = result.OutputOf<SshKeyRevocation>()[0];
        Assert.Equal("Unconfirmed", account.Status);
        Assert.Contains("the server's state could not be read afterwards", account.Removals[0].Message, StringComparison.Ordinal);
        Assert.Equal(2, result.Errors.Count);
        Assert.All(result.Errors, error => error.MustBe("RemovalUnconfirmed", ErrorCategory.InvalidResult));
    }

    [Fact]
    public async Task Keys_of_users_outside_the_filter_need_not_be_comparable()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(101, "bob", "odd", TestKeys.Unparsable(1));
        var result = await world.MustAsync("Get-RunCloudServer -Id 101 | Revoke-RunCloudSshKey -Key $key -User root -Confirm:$false");
        var account = Assert.Single(result.OutputOf<SshKeyRevocation>());
        Assert.Equal(("Kept", "OtherUsers"), (account.Status, account.Reason));
        Assert.Contains("outside -User that could not be compared with the key: 1.", account.Message, StringComparison.Ordinal);
        Assert.Equal("Removed", Assert.Single(account.Removals).Status);
    }

    [Fact]
    public async Task A_key_that_somebody_else_removed_from_an_offline_server_is_unconfirmed()
    {
        await using var world = await StartAsync();
        world.Fleet.UpdateServer(102, server => server with { Online = false });
        _ = world.Faults.Add(Fault.Custom("another was first", exchange =>
        {
            _ = world.Fleet.RemoveCredential(102, 19);
            return exchange.SendAsync(exchange.Perform());
        }), method: "DELETE", path: "/servers/102/ssh/credentials/19");
        var result = await world.RunAsync(Job);
        Assert.Equal("Unconfirmed", result.OutputOf<SshKeyRevocation>()[1].Status);
        _ = Assert.Single(result.Errors).MustBe("RemovalUnconfirmed", ErrorCategory.InvalidResult);
    }

    [Fact]
    public async Task A_401_after_the_removals_keeps_the_results_and_the_advice()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Unauthorized, path: "/servers/*/ssh/sessions");
        var result = await world.MustAsync(Job + " -ThrottleLimit 1");
        Assert.Equal(3, result.Output.Count);
        Assert.Contains("SSH Key Vault", result.Warnings[^1], StringComparison.Ordinal);
        Assert.Contains("Servers that could not be inspected: 2 (web-01 (id 101): ", result.Warnings[^1], StringComparison.Ordinal);
        Assert.Contains("401", result.Warnings[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_cannot_be_read_is_failed_and_an_error_and_the_others_are_done()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Status(500), path: "/servers/102/ssh/credentials");
        var result = await world.RunAsync(Job);
        Assert.Equal(["Removed", "Failed", "Clean"], result.OutputOf<SshKeyRevocation>().Select(account => account.Status));
        Assert.Equal(102, Assert.IsType<Server>(Assert.Single(result.Errors).MustBe("ServerError", ErrorCategory.ResourceUnavailable).TargetObject).Id);
        Assert.False(result.LastSucceeded);
    }

    [Fact]
    public async Task A_cut_off_list_of_servers_is_an_error_and_the_listed_servers_are_done()
    {
        await using var world = await StartAsync(options: new SimulatorOptions { MaxPageSize = 2 });
        _ = world.Faults.Add(Fault.Status(500), path: "/servers", from: 2);
        using var folder = new TemporaryFolder();
        var result = await world.RunAsync(Job + $" -ReportPath '{folder.Path}/report.json'");
        Assert.Equal([101L, 102], result.OutputOf<SshKeyRevocation>().Select(account => account.ServerId));
        Assert.Equal(2, result.Errors.Count);
        Assert.All(result.Errors, error => error.MustBe("ServerError", ErrorCategory.ResourceUnavailable));
        Assert.False((await ReadAsync(folder)).GetProperty("complete").GetBoolean());
    }

    [Fact]
    public async Task A_list_of_servers_that_cannot_be_read_at_all_ends_it()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Status(500), path: "/servers");
        _ = (await world.ThrowsAsync(Job)).MustBe("ServerError", ErrorCategory.ResourceUnavailable);
    }

    [Fact]
    public async Task A_value_that_is_not_a_key_leaves_its_server_unconfirmed()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(103, "root", "odd", "ssh-rsa AAAAB3Nza...", id: 66);
        var result = await world.RunAsync(Job);
        Assert.Equal(["Removed", "Removed", "Unconfirmed"], result.OutputOf<SshKeyRevocation>().Select(account => account.Status));
        Assert.Equal(66, Assert.IsType<SshCredential>(Assert.Single(result.Errors).MustBe("SshCredentialNotComparable", ErrorCategory.InvalidData).TargetObject).Id);
    }

    [Fact]
    public async Task A_removal_on_an_offline_server_is_unconfirmed()
    {
        await using var world = await StartAsync();
        world.Fleet.UpdateServer(102, server => server with { Online = false });
        var result = await world.RunAsync(Job);
        Assert.Equal(["Removed", "Unconfirmed", "Clean"], result.OutputOf<SshKeyRevocation>().Select(account => account.Status));
        _ = Assert.Single(result.Errors).MustBe("RemovalUnconfirmed", ErrorCategory.InvalidResult);
    }

    [Fact]
    public async Task What_is_left_to_do_by_hand_is_said_where_nothing_is_confirmed_too()
    {
        await using var world = await StartAsync();
        world.Fleet.UpdateServer(102, server => server with { Online = false });
        var result = await world.RunAsync(Job + " -Server web-02");
        Assert.Equal("Unconfirmed", Assert.Single(result.OutputOf<SshKeyRevocation>()).Status);
        Assert.Contains("SSH Key Vault", result.Warnings[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_plan_says_what_was_read_in_part_and_what_was_not_listed()
    {
        await using var world = await StartAsync(options: new SimulatorOptions { MaxPageSize = 2 });
        _ = world.Faults.Add(Fault.Status(500), path: "/servers", from: 2);
        _ = world.Faults.Add(Fault.Status(500), path: "/servers/101/ssh/credentials", from: 2);
        _ = world.Fleet.AddCredential(102, "root", "broken", TestKeys.Unparsable(1), id: 66);
        var plan = (await world.RunAsync("Revoke-RunCloudSshKey -Key $key -WhatIf")).Screen;
        Assert.Contains("1 server read, and there are more that could not be listed", plan, StringComparison.Ordinal);
        Assert.Contains("Not read whole: web-01 (id 101)", plan, StringComparison.Ordinal);
        Assert.Contains("Not comparable: 'broken' of root (id 66", plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_offline_server_that_lists_no_copy_is_not_known_to_be_clean()
    {
        await using var world = await StartAsync();
        world.Fleet.UpdateServer(103, server => server with { Online = false });
        var result = await world.RunAsync(Job);
        var account = result.OutputOf<SshKeyRevocation>()[2];
        Assert.Equal(("Unconfirmed", "OfflineNotListed"), (account.Status, account.Reason));
        Assert.Contains("offline", account.Message, StringComparison.Ordinal);
        Assert.Equal(103, Assert.IsType<Server>(Assert.Single(result.Errors).MustBe("RemovalUnconfirmed", ErrorCategory.InvalidResult).TargetObject).Id);
    }

    [Fact]
    public async Task A_removal_that_was_only_pretended_once_is_repeated()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Pretended, method: "DELETE", path: "/servers/*/ssh/credentials/18", times: 1);
        Assert.Equal("Removed", (await world.MustAsync(Job)).OutputOf<SshKeyRevocation>()[0].Status);
        Assert.Equal(["eve", "eve", "eve"], world.Fleet.Snapshot().Credentials.Select(credential => credential.Label));
    }

    [Fact]
    public async Task A_removal_that_is_always_pretended_is_failed()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Pretended, method: "DELETE", path: "/servers/*/ssh/credentials/18");
        var result = await world.RunAsync(Job);
        Assert.Equal("Failed", result.OutputOf<SshKeyRevocation>()[0].Status);
        Assert.Equal(18, Assert.IsType<SshCredential>(Assert.Single(result.Errors).MustBe("RemovalFailed", ErrorCategory.InvalidResult).TargetObject).Id);
    }

    [Fact]
    public async Task A_key_that_comes_back_during_the_run_is_not_a_success()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Answering("comes back", answer =>
        {
            _ = world.Fleet.AddCredential(102, "deploy", "dave-again", World.Key(1), id: 77);
            return answer;
        }), method: "DELETE", path: "/servers/102/ssh/credentials/19");
        var result = await world.RunAsync(Job);
        Assert.Equal("Failed", result.OutputOf<SshKeyRevocation>()[1].Status);
        Assert.Equal(77, Assert.IsType<SshCredential>(Assert.Single(result.Errors).MustBe("RemovalFailed", ErrorCategory.InvalidResult).TargetObject).Id);
    }

    [Fact]
    public async Task After_a_401_nothing_more_is_sent_and_every_server_is_accounted_for()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Unauthorized, method: "DELETE", path: "/servers/101/ssh/credentials/18");
        _ = world.Faults.Add(Fault.Unauthorized, where: request => world.Requests.Changing.Count >= 2);
        using var folder = new TemporaryFolder();
        var result = await world.RunAsync($"$account = [Collections.Generic.List[object]]::new(); try {{ {Job} -ThrottleLimit 1 -ReportPath '{folder.Path}/report.json' | ForEach-Object {{ $account.Add($_) }} }} catch {{ $caught = $_ }}; $account; $caught");
        Assert.Equal("Unauthorized", Assert.IsType<ErrorRecord>(result.Output[^1].BaseObject).Id());
        Assert.Equal(
            [(101L, "Failed"), (102, "Failed"), (103, "Clean")],
            result.Output.SkipLast(1).Select(item => (SshKeyRevocation)item.BaseObject).Select(account => (account.ServerId, account.Status)));
        Assert.Equal(3, (await ReadAsync(folder)).GetProperty("servers").GetArrayLength());
        Assert.False((await ReadAsync(folder)).GetProperty("complete").GetBoolean());
        Assert.Equal(2, world.Requests.Changing.Count);
    }
}
