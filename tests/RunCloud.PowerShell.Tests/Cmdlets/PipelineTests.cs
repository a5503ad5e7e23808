using RunCloud.Api;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>The main job, end to end: exactly the right keys are removed, with the fewest requests, in order, and stopping early if the pipeline does.</summary>
public sealed class PipelineTests
{
    private const string Lists = "/servers/*/ssh/credentials";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Where-Object PublicKey -like '*dave@laptop'", false)]
    [InlineData("Where-Object Fingerprint -eq $fingerprint", true)]
    public async Task Exactly_the_copies_of_the_key_are_removed_over_several_pages_of_servers_and_keys(string filter, bool disguised)
    {
        await using var world = await World.GenerateAsync(
            new SimulatorOptions { Seed = 7, Servers = 45, OfflineServers = 0, UnparsableKeys = 0, DisguisedCopies = disguised, AcceptKeyOptions = disguised });
        var before = world.Fleet.Snapshot();
        var copies = before.CopiesOf(world.Fleet.LeakedKey!);
        Assert.Contains(before.CredentialsByServer.Values, list => list.Length > 40);
        Assert.Contains(before.Credentials.Except(copies), other => other.PublicKey.StartsWith(world.Fleet.LeakedKey![..50], StringComparison.Ordinal));
        world.Shell.SetVariable("fingerprint", SshPublicKey.Parse(world.Fleet.LeakedKey!).Fingerprint);

        _ = await world.MustAsync($"Get-RunCloudServer | Get-RunCloudSshCredential | {filter} | Remove-RunCloudSshCredential -Confirm:$false");

        Assert.Equal(before.Credentials.Except(copies), world.Fleet.Snapshot().Credentials);
        Assert.Equal(Requests(before) + copies.Count, world.Requests.Count);
    }

    [Fact]
    public async Task Servers_that_another_workspace_shares_are_not_asked_for_as_the_pages_say()
    {
        await using var world = await World.StartAsync(fleet =>
        {
            _ = fleet.AddServer("ours", id: 101);
            _ = fleet.AddServer("theirs", shared: true, id: 102);
        });

        Assert.Equal("ours", Assert.Single((await world.MustAsync("Get-RunCloudServer")).OutputOf<Server>()).Name);
        Assert.DoesNotContain(world.Requests.All, request => request.Path.EndsWith("/shared", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_parameter_finds_its_copies_whatever_surrounds_them()
    {
        await using var world = await World.GenerateAsync(
            new SimulatorOptions { Seed = 8, Servers = 12, OfflineServers = 0, UnparsableKeys = 0, DisguisedCopies = true, AcceptKeyOptions = true });
        var before = world.Fleet.Snapshot();
        var copies = before.CopiesOf(world.Fleet.LeakedKey!);
        Assert.Contains(before.Credentials.Except(copies), decoy => decoy.PublicKey.EndsWith("dave@laptop", StringComparison.Ordinal));
        world.Shell.SetVariable("key", world.Fleet.LeakedKey);

        var found = await world.MustAsync("Get-RunCloudServer | Get-RunCloudSshCredential -Key $key");

        Assert.Equal(copies.Select(copy => copy.Id), found.OutputOf<SshCredential>().Select(credential => credential.Id));
        Assert.Equal(Requests(before), world.Requests.Count);
    }

    [Theory]
    [InlineData(0, 3, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(3, 40, 2)]
    [InlineData(40, 1, 1)]
    [InlineData(41, 41, 1)]
    [InlineData(81, 1, 0)]
    [InlineData(2, 121, 5)]
    public async Task The_number_of_requests_is_the_least_there_can_be(int servers, int keys, int matches)
    {
        await using var world = await World.StartAsync(fleet =>
        {
            for (var server = 1; server <= servers; server++)
            {
                var id = fleet.AddServer($"web-{server}").Id;
                for (var key = 0; key < keys; key++)
                {
                    _ = fleet.AddCredential(id, "root", $"key-{key}", World.Key(key < matches ? 0 : 1));
                }
            }
        });
        world.Shell.SetVariable("key", World.Key(0));

        _ = await world.MustAsync("Get-RunCloudServer | Get-RunCloudSshCredential -Key $key | Remove-RunCloudSshCredential -Confirm:$false");

        var expected = Pages(servers) + (servers * Pages(keys)) + (servers * matches);
        Assert.Equal(expected, world.Requests.Count);
        Assert.Equal(servers * (keys - matches), world.Fleet.Snapshot().Credentials.Count());
    }

    [Fact]
    public async Task Results_come_out_as_soon_as_they_are_ready()
    {
        await using var world = await World.StartAsync(fleet => AddServers(fleet, 40));
        var counts = (await world.MustAsync(
            """
            $in = $out = $lag = 0
            Get-RunCloudServer |
                ForEach-Object { $in++; $lag = [Math]::Max($lag, $in - $out); $_ } |
                Get-RunCloudSshCredential -ThrottleLimit 1 |
                ForEach-Object { $out++ }
            $out, $lag
            """)).OutputOf<int>();
        Assert.Equal(40, counts[0]);
        Assert.InRange(counts[1], 1, 3);
    }

    [Fact(Timeout = StopTests.Patience)]
    public async Task Keys_are_removed_while_the_servers_are_still_being_listed()
    {
        await using var world = await World.StartAsync(fleet => AddServers(fleet, 60));
        var (secondPage, removal) = (new Hang(), new Hang());
        _ = world.Faults.Add(Fault.HangBefore(secondPage), path: "/servers", from: 2);
        _ = world.Faults.Add(Fault.HangBefore(removal), method: "DELETE", times: 1);

        var run = world.Shell.Start("Get-RunCloudServer | Get-RunCloudSshCredential -ThrottleLimit 1 | Remove-RunCloudSshCredential -Confirm:$false");
        await secondPage.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        await removal.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        removal.Release();
        secondPage.Release();

        Assert.Empty((await run.Completion).Errors);
        Assert.Empty(world.Fleet.Snapshot().Credentials);
    }

    [Fact]
    public async Task Output_keeps_the_order_of_the_input_whichever_answer_comes_first_and_the_throttle_limit_holds()
    {
        await using var world = await World.StartAsync(fleet => AddServers(fleet, 39));

        // One page of servers, so that nothing but the key lists is under way.
        var hangs = world.Fleet.Snapshot().Servers.ToDictionary(server => server.Id, _ => new Hang());
        _ = world.Faults.Add(request => request.Matches(Lists) ? Fault.HangBefore(hangs[ServerOf(request)]) : null);

        var run = world.Shell.Start("Get-RunCloudServer | Get-RunCloudSshCredential -ThrottleLimit 16");
        foreach (var sixteen in hangs.Take(16))
        {
            await sixteen.Value.ReachedAsync(cancellationToken: Token);
        }

        // The last one first, each only when the one before it has been answered. Each answer lets one more begin.
        foreach (var (id, hang) in hangs.Take(16).Reverse().Concat(hangs.Skip(16)))
        {
            hang.Release();
            _ = await world.Requests.WaitForEndAsync(request => request.Matches(Lists) && ServerOf(request) == id, cancellationToken: Token);
        }

        var result = await run.Completion;
        Assert.Empty(result.Errors);
        Assert.Equal(hangs.Keys, result.OutputOf<SshCredential>().Select(credential => credential.ServerId));
        Assert.Equal(16, world.Requests.PeakUnderWay);
    }

    [Fact]
    public async Task Work_begins_in_the_order_of_the_input()
    {
        await using var world = await World.StartAsync(fleet => AddServers(fleet, 30));
        _ = await world.MustAsync("Get-RunCloudServer | Get-RunCloudSshCredential -ThrottleLimit 1");
        Assert.Equal(
            world.Fleet.Snapshot().Servers.Select(server => server.Id),
            world.Requests.All.Where(request => request.Matches(Lists)).Select(ServerOf));
    }

    [Fact]
    public async Task Removals_are_accounted_for_in_the_order_of_the_input()
    {
        await using var world = await World.StartAsync(fleet => AddServers(fleet, 8));
        var hangs = world.Fleet.Snapshot().Servers.ToDictionary(server => server.Id, _ => new Hang());
        _ = world.Faults.Add(request => request.Method == "DELETE" ? Fault.HangBefore(hangs[ServerOf(request)]) : null);

        var run = world.Shell.Start("Get-RunCloudServer | Get-RunCloudSshCredential | Remove-RunCloudSshCredential -Confirm:$false -PassThru -ThrottleLimit 8");
        foreach (var hang in hangs.Values)
        {
            await hang.ReachedAsync(cancellationToken: Token);
        }

        foreach (var (id, hang) in hangs.Reverse())
        {
            hang.Release();
            _ = await world.Requests.WaitForEndAsync(request => request.Method == "DELETE" && ServerOf(request) == id, cancellationToken: Token);
        }

        var removals = (await run.Completion).OutputOf<SshCredentialRemoval>();
        Assert.Equal(hangs.Keys, removals.Select(removal => removal.ServerId));
        Assert.All(removals, removal => Assert.Equal("Removed", removal.Status));
    }

    [Fact]
    public async Task The_first_server_alone_takes_no_more_than_the_pages_under_way()
    {
        await using var world = await World.StartAsync(fleet => AddServers(fleet, 400));
        var result = await world.MustAsync("Get-RunCloudServer | Select-Object -First 1");
        Assert.Equal("web-1", Assert.Single(result.OutputOf<Server>()).Name);
        Assert.InRange(world.Requests.Count, 1, 5);
    }

    [Fact]
    public async Task The_first_credential_alone_ends_the_reading_of_the_rest()
    {
        await using var world = await World.StartAsync(fleet => AddServers(fleet, 30));
        var first = world.Fleet.Snapshot().Servers[0].Id;
        var never = new Hang();
        _ = world.Faults.Add(Fault.HangBefore(never), path: Lists, where: request => ServerOf(request) != first);

        var result = await world.MustAsync("Get-RunCloudServer | Get-RunCloudSshCredential -ThrottleLimit 2 | Select-Object -First 1; 'next'");

        Assert.Equal(["key", "next"], result.Output.Select(item => item.BaseObject is SshCredential credential ? credential.Label : item.ToString()));
        Assert.InRange(world.Requests.All.Count(request => request.Matches(Lists)), 1, 3);
    }

    [Fact]
    public async Task A_removal_that_has_begun_is_finished_even_if_its_result_is_not_needed()
    {
        await using var world = await World.StartAsync(fleet => AddServers(fleet, 8));
        var first = world.Fleet.Snapshot().Servers[0].Id;
        var others = new Hang();
        _ = world.Faults.Add(Fault.HangBefore(others), method: "DELETE", where: request => ServerOf(request) != first);
        var all = await world.MustAsync("$all = Get-RunCloudServer | Get-RunCloudSshCredential; $all.Count");
        Assert.Equal(8, Assert.Single(all.OutputOf<int>()));

        var run = world.Shell.Start("$all | Remove-RunCloudSshCredential -Confirm:$false -PassThru -ThrottleLimit 2 | Select-Object -First 1");
        await run.WhenOutputAsync(1);
        await others.ReachedAsync(cancellationToken: Token);
        others.Release();
        var result = await run.Completion;

        Assert.Empty(result.Errors);
        var sent = world.Requests.Changing.Select(ServerOf).ToList();
        Assert.True(sent.Count > 1);
        Assert.All(sent.Where(id => id != first), id => Assert.Contains($"(id {id}): Removed", result.Screen, StringComparison.Ordinal));
        Assert.Equal(
            world.Fleet.Snapshot().Servers.Select(server => server.Id).Except(sent),
            world.Fleet.Snapshot().Credentials.Select(credential => credential.ServerId));
    }

    [Fact]
    public async Task Servers_are_found_by_wildcard_in_any_case_by_several_names_and_by_ids()
    {
        await using var world = await World.StartAsync(fleet =>
        {
            foreach (var (index, name) in new[] { "web-01", "web-02", "db-01", "mail[1]" }.Index())
            {
                _ = fleet.AddServer(name, id: 101 + index);
            }
        });
        Assert.Equal(["web-01", "web-02"], await NamesAsync("WEB*"));
        Assert.Equal(["web-02", "db-01"], await NamesAsync("db-01, Web-02"));
        Assert.Equal(["web-01", "db-01"], await NamesAsync("*-01"));
        Assert.Equal(["mail[1]"], await NamesAsync("'mail`[1`]'"));
        Assert.Equal(["web-01", "web-02"], await NamesAsync("web*, web-01"));
        Assert.Equal(["db-01", "web-01"], await NamesAsync("-Id 103, 101"));

        async Task<IEnumerable<string>> NamesAsync(string arguments) =>
            (await world.MustAsync("Get-RunCloudServer " + arguments)).OutputOf<Server>().Select(server => server.Name);
    }

    [Fact]
    public async Task Each_credential_of_a_server_is_read_again_when_it_is_handed_on()
    {
        await using var world = await World.StartAsync(fleet =>
        {
            var id = fleet.AddServer("web-01", id: 101).Id;
            _ = fleet.AddCredential(id, "root", "dave", World.Key(1), id: 17);
            _ = fleet.AddCredential(id, "root", "erin", World.Key(2), id: 18);
        });
        var result = await world.MustAsync("Get-RunCloudServer | Get-RunCloudSshCredential | Get-RunCloudSshCredential");
        Assert.Equal([17, 18], result.OutputOf<SshCredential>().Select(credential => credential.Id));
    }

    [Fact]
    public async Task Credentials_are_found_by_user_label_and_id_and_filters_add_up()
    {
        await using var world = await World.StartAsync(fleet =>
        {
            var id = fleet.AddServer("web-01", id: 101).Id;
            _ = fleet.AddCredential(id, "root", "dave", World.Key(1), id: 1);
            _ = fleet.AddCredential(id, "runcloud", "dave-2", World.Key(1), id: 2);
            _ = fleet.AddCredential(id, "root", "eve", World.Key(2), id: 3);
            _ = fleet.AddCredential(id, "deploy", "ci", World.Key(3), id: 4);
        });
        Assert.Equal([1, 3], await IdsAsync("-User ROOT"));
        Assert.Equal([1, 2, 3], await IdsAsync("-User r*"));
        Assert.Equal([2, 4], await IdsAsync("-User runcloud, deploy"));
        Assert.Equal([1, 2], await IdsAsync("-Label Dave*"));
        Assert.Equal([1], await IdsAsync("-Label dave*, eve -User root -Key $key"));
        Assert.Equal([3, 1], await IdsAsync("-Id 3, 1"));
        Assert.Equal([1], await IdsAsync("-Id 3, 1 -Key $key"));
        Assert.Empty(await IdsAsync("-User nobody"));
        Assert.Empty(await IdsAsync("-Label nothing"));

        async Task<IEnumerable<long>> IdsAsync(string arguments)
        {
            world.Shell.SetVariable("key", World.Key(1, "another comment"));
            return (await world.MustAsync("Get-RunCloudSshCredential -ServerId 101 " + arguments)).OutputOf<SshCredential>().Select(credential => credential.Id);
        }
    }

    [Fact]
    public async Task An_id_that_is_given_is_read_and_not_that_of_the_row_in_the_pipe()
    {
        await using var world = await World.StartAsync(fleet =>
        {
            AddServers(fleet, count: 1);
            var id = fleet.Snapshot().Servers[0].Id;
            _ = fleet.AddCredential(id, "root", "dave", World.Key(1), id: 17);
            _ = fleet.AddCredential(id, "root", "erin", World.Key(2), id: 18);
        });
        var found = await world.MustAsync("Get-RunCloudServer | Get-RunCloudSshCredential -Label dave | Get-RunCloudSshCredential -Id 18");
        Assert.Equal([18L], found.OutputOf<SshCredential>().Select(credential => credential.Id));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_asked_for_once_for_all_of_its_credentials()
    {
        await using var world = await World.StartAsync(fleet => AddServers(fleet, count: 1));
        var result = await world.RunAsync("17, 18, 19 | ForEach-Object { [pscustomobject]@{ ServerId = 999; Id = $_ } } | Remove-RunCloudSshCredential -Confirm:$false");
        Assert.Equal(3, result.Errors.Count);
        Assert.Single(world.Requests.All, request => request.Matches("/servers/999"));
    }

    [Fact]
    public async Task A_server_that_could_not_be_read_once_is_read_again_for_its_next_credential()
    {
        await using var world = await World.StartAsync(fleet =>
        {
            _ = fleet.AddCredential(fleet.AddServer("web-01", id: 101).Id, "root", "dave", World.Key(1), id: 17);
            _ = fleet.AddCredential(101, "root", "erin", World.Key(2), id: 18);
        });
        _ = world.Faults.Add(Fault.Status(503), path: "/servers/101", times: 1);
        var result = await world.RunAsync("Connect-RunCloud $token -Endpoint $endpoint -MaximumRetryCount 0; 17, 18 | ForEach-Object { [pscustomobject]@{ ServerId = 101; Id = $_ } } | Remove-RunCloudSshCredential -Confirm:$false");
        Assert.Single(result.Errors);
        Assert.Equal([17], world.Fleet.Snapshot().Credentials.Select(credential => credential.Id));
    }

    [Theory]
    [InlineData("Remove-RunCloudSshCredential $removals")]
    [InlineData("Remove-RunCloudSshCredential @($removals[0], $all[1])")]
    [InlineData("$removals | Remove-RunCloudSshCredential")]
    public async Task Removals_are_taken_in_place_of_their_credentials(string script)
    {
        await using var world = await World.StartAsync(fleet => AddServers(fleet, count: 2));
        var result = await world.MustAsync($"$all = Get-RunCloudServer | Get-RunCloudSshCredential; $removals = $all | Remove-RunCloudSshCredential -Confirm:$false -PassThru; {script} -Confirm:$false -PassThru");
        Assert.Equal(["AlreadyAbsent", "AlreadyAbsent"], result.OutputOf<SshCredentialRemoval>().Select(removal => removal.Status));
    }

    [Fact]
    public async Task Objects_carry_what_the_contract_names()
    {
        await using var world = await World.StartAsync(fleet =>
        {
            var id = fleet.AddServer("web-01", id: 101).Id;
            _ = fleet.AddCredential(id, "root", "dave", World.Key(1), temporary: true, id: 17);
        });
        var credential = Assert.Single((await world.MustAsync("Get-RunCloudServer | Get-RunCloudSshCredential")).OutputOf<SshCredential>());
        var key = SshPublicKey.Parse(World.Key(1));
        Assert.Equal(
            (17, 101, "web-01", "root", "dave", World.Key(1), "ECDSA", 256, "dave@laptop", key.Fingerprint, key.FingerprintMD5, null, Fleet.Epoch),
            (credential.Id, credential.ServerId, credential.ServerName, credential.User, credential.Label, credential.PublicKey, credential.KeyType,
                credential.KeyLength, credential.Comment, credential.Fingerprint, credential.FingerprintMD5, credential.Temporary, credential.CreatedAt));
        Assert.Equal(TimeSpan.Zero, credential.CreatedAt!.Value.Offset);
        Assert.True(Assert.Single((await world.MustAsync("Get-RunCloudSshCredential -ServerId 101 -Id 17")).OutputOf<SshCredential>()).Temporary);
    }

    private static void AddServers(Fleet fleet, int count)
    {
        for (var server = 1; server <= count; server++)
        {
            _ = fleet.AddCredential(fleet.AddServer($"web-{server}").Id, "root", "key", World.Key(1));
        }
    }

    private static long ServerOf(RecordedRequest request) => long.Parse(request.Path.Split('/')[4], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The pages of a list; the first is asked for even where there is nothing.</summary>
    private static int Pages(int rows) => (rows / 40) + 1;

    private static int Requests(FleetSnapshot workspace) =>
        Pages(workspace.Servers.Length) + workspace.CredentialsByServer.Values.Sum(list => Pages(list.Length));
}
