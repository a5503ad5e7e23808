using System.Management.Automation;
using RunCloud.Simulator;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>Add- and Set- report a change only after it was read back.</summary>
public sealed class AddingTests
{
    private const string Add = "Add-RunCloudSshCredential -ServerId 101 -User root -Label new -PublicKey $key";

    [Fact]
    public async Task An_addition_is_read_back()
    {
        await using var world = await StartAsync();
        var added = Assert.Single((await world.MustAsync(Add + " -PassThru")).OutputOf<SshCredential>());
        Assert.Equal(Assert.Single(world.Fleet.Snapshot().Credentials, credential => credential.Label == "new").Id, added.Id);
        Assert.Equal(["POST /servers/101/ssh/credentials", "GET /servers/101/ssh/credentials"], Lines(world));
    }

    [Fact]
    public async Task An_addition_that_is_not_listed_is_an_error()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Pretended, method: "POST");
        var error = (await world.FailsAsync(Add + " -PassThru")).MustBe("AdditionUnconfirmed", ErrorCategory.InvalidResult);
        Assert.Contains("'new' of root on server 101", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_read_back_is_an_error()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Status(403), method: "GET");
        _ = (await world.FailsAsync(Add)).MustBe("AdditionUnconfirmed", ErrorCategory.InvalidResult);
        Assert.Contains(world.Fleet.Snapshot().Credentials, credential => credential.Label == "new");
    }

    [Fact]
    public async Task A_temporary_key_that_would_stay_is_an_error()
    {
        await using var world = await StartAsync(new SimulatorOptions { IgnoreTemporary = true });
        var error = (await world.FailsAsync(Add + " -Temporary -PassThru")).MustBe("TemporaryNotApplied", ErrorCategory.InvalidResult);
        Assert.Contains("will not remove it after 12 hours", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Remove-RunCloudSshCredential", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        _ = await world.MustAsync("Add-RunCloudSshCredential -ServerId 101 -User root -Label lasting -PublicKey $key");
    }

    [Fact]
    public async Task The_question_says_for_how_long_a_key_is_added()
    {
        await using var world = await StartAsync();
        const string Rehearsal = "Add-RunCloudSshCredential -ServerId 101 -User root -Label new -PublicKey $key -WhatIf";
        Assert.Contains("\"Add SSH credential for 12 hours\"", (await world.MustAsync(Rehearsal + " -Temporary")).Screen, StringComparison.Ordinal);
        Assert.Contains("\"Add SSH credential\"", (await world.MustAsync(Rehearsal)).Screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_temporary_key_without_confirmation_is_an_error()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Rewrite("no temporary", json => json.Remove("temporary")), path: "/servers/*/ssh/credentials/17");
        _ = (await world.FailsAsync("Add-RunCloudSshCredential -ServerId 101 -User root -Label dave -PublicKey $present -Temporary")).MustBe("TemporaryNotApplied", ErrorCategory.InvalidResult);
    }

    [Fact]
    public async Task The_same_user_label_and_key_is_there_already_and_no_error()
    {
        await using var world = await StartAsync();
        var there = Assert.Single((await world.MustAsync("Add-RunCloudSshCredential -ServerId 101 -User root -Label dave -PublicKey $present -PassThru")).OutputOf<SshCredential>());
        Assert.Equal(17, there.Id);
        foreach (var other in (string[])["-User runcloud -Label dave -PublicKey $present", "-User root -Label dave -PublicKey $key"])
        {
            _ = (await world.FailsAsync("Add-RunCloudSshCredential -ServerId 101 " + other)).MustBe("ValidationFailed", ErrorCategory.InvalidArgument);
        }

        Assert.Equal([17], world.Fleet.Snapshot().Credentials.Select(credential => credential.Id));
    }

    [Fact]
    public async Task A_temporary_key_does_not_replace_a_permanent_one()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(101, "root", "short", World.Key(3), temporary: true, id: 20);
        world.Shell.SetVariable("short", World.Key(3));
        var error = (await world.FailsAsync("Add-RunCloudSshCredential -ServerId 101 -User root -Label short -PublicKey $short")).MustBe("ValidationFailed", ErrorCategory.InvalidArgument);
        Assert.Contains("temporary", error.ToString(), StringComparison.Ordinal);
        _ = await world.MustAsync("Add-RunCloudSshCredential -ServerId 101 -User root -Label short -PublicKey $short -Temporary");
    }

    [Fact]
    public async Task Settings_that_are_answered_and_not_held_are_an_error()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Pretended, method: "PATCH");
        var error = (await world.FailsAsync("Set-RunCloudSshSetting -ServerId 101 -UseDns $true -Confirm:$false -PassThru")).MustBe("SettingNotApplied", ErrorCategory.InvalidResult);
        Assert.Contains("UseDns is False", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_that_cannot_be_read_back_are_an_error()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Status(403), method: "GET", path: "/servers/*/settings/ssh", from: 2);
        _ = (await world.FailsAsync("Set-RunCloudSshSetting -ServerId 101 -UseDns $true -Confirm:$false -PassThru")).MustBe("SettingNotApplied", ErrorCategory.InvalidResult);
    }

    private static string[] Lines(World world) => [.. world.Requests.All.Select(request => $"{request.Method} {request.Path["/api/v3".Length..]}")];

    private static async Task<World> StartAsync(SimulatorOptions? options = null)
    {
        var world = await World.StartAsync(fleet => fleet.AddCredential(fleet.AddServer("web-01", id: 101).Id, "root", "dave", World.Key(1), id: 17), options);
        world.Shell.SetVariable("present", World.Key(1));
        world.Shell.SetVariable("key", World.Key(9));
        return world;
    }
}
