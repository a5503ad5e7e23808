using System.Net.Http;
using CsCheck;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <summary>What the account says of a removal.</summary>
public sealed class RemovalTests
{
    /// <summary>What is answered to a removal, or to the read-back after it.</summary>
    public enum Reply
    {
        /// <summary>200 with the credential; to the read-back, a list that has it.</summary>
        Credential,

        /// <summary>200 with the credential, its id as text.</summary>
        IdAsText,

        /// <summary>204.</summary>
        NoContent,

        /// <summary>202 with the credential.</summary>
        Accepted,

        /// <summary>200 with another credential.</summary>
        Another,

        /// <summary>200 with the same id and another key; to the read-back, a list in which the id has another key.</summary>
        OtherKey,

        /// <summary>200 with <c>{}</c>.</summary>
        EmptyObject,

        /// <summary>200 with nothing.</summary>
        Empty,

        /// <summary>200 with a web page.</summary>
        Page,

        /// <summary>404 with the documented body; to the read-back, a list without the credential.</summary>
        NotFound,

        /// <summary>404 with the documented body to the read-back too.</summary>
        NoServer,

        /// <summary>404 with a web page.</summary>
        NotFoundPage,

        /// <summary>401.</summary>
        Unauthorized,

        /// <summary>403.</summary>
        Forbidden,

        /// <summary>422.</summary>
        Unprocessable,

        /// <summary>500.</summary>
        ServerError,

        /// <summary>501, which is not tried again.</summary>
        NotImplemented,

        /// <summary>302.</summary>
        Redirect,

        /// <summary>No connection.</summary>
        NoConnection,

        /// <summary>A connection that breaks before the answer.</summary>
        Lost,
    }

    private static readonly SshCredential Credential = new(3, 7, Workspace.Key) { User = "root", Label = "dave" };

    [Theory]

    // One answer that settles it.
    [InlineData("Removed", "Credential", "", 1, 0)]
    [InlineData("Removed", "IdAsText", "", 1, 0)]
    [InlineData("Failed", "Unauthorized", "", 1, 0)]
    [InlineData("Failed", "Forbidden", "", 1, 0)]
    [InlineData("Failed", "Unprocessable", "", 1, 0)]

    // What confirms nothing is settled by the list, which gets time to catch up where it still has the credential.
    [InlineData("Removed", "NoContent", "NotFound", 1, 1)]
    [InlineData("Failed", "NoContent", "Credential", 1, 4)]
    [InlineData("Failed", "Accepted", "Credential", 1, 4)]
    [InlineData("Removed", "Accepted", "Credential NotFound", 1, 2)]
    [InlineData("Removed", "Another", "NotFound", 1, 1)]
    [InlineData("Failed", "Another", "Credential", 1, 4)]
    [InlineData("Removed", "OtherKey", "NotFound", 1, 1)]
    [InlineData("Failed", "OtherKey", "Credential", 1, 4)]
    [InlineData("Removed", "EmptyObject", "NotFound", 1, 1)]
    [InlineData("Failed", "EmptyObject", "Credential", 1, 4)]
    [InlineData("Removed", "Redirect", "NotFound", 1, 1)]
    [InlineData("Failed", "Redirect", "Credential", 1, 4)]
    [InlineData("Removed", "NotImplemented", "NotFound", 1, 1)]

    // A 404 is true only where the server's list agrees.
    [InlineData("AlreadyAbsent", "NotFound", "NotFound", 1, 1)]
    [InlineData("AlreadyAbsent", "NotFound", "Credential Credential NotFound", 1, 3)]
    [InlineData("Failed", "NotFound", "Credential", 1, 4)]
    [InlineData("Failed", "NotFound", "NoServer", 1, 1)]
    [InlineData("Unconfirmed", "NotFound", "Forbidden", 1, 1)]
    [InlineData("Unconfirmed", "NotFound", "Unauthorized", 1, 1)]
    [InlineData("Unconfirmed", "NotFound", "NotFoundPage", 1, 5)]

    // After a lost answer the list is read before it is sent again: an id that is another key's by now is not sent.
    [InlineData("Removed", "ServerError Credential", "Credential", 2, 1)]
    [InlineData("Removed", "Lost", "NotFound", 1, 1)]
    [InlineData("Removed", "Empty", "NotFound", 1, 1)]
    [InlineData("Removed", "Page", "NotFound", 1, 1)]
    [InlineData("Removed", "NotFoundPage", "NotFound", 1, 1)]
    [InlineData("Removed", "Lost", "OtherKey", 1, 1)]
    [InlineData("AlreadyAbsent", "NotFound", "OtherKey", 1, 1)]
    [InlineData("Removed", "Lost NotFound", "Credential NotFound", 2, 2)]
    [InlineData("Removed", "Lost NotFound", "Credential Credential NotFound", 2, 3)]
    [InlineData("AlreadyAbsent", "NoConnection NotFound", "NotFound", 2, 1)]
    [InlineData("Removed", "NoConnection ServerError NoConnection NotFound", "Credential Credential NotFound", 4, 3)]
    [InlineData("Removed", "Lost Lost Lost Lost Credential", "Credential", 5, 4)]
    [InlineData("Failed", "Lost", "Credential", 5, 8)]
    [InlineData("Failed", "Page", "Credential", 5, 8)]
    [InlineData("Failed", "ServerError NotImplemented", "Credential", 2, 5)]
    [InlineData("Removed", "ServerError Forbidden", "Credential NotFound", 2, 2)]
    [InlineData("Failed", "Lost NotFound", "Credential NoServer", 2, 2)]

    // Settled by nothing.
    [InlineData("Unconfirmed", "Another", "Another Redirect", 1, 2)]
    [InlineData("Unconfirmed", "Another", "EmptyObject", 1, 5)]
    [InlineData("Unconfirmed", "Another", "Forbidden", 1, 1)]
    [InlineData("Unconfirmed", "Another", "Unauthorized", 1, 1)]
    [InlineData("Unconfirmed", "Another", "NotFoundPage", 1, 5)]
    [InlineData("Unconfirmed", "Redirect", "NoContent", 1, 5)]
    [InlineData("Unconfirmed", "Redirect", "NoConnection", 1, 5)]
    [InlineData("Unconfirmed", "Lost", "Lost", 1, 5)]
    [InlineData("Unconfirmed", "ServerError", "ServerError", 1, 5)]

    // Never sent.
    [InlineData("Failed", "NoConnection", "", 5, 0)]
    public async Task The_account_follows_from_the_answers(string expected, string answers, string lists, int removals, int readings)
    {
        var (deletes, reads) = (Replies(answers), Replies(lists));
        var handler = new StubHandler(request => request.Method == "DELETE" ? Answer(deletes()) : List(reads()));
        using var client = CreateJumping(handler);

        var removal = await client.RemoveSshCredentialAsync(Credential, Stop);

        Assert.Equal(expected, removal.Status);
        Assert.Equal((removals, readings), (handler.Requests.Count(request => request.Method == "DELETE"), handler.Requests.Count(request => request.Method == "GET")));
        Assert.All(
            handler.Requests.Where(request => request.Method == "GET"),
            request => Assert.Equal("GET /servers/3/ssh/credentials?page=1&perPage=40", request.ToString()));
        var isGood = expected is "Removed" or "AlreadyAbsent";
        Assert.Equal(isGood, removal.Message is null);
        Assert.Equal(isGood, removal.Reason is null);
        Assert.Equal(isGood, removal.Failure is null);
        Assert.True(isGood || removal.Message!.Contains("'dave' of root", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Unconfirmed", "Credential", "")]
    [InlineData("Unconfirmed", "NoContent", "NotFound")]
    [InlineData("Unconfirmed", "ServerError NotFound", "Credential NotFound")]
    [InlineData("Unconfirmed", "Another", "NotFound")]
    [InlineData("Unconfirmed", "NotFound", "NotFound")]
    [InlineData("Failed", "Forbidden", "")]
    [InlineData("Failed", "Another", "Credential")]
    public async Task Nothing_is_confirmed_on_an_offline_server(string expected, string answers, string lists)
    {
        foreach (var (online, connected) in new (bool?, bool?)[] { (false, true), (true, false), (false, null), (null, false), (false, false), (null, true), (null, null) })
        {
            var (deletes, reads) = (Replies(answers), Replies(lists));
            using var client = CreateJumping(new StubHandler(request => request.Method == "DELETE" ? Answer(deletes()) : List(reads())));
            var credential = Credential.On(new Server(3, "web-03") { Online = online, Connected = connected });

            var removal = await client.RemoveSshCredentialAsync(credential, Stop);

            Assert.Equal(expected, removal.Status);
            Assert.Equal(expected == "Unconfirmed" && online == false, removal.Message!.Contains("the server is offline", StringComparison.Ordinal));
            Assert.Equal(expected == "Unconfirmed" && online != false, removal.Message.Contains("does not say whether the server is online", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, null)]
    public async Task Only_a_server_that_is_reported_online_counts_as_reachable(bool? online, bool? connected)
    {
        using var client = Create(_ => Answer(Reply.Credential));
        var credential = Credential.On(new Server(3, "web-03") { Online = online, Connected = connected });

        Assert.Equal("Removed", (await client.RemoveSshCredentialAsync(credential, Stop)).Status);
    }

    [Fact]
    public async Task A_token_refused_during_the_run_is_named_in_the_result()
    {
        using var client = CreateJumping(StubHandler.InTurn(() => Answer(Reply.Another), () => Answer(Reply.Unauthorized)));

        var removal = await client.RemoveSshCredentialAsync(Credential, Stop);

        Assert.Equal(RunCloudError.Unauthorized, removal.Failure!.Error);
    }

    [Fact]
    public async Task A_cancelled_removal_throws()
    {
        using var stop = new CancellationTokenSource();
        using var client = Create(new StubHandler(async (_, cancellation) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellation);
            return Answer(Reply.Credential);
        }));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.RemoveSshCredentialAsync(Credential, stop.Token));
    }

    [Fact]
    public async Task The_credential_to_remove_must_be_given()
    {
        using var client = Create(_ => Answer(Reply.Credential));

        await Assert.ThrowsAsync<ArgumentNullException>(() => client.RemoveSshCredentialAsync(null!, Stop));
    }

    [Fact]
    public Task Whatever_goes_wrong_the_report_is_never_better_than_the_truth() =>
        Gen.Enum<Trouble>().Array[0, 12].SampleAsync(
            async troubles =>
            {
                var time = new JumpingTime();
                var workspace = new Workspace(time, request => request.Number <= troubles.Length ? troubles[request.Number - 1] : Trouble.None);
                var id = workspace.Add(3, "root", "dave");
                var kept = workspace.Add(3, "root", "erin");
                var handler = workspace.Handler();
                using var client = Create(handler, options => options with { Time = time, Jitter = () => 0.5 });

                var removal = await client.RemoveSshCredentialAsync(new SshCredential(3, id, Workspace.Key), Stop);

                var isThere = workspace.Credentials.ContainsKey(id);
                Assert.True(removal.Status switch
                {
                    "Removed" or "AlreadyAbsent" => !isThere,
                    "Failed" => isThere,
                    _ => true,
                });
                Assert.True(workspace.Credentials.ContainsKey(kept));
                Assert.InRange(handler.Requests.Count, 1, 40 + troubles.Count(trouble => trouble is Trouble.TooMany or Trouble.TooManyWithRetryAfter));

                // What goes wrong less often than it is tried again does not show.
                Assert.True(removal.Status == "Removed" || troubles.Length > 4 || troubles.Any(trouble => trouble is Trouble.RedirectBefore or Trouble.OtherAfter), $"{removal}");
            },
            iter: Draws.Of(2000),
            threads: 1);

    /// <summary>The replies one after the other, the last again and again.</summary>
    private static Func<Reply> Replies(string names)
    {
        var replies = names.Split(' ').Where(name => name.Length > 0).Select(Enum.Parse<Reply>).ToArray();
        var turn = 0;
        return () => replies[Math.Min(turn++, replies.Length - 1)];
    }

    private static RunCloudClient CreateJumping(StubHandler handler) => Create(handler, options => options with { Time = new JumpingTime() });

    private static HttpResponseMessage List(Reply reply) => reply switch
    {
        Reply.Credential => Answers.Json($$$$"""{"data":[{"id":6},{"id":7,"label":"dave","publicKey":"{{{{Workspace.Key}}}}"}],"meta":{"pagination":{"total":2,"total_pages":1}}}"""),
        Reply.OtherKey => Answers.Json($$$$"""{"data":[{"id":7,"label":"erin","publicKey":"{{{{Workspace.OtherKey}}}}"}],"meta":{"pagination":{"total":1,"total_pages":1}}}"""),
        Reply.NotFound => Answers.Json("""{"data":[],"meta":{"pagination":{"total":0,"total_pages":1}}}"""),
        _ => Answer(reply),
    };

    private static HttpResponseMessage Answer(Reply reply) => reply switch
    {
        Reply.Accepted => Answers.Json("""{"id":7,"label":"dave"}""", 202),
        Reply.Credential => Answers.Json("""{"id":7,"label":"dave"}"""),
        Reply.IdAsText => Answers.Json("""{"id":"7","label":"dave"}"""),
        Reply.NoContent => new HttpResponseMessage(System.Net.HttpStatusCode.NoContent),
        Reply.OtherKey => Answers.Json($$"""{"id":7,"label":"dave","publicKey":"{{Workspace.OtherKey}}"}"""),
        Reply.Another => Answers.Json("""{"id":8,"label":"dave"}"""),
        Reply.EmptyObject => Answers.Json("{}"),
        Reply.Empty => Answers.Json(string.Empty),
        Reply.Page => Answers.Html(),
        Reply.NotFound or Reply.NoServer => Answers.Message(404, "Resources not found."),
        Reply.NotFoundPage => Answers.Html(404),
        Reply.Unauthorized => Answers.Message(401, "Unauthenticated."),
        Reply.Forbidden => Answers.Message(403, "Forbidden."),
        Reply.Unprocessable => Answers.Message(422, "Invalid."),
        Reply.ServerError => Answers.Message(500, "Server Error"),
        Reply.NotImplemented => Answers.Message(501, "Not Implemented"),
        Reply.Redirect => Answers.Html(302).With("Location", "/login"),
        Reply.NoConnection => throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused"),
        _ => throw new HttpRequestException(HttpRequestError.ResponseEnded, "The response ended prematurely."),
    };
}
