using System.Net.Http;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using RunCloud.Simulator;
using Xunit;

namespace RunCloud.SimulatorTests;

public sealed class ChangeTests
{
    private static readonly string Key = TestKeys.Line(SshKeyKind.Ecdsa256, 1, "dave@laptop");

    [Fact]
    public async Task A_credential_that_is_added_is_there()
    {
        var (fleet, path) = Small();
        await using var simulator = await StartAsync(fleet, new SimulatorOptions { CreatedStatus = 201 });
        using var client = new SimulatorClient(simulator);

        var answer = await client.TellAsync(
            HttpMethod.Post,
            path,
            new JsonObject { ["label"] = "new-key_1", ["username"] = "runcloud", ["publicKey"] = Key, ["temporary"] = true }.ToJsonString());

        var added = Assert.Single(fleet.Snapshot().Credentials, credential => credential.Label == "new-key_1");
        Assert.Equal(("runcloud", Key, true, Fleet.Epoch), (added.User, added.PublicKey, added.Temporary, added.CreatedAt));
        Assert.Equal(
            $$"""201 {"id":{{added.Id}},"label":"new-key_1","user":"runcloud","publicKey":"{{Key}}","temporary":true,"created_at":"2026-03-02 09:30:00"}""",
            answer);
        Assert.Contains("new-key_1", await client.TellAsync(HttpMethod.Get, path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Dave", "root", null, "label", "The label has already been taken.", 1)]
    [InlineData("two words", "root", null, "label", "The label format is invalid.", 1)]
    [InlineData("new", "nobody", null, "username", "The selected username is invalid.", 1)]
    [InlineData("new", "root", "ssh-rsa AAAA", "publicKey", "The public key format is invalid.", 1)]
    [InlineData("new", "root", "ssh-ed25519 AAAAB3NzaC1yc2EAAAADAQAB", "publicKey", "The public key format is invalid.", 1)]
    [InlineData("", "root", null, "label", "The label field is required.", 1)]
    [InlineData("two words", "nobody", "", "username", "The selected username is invalid.", 3)]
    public async Task Invalid_values_are_refused_with_their_field_and_change_nothing(
        string label,
        string username,
        string? publicKey,
        string field,
        string message,
        int failures)
    {
        var (fleet, path) = Small();
        await using var simulator = await StartAsync(fleet);
        using var client = new SimulatorClient(simulator);

        var answer = await client.TellAsync(
            HttpMethod.Post,
            path,
            new JsonObject { ["label"] = label, ["username"] = username, ["publicKey"] = publicKey ?? Key }.ToJsonString());

        Assert.StartsWith("422 ", answer, StringComparison.Ordinal);
        var body = JsonNode.Parse(answer[4..])!;
        Assert.Equal([message], body["errors"]![field]!.AsArray().Select(text => (string)text!));
        Assert.Equal(failures, body["errors"]!.AsObject().Count);
        Assert.EndsWith(failures == 3 ? "(and 2 more errors)" : message, (string)body["message"]!, StringComparison.Ordinal);
        Assert.Equal(2, fleet.Snapshot().Credentials.Count());
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task A_body_that_is_no_object_lacks_everything(string body)
    {
        var (fleet, path) = Small();
        await using var simulator = await StartAsync(fleet);
        using var client = new SimulatorClient(simulator);

        Assert.StartsWith(
            """422 {"message":"The label field is required. (and 2 more errors)",""",
            await client.TellAsync(HttpMethod.Post, path, body),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deletion_answers_what_it_deleted_and_the_next_finds_nothing()
    {
        var (fleet, path) = Small();
        await using var simulator = await StartAsync(fleet);
        using var client = new SimulatorClient(simulator);

        Assert.Equal(
            $$"""200 {"id":17,"label":"dave","user":"root","publicKey":"{{Key}}","temporary":false,"created_at":"2026-03-02 09:30:00"}""",
            await client.TellAsync(HttpMethod.Delete, path + "/17"));
        Assert.Equal("""404 {"message":"Resources not found."}""", await client.TellAsync(HttpMethod.Delete, path + "/17"));
        Assert.Equal([18L], fleet.Snapshot().Credentials.Select(credential => credential.Id));
    }

    [Fact]
    public async Task A_deletion_can_be_answered_without_a_body()
    {
        var (fleet, path) = Small();
        await using var simulator = await StartAsync(fleet, new SimulatorOptions { DeletionAnswer = DeletionAnswer.NoContent });
        using var client = new SimulatorClient(simulator);

        Assert.Equal("204", await client.TellAsync(HttpMethod.Delete, path + "/17"));
        Assert.Single(fleet.Snapshot().Credentials);
    }

    [Theory]
    [InlineData(OfflineDelete.Deletes, false, true, "200", 1)]
    [InlineData(OfflineDelete.ClaimsAndKeeps, false, true, "200", 2)]
    [InlineData(OfflineDelete.ClaimsAndKeeps, true, false, "200", 2)]
    [InlineData(OfflineDelete.ClaimsAndKeeps, true, true, "200", 1)]
    [InlineData(OfflineDelete.Fails, false, false, "500", 2)]
    public async Task A_server_that_is_down_deletes_as_it_is_told(OfflineDelete behaviour, bool online, bool connected, string status, int left)
    {
        var (fleet, path) = Small(online, connected);
        await using var simulator = await StartAsync(fleet, new SimulatorOptions { OfflineDelete = behaviour });
        using var client = new SimulatorClient(simulator);

        Assert.StartsWith(status, await client.TellAsync(HttpMethod.Delete, path + "/17"), StringComparison.Ordinal);
        Assert.Equal(left, fleet.Snapshot().Credentials.Count());
    }

    [Fact]
    public async Task A_server_that_is_down_can_leave_a_deletion_unanswered()
    {
        var (fleet, path) = Small(online: false);
        await using var simulator = await StartAsync(fleet, new SimulatorOptions { OfflineDelete = OfflineDelete.Hangs });
        using var client = new SimulatorClient(simulator);

        var deletion = client.DeleteAsync(path + "/17");
        await simulator.Requests.WaitForArrivalAsync(cancellationToken: TestContext.Current.CancellationToken);
        await simulator.DisposeAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => deletion);
        Assert.Null(Assert.Single(simulator.Requests.All).Status);
        Assert.Equal(2, fleet.Snapshot().Credentials.Count());
    }

    [Fact]
    public async Task Users_come_get_a_new_deployment_key_and_go_with_their_keys()
    {
        var (fleet, path) = Small();
        var users = path.Replace("ssh/credentials", "users", StringComparison.Ordinal);
        await using var simulator = await StartAsync(fleet);
        using var client = new SimulatorClient(simulator);
        var server = fleet.Snapshot().Servers[0].Id;

        Assert.StartsWith("200 ", await client.TellAsync(HttpMethod.Post, users, """{"username":"deploy"}"""), StringComparison.Ordinal);
        Assert.StartsWith("422 ", await client.TellAsync(HttpMethod.Post, users, """{"username":"deploy"}"""), StringComparison.Ordinal);
        Assert.StartsWith("422 ", await client.TellAsync(HttpMethod.Post, users, """{"username":"De ploy"}"""), StringComparison.Ordinal);
        var deploy = Assert.Single(fleet.GetUsers(server), user => user.Username == "deploy");
        fleet.AddCredential(server, "deploy", "theirs", Key);

        await client.TellAsync(HttpMethod.Patch, $"{users}/{deploy.Id}/deploymentkey");
        var first = Assert.Single(fleet.GetUsers(server), user => user.Username == "deploy").DeploymentKey;
        await client.TellAsync(HttpMethod.Patch, $"{users}/{deploy.Id}/deploymentkey");
        var second = Assert.Single(fleet.GetUsers(server), user => user.Username == "deploy").DeploymentKey;
        Assert.EndsWith(" GIT Deployment Key for user deploy.", first, StringComparison.Ordinal);
        Assert.NotEqual(first, second);

        Assert.StartsWith("422 ", await client.TellAsync(HttpMethod.Patch, $"{users}/{deploy.Id}/password", "{}"), StringComparison.Ordinal);
        Assert.StartsWith("200 ", await client.TellAsync(HttpMethod.Patch, $"{users}/{deploy.Id}/password", """{"password":"x"}"""), StringComparison.Ordinal);
        Assert.Contains("\"deploy\"", await client.TellAsync(HttpMethod.Get, $"{users}/{deploy.Id}"), StringComparison.Ordinal);
        Assert.StartsWith("200 ", await client.TellAsync(HttpMethod.Delete, $"{users}/{deploy.Id}"), StringComparison.Ordinal);
        Assert.StartsWith("404 ", await client.TellAsync(HttpMethod.Delete, $"{users}/{deploy.Id}"), StringComparison.Ordinal);
        Assert.StartsWith("403 ", await client.TellAsync(HttpMethod.Delete, $"{users}/{fleet.GetUsers(server)[0].Id}"), StringComparison.Ordinal);
        Assert.DoesNotContain(fleet.Snapshot().Credentials, credential => credential.User == "deploy");
    }

    [Theory]
    [InlineData(UnauthorizedAnswer.Json, null, """401 {"message":"Missing API Token."}""")]
    [InlineData(UnauthorizedAnswer.Json, "wrong", """401 {"message":"Unauthenticated."}""")]
    [InlineData(UnauthorizedAnswer.RedirectToLogin, "wrong", "302 <!DOCTYPE html>")]
    public async Task Without_the_right_token_nothing_is_returned_or_changed(UnauthorizedAnswer answer, string? token, string expected)
    {
        var (fleet, path) = Small();
        await using var simulator = await StartAsync(fleet, new SimulatorOptions { UnauthorizedAnswer = answer });
        using var client = new SimulatorClient(simulator) { Token = token };

        Assert.StartsWith(expected, await client.TellAsync(HttpMethod.Get, "/ping"), StringComparison.Ordinal);
        Assert.StartsWith(expected, await client.TellAsync(HttpMethod.Delete, path + "/17"), StringComparison.Ordinal);
        Assert.Equal(2, fleet.Snapshot().Credentials.Count());
        var expectedAuthorization = token is null ? RequestAuthorization.Missing : RequestAuthorization.Wrong;
        Assert.All(simulator.Requests.All, request => Assert.Equal(expectedAuthorization, request.Authorization));
    }

    [Fact]
    public async Task Deletions_side_by_side_succeed_once_each()
    {
        var fleet = new Fleet();
        var server = fleet.AddServer("web-01");
        var ids = Enumerable.Range(0, 60).Select(n => fleet.AddCredential(server.Id, "root", $"key-{n}", Key).Id).ToArray();
        await using var simulator = await StartAsync(fleet);
        using var client = new SimulatorClient(simulator);

        var answers = await Task.WhenAll(ids.Concat(ids).Select(id => client.TellAsync(HttpMethod.Delete, $"/servers/{server.Id}/ssh/credentials/{id}")));

        Assert.Equal(60, answers.Count(answer => answer.StartsWith("200 ", StringComparison.Ordinal)));
        Assert.Equal(60, answers.Count(answer => answer.StartsWith("404 ", StringComparison.Ordinal)));
        Assert.Empty(fleet.Snapshot().Credentials);
    }

    private static (Fleet Fleet, string Path) Small(bool online = true, bool connected = true)
    {
        var fleet = new Fleet();
        var server = fleet.AddServer("web-01", online, connected);
        fleet.AddCredential(server.Id, "root", "dave", Key, id: 17);
        fleet.AddCredential(server.Id, "root", "alice", TestKeys.Line(SshKeyKind.Ed25519, 2, "alice@macbook"), id: 18);
        return (fleet, $"/servers/{server.Id}/ssh/credentials");
    }

    private static Task<RunCloudSimulator> StartAsync(Fleet fleet, SimulatorOptions? options = null) => RunCloudSimulator.StartAsync(
        (options ?? new SimulatorOptions()) with { TimeProvider = new FakeTimeProvider(Fleet.Epoch) },
        fleet,
        TestContext.Current.CancellationToken);
}
