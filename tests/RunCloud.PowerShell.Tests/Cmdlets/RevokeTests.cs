using System.Management.Automation;
using System.Text.Json;
using RunCloud.Api;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>Revoke-RunCloudSshKey: the plan, the one question, and the result of every server.</summary>
public sealed partial class RevokeTests
{
    private const string Job = "Revoke-RunCloudSshKey -Key $key -Confirm:$false";

    [Fact]
    public async Task Every_copy_and_no_other_key_is_removed_and_every_server_has_a_result()
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
    public async Task It_sends_only_the_requests_for_reading_removing_reading_back_and_inspecting()
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
    public async Task Answering_No_does_nothing_and_writes_no_file(bool toAll)
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync(new ShellOptions { Answers = [toAll ? ShellAnswer.NoToAll : ShellAnswer.No] });
        var result = await world.MustAsync($"Revoke-RunCloudSshKey -Key $key -UndoPath '{folder.Path}/undo.xml' -ReportPath '{folder.Path}/report.json'");
        Assert.Empty(result.Output);
        Assert.Empty(world.Requests.Changing);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task WhatIf_prints_every_line_of_the_plan_and_writes_no_file()
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
    public async Task WhatIf_that_finds_nothing_says_so()
    {
        await using var world = await StartAsync();
        world.Shell.SetVariable("key", World.Key(99));
        var result = await world.MustAsync("Revoke-RunCloudSshKey -Key $key -WhatIf");
        Assert.Contains("3 servers read; 0 credentials found", result.Screen, StringComparison.Ordinal);
        Assert.Equal(["Clean", "Clean", "Clean"], result.OutputOf<SshKeyRevocation>().Select(account => account.Status));
    }

    [Fact]
    public async Task If_nothing_is_found_there_is_no_question_and_every_server_is_clean()
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
    public async Task An_empty_pipeline_means_no_server_and_never_all(string script)
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
    public async Task A_value_that_is_not_a_server_is_refused(string id, string script)
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
    public async Task Excluded_servers_are_neither_read_nor_changed_nor_in_the_results()
    {
        await using var world = await StartAsync();
        var result = await world.MustAsync(Job + " -ExcludeServer WEB-02, mail*");
        Assert.Equal([101L, 103], result.OutputOf<SshKeyRevocation>().Select(account => account.ServerId));
        Assert.DoesNotContain(world.Requests.All, request => request.Path.Contains("/102/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_excluded_name_that_no_server_has_ends_the_command_before_any_change()
    {
        await using var world = await StartAsync();
        foreach (var names in (string[])["web-2", "*, web-2"])
        {
            var error = await world.ThrowsAsync($"{Job} -ExcludeServer {names}");
            Assert.Equal("web-2", error.MustBe("ServerNotFound", ErrorCategory.ObjectNotFound).TargetObject);
        }

        Assert.Empty(world.Requests.Changing);
    }

    [Theory]
    [InlineData("[prod] web*1")]
    [InlineData("[PROD] Web*1")]
    public async Task A_server_whose_name_has_wildcard_characters_is_excluded_by_its_exact_name(string name)
    {
        await using var world = await StartAsync();
        world.Fleet.UpdateServer(102, server => server with { Name = "[prod] web*1" });
        var result = await world.MustAsync(Job + $" -ExcludeServer '{name}'");
        Assert.Equal([101L, 103], result.OutputOf<SshKeyRevocation>().Select(account => account.ServerId));
    }

    [Fact]
    public async Task An_excluded_pattern_without_a_match_is_a_warning_and_an_invalid_one_is_a_name()
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
    public async Task Other_users_with_the_key_keep_it_and_are_named()
    {
        await using var world = await StartAsync();
        var result = await world.MustAsync(Job + " -User ro*");
        Assert.Contains(result.Warnings, warning => warning.Contains("outside -User and were kept: 1 (runcloud)", StringComparison.Ordinal));
        Assert.Equal(18, Assert.Single(world.Fleet.Snapshot().Credentials, credential => credential.Label.StartsWith("dave", StringComparison.Ordinal)).Id);
        Assert.Contains("runcloud", result.OutputOf<SshKeyRevocation>()[0].Message, StringComparison.Ordinal);
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
    public async Task A_value_that_is_not_a_key_does_not_count_as_other_access()
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
    public async Task Deployment_keys_that_nobody_can_compare_and_authorities_are_warnings_too()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddUser(101, "git", TestKeys.Unparsable(1));
        _ = world.Fleet.AddCredential(101, "root", "authority", "cert-authority " + World.Key(4));
        var warning = (await world.RunAsync(Job)).Warnings[^1];
        Assert.Contains("Deployment keys that could not be compared: 1 (git (id ", warning, StringComparison.Ordinal);
        Assert.Contains("cert-authority lines that stay: 1 (root on web-01 (id 101))", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_inspection_is_a_warning_and_not_a_failure()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Status(500), path: "/servers/101/ssh/sessions");
        _ = world.Faults.Add(Fault.Page(200), path: "/servers/101/users");
        Assert.Contains("Servers that could not be inspected: 1 (web-01 (id 101): Listing the SSH sessions of web-01 ", (await world.MustAsync(Job)).Warnings[^1], StringComparison.Ordinal);
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
    public async Task Without_a_prompt_nothing_is_changed(ShellMode mode)
    {
        await using var world = await StartAsync(new ShellOptions { Mode = mode });
        var error = await world.ThrowsAsync("Revoke-RunCloudSshKey -Key $key");
        Assert.Contains("-Confirm:$false", error.MustBe("ConfirmationUnavailable", ErrorCategory.InvalidOperation).ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(world.Requests.Changing);
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
