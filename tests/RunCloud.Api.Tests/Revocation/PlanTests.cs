using Xunit;
using static RunCloud.Api.Tests.Revocation.RevocationWorld;

namespace RunCloud.Api.Tests.Revocation;

/// <summary>What the plan makes of a server's whole list.</summary>
public sealed class PlanTests
{
    private static readonly Server Web = new(101, "web-01") { Online = true, Connected = true };

    [Fact]
    public void Users_are_told_apart_by_selection()
    {
        var plan = Make(new KeyChange { Keys = Removal.Keys, AcceptsUser = user => user == "root" }, new() { Problems = [Problem(8, "deploy"), Problem(9, "root"), Problem(10, user: null)] }, Row(1, "root"), Row(2, "deploy"));
        Assert.Equal([1L], Ids(plan.Credentials));
        Assert.Equal([2L], Ids(plan.OthersHave));
        Assert.Equal(1, plan.OthersNotComparable);
        Assert.Equal([9L, 10], plan.Problems.Select(problem => problem.Id));
        Assert.Empty(plan.Kept);
        Assert.True(plan.HasWork);
        Assert.Null(plan.Failure);
    }

    [Fact]
    public void A_problem_without_its_credential_is_nobodys_and_stays_a_problem()
    {
        var lost = new SshCredentialProblem(credential: null, 8, new RunCloudException(RunCloudError.InvalidResponse, "It could not be read."));
        var plan = Make(new KeyChange { Keys = Removal.Keys, AcceptsUser = _ => false }, new() { Problems = [lost] });
        Assert.Equal([8L], plan.Problems.Select(problem => problem.Id));
        Assert.Equal(0, plan.OthersNotComparable);
    }

    [Fact]
    public void A_copy_whose_user_is_not_known_is_a_problem_unless_every_user_is_meant()
    {
        var named = Make(new KeyChange { Keys = Removal.Keys, AcceptsUser = user => user == "root" }, new(), Row(1, user: null), Row(2, "deploy"));
        Assert.Equal([1L], named.Problems.Select(problem => problem.Id));
        Assert.Equal([2L], Ids(named.OthersHave));
        Assert.Empty(named.Credentials);
        var every = Make(Removal, new(), Row(1, user: null));
        Assert.Equal([1L], Ids(every.Credentials));
        Assert.Empty(every.Problems);
        Assert.Equal(["an unknown user"], every.LastOf);
    }

    [Fact]
    public void The_pattern_is_asked_about_every_user_of_the_server()
    {
        var asked = new List<string?>();
        _ = Make(
            new KeyChange
            {
                Keys = Removal.Keys,
                AcceptsUser = user =>
                {
                    asked.Add(user);
                    return true;
                },
            },
            new() { Users = ["erin", "frank"] });
        Assert.Equal(["erin", "frank"], asked);
    }

    [Fact]
    public void Rows_with_another_key_are_not_in_the_plan()
    {
        var plan = Make(Replacement, new(), Row(1, "root"), Row(2, "root", New));
        Assert.Equal([1L], Ids(plan.Credentials));
        Assert.Empty(plan.OthersHave);
        var either = new KeyChange { Keys = [SshKeySelector.Parse(Key(3)), .. Removal.Keys] };
        Assert.Equal([1L, 3], Ids(Make(either, new(), Row(1, "root"), Row(2, "root", New), Row(3, "root", Key(3))).Credentials));
    }

    [Fact]
    public void Users_who_lose_their_last_key_are_named()
    {
        var plan = Make(Removal, new() { Inventory = [Entry(1, "root"), Entry(2, "deploy"), Entry(3, "deploy", Key(3))] }, Row(1, "root"), Row(2, "deploy"));
        Assert.Equal(["root"], plan.LastOf);
        Assert.False(plan.IsLastOfServer);
        Assert.Equal([1L, 2], Ids(plan.Credentials));
        Assert.Equal([1L, 2, 3], plan.Listed);
        Assert.True(Make(Removal, new() { Inventory = [Entry(1, "root")] }, Row(1, "root")).IsLastOfServer);
        Assert.False(Make(Removal, new() { Inventory = [Entry(3, "root", Key(3))] }).IsLastOfServer);
        Assert.False(Make(Removal, new()).IsLastOfServer);
    }

    [Fact]
    public void The_last_key_of_a_user_can_be_kept()
    {
        var change = new KeyChange { Keys = Removal.Keys, KeepsLast = true };
        var plan = Make(change, new() { Inventory = [Entry(1, "root"), Entry(2, "deploy"), Entry(3, "deploy", Key(3))] }, Row(1, "root"), Row(2, "deploy"), Row(4, user: null));
        Assert.Equal([2L], Ids(plan.Credentials));
        Assert.Equal([1L, 4], Ids(plan.Kept));

        // Where the list was not read whole, nobody is known to have another key.
        var broken = Make(change, new() { Inventory = [Entry(2, "deploy"), Entry(3, "deploy", Key(3))], Incomplete = new RunCloudException(RunCloudError.IncompleteList, "It broke off.") }, Row(2, "deploy"));
        Assert.Empty(broken.Credentials);
        Assert.Equal([2L], Ids(broken.Kept));
        Assert.Equal(RunCloudError.IncompleteList, broken.Failure!.Error);
        var removing = Make(Removal, new() { Inventory = [Entry(2, "deploy"), Entry(3, "deploy", Key(3))], Incomplete = new RunCloudException(RunCloudError.IncompleteList, "It broke off.") }, Row(2, "deploy"));
        Assert.Empty(removing.LastOf);
    }

    [Fact]
    public void A_replacement_takes_nobodys_last_key()
    {
        var plan = Make(Replacement, new() { Inventory = [Entry(1, "root"), Entry(2, "deploy"), Entry(3, "deploy", "command=\"/bin/true\" " + Key(3))] }, Row(1, "root"), Row(2, "deploy"));
        Assert.Empty(plan.LastOf);
        Assert.Empty(plan.ForcedOf);
        Assert.False(plan.IsLastOfServer);
        Assert.Empty(Make(Removal, new(), Row(1, "root")).Places);
    }

    [Fact]
    public void Users_whose_other_keys_only_run_a_forced_command_are_named()
    {
        var forced = "command=\"/bin/true\" " + Key(3);
        var plan = Make(
            Removal,
            new() { Inventory = [Entry(1, "root"), Entry(3, "root", forced), Entry(2, "deploy"), Entry(4, "deploy", forced), Entry(5, "deploy", Key(5)), Entry(6, "erin", forced), Entry(7, "gone")] },
            Row(1, "root"),
            Row(2, "deploy"),
            Row(7, "gone"));
        Assert.Equal(["root"], plan.ForcedOf);
        Assert.Equal(["gone"], plan.LastOf);
    }

    [Fact]
    public void Users_who_keep_a_certificate_authority_are_named()
    {
        var authority = "cert-authority " + Key(3);
        var plan = Make(
            Removal,
            new() { Inventory = [Entry(1, "root"), Entry(3, "root", authority), Entry(4, "erin", authority), Entry(2, "deploy"), Entry(5, "deploy", Key(5))] },
            Row(1, "root"),
            Row(2, "deploy"));
        Assert.Equal(["root"], plan.AuthoritiesOf);
        Assert.Empty(Make(Removal, new() { Inventory = [Entry(1, "root", "cert-authority " + Old)] }, Row(1, "root", "cert-authority " + Old)).AuthoritiesOf);
    }

    [Fact]
    public void Each_user_is_a_place_with_a_free_label()
    {
        var plan = Make(
            Replacement,
            new() { Inventory = [Entry(1, "root", label: "dave"), Entry(2, "deploy", label: "DAVE-LAPTOP"), Entry(3, "erin")] },
            Row(1, "root"),
            Row(2, "deploy"),
            Row(3, "deploy"));
        Assert.Equal([("root", "dave-laptop-2"), ("deploy", "dave-laptop-3")], plan.Places.Select(place => (place.User, place.NewLabel)));
        Assert.All(plan.Places, place => Assert.Null(place.Holder));
    }

    [Fact]
    public void Only_the_same_users_new_key_with_the_same_options_is_a_holder()
    {
        var plan = Make(Replacement, new(), Row(1, "root"), Row(2, "deploy"), Row(3, "erin", "restrict " + Old), Row(4, "root", New), Row(5, "frank", New), Row(6, "erin", New));
        Assert.Equal([("root", (long?)4), ("deploy", null), ("erin", null)], plan.Places.Select(place => (place.User, place.Holder?.Id)));

        // Who has the new key takes no label.
        Assert.Equal(["dave-laptop", "dave-laptop", "dave-laptop-2"], plan.Places.Select(place => place.NewLabel));
        Assert.Equal(8, Make(Replacement, new(), Row(1, "erin", "restrict " + Old), Row(8, "erin", "restrict " + New)).Places[0].Holder!.Id);
    }

    [Theory]
    [InlineData("dave's laptop", "dave-s-laptop")]
    [InlineData("  azAZ09-_  ", "azAZ09-_")]
    [InlineData("/:@[`{é", "-------")]
    [InlineData("   ", "key")]
    [InlineData(null, "key")]
    [InlineData("0123456789012345678901234567890123456789012345678", "012345678901234567890123456789012345678901234567")]
    public void A_label_follows_the_rules(string? label, string expected)
    {
        var change = new KeyChange { Keys = Removal.Keys, Replacement = new SshKeyReplacement(Bare, label: null) };
        Assert.Equal(expected, Assert.Single(Make(change, new(), Row(1, "root", label: label)).Places).NewLabel);
    }

    [Fact]
    public void A_given_label_comes_before_the_comment_and_that_before_the_old_label()
    {
        Assert.Equal("given", Label(new SshKeyReplacement(New, "given")));
        Assert.Equal("dave-laptop", Label(new SshKeyReplacement(New, label: null)));
        Assert.Equal("was", Label(new SshKeyReplacement(Bare, label: null)));

        static string Label(SshKeyReplacement replacement) =>
            Assert.Single(Make(new KeyChange { Keys = Removal.Keys, Replacement = replacement }, new(), Row(1, "root", label: "was"), Row(2, "root", label: "second")).Places).NewLabel;
    }

    [Fact]
    public void What_was_read_individually_takes_the_place_of_the_row()
    {
        var plan = Make(Removal, new(), Row(1, "root"), Row(2, "deploy"));
        var with = plan.With(new Dictionary<long, SshCredential> { [2] = plan.Credentials[1].Known(temporary: true) });
        Assert.Equal([(1L, null), (2L, (bool?)true)], with.Credentials.Select(credential => (credential.Id, credential.Temporary)));
    }

    /// <summary>The new key without a comment.</summary>
    private static string Bare => New[..New.LastIndexOf(' ')];

    private static ServerPlan Make(KeyChange change, Rest rest, params SshCredential[] rows) => ServerPlan.Make(Web, change, new SshCredentialFindings(rows, [], rest.Problems)
    {
        Inventory = rest.Inventory,
        Users = rest.Users,
        Incomplete = rest.Incomplete,
        ReadAt = RunCloud.Simulator.Fleet.Epoch,
    });

    private static SshCredential Row(long id, string? user, string? key = null, string? label = "dave") => new(101, id, key ?? Old) { User = user, Label = label };

    private static InventoryEntry Entry(long id, string? user, string? key = null, string? label = "dave") => new(id, user, label, key ?? Old, temporary: false);

    private static SshCredentialProblem Problem(long id, string? user) =>
        new(Row(id, user, "ssh-rsa AAAA"), id, new RunCloudException(RunCloudError.SshCredentialNotComparable, "It cannot be read as a key."));

    private static long[] Ids(IEnumerable<SshCredential> credentials) => [.. credentials.Select(credential => credential.Id)];

    /// <summary>The findings beside the rows with the keys.</summary>
    private sealed record Rest
    {
        internal IReadOnlyList<SshCredentialProblem> Problems { get; init; } = [];

        internal IReadOnlyList<InventoryEntry> Inventory { get; init; } = [];

        internal IReadOnlyCollection<string> Users { get; init; } = [];

        internal RunCloudException? Incomplete { get; init; }
    }
}
