using RunCloud.Demo;
using RunCloud.Simulator;
using Xunit;

namespace RunCloud.PowerShell.Tests.Demo;

/// <summary>The demo's proof succeeds for the one right result, and for no other.</summary>
public sealed class ProofTests
{
    private static readonly string Leaked = TestKeys.Line(SshKeyKind.Ecdsa256, 1, "dave@laptop");
    private static readonly string Similar = TestKeys.Line(SshKeyKind.Ecdsa256, 2, "dave@laptop");

    [Fact]
    public void It_holds_where_exactly_the_copies_are_gone() => Assert.True(Holds(fleet => Remove(fleet, "dave", "dave-2")));

    [Fact]
    public void A_copy_that_is_left_breaks_it() => Assert.False(Holds(fleet => Remove(fleet, "dave")));

    [Fact]
    public void Another_key_that_is_gone_breaks_it() => Assert.False(Holds(fleet => Remove(fleet, "dave", "dave-2", "erin")));

    [Fact]
    public void Another_key_that_was_replaced_breaks_it() => Assert.False(Holds(fleet =>
    {
        var erin = fleet.Snapshot().Credentials.Single(credential => string.Equals(credential.Label, "erin", StringComparison.Ordinal));
        Remove(fleet, "dave", "dave-2", "erin");
        _ = fleet.AddCredential(erin.ServerId, erin.User, erin.Label, Leaked.Replace("dave", "erin", StringComparison.Ordinal)[..^4], erin.Temporary, erin.CreatedAt, erin.Id);
    }));

    [Fact]
    public void A_key_that_is_new_breaks_it() => Assert.False(Holds(fleet =>
    {
        Remove(fleet, "dave", "dave-2");
        _ = fleet.AddCredential(fleet.Snapshot().Servers[0].Id, "root", "new", TestKeys.Line(SshKeyKind.Ed25519, 3, "new"));
    }));

    [Fact]
    public void A_server_that_changed_breaks_it() => Assert.False(Holds(fleet =>
    {
        Remove(fleet, "dave", "dave-2");
        fleet.UpdateServer(fleet.Snapshot().Servers[0].Id, server => server with { Name = "renamed" });
    }));

    [Fact]
    public void Nothing_to_remove_is_not_proof()
    {
        var proof = new Proof();
        Assert.False(proof.Holds);
        var empty = new Fleet().Snapshot();
        proof.CheckExactlyGone(empty, empty, Leaked);
        Assert.False(proof.Holds);
    }

    [Fact]
    public void One_failed_check_among_others_breaks_it()
    {
        var proof = new Proof();
        proof.Check(holds: true, "a");
        Assert.True(proof.Holds);
        proof.Check(holds: false, "b");
        proof.Check(holds: true, "c");
        Assert.False(proof.Holds);
        Assert.Equal([(true, "a"), (false, "b"), (true, "c")], proof.Checks);
    }

    [Fact]
    public void Lookalikes_and_namesakes_are_not_copies()
    {
        var workspace = SmallFleet().Snapshot();
        Assert.Equal(1, Proof.Lookalikes(workspace, Leaked, 50));
        Assert.Equal(0, Proof.Lookalikes(workspace, Leaked, 100));
        Assert.Equal(1, Proof.Namesakes(workspace, Leaked));
    }

    private static bool Holds(Action<Fleet> deed)
    {
        var fleet = SmallFleet();
        var before = fleet.Snapshot();
        deed(fleet);
        var proof = new Proof();
        proof.CheckExactlyGone(before, fleet.Snapshot(), Leaked);
        return proof.Holds;
    }

    private static Fleet SmallFleet()
    {
        var fleet = new Fleet();
        var id = fleet.AddServer("web-01").Id;
        _ = fleet.AddCredential(id, "root", "dave", Leaked);
        _ = fleet.AddCredential(id, "runcloud", "dave-2", Leaked);
        _ = fleet.AddCredential(id, "root", "erin", Similar);
        return fleet;
    }

    private static void Remove(Fleet fleet, params string[] labels)
    {
        foreach (var credential in fleet.Snapshot().Credentials.Where(credential => labels.Contains(credential.Label, StringComparer.Ordinal)))
        {
            Assert.True(fleet.RemoveCredential(credential.ServerId, credential.Id));
        }
    }
}
