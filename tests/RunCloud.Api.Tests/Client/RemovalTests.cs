using System;
using System.Linq;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
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

        /// <summary>200 with the credential, wrapped as lists are, its id as text.</summary>
        Wrapped,

        /// <summary>204.</summary>
        NoContent,

        /// <summary>202 with the credential.</summary>
        Accepted,

        /// <summary>200 with another credential.</summary>
        Another,

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
    [InlineData(RemovalStatus.Removed, 1, Reply.Credential)]
    [InlineData(RemovalStatus.Removed, 1, Reply.Wrapped)]
    [InlineData(RemovalStatus.Removed, 2, Reply.NoContent, Reply.NotFound)]
    [InlineData(RemovalStatus.Failed, 2, Reply.NoContent, Reply.Credential)]
    [InlineData(RemovalStatus.Failed, 2, Reply.Accepted, Reply.Credential)]
    [InlineData(RemovalStatus.AlreadyAbsent, 2, Reply.NotFound, Reply.NotFound)]
    [InlineData(RemovalStatus.Failed, 1, Reply.Unauthorized)]
    [InlineData(RemovalStatus.Failed, 1, Reply.Forbidden)]
    [InlineData(RemovalStatus.Failed, 1, Reply.Unprocessable)]

    // Tried again until it is settled. A 404 is the work of an earlier try only where that one may have acted.
    [InlineData(RemovalStatus.Removed, 2, Reply.ServerError, Reply.Credential)]
    [InlineData(RemovalStatus.Removed, 3, Reply.ServerError, Reply.NotFound, Reply.NotFound)]
    [InlineData(RemovalStatus.Removed, 3, Reply.Lost, Reply.NotFound, Reply.NotFound)]
    [InlineData(RemovalStatus.Removed, 3, Reply.Empty, Reply.NotFound, Reply.NotFound)]
    [InlineData(RemovalStatus.Removed, 3, Reply.Page, Reply.NotFound, Reply.NotFound)]
    [InlineData(RemovalStatus.Removed, 3, Reply.NotFoundPage, Reply.NotFound, Reply.NotFound)]
    [InlineData(RemovalStatus.AlreadyAbsent, 3, Reply.NoConnection, Reply.NotFound, Reply.NotFound)]
    [InlineData(RemovalStatus.Removed, 5, Reply.NoConnection, Reply.ServerError, Reply.NoConnection, Reply.NotFound, Reply.NotFound)]
    [InlineData(RemovalStatus.Removed, 5, Reply.Lost, Reply.Lost, Reply.Lost, Reply.Lost, Reply.Credential)]

    // A 404 says nothing where the server is not there either, or can't be read.
    [InlineData(RemovalStatus.Failed, 2, Reply.NotFound, Reply.NoServer)]
    [InlineData(RemovalStatus.Failed, 2, Reply.NotFound, Reply.Credential)]
    [InlineData(RemovalStatus.Failed, 3, Reply.Lost, Reply.NotFound, Reply.NoServer)]
    [InlineData(RemovalStatus.Unconfirmed, 2, Reply.NotFound, Reply.Forbidden)]
    [InlineData(RemovalStatus.Unconfirmed, 2, Reply.NotFound, Reply.Unauthorized)]
    [InlineData(RemovalStatus.Unconfirmed, 6, Reply.NotFound, Reply.NotFoundPage)]

    // Never settled by removing, but by reading back.
    [InlineData(RemovalStatus.Removed, 2, Reply.Another, Reply.NotFound)]
    [InlineData(RemovalStatus.Failed, 2, Reply.Another, Reply.Credential)]
    [InlineData(RemovalStatus.Removed, 2, Reply.EmptyObject, Reply.NotFound)]
    [InlineData(RemovalStatus.Failed, 2, Reply.EmptyObject, Reply.Wrapped)]
    [InlineData(RemovalStatus.Removed, 2, Reply.Redirect, Reply.NotFound)]
    [InlineData(RemovalStatus.Failed, 2, Reply.Redirect, Reply.Credential)]
    [InlineData(RemovalStatus.Removed, 2, Reply.NotImplemented, Reply.NotFound)]
    [InlineData(RemovalStatus.Removed, 6, Reply.Lost, Reply.Lost, Reply.Lost, Reply.Lost, Reply.Lost, Reply.NotFound)]
    [InlineData(RemovalStatus.Failed, 6, Reply.Lost, Reply.Lost, Reply.Lost, Reply.Lost, Reply.Lost, Reply.Credential)]
    [InlineData(RemovalStatus.Removed, 6, Reply.Page, Reply.Page, Reply.Page, Reply.Page, Reply.Page, Reply.NotFound)]
    [InlineData(RemovalStatus.Failed, 3, Reply.ServerError, Reply.NotImplemented, Reply.Credential)]
    [InlineData(RemovalStatus.Removed, 3, Reply.ServerError, Reply.Forbidden, Reply.NotFound)]
    [InlineData(RemovalStatus.Removed, 4, Reply.Another, Reply.Lost, Reply.ServerError, Reply.NotFound)]

    // Settled by nothing.
    [InlineData(RemovalStatus.Unconfirmed, 6, Reply.Another, Reply.Another)]
    [InlineData(RemovalStatus.Unconfirmed, 6, Reply.Another, Reply.EmptyObject)]
    [InlineData(RemovalStatus.Unconfirmed, 2, Reply.Another, Reply.Forbidden)]
    [InlineData(RemovalStatus.Unconfirmed, 2, Reply.Another, Reply.Unauthorized)]
    [InlineData(RemovalStatus.Unconfirmed, 2, Reply.Another, Reply.Redirect)]
    [InlineData(RemovalStatus.Unconfirmed, 6, Reply.Another, Reply.NotFoundPage)]
    [InlineData(RemovalStatus.Unconfirmed, 6, Reply.Redirect, Reply.NoContent)]
    [InlineData(RemovalStatus.Unconfirmed, 6, Reply.Redirect, Reply.NoConnection)]
    [InlineData(RemovalStatus.Unconfirmed, 10, Reply.Lost)]
    [InlineData(RemovalStatus.Unconfirmed, 10, Reply.ServerError)]
    [InlineData(RemovalStatus.Unconfirmed, 10, Reply.Page)]
    [InlineData(RemovalStatus.Unconfirmed, 10, Reply.NotFoundPage)]

    // Never sent.
    [InlineData(RemovalStatus.Failed, 5, Reply.NoConnection)]
    public async Task The_account_follows_from_the_answers(RemovalStatus expected, int requests, params Reply[] replies)
    {
        var turn = 0;
        var handler = new StubHandler((request, _) => Task.FromResult(Answer(request, replies[Math.Min(turn++, replies.Length - 1)])));
        using var client = Create(handler);

        var removal = await client.RemoveSshCredentialAsync(Credential, Stop);

        Assert.Equal(expected, removal.Status);
        Assert.Equal(requests, handler.Requests.Count);
        var reads = handler.Requests.SkipWhile(request => request.Method == "DELETE").ToArray();
        Assert.All(reads, request => Assert.Equal("GET /servers/3/ssh/credentials?page=1&perPage=40", request.ToString()));
        var isGood = expected is RemovalStatus.Removed or RemovalStatus.AlreadyAbsent;
        Assert.Equal(isGood, removal.Message is null);
        Assert.Equal(isGood, removal.Failure is null);
        Assert.True(isGood || removal.Message!.Contains("'dave' of root", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(RemovalStatus.Unconfirmed, Reply.Credential)]
    [InlineData(RemovalStatus.Unconfirmed, Reply.NoContent, Reply.NotFound)]
    [InlineData(RemovalStatus.Unconfirmed, Reply.ServerError, Reply.NotFound, Reply.NotFound)]
    [InlineData(RemovalStatus.Unconfirmed, Reply.Another, Reply.NotFound)]
    [InlineData(RemovalStatus.Unconfirmed, Reply.NotFound, Reply.NotFound)]
    [InlineData(RemovalStatus.Failed, Reply.Forbidden)]
    [InlineData(RemovalStatus.Failed, Reply.Another, Reply.Credential)]
    public async Task On_a_server_that_does_not_answer_nothing_is_confirmed(RemovalStatus expected, params Reply[] replies)
    {
        foreach (var (online, connected) in new (bool?, bool?)[] { (false, true), (true, false), (false, null), (null, false), (false, false), (null, true), (null, null) })
        {
            var turn = 0;
            using var client = Create(new StubHandler((request, _) => Task.FromResult(Answer(request, replies[Math.Min(turn++, replies.Length - 1)]))));
            var credential = Credential.On(new Server(3, "web-03") { Online = online, Connected = connected });

            var removal = await client.RemoveSshCredentialAsync(credential, Stop);

            Assert.Equal(expected, removal.Status);
            Assert.Equal(expected == RemovalStatus.Unconfirmed && online == false, removal.Message!.Contains("the server is offline", StringComparison.Ordinal));
            Assert.Equal(expected == RemovalStatus.Unconfirmed && online != false, removal.Message.Contains("does not say whether the server is online", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, null)]
    public async Task Only_a_server_that_is_said_to_be_online_is_taken_to_answer(bool? online, bool? connected)
    {
        using var client = Create(_ => Answer(Reply.Credential));
        var credential = Credential.On(new Server(3, "web-03") { Online = online, Connected = connected });

        Assert.Equal(RemovalStatus.Removed, (await client.RemoveSshCredentialAsync(credential, Stop)).Status);
    }

    [Fact]
    public async Task A_token_that_is_refused_meanwhile_is_what_the_account_names()
    {
        using var client = Create(StubHandler.InTurn(() => Answer(Reply.Another), () => Answer(Reply.Unauthorized)));

        var removal = await client.RemoveSshCredentialAsync(Credential, Stop);

        Assert.Equal(RunCloudError.Unauthorized, removal.Failure!.Error);
    }

    [Fact]
    public async Task A_removal_that_is_given_up_throws()
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
    public Task Whatever_goes_wrong_the_account_is_never_better_than_the_truth() =>
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
                    RemovalStatus.Removed or RemovalStatus.AlreadyAbsent => !isThere,
                    RemovalStatus.Failed => isThere,
                    _ => true,
                });
                Assert.True(workspace.Credentials.ContainsKey(kept));
                Assert.InRange(handler.Requests.Count, 1, 10 + troubles.Count(trouble => trouble is Trouble.TooMany or Trouble.TooManyWithRetryAfter));

                // What goes wrong less often than it is tried again does not show.
                Assert.True(removal.Status == RemovalStatus.Removed || troubles.Length > 4 || troubles.Any(trouble => trouble is Trouble.RedirectBefore or Trouble.OtherAfter), $"{removal}");
            },
            iter: 2000,
            threads: 1);

    private static HttpResponseMessage Answer(SentRequest request, Reply reply) => (request.Method, reply) switch
    {
        ("GET", Reply.Credential or Reply.Wrapped) => Answers.Json("""{"data":[{"id":6},{"id":7,"label":"dave"}],"meta":{"pagination":{"total":2,"total_pages":1}}}"""),
        ("GET", Reply.NotFound) => Answers.Json("""{"data":[],"meta":{"pagination":{"total":0,"total_pages":1}}}"""),
        _ => Answer(reply),
    };

    private static HttpResponseMessage Answer(Reply reply) => reply switch
    {
        Reply.Accepted => Answers.Json("""{"id":7,"label":"dave"}""", 202),
        Reply.Credential => Answers.Json("""{"id":7,"label":"dave"}"""),
        Reply.Wrapped => Answers.Json("""{"data":{"id":"7","label":"dave"}}"""),
        Reply.NoContent => new HttpResponseMessage(System.Net.HttpStatusCode.NoContent),
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
