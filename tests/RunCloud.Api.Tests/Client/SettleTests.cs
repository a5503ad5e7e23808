using System.Net.Http;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;
using static RunCloud.Api.Tests.SshBlobs;

namespace RunCloud.Api.Tests.Client;

/// <summary>Which credentials are read one by one before a user's key goes, to know whether another one lasts.</summary>
public sealed class SettleTests
{
    private const string Forced = "command=\\\"/usr/bin/backup\\\" " + Workspace.OtherKey;

    private static readonly Server Server = new(3, "web-03") { Online = true, Connected = true };

    private static readonly string Authority = "cert-authority " + SshBlobs.Line(SecurityKey("ssh:"));

    private static readonly string Signed = SshBlobs.Line(Certificate(
        authority: SecurityKey("ssh:"), signature: Join(Signature("sk-ssh-ed25519@openssh.com"), new byte[5]), validBefore: ulong.MaxValue));

    /// <summary>The rows beside the one that goes, the single answers, and which are read and which are ways in after that.</summary>
    public static TheoryData<string[], string[], long[], long[]> Lists => new()
    {
        // The best one is read, and no other if it lasts.
        { [Row(8, Workspace.OtherKey)], ["8 false"], [8], [8] },
        { [Row(8, Workspace.OtherKey), Row(9, Workspace.OtherKey)], ["8 false"], [8], [8, 9] },
        { [Row(8, Forced), Row(9, Workspace.OtherKey)], ["9 false"], [9], [8, 9] },

        // One that does not last, or of which that is not known, is none, and the next one is read.
        { [Row(8, Workspace.OtherKey), Row(9, Workspace.OtherKey)], ["8 true", "9 false"], [8, 9], [9] },
        { [Row(8, Workspace.OtherKey), Row(9, Workspace.OtherKey)], ["8 null", "9 403"], [8, 9], [] },

        // What the list says already is not read.
        { [Row(8, Workspace.OtherKey, temporary: "false")], [], [], [8] },
        { [Row(8, Workspace.OtherKey, temporary: "true")], [], [], [] },

        // Another user's keys do not matter.
        { [Row(8, Workspace.OtherKey, user: "deploy")], [], [], [8] },

        // A certificate comes last, and needs its authority.
        { [Row(8, Signed), Row(9, Authority), Row(10, Workspace.OtherKey)], ["10 false"], [10], [8, 10] },
        { [Row(8, Signed), Row(9, Authority)], ["8 false", "9 false"], [9, 8], [8] },
        { [Row(8, Signed), Row(9, Authority)], ["8 false", "9 true"], [9, 8], [] },
        { [Row(8, Signed), Row(9, Authority), Row(10, Authority, user: "deploy")], ["8 true", "9 false"], [9, 8], [] },
        { [Row(8, Signed), Row(9, Authority, temporary: "false")], ["8 false"], [8], [8] },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task The_best_credentials_are_read_until_one_lasts(string[] rows, string[] answers, long[] read, long[] ways)
    {
        var handler = Handler(rows, answers);
        using var client = Create(handler);
        var found = await client.FindSshCredentialsAsync(3, Server, Query, Stop);
        var before = handler.Requests.Count;

        var settled = await client.SettleWaysInAsync(Server, found.Credentials, found, Stop);

        Assert.Equal(read, handler.Requests.Skip(before).Select(request => long.Parse(request.Uri.Segments[^1], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(ways, settled.WaysIn([7]).Select(entry => entry.Id));
        Assert.Equal((found.Pages, found.Rows, found.ReadAt, found.Users.Count), (settled.Pages, settled.Rows, settled.ReadAt, settled.Users.Count));
        Assert.Same(found.Credentials, settled.Credentials);
    }

    [Fact]
    public async Task Each_user_whose_key_goes_is_looked_at_once()
    {
        var handler = Handler([Row(8, Workspace.OtherKey), Row(9, Workspace.Key, user: "deploy"), Row(10, Workspace.OtherKey, user: "deploy"), Row(11, Workspace.Key)], ["8 false", "10 false"]);
        using var client = Create(handler);
        var found = await client.FindSshCredentialsAsync(3, Server, Query, Stop);

        var settled = await client.SettleWaysInAsync(Server, found.Credentials, found, Stop);

        Assert.Equal([7, 9, 11], found.Credentials.Select(credential => credential.Id));
        Assert.Equal([8, 10], settled.WaysIn([7, 9, 11]).Select(entry => entry.Id));
        Assert.Equal(1 + 2, handler.Requests.Count);
    }

    [Fact]
    public async Task A_token_that_is_refused_ends_it()
    {
        using var client = Create(Handler([Row(8, Workspace.OtherKey)], ["8 401"]));
        var found = await client.FindSshCredentialsAsync(3, Server, Query, Stop);

        Assert.Equal(RunCloudError.Unauthorized, (await Assert.ThrowsAsync<RunCloudException>(() => client.SettleWaysInAsync(Server, found.Credentials, found, Stop))).Error);
    }

    [Theory]
    [InlineData("{}", RunCloudError.InvalidResponse)]
    [InlineData("""{"label":"dave","user":"root"}""", RunCloudError.InvalidResponse)]
    [InlineData("""{"id":7,"label":"dave"}""", null)]
    [InlineData("""{"id":7,"label":"dave","user":"Root"}""", RunCloudError.InvalidResponse)]
    public async Task An_addition_is_known_by_its_id_and_its_user(string answer, RunCloudError? error)
    {
        var handler = new StubHandler(request => Answers.Json(request.Method == "POST" ? answer : """{"data":[],"meta":{"total":0}}"""));
        using var client = Create(handler);

        var failure = await Record.ExceptionAsync(() => client.AddSshCredentialAsync(3, Server, New, Stop));

        Assert.Equal(error, (failure as RunCloudException)?.Error);
        Assert.Equal(error is null ? 1 : 2, handler.Requests.Count);
    }

    [Theory]
    [InlineData("incomplete", "IncompleteList", "It is not known whether it was added")]
    [InlineData("403", "Forbidden", "It is not known whether it was added")]
    [InlineData("401", "Unauthorized", "It is not known whether it was added")]
    public async Task An_addition_whose_answer_was_lost_is_not_sent_again_before_the_list_was_read_whole(string list, string inner, string message)
    {
        var handler = new StubHandler(request => request.Method == "POST" ? throw new HttpRequestException(HttpRequestError.ResponseEnded, "lost")
            : list == "incomplete" ? Answers.Json($$"""{"data":[{{Row(8, Workspace.OtherKey)}}],"meta":{"total":2} }""")
            : Answers.Message(list == "401" ? 401 : 403, "No."));
        using var client = Create(handler);

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.AddSshCredentialAsync(3, Server, New, Stop));

        Assert.Equal(list == "401" ? RunCloudError.Unauthorized : RunCloudError.ConnectionFailed, failure.Error);
        Assert.Equal(inner, Assert.IsType<RunCloudException>(failure.InnerException).Error.ToString());
        Assert.True(failure.MayHaveActed);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        Assert.Single(handler.Requests, request => request.Method == "POST");
    }

    private static NewSshCredential New { get; } = new("root", "dave", Workspace.Key, temporary: false);

    private static SshCredentialQuery Query { get; } = new() { Keys = [SshKeySelector.Parse(Workspace.Key)], WithInventory = true };

    private static StubHandler Handler(string[] rows, string[] answers) => new(request =>
    {
        if (request.Uri.Query.Length > 0)
        {
            string[] all = [Row(7, Workspace.Key), .. rows];
            return Answers.Json($$"""{"data":[{{string.Join(',', all)}}],"meta":{"total":{{all.Length}} } }""");
        }

        var id = request.Uri.Segments[^1];
        var answer = answers.First(one => one.StartsWith(id + " ", StringComparison.Ordinal))[(id.Length + 1)..];
        return answer[0] == '4' ? Answers.Message(answer == "401" ? 401 : 403, "No.") : Answers.Json($$"""{"id":{{id}},"temporary":{{answer}} }""");
    });

    private static string Row(long id, string key, string user = "root", string? temporary = null) => FormattableString.Invariant(
        $$"""{"id":{{id}},"label":"l{{id}}","user":"{{user}}","publicKey":"{{key}}"{{(temporary is null ? string.Empty : ",\"temporary\":" + temporary)}}}""");
}
