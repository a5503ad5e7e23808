using RunCloud.Simulator;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;
using static RunCloud.Api.Tests.Revocation.RevocationWorld;

namespace RunCloud.Api.Tests.Revocation;

/// <summary>The second look at every server after the changes, and the search for what is left.</summary>
public sealed class ConfirmTests
{
    private const string Removing = "/servers/101/ssh/credentials/17";

    private static readonly Fault Forbidden = Fault.Status(403, "This action is unauthorized.");

    /// <summary>Answers when everybody else waits.</summary>
    private static readonly Fault Late = Fault.Delay(TimeSpan.FromSeconds(1));

    [Fact]
    public async Task A_server_that_comes_during_the_run_is_failed_and_not_changed()
    {
        await using var world = await StartAsync();
        world.AtAnswer("DELETE", Removing, () =>
        {
            _ = world.Fleet.AddServer("new-01", id: 104);
            _ = world.Fleet.AddCredential(104, "root", "dave", Old, id: 44);
        });
        using var job = world.Job(Removal);
        var account = (await RunAsync(job))[^1];
        Assert.Equal((104L, "Failed", "AppearedLater", RunCloudError.IncompleteList), (account.ServerId, account.Status, account.Reason, account.Failure!.Error));
        Assert.Equal(Old, Assert.Single(account.Keys));
        Assert.Contains("neither read nor changed", account.Message, StringComparison.Ordinal);
        Assert.Contains("104 root dave old", world.Content);
        Assert.Equal((4, 0, false), (job.Servers, job.Excluded, job.IsComplete));
    }

    [Fact]
    public async Task An_excluded_server_that_comes_during_the_run_is_still_excluded()
    {
        await using var world = await StartAsync();
        world.AtAnswer("DELETE", Removing, () => world.Fleet.AddServer("lab-01", id: 104));
        using var job = world.Job(new KeyChange { Keys = Removal.Keys, Excludes = name => name == "lab-01" });
        Assert.Equal([101L, 102, 103], (await RunAsync(job)).Select(account => account.ServerId));
        Assert.Equal([104L], job.ExcludedServers.Select(server => server.Id));
        Assert.True(job.IsComplete);
    }

    [Fact]
    public async Task A_server_that_goes_offline_during_the_run_confirms_nothing()
    {
        await using var world = await StartAsync();
        world.AtAnswer("DELETE", Removing, () =>
        {
            foreach (var id in (long[])[101, 103])
            {
                world.Fleet.UpdateServer(id, server => server with { Online = false });
            }
        });
        using var job = world.Job(Removal);
        var accounts = await RunAsync(job);
        Assert.Equal([("Unconfirmed", "Offline"), ("Removed", null), ("Unconfirmed", "OfflineNotListed")], accounts.Select(account => (account.Status, account.Reason)));
        Assert.Equal([RunCloudError.RemovalUnconfirmed], accounts.Select(account => account.Failure?.Error).OfType<RunCloudError>());
        Assert.NotNull(accounts[0].Removals[0].VerifiedAt);
        Assert.Contains("the server is offline", accounts[2].Message, StringComparison.Ordinal);
        Assert.True(job.IsComplete);
    }

    [Fact]
    public async Task A_server_that_was_offline_or_of_unknown_state_confirms_nothing_although_it_is_online_at_the_end()
    {
        await using var world = await StartAsync();
        world.Fleet.UpdateServer(102, server => server with { Online = false });
        world.Fleet.UpdateServer(103, server => server with { Connected = false });
        world.AtAnswer("DELETE", Removing, () =>
        {
            foreach (var id in (long[])[102, 103])
            {
                world.Fleet.UpdateServer(id, server => server with { Online = true, Connected = true });
            }
        });
        Assert.Equal(
            [("Removed", null), ("Unconfirmed", "Offline"), ("Unconfirmed", "StateUnknown")],
            (await world.RunAsync(Removal)).Select(account => (account.Status, account.Reason)));
    }

    [Fact]
    public async Task Changed_servers_that_are_not_on_the_second_list_are_read_individually()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Forbidden, path: "/servers", from: 2);
        world.AtAnswer("DELETE", Removing, () => world.Fleet.UpdateServer(101, server => server with { Online = false }));
        using var job = world.Job(Removal);
        var accounts = await RunAsync(job);
        Assert.Equal([("Unconfirmed", "Offline"), ("Removed", null), ("Clean", null)], accounts.Select(account => (account.Status, account.Reason)));
        Assert.Equal((RunCloudError.Forbidden, null, null, false), (job.SecondListFailure!.Error, job.ListFailure, job.Refusal, job.IsComplete));
        Assert.Equal(["GET /servers/101", "GET /servers/102"], world.Lines.TakeLast(2));
    }

    [Fact]
    public async Task A_changed_server_that_is_gone_from_the_workspace_confirms_nothing()
    {
        await using var world = await StartAsync();
        world.AtAnswer("GET", "/servers/102/ssh/credentials", () => world.Fleet.RemoveServer(101), from: 2);
        using var job = world.Job(Removal);
        var account = (await RunAsync(job))[0];
        Assert.Equal(("Unconfirmed", "StateUnknown"), (account.Status, account.Reason));
        Assert.Contains("could not be read afterwards", account.Removals[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_is_refused_at_the_second_list_leaves_everything_unconfirmed()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Unauthorized, path: "/servers", from: 2);
        using var job = world.Job(Removal);
        var accounts = await RunAsync(job);
        Assert.Equal([("Unconfirmed", "TokenRefused"), ("Unconfirmed", "TokenRefused"), ("Clean", null)], accounts.Select(account => (account.Status, account.Reason)));
        Assert.Equal((RunCloudError.Unauthorized, RunCloudError.Unauthorized), (job.SecondListFailure!.Error, job.Refusal!.Error));
        Assert.Equal("GET /servers", world.Lines.Last());
        var left = await job.InspectAsync(Stop).ToListAsync(Stop);
        Assert.All(left, found => Assert.Equal(RunCloudError.Unauthorized, Assert.Single(found.Unread).Error));
        Assert.Equal("GET /servers", world.Lines.Last());
        Assert.Equal(left, job.Leftovers);
    }

    [Fact]
    public async Task A_token_that_is_refused_when_the_state_is_read_ends_the_work()
    {
        await using var world = await StartAsync();
        var servers = await world.Client.GetServersAsync(Stop).ToListAsync(Stop);
        _ = world.Faults.Add(Fault.Unauthorized, path: "/servers/101");
        using var job = world.Job(Removal, [.. servers.Select(server => (server.Id, (Server?)server))]);
        var accounts = await RunAsync(job);
        Assert.Equal([("Unconfirmed", "TokenRefused"), ("Unconfirmed", "TokenRefused"), ("Clean", null)], accounts.Select(account => (account.Status, account.Reason)));
        Assert.Equal("GET /servers/101", world.Lines.Last());
        Assert.Equal((RunCloudError.Unauthorized, false), (job.Refusal!.Error, job.IsComplete));
    }

    [Fact]
    public async Task Given_servers_are_confirmed_one_by_one_where_something_was_changed()
    {
        await using var world = await StartAsync();
        using var job = world.Job(Removal, [(101, null), (103, null)]);
        Assert.Equal(["Removed", "Clean"], (await RunAsync(job)).Select(account => account.Status));
        Assert.Equal(["DELETE " + Removing, "GET /servers/101/ssh/credentials", "GET /servers/101"], world.Lines.TakeLast(3));
        Assert.True(job.IsComplete);
    }

    [Fact]
    public async Task A_job_without_a_server_is_not_complete()
    {
        await using var world = await StartAsync();
        using var job = world.Job(Removal, []);
        Assert.Empty(await RunAsync(job));
        Assert.Equal((false, false, 0), (job.IsComplete, job.HasBegun, job.Total));
        Assert.Empty(world.Lines);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public async Task A_clean_server_that_was_read_long_ago_is_read_once_more(int seconds, bool isOld)
    {
        await using var world = await StartAsync();
        using var job = world.Job(Removal);
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        _ = world.Fleet.AddCredential(103, "root", "dave", Old, id: 44);
        await Task.Delay(TimeSpan.FromMinutes(15) + TimeSpan.FromSeconds(seconds), world.Time, Stop);
        var account = (await CarryAsync(job))[2];
        Assert.Equal((isOld ? "Failed" : "Clean", isOld ? "AppearedLater" : null), (account.Status, account.Reason));
        Assert.Equal(isOld ? [44L] : [], account.Removals.Select(removal => removal.Id));
        Assert.Equal(isOld ? Fleet.Epoch + TimeSpan.FromSeconds(901) : Fleet.Epoch, account.CheckedAt);
    }

    [Fact]
    public async Task A_list_of_several_pages_is_read_once_more_unless_it_was_read_back()
    {
        await using var world = await StartAsync(new SimulatorOptions { MaxPageSize = 1 });
        _ = world.Fleet.AddCredential(103, "root", "more", Key(3));
        using var job = world.Job(Removal);
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        _ = world.Fleet.AddCredential(103, "root", "dave", Old, id: 44);
        Assert.Equal([("Removed", null), ("Removed", null), ("Failed", "AppearedLater")], (await CarryAsync(job)).Select(account => (account.Status, account.Reason)));
    }

    [Fact]
    public async Task A_copy_that_is_its_users_last_key_is_new_at_the_second_reading_too()
    {
        await using var world = await StartAsync(new SimulatorOptions { MaxPageSize = 1 });
        _ = world.Fleet.AddCredential(103, "root", "more", Key(3));
        using var job = world.Job(new KeyChange { Keys = Removal.Keys, KeepsLast = true });
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        _ = world.Fleet.AddCredential(103, "deploy", "dave", Old, id: 44);
        var account = (await CarryAsync(job))[2];
        Assert.Equal(("Failed", "AppearedLater", 44), (account.Status, account.Reason, Assert.Single(account.Removals).Id));
    }

    [Fact]
    public async Task What_was_known_is_no_new_copy_at_the_second_reading()
    {
        await using var world = await StartAsync(new SimulatorOptions { MaxPageSize = 1 });
        _ = world.Fleet.AddCredential(101, "deploy", "dave-2", Old, id: 18);
        _ = world.Fleet.AddCredential(101, "erin", "dave-3", Old, id: 20);
        _ = world.Faults.Add(Forbidden, method: "DELETE");
        var account = (await world.RunAsync(new KeyChange { Keys = Removal.Keys, KeepsLast = true, AcceptsUser = user => user != "erin" }))[0];
        Assert.Equal([(17L, "StillListed"), (18, "LastCredential")], account.Removals.Select(removal => (removal.Id, removal.Reason)));
        Assert.EndsWith("Users outside -User have the key too: erin.", account.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_second_reading_replaces_the_problems_of_the_first_and_adds_the_copies_of_others()
    {
        await using var world = await StartAsync(new SimulatorOptions { MaxPageSize = 1 });
        _ = world.Fleet.AddCredential(103, "root", "odd", "ssh-rsa AAAA", id: 31);
        _ = world.Fleet.AddCredential(103, "erin", "erin", Old, id: 43);
        using var job = world.Job(new KeyChange { Keys = Removal.Keys, AcceptsUser = user => user == "root" });
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        _ = world.Fleet.RemoveCredential(103, 31);
        _ = world.Fleet.AddCredential(103, "deploy", "dave", Old, id: 44);
        var account = (await CarryAsync(job))[2];
        Assert.Equal(("Kept", "OtherUsers", "Users outside -User have the key too: erin, deploy."), (account.Status, account.Reason, account.Message));
    }

    [Fact]
    public async Task A_value_that_is_no_key_at_the_second_reading_is_reported_with_the_account()
    {
        await using var world = await StartAsync(new SimulatorOptions { MaxPageSize = 1 });
        _ = world.Fleet.AddCredential(103, "root", "more", Key(3));
        using var job = world.Job(Removal);
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        _ = world.Fleet.AddCredential(103, "root", "odd", "ssh-rsa AAAA", id: 31);
        var account = (await CarryAsync(job))[2];
        Assert.Equal(("Unconfirmed", "Unreadable", RunCloudError.SshCredentialNotComparable), (account.Status, account.Reason, account.Failure!.Error));
    }

    [Theory]
    [InlineData(403, "Unconfirmed", "NotRead")]
    [InlineData(401, "Clean", null)]
    public async Task A_list_that_cannot_be_read_again_confirms_nothing(int status, string expected, string? reason)
    {
        await using var world = await StartAsync(new SimulatorOptions { MaxPageSize = 1 });
        _ = world.Fleet.AddCredential(103, "root", "more", Key(3));
        using var job = world.Job(Removal);
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        _ = world.Faults.Add(status == 401 ? Fault.Unauthorized : Forbidden, path: "/servers/103/ssh/credentials");
        var account = (await CarryAsync(job))[2];
        Assert.Equal((expected, reason, Fleet.Epoch), (account.Status, account.Reason, account.CheckedAt));
        Assert.Equal(status == 401, job.Refusal is not null);
        Assert.Equal(status == 401, !job.IsComplete);
        Assert.Equal(status == 403, account.Failure is { Error: RunCloudError.RemovalUnconfirmed });
    }

    [Fact]
    public async Task Changed_servers_that_were_online_are_searched_for_what_is_left()
    {
        await using var world = await StartAsync(new SimulatorOptions { AcceptKeyOptions = true });
        world.Fleet.UpdateServer(102, server => server with { Online = false });
        world.Fleet.AddSession(101, new FleetSession("mallory", "pts/0", "203.0.113.9", "06:10", "1:23", "-bash"));
        _ = world.Fleet.AddUser(101, "deployer", deploymentKey: Old);
        _ = world.Fleet.AddUser(101, "other", deploymentKey: Key(3));
        _ = world.Fleet.AddUser(101, "odd", deploymentKey: "ssh-rsa AAAA");
        _ = world.Fleet.AddCredential(101, "root", "ca", "cert-authority " + Key(6));
        using var job = world.Job(Removal);
        _ = await RunAsync(job);
        var left = Assert.Single(await job.InspectAsync(Stop).ToListAsync(Stop));
        Assert.Equal((101L, 1, 0), (left.Server.Id, left.Sessions.Count, left.Unread.Count));
        Assert.Equal(["deployer"], left.Holders.Select(user => user.User));
        Assert.Equal(["odd"], left.NotComparable.Select(user => user.User));
        Assert.Equal(["root"], left.AuthoritiesOf);
        Assert.Same(left, Assert.Single(job.Leftovers));
    }

    [Theory]
    [InlineData("/servers/101/ssh/sessions")]
    [InlineData("/servers/101/users")]
    public async Task What_could_not_be_searched_is_said(string path)
    {
        await using var world = await StartAsync();
        world.Fleet.AddSession(101, new FleetSession("mallory", "pts/0", "203.0.113.9", "06:10", "1:23", "-bash"));
        _ = world.Fleet.AddUser(101, "deployer", deploymentKey: Old);
        _ = world.Faults.Add(Forbidden, path: path);
        using var job = world.Job(Removal);
        _ = await RunAsync(job);
        var left = await job.InspectAsync(Stop).ToListAsync(Stop);
        Assert.Equal([1, 0], left.Select(found => found.Unread.Count));
        Assert.Equal(path.EndsWith("users", StringComparison.Ordinal) ? (1, 0) : (0, 1), (left[0].Sessions.Count, left[0].Holders.Count));
        Assert.Null(job.Refusal);
    }

    [Fact]
    public async Task A_token_that_is_refused_during_the_search_ends_it()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Unauthorized, path: "/servers/101/users");
        using var job = world.Job(Removal);
        _ = await RunAsync(job);
        var left = await job.InspectAsync(Stop).ToListAsync(Stop);
        Assert.Equal([101L, 102], left.Select(found => found.Server.Id));
        Assert.All(left, found => Assert.Equal(RunCloudError.Unauthorized, Assert.Single(found.Unread).Error));
        Assert.Equal(RunCloudError.Unauthorized, job.Refusal!.Error);
        Assert.Equal("GET /servers/101/users", world.Lines.Last());
    }

    [Fact]
    public async Task A_token_that_was_refused_on_one_server_stays_refused_when_the_work_on_another_ends_well()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Unauthorized, method: "DELETE", path: Removing);
        _ = world.Faults.Add(Late, method: "DELETE", path: "/servers/102/ssh/credentials/19");
        using var job = world.Job(Removal, throttleLimit: 2);
        var accounts = await RunAsync(job);
        Assert.Equal(["Failed", "Unconfirmed", "Clean"], accounts.Select(account => account.Status));
        Assert.Equal(RunCloudError.Unauthorized, job.Refusal!.Error);
    }

    [Fact]
    public async Task A_token_that_was_refused_during_one_search_stays_refused_when_another_ends_well()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Unauthorized, path: "/servers/101/users");
        _ = world.Faults.Add(Late, path: "/servers/102/users");
        using var job = world.Job(Removal, throttleLimit: 2);
        _ = await RunAsync(job);
        Assert.Equal([1, 0], (await job.InspectAsync(Stop).ToListAsync(Stop)).Select(found => found.Unread.Count));
        Assert.Equal(RunCloudError.Unauthorized, job.Refusal!.Error);
    }

    [Fact]
    public async Task The_scope_counts_what_was_asked_and_read()
    {
        await using var world = await StartAsync();
        foreach (var id in (long[])[104, 105, 106, 107])
        {
            _ = world.Fleet.AddServer("app", id: id, online: id > 105);
        }

        _ = world.Faults.Add(Forbidden, path: "/servers/101/ssh/credentials");
        using var job = world.Job(new KeyChange { Keys = Removal.Keys, KeepsLast = true, Excludes = name => name == "db-01" });
        var accounts = await RunAsync(job);
        var scope = new RevocationScope { Users = ["root"] }.Of(job, accounts, job.IsComplete);
        Assert.Equal(
            new RevocationScope { Users = scope.Users, Asked = 7, ServersInWorkspace = 7, ServersRead = 5, NotRead = 1, Offline = 2, Excluded = 1, Complete = true, SkipLastCredential = true },
            scope);
        Assert.Equal(["root"], scope.Users);
        using var given = world.Job(Removal, [(102, null)]);
        var ofGiven = await RunAsync(given);
        Assert.Null(new RevocationScope().Of(given, ofGiven, isComplete: false).ServersInWorkspace);
    }
}
