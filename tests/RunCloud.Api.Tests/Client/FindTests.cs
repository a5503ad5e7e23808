using System.Net.Http;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <summary>What is found on a server's list, and what is told of a row that could not be compared.</summary>
public sealed class FindTests
{
    private const string Short = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI...";
    private const string List = "GET /servers/3/ssh/credentials?page=1&perPage=40";
    private const string Single = "GET /servers/3/ssh/credentials/7";

    private static readonly SshCredentialQuery Wanted = new() { Keys = [SshKeySelector.Parse(Workspace.Key)] };

    [Theory]
    [InlineData(Workspace.Key, true, null)]
    [InlineData(Workspace.OtherKey, false, null)]
    [InlineData(Short, false, "cannot be read as a key")]
    [InlineData("403", false, "reading it individually failed")]
    public async Task A_shortened_key_is_read_by_itself_and_compared(string alone, bool isFound, string? problem)
    {
        var handler = new StubHandler(request => request.ToString() == List ? Rows(Row(7, Short)) : Alone(alone));
        using var client = Create(handler);

        var found = await client.FindSshCredentialsAsync(3, server: null, Wanted, Stop);

        Assert.Equal(isFound ? [7L] : [], found.Credentials.Select(credential => credential.Id));
        Assert.Equal(problem is null ? 0 : 1, found.Problems.Count);
        Assert.All(found.Problems, one =>
        {
            Assert.Equal((7, 7, RunCloudError.SshCredentialNotComparable, alone == "403"), (one.Id, one.Credential!.Id, one.Exception.Error, one.Exception.InnerException is not null));
            Assert.Contains(problem!, one.Exception.Message, StringComparison.Ordinal);
        });
        Assert.Empty(found.Unreadable);
        Assert.Equal([List, Single], handler.Lines);
    }

    [Theory]
    [InlineData(Workspace.Key, false, 0)]
    [InlineData(Short, true, 0)]
    [InlineData("403", false, 1)]
    public async Task Where_all_are_asked_for_a_key_that_cannot_be_read_is_found_and_told_of(string alone, bool isUnreadable, int problems)
    {
        using var client = Create(new StubHandler(request => request.ToString() == List ? Rows(Row(7, Short)) : Alone(alone)));

        var found = await client.FindSshCredentialsAsync(3, server: null, new SshCredentialQuery(), Stop);

        Assert.Equal(7, Assert.Single(found.Credentials).Id);
        Assert.Equal(alone == Workspace.Key, found.Credentials[0].Key is not null);
        Assert.Equal((isUnreadable ? 1 : 0, problems), (found.Unreadable.Count, found.Problems.Count));
    }

    [Theory]
    [InlineData("root", "dave", true)]
    [InlineData("deploy", "dave", false)]
    [InlineData("root", "erin", false)]
    public async Task One_that_is_named_by_its_id_must_have_the_user_and_label_asked_for_too(string user, string label, bool isFound)
    {
        using var client = Create(new StubHandler(_ => Answers.Json(Row(7, Workspace.Key))));
        var query = Wanted with { Ids = [7], Accepts = (owner, name) => owner == user && name == label };

        Assert.Equal(isFound ? [7L] : [], (await client.FindSshCredentialsAsync(3, server: null, query, Stop)).Credentials.Select(credential => credential.Id));
    }

    [Fact]
    public async Task A_token_that_is_refused_for_a_single_one_ends_the_search()
    {
        foreach (var query in new[] { Wanted, Wanted with { Ids = [7] } })
        {
            var handler = new StubHandler(request => request.ToString() == List ? Rows(Row(7, Short)) : Answers.Message(401, "Unauthenticated."));
            using var client = Create(handler);

            Assert.Equal(RunCloudError.Unauthorized, (await Assert.ThrowsAsync<RunCloudException>(() => client.FindSshCredentialsAsync(3, server: null, query, Stop))).Error);
        }
    }

    [Fact]
    public async Task What_a_single_answer_leaves_out_is_as_the_list_has_it()
    {
        using var client = Create(new StubHandler(request => request.ToString() == List ? Rows(Row(7, Short)) : Answers.Json($$"""{"id":7,"publicKey":"{{Workspace.Key}}"}""")));

        var credential = Assert.Single((await client.FindSshCredentialsAsync(3, server: null, Wanted, Stop)).Credentials);

        Assert.Equal(("root", "dave", Workspace.Key), (credential.User, credential.Label, credential.PublicKey));
    }

    [Fact]
    public async Task A_single_answer_is_believed_before_the_list()
    {
        using var client = Create(new StubHandler(request => request.ToString() == List ? Rows(Row(7, Short)) : Answers.Json(Row(7, Workspace.Key, user: "deploy", label: "new"))));

        var credential = Assert.Single((await client.FindSshCredentialsAsync(3, server: null, Wanted, Stop)).Credentials);

        Assert.Equal(("deploy", "new"), (credential.User, credential.Label));
    }

    [Fact]
    public async Task Credentials_that_are_named_by_id_are_read_one_by_one_and_not_listed()
    {
        var handler = new StubHandler(request => request.Uri.AbsolutePath.EndsWith("/7", StringComparison.Ordinal) ? Answers.Json(Row(7, Workspace.Key))
            : request.Uri.AbsolutePath.EndsWith("/8", StringComparison.Ordinal) ? Answers.Message(404, "Resources not found.")
            : Answers.Json(Row(9, Short)));
        using var client = Create(handler);

        var found = await client.FindSshCredentialsAsync(3, server: null, Wanted with { Ids = [7, 8, 9] }, Stop);

        Assert.Equal([7], found.Credentials.Select(credential => credential.Id));
        Assert.Equal([(8, RunCloudError.SshCredentialNotFound), (9, RunCloudError.SshCredentialNotComparable)], found.Problems.Select(problem => (problem.Id, problem.Exception.Error)));
        Assert.Equal([false, true], found.Problems.Select(problem => problem.Credential is not null));
        Assert.Equal([7, 8, 9], handler.Requests.Select(request => long.Parse(request.Uri.Segments[^1], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Null(found.Incomplete);
        Assert.Equal((0, 0), (found.Pages, found.Rows));
    }

    [Theory]
    [InlineData("root", "dave", 1, 0)]
    [InlineData("deploy", "dave", 0, 0)]
    [InlineData(null, "dave", 0, 1)]
    [InlineData("root", null, 0, 1)]
    [InlineData(null, null, 0, 1)]
    public async Task A_row_without_user_or_label_may_be_one_of_those_asked_for(string? user, string? label, int credentials, int problems)
    {
        using var client = Create(_ => Rows(Row(7, Workspace.Key, user, label)));

        var found = await client.FindSshCredentialsAsync(3, server: null, Wanted with { Accepts = (one, other) => one == "root" && other == "dave" }, Stop);

        Assert.Equal((credentials, problems), (found.Credentials.Count, found.Problems.Count));
        Assert.All(found.Problems, problem => Assert.Contains("does not give the user or the label", problem.Exception.Message, StringComparison.Ordinal));

        // With another key it is none of those, whoever has it.
        using var other = Create(_ => Rows(Row(7, Workspace.OtherKey, user, label)));
        found = await other.FindSshCredentialsAsync(3, server: null, Wanted with { Accepts = (one, _) => one == "root" }, Stop);
        Assert.Equal((0, 0), (found.Credentials.Count, found.Problems.Count));
    }

    [Fact]
    public async Task The_users_pages_and_rows_of_the_whole_list_are_told()
    {
        using var client = Create(request => request.Page > 2 ? Page([], request.Page) : Page(
            [.. Enumerable.Range((40 * request.Page) - 39, 40).Select(id => Row(id, id == 1 ? Workspace.Key : Workspace.OtherKey, user: id % 2 == 0 ? "root" : "deploy"))], request.Page));

        var found = await client.FindSshCredentialsAsync(3, server: null, Wanted with { Accepts = (user, _) => user == "deploy" }, Stop);

        Assert.Equal(1, Assert.Single(found.Credentials).Id);
        Assert.Equal(["deploy", "root"], found.Users.Order());
        Assert.Equal((2, 80), (found.Pages, found.Rows));
    }

    [Theory]
    [InlineData(1, 403, null, RunCloudError.Forbidden)]
    [InlineData(1, 401, null, RunCloudError.Unauthorized)]
    [InlineData(2, 403, RunCloudError.Forbidden, null)]
    [InlineData(2, 401, null, RunCloudError.Unauthorized)]
    public async Task Rows_that_were_seen_are_handed_on_unless_the_token_is_refused(int page, int status, RunCloudError? incomplete, RunCloudError? thrown)
    {
        using var client = Create(request => request.Page == page ? Answers.Message(status, "No.") : Page([Row(7, Workspace.Key)], 1, total: 2));
        SshCredentialFindings? found = null;

        var failure = await Record.ExceptionAsync(async () => found = await client.FindSshCredentialsAsync(3, server: null, Wanted, Stop));

        Assert.Equal(thrown, (failure as RunCloudException)?.Error);
        Assert.Equal(incomplete, found?.Incomplete?.Error);
        Assert.Equal(incomplete is null ? 0 : 1, found?.Credentials.Count ?? 0);
    }

    [Fact]
    public async Task An_id_that_comes_with_two_keys_is_told_of_once_and_found_with_neither()
    {
        using var client = Create(request => Page([Row(7, Workspace.Key), Row(7, Workspace.OtherKey), Row(8, Workspace.Key)], request.Page, total: 2));

        var found = await client.FindSshCredentialsAsync(3, server: null, new SshCredentialQuery(), Stop);

        Assert.Equal([8], found.Credentials.Select(credential => credential.Id));
        Assert.Contains("several public keys", Assert.Single(found.Problems).Exception.Message, StringComparison.Ordinal);
        Assert.Equal(RunCloudError.IncompleteList, found.Incomplete?.Error);
    }

    [Fact]
    public async Task The_inventory_has_every_key_of_the_server_where_one_is_found()
    {
        var handler = new StubHandler(request => request.ToString() == List
            ? Page([Row(7, Workspace.Key), Row(8, Workspace.OtherKey, more: ",\"temporary\":true"), Row(9, Short)], 1)
            : Answers.Message(403, "No."));
        using var client = Create(handler);

        var found = await client.FindSshCredentialsAsync(3, server: null, Wanted with { WithInventory = true }, Stop);

        Assert.Equal([(7, "root", "dave", true, null), (8, "root", "dave", true, true), (9, "root", "dave", false, null)], found.Inventory.Select(entry => (entry.Id, entry.User, entry.Label, entry.Key is not null, entry.Temporary)));
        Assert.Empty((await client.FindSshCredentialsAsync(3, server: null, Wanted, Stop)).Inventory);
        using var other = Create(_ => Rows(Row(7, Workspace.OtherKey)));
        Assert.Empty((await other.FindSshCredentialsAsync(3, server: null, Wanted with { WithInventory = true }, Stop)).Inventory);
    }

    [Fact]
    public async Task A_query_must_be_given()
    {
        using var client = Create(_ => Rows(string.Empty));

        await Assert.ThrowsAsync<ArgumentNullException>(() => client.FindSshCredentialsAsync(3, server: null, null!, Stop));
        await Assert.ThrowsAsync<ArgumentNullException>(() => client.AddSshCredentialAsync(3, server: null, null!, Stop));
        await Assert.ThrowsAsync<ArgumentNullException>(() => client.SetSshSettingAsync(3, server: null, null!, Stop));
        await Assert.ThrowsAsync<ArgumentNullException>(() => client.VerifyRemovalsAsync(null!, Stop));
    }

    private static string Row(long id, string key, string? user = "root", string? label = "dave", string more = "") =>
        FormattableString.Invariant($$"""{"id":{{id}},"label":{{Text(label)}},"user":{{Text(user)}},"publicKey":"{{key}}"{{more}}}""");

    private static string Text(string? value) => value is null ? "null" : $"\"{value}\"";

    private static HttpResponseMessage Alone(string key) => key == "403" ? Answers.Message(403, "No.") : Answers.Json(Row(7, key));

    private static HttpResponseMessage Rows(string row) => Page(row.Length > 0 ? [row] : [], 1);

    /// <summary>A page of a list that counts its rows only where it has a total.</summary>
    private static HttpResponseMessage Page(string[] rows, int page, int? total = null) => Answers.Json(
        $$"""{"data":[{{string.Join(',', rows)}}],"meta":{"pagination":{"current_page":{{page}},"count":{{rows.Length}},"per_page":40{{(total is null ? string.Empty : $",\"total\":{total}")}} } } }""");
}
