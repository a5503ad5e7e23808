using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text.Json;
using System.Threading.Tasks;
using RunCloud.Api;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>Revoke-RunCloudSshKey: the plan, the one question, and the account of every server.</summary>
public sealed class RevokeTests
{
    private const string Job = "Revoke-RunCloudSshKey -Key $key -Confirm:$false";

    [Fact]
    public async Task Every_copy_goes_no_other_key_does_and_every_server_is_accounted_for()
    {
        await using var world = await StartAsync();
        var result = await world.MustAsync(Job);
        Assert.Equal(
            [(101L, "Removed", 2), (102, "Removed", 1), (103, "Clean", 0)],
            result.OutputOf<SshKeyRevocation>().Select(account => (account.ServerId, account.Status, account.Removals.Length)));
        Assert.Equal(["eve", "eve", "eve"], world.Fleet.Snapshot().Credentials.Select(credential => credential.Label));
        Assert.Empty(result.Prompts);
    }

    [Fact]
    public async Task It_takes_no_more_requests_than_reading_removing_reading_back_and_looking_behind()
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync(Job);
        Assert.Equal(
            [2, 3 + 2, 3, 0, 2, 2],
            ((string[])["/servers", "/servers/*/ssh/credentials", "/servers/*/ssh/credentials/*", "/servers/*", "/servers/*/ssh/sessions", "/servers/*/users"])
                .Select(path => world.Requests.All.Count(request => request.Matches(path))));
        Assert.Equal((2 * 1) + 3 + 3 + 2 + (2 * 2), world.Requests.Count);
    }

    [Fact]
    public async Task A_generated_fleet_ends_without_one_copy_and_with_every_other_key()
    {
        await using var world = await World.GenerateAsync(new SimulatorOptions { Seed = 7, DisguisedCopies = true, AcceptKeyOptions = true, UnparsableKeys = 0, OfflineServers = 0 });
        world.Shell.SetVariable("key", world.Fleet.LeakedKey);
        var before = world.Fleet.Snapshot();
        var copies = before.CopiesOf(world.Fleet.LeakedKey!);
        var result = await world.MustAsync(Job);
        Assert.Equal(before.Credentials.Except(copies), world.Fleet.Snapshot().Credentials);
        Assert.Equal(before.Servers.Select(server => server.Id), result.OutputOf<SshKeyRevocation>().Select(account => account.ServerId));
        Assert.Equal(copies.Count, result.OutputOf<SshKeyRevocation>().Sum(account => account.Removals.Length));
    }

    [Fact]
    public async Task One_question_shows_the_plan_and_Yes_does_it_all()
    {
        await using var world = await StartAsync(new ShellOptions { Answers = [ShellAnswer.Yes] });
        world.Fleet.UpdateServer(102, server => server with { Online = false });
        var result = await world.RunAsync("Revoke-RunCloudSshKey -Key $key");
        var question = Assert.Single(result.Prompts).Message;
        Assert.Contains($"'dave' of root (id 17, {Fingerprint}) on web-01 (id 101)", question, StringComparison.Ordinal);
        Assert.Contains($"'dave' of root (id 19, {Fingerprint}) on web-02 (id 102), OFFLINE", question, StringComparison.Ordinal);
        Assert.Contains("3 servers read; 3 credentials found on 2 of them; 1 offline, 1 of these with the key", question, StringComparison.Ordinal);
        Assert.EndsWith("Remove 3 credentials on 2 servers?", question.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(3, world.Requests.Changing.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_does_nothing_and_writes_no_file(bool toAll)
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync(new ShellOptions { Answers = [toAll ? ShellAnswer.NoToAll : ShellAnswer.No] });
        var result = await world.MustAsync($"Revoke-RunCloudSshKey -Key $key -UndoPath '{folder.Path}/undo.xml' -ReportPath '{folder.Path}/report.json'");
        Assert.Empty(result.Output);
        Assert.Empty(world.Requests.Changing);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task A_rehearsal_prints_every_line_of_the_plan_and_writes_no_file()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var result = await world.MustAsync($"Revoke-RunCloudSshKey -Key $key -WhatIf -UndoPath '{folder.Path}/undo.xml' -ReportPath '{folder.Path}/report.json'");
        Assert.All((int[])[17, 18, 19], id => Assert.Contains($"(id {id}, {Fingerprint}) on web-0", result.Screen, StringComparison.Ordinal));
        Assert.DoesNotContain("eve", result.Screen, StringComparison.Ordinal);
        Assert.Equal(1 + 3, world.Requests.Count);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task A_rehearsal_that_finds_nothing_says_so()
    {
        await using var world = await StartAsync();
        world.Shell.SetVariable("key", World.Key(99));
        var result = await world.MustAsync("Revoke-RunCloudSshKey -Key $key -WhatIf");
        Assert.Contains("3 servers read; 0 credentials found", result.Screen, StringComparison.Ordinal);
        Assert.Equal(["Clean", "Clean", "Clean"], result.OutputOf<SshKeyRevocation>().Select(account => account.Status));
    }

    [Fact]
    public async Task Where_nothing_is_found_nobody_is_asked_and_every_server_is_clean()
    {
        await using var world = await StartAsync();
        world.Shell.SetVariable("key", World.Key(99));
        var result = await world.MustAsync("Revoke-RunCloudSshKey -Key $key");
        Assert.Empty(result.Prompts);
        Assert.Empty(result.Warnings);
        Assert.Equal(["Clean", "Clean", "Clean"], result.OutputOf<SshKeyRevocation>().Select(account => account.Status));
    }

    [Theory]
    [InlineData("Get-RunCloudServer -Name nothing* | Revoke-RunCloudSshKey -Key $key -Confirm:$false")]
    [InlineData("@() | Revoke-RunCloudSshKey -Key $key -Confirm:$false")]
    [InlineData("$nothing = Get-RunCloudServer -Name nothing*; $nothing | Revoke-RunCloudSshKey -Key $key -Confirm:$false")]
    public async Task No_server_on_the_pipeline_is_none_and_never_all(string script)
    {
        await using var world = await StartAsync();
        var result = await world.RunAsync(script);
        Assert.Empty(result.Output);
        Assert.Empty(world.Requests.Changing);
        Assert.Contains("nothing was checked", Assert.Single(result.Errors).MustBe("ServerNotFound", ErrorCategory.ObjectNotFound).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_about_no_server_does_not_call_itself_complete()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        _ = await world.RunAsync($"@() | Revoke-RunCloudSshKey -Key $key -ReportPath '{folder.Path}/report.json' -Confirm:$false");
        var report = await ReadAsync(folder);
        Assert.False(report.GetProperty("complete").GetBoolean());
        Assert.Equal(0, report.GetProperty("servers").GetArrayLength());
    }

    [Theory]
    [InlineData("ParameterArgumentValidationError", "Revoke-RunCloudSshKey -Key $key -Server @() -Confirm:$false")]
    [InlineData("InvalidServerName", "Revoke-RunCloudSshKey -Key $key -Server $null -Confirm:$false")]
    [InlineData("InvalidServerName", "[pscustomobject]@{ Id = 17 } | Revoke-RunCloudSshKey -Key $key -Confirm:$false")]
    [InlineData("InvalidServerName", "101 | Revoke-RunCloudSshKey -Key $key -Confirm:$false")]
    [InlineData("InvalidServerName", "'' | Revoke-RunCloudSshKey -Key $key -Confirm:$false")]
    [InlineData("InvalidId", "[pscustomobject]@{ ServerId = '1,2' } | Revoke-RunCloudSshKey -Key $key -Confirm:$false")]
    public async Task What_is_no_server_is_refused(string id, string script)
    {
        await using var world = await StartAsync();
        var result = await world.RunAsync("$caught = @(); try { " + script + " } catch { $caught = @($_) }; $caught");
        Assert.StartsWith(id + ",", result.OutputOf<ErrorRecord>().Concat(result.Errors).First().FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(0, world.Requests.Count);
    }

    [Theory]
    [InlineData("'web-01', 'DB-*' | Revoke-RunCloudSshKey -Key $key -Confirm:$false")]
    [InlineData("Revoke-RunCloudSshKey -Key $key -Server web-01, db-* -Confirm:$false")]
    [InlineData("[pscustomobject]@{ ServerId = 101; Id = 18 }, [pscustomobject]@{ ServerId = '103' } | Revoke-RunCloudSshKey -Key $key -Confirm:$false")]
    [InlineData("Get-RunCloudSshCredential -ServerId 101, 103 | Revoke-RunCloudSshKey -Key $key -Confirm:$false")]
    public async Task Servers_are_named_or_come_as_whatever_has_a_server_id(string script)
    {
        await using var world = await StartAsync();
        Assert.Equal([(101L, "web-01"), (103, "db-01")], (await world.MustAsync(script)).OutputOf<SshKeyRevocation>().Select(account => (account.ServerId, account.ServerName)));
        Assert.Equal(19, Assert.Single(world.Fleet.Snapshot().Credentials, credential => credential.Label.StartsWith("dave", StringComparison.Ordinal)).Id);
    }

    [Fact]
    public async Task A_name_that_no_server_has_is_an_error_and_never_every_server()
    {
        await using var world = await StartAsync();
        var result = await world.RunAsync("Revoke-RunCloudSshKey -Key $key -Server web-1 -Confirm:$false");
        Assert.All(result.Errors, error => error.MustBe("ServerNotFound", ErrorCategory.ObjectNotFound));
        Assert.Equal(2, result.Errors.Count);
        Assert.Empty(world.Requests.Changing);
    }

    [Fact]
    public async Task Only_the_servers_that_are_given_are_touched_and_each_once()
    {
        await using var world = await StartAsync();
        var result = await world.MustAsync("$s = Get-RunCloudServer; $s[0], $s[0], $s[2] | " + Job);
        Assert.Equal([101L, 103], result.OutputOf<SshKeyRevocation>().Select(account => account.ServerId));
        Assert.Equal([19L], world.Fleet.Snapshot().Credentials.Where(credential => credential.Label.StartsWith("dave", StringComparison.Ordinal)).Select(credential => credential.Id));
    }

    [Fact]
    public async Task Excluded_servers_are_neither_read_nor_changed_nor_accounted_for()
    {
        await using var world = await StartAsync();
        var result = await world.MustAsync(Job + " -ExcludeServer WEB-02, mail*");
        Assert.Equal([101L, 103], result.OutputOf<SshKeyRevocation>().Select(account => account.ServerId));
        Assert.DoesNotContain(world.Requests.All, request => request.Path.Contains("/102/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_to_exclude_that_is_no_servers_ends_it_before_anything_is_changed()
    {
        await using var world = await StartAsync();
        var error = await world.ThrowsAsync(Job + " -ExcludeServer web-2");
        Assert.Equal("web-2", error.MustBe("ServerNotFound", ErrorCategory.ObjectNotFound).TargetObject);
        Assert.Empty(world.Requests.Changing);
    }

    [Fact]
    public async Task A_server_whose_name_has_wildcard_characters_is_spared_by_its_very_name()
    {
        await using var world = await StartAsync();
        world.Fleet.UpdateServer(102, server => server with { Name = "[prod] web*1" });
        var result = await world.MustAsync(Job + " -ExcludeServer '[prod] web*1'");
        Assert.Equal([101L, 103], result.OutputOf<SshKeyRevocation>().Select(account => account.ServerId));
    }

    [Fact]
    public async Task A_pattern_to_exclude_that_fits_no_server_is_a_warning_and_one_that_is_none_is_a_name()
    {
        await using var world = await StartAsync();
        Assert.Contains((await world.MustAsync(Job + " -ExcludeServer nope-*")).Warnings, warning => warning.Contains("'nope-*'", StringComparison.Ordinal));
        _ = (await world.ThrowsAsync(Job + " -ExcludeServer 'web['")).MustBe("ServerNotFound", ErrorCategory.ObjectNotFound);
    }

    [Fact]
    public async Task A_workspace_without_servers_is_an_error()
    {
        await using var world = await World.StartAsync(_ => { });
        world.Shell.SetVariable("key", World.Key(1));
        _ = (await world.FailsAsync(Job)).MustBe("ServerNotFound", ErrorCategory.ObjectNotFound);
    }

    [Fact]
    public async Task A_server_that_goes_offline_meanwhile_is_unconfirmed()
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
    public async Task A_key_of_users_that_were_not_asked_for_need_not_be_comparable()
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
    public async Task A_key_that_another_took_off_an_offline_server_is_unconfirmed()
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
    public async Task A_401_to_what_is_asked_afterwards_takes_nothing_from_the_account_and_the_advice()
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
    public async Task The_report_is_there_before_the_first_removal_and_does_not_claim_to_be_the_last()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        JsonElement? seen = null;
        var report = Path.Combine(folder.Path, "report.json");
        _ = world.Faults.Add(Fault.Answering("looks", answer =>
        {
            seen ??= JsonDocument.Parse(File.ReadAllBytes(report)).RootElement;
            return answer;
        }), method: "DELETE");
        _ = await world.MustAsync(Job + $" -ReportPath '{report}'");
        Assert.False(seen!.Value.GetProperty("complete").GetBoolean());
        Assert.Equal(JsonValueKind.Null, seen.Value.GetProperty("endedAt").ValueKind);
        Assert.Equal(["Unconfirmed", "Unconfirmed", "Clean"], seen.Value.GetProperty("servers").EnumerateArray().Select(server => server.GetProperty("status").GetString()));
        Assert.True((await ReadAsync(folder)).GetProperty("complete").GetBoolean());
    }

    [Fact]
    public async Task An_early_end_at_the_last_server_still_leaves_the_whole_report()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var result = await world.RunAsync($"Get-RunCloudServer -Id 102 | {Job} -ReportPath '{folder.Path}/report.json' | Select-Object -First 1");
        _ = Assert.Single(result.Output);
        var report = await ReadAsync(folder);
        Assert.True(report.GetProperty("complete").GetBoolean());
        Assert.Equal("Removed", report.GetProperty("servers")[0].GetProperty("status").GetString());
    }

    [Fact]
    public async Task Other_users_that_have_the_key_are_left_and_named()
    {
        await using var world = await StartAsync();
        var result = await world.MustAsync(Job + " -User ro*");
        Assert.Contains(result.Warnings, warning => warning.Contains("outside -User and were kept: 1 (runcloud)", StringComparison.Ordinal));
        Assert.Equal(18, Assert.Single(world.Fleet.Snapshot().Credentials, credential => credential.Label.StartsWith("dave", StringComparison.Ordinal)).Id);
        Assert.Contains("runcloud", result.OutputOf<SshKeyRevocation>()[0].Message, StringComparison.Ordinal);
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
    public async Task A_list_of_servers_that_breaks_off_is_an_error_and_what_was_read_is_done()
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
    public async Task A_value_that_is_no_key_leaves_its_server_unconfirmed()
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
    public async Task A_removal_that_was_pretended_once_is_made_good()
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
    public async Task A_key_that_comes_back_meanwhile_is_seen_and_no_good_end()
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

    [Fact]
    public async Task The_last_key_of_a_user_or_a_server_is_named_in_the_plan_the_question_and_a_warning()
    {
        await using var world = await StartAsync(new ShellOptions { Answers = [ShellAnswer.No] });
        _ = world.Fleet.RemoveCredential(102, 102);
        var result = await world.MustAsync("Revoke-RunCloudSshKey -Key $key -WhatIf; Revoke-RunCloudSshKey -Key $key");
        string[] said = ["LAST KEY: on web-01 (id 101) these users have no other key: runcloud", "LAST KEY: on web-02 (id 102) nobody has another key (root)"];
        Assert.All(said, text => Assert.Equal(2, result.Warnings.Count(warning => warning.Contains(text, StringComparison.Ordinal))));
        Assert.All(said, text => Assert.Contains(text, Assert.Single(result.Prompts).Message, StringComparison.Ordinal));
        Assert.All(said, text => Assert.Contains(text, result.Screen[result.Screen.IndexOf("What if:", StringComparison.Ordinal)..result.Screen.IndexOf("Remove 3", StringComparison.Ordinal)], StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_value_that_is_no_key_is_no_other_way_in()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.RemoveCredential(102, 102);
        _ = world.Fleet.AddCredential(102, "root", "odd", "ssh-rsa AAAAB3Nza...", id: 66);
        Assert.Contains((await world.RunAsync("Revoke-RunCloudSshKey -Key $key -WhatIf")).Warnings, warning => warning.Contains("on web-02 (id 102) nobody has another key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SkipLastCredential_leaves_those_and_says_that_they_are_still_there()
    {
        await using var world = await StartAsync();
        var result = await world.RunAsync(Job + " -SkipLastCredential");
        Assert.Equal(["Failed", "Removed", "Clean"], result.OutputOf<SshKeyRevocation>().Select(account => account.Status));
        Assert.Equal(18, Assert.IsType<SshCredential>(Assert.Single(result.Errors).MustBe("LastCredentialKept", ErrorCategory.InvalidOperation).TargetObject).Id);
        Assert.Equal(18, Assert.Single(world.Fleet.Snapshot().Credentials, credential => credential.Label.StartsWith("dave", StringComparison.Ordinal)).Id);
    }

    [Fact]
    public async Task Open_sessions_and_a_deployment_key_that_is_the_key_are_warnings_for_touched_servers_alone()
    {
        await using var world = await StartAsync();
        foreach (var server in (long[])[101, 103])
        {
            world.Fleet.AddSession(server, new FleetSession("mallory", "pts/0", "203.0.113.9", "06:10", "1:23", "-bash"));
            _ = world.Fleet.AddUser(server, "git", World.Key(1, "GIT Deployment Key"));
        }

        var warnings = (await world.MustAsync(Job)).Warnings;
        Assert.Contains("Open SSH sessions: 1 (mallory on web-01 (id 101), pts/0 from 203.0.113.9", warnings[^1], StringComparison.Ordinal);
        Assert.Contains("Deployment keys that are the revoked key: 1 (git (id ", warnings[^1], StringComparison.Ordinal);
        Assert.DoesNotContain(warnings, warning => warning.Contains("db-01", StringComparison.Ordinal));
        Assert.Contains("SSH Key Vault", warnings[^1], StringComparison.Ordinal);
        Assert.Contains("authorized_keys", warnings[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_read_of_what_is_left_is_a_warning_and_no_failure()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Status(500), path: "/servers/101/ssh/sessions");
        _ = world.Faults.Add(Fault.Page(200), path: "/servers/101/users");
        Assert.Contains("Servers that could not be inspected: 1 (web-01 (id 101): ", (await world.MustAsync(Job)).Warnings[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_report_has_the_whole_account_and_replaces_the_one_before()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "report.json"), """{"command":"Revoke-RunCloudSshKey","startedAt":"2025-01-01T00:00:00Z"}""", TestContext.Current.CancellationToken);
        _ = await world.MustAsync(Job + $" -ReportPath '{folder.Path}/report.json'");
        var report = await ReadAsync(folder);
        Assert.Equal("Revoke-RunCloudSshKey", report.GetProperty("command").GetString());
        Assert.Equal(Fingerprint, report.GetProperty("keys")[0].GetString());
        Assert.True(report.GetProperty("complete").GetBoolean());
        var first = report.GetProperty("servers")[0];
        Assert.Equal(("web-01", "Removed"), (first.GetProperty("serverName").GetString(), first.GetProperty("status").GetString()));
        Assert.Equal((17, "Removed", "root"), (
            first.GetProperty("removals")[0].GetProperty("id").GetInt64(),
            first.GetProperty("removals")[0].GetProperty("status").GetString(),
            first.GetProperty("removals")[0].GetProperty("user").GetString()));
        if (World.HasUnixFiles)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder.Path, "report.json")));
        }

        Assert.Equal(["report.json"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_report_that_cannot_be_written_is_an_error_at_the_end()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Answering("takes the folder", answer =>
        {
            Directory.Delete(Path.Combine(folder.Path, "reports"), recursive: true);
            return answer;
        }), method: "DELETE", times: 1);
        _ = Directory.CreateDirectory(Path.Combine(folder.Path, "reports"));
        var result = await world.RunAsync(Job + $" -ReportPath '{folder.Path}/reports/report.json'");
        _ = Assert.Single(result.Errors).MustBe("ReportNotSaved", ErrorCategory.WriteError);
        Assert.Equal(3, result.Output.Count);
    }

    [Theory]
    [InlineData("-UndoPath", "no/such/folder/undo.xml", "InvalidPath")]
    [InlineData("-ReportPath", "no/such/folder/report.json", "InvalidPath")]
    [InlineData("-ReportPath", "", "InvalidPath")]
    [InlineData("-UndoPath", "there.xml", "UndoPathExists")]
    public async Task A_path_that_cannot_be_used_is_refused_before_any_request(string parameter, string name, string id)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "there.xml"), "kept", TestContext.Current.CancellationToken);
        await using var world = await StartAsync();
        foreach (var rehearsal in (string[])["", " -WhatIf"])
        {
            var error = await world.ThrowsAsync($"{Job} {parameter} '{folder.Path}/{name}'{rehearsal}");
            _ = error.MustBe(id, id == "InvalidPath" ? ErrorCategory.InvalidArgument : ErrorCategory.ResourceExists);
        }

        Assert.Equal(0, world.Requests.Count);
        Assert.Equal("kept", await File.ReadAllTextAsync(Path.Combine(folder.Path, "there.xml"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task One_file_for_both_is_refused()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        _ = (await world.ThrowsAsync($"{Job} -UndoPath '{folder.Path}/both' -ReportPath '{folder.Path}/./both'")).MustBe("InvalidPath", ErrorCategory.InvalidArgument);
        Assert.Equal(0, world.Requests.Count);
    }

    [Fact]
    public async Task A_path_that_is_not_of_the_file_system_is_refused()
    {
        await using var world = await StartAsync();
        _ = (await world.ThrowsAsync(Job + " -UndoPath variable:undo")).MustBe("InvalidPath", ErrorCategory.InvalidArgument);
        Assert.Equal(0, world.Requests.Count);
    }

    [Theory]
    [InlineData("Revoke-RunCloudSshKey -Key 'nonsense' -Confirm:$false")]
    [InlineData("Update-RunCloudSshKey -Key $key -NewPublicKey 'nonsense' -Confirm:$false")]
    [InlineData("Update-RunCloudSshKey -Key $key -NewPublicKey 'SHA256:QRKKbTx7ZhPFrqvk8w4XYRr8ydQXzIU/Am//PP0Qdh8' -Confirm:$false")]
    [InlineData("Update-RunCloudSshKey -Key $key -NewPublicKey ($key + '-other-comment') -Confirm:$false")]
    public async Task A_key_that_cannot_be_used_is_refused_before_any_request(string script)
    {
        await using var world = await StartAsync();
        _ = (await world.ThrowsAsync(script)).MustBe("InvalidPublicKey", ErrorCategory.InvalidArgument);
        Assert.Equal(0, world.Requests.Count);
    }

    [Theory]
    [InlineData(ShellMode.NonInteractive)]
    [InlineData(ShellMode.NoUserInterface)]
    public async Task Where_nobody_can_be_asked_nothing_is_changed(ShellMode mode)
    {
        await using var world = await StartAsync(new ShellOptions { Mode = mode });
        var error = await world.ThrowsAsync("Revoke-RunCloudSshKey -Key $key");
        Assert.Contains("-Confirm:$false", error.MustBe("ConfirmationUnavailable", ErrorCategory.InvalidOperation).ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(world.Requests.Changing);
    }

    [Fact(Timeout = 60_000)]
    public async Task Progress_tells_how_much_of_the_whole_is_done_and_how_long_the_rest_may_take()
    {
        await using var world = await StartAsync();
        var hang = new Hang();
        var told = new TaskCompletionSource<ShellProgress>(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Shell.Screen.ProgressWatch = progress => _ = progress.PercentComplete > 0 && progress.SecondsRemaining >= 0 && told.TrySetResult(progress);
        _ = world.Faults.Add(Fault.HangBefore(hang), path: "/servers/102/ssh/credentials", from: 2);
        var run = world.Shell.Start(Job);
        await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        var shown = await told.Task.WaitAsync(TestContext.Current.CancellationToken);
        hang.Release();
        Assert.Equal("Revoking SSH key", shown.Activity);
        Assert.InRange(shown.PercentComplete, 1, 99);
        var progress = (await run.Completion).Progress;
        StopTests.MustBeClosed(progress);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("/servers", "GET")]
    [InlineData("/servers/102/ssh/credentials", "GET")]
    public async Task Stopped_while_it_reads_it_has_changed_nothing(string path, string method)
    {
        await using var world = await StartAsync();
        var hang = new Hang();
        _ = world.Faults.Add(Fault.HangBefore(hang), method: method, path: path);
        var run = world.Shell.Start(Job);
        await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        await run.StopAsync();
        Assert.True((await run.Completion).Stopped);
        Assert.Empty(world.Requests.Changing);
    }

    [Fact(Timeout = 60_000)]
    public async Task Stopped_while_it_removes_it_names_what_was_under_way_and_writes_the_report()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var hang = new Hang();
        _ = world.Faults.Add(Fault.HangAfter(hang), method: "DELETE", path: "/servers/101/ssh/credentials/18");
        var run = world.Shell.Start(Job + $" -ThrottleLimit 1 -ReportPath '{folder.Path}/report.json'");
        await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        await run.StopAsync();
        var result = await run.Completion;
        Assert.True(result.Stopped);
        Assert.Contains($"'dave' of root (id 17, {Fingerprint}) on web-01 (id 101): Unconfirmed", result.Screen, StringComparison.Ordinal);
        Assert.Contains($"'dave-2' of runcloud (id 18, {Fingerprint}) on web-01 (id 101): Unconfirmed", result.Screen, StringComparison.Ordinal);
        Assert.Contains("Stopped: 0 credentials gone, 2 in doubt, 1 still there. Run the command again.", result.Screen, StringComparison.Ordinal);
        var report = await ReadAsync(folder);
        Assert.False(report.GetProperty("complete").GetBoolean());
        Assert.Equal(["Unconfirmed", "Failed", "Clean"], report.GetProperty("servers").EnumerateArray().Select(server => server.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Who_wants_no_more_results_leaves_nothing_unknown()
    {
        await using var world = await StartAsync();
        var result = await world.RunAsync(Job + " -ThrottleLimit 1 | Select-Object -First 1");
        Assert.Equal(101, Assert.Single(result.OutputOf<SshKeyRevocation>()).ServerId);
        Assert.Equal(["eve", "eve", "eve"], world.Fleet.Snapshot().Credentials.Select(credential => credential.Label));
    }

    private static string Fingerprint => SshPublicKey.Parse(World.Key(1)).Fingerprint;

    private static async Task<JsonElement> ReadAsync(TemporaryFolder folder) =>
        JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder.Path, "report.json"), TestContext.Current.CancellationToken)).RootElement;

    private static async Task<World> StartAsync(ShellOptions? shell = null, SimulatorOptions? options = null)
    {
        var world = await World.StartAsync(
            fleet =>
            {
                foreach (var (name, id) in (ReadOnlySpan<(string, long)>)[("web-01", 101), ("web-02", 102), ("db-01", 103)])
                {
                    _ = fleet.AddServer(name, id: id);
                    _ = fleet.AddCredential(id, "root", "eve", World.Key(2), id: id);
                }

                _ = fleet.AddCredential(101, "root", "dave", World.Key(1), id: 17);
                _ = fleet.AddCredential(101, "runcloud", "dave-2", World.Key(1, "dave elsewhere"), id: 18);
                _ = fleet.AddCredential(102, "root", "dave", World.Key(1), id: 19);
            },
            options,
            shell);
        world.Shell.SetVariable("key", World.Key(1));
        return world;
    }
}
