using System.Net.Http;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <summary>Why a removal ended as it did, and what becomes of a key that can't be read.</summary>
public sealed class RemovalReasonTests
{
    private const string Short = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI...";
    private const string Delete = "DELETE /servers/3/ssh/credentials/7";
    private const string List = "GET /servers/3/ssh/credentials?page=1&perPage=40";
    private const string State = "GET /servers/3";

    [Theory]
    [InlineData("401", "", "Failed", "TokenRefused", RunCloudError.Unauthorized, "401")]
    [InlineData("403", "", "Failed", "StillListed", RunCloudError.Forbidden, "403")]
    [InlineData("422", "", "Failed", "StillListed", RunCloudError.ValidationFailed, "422")]
    [InlineData("404", "404", "Failed", "NotRead", RunCloudError.ServerNotFound, "this token cannot see the server")]
    [InlineData("404", "403", "Unconfirmed", "NotRead", RunCloudError.SshCredentialNotFound, "Reading it back failed too: ")]
    [InlineData("404", "401", "Unconfirmed", "TokenRefused", RunCloudError.Unauthorized, "Reading it back failed too: ")]
    [InlineData("404", Workspace.Key, "Failed", "StillListed", RunCloudError.InvalidResponse, "404: No. The list still has it.")]
    [InlineData("200", "403", "Unconfirmed", "AnswerLost", RunCloudError.InvalidResponse, "Reading it back failed too: ")]
    [InlineData("200", "401", "Unconfirmed", "TokenRefused", RunCloudError.Unauthorized, "Reading it back failed too: ")]
    [InlineData("200", Workspace.Key, "Failed", "StillListed", RunCloudError.InvalidResponse, "The list still has it.")]
    [InlineData("200", "404", "Failed", "NotRead", RunCloudError.ServerNotFound, "this token cannot see the server")]
    public async Task The_reason_is_what_is_known_of_it(string answer, string list, string status, string reason, RunCloudError failure, string message)
    {
        // 200 is an answer about nothing.
        using var client = CreateJumping(new StubHandler(request => request.Method == "GET" ? Read(list) : answer == "200" ? Answers.Json("{}") : Refused(answer)));

        var removal = await client.RemoveSshCredentialAsync(Credential(), Stop);

        Assert.Equal((status, reason, failure), (removal.Status, removal.Reason, removal.Failure?.Error));
        Assert.Contains(message, removal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Workspace.Key, "", Workspace.Key, 5, "Failed", "StillListed")]
    [InlineData(Workspace.Key, "", Workspace.OtherKey, 1, "Removed", null)]
    [InlineData(Workspace.Key, Workspace.Key, Short, 5, "Failed", "StillListed")]
    [InlineData(Workspace.Key, Workspace.OtherKey, Short, 1, "Removed", null)]
    [InlineData(Workspace.Key, Short, Short, 1, "Failed", "StillListed")]
    [InlineData(Workspace.Key, "403", Short, 1, "Failed", "StillListed")]
    [InlineData(Workspace.Key, "401", Short, 1, "Unconfirmed", "TokenRefused")]
    [InlineData(Short, "", Short, 5, "Failed", "StillListed")]
    [InlineData(Short, "", Workspace.Key, 1, "Failed", "StillListed")]
    public async Task After_a_lost_answer_it_is_sent_again_only_where_the_id_surely_has_the_same_key(string removed, string alone, string listed, int times, string status, string? reason)
    {
        var handler = new StubHandler(request => request.Method == "DELETE" ? throw new HttpRequestException("lost")
            : request.ToString() == List ? Read(listed)
            : alone.StartsWith('4') ? Refused(alone)
            : Answers.Json(Row(alone)));
        using var client = CreateJumping(handler);

        var removal = await client.RemoveSshCredentialAsync(Credential(removed), Stop);

        Assert.Equal((status, reason), (removal.Status, removal.Reason));
        Assert.Equal(times, handler.Lines.Count(line => line == Delete));
        Assert.Equal(alone.Length > 0, handler.Lines.Contains("GET /servers/3/ssh/credentials/7"));
    }

    [Theory]
    [InlineData("AnswerLost", false, "Removed", null)]
    [InlineData("NotRead", false, "Removed", null)]
    [InlineData("Offline", false, "Unconfirmed", "Offline")]
    [InlineData("StateUnknown", false, "Unconfirmed", "StateUnknown")]
    [InlineData("TokenRefused", false, "Unconfirmed", "TokenRefused")]
    [InlineData("AnswerLost", true, "Failed", "StillListed")]
    [InlineData("Offline", true, "Failed", "StillListed")]
    public async Task An_open_removal_is_settled_by_the_read_back_only_where_nothing_but_the_answer_was_missing(string cause, bool isListed, string status, string? reason)
    {
        var handler = Verifying(_ => isListed ? Workspace.Key : null);
        using var client = CreateJumping(handler);
        var removal = new SshCredentialRemoval(Credential(), RemovalStatus.Unconfirmed, "It is open.") { Cause = Enum.Parse<OutcomeReason>(cause) };

        var verified = Assert.Single(await client.VerifyRemovalsAsync([removal], Stop));

        Assert.Equal((status, reason), (verified.Status, verified.Reason));
        Assert.Equal(status switch { "Removed" => null, "Failed" => "It is open. The list still has it.", _ => "It is open." }, verified.Message);
        Assert.Equal(status == "Removed" ? [List, State] : [List], handler.Lines);
    }

    [Theory]
    [InlineData(2, 3, 0, "AlreadyAbsent")]
    [InlineData(3, 4, 1, "AlreadyAbsent")]
    [InlineData(99, 6, 1, "Failed")]
    public async Task A_list_gets_three_readings_to_lose_what_was_removed_before_it_is_removed_once_more(int behind, int readings, int removals, string status)
    {
        var handler = Verifying(reading => reading <= behind ? Workspace.Key : null);
        using var client = CreateJumping(handler);

        var verified = Assert.Single(await client.VerifyRemovalsAsync([new SshCredentialRemoval(Credential(), RemovalStatus.AlreadyAbsent)], Stop));

        Assert.Equal(status, verified.Status);
        Assert.Equal((readings, removals), (handler.Lines.Count(line => line == List), handler.Lines.Count(line => line == Delete)));
    }

    [Fact]
    public async Task A_row_that_can_no_longer_be_compared_is_not_removed_once_more_and_not_gone()
    {
        var handler = Verifying(_ => Short);
        using var client = CreateJumping(handler);

        var verified = Assert.Single(await client.VerifyRemovalsAsync([new SshCredentialRemoval(Credential(), RemovalStatus.Removed)], Stop));

        Assert.Equal(("Failed", "StillListed"), (verified.Status, verified.Reason));
        Assert.DoesNotContain(Delete, handler.Lines);
    }

    [Theory]
    [InlineData(null, null, "Failed")]
    [InlineData("root", "root", "Failed")]
    [InlineData("root", null, "Removed")]
    [InlineData(null, "root", "Removed")]
    [InlineData("root", "ROOT", "Removed")]
    public async Task The_same_key_under_another_id_is_held_against_the_same_user_alone(string? removed, string? other, string status)
    {
        var handler = new StubHandler(request => request.ToString() == State ? Online() : Answers.Json($$"""{"data":[{{Row(Workspace.Key, id: 8, user: other)}}],"meta":{"total":1} }"""));
        using var client = CreateJumping(handler);
        var credential = new SshCredential(3, 7, Workspace.Key) { User = removed, Label = "dave" };

        var verified = Assert.Single(await client.VerifyRemovalsAsync([new SshCredentialRemoval(credential, RemovalStatus.Removed)], Stop));

        Assert.Equal((status, status == "Failed" ? "CameBack" : null), (verified.Status, verified.Reason));
    }

    private static SshCredential Credential(string key = Workspace.Key) => new(3, 7, key) { User = "root", Label = "dave" };

    private static RunCloudClient CreateJumping(StubHandler handler) => Create(handler, options => options with { Time = new JumpingTime() });

    /// <summary>A server that is online, and whose list has the credential with the given key, or not, by the number of the reading.</summary>
    private static StubHandler Verifying(Func<int, string?> key)
    {
        var readings = 0;
        return new StubHandler(request => request.ToString() switch
        {
            State => Online(),
            List => key(++readings) is { } listed ? Read(listed) : Answers.Json("""{"data":[],"meta":{"total":0}}"""),
            Delete => Answers.Json(Row(Workspace.Key)),
            _ => Answers.Message(403, "No."),
        });
    }

    private static HttpResponseMessage Online() => Answers.Json("""{"id":3,"name":"web-03","online":true,"connected":true}""");

    private static HttpResponseMessage Read(string key) => key.Length == 3 ? Refused(key) : Answers.Json($$"""{"data":[{{Row(key)}}],"meta":{"total":1} }""");

    private static HttpResponseMessage Refused(string status) => Answers.Message(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture), "No.");

    private static string Row(string key, long id = 7, string? user = "root") =>
        FormattableString.Invariant($$"""{"id":{{id}},"label":"dave","user":{{(user is null ? "null" : $"\"{user}\"")}},"publicKey":"{{key}}"}""");
}
