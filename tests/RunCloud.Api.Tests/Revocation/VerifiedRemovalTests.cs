using RunCloud.Simulator;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;
using static RunCloud.Api.Tests.Revocation.RevocationWorld;

namespace RunCloud.Api.Tests.Revocation;

/// <summary>Removals that are verified: held against the list and the state of their server.</summary>
public sealed class VerifiedRemovalTests
{
    private const string Rows = "/servers/101/ssh/credentials";

    private static readonly Fault Forbidden = Fault.Status(403, "This action is unauthorized.");

    [Fact]
    public async Task A_removal_that_the_list_and_the_state_confirm_stays_removed()
    {
        await using var world = await StartAsync();
        Assert.Equal(("Removed", null), await VerifyAsync(world));
        Assert.Equal(["GET " + Rows, "GET /servers/101"], world.Lines.TakeLast(2));
        Assert.Empty(await world.Client.VerifyRemovalsAsync([], Stop));
    }

    [Theory]
    [InlineData("root", 1, "Failed", "CameBack")]
    [InlineData("deploy", 1, "Removed", null)]
    [InlineData("root", 5, "Removed", null)]
    public async Task The_same_key_of_the_same_user_under_another_id_is_failed(string user, int key, string status, string? reason)
    {
        foreach (var keys in (TruncatedKeys[])[TruncatedKeys.Nowhere, TruncatedKeys.InLists])
        {
            await using var world = await StartAsync(new SimulatorOptions { TruncatedKeys = keys });
            world.AtAnswer("DELETE", Rows + "/17", () => world.Fleet.AddCredential(101, user, "late", Key(key), id: 44));
            Assert.Equal((status, reason), await VerifyAsync(world));

            // Only a shortened row of the same user is read individually.
            Assert.Equal(keys == TruncatedKeys.InLists && user == "root", world.Lines.Contains($"GET {Rows}/44"));
            Assert.DoesNotContain($"GET {Rows}/17", world.Lines);
        }
    }

    [Fact]
    public async Task A_removed_key_that_another_user_of_the_removals_has_is_that_user_s()
    {
        await using var world = await StartAsync(fleet =>
        {
            _ = fleet.AddServer("web-01", id: 101);
            _ = fleet.AddCredential(101, "root", "dave", Old, id: 17);
            _ = fleet.AddCredential(101, "deploy", "eve", Key(2), id: 18);
            _ = fleet.AddCredential(101, "deploy", "dave", Old, id: 19);
        });
        SshCredential[] both = [new SshCredential(101, 17, Old) { User = "root" }, new SshCredential(101, 18, Key(2)) { User = "deploy" }];
        var removals = new List<SshCredentialRemoval>();
        foreach (var credential in both)
        {
            removals.Add(await world.Client.RemoveSshCredentialAsync(credential, Stop));
        }

        Assert.Equal(["Removed", "Removed"], (await world.Client.VerifyRemovalsAsync(removals, Stop)).Select(removal => removal.Status));
    }

    [Theory]
    [InlineData(403, "NotRead")]
    [InlineData(401, "TokenRefused")]
    public async Task A_shortened_row_of_the_same_user_that_cannot_be_read_leaves_it_open(int status, string reason)
    {
        await using var world = await StartAsync(new SimulatorOptions { TruncatedKeys = TruncatedKeys.InLists });
        _ = world.Faults.Add(status == 401 ? Fault.Unauthorized : Forbidden, path: Rows + "/101");
        Assert.Equal(("Unconfirmed", reason), await VerifyAsync(world));
        Assert.DoesNotContain("GET /servers/101", world.Lines);
    }

    [Theory]
    [InlineData("offline", "Offline", false)]
    [InlineData("unknown", "StateUnknown", false)]
    [InlineData("unread", "StateUnknown", false)]
    [InlineData("refused", "TokenRefused", true)]
    public async Task A_server_that_is_not_clearly_online_confirms_nothing(string state, string reason, bool hasFailure)
    {
        await using var world = await StartAsync();
        _ = state switch
        {
            "unread" => world.Faults.Add(Forbidden, path: "/servers/101"),
            "refused" => world.Faults.Add(Fault.Unauthorized, path: "/servers/101"),
            _ => null,
        };
        world.Fleet.UpdateServer(101, server => server with { Online = state != "offline", Connected = state != "unknown" });
        var removal = Assert.Single(await world.Client.VerifyRemovalsAsync([await RemoveAsync(world)], Stop));
        Assert.Equal(("Unconfirmed", reason, hasFailure), (removal.Status, removal.Reason, removal.Failure is not null));
    }

    [Fact]
    public async Task A_credential_that_the_list_still_has_is_removed_once_more()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Pretended, method: "DELETE", times: 1);
        Assert.Equal(("Removed", null), await VerifyAsync(world));
        Assert.Equal(2, world.Requests.Changing.Count);
        Assert.DoesNotContain("101 root dave old", world.Content);
    }

    [Fact]
    public async Task A_credential_that_the_list_never_loses_is_failed()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Pretended, method: "DELETE");
        var removal = Assert.Single(await world.Client.VerifyRemovalsAsync([await RemoveAsync(world)], Stop));
        Assert.Equal(("Failed", "StillListed"), (removal.Status, removal.Reason));
        Assert.Contains("accepted it twice", removal.Message, StringComparison.Ordinal);
        Assert.Contains("101 root dave old", world.Content);
    }

    [Theory]
    [InlineData(403, "NotRead")]
    [InlineData(401, "TokenRefused")]
    public async Task A_list_that_cannot_be_read_back_leaves_good_removals_open_and_failed_ones_failed(int status, string reason)
    {
        await using var world = await StartAsync();
        var removed = await RemoveAsync(world);
        var failed = new SshCredentialRemoval(new SshCredential(101, 18, Old) { User = "root" }, RemovalStatus.Failed, "It failed.") { Cause = OutcomeReason.StillListed };
        _ = world.Faults.Add(status == 401 ? Fault.Unauthorized : Forbidden, path: Rows);
        var verified = await world.Client.VerifyRemovalsAsync([removed, failed], Stop);
        Assert.Equal([("Unconfirmed", reason), ("Failed", "StillListed")], verified.Select(removal => (removal.Status, removal.Reason)));
        Assert.Equal(status, verified[0].Failure!.Status);
    }

    private static async Task<(string Status, string? Reason)> VerifyAsync(RevocationWorld world)
    {
        var removal = Assert.Single(await world.Client.VerifyRemovalsAsync([await RemoveAsync(world)], Stop));
        return (removal.Status, removal.Reason);
    }

    private static async Task<SshCredentialRemoval> RemoveAsync(RevocationWorld world)
    {
        var credential = new SshCredential(101, 17, Old) { User = "root", Label = "dave" };
        return await world.Client.RemoveSshCredentialAsync(credential, Stop);
    }
}
