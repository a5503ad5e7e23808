using Xunit;

namespace RunCloud.Api.Tests.Revocation;

/// <summary>The ledger: one outcome for each credential, wherever the work ended.</summary>
public sealed class LedgerTests
{
    private static readonly RunCloudException Refused = new(RunCloudError.Unauthorized, "The API no longer accepts the token.");

    [Theory]
    [InlineData("pending", "Failed", "Stopped", false)]
    [InlineData("sent", "Unconfirmed", "Stopped", false)]
    [InlineData("removed", "Unconfirmed", "Stopped", true)]
    [InlineData("absent", "Unconfirmed", "Stopped", false)]
    [InlineData("doubtful", "Unconfirmed", "AnswerLost", true)]
    [InlineData("failed", "Failed", "StillListed", false)]
    [InlineData("read back", "Removed", null, true)]
    public void Each_stage_has_one_outcome(string stage, string status, string? reason, bool hasActed)
    {
        var ledger = At(stage);
        var removal = Assert.Single(ledger.Close(refusal: null));
        Assert.Equal((status, reason, hasActed), (removal.Status, removal.Reason, ledger.HasActed));
        Assert.Null(removal.Failure);
        Assert.Equal(reason is null, removal.Message is null);
    }

    [Theory]
    [InlineData("pending", "Failed", "TokenRefused", true)]
    [InlineData("sent", "Unconfirmed", "TokenRefused", false)]
    [InlineData("removed", "Unconfirmed", "TokenRefused", false)]
    [InlineData("doubtful", "Unconfirmed", "AnswerLost", false)]
    [InlineData("failed", "Failed", "StillListed", false)]
    [InlineData("read back", "Removed", null, false)]
    public void A_refused_token_is_the_reason_of_what_it_cut_off(string stage, string status, string? reason, bool hasFailure)
    {
        var removal = Assert.Single(At(stage).Close(Refused));
        Assert.Equal((status, reason, hasFailure), (removal.Status, removal.Reason, removal.Failure == Refused));
    }

    [Theory]
    [InlineData("pending")]
    [InlineData("sent")]
    [InlineData("removed")]
    [InlineData("failed")]
    public void While_the_work_runs_nothing_is_known_before_it_was_read_back(string stage)
    {
        var removal = Assert.Single(At(stage).Close(refusal: null, isRunning: true));
        Assert.Equal(("Unconfirmed", "Stopped"), (removal.Status, removal.Reason));
        Assert.Contains("still running", removal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_read_back_is_known_while_the_work_runs() =>
        Assert.Equal("Removed", Assert.Single(At("read back").Close(refusal: null, isRunning: true)).Status);

    [Fact]
    public void Only_a_credential_for_which_nothing_was_sent_gets_the_remark()
    {
        foreach (var stage in (string[])["pending", "sent", "removed", "failed", "read back"])
        {
            var removal = Assert.Single(At(stage).Close(refusal: null, remark: credential => $" Remark on {credential.Id}."));
            Assert.Equal(stage == "pending", removal.Message?.EndsWith(" Remark on 7.", StringComparison.Ordinal) == true);
        }
    }

    [Fact]
    public void Messages_tell_what_was_sent_and_why_no_more()
    {
        Assert.Contains("nothing was sent, because the command ended before.", Message("pending", refusal: null), StringComparison.Ordinal);
        Assert.Contains("nothing was sent, because the API no longer accepts the token.", Message("pending", Refused), StringComparison.Ordinal);
        Assert.Contains("the API accepted it, but the command ended", Message("removed", refusal: null), StringComparison.Ordinal);
        Assert.Contains("RunCloud no longer listed it, but the command ended", Message("absent", refusal: null), StringComparison.Ordinal);

        static string? Message(string stage, RunCloudException? refusal) => Assert.Single(At(stage).Close(refusal)).Message;
    }

    [Fact]
    public void Outcomes_come_in_the_order_of_the_credentials()
    {
        var ledger = new RemovalLedger();
        foreach (var id in (long[])[7, 3, 5])
        {
            _ = ledger.Expect(new SshCredential(1, id, publicKey: null));
        }

        ledger.Settle(Removed(5));
        ledger.Settle(new SshCredentialRemoval(new SshCredential(1, 3, publicKey: null), RemovalStatus.Failed, "It failed."));
        Assert.Equal([7L, 3, 5], ledger.Close(refusal: null).Select(removal => removal.Id));
        Assert.Equal([3L, 5], ledger.Answered.Select(removal => removal.Id));
        Assert.Equal(5, Assert.Single(ledger.ToReadBack).Credential.Id);
        ledger.ReadBack(Removed(5));
        Assert.Empty(ledger.ToReadBack);
        Assert.Equal([3L, 5], ledger.Answered.Select(removal => removal.Id));
    }

    [Fact]
    public void Each_rest_is_given_out_once_and_only_where_it_is_meant()
    {
        var ledger = new RemovalLedger();
        var entries = ((long[])[1, 2, 3]).Select(id => ledger.Expect(new SshCredential(1, id, publicKey: null))).ToList();
        ledger.ReadBack(Removed(1));
        Assert.Equal("Removed", entries[0].Take().Status);
        Assert.Equal([(3L, "TokenRefused")], Take(entry => entry.Credential.Id == 3));
        Assert.Equal([(2L, "Stopped")], Take(_ => true));
        Assert.Empty(Take(_ => true));

        IEnumerable<(long Id, string? Reason)> Take(Func<RemovalLedger.Entry, bool> isMeant) =>
            ledger.TakeRest(credential => credential.Id == 3 ? Refused : null, isMeant).Select(removal => (removal.Id, removal.Reason)).ToList();
    }

    private static SshCredentialRemoval Removed(long id) => new(new SshCredential(1, id, publicKey: null), RemovalStatus.Removed);

    /// <summary>A ledger with one credential at a stage.</summary>
    private static RemovalLedger At(string stage)
    {
        var ledger = new RemovalLedger();
        var credential = ledger.Expect(new SshCredential(1, 7, publicKey: null)).Credential;
        if (stage != "pending")
        {
            ledger.Send(credential);
        }

        if (stage is not ("pending" or "sent"))
        {
            ledger.Settle(stage switch
            {
                "absent" => new SshCredentialRemoval(credential, RemovalStatus.AlreadyAbsent),
                "doubtful" => new SshCredentialRemoval(credential, RemovalStatus.Unconfirmed, "It is not known.") { Cause = OutcomeReason.AnswerLost },
                "failed" => new SshCredentialRemoval(credential, RemovalStatus.Failed, "It failed.") { Cause = OutcomeReason.StillListed },
                _ => Removed(7),
            });
        }

        if (stage == "read back")
        {
            ledger.ReadBack(Removed(7));
        }

        return ledger;
    }
}
