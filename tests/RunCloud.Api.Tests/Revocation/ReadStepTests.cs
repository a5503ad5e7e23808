using RunCloud.Simulator;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;
using static RunCloud.Api.Tests.Revocation.RevocationWorld;

namespace RunCloud.Api.Tests.Revocation;

/// <summary>The first step of the whole job: every server is read before anything is asked or changed.</summary>
public sealed class ReadStepTests
{
    private static readonly Fault Forbidden = Fault.Status(403, "This action is unauthorized.");

    [Fact]
    public async Task The_job_knows_what_it_has_read_and_left_out()
    {
        await using var world = await StartAsync();
        using var job = world.Job(new KeyChange { Keys = Removal.Keys, Excludes = name => name.StartsWith("db", StringComparison.Ordinal) });
        Assert.Null(job.Total);
        var plans = await job.ReadAsync(Stop).ToListAsync(Stop);
        Assert.Equal([101L, 102], plans.Select(plan => plan.Server.Id));
        Assert.Equal(plans, job.Plans);
        Assert.Equal((3, 3, 1), (job.Servers, job.Total, job.Excluded));
        Assert.Equal(["db-01"], job.ExcludedServers.Select(server => server.Name));
        Assert.Equal((true, false, false, null), (job.IsWholeWorkspace, job.HasBegun, job.IsComplete, job.ListFailure));
        Assert.Equal(["GET /servers", "GET /servers/101/ssh/credentials", "GET /servers/102/ssh/credentials"], world.Lines);
    }

    [Fact]
    public async Task Given_servers_are_read_once_and_only_the_unknown_ones_individually()
    {
        await using var world = await StartAsync();
        var known = await world.Client.GetServerAsync(102, Stop);
        world.Requests.Clear();
        using var job = world.Job(Removal, [(101, null), (102, known), (101, null), (102, null)]);
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        Assert.Equal(["GET /servers/101", "GET /servers/101/ssh/credentials", "GET /servers/102/ssh/credentials"], world.Lines);
        Assert.Equal((2, 2, false), (job.Servers, job.Total, job.IsWholeWorkspace));
        _ = await CarryAsync(job);
        Assert.True(job.IsComplete);
    }

    [Fact]
    public async Task A_given_server_that_cannot_be_read_is_failed_and_the_others_are_worked_on()
    {
        await using var world = await StartAsync();
        var accounts = await world.RunAsync(Removal, [(999, null), (101, null)]);
        Assert.Equal([(999L, "Failed", "NotRead"), (101, "Removed", null)], accounts.Select(account => (account.ServerId, account.Status, account.Reason)));
        Assert.Null(accounts[0].CheckedAt);
    }

    [Fact]
    public async Task A_refused_token_ends_the_reading()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Unauthorized, path: "/servers/101");
        _ = await Assert.ThrowsAsync<RunCloudException>(() => world.RunAsync(Removal, [(101, null), (102, null)]));
        world.Faults.Clear();
        _ = world.Faults.Add(Fault.Unauthorized, path: "/servers/101/ssh/credentials");
        _ = await Assert.ThrowsAsync<RunCloudException>(() => world.RunAsync(Removal));
        Assert.Empty(world.Requests.Changing);
    }

    [Fact]
    public async Task A_server_whose_list_cannot_be_read_is_failed_and_not_changed()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Forbidden, path: "/servers/102/ssh/credentials");
        var accounts = await world.RunAsync(Removal);
        Assert.Equal([("Removed", null), ("Failed", "NotRead"), ("Clean", null)], accounts.Select(account => (account.Status, account.Reason)));
        Assert.Contains("This action is unauthorized.", accounts[1].Message, StringComparison.Ordinal);
        Assert.Equal(["102 root dave old"], world.Content.Where(line => line.EndsWith("old", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_server_list_that_breaks_off_is_reported_and_what_it_gave_is_worked_on()
    {
        await using var world = await StartAsync(new SimulatorOptions { MaxPageSize = 2 });

        // The server that is left out is gone by the time of the second list: nothing else is wrong with the run.
        _ = world.Faults.Add(Fault.Custom("breaks off", exchange =>
        {
            _ = exchange.Fleet.RemoveServer(103);
            return exchange.SendAsync(Answer.Message(403, "This action is unauthorized."));
        }), path: "/servers", from: 2, times: 1);
        using var job = world.Job(Removal);
        var accounts = await RunAsync(job);
        Assert.Equal([(101L, "Removed"), (102, "Removed")], accounts.Select(account => (account.ServerId, account.Status)));
        Assert.Equal(RunCloudError.Forbidden, job.ListFailure!.Error);
        Assert.Equal((null, 2, false), (job.SecondListFailure, job.Total, job.IsComplete));
    }

    [Theory]
    [InlineData(1, 403)]
    [InlineData(1, 401)]
    [InlineData(2, 401)]
    public async Task Without_any_server_or_with_a_refused_token_there_is_no_job(int from, int status)
    {
        await using var world = await StartAsync(new SimulatorOptions { MaxPageSize = 2 });
        _ = world.Faults.Add(status == 401 ? Fault.Unauthorized : Forbidden, path: "/servers", from: from);
        using var job = world.Job(Removal);
        var thrown = await Assert.ThrowsAsync<RunCloudException>(() => job.ReadAsync(Stop).ToListAsync(Stop).AsTask());
        Assert.Equal(status, thrown.Status);
        Assert.Null(job.ListFailure);
    }

    [Fact]
    public async Task A_server_without_a_name_is_left_alone_where_servers_are_excluded_by_name()
    {
        await using var world = await StartAsync();
        world.Fleet.UpdateServer(101, server => server with { Name = string.Empty });
        var asked = new List<string>();
        var accounts = await world.RunAsync(new KeyChange
        {
            Keys = Removal.Keys,
            Excludes = name =>
            {
                asked.Add(name);
                return false;
            },
        });
        Assert.Equal([(101L, "Failed"), (102, "Removed"), (103, "Clean")], accounts.Select(account => (account.ServerId, account.Status)));
        Assert.DoesNotContain(string.Empty, asked);
        Assert.Equal("Removed", (await world.RunAsync(Removal))[0].Status);
    }

    [Fact]
    public async Task Names_without_a_credential_are_looked_up_among_the_system_users()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddUser(102, "keyless");
        using var job = world.Job(Removal);
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        world.Requests.Clear();
        Assert.Empty(await job.FindMissingUsersAsync([], Stop));
        Assert.Empty(world.Lines);
        Assert.Equal(["nobody"], await job.FindMissingUsersAsync(["KEYLESS", "nobody", "root"], Stop));
        Assert.Equal(["GET /servers/101/users", "GET /servers/102/users", "GET /servers/103/users"], world.Lines);
        Assert.Empty(await job.FindMissingUsersAsync(["keyless"], Stop));
    }

    [Fact]
    public async Task The_search_for_names_ends_when_all_are_found()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddUser(101, "keyless");

        // The second server never answers, so whoever goes on waits for it and comes to the third.
        _ = world.Faults.Add(Fault.Answering("never", answer => answer with { Never = true }), path: "/servers/102/users");
        using var job = world.Job(Removal);
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        Assert.Empty(await job.FindMissingUsersAsync(["keyless"], Stop));
        Assert.DoesNotContain("GET /servers/103/users", world.Lines);
    }

    [Fact]
    public async Task A_name_is_missing_although_users_could_not_be_read_but_not_if_a_server_was_not()
    {
        await using var world = await StartAsync();
        using var job = world.Job(Removal);
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        var rule = world.Faults.Add(Forbidden, path: "/servers/101/users");
        Assert.Equal(["nobody"], await job.FindMissingUsersAsync(["nobody"], Stop));
        _ = world.Faults.Remove(rule);
        _ = world.Faults.Add(Fault.Unauthorized, path: "/servers/101/users");
        _ = await Assert.ThrowsAsync<RunCloudException>(() => job.FindMissingUsersAsync(["nobody"], Stop));

        _ = world.Faults.Add(Forbidden, path: "/servers/102/ssh/credentials");
        using var second = world.Job(Removal);
        _ = await second.ReadAsync(Stop).ToListAsync(Stop);
        world.Requests.Clear();
        Assert.Empty(await second.FindMissingUsersAsync(["nobody"], Stop));
        Assert.Empty(world.Lines);
    }

    [Fact]
    public async Task Credentials_to_remove_are_read_individually_for_the_undo_file()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(101, "deploy", "dave-2", Old, temporary: true, id: 18);
        using var job = world.Job(Removal);
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        world.Requests.Clear();
        var unread = await job.CompleteAsync(Stop).ToListAsync(Stop);
        Assert.Equal([0, 0], unread.Select(problems => problems.Count));
        Assert.Equal([(17L, (bool?)false), (18, true), (19, false)], job.Plans.SelectMany(plan => plan.Credentials).Select(credential => (credential.Id, credential.Temporary)));
        Assert.Equal(["GET /servers/101/ssh/credentials/17", "GET /servers/101/ssh/credentials/18", "GET /servers/102/ssh/credentials/19"], world.Lines);

        // What is known is not asked for again.
        _ = await job.CompleteAsync(Stop).ToListAsync(Stop);
        Assert.Equal(3, world.Requests.Count);
    }

    [Theory]
    [InlineData("forbidden", RunCloudError.Forbidden, null)]
    [InlineData("silent", RunCloudError.InvalidResponse, "The API's answer does not say.")]
    [InlineData("gone", RunCloudError.SshCredentialNotFound, null)]
    [InlineData("contradicted", RunCloudError.InvalidResponse, "The list still has it.")]
    [InlineData("list unread", RunCloudError.Forbidden, null)]
    public async Task A_credential_that_cannot_be_read_for_the_undo_file_says_why(string trouble, RunCloudError error, string? text)
    {
        await using var world = await StartAsync();
        using var job = world.Job(Removal);
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        const string single = "/servers/101/ssh/credentials/17";
        switch (trouble)
        {
            case "forbidden":
                _ = world.Faults.Add(Forbidden, path: single);
                break;
            case "silent":
                _ = world.Faults.Add(Fault.Rewrite("silent", json => json.Remove("temporary")), path: single);
                break;
            case "gone":
                _ = world.Fleet.RemoveCredential(101, 17);
                break;
            default:
                _ = world.Faults.Add(Fault.Status(404, "Resources not found."), path: single);
                _ = trouble == "list unread" ? world.Faults.Add(Forbidden, path: "/servers/101/ssh/credentials") : null;
                break;
        }

        var problem = Assert.Single((await job.CompleteAsync(Stop).ToListAsync(Stop))[0]);
        Assert.Equal((17, 17, error), (problem.Id, problem.Credential!.Id, problem.Exception.Error));
        Assert.Contains(text ?? string.Empty, problem.Exception.Message, StringComparison.Ordinal);
        Assert.Null(job.Plans[0].Credentials[0].Temporary);
    }

    [Theory]
    [InlineData("/servers/101/ssh/credentials/17", false)]
    [InlineData("/servers/101/ssh/credentials", true)]
    public async Task A_refused_token_ends_the_reading_for_the_undo_file(string path, bool isGone)
    {
        await using var world = await StartAsync();
        using var job = world.Job(Removal);
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        _ = isGone && world.Fleet.RemoveCredential(101, 17);
        _ = world.Faults.Add(Fault.Unauthorized, path: path);
        var thrown = await Assert.ThrowsAsync<RunCloudException>(() => job.CompleteAsync(Stop).ToListAsync(Stop).AsTask());
        Assert.Equal(RunCloudError.Unauthorized, thrown.Error);
    }

    [Fact]
    public async Task Only_for_users_who_lose_a_key_it_is_read_whether_another_one_is_temporary()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(101, "deploy", "dave-2", Old, id: 21);
        _ = world.Fleet.AddCredential(101, "deploy", "erin", Key(3), id: 22);
        using var job = world.Job(new KeyChange { Keys = Removal.Keys, KeepsLast = true, AcceptsUser = user => user == "root" }, [(101, null)]);
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        Assert.Equal(["GET /servers/101", "GET /servers/101/ssh/credentials", "GET /servers/101/ssh/credentials/101"], world.Lines);
        Assert.Equal([17L], job.Plans[0].Credentials.Select(credential => credential.Id));
    }

    [Fact]
    public async Task The_rehearsal_shows_what_would_go_and_what_would_stay()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(102, "deploy", "dave-2", Old, id: 20);
        using var job = world.Job(new KeyChange { Keys = Removal.Keys, KeepsLast = true });
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        var planned = job.Planned();
        Assert.Equal(["Planned", "Planned", "Clean"], planned.Select(account => account.Status));
        Assert.Equal([(17L, "Planned"), (19, "Planned"), (20, "Failed")], planned.SelectMany(account => account.Removals).Select(removal => (removal.Id, removal.Status)));
        Assert.All(planned, account => Assert.NotNull(account.CheckedAt));
        Assert.All(planned, account => Assert.Equal(Old, Assert.Single(account.Keys)));
        Assert.Empty(job.Accounts());
        Assert.Empty(world.Requests.Changing);
    }
}
