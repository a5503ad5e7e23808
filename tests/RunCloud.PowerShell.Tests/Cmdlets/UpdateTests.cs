using System.Globalization;
using System.Management.Automation;
using RunCloud.Api;
using RunCloud.Simulator;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>Update-RunCloudSshKey: the new key is added and confirmed before the old one is removed.</summary>
public sealed class UpdateTests
{
    private const string Job = "Update-RunCloudSshKey -Key $key -NewPublicKey $new -Confirm:$false";

    private static string[] Everything(World world) => [.. world.Fleet.Snapshot().Credentials
        .Select(credential => $"{credential.ServerId} {credential.User} {credential.Label} {(credential.PublicKey.StartsWith(World.Key(1)[..120], StringComparison.Ordinal) ? "old" : credential.PublicKey.StartsWith(World.Key(9)[..120], StringComparison.Ordinal) ? "new" : "other")}")
        .Order(StringComparer.Ordinal)];

    [Fact]
    public async Task Each_user_with_the_old_key_has_the_new_one_and_no_other_key_is_touched()
    {
        await using var world = await StartAsync();
        var result = await world.MustAsync(Job);
        Assert.Equal(Rotated, Everything(world));
        Assert.Equal(
            [(101L, "Removed", 3, 2), (102, "Removed", 1, 1), (103, "Clean", 0, 0)],
            result.OutputOf<SshKeyRevocation>().Select(account => (account.ServerId, account.Status, account.Removals.Length, account.Additions.Length)));
    }

    [Fact]
    public async Task What_is_left_to_do_is_said_too_where_only_the_new_key_came()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.NotDone(403), method: "DELETE");
        var result = await world.RunAsync(Job);
        Assert.Contains(result.Warnings, warning => warning.StartsWith("Left to do by hand", StringComparison.Ordinal));
        Assert.Contains(world.Requests.All, request => request.Matches("/servers/101/ssh/sessions"));
    }

    [Fact]
    public async Task Nothing_is_removed_before_its_successor_was_read_back()
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync(Job + " -ThrottleLimit 1");
        Assert.Equal(
            ["GET list", "GET 17", "POST", "GET 20", "POST", "GET list", "DELETE 17", "DELETE 18", "DELETE 20", "GET list"],
            world.Requests.All.Where(request => request.Path.Contains("/101/ssh/credentials", StringComparison.Ordinal)).Select(request =>
                request.Method == "POST" ? "POST" : $"{request.Method} {(request.Path.EndsWith("credentials", StringComparison.Ordinal) ? "list" : request.Path.Split('/')[^1])}"));
    }

#if !DESKTOP // It takes longer than all the others that are run with the assemblies of Windows PowerShell.
    [Fact]
    public async Task A_second_run_after_an_interrupted_one_ends_in_the_same_state()
    {
        await using var measured = await StartAsync();
        _ = await measured.MustAsync(Job + " -ThrottleLimit 1");
        foreach (var cut in Testing.Sample.Of([.. Enumerable.Range(0, measured.Requests.Changing.Count)], 3))
        {
            // From here on the API does nothing, as if the command had been killed.
            await using var world = await StartAsync();
            var rule = world.Faults.Add(Fault.Status(500), where: request => request.IsChanging && world.Requests.Changing.Count > cut);
            _ = await world.RunAsync(Job + " -ThrottleLimit 1");
            _ = world.Faults.Remove(rule);
            _ = await world.MustAsync(Job);
            Assert.Equal(Rotated, Everything(world));
        }
    }
#endif

    [Fact]
    public async Task If_the_addition_fails_the_old_key_stays_and_is_an_error()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Status(422, "The public key is not allowed."), method: "POST", path: "/servers/102/ssh/credentials");
        var result = await world.RunAsync(Job);
        Assert.Equal("Failed", result.OutputOf<SshKeyRevocation>()[1].Status);
        Assert.Equal(19, Assert.IsType<SshCredential>(Assert.Single(result.Errors).MustBe("ValidationFailed", ErrorCategory.InvalidArgument).TargetObject).Id);
        Assert.Contains("102 root dave old", Everything(world));
        Assert.DoesNotContain("101 root dave old", Everything(world));
    }

    [Fact]
    public async Task If_the_addition_was_only_pretended_the_old_key_stays_and_is_an_error()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Pretended, method: "POST", path: "/servers/102/ssh/credentials");
        var result = await world.RunAsync(Job);
        _ = Assert.Single(result.Errors).MustBe("AdditionUnconfirmed", ErrorCategory.InvalidResult);
        Assert.Contains("102 root dave old", Everything(world));
    }

    [Fact]
    public async Task If_the_new_key_cannot_be_read_back_the_old_one_stays()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Status(500), method: "GET", path: "/servers/102/ssh/credentials", from: 2);
        var result = await world.RunAsync(Job);
        _ = Assert.Single(result.Errors).MustBe("AdditionUnconfirmed", ErrorCategory.InvalidResult);
        Assert.Contains("102 root dave old", Everything(world));
        Assert.Contains("102 root dave-laptop new", Everything(world));
    }

    [Fact]
    public async Task If_the_new_key_is_shortened_and_cannot_be_read_individually_the_old_one_stays()
    {
        await using var world = await StartAsync(new SimulatorOptions { TruncatedKeys = TruncatedKeys.InLists });
        var before = world.Fleet.Snapshot().Credentials.Select(credential => credential.Id).ToHashSet();
        _ = world.Faults.Add(request => request.Method == "GET" && request.Matches("/servers/102/ssh/credentials/*")
            && !before.Contains(long.Parse(request.Path.Split('/')[^1], CultureInfo.InvariantCulture)) ? Fault.Status(500) : null);
        var result = await world.RunAsync(Job);
        var error = Assert.Single(result.Errors).MustBe("AdditionUnconfirmed", ErrorCategory.InvalidResult);
        Assert.Contains("could not be read back", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("102 root dave old", Everything(world));
        Assert.Contains("102 root dave-laptop new", Everything(world));
    }

    [Fact]
    public async Task A_token_that_is_refused_when_the_new_key_is_read_back_ends_the_command()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Unauthorized, where: _ => world.Requests.Changing.Count > 0 && world.Requests.Changing[0].EndedAt is not null);
        var result = await world.RunAsync("try { Get-RunCloudServer web-02 | " + Job + " } catch { $_ }");
        Assert.Equal("Unauthorized", Assert.IsType<ErrorRecord>(result.Output[^1].BaseObject).Id());
        Assert.Contains("102 root dave old", Everything(world));
        Assert.Equal(["GET /api/v3/servers/102/ssh/credentials"], world.Requests.All.Where(request => request.Status == 401).Select(request => $"{request.Method} {request.Path}"));
    }

    [Fact]
    public async Task A_lost_answer_to_an_addition_adds_nothing_twice()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.DropAfter, method: "POST");
        _ = await world.MustAsync(Job);
        Assert.Equal(Rotated, Everything(world));
    }

    [Fact]
    public async Task A_server_that_is_offline_is_left_as_it_is()
    {
        await using var world = await StartAsync();
        world.Fleet.UpdateServer(102, server => server with { Online = false });
        var result = await world.RunAsync(Job);
        _ = Assert.Single(result.Errors).MustBe("ServerUnreachable", ErrorCategory.ResourceUnavailable);
        Assert.DoesNotContain(world.Requests.Changing, request => request.Path.Contains("/102/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Temporary_and_restricted_keys_stay_so()
    {
        await using var world = await World.StartAsync(fleet =>
        {
            _ = fleet.AddServer("web-01", id: 101);
            _ = fleet.AddCredential(101, "root", "dave", World.Key(1), temporary: true);
            _ = fleet.AddCredential(101, "deploy", "dave-2", "from=\"198.51.100.7\" " + World.Key(1));
        },
        new SimulatorOptions { AcceptKeyOptions = true });
        world.Shell.SetVariable("key", World.Key(1));
        world.Shell.SetVariable("new", World.Key(9));
        _ = await world.MustAsync(Job);
        Assert.Equal(
            [("deploy", false, "from=\"198.51.100.7\" " + World.Key(9)), ("root", true, World.Key(9))],
            world.Fleet.Snapshot().Credentials.Select(credential => (credential.User, credential.Temporary, credential.PublicKey)).Order());
    }

    [Theory]
    [InlineData(true, "")]
    [InlineData(false, "command=\"/bin/false\" ")]
    public async Task A_temporary_or_restricted_new_key_does_not_replace_the_old_one(bool temporary, string options)
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(102, "root", "tried", options + World.Key(9), temporary: temporary);
        _ = await world.MustAsync(Job);
        Assert.Contains("102 root dave-laptop new", Everything(world));
        Assert.DoesNotContain("102 root dave old", Everything(world));
    }

    [Fact]
    public async Task A_key_that_is_to_go_is_never_the_new_one()
    {
        await using var world = await StartAsync();
        foreach (var keys in (string[])["$new", "$key, $new"])
        {
            _ = (await world.ThrowsAsync($"Update-RunCloudSshKey -Key {keys} -NewPublicKey $new -Confirm:$false")).MustBe("InvalidPublicKey", ErrorCategory.InvalidArgument);
        }

        Assert.Equal(0, world.Requests.Count);
    }

    [Fact]
    public async Task A_new_key_that_was_there_and_vanishes_keeps_the_old_one()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(102, "root", "mine", World.Key(9), id: 55);
        _ = world.Faults.Add(Fault.Answering("vanishes", answer =>
        {
            _ = world.Fleet.RemoveCredential(102, 55);
            return answer;
        }), path: "/servers/102/ssh/credentials", times: 1);
        var result = await world.RunAsync(Job);
        Assert.NotEmpty(result.Errors);
        Assert.Contains("102 root dave old", Everything(world));
    }

    [Fact]
    public async Task Given_labels_follow_the_rules_and_stay_unique()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(101, "root", "ERIN", World.Key(3));
        _ = await world.MustAsync(Job + " -Label erin");
        Assert.Equal(
            ["101 root erin-2 new", "101 runcloud erin-3 new", "102 root erin new"],
            Everything(world).Where(line => line.EndsWith("new", StringComparison.Ordinal)));
        world.Requests.Clear();
        _ = (await world.ThrowsAsync(Job + " -Label 'has a blank'")).CategoryInfo;
        Assert.Equal(0, world.Requests.Count);
    }

    [Fact]
    public async Task A_label_that_breaks_the_rules_is_not_carried_over()
    {
        await using var world = await World.StartAsync(fleet =>
        {
            _ = fleet.AddServer("web-01", id: 101);
            _ = fleet.AddCredential(101, "root", "dave's laptop", World.Key(1));
        });
        world.Shell.SetVariable("key", World.Key(1));
        world.Shell.SetVariable("new", TestKeys.Line(SshKeyKind.Ecdsa256, 9));
        _ = await world.MustAsync(Job);
        Assert.Equal("dave-s-laptop", Assert.Single(world.Fleet.Snapshot().Credentials).Label);
    }

    [Fact]
    public async Task WhatIf_shows_the_new_labels()
    {
        await using var world = await StartAsync();
        var screen = (await world.MustAsync("Update-RunCloudSshKey -Key $key -NewPublicKey $new -WhatIf")).Screen;
        Assert.Contains("(id 17, " + SshPublicKey.Parse(World.Key(1)).Fingerprint + ") on web-01 (id 101), new key as 'dave-laptop'", screen, StringComparison.Ordinal);
        Assert.Empty(world.Requests.Changing);
    }

    private static readonly string[] Rotated =
    [
        "101 root dave-laptop new",
        "101 root eve other",
        "101 runcloud dave-laptop-2 new",
        "102 root dave-laptop new",
        "102 root eve other",
        "103 root eve other",
    ];

    [Fact]
    public async Task The_plan_says_where_the_new_key_is_there_already()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(102, "root", "dave-new", World.Key(9), id: 21);
        var plan = (await world.MustAsync("Update-RunCloudSshKey -Key $key -NewPublicKey $new -WhatIf")).Screen;
        Assert.Matches(@"\(id 19, SHA256:[^)]+\) on web-02 \(id 102\), new key is there already", plan);
        Assert.Matches(@"\(id 20, SHA256:[^)]+\) on web-01 \(id 101\), new key as 'dave-laptop", plan);
    }

    private static async Task<World> StartAsync(SimulatorOptions? options = null)
    {
        var world = await World.StartAsync(fleet =>
        {
            foreach (var (name, id) in (ReadOnlySpan<(string, long)>)[("web-01", 101), ("web-02", 102), ("db-01", 103)])
            {
                _ = fleet.AddServer(name, id: id);
                _ = fleet.AddCredential(id, "root", "eve", World.Key(2), id: id);
            }

            _ = fleet.AddCredential(101, "root", "dave", World.Key(1), id: 17);
            _ = fleet.AddCredential(101, "root", "dave-2", World.Key(1), id: 18);
            _ = fleet.AddCredential(102, "root", "dave", World.Key(1), id: 19);
            _ = fleet.AddCredential(101, "runcloud", "dave-b", World.Key(1, "dave elsewhere"), id: 20);
        },
        options);
        world.Shell.SetVariable("key", World.Key(1));
        world.Shell.SetVariable("new", World.Key(9));
        return world;
    }
}
