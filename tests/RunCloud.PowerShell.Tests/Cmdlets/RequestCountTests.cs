using System.Globalization;
using System.Text.RegularExpressions;
using RunCloud.Simulator;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>The formula of the help: how many requests the whole job takes, and that the plan tells those to come.</summary>
public sealed class RequestCountTests
{
    /// <summary>Lists of servers and lists of keys, each around one page and two.</summary>
    public static TheoryData<int, int> Sizes { get; } =
    [
        .. from servers in (int[])[1, 39, 40, 41, 80, 81] select new TheoryDataRow<int, int>(servers, 2),
        .. from keys in (int[])[0, 1, 39, 40, 41, 80, 81] select new TheoryDataRow<int, int>(4, keys),
    ];

    [Theory]
    [MemberData(nameof(Sizes))]
    public Task Revoke_takes_as_many_requests_as_the_help_says(int servers, int keys) =>
        CheckAsync(Enumerable.Repeat(keys, servers).ToArray(), seed: 1, "Revoke-RunCloudSshKey -Key $key", replaces: false);

    [Theory]
    [MemberData(nameof(Sizes))]
    public Task Update_takes_as_many_requests_as_the_help_says(int servers, int keys) =>
        CheckAsync(Enumerable.Repeat(keys, servers).ToArray(), seed: 2, "Update-RunCloudSshKey -Key $key -NewPublicKey $newKey", replaces: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Random_workspaces_take_as_many_requests_as_the_help_says(bool replaces)
    {
        int[] lengths = [0, 1, 3, 39, 40, 41, 80, 81];
        for (var seed = 10; seed < 22; seed++)
        {
            var random = new Random(seed);
            var keys = Enumerable.Range(0, random.Next(1, 50)).Select(_ => lengths[random.Next(lengths.Length)]).ToArray();
            await CheckAsync(keys, seed, replaces ? "Update-RunCloudSshKey -Key $key -NewPublicKey $newKey" : "Revoke-RunCloudSshKey -Key $key", replaces);
        }
    }

    [Fact]
    public async Task A_workspace_without_a_server_takes_one_request()
    {
        await using var world = await World.StartAsync(_ => { });
        world.Shell.SetVariable("key", World.Key(1));

        _ = await world.RunAsync("Revoke-RunCloudSshKey -Key $key -Confirm:$false");

        Assert.Equal(1, world.Requests.Count);
    }

    [Theory]
    [InlineData(5, "6 requests, 2 minutes at 5 a minute.")]
    [InlineData(2, "6 requests, 3 minutes at 2 a minute.")]
    [InlineData(6, "6 requests.")]
    public async Task The_plan_tells_the_time_to_expect_at_the_rate_that_is_known(int limit, string expected)
    {
        await using var world = await World.StartAsync(fleet =>
        {
            _ = fleet.AddServer("web-01", id: 101);
            _ = fleet.AddCredential(101, "root", "dave", World.Key(1));
            _ = fleet.AddCredential(101, "runcloud", "dave-2", World.Key(1));
        });
        world.Shell.SetVariable("key", World.Key(1));
        _ = world.Faults.Add(Fault.RateHeaders("few a window", limit.ToString(CultureInfo.InvariantCulture), remaining: "1000", reset: null));

        Assert.Contains($"takes about {expected}", await PlanAsync(world, "Revoke-RunCloudSshKey -Key $key"), StringComparison.Ordinal);
    }

    /// <summary>Servers with so many credentials; every other one has the key for a user or two, and some of these are offline.</summary>
    private static void Build(Fleet fleet, IReadOnlyList<int> keys, int seed)
    {
        var random = new Random(seed);
        for (var server = 0; server < keys.Count; server++)
        {
            var id = 100 + server;
            _ = fleet.AddServer(FormattableString.Invariant($"web-{server:00}"), online: server % 7 != 6, id: id);
            var copies = server % 2 == 0 ? Math.Min(keys[server], 1 + random.Next(3)) : 0;
            for (var place = 0; place < keys[server]; place++)
            {
                _ = fleet.AddCredential(
                    id,
                    place < copies ? (place == 1 ? "runcloud" : "root") : "root",
                    FormattableString.Invariant($"key-{place}"),
                    World.Key(place < copies ? 1 : 2, place < copies ? "dave@laptop" : "eve@desk"));
            }
        }
    }

    private static async Task CheckAsync(IReadOnlyList<int> keys, int seed, string command, bool replaces)
    {
        await using var world = await World.StartAsync(fleet => Build(fleet, keys, seed));
        world.Shell.SetVariable("key", World.Key(1));
        world.Shell.SetVariable("newKey", World.Key(3, "dave@new"));
        var servers = world.Fleet.Snapshot().Servers.Select(server => (
            IsOnline: server.Online,
            Rows: world.Fleet.Snapshot().Credentials.Count(one => one.ServerId == server.Id),
            Copies: world.Fleet.Snapshot().Credentials.Where(one => one.ServerId == server.Id && one.PublicKey == World.Key(1)).ToList())).ToList();

        // With L(n) for a list of n rows: what is read before the question, and what is done after it.
        var reading = L(servers.Count) + servers.Sum(server => L(server.Rows));
        var doing = L(servers.Count) + servers.Sum(server =>
            server.Copies.Count == 0 || (replaces && !server.IsOnline) ? (server.Rows > 40 ? L(server.Rows) : 0)
            : Changes(server.Rows, server.Copies.Count, replaces ? server.Copies.Select(one => one.User).Distinct().Count() : 0) + (server.IsOnline ? 2 : 0));
        var plan = await PlanAsync(world, command);

        Assert.Equal(reading, world.Requests.Count);
        if (servers.Exists(server => server.Copies.Count > 0))
        {
            Assert.Equal(doing, int.Parse(Regex.Match(plan, "takes about ([0-9]+) request").Groups[1].Value, CultureInfo.InvariantCulture));
        }

        world.Requests.Clear();
        _ = await world.RunAsync(command + " -Confirm:$false");

        Assert.Equal(reading + doing, world.Requests.Count);
    }

    /// <summary>The removals and the list read back; for a new key, two for each user who gets it and the list once more.</summary>
    private static int Changes(int rows, int copies, int users) =>
        copies + L(rows + users - copies) + (users == 0 ? 0 : (2 * users) + L(rows + users));

    private static int L(int rows) => (rows / 40) + 1;

    private static async Task<string> PlanAsync(World world, string command) => (await world.RunAsync(command + " -WhatIf")).Screen;
}
