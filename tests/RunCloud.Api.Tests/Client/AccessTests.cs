using System.Net.Http;
using System.Text.Json.Nodes;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <summary>Reading open sessions, SSH settings and system users, also from answers that are not quite as documented.</summary>
public sealed class AccessTests
{
    private const string Session =
        """{"username":"root","tty":"pts/0","ipAddress":"202.184.157.252","loginSince":"06:10","idle":"1:23","currentRunningProcess":"-bash"}""";

    private static readonly Server Known = new(5, "web-05");

    /// <summary>Answers that are about something else, or about nothing.</summary>
    public static TheoryData<string> Nothings { get; } =
        ["", "null", "{}", "\"x\"", "7", "[null]", "[7]", "{\"data\":null}", "{\"data\":7}", "{\"data\":[null]}", "{\"message\":\"pong\"}", Answers.Page];

    [Fact]
    public async Task A_session_has_every_documented_field()
    {
        var handler = new StubHandler(_ => Answers.Json($"[{Session}]"));
        using var client = Create(handler);

        var session = Assert.Single(await client.GetSshSessionsAsync(5, Known, Stop));

        Assert.Equal(["GET /servers/5/ssh/sessions"], handler.Lines);
        Assert.Equal((5, "web-05", "root", "pts/0"), (session.ServerId, session.ServerName, session.User, session.Tty));
        Assert.Equal(
            ("202.184.157.252", "06:10", "1:23", "-bash"),
            (session.IPAddress, session.LoginSince, session.Idle, session.CurrentRunningProcess));
        Assert.Equal("root on web-05 (id 5), pts/0 from 202.184.157.252 since 06:10", session.ToString());
    }

    [Theory]
    [InlineData("[]", 0)]
    [InlineData("{\"data\":[]}", 0)]
    [InlineData("{\"data\":[],\"meta\":[]}", 0)]
    [InlineData("[" + Session + "," + Session + "]", 2)]
    [InlineData("{\"meta\":{\"pagination\":{\"total\":1,\"total_pages\":1,\"links\":[]}},\"data\":[" + Session + "]}", 1)]
    [InlineData("[{\"relationships\":{\"data\":[null]},\"username\":\"root\",\"new\":[{}]}]", 1)]
    [InlineData("[{}]", 1)]
    public async Task Sessions_come_bare_or_wrapped(string json, int count)
    {
        using var client = Create(_ => Answers.Json(json));

        Assert.Equal(count, (await client.GetSshSessionsAsync(5, server: null, Stop)).Count);
    }

    [Fact]
    public async Task A_session_has_clean_text_and_null_for_missing_values()
    {
        using var client = Create(_ => Answers.Json(
            """[{"username":7,"tty":null,"ipAddress":["x"],"idle":1.50,"currentRunningProcess":"top\u001b[2J"}]"""));

        var session = Assert.Single(await client.GetSshSessionsAsync(5, server: null, Stop));

        Assert.Equal(("7", "1.50", "top\uFFFD[2J"), (session.User, session.Idle, session.CurrentRunningProcess));
        Assert.Null(session.Tty ?? session.IPAddress ?? session.LoginSince ?? session.ServerName);
    }

    [Theory]
    [InlineData("\"total\":2")]
    [InlineData("\"total_pages\":2")]
    [InlineData("\"links\":{\"next\":\"https://manage.runcloud.io/api/v3/servers/5/ssh/sessions?page=2\"}")]
    public async Task If_sessions_had_pages_the_first_would_not_be_the_list(string account)
    {
        using var client = Create(_ => Answers.Json("{\"data\":[" + Session + "],\"meta\":{\"pagination\":{" + account + "}}}"));

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.GetSshSessionsAsync(5, server: null, Stop));

        Assert.Equal(RunCloudError.IncompleteList, failure.Error);
    }

    [Theory]
    [InlineData("""{"passwordlessLogin":true,"useDns":false,"preventRootLogin":true}""", true, false, true)]
    [InlineData("""{"passwordlessLogin":0,"useDns":"1","preventRootLogin":"false","new":{"useDns":false}}""", false, true, false)]
    [InlineData("""{"useDns":false,"passwordlessLogin":"maybe"}""", null, false, null)]
    public async Task Settings_are_read_and_what_is_missing_is_unknown(string json, bool? passwordless, bool? useDns, bool? preventRoot)
    {
        var handler = new StubHandler(_ => Answers.Json(json));
        using var client = Create(handler);

        var setting = await client.GetSshSettingAsync(5, Known, Stop);

        Assert.Equal(["GET /servers/5/settings/ssh"], handler.Lines);
        Assert.Equal((5, "web-05"), (setting.ServerId, setting.ServerName));
        Assert.Equal((passwordless, useDns, preventRoot), (setting.PasswordlessLogin, setting.UseDns, setting.PreventRootLogin));
    }

    [Fact]
    public async Task A_user_has_every_documented_field()
    {
        var key = SshVectors.All[0];
        var handler = new StubHandler(_ => Answers.Json(
            $$$"""{"data":[{"id":"1645","username":"runcloud","deploymentKey":"{{{key.Line}}}","deleteable":0,"created_at":"2024-07-09 06:41:52","new":{}}],"meta":{"pagination":{"total":1,"total_pages":1} } }"""));
        using var client = Create(handler);

        var user = Assert.Single(await client.GetSystemUsersAsync(5, Known, Stop));

        Assert.Equal(["GET /servers/5/users?page=1&perPage=40"], handler.Lines);
        Assert.Equal((1645, 5, "web-05", "runcloud", false), (user.UserId, user.ServerId, user.ServerName, user.User, user.Deleteable));
        Assert.Equal((key.Line, SshPublicKey.Parse(key.Line).Fingerprint), (user.DeploymentKey, user.DeploymentKeyFingerprint));
        Assert.Equal(new DateTimeOffset(2024, 7, 9, 6, 41, 52, TimeSpan.Zero), user.CreatedAt);
        Assert.Equal("runcloud (id 1645) on web-05 (id 5)", user.ToString());
    }

    [Fact]
    public async Task Every_page_of_users_is_read()
    {
        var handler = new StubHandler(request => Lists.Page([.. Enumerable.Range(1, 41).Select(id => User(id, key: null)).Skip((request.Page - 1) * 40).Take(40)], request.Page, total: 41, totalPages: 2));
        using var client = Create(handler);

        Assert.Equal(41, (await client.GetSystemUsersAsync(5, server: null, Stop)).Count);
        Assert.Equal(2, handler.Requests.Count);
    }

    [Fact]
    public async Task Users_that_do_not_add_up_are_an_incomplete_list()
    {
        using var client = Create(request => Lists.Page([User(1, key: null)], request.Page, total: 2, totalPages: 1));

        Assert.Equal(RunCloudError.IncompleteList, (await Assert.ThrowsAsync<RunCloudException>(() => client.GetSystemUsersAsync(5, server: null, Stop))).Error);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \n")]
    public async Task A_user_without_a_deployment_key_is_not_read_individually(string? key)
    {
        var handler = new StubHandler(request => Lists.Page([User(1, key)], request.Page, total: 1, totalPages: 1));
        using var client = Create(handler);

        var user = Assert.Single(await client.GetSystemUsersAsync(5, server: null, Stop));

        Assert.Null(user.DeploymentKey ?? user.DeploymentKeyFingerprint);
        Assert.False(user.HasUnreadableDeploymentKey);
        Assert.Equal(SshKeyMatch.NoMatch, user.Test(Looking(SshVectors.All[0].Line)));
        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task A_deployment_key_is_compared_raw_and_shown_clean()
    {
        var line = SshVectors.All[0].Line;
        using var client = Create(request => Lists.Page([User(1, $" {line.Replace(' ', '\t')}\u001b[2J\r\n")], request.Page, total: 1, totalPages: 1));

        var user = Assert.Single(await client.GetSystemUsersAsync(5, server: null, Stop));

        Assert.Equal(SshPublicKey.Parse(line).Fingerprint, user.DeploymentKeyFingerprint);
        Assert.Equal(SshKeyMatch.Match, user.Test(Looking(line)));
        Assert.Equal(SshKeyMatch.NoMatch, user.Test(Looking(Workspace.Key)));
        Assert.DoesNotContain(user.DeploymentKey!, char.IsControl);
    }

    [Fact]
    public async Task A_deployment_key_that_the_list_has_shortened_is_read_individually()
    {
        var line = SshVectors.All[0].Line;
        var handler = new StubHandler(request => request.Number == 1
            ? Lists.Page([User(1, Workspace.Key), User(2, line[..30] + "...")], 1, total: 2, totalPages: 1)
            : Answers.Json(User(2, line).ToJsonString()));
        using var client = Create(handler);

        var users = await client.GetSystemUsersAsync(5, Known, Stop);

        Assert.Equal(["GET /servers/5/users?page=1&perPage=40", "GET /servers/5/users/2"], handler.Lines);
        Assert.Equal((2, "web-05", SshPublicKey.Parse(line).Fingerprint), (users[1].UserId, users[1].ServerName, users[1].DeploymentKeyFingerprint));
    }

    [Theory]
    [InlineData(404, """{"message":"Resources not found."}""", "404")]
    [InlineData(200, """{"id":3,"deploymentKey":"x"}""", "something else")]
    [InlineData(200, """{"id":2,"username":"user-2","deploymentKey":"rubbish..."}""", "cannot be read as a key")]
    public async Task A_user_whose_deployment_key_stays_unreadable_is_there_and_never_no_match(int status, string answer, string why)
    {
        using var client = Create(request => request.Number == 1 ? Lists.Page([User(2, "rubbish...")], 1, total: 1, totalPages: 1) : Answers.Json(answer, status));

        var user = Assert.Single(await client.GetSystemUsersAsync(5, Known, Stop));

        Assert.Equal((2, "rubbish...", null), (user.UserId, user.DeploymentKey, user.DeploymentKeyFingerprint));
        Assert.True(user.HasUnreadableDeploymentKey);
        Assert.Equal(SshKeyMatch.NotComparable, user.Test(Looking(Workspace.Key)));
        Assert.Equal(RunCloudError.DeploymentKeyNotComparable, user.NotComparable().Error);
        Assert.Contains("user-2 (id 2) on web-05 (id 5)", user.NotComparable().Message, StringComparison.Ordinal);
        Assert.Contains(why, user.NotComparable().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_token_ends_the_reading_of_users_in_the_middle_too()
    {
        using var client = Create(request => request.Number == 1 ? Lists.Page([User(2, "rubbish...")], 1, total: 1, totalPages: 1) : Answers.Message(401, "No."));

        Assert.Equal(RunCloudError.Unauthorized, (await Assert.ThrowsAsync<RunCloudException>(() => client.GetSystemUsersAsync(5, server: null, Stop))).Error);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        using var client = Create(_ => Answers.Message(404, "Resources not found."));
        foreach (var call in Calls(client))
        {
            var failure = await Assert.ThrowsAsync<RunCloudException>(call);
            Assert.Equal(RunCloudError.ServerNotFound, failure.Error);
            Assert.Contains("web-05 (id 5)", failure.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Nothings))]
    public async Task An_undocumented_answer_is_invalid(string body)
    {
        using var client = Create(new StubHandler(_ => Answers.Json(body)), options => options with { MaximumRetryCount = 1 });
        foreach (var call in Calls(client))
        {
            Assert.Equal(RunCloudError.InvalidResponse, (await Assert.ThrowsAsync<RunCloudException>(call)).Error);
        }
    }

    [Fact]
    public async Task A_web_page_is_invalid()
    {
        using var client = Create(_ => Answers.Html());
        foreach (var call in Calls(client))
        {
            Assert.Equal(RunCloudError.InvalidResponse, (await Assert.ThrowsAsync<RunCloudException>(call)).Error);
        }
    }

    private static IEnumerable<Func<Task>> Calls(RunCloudClient client) =>
    [
        () => client.GetSshSessionsAsync(5, Known, Stop),
        () => client.GetSshSettingAsync(5, Known, Stop),
        () => client.GetSystemUsersAsync(5, Known, Stop),
    ];

    private static SshKeyFilter Looking(string key) => new([SshKeySelector.Parse(key)]);

    private static JsonObject User(long id, string? key) => new() { ["id"] = id, ["username"] = $"user-{id}", ["deploymentKey"] = key, ["deleteable"] = true };
}
