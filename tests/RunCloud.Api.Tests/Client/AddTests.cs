using System.Net.Http;
using CsCheck;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <summary>Adding a credential: once, whatever becomes of the answer.</summary>
public sealed class AddTests
{
    private static readonly NewSshCredential New = new("root", "dave", Workspace.Key + " dave@laptop", temporary: false);

    [Fact]
    public async Task An_added_credential_is_as_the_API_returns_it()
    {
        using var client = Create(_ => Answers.Json(
            """{"id":"7","label":"dave","user":"root","publicKey":"ssh-ed25519 AAAA","temporary":1,"created_at":"2024-07-23 05:04:20"}""", 201));

        var added = await client.AddSshCredentialAsync(3, new Server(3, "web-03"), New, Stop);

        Assert.Equal((7, 3, "web-03", "dave", "root", "ssh-ed25519 AAAA", true), (added.Id, added.ServerId, added.ServerName, added.Label, added.User, added.PublicKey, added.Temporary));
    }

    [Theory]
    [InlineData("bob", false)]
    [InlineData("root", true)]
    public async Task An_answer_about_another_user_or_key_does_not_count(string user, bool otherKey)
    {
        var handler = new StubHandler(request => Answers.Json(request.Method == "POST"
            ? $$"""{"id":55,"label":"dave","user":"{{user}}","publicKey":"{{(otherKey ? SshVectors.All[0].Line : Workspace.Key)}}"}"""
            : """{"data":[],"meta":{"pagination":{"total":0}}}"""));
        using var client = Create(handler);

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.AddSshCredentialAsync(3, server: null, New, Stop));

        Assert.Equal(RunCloudError.InvalidResponse, failure.Error);
        Assert.Equal(["POST /servers/3/ssh/credentials", "GET /servers/3/ssh/credentials?page=1&perPage=40"], handler.Lines);
    }

    [Fact]
    public async Task A_token_refused_during_the_read_back_is_reported_as_such()
    {
        var handler = new StubHandler(request => request.Method == "POST" ? throw new HttpRequestException("lost") : Answers.Message(401, "Unauthenticated."));
        using var client = Create(handler);

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.AddSshCredentialAsync(3, server: null, New, Stop));

        Assert.Equal(RunCloudError.Unauthorized, failure.Error);
        Assert.True(failure.MayHaveActed);
    }

    [Theory]
    [InlineData(401, RunCloudError.Unauthorized)]
    [InlineData(403, RunCloudError.Forbidden)]
    [InlineData(404, RunCloudError.ServerNotFound)]
    [InlineData(422, RunCloudError.ValidationFailed)]
    public async Task A_refusal_is_not_retried(int status, RunCloudError error)
    {
        var handler = new StubHandler(_ => Answers.Message(status, "No."));
        using var client = Create(handler);

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.AddSshCredentialAsync(3, server: null, New, Stop));

        Assert.Equal(error, failure.Error);
        Assert.Equal(["POST /servers/3/ssh/credentials"], handler.Lines);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_a_lost_answer_it_reads_before_it_adds_again(bool done)
    {
        var workspace = new Workspace(new JumpingTime(), request => request.Number > 1 ? Trouble.None : done ? Trouble.DropAfter : Trouble.DropBefore);
        var handler = workspace.Handler();
        using var client = Create(handler);

        var added = await client.AddSshCredentialAsync(3, server: null, New, Stop);

        Assert.Equal("dave", added.Label);
        Assert.True(workspace.Credentials.ContainsKey(added.Id));
        Assert.Equal(1, workspace.Added);
        Assert.Equal(
            ["POST /servers/3/ssh/credentials", "GET /servers/3/ssh/credentials?page=1&perPage=40", .. done ? [] : new[] { "POST /servers/3/ssh/credentials" }],
            handler.Lines);
    }

    [Fact]
    public async Task A_credential_with_another_user_or_key_is_not_the_added_one()
    {
        var handler = new StubHandler(request => request.Method == "POST"
            ? request.Number == 1 ? throw new HttpRequestException("lost") : Answers.Message(422, "The label has already been taken.")
            : Answers.Json($$"""
                {"data":[
                    {"id":1,"label":"dave","user":"www","publicKey":"{{Workspace.Key}}"},
                    {"id":2,"label":"dave2","user":"root","publicKey":"{{Workspace.Key}}"},
                    {"id":3,"label":"dave","user":"root","publicKey":"{{SshVectors.All[0].Line}}"}],
                 "meta":{"pagination":{"total":3,"total_pages":1} } }
                """));
        using var client = Create(handler, options => options with { MaximumRetryCount = 1 });

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.AddSshCredentialAsync(3, server: null, New, Stop));

        Assert.Equal(RunCloudError.ValidationFailed, failure.Error);
    }

    [Fact]
    public async Task An_unreadable_key_in_the_place_of_the_added_one_leaves_a_doubt()
    {
        var handler = new StubHandler(request => request.Method == "POST" ? throw new HttpRequestException("lost")
            : request.Uri.AbsolutePath.Contains("/credentials/", StringComparison.Ordinal) ? Answers.Message(403, "No.")
            : Answers.Json("""{"data":[{"id":1,"label":"dave","user":"root","publicKey":"ssh-ed25519 AAAA..."}],"meta":{"pagination":{"total":1,"total_pages":1}}}"""));
        using var client = Create(handler);

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.AddSshCredentialAsync(3, server: null, New, Stop));

        Assert.True(failure.MayHaveActed);
        Assert.Contains("reading it individually failed", failure.Message, StringComparison.Ordinal);
        Assert.Single(handler.Requests, request => request.Method == "POST");
    }

    [Fact]
    public async Task A_connection_that_was_never_made_needs_no_read_back()
    {
        var workspace = new Workspace(new JumpingTime(), request => request.Number <= 2 ? Trouble.Refused : Trouble.None);
        var handler = workspace.Handler();
        using var client = Create(handler);

        await client.AddSshCredentialAsync(3, server: null, New, Stop);

        Assert.All(handler.Requests, request => Assert.Equal("POST", request.Method));
        Assert.Equal(3, handler.Requests.Count);
    }

    [Theory]
    [InlineData(Trouble.TooMany)]
    [InlineData(Trouble.TooManyWithRetryAfter)]
    public async Task A_rate_limit_is_waited_for_and_needs_no_read_back(Trouble trouble)
    {
        var time = new JumpingTime();
        var workspace = new Workspace(time, request => request.Number <= 7 ? trouble : Trouble.None);
        var handler = workspace.Handler();
        using var client = Create(handler, options => options with { Time = time });

        await client.AddSshCredentialAsync(3, server: null, New, Stop);

        Assert.All(handler.Requests, request => Assert.Equal("POST", request.Method));
        Assert.Equal(8, handler.Requests.Count);
    }

    [Fact]
    public async Task A_server_that_asks_for_more_than_may_be_waited_is_not_waited_for()
    {
        var time = new JumpingTime();
        var start = time.GetUtcNow();
        var handler = new StubHandler(request => request.Method == "POST"
            ? Answers.Message(503, "Down.").With("Retry-After", request.Number == 1 ? "40" : "21")
            : Answers.Json("""{"data":[],"meta":{"pagination":{"total":0,"total_pages":1}}}"""));
        using var client = Create(handler, options => options with { Time = time, MaximumWait = TimeSpan.FromMinutes(1) });

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.AddSshCredentialAsync(3, server: null, New, Stop));

        Assert.Equal(RunCloudError.ServerError, failure.Error);
        Assert.Equal(2, handler.Requests.Count(request => request.Method == "POST"));
        Assert.Equal(40, (time.GetUtcNow() - start).TotalSeconds, 1);
    }

    [Fact]
    public Task Whatever_goes_wrong_it_is_added_at_most_once_and_never_falsely_reported() =>
        Gen.Enum<Trouble>().Array[0, 12].SampleAsync(
            async troubles =>
            {
                var time = new JumpingTime();
                var workspace = new Workspace(time, request => request.Number <= troubles.Length ? troubles[request.Number - 1] : Trouble.None);
                workspace.Add(3, "root", "erin");
                using var client = Create(workspace.Handler(), options => options with { Time = time, Jitter = () => 0.5 });
                try
                {
                    var added = await client.AddSshCredentialAsync(3, server: null, New, Stop);
                    Assert.True(added.Id == 1 || workspace.Credentials.ContainsKey(added.Id));
                }
                catch (RunCloudException)
                {
                    Assert.True(troubles.Length > 0);
                }

                Assert.InRange(workspace.Added, 0, 1);
            },
            iter: Draws.Of(2000),
            threads: 1);
}
