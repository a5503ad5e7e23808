using System.Net.Http;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <summary>Additions, settings and absences that are read back before they are reported.</summary>
public sealed class ReadBackTests
{
    private const string Post = "POST /servers/3/ssh/credentials";
    private const string List = "GET /servers/3/ssh/credentials?page=1&perPage=40";
    private const string Single = "GET /servers/3/ssh/credentials/7";
    private const string Patch = "PATCH /servers/3/settings/ssh";
    private const string Settings = "GET /servers/3/settings/ssh";

    private const string Same = """{"passwordlessLogin":true,"useDns":false,"preventRootLogin":true}""";
    private const string Different = """{"passwordlessLogin":true,"useDns":false,"preventRootLogin":false}""";

    private static readonly NewSshSetting Setting = new() { PasswordlessLogin = true, UseDns = false, PreventRootLogin = true };

    private static readonly Server Known = new(3, "web-03");

    private static readonly SshCredential Credential = new(3, 7, Workspace.Key) { User = "root", Label = "dave" };

    [Fact]
    public async Task An_addition_is_looked_for_on_the_list_and_given_as_it_was_answered()
    {
        var handler = StubHandler.InTurn(() => Row(7, more: ""","created_at":"2024-07-23 05:04:20" """), () => Rows(Credentials(7)));
        using var client = Create(handler);

        var placed = await client.PlaceSshCredentialAsync(3, Known, New(), Stop);

        Assert.Equal((7, 2024), (placed.Id, placed.CreatedAt?.Year));
        Assert.Equal([Post, List], handler.Lines);
    }

    [Fact]
    public async Task An_addition_that_the_list_has_under_another_id_is_given_as_the_list_has_it()
    {
        var handler = StubHandler.InTurn(() => Row(7), () => Rows(Credentials(8)));
        using var client = Create(handler);

        Assert.Equal(8, (await client.PlaceSshCredentialAsync(3, Known, New(), Stop)).Id);
    }

    [Theory]
    [InlineData("", 5)]
    [InlineData("user", 5)]
    [InlineData("label", 5)]
    [InlineData("key", 5)]
    [InlineData("late", 3)]
    public async Task An_addition_that_the_list_does_not_have_is_looked_for_again_and_then_unconfirmed(string kind, int readings)
    {
        var handler = new StubHandler(request => request.Method == "POST" ? Row(7) : Rows(kind switch
        {
            "" => string.Empty,
            "user" => Credentials(7, user: "deploy"),
            "label" => Credentials(7, label: "other"),
            "key" => Credentials(7, key: Workspace.OtherKey),
            _ => request.Number < 4 ? string.Empty : Credentials(7),
        }));
        using var client = CreateJumping(handler);

        var failure = await FailureAsync(client.PlaceSshCredentialAsync(3, Known, New(), Stop));

        Assert.Equal(kind == "late" ? null : RunCloudError.AdditionUnconfirmed, failure?.Error);
        Assert.True(failure is null || failure.Message.Contains("'dave' of root on web-03 (id 3) was added, but it is not on the server's list", StringComparison.Ordinal));
        Assert.Equal([Post, .. Enumerable.Repeat(List, readings)], handler.Lines);
    }

    [Theory]
    [InlineData(403, RunCloudError.AdditionUnconfirmed)]
    [InlineData(401, RunCloudError.Unauthorized)]
    public async Task An_addition_whose_list_cannot_be_read_is_unconfirmed_unless_the_token_is_refused(int status, RunCloudError error)
    {
        var handler = StubHandler.InTurn(() => Row(7), () => Answers.Message(status, "No."));
        using var client = Create(handler);

        var failure = await FailureAsync(client.PlaceSshCredentialAsync(3, Known, New(), Stop));

        Assert.Equal(error, failure?.Error);
        Assert.Equal(status == 403, failure!.Message.Contains("was added, but it could not be read back. ", StringComparison.Ordinal));
        Assert.Equal([Post, List], handler.Lines);
    }

    [Fact]
    public async Task An_addition_that_the_list_has_shortened_is_unconfirmed_if_it_cannot_be_read_by_itself()
    {
        var handler = new StubHandler(request => request.Method == "POST" ? Row(7)
            : request.ToString() == List ? Rows(Credentials(7, key: "ssh-ed25519 AAAA..."))
            : Answers.Message(403, "No."));
        using var client = Create(handler);

        Assert.Equal(RunCloudError.AdditionUnconfirmed, (await FailureAsync(client.PlaceSshCredentialAsync(3, Known, New(), Stop)))?.Error);
        Assert.Equal([Post, List, Single], handler.Lines);
    }

    [Fact]
    public async Task An_addition_whose_answer_was_lost_is_read_back_once()
    {
        var handler = StubHandler.InTurn(() => throw new HttpRequestException("lost"), () => Rows(Credentials(7)));
        using var client = Create(handler);

        Assert.Equal(7, (await client.PlaceSshCredentialAsync(3, Known, New(), Stop)).Id);
        Assert.Equal([Post, List], handler.Lines);
    }

    [Theory]
    [InlineData(false, "false", null, null)]
    [InlineData(false, "null", null, null)]
    [InlineData(false, "true", RunCloudError.ValidationFailed, "there already, but as a temporary key")]
    [InlineData(false, "403", RunCloudError.AdditionUnconfirmed, "whether it is temporary could not be read")]
    [InlineData(false, "401", RunCloudError.Unauthorized, "401")]
    [InlineData(true, "true", null, null)]
    [InlineData(true, "false", RunCloudError.TemporaryNotApplied, "as a permanent key")]
    [InlineData(true, "null", RunCloudError.TemporaryNotApplied, "does not say that it is temporary")]
    [InlineData(true, "403", RunCloudError.TemporaryNotApplied, "whether it is temporary could not be read")]
    [InlineData(true, "401", RunCloudError.Unauthorized, "401")]
    public async Task A_key_that_is_there_already_must_be_as_temporary_as_the_wanted_one(bool temporary, string alone, RunCloudError? error, string? message)
    {
        var handler = StubHandler.InTurn(
            () => Answers.Message(422, "The label has already been taken."),
            () => Rows(Credentials(7)),
            () => alone.StartsWith('4') ? Answers.Message(alone == "401" ? 401 : 403, "No.") : Row(7, more: $",\"temporary\":{alone}"));
        using var client = Create(handler);

        var (placed, failure) = await OutcomeAsync(client.PlaceSshCredentialAsync(3, Known, New(temporary), Stop));

        Assert.Equal(error, failure?.Error);
        Assert.Equal(error is null ? 7 : null, placed?.Id);
        Assert.Contains(message ?? string.Empty, failure?.Message ?? string.Empty, StringComparison.Ordinal);
        Assert.Equal([Post, List, Single], handler.Lines);
    }

    [Theory]
    [InlineData("other", RunCloudError.ValidationFailed)]
    [InlineData("none", RunCloudError.ValidationFailed)]
    [InlineData("403", RunCloudError.ValidationFailed)]
    [InlineData("401", RunCloudError.Unauthorized)]
    public async Task A_refused_addition_that_is_not_there_is_refused(string list, RunCloudError error)
    {
        var handler = StubHandler.InTurn(
            () => Answers.Message(422, "The label has already been taken."),
            () => list switch
            {
                "other" => Rows(Credentials(7, key: Workspace.OtherKey)),
                "none" => Rows(string.Empty),
                _ => Answers.Message(list == "401" ? 401 : 403, "No."),
            });
        using var client = Create(handler);

        Assert.Equal(error, (await FailureAsync(client.PlaceSshCredentialAsync(3, Known, New(), Stop)))?.Error);
        Assert.Equal([Post, List], handler.Lines);
    }

    [Fact]
    public async Task An_addition_that_is_forbidden_is_not_looked_for()
    {
        var handler = new StubHandler(_ => Answers.Message(403, "No."));
        using var client = Create(handler);

        Assert.Equal(RunCloudError.Forbidden, (await FailureAsync(client.PlaceSshCredentialAsync(3, Known, New(), Stop)))?.Error);
        Assert.Equal([Post], handler.Lines);
    }

    [Theory]
    [InlineData("true", null)]
    [InlineData("false", RunCloudError.TemporaryNotApplied)]
    public async Task Whether_an_added_key_is_temporary_is_read_and_not_believed(string temporary, RunCloudError? error)
    {
        var handler = StubHandler.InTurn(() => Row(7, more: ",\"temporary\":true"), () => Rows(Credentials(7)), () => Row(7, more: $",\"temporary\":{temporary}"));
        using var client = Create(handler);

        var (placed, failure) = await OutcomeAsync(client.PlaceSshCredentialAsync(3, Known, New(temporary: true), Stop));

        Assert.Equal(error, failure?.Error);
        Assert.Equal(error is null ? true : null, placed?.Temporary);
        Assert.Equal([Post, List, Single], handler.Lines);
    }

    [Theory]
    [InlineData("publicKey", true, true)]
    [InlineData("publicKey.0", true, true)]
    [InlineData("PUBLICKEY", true, true)]
    [InlineData("label", true, false)]
    [InlineData("publicKey", false, false)]
    public async Task A_refused_key_with_options_is_told_that_they_may_be_why(string field, bool hasOptions, bool isTold)
    {
        using var client = Create(_ => Answers.Json($$"""{"message":"Invalid.","errors":{"{{field}}":["Invalid."]} }""", 422));
        var key = (hasOptions ? "no-pty " : string.Empty) + Workspace.Key;

        var failure = await FailureAsync(client.AddSshCredentialAsync(3, Known, new NewSshCredential("root", "dave", key, temporary: false), Stop));

        Assert.Equal((RunCloudError.ValidationFailed, 422, "Invalid."), (failure!.Error, failure.Status, failure.ApiMessage));
        Assert.Equal([field], failure.FieldErrors.Keys);
        Assert.Equal(isTold, failure.Message.Contains("has authorized_keys options (no-pty)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("same", 1, null)]
    [InlineData("late", 2, null)]
    [InlineData("different", 5, RunCloudError.SettingNotApplied)]
    [InlineData("403", 1, RunCloudError.SettingNotApplied)]
    [InlineData("401", 1, RunCloudError.Unauthorized)]
    public async Task Settings_that_were_accepted_are_read_until_they_are_there(string kind, int readings, RunCloudError? error)
    {
        var handler = new StubHandler(request => request.Method == "PATCH" ? Answers.Json(Same) : kind switch
        {
            "same" => Answers.Json(Same),
            "late" => Answers.Json(request.Number > 2 ? Same : Different),
            "different" => Answers.Json(Different),
            _ => Answers.Message(kind == "401" ? 401 : 403, "No."),
        });
        using var client = CreateJumping(handler);

        var (setting, failure) = await OutcomeAsync(client.ApplySshSettingAsync(3, Known, Setting, Stop));

        Assert.Equal(error, failure?.Error);
        Assert.Equal(error is null ? true : null, setting?.PreventRootLogin);
        Assert.Equal([Patch, .. Enumerable.Repeat(Settings, readings)], handler.Lines);
        var message = kind switch { "different" => "but read back, PreventRootLogin is False.", "403" => "but they could not be read back: ", _ => string.Empty };
        Assert.Contains(message, failure?.Message ?? string.Empty, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_whose_answer_was_lost_are_read_back_once()
    {
        var handler = StubHandler.InTurn(() => throw new HttpRequestException("lost"), () => Answers.Json(Same));
        using var client = Create(handler);

        Assert.True((await client.ApplySshSettingAsync(3, Known, Setting, Stop)).PreventRootLogin);
        Assert.Equal([Patch, Settings], handler.Lines);
    }

    [Theory]
    [InlineData("none", "AlreadyAbsent", null, 1)]
    [InlineData("late", "AlreadyAbsent", null, 3)]
    [InlineData("there", "Failed", "StillListed", 3)]
    [InlineData("404", "Failed", "NotRead", 1)]
    [InlineData("403", "Unconfirmed", "NotRead", 1)]
    [InlineData("401", "Unconfirmed", "TokenRefused", 1)]
    public async Task A_credential_that_could_not_be_found_is_absent_only_if_the_list_agrees(string kind, string status, string? reason, int readings)
    {
        var handler = new StubHandler(request => kind switch
        {
            "none" => Rows(string.Empty),
            "late" => Rows(request.Number < 3 ? Credentials(7) : string.Empty),
            "there" => Rows(Credentials(7)),
            _ => Answers.Message(kind switch { "404" => 404, "403" => 403, _ => 401 }, "No."),
        });
        using var client = CreateJumping(handler);
        var notFound = new RunCloudException(RunCloudError.SshCredentialNotFound, "Reading it failed: 404.") { Status = 404 };

        var removal = await client.SettleAbsenceAsync(Credential, notFound, Stop);

        Assert.Equal((status, reason), (removal.Status, removal.Reason));
        Assert.Equal(Enumerable.Repeat(List, readings), handler.Lines);
        if (kind == "there")
        {
            // An API that says both contradicts itself.
            Assert.Equal((RunCloudError.InvalidResponse, 404), (removal.Failure!.Error, removal.Failure.Status));
            Assert.Contains("The list still has it.", removal.Message, StringComparison.Ordinal);
        }
    }

    private static NewSshCredential New(bool temporary = false) => new("root", "dave", Workspace.Key + " dave@laptop", temporary);

    private static string Credentials(long id, string user = "root", string label = "dave", string key = Workspace.Key, string more = "") =>
        FormattableString.Invariant($$"""{"id":{{id}},"label":"{{label}}","user":"{{user}}","publicKey":"{{key}}"{{more}}}""");

    private static HttpResponseMessage Row(long id, string more = "") => Answers.Json(Credentials(id, more: more));

    private static HttpResponseMessage Rows(string row) =>
        Answers.Json($$"""{"data":[{{row}}],"meta":{"pagination":{"total":{{(row.Length > 0 ? 1 : 0)}},"total_pages":1} } }""");

    private static RunCloudClient CreateJumping(StubHandler handler) => Create(handler, options => options with { Time = new JumpingTime() });

    private static async Task<RunCloudException?> FailureAsync<T>(Task<T> call)
        where T : class => (await OutcomeAsync(call)).Failure;

    private static async Task<(T? Result, RunCloudException? Failure)> OutcomeAsync<T>(Task<T> call)
        where T : class
    {
        try
        {
            return (await call, null);
        }
        catch (RunCloudException e)
        {
            return (null, e);
        }
    }
}
