using System.Management.Automation;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>-Verify checks every removal against the server's list, read once more for each changed server.</summary>
public sealed class VerifyTests
{
    private const string Job = "Get-RunCloudServer | Get-RunCloudSshCredential -Label dave* | Remove-RunCloudSshCredential -Confirm:$false -PassThru -Verify";

    [Fact]
    public async Task One_list_and_one_state_more_are_read_for_each_touched_server_and_none_for_the_others()
    {
        await using var world = await StartAsync();
        var result = await world.MustAsync(Job);
        Assert.Equal([(17L, "Removed"), (18, "Removed"), (19, "Removed")], Account(result));
        Assert.Equal(1 + 3 + 3 + 2 + 2, world.Requests.Count);
        Assert.Equal(["eve", "eve", "eve"], world.Fleet.Snapshot().Credentials.Select(credential => credential.Label));
    }

    [Fact]
    public async Task A_removal_that_was_only_pretended_is_failed_and_an_error()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Pretended, method: "DELETE", path: "/servers/*/ssh/credentials/18");
        var result = await world.RunAsync(Job);
        Assert.Equal([(17L, "Removed"), (18, "Failed"), (19, "Removed")], Account(result));
        var error = Assert.Single(result.Errors).MustBe("RemovalFailed", ErrorCategory.InvalidResult);
        Assert.Equal(18, Assert.IsType<SshCredential>(error.TargetObject).Id);
        Assert.Contains("still lets its holder in", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.False(result.LastSucceeded);
    }

    [Fact]
    public async Task A_list_that_cannot_be_read_back_leaves_its_removals_unconfirmed_and_the_others_proven()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Status(500), path: "/servers/101/ssh/credentials", from: 2);
        var result = await world.RunAsync(Job);
        Assert.Equal(
            [(17L, "Unconfirmed"), (18, "Unconfirmed"), (19, "Removed")],
            Account(result).Order());
        Assert.Equal([17L, 18], result.Errors.Select(error => Assert.IsType<SshCredential>(error.MustBe("RemovalUnconfirmed", ErrorCategory.InvalidResult).TargetObject).Id).Order());
    }

    [Fact]
    public async Task A_removal_whose_answer_was_lost_is_settled_by_the_list()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.DropAfter, method: "DELETE", path: "/servers/*/ssh/credentials/17");
        _ = world.Faults.Add(Fault.Status(500), method: "GET", path: "/servers/*/ssh/credentials/17");
        Assert.Equal([(17L, "Removed"), (18, "Removed"), (19, "Removed")], Account(await world.MustAsync(Job)));
    }

    [Fact]
    public async Task A_credential_that_was_absent_is_checked_like_one_that_was_removed()
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync("$keys = Get-RunCloudServer | Get-RunCloudSshCredential -Label dave*");
        _ = world.Fleet.RemoveCredential(102, 19);
        _ = world.Faults.Add(Fault.Answering("goes offline", answer =>
        {
            world.Fleet.UpdateServer(102, server => server with { Online = false });
            return answer;
        }), path: "/servers/102/ssh/credentials/19");
        Assert.Equal(
            [(17L, "Removed"), (18, "Removed"), (19, "Unconfirmed")],
            Account(await world.RunAsync("$keys | Remove-RunCloudSshCredential -Confirm:$false -PassThru -Verify")).Order());
    }

    [Fact]
    public async Task WhatIf_reads_nothing_back()
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync(Job + " -WhatIf");
        Assert.Equal(1 + 3, world.Requests.Count);
    }

    [Fact(Timeout = 60_000)]
    public async Task Stopping_before_the_read_back_names_what_is_not_confirmed()
    {
        await using var world = await StartAsync();
        var hang = new Hang();
        _ = world.Faults.Add(Fault.HangBefore(hang), path: "/servers/*/ssh/credentials", from: 4);
        var run = world.Shell.Start(Job + " -ThrottleLimit 1");
        await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        await run.StopAsync();
        var result = await run.Completion;
        Assert.True(result.Stopped);
        Assert.All((int[])[17, 18, 19], id => Assert.Contains($"(id {id}, SHA256:", result.Screen, StringComparison.Ordinal));
    }

    private static (long Id, string Status)[] Account(ShellResult result) => [.. result.OutputOf<SshCredentialRemoval>().Select(removal => (removal.Id, removal.Status))];

    private static Task<World> StartAsync() => World.StartAsync(fleet =>
    {
        var first = fleet.AddServer("web-01", id: 101).Id;
        _ = fleet.AddCredential(first, "root", "dave", World.Key(1), id: 17);
        _ = fleet.AddCredential(first, "runcloud", "dave-2", World.Key(1), id: 18);
        _ = fleet.AddCredential(fleet.AddServer("web-02", id: 102).Id, "root", "dave", World.Key(1), id: 19);
        _ = fleet.AddServer("web-03", id: 103).Id;
        foreach (var server in (long[])[101, 102, 103])
        {
            _ = fleet.AddCredential(server, "root", "eve", World.Key(2), id: server);
        }
    });
}
