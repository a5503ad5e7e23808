using RunCloud.Simulator;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>-SkipLastCredential counts only credentials that really give access.</summary>
public sealed class WaysInTests
{
    private const string Job = "Revoke-RunCloudSshKey -Key $key -Confirm:$false -SkipLastCredential";

    public static TheoryData<string, string, bool, bool> Others => new()
    {
        { "a login key", World.Key(2), false, true },
        { "a restricted key", "no-pty " + World.Key(2), false, true },
        { "a key that does not expire soon", "expiry-time=\"20990101Z\" " + World.Key(2), false, true },
        { "a key of an algorithm that is not known", Unknown, false, true },
        { "an expired key", "expiry-time=\"20000101\" " + World.Key(2), false, false },
        { "a temporary key", World.Key(2), true, false },
        { "a certificate", TestKeys.Line(SshKeyKind.Ed25519Certificate, 2, "eve"), false, false },
        { "an authority's key", "cert-authority " + World.Key(2), false, false },
        { "no key", "ssh-rsa AAAAB3Nza...", false, false },
    };

    private static string Unknown => "ssh-new " + Convert.ToBase64String([0, 0, 0, 7, .. "ssh-new"u8, 0, 0, 0, 4, 1, 2, 3, 4]);

    [Theory]
    [MemberData(nameof(Others))]
    public async Task The_last_key_is_removed_only_if_there_is_other_access(string what, string other, bool temporary, bool isWayIn)
    {
        await using var world = await StartAsync(fleet => _ = fleet.AddCredential(101, "root", "other", other, temporary, id: 18));
        var result = await world.RunAsync(Job);
        Assert.True(isWayIn == (result.OutputOf<SshKeyRevocation>().Single().Status == "Removed"), what);
        Assert.Equal(isWayIn ? [18] : [17, 18], world.Fleet.Snapshot().Credentials.Select(credential => credential.Id));
        Assert.Equal(!isWayIn, result.Errors.Any(error => error.FullyQualifiedErrorId.StartsWith("LastCredentialKept", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Other_keys_are_read_individually_until_a_permanent_one_is_found()
    {
        await using var world = await StartAsync(fleet =>
        {
            _ = fleet.AddCredential(101, "root", "forced", "command=\"id\" " + World.Key(2), id: 18);
            _ = fleet.AddCredential(101, "root", "temporary", World.Key(3), temporary: true, id: 19);
            _ = fleet.AddCredential(101, "root", "login", World.Key(4), id: 20);
            _ = fleet.AddCredential(101, "root", "more", World.Key(5), id: 21);
            _ = fleet.AddCredential(101, "web", "web", World.Key(6), id: 22);
        });
        _ = await world.MustAsync(Job);
        Assert.Equal(["19", "20"], Singles(world));
    }

    [Fact]
    public async Task Nothing_more_is_read_if_no_key_is_kept()
    {
        await using var world = await StartAsync(fleet => _ = fleet.AddCredential(101, "root", "other", World.Key(2), id: 18));
        _ = await world.MustAsync("Revoke-RunCloudSshKey -Key $key -Confirm:$false");
        Assert.Empty(Singles(world));
    }

    [Fact]
    public async Task A_key_that_cannot_be_read_individually_does_not_count_as_other_access()
    {
        await using var world = await StartAsync(fleet => _ = fleet.AddCredential(101, "root", "other", World.Key(2), id: 18));
        _ = world.Faults.Add(Fault.Status(500), path: "/servers/101/ssh/credentials/18");
        var result = await world.RunAsync(Job);
        _ = Assert.Single(result.Errors).MustBe("LastCredentialKept", System.Management.Automation.ErrorCategory.InvalidOperation);
        Assert.Empty(world.Requests.Changing);
    }

    [Fact]
    public async Task A_forced_command_counts_as_access_and_is_reported()
    {
        await using var world = await StartAsync(fleet => _ = fleet.AddCredential(101, "root", "backup", "command=\"backup\" " + World.Key(2), id: 18));
        var result = await world.MustAsync(Job);
        Assert.Equal("Removed", result.OutputOf<SshKeyRevocation>().Single().Status);
        Assert.Contains(result.Warnings, warning => warning == "FORCED COMMAND: on web-01 (id 101) every other key of these users runs one command only: root.");
    }

    [Fact]
    public async Task A_last_key_and_a_forced_command_on_one_server_are_both_reported()
    {
        await using var world = await StartAsync(fleet =>
        {
            _ = fleet.AddCredential(101, "web", "dave-2", World.Key(1), id: 18);
            _ = fleet.AddCredential(101, "web", "backup", "command=\"backup\" " + World.Key(2), id: 19);
        });
        var result = await world.MustAsync("Revoke-RunCloudSshKey -Key $key -Confirm:$false");
        Assert.Contains(result.Warnings, warning => warning ==
            "LAST KEY: on web-01 (id 101) these users have no other key: root; FORCED COMMAND: on web-01 (id 101) every other key of these users runs one command only: web.");
    }

    private static string[] Singles(World world) => [.. world.Requests.All
        .Where(request => request.Method == "GET" && char.IsDigit(request.Path[^1]) && request.Path.Contains("/ssh/credentials/", StringComparison.Ordinal))
        .Select(request => request.Path.Split('/')[^1])];

    private static async Task<World> StartAsync(Action<Fleet> more)
    {
        var world = await World.StartAsync(fleet =>
        {
            _ = fleet.AddServer("web-01", id: 101);
            _ = fleet.AddCredential(101, "root", "dave", World.Key(1), id: 17);
            more(fleet);
        });
        world.Shell.SetVariable("key", World.Key(1));
        return world;
    }
}
