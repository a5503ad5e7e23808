using System.Management.Automation;
using System.Text.Json.Nodes;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>Changes by others during a removal, and late answers of the API: nothing is reported gone that is not.</summary>
public sealed class MeanwhileTests
{
    private const string Job = "Revoke-RunCloudSshKey -Key $key -Confirm:$false -Context $virtual";

    private const string Pipeline = "Get-RunCloudServer -Context $virtual | Get-RunCloudSshCredential -Key $key -Context $virtual | Remove-RunCloudSshCredential -Verify -PassThru -Confirm:$false -Context $virtual";

    [Fact]
    public async Task A_server_added_during_the_run_is_failed_and_not_changed()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        AtFirstRemoval(world, () =>
        {
            _ = world.Fleet.AddServer("new-01", id: 104);
            _ = world.Fleet.AddCredential(104, "root", "dave", World.Key(1), id: 44);
        });
        var result = await world.RunAsync(Job + $" -ReportPath '{folder.Path}/report.json'");
        var account = result.OutputOf<SshKeyRevocation>()[^1];
        Assert.Equal((104L, "Failed", "AppearedLater"), (account.ServerId, account.Status, account.Reason));
        Assert.Equal(104, Assert.IsType<Server>(Assert.Single(result.Errors).MustBe("IncompleteList", ErrorCategory.InvalidResult).TargetObject).Id);
        Assert.Contains("Run the command again.", account.Message, StringComparison.Ordinal);
        Assert.Contains(world.Fleet.Snapshot().Credentials, credential => credential.Id == 44);
        Assert.False(JsonNode.Parse(await File.ReadAllBytesAsync(Path.Combine(folder.Path, "report.json"), TestContext.Current.CancellationToken))!["complete"]!.GetValue<bool>());
    }

    [Fact]
    public async Task An_excluded_server_added_during_the_run_is_still_excluded()
    {
        await using var world = await StartAsync();
        AtFirstRemoval(world, () => world.Fleet.AddServer("lab-01", id: 104));
        Assert.Equal([101L, 102, 103], (await world.MustAsync(Job + " -ExcludeServer lab-*")).OutputOf<SshKeyRevocation>().Select(account => account.ServerId));
    }

    [Fact]
    public async Task A_key_that_comes_to_a_touched_server_under_another_user_is_failed_and_not_touched()
    {
        await using var world = await StartAsync();
        AtFirstRemoval(world, () => world.Fleet.AddCredential(101, "deploy", "late", World.Key(1), id: 44));
        var result = await world.RunAsync(Job);
        var account = result.OutputOf<SshKeyRevocation>()[0];
        Assert.Equal(("Failed", "AppearedLater"), (account.Status, account.Reason));
        Assert.Equal(44, Assert.IsType<SshCredential>(Assert.Single(result.Errors).TargetObject).Id);
        Assert.Contains(world.Fleet.Snapshot().Credentials, credential => credential.Id == 44);
    }

    [Fact]
    public async Task A_key_that_comes_back_under_another_id_is_failed()
    {
        await using var world = await StartAsync();
        AtFirstRemoval(world, () => world.Fleet.AddCredential(101, "root", "dave-again", World.Key(1), id: 44));
        var account = (await world.RunAsync(Job)).OutputOf<SshKeyRevocation>()[0];
        Assert.Equal(("Failed", "CameBack"), (account.Status, account.Reason));
        Assert.Equal([(17L, "Removed"), (44L, "Failed")], account.Removals.Select(removal => (removal.Id, removal.Status)));
    }

    [Fact]
    public async Task Verify_sees_the_same_key_of_the_same_user_under_another_id()
    {
        await using var world = await StartAsync();
        AtFirstRemoval(world, () => world.Fleet.AddCredential(101, "root", "dave-again", World.Key(1), id: 44));
        var result = await world.RunAsync(Pipeline);
        Assert.Equal([(17L, "Failed"), (19L, "Removed")], result.OutputOf<SshCredentialRemoval>().Select(removal => (removal.Id, removal.Status)));
        Assert.Equal("CameBack", result.OutputOf<SshCredentialRemoval>()[0].Reason);
        Assert.Contains("(id 44, ", Assert.Single(result.Errors).MustBe("RemovalFailed", ErrorCategory.InvalidResult).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "Failed", "CameBack")]
    [InlineData(true, "Unconfirmed", "NotRead")]
    public async Task Verify_reads_a_shortened_key_of_the_same_user_individually(bool fails, string status, string reason)
    {
        await using var world = await StartAsync(new SimulatorOptions { TruncatedKeys = TruncatedKeys.InLists });
        AtFirstRemoval(world, () => world.Fleet.AddCredential(101, "root", "dave-again", World.Key(1), id: 44));
        _ = fails ? world.Faults.Add(Fault.Status(403, "This action is unauthorized."), method: "GET", path: "/servers/101/ssh/credentials/44") : null;
        var removal = (await world.RunAsync(Pipeline)).OutputOf<SshCredentialRemoval>()[0];
        Assert.Equal((17L, status, reason), (removal.Id, removal.Status, removal.Reason));
        Assert.Contains(fails ? "could not be compared" : "(id 44, ", removal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_key_that_disappears_while_the_old_one_is_removed_is_an_error()
    {
        await using var world = await StartAsync();
        world.Shell.SetVariable("newKey", World.Key(5));
        AtFirstRemoval(world, () => world.Fleet.RemoveCredential(101, world.Fleet.Snapshot().Credentials.Single(credential => credential.ServerId == 101 && credential.PublicKey == World.Key(5)).Id));
        var result = await world.RunAsync("Update-RunCloudSshKey -Key $key -NewPublicKey $newKey -Confirm:$false -Context $virtual");
        Assert.Equal([("Failed", "AppearedLater"), ("Removed", null), ("Clean", null)], result.OutputOf<SshKeyRevocation>().Select(account => (account.Status, account.Reason)));
        Assert.Contains("was removed again", Assert.Single(result.Errors).MustBe("AdditionUnconfirmed", ErrorCategory.InvalidResult).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_sees_a_server_that_goes_offline_between_reading_and_removing()
    {
        await using var world = await StartAsync();
        AtFirstRemoval(world, () => world.Fleet.UpdateServer(101, server => server with { Online = false }));
        var result = await world.RunAsync(Pipeline);
        Assert.Equal([("Unconfirmed", "Offline"), ("Removed", null)], result.OutputOf<SshCredentialRemoval>().Select(removal => (removal.Status, removal.Reason)));
    }

    [Theory]
    [InlineData(Job)]
    [InlineData(Pipeline)]
    public async Task An_id_that_belongs_to_another_key_before_a_retry_is_not_removed(string job)
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Custom("done, answer lost, id used again", exchange =>
        {
            _ = exchange.Perform();
            _ = world.Fleet.AddCredential(101, "erin", "erin", World.Key(5), id: 17);
            exchange.Drop();
            return Task.CompletedTask;
        }), method: "DELETE", path: "/servers/101/ssh/credentials/17", times: 1);
        var result = await world.MustAsync(job);
        Assert.Contains(world.Fleet.Snapshot().Credentials, credential => credential is { Id: 17, User: "erin" });
        Assert.Equal(1, world.Requests.Changing.Count(request => request.Matches("/servers/101/*/*/*")));
        Assert.NotEmpty(result.Output);
    }

    [Fact]
    public async Task A_removal_that_is_answered_with_another_key_is_settled_by_the_list()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Custom("another key", exchange => exchange.SendAsync(exchange.Perform(pretend: true) is var answer
            ? answer with { Body = System.Text.Encoding.UTF8.GetBytes(JsonNode.Parse(answer.Body.Span)! is JsonObject row && Set(row) ? row.ToJsonString() : "{}") } : answer)), method: "DELETE", path: "/servers/101/ssh/credentials/17");
        var result = await world.RunAsync(Pipeline);
        Assert.Equal(("Failed", "StillListed"), (result.OutputOf<SshCredentialRemoval>()[0].Status, result.OutputOf<SshCredentialRemoval>()[0].Reason));

        static bool Set(JsonObject row)
        {
            row["publicKey"] = World.Key(5);
            return true;
        }
    }

    [Theory]
    [InlineData(Job, 1)]
    [InlineData(Job, 2)]
    [InlineData(Pipeline, 1)]
    [InlineData(Pipeline, 2)]
    public async Task A_list_that_lags_behind_is_read_again_before_a_verdict(string job, int readings)
    {
        await using var world = await StartAsync();
        var stale = new StaleList(world, readings);
        _ = world.Faults.Add(stale.Fault, method: "GET", path: "/servers/101/ssh/credentials");
        _ = await world.MustAsync(job);
        Assert.Equal(2, world.Requests.Changing.Count);
    }

    [Fact]
    public async Task A_key_that_slips_from_page_to_page_while_a_list_is_read_is_seen_at_the_second_reading()
    {
        await using var world = await StartAsync(new SimulatorOptions { MaxPageSize = 2 });
        foreach (var id in (long[])[51, 52])
        {
            _ = world.Fleet.AddCredential(103, "root", $"other-{id}", World.Key((int)id), id: id);
        }

        _ = world.Fleet.AddCredential(103, "root", "slips", World.Key(1), id: 53);

        // Between the first and the second page one row is removed and another added: the first row of the second page is then on neither.
        _ = world.Faults.Add(Fault.Answering("a row goes, another comes", answer =>
        {
            _ = world.Fleet.RemoveCredential(103, 51);
            _ = world.Fleet.RemoveCredential(103, 53);
            _ = world.Fleet.AddCredential(103, "root", "slips", World.Key(1), id: 53);
            _ = world.Fleet.AddCredential(103, "root", "newest", World.Key(60), id: 60);
            _ = world.Fleet.RemoveCredential(103, 52);
            _ = world.Fleet.AddCredential(103, "root", "last", World.Key(61), id: 61);
            return answer;
        }), method: "GET", path: "/servers/103/ssh/credentials", times: 1);
        var account = (await world.RunAsync(Job)).OutputOf<SshKeyRevocation>()[2];
        Assert.Equal(("Failed", "AppearedLater"), (account.Status, account.Reason));
    }

    [Fact]
    public async Task A_clean_server_is_read_once_more_where_the_question_waits_for_long()
    {
        await using var world = await StartAsync();
        var time = world.Shell.GetVariable("clock") as TimeProvider ?? throw new InvalidOperationException();
        world.Shell.Screen.WillAnswer(ShellAnswer.From(prompt =>
        {
            _ = world.Fleet.AddCredential(103, "root", "dave", World.Key(1), id: 44);
            Task.Delay(TimeSpan.FromMinutes(20), time).GetAwaiter().GetResult();
            return ShellAnswer.Yes;
        }));
        var result = await world.RunAsync("Revoke-RunCloudSshKey -Key $key -Context $virtual");
        var account = result.OutputOf<SshKeyRevocation>()[2];
        Assert.Equal(("Failed", "AppearedLater"), (account.Status, account.Reason));
        Assert.Contains(world.Fleet.Snapshot().Credentials, credential => credential.Id == 44);
    }

    [Fact]
    public async Task Rows_say_when_they_were_checked_and_read_back()
    {
        await using var world = await StartAsync();
        var accounts = (await world.MustAsync(Job)).OutputOf<SshKeyRevocation>();
        Assert.All(accounts, account => Assert.NotNull(account.CheckedAt));
        Assert.Equal([true, true, false], accounts.Select(account => account.VerifiedAt is not null));
        Assert.All(accounts.SelectMany(account => account.Removals), removal => Assert.NotNull(removal.VerifiedAt));
        Assert.All(accounts, account => Assert.Equal(World.Key(1), Assert.Single(account.Keys)));
    }

    [Fact]
    public async Task A_second_run_does_not_call_an_offline_server_clean()
    {
        await using var world = await StartAsync();
        world.Fleet.UpdateServer(101, server => server with { Online = false });
        var first = (await world.RunAsync(Job)).OutputOf<SshKeyRevocation>()[0];
        Assert.Equal(("Unconfirmed", "Offline"), (first.Status, first.Reason));
        var second = await world.RunAsync(Job);
        Assert.Equal(("Unconfirmed", "OfflineNotListed"), (second.OutputOf<SshKeyRevocation>()[0].Status, second.OutputOf<SshKeyRevocation>()[0].Reason));
        _ = Assert.Single(second.Errors).MustBe("RemovalUnconfirmed", ErrorCategory.InvalidResult);
    }

    [Fact]
    public async Task A_user_that_no_server_has_ends_the_command_before_any_change()
    {
        await using var world = await StartAsync();
        Assert.Equal("nobdy", (await world.ThrowsAsync(Job + " -User nobdy, root")).MustBe("SystemUserNotFound", ErrorCategory.ObjectNotFound).TargetObject);
        Assert.Empty(world.Requests.Changing);
    }

    [Theory]
    [InlineData("keyless")]
    [InlineData("KEYLESS")]
    [InlineData("nob*")]
    public async Task A_user_without_any_credential_still_counts(string user)
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddUser(103, "keyless");
        var result = await world.MustAsync(Job + $" -User {user}");
        Assert.Equal([("Kept", "OtherUsers"), ("Kept", "OtherUsers"), ("Clean", null)], result.OutputOf<SshKeyRevocation>().Select(account => (account.Status, account.Reason)));
        Assert.Empty(world.Requests.Changing);
    }

    [Fact]
    public async Task A_server_list_that_cannot_be_read_again_is_an_error_and_changed_servers_are_read_individually()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Status(403, "This action is unauthorized."), method: "GET", path: "/servers", from: 2);
        var result = await world.RunAsync(Job);
        Assert.Equal(["Removed", "Removed", "Clean"], result.OutputOf<SshKeyRevocation>().Select(account => account.Status));
        _ = Assert.Single(result.Errors).MustBe("Forbidden", ErrorCategory.PermissionDenied);
        Assert.Equal(2, world.Requests.All.Count(request => request.Matches("/servers/*")));
    }

    [Fact]
    public async Task Leftovers_and_a_summary_are_on_the_information_stream()
    {
        await using var world = await StartAsync();
        world.Fleet.AddSession(101, new FleetSession("mallory", "pts/0", "203.0.113.9", "06:10", "1:23", "-bash"));
        var told = (await world.MustAsync("$null = " + Job + " -InformationVariable told; $told")).OutputOf<InformationRecord>();
        Assert.Equal("Removed: 2; Clean: 1", Assert.Single(told, record => record.Tags.Contains("RunCloudSummary")).MessageData);
        _ = Assert.IsType<SshSession>(Assert.Single(told, record => record.Tags.Contains("RunCloudLeftover")).MessageData);
    }

    [Fact]
    public async Task SkipInspection_saves_its_requests_and_keeps_the_advice()
    {
        await using var world = await StartAsync();
        var result = await world.MustAsync(Job + " -SkipInspection");
        Assert.Equal((2 * 1) + 3 + 2 + 2, world.Requests.Count);
        Assert.Contains("SSH Key Vault", result.Warnings[^1], StringComparison.Ordinal);
    }

    /// <summary>Acts before the removal on server 101 is answered. Any other removal may come earlier or later.</summary>
    private static void AtFirstRemoval(World world, Action act)
    {
        var done = false;
        _ = world.Faults.Add(Fault.Answering("meanwhile", answer =>
        {
            if (!done)
            {
                done = true;
                act();
            }

            return answer;
        }), method: "DELETE", path: "/servers/101/ssh/credentials/17", times: 1);
    }

    private static async Task<World> StartAsync(SimulatorOptions? options = null)
    {
        var time = new EagerTime(Fleet.Epoch);
        var world = await World.StartAsync(
            fleet =>
            {
                foreach (var (name, id) in (ReadOnlySpan<(string, long)>)[("web-01", 101), ("web-02", 102), ("db-01", 103)])
                {
                    _ = fleet.AddServer(name, id: id);
                    _ = fleet.AddCredential(id, "root", "eve", World.Key(2), id: id);
                }

                _ = fleet.AddCredential(101, "root", "dave", World.Key(1), id: 17);
                _ = fleet.AddCredential(102, "root", "dave", World.Key(1), id: 19);
            },
            (options ?? new SimulatorOptions()) with { TimeProvider = time.Server });
        world.Shell.SetVariable("key", World.Key(1));
        world.Shell.SetVariable("clock", time.Client);
        _ = world.AddVirtualContext(time.Client);
        return world;
    }

    /// <summary>A list that still shows removed credentials for some readings, like a replica that lags.</summary>
    private sealed class StaleList(World world, int readings)
    {
        private byte[]? _before;
        private int _shown;

        internal Fault Fault => Fault.Answering("a stale list", answer =>
        {
            if (world.Requests.Changing.Count == 0)
            {
                _before = answer.Body.ToArray();
                return answer;
            }

            return _shown++ < readings ? answer with { Body = _before! } : answer;
        });
    }
}
