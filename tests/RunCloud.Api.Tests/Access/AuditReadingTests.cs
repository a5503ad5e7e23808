using RunCloud.Api.Tests.Revocation;
using RunCloud.Simulator;
using Xunit;
using static RunCloud.Api.Tests.Access.AccessFleet;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Access;

/// <summary>What an audit reads of each server, and what it does when something cannot be read.</summary>
public sealed class AuditReadingTests
{
    private static readonly Fault Forbidden = Fault.Status(403, "This action is unauthorized.");

    [Theory]
    [InlineData("OldKey", "keys")]
    [InlineData("PasswordLogin", "settings")]
    [InlineData("PasswordLogin ServerNotRead", "settings")]
    [InlineData("ServerNotRead", "keys")]
    [InlineData("", "keys")]
    [InlineData("RootKey", "keys settings")]
    [InlineData("DeploymentKeyIsLoginKey", "keys users")]
    [InlineData("RootLogin DeploymentKeyIsLoginKey", "keys settings users")]
    public async Task Only_what_the_rules_need_is_read(string rules, string expected)
    {
        await using var world = await RevocationWorld.StartAsync();
        var (audit, servers) = await ReadAsync(world, Options(rules), (101, null));
        var reads = world.Requests.All.Select(request => request.Path.Split('/')[^1] switch { "101" => null, "credentials" => "keys", "ssh" => "settings", var other => other }).OfType<string>();
        Assert.Equal(expected, string.Join(' ', reads));
        var server = Assert.Single(servers);
        Assert.Equal(expected, string.Join(' ', new[] { server.Credentials.Count > 0 ? "keys" : null, server.Setting is null ? null : "settings", server.Users is null ? null : "users" }.OfType<string>()));
        Assert.Equal(expected.Contains("keys", StringComparison.Ordinal), server.ReadAt is not null);
        Assert.True(server.IsComplete);
        Assert.Equal((1, false), (audit.Total, audit.HasListedAll));
    }

    [Fact]
    public async Task All_servers_are_read_in_the_order_of_the_list()
    {
        await using var world = await RevocationWorld.StartAsync();
        using var audit = new AccessAudit(world.Client, Options("OldKey"), given: null, throttleLimit: 4);
        Assert.Null(audit.Total);
        var read = await audit.ReadAsync(Stop).ToListAsync(Stop);
        Assert.Equal([101L, 102, 103], read.Select(server => server.Server.Id));
        Assert.Equal(read, audit.Servers);
        Assert.Equal((3, true, null), (audit.Total, audit.HasListedAll, audit.ListFailure));
        var facts = audit.Facts();
        Assert.Equal((true, true, true, world.Client.Now), (facts.HasListedAll, facts.IsListComplete, facts.IsComplete, facts.Now));
        Assert.Equal("web-02", facts.ServersById[102].Server.Name);
    }

    [Fact]
    public async Task A_server_that_is_given_twice_is_read_once_and_a_known_one_not_again()
    {
        await using var world = await RevocationWorld.StartAsync();
        var known = await world.Client.GetServerAsync(102, Stop);
        world.Requests.Clear();
        var (audit, servers) = await ReadAsync(world, Options("OldKey"), (102, known), (101, null), (102, null));
        Assert.Equal([102L, 101], servers.Select(server => server.Server.Id));
        Assert.Equal(["GET /servers/101", "GET /servers/101/ssh/credentials", "GET /servers/102/ssh/credentials"], world.Lines.Order(StringComparer.Ordinal));
        Assert.Equal((2, false, true), (audit.Total, audit.HasListedAll, audit.Facts().IsListComplete));
    }

    [Fact]
    public async Task A_server_that_cannot_be_read_stays_as_one_that_was_not_read()
    {
        await using var world = await RevocationWorld.StartAsync();
        var (_, servers) = await ReadAsync(world, Options("OldKey"), (999, null), (101, null));
        Assert.Equal((999L, string.Empty, RunCloudError.ServerNotFound), (servers[0].Server.Id, servers[0].Server.Name, servers[0].Failure?.Error));
        Assert.Equal((null, 0, false), (servers[0].ReadAt, servers[0].Credentials.Count, servers[0].IsComplete));
        Assert.True(servers[1].IsComplete);
    }

    [Theory]
    [InlineData("ssh/credentials", "keys")]
    [InlineData("settings/ssh", "settings")]
    [InlineData("users", "users")]
    public async Task A_part_that_fails_leaves_the_others(string path, string part)
    {
        await using var world = await RevocationWorld.StartAsync();
        _ = world.Faults.Add(Forbidden, path: "/servers/101/" + path);
        var server = Assert.Single((await ReadAsync(world, new AccessOptions(), (101, null))).Servers);
        Assert.Equal(
            (part == "keys", part == "settings", part == "users"),
            (server.Failure is not null, server.SettingFailure is not null, server.UsersFailure is not null));
        Assert.Equal((part != "keys", part != "settings", part != "users"), (server.ReadAt is not null, server.Setting is not null, server.Users is not null));
        Assert.Equal(part == "keys" ? [] : [17L, 101], server.Credentials.Select(credential => credential.Id).Order());
        Assert.False(server.IsComplete);
    }

    [Theory]
    [InlineData("/servers")]
    [InlineData("/servers/*/ssh/credentials")]
    [InlineData("/servers/*/settings/ssh")]
    [InlineData("/servers/*/users")]
    public async Task A_refused_token_ends_the_audit(string path)
    {
        await using var world = await RevocationWorld.StartAsync();
        _ = world.Faults.Add(Fault.Unauthorized, path: path);
        using var audit = new AccessAudit(world.Client, new AccessOptions(), given: null, throttleLimit: 1);
        Assert.Equal(RunCloudError.Unauthorized, (await Assert.ThrowsAsync<RunCloudException>(() => audit.ReadAsync(Stop).ToListAsync(Stop).AsTask())).Error);
    }

    [Fact]
    public async Task A_list_that_fails_after_some_servers_leaves_these_and_is_remembered()
    {
        await using var world = await RevocationWorld.StartAsync(fleet =>
        {
            for (var id = 1; id <= 41; id++)
            {
                _ = fleet.AddServer($"web-{id}", id: id);
            }
        });
        _ = world.Faults.Add(Forbidden, path: "/servers", from: 2);
        using var audit = new AccessAudit(world.Client, Options("PasswordLogin"), given: null, throttleLimit: 1);
        Assert.Equal(40, (await audit.ReadAsync(Stop).ToListAsync(Stop)).Count);
        Assert.Equal((RunCloudError.Forbidden, 40, false), (audit.ListFailure?.Error, audit.Total, audit.HasListedAll));
        Assert.Equal((false, false), (audit.Facts().IsListComplete, audit.Facts().IsComplete));
    }

    [Fact]
    public async Task A_list_that_fails_at_once_is_the_error_of_the_audit()
    {
        await using var world = await RevocationWorld.StartAsync();
        _ = world.Faults.Add(Forbidden, path: "/servers");
        using var audit = new AccessAudit(world.Client, Options("OldKey"), given: null, throttleLimit: 1);
        Assert.Equal(RunCloudError.Forbidden, (await Assert.ThrowsAsync<RunCloudException>(() => audit.ReadAsync(Stop).ToListAsync(Stop).AsTask())).Error);
    }

    [Theory]
    [InlineData(TruncatedKeys.InLists)]
    [InlineData(TruncatedKeys.Everywhere)]
    public async Task A_key_that_the_list_cuts_off_is_read_individually_or_known_as_unreadable(TruncatedKeys where)
    {
        await using var world = await RevocationWorld.StartAsync(new SimulatorOptions { TruncatedKeys = where });
        var server = Assert.Single((await ReadAsync(world, Options("OldKey"), (101, null))).Servers);
        Assert.Equal([17L, 101], server.Credentials.Select(credential => credential.Id).Order());
        Assert.All(server.Credentials, credential => Assert.Equal(where == TruncatedKeys.InLists, server.KeyOf(credential) is not null));
        Assert.Equal(where == TruncatedKeys.InLists ? [] : [17L, 101], server.Unreadable.Order());
    }

    [Fact]
    public async Task A_key_that_cannot_be_read_individually_stays_with_the_others_and_is_known_as_unreadable()
    {
        await using var world = await RevocationWorld.StartAsync(new SimulatorOptions { TruncatedKeys = TruncatedKeys.InLists });
        _ = world.Faults.Add(Forbidden, path: "/servers/101/ssh/credentials/17");
        var server = Assert.Single((await ReadAsync(world, Options("OldKey"), (101, null))).Servers);
        Assert.Equal([17L, 101], server.Credentials.Select(credential => credential.Id).Order());
        Assert.Equal([17L], server.Unreadable);
    }

    [Fact]
    public async Task A_list_that_does_not_add_up_was_not_read_though_its_keys_were_seen()
    {
        await using var world = await RevocationWorld.StartAsync();
        _ = world.Faults.Add(Fault.TotalOff(1), path: "/servers/101/ssh/credentials");
        var server = Assert.Single((await ReadAsync(world, Options("OldKey"), (101, null))).Servers);
        Assert.Equal((RunCloudError.IncompleteList, null), (server.Failure?.Error, server.ReadAt));
        Assert.NotEmpty(server.Credentials);
    }

    private static AccessOptions Options(string rules) => new() { Rules = [.. rules.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Rule)] };

    private static async Task<(AccessAudit Audit, IReadOnlyList<ServerReading> Servers)> ReadAsync(RevocationWorld world, AccessOptions options, params (long Id, Server? Server)[] given)
    {
        using var audit = new AccessAudit(world.Client, options, given, throttleLimit: 1);
        return (audit, await audit.ReadAsync(Stop).ToListAsync(Stop));
    }
}
