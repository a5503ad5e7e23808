using RunCloud.Simulator;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;
using static RunCloud.Api.Tests.Revocation.RevocationWorld;

namespace RunCloud.Api.Tests.Revocation;

/// <summary>Replacing a key: the old one of a user goes only after the new one was seen on the list, and permits no more than it did.</summary>
public sealed class ReplacementTests
{
    private const string Rows = "/servers/101/ssh/credentials";

    private static readonly Fault Forbidden = Fault.Status(403, "This action is unauthorized.");

    [Fact]
    public async Task The_new_key_is_added_and_seen_before_the_old_one_goes()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(101, "root", "dave-2", Old, id: 18);
        _ = world.Fleet.AddCredential(101, "deploy", "dave-3", Old, id: 20);
        using var job = world.Job(Replacement);
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        world.Requests.Clear();
        var accounts = await CarryAsync(job);
        Assert.Equal(["101 deploy dave-laptop-2 new", "101 root dave-laptop new", "101 root eve other", "102 root dave-laptop new", "102 root eve other", "103 root eve other"], world.Content);
        Assert.Equal([("Removed", 3, 2), ("Removed", 1, 1), ("Clean", 0, 0)], accounts.Select(account => (account.Status, account.Removals.Length, account.Additions.Length)));
        Assert.Equal(
            [
                $"GET {Rows}/17", $"POST {Rows}", $"GET {Rows}/20", $"POST {Rows}", $"GET {Rows}", $"DELETE {Rows}/17", $"DELETE {Rows}/18",
                $"DELETE {Rows}/20", $"GET {Rows}",
            ],
            world.Lines.Where(line => line.Contains("/101/", StringComparison.Ordinal)));
        Assert.True(job.IsComplete);
    }

    [Fact]
    public async Task Who_has_the_new_key_is_given_none()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(101, "root", "mine", New, id: 55);
        var account = (await world.RunAsync(Replacement))[0];
        Assert.Equal(("Removed", 0), (account.Status, account.Additions.Length));
        Assert.Equal(["101 root eve other", "101 root mine new"], world.Content.Where(line => line.StartsWith("101", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true, true, false)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    public async Task A_temporary_key_and_a_permanent_one_do_not_replace_each_other(bool isHolderTemporary, bool isOldTemporary, bool isHolderEnough)
    {
        // A permanent holder is enough for whoever has it; a temporary one only where all old keys are temporary.
        await using var world = await StartAsync(fleet =>
        {
            _ = fleet.AddServer("web-01", id: 101);
            _ = fleet.AddCredential(101, "root", "dave", Old, temporary: isOldTemporary, id: 17);
            _ = fleet.AddCredential(101, "root", "mine", New, temporary: isHolderTemporary, id: 55);
        });
        var account = Assert.Single(await world.RunAsync(Replacement));
        Assert.Equal("Removed", account.Status);
        var isEnough = isHolderTemporary ? isOldTemporary : isHolderEnough;
        Assert.Equal(isEnough ? 0 : 1, account.Additions.Length);
        Assert.Equal(isEnough ? [isHolderTemporary] : [false, true], world.Fleet.Snapshot().Credentials.Select(one => one.Temporary).Order());
    }

    [Fact]
    public async Task The_new_key_is_temporary_only_if_all_old_ones_of_the_user_are()
    {
        await using var world = await StartAsync(fleet =>
        {
            _ = fleet.AddServer("web-01", id: 101);
            _ = fleet.AddCredential(101, "root", "a", Old, temporary: true);
            _ = fleet.AddCredential(101, "root", "b", Old, temporary: true);
            _ = fleet.AddCredential(101, "deploy", "c", Old, temporary: true);
            _ = fleet.AddCredential(101, "deploy", "d", Old);
        });
        _ = await world.RunAsync(Replacement);
        Assert.Equal([("deploy", false), ("root", true)], world.Fleet.Snapshot().Credentials.Select(one => (one.User, one.Temporary)).Order());
    }

    [Fact]
    public async Task Options_are_kept_if_all_old_keys_of_the_user_have_them()
    {
        await using var world = await StartAsync(
            fleet =>
            {
                _ = fleet.AddServer("web-01", id: 101);
                _ = fleet.AddCredential(101, "root", "a", "restrict " + Old);
                _ = fleet.AddCredential(101, "root", "b", "restrict " + Old);
                _ = fleet.AddCredential(101, "deploy", "c", "restrict " + Old);
                _ = fleet.AddCredential(101, "deploy", "d", Old);
            },
            new SimulatorOptions { AcceptKeyOptions = true });
        _ = await world.RunAsync(Replacement);
        Assert.Equal([("deploy", New), ("root", "restrict " + New)], world.Fleet.Snapshot().Credentials.Select(one => (one.User, one.PublicKey)).Order());
    }

    [Fact]
    public void Options_of_the_new_key_come_before_those_of_the_old_one()
    {
        SshCredential[] old = [new(101, 17, "restrict " + Old)];
        var given = new SshKeyReplacement("  no-pty " + New + "\n", label: null);
        Assert.Equal(("no-pty " + New, "no-pty"), (given.LineFor(old), given.OptionsFor(old)));
        Assert.Equal("restrict " + New, new SshKeyReplacement(New, label: null).LineFor(old));
    }

    [Fact]
    public async Task Where_the_new_key_was_refused_the_old_one_stays()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Status(422, "The public key is not allowed."), method: "POST", path: Rows);
        var accounts = await world.RunAsync(Replacement);
        Assert.Equal([("Failed", "StillListed"), ("Removed", null), ("Clean", null)], accounts.Select(account => (account.Status, account.Reason)));
        Assert.Equal(RunCloudError.ValidationFailed, Assert.Single(accounts[0].Removals).Failure!.Error);
        Assert.Contains("101 root dave old", world.Content);

        // There was nothing to read back.
        Assert.Equal("POST " + Rows, world.Lines.Last(line => line.Contains("/101/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task One_user_whose_new_key_was_refused_keeps_the_old_one_and_the_others_do_not()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(101, "deploy", "dave-2", Old, id: 18);
        _ = world.Faults.Add(Fault.Status(422, "The public key is not allowed."), method: "POST", path: Rows, times: 1);
        var account = (await world.RunAsync(Replacement))[0];
        Assert.Equal([(17L, "Failed"), (18, "Removed")], account.Removals.Select(removal => (removal.Id, removal.Status)));
        Assert.Equal(["101 deploy dave-laptop-2 new", "101 root dave old", "101 root eve other"], world.Content.Take(3));
    }

    [Theory]
    [InlineData("pretended", "is not on the server's list for root")]
    [InlineData("unread", "could not be read back")]
    [InlineData("shortened", "could not be read back")]
    [InlineData("another user", "is not on the server's list for root")]
    public async Task Where_the_new_key_was_not_seen_the_old_one_stays(string trouble, string text)
    {
        await using var world = await StartAsync(new SimulatorOptions { TruncatedKeys = trouble == "shortened" ? TruncatedKeys.InLists : TruncatedKeys.Nowhere });
        var before = world.Fleet.Snapshot().Credentials.Select(one => FormattableString.Invariant($"{Rows}/{one.Id}")).ToList();
        _ = trouble switch
        {
            "pretended" => world.Faults.Add(Fault.Pretended, method: "POST", path: Rows),
            "unread" => world.Faults.Add(Forbidden, method: "GET", path: Rows, from: 2),
            "shortened" => world.Faults.Add(Forbidden, method: "GET", path: Rows + "/*", where: request => !before.Exists(path => request.Matches(path))),
            _ => world.Faults.Add(
                Fault.Rewrite("another user", json =>
                {
                    foreach (var row in json["data"]!.AsArray().Where(row => (string?)row!["label"] == "dave-laptop"))
                    {
                        row!["user"] = "deploy";
                    }
                }),
                method: "GET",
                path: Rows),
        };
        using var job = world.Job(Replacement);
        var account = (await RunAsync(job))[0];
        Assert.Equal(("Failed", "StillListed", 1), (account.Status, account.Reason, account.Additions.Length));
        Assert.Equal(RunCloudError.AdditionUnconfirmed, Assert.Single(account.Removals).Failure!.Error);
        Assert.Contains(text, account.Removals[0].Message, StringComparison.Ordinal);
        Assert.Contains("101 root dave old", world.Content);
        Assert.Null(job.Refusal);

        // A server that was given a key is searched for what is left, although nothing was removed there.
        Assert.Contains(101, (await job.InspectAsync(Stop).ToListAsync(Stop)).Select(left => left.Server.Id));
    }

    [Fact]
    public async Task On_a_server_that_is_not_clearly_online_nothing_is_changed()
    {
        await using var world = await StartAsync();
        world.Fleet.UpdateServer(101, server => server with { Online = false });
        world.Fleet.UpdateServer(102, server => server with { Connected = false });
        var accounts = await world.RunAsync(Replacement);
        Assert.Equal([("Failed", "Offline"), ("Failed", "StateUnknown"), ("Clean", null)], accounts.Select(account => (account.Status, account.Reason)));
        Assert.Equal(RunCloudError.ServerUnreachable, accounts[0].Removals[0].Failure!.Error);
        Assert.Empty(world.Requests.Changing);
    }

    [Theory]
    [InlineData("POST", Rows, 1, "TokenRefused")]
    [InlineData("GET", Rows + "/17", 1, "TokenRefused")]
    [InlineData("GET", Rows, 2, "StillListed")]
    public async Task A_refused_token_ends_the_work_and_keeps_the_old_keys(string method, string path, int from, string reason)
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(101, "deploy", "dave-2", Old, id: 18);
        _ = world.Faults.Add(Fault.Unauthorized, method, path, from);
        using var job = world.Job(Replacement);
        var accounts = await RunAsync(job);
        Assert.Equal(["Failed", "Failed", "Clean"], accounts.Select(account => account.Status));
        Assert.Equal((reason, "TokenRefused"), (accounts[0].Reason, accounts[1].Reason));
        Assert.Equal(RunCloudError.Unauthorized, job.Refusal!.Error);
        Assert.Equal($"{method} {path}", world.Lines.Last());
        Assert.DoesNotContain(world.Requests.Changing, request => request.Method == "DELETE");
    }

    [Fact]
    public async Task A_token_that_is_refused_for_the_last_user_ends_the_work_too()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(101, "deploy", "dave-2", Old, id: 18);
        _ = world.Faults.Add(Fault.Unauthorized, method: "POST", path: Rows, from: 2);
        var account = (await world.RunAsync(Replacement))[0];
        Assert.Equal([(17L, "Failed", "TokenRefused"), (18, "Failed", "TokenRefused")], account.Removals.Select(removal => (removal.Id, removal.Status, removal.Reason)));
        Assert.Equal(1, world.Requests.All.Count(request => request.Status == 401));
        Assert.Equal("POST " + Rows, world.Lines.Last());
        Assert.Single(account.Additions);
    }

    [Fact]
    public async Task A_token_that_is_refused_before_an_old_key_goes_says_that_nothing_was_sent_for_it()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(101, "deploy", "dave-2", Old, id: 18);
        _ = world.Faults.Add(Fault.Unauthorized, method: "DELETE", path: Rows + "/17");
        var account = (await world.RunAsync(Replacement))[0];
        Assert.Equal([(17L, "TokenRefused"), (18, "TokenRefused")], account.Removals.Select(removal => (removal.Id, removal.Reason)));
        Assert.Contains("nothing was sent", account.Removals[1].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TruncatedKeys.Nowhere, "removed", "Failed")]
    [InlineData(TruncatedKeys.InLists, "removed", "Failed")]
    [InlineData(TruncatedKeys.InLists, "", "Removed")]
    [InlineData(TruncatedKeys.Nowhere, "another id", "Removed")]
    [InlineData(TruncatedKeys.Nowhere, "another user", "Failed")]
    [InlineData(TruncatedKeys.Nowhere, "another key", "Failed")]
    public async Task A_new_key_that_is_lost_while_the_old_one_goes_is_an_error(TruncatedKeys keys, string change, string status)
    {
        await using var world = await StartAsync(new SimulatorOptions { TruncatedKeys = keys });
        world.AtAnswer("DELETE", Rows + "/17", () =>
        {
            var added = world.Fleet.Snapshot().Credentials.Single(one => one.ServerId == 101 && one.Label == "dave-laptop");
            _ = change.Length > 0 && world.Fleet.RemoveCredential(101, added.Id);
            _ = change.StartsWith("another", StringComparison.Ordinal)
                ? world.Fleet.AddCredential(101, change == "another user" ? "deploy" : "root", "again", change == "another key" ? Key(5) : New, id: change == "another key" ? added.Id : 66)
                : null;
        });
        var account = (await world.RunAsync(Replacement))[0];
        Assert.Equal((status, status == "Failed" ? "AppearedLater" : null), (account.Status, account.Reason));
        Assert.Equal(status == "Failed" ? RunCloudError.AdditionUnconfirmed : null, account.Failure?.Error);
        Assert.Equal(status == "Failed", account.Message!.Contains("was removed again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_copy_without_a_user_is_kept()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(
            Fault.Rewrite("nobody", json => json["data"]!.AsArray().Single(row => (long)row!["id"]! == 17)!.AsObject().Remove("user")), method: "GET", path: Rows, times: 1);
        var account = (await world.RunAsync(Replacement))[0];
        Assert.Equal(("Failed", "StillListed", RunCloudError.ValidationFailed), (account.Status, account.Reason, account.Removals[0].Failure!.Error));
        Assert.Contains("does not say whose credential", account.Removals[0].Message, StringComparison.Ordinal);
        Assert.DoesNotContain(world.Requests.Changing, request => request.Matches(Rows) || request.Matches(Rows + "/*"));
    }

    [Fact]
    public async Task A_stop_while_a_key_is_added_names_the_label_under_which_it_may_be_there()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(101, "deploy", "dave-2", Old, id: 18);
        using var stop = new CancellationTokenSource();
        world.AtAnswer("POST", Rows, stop.Cancel);
        using var job = world.Job(Replacement);
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        job.Begin();
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => job.ExecuteAsync(stop.Token).ToListAsync(Stop).AsTask());
        job.Join();
        var accounts = job.Accounts();
        Assert.Equal([("Failed", "Stopped"), ("Failed", "Stopped"), ("Clean", null)], accounts.Select(account => (account.Status, account.Reason)));
        Assert.EndsWith(" 'dave-laptop' may have been added for root.", accounts[0].Removals[0].Message, StringComparison.Ordinal);
        Assert.EndsWith("the command ended before.", accounts[0].Removals[1].Message, StringComparison.Ordinal);
        Assert.Contains("101 root dave old", world.Content);
    }
}
