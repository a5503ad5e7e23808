using RunCloud.Simulator;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;
using static RunCloud.Api.Tests.Revocation.RevocationWorld;

namespace RunCloud.Api.Tests.Revocation;

/// <summary>The removals on a server, and the list that is read back: whatever has the key there, under whichever id, is seen.</summary>
public sealed class ChangeTests
{
    private const string Rows = "/servers/101/ssh/credentials";

    private static readonly Fault Forbidden = Fault.Status(403, "This action is unauthorized.");

    private static readonly KeyChange OfRoot = new() { Keys = Removal.Keys, AcceptsUser = user => user == "root" };

    [Fact]
    public async Task Every_copy_goes_and_nothing_else()
    {
        await using var world = await StartAsync();
        using var job = world.Job(Removal);
        var accounts = await RunAsync(job);
        Assert.Equal(["101 root eve other", "102 root eve other", "103 root eve other"], world.Content);
        Assert.Equal([(101L, "Removed", null), (102, "Removed", null), (103, "Clean", null)], accounts.Select(account => (account.ServerId, account.Status, account.Reason)));
        Assert.Equal(["Credentials gone: 1 of 1.", "Credentials gone: 1 of 1.", null], accounts.Select(account => account.Message));
        Assert.Equal([true, true, false], accounts.Select(account => account.VerifiedAt is not null));
        Assert.All(accounts, account => Assert.Equal((true, Old), (account.CheckedAt is not null, Assert.Single(account.Keys))));
        Assert.All(accounts.SelectMany(account => account.Removals), removal => Assert.NotNull(removal.VerifiedAt));
        Assert.All(accounts, account => Assert.Empty(account.Additions));
        Assert.True(job.IsComplete);
        Assert.Equal(["DELETE /servers/101/ssh/credentials/17", "GET /servers/101/ssh/credentials", "DELETE /servers/102/ssh/credentials/19", "GET /servers/102/ssh/credentials", "GET /servers"], world.Lines.Skip(4));
    }

    [Fact]
    public async Task Until_everything_is_confirmed_an_account_says_that_it_is_not_final()
    {
        await using var world = await StartAsync();
        using var job = world.Job(Removal);
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        job.Begin();
        Assert.True(job.HasBegun);
        Assert.Equal([("Unconfirmed", "Stopped"), ("Unconfirmed", "Stopped"), ("Clean", null)], job.Accounts(isRunning: true).Select(account => (account.Status, account.Reason)));
        Assert.Equal([("Failed", "Stopped"), ("Failed", "Stopped"), ("Clean", null)], job.Accounts().Select(account => (account.Status, account.Reason)));
        Assert.Equal([101L, 102], (await job.ExecuteAsync(Stop).ToListAsync(Stop)).Select(one => one.Plan.Server.Id));
        Assert.Equal(["Unconfirmed", "Unconfirmed", "Clean"], job.Accounts(isRunning: true).Select(account => account.Status));
        Assert.Equal([101L, 102, 103], (await job.ConfirmAsync(Stop).ToListAsync(Stop)).Select(one => one.Plan.Server.Id));
        Assert.Equal(["Removed", "Removed", "Clean"], job.Accounts(isRunning: true).Select(account => account.Status));
    }

    [Theory]
    [InlineData("root", "CameBack", "came back after the plan was made")]
    [InlineData("deploy", "AppearedLater", "appeared after the plan was made")]
    public async Task A_copy_that_comes_during_the_run_is_failed_and_not_touched(string user, string reason, string text)
    {
        await using var world = await StartAsync();
        world.AtAnswer("DELETE", Rows + "/17", () => world.Fleet.AddCredential(101, user, "late", Old, id: 44));
        var account = (await world.RunAsync(Removal))[0];
        Assert.Equal(("Failed", reason), (account.Status, account.Reason));
        Assert.Equal([(17L, "Removed"), (44, "Failed")], account.Removals.Select(removal => (removal.Id, removal.Status)));
        Assert.Contains(text, account.Removals[1].Message, StringComparison.Ordinal);
        Assert.Equal("Credentials gone: 1 of 2.", account.Message);
        Assert.Contains($"101 {user} late old", world.Content);
    }

    [Fact]
    public async Task Another_key_that_comes_during_the_run_is_nothing()
    {
        await using var world = await StartAsync();
        world.AtAnswer("DELETE", Rows + "/17", () => world.Fleet.AddCredential(101, "root", "late", Key(5), id: 44));
        Assert.Equal(("Removed", 1), ((await world.RunAsync(Removal))[0] is var account ? (account.Status, account.Removals.Length) : default));
    }

    [Fact]
    public async Task A_copy_that_comes_for_a_user_who_is_not_selected_is_theirs()
    {
        await using var world = await StartAsync();
        world.AtAnswer("DELETE", Rows + "/17", () => world.Fleet.AddCredential(101, "deploy", "late", Old, id: 44));
        var account = (await world.RunAsync(OfRoot))[0];
        Assert.Equal(("Kept", "OtherUsers", 1), (account.Status, account.Reason, account.Removals.Length));
        Assert.Equal("Credentials gone: 1 of 1. Users outside -User have the key too: deploy.", account.Message);
    }

    [Fact]
    public async Task Copies_of_users_who_are_not_selected_stay_and_are_named_once()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(101, "deploy", "dave-2", Old, id: 21);
        _ = world.Fleet.AddCredential(101, "deploy", "dave-3", Old, id: 22);
        _ = world.Fleet.AddCredential(103, "deploy", "dave-4", Old, id: 23);
        var accounts = await world.RunAsync(OfRoot);
        Assert.Equal([("Kept", "OtherUsers"), ("Removed", null), ("Kept", "OtherUsers")], accounts.Select(account => (account.Status, account.Reason)));
        Assert.Equal("Credentials gone: 1 of 1. Users outside -User have the key too: deploy.", accounts[0].Message);
        Assert.Equal("Users outside -User have the key too: deploy.", accounts[2].Message);
    }

    [Fact]
    public async Task A_copy_that_comes_without_a_user_counts_for_every_selection()
    {
        await using var world = await StartAsync();
        world.AtAnswer("DELETE", Rows + "/17", () => world.Fleet.AddCredential(101, "deploy", "late", Old, id: 44));
        _ = world.Faults.Add(
            Fault.Rewrite("nobody", json => json["data"]!.AsArray().Single(row => (long)row!["id"]! == 44)!.AsObject().Remove("user")), path: Rows, from: 2);
        var account = (await world.RunAsync(OfRoot))[0];
        Assert.Equal(("Failed", "AppearedLater"), (account.Status, account.Reason));
    }

    [Theory]
    [InlineData(1, null, "Failed", "CameBack", 2)]
    [InlineData(5, null, "Removed", null, 1)]
    [InlineData(1, 403, "Unconfirmed", "Unreadable", 2)]
    [InlineData(5, 403, "Unconfirmed", "Unreadable", 2)]
    public async Task A_shortened_key_that_comes_during_the_run_is_read_individually(int key, int? status, string expected, string? reason, int removals)
    {
        await using var world = await StartAsync(new SimulatorOptions { TruncatedKeys = TruncatedKeys.InLists });
        world.AtAnswer("DELETE", Rows + "/17", () => world.Fleet.AddCredential(101, "root", "late", Key(key), id: 44));
        _ = status is null ? null : world.Faults.Add(Forbidden, path: Rows + "/44");
        var account = (await world.RunAsync(Removal))[0];
        Assert.Equal((expected, reason, removals), (account.Status, account.Reason, account.Removals.Length));

        // The rows that were compared before are not read individually again.
        Assert.Equal(1, world.Lines.Count(line => line == "GET /servers/101/ssh/credentials/101"));
        Assert.Equal(1, world.Lines.Count(line => line == "GET /servers/101/ssh/credentials/44"));
    }

    [Fact]
    public async Task A_value_that_is_no_key_and_comes_for_a_user_who_is_not_selected_is_nothing()
    {
        await using var world = await StartAsync();
        world.AtAnswer("DELETE", Rows + "/17", () => world.Fleet.AddCredential(101, "deploy", "late", "ssh-rsa AAAA", id: 44));
        Assert.Equal("Removed", (await world.RunAsync(OfRoot))[0].Status);
    }

    [Fact]
    public async Task A_token_that_is_refused_while_a_new_row_is_compared_ends_the_work()
    {
        await using var world = await StartAsync(new SimulatorOptions { TruncatedKeys = TruncatedKeys.InLists });
        world.AtAnswer("DELETE", Rows + "/17", () => world.Fleet.AddCredential(101, "root", "late", Key(5), id: 44));
        _ = world.Faults.Add(Fault.Unauthorized, path: Rows + "/44");
        using var job = world.Job(Removal);
        var accounts = await RunAsync(job);
        Assert.Equal([("Unconfirmed", "TokenRefused"), ("Failed", "TokenRefused"), ("Clean", null)], accounts.Select(account => (account.Status, account.Reason)));
        Assert.Equal((RunCloudError.Unauthorized, false), (job.Refusal!.Error, job.IsComplete));
        Assert.Equal("GET " + Rows + "/44", world.Lines.Last());
    }

    [Theory]
    [InlineData("DELETE", Rows + "/17", 1, "Failed")]
    [InlineData("GET", Rows, 2, "Unconfirmed")]
    public async Task A_refused_token_ends_the_work_on_every_server(string method, string path, int from, string status)
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Unauthorized, method, path, from);
        using var job = world.Job(Removal);
        var accounts = await RunAsync(job);
        Assert.Equal([(status, "TokenRefused"), ("Failed", "TokenRefused"), ("Clean", null)], accounts.Select(account => (account.Status, account.Reason)));
        Assert.Equal(RunCloudError.Unauthorized, job.Refusal!.Error);
        Assert.False(job.IsComplete);
        Assert.Equal($"{method} {path}", world.Lines.Last());
        Assert.Equal(1, world.Requests.All.Count(request => request.Status == 401));
        Assert.Contains("102 root dave old", world.Content);
    }

    [Theory]
    [InlineData(17, "Failed")]
    [InlineData(18, "Unconfirmed")]
    public async Task After_a_refused_token_no_other_credential_of_the_server_is_tried(int refused, string status)
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(101, "deploy", "dave-2", Old, id: 18);
        _ = world.Faults.Add(Fault.Unauthorized, method: "DELETE", path: FormattableString.Invariant($"{Rows}/{refused}"));
        var account = (await world.RunAsync(Removal))[0];
        Assert.Equal([(17L, status, "TokenRefused"), (18, "Failed", "TokenRefused")], account.Removals.Select(removal => (removal.Id, removal.Status, removal.Reason)));
        Assert.Equal(FormattableString.Invariant($"DELETE {Rows}/{refused}"), world.Lines.Last());
    }

    [Fact]
    public async Task A_removal_that_was_being_sent_when_the_work_was_stopped_may_have_happened()
    {
        await using var world = await StartAsync();
        using var stop = new CancellationTokenSource();
        world.AtAnswer("DELETE", Rows + "/17", stop.Cancel);
        using var job = world.Job(Removal);
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        job.Begin();
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => job.ExecuteAsync(stop.Token).ToListAsync(Stop).AsTask());
        job.Join();
        Assert.Equal([("Unconfirmed", "Stopped"), ("Failed", "Stopped"), ("Clean", null)], job.Accounts().Select(account => (account.Status, account.Reason)));
        Assert.DoesNotContain("101 root dave old", world.Content);
    }

    [Fact]
    public async Task A_list_that_cannot_be_read_back_leaves_it_open_whether_the_key_is_gone()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Forbidden, method: "GET", path: Rows, from: 2);
        using var job = world.Job(Removal);
        var account = (await RunAsync(job))[0];
        Assert.Equal(("Unconfirmed", "NotRead", null), (account.Status, account.Reason, account.VerifiedAt));
        Assert.Equal(("Unconfirmed", "NotRead"), (Assert.Single(account.Removals).Status, account.Removals[0].Reason));
        Assert.Null(job.Refusal);
    }

    [Fact]
    public async Task Where_every_removal_failed_the_list_is_not_read_back()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Forbidden, method: "DELETE", path: Rows + "/17");
        var account = (await world.RunAsync(Removal))[0];
        Assert.Equal(("Failed", "StillListed", null), (account.Status, account.Reason, account.VerifiedAt));
        Assert.Equal("Credentials gone: 0 of 1.", account.Message);
        Assert.Equal(1, world.Lines.Count(line => line == "GET " + Rows));
        Assert.Equal(RunCloudError.Forbidden, account.Removals[0].Failure!.Error);
    }

    [Fact]
    public async Task A_failed_removal_is_final_once_its_server_is_confirmed()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Forbidden, method: "DELETE", path: Rows + "/17");
        using var job = world.Job(Removal);
        _ = await RunAsync(job);
        Assert.Equal([("Failed", "StillListed"), ("Removed", null), ("Clean", null)], job.Accounts(isRunning: true).Select(account => (account.Status, account.Reason)));
    }

    [Fact]
    public async Task A_copy_whose_user_is_not_known_is_a_problem_and_no_new_copy()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(101, "erin", "nameless", Old, id: 33);
        _ = world.Faults.Add(Fault.Rewrite("nobody", json => json["data"]!.AsArray().Single(row => (long)row!["id"]! == 33)!.AsObject().Remove("user")), path: Rows);
        var account = (await world.RunAsync(OfRoot))[0];
        Assert.Equal(("Unconfirmed", "Unreadable", 17), (account.Status, account.Reason, Assert.Single(account.Removals).Id));
        var kept = (await world.RunAsync(new KeyChange { Keys = Removal.Keys, KeepsLast = true }))[0];
        Assert.Contains("it is not known whether its user has another key there", Assert.Single(kept.Removals).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "Failed", "CameBack")]
    [InlineData(false, "Removed", null)]
    public async Task A_key_of_an_unknown_kind_that_may_be_shortened_in_the_list_is_read_individually(bool isSame, string status, string? reason)
    {
        var key = Future(field: 28);
        var late = isSame ? key : Future(field: 31)[..^8];
        await using var world = await StartAsync(fleet =>
        {
            _ = fleet.AddServer("web-01", id: 101);
            _ = fleet.AddCredential(101, "root", "dave", key, id: 17);
        });
        world.AtAnswer("DELETE", Rows + "/17", () => world.Fleet.AddCredential(101, "root", "late", late, id: 44));
        _ = world.Faults.Add(
            Fault.Rewrite("shortened", json =>
            {
                foreach (var row in json["data"]!.AsArray().Where(row => (long)row!["id"]! == 44))
                {
                    row!["publicKey"] = late[..^4];
                }
            }),
            path: Rows,
            from: 2);
        var account = Assert.Single(await world.RunAsync(new KeyChange { Keys = [SshKeySelector.Parse(key)] }));
        Assert.Equal((status, reason), (account.Status, account.Reason));
        Assert.Contains($"GET {Rows}/44", world.Lines);

        // A key of a kind that nobody knows yet, with one field of so many bytes.
        static string Future(byte field)
        {
            byte[] blob = [0, 0, 0, 10, .. "ssh-future"u8, 0, 0, 0, field, .. Enumerable.Repeat(field, field)];
            return "ssh-future " + Convert.ToBase64String(blob);
        }
    }

    [Fact]
    public async Task One_failed_removal_fails_its_server_and_the_other_is_confirmed()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(101, "deploy", "dave-2", Old, id: 18);
        _ = world.Faults.Add(Forbidden, method: "DELETE", path: Rows + "/18");
        var account = (await world.RunAsync(Removal))[0];
        Assert.Equal(("Failed", "StillListed"), (account.Status, account.Reason));
        Assert.Equal([(17L, "Removed", true), (18, "Failed", false)], account.Removals.Select(removal => (removal.Id, removal.Status, removal.VerifiedAt is not null)));
        Assert.Equal("Credentials gone: 1 of 2.", account.Message);
    }

    [Fact]
    public async Task A_value_that_is_no_key_leaves_its_server_unconfirmed_and_is_no_new_copy()
    {
        await using var world = await StartAsync();
        foreach (var (server, id) in (ReadOnlySpan<(long, long)>)[(101, 31), (103, 32)])
        {
            _ = world.Fleet.AddCredential(server, "root", "odd", "ssh-rsa AAAA", id: id);
        }

        var accounts = await world.RunAsync(Removal);
        Assert.Equal([("Unconfirmed", "Unreadable", 1), ("Removed", null, 1), ("Unconfirmed", "Unreadable", 0)], accounts.Select(account => (account.Status, account.Reason, account.Removals.Length)));
        Assert.Equal("Credentials gone: 1 of 1. Credentials that could not be compared with the key: 1.", accounts[0].Message);
        Assert.Equal("Credentials that could not be compared with the key: 1.", accounts[2].Message);
        Assert.All(accounts, account => Assert.Null(account.Failure));
        var ofRoot = await world.RunAsync(new KeyChange { Keys = Removal.Keys, AcceptsUser = user => user == "deploy" });
        Assert.Equal(("Clean", "Credentials of users outside -User that could not be compared with the key: 1."), (ofRoot[2].Status, ofRoot[2].Message));
    }

    [Fact]
    public async Task The_last_key_of_a_user_stays_and_is_no_new_copy()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(101, "deploy", "dave-2", Old, id: 18);
        var account = (await world.RunAsync(new KeyChange { Keys = Removal.Keys, KeepsLast = true }))[0];
        Assert.Equal(("Failed", "LastCredential"), (account.Status, account.Reason));
        Assert.Equal([(17L, "Removed", null), (18, "Failed", "LastCredential")], account.Removals.Select(removal => (removal.Id, removal.Status, removal.Reason)));
        Assert.Equal(RunCloudError.LastCredentialKept, account.Removals[1].Failure!.Error);
        Assert.Contains("deploy has no other key there", account.Removals[1].Message, StringComparison.Ordinal);
        Assert.Contains("101 deploy dave-2 old", world.Content);
    }

    [Fact]
    public async Task A_certificate_authority_that_stays_is_named()
    {
        await using var world = await StartAsync(new SimulatorOptions { AcceptKeyOptions = true });
        _ = world.Fleet.AddCredential(101, "root", "ca", "cert-authority " + Key(6), id: 25);
        var account = (await world.RunAsync(Removal))[0];
        Assert.Equal("Removed", account.Status);
        Assert.Contains("A cert-authority line stays for root", account.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_given_by_its_fingerprint_is_named_by_it()
    {
        await using var world = await StartAsync();
        var fingerprint = SshPublicKey.Parse(Old).Fingerprint;
        var accounts = await world.RunAsync(new KeyChange { Keys = [SshKeySelector.Parse(fingerprint), SshKeySelector.Parse(Key(1, comment: string.Empty).Trim())] });
        Assert.Equal([fingerprint, Key(1, comment: string.Empty).Trim()], accounts[0].Keys);
    }
}
