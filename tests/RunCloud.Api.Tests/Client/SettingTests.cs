using System.Net.Http;
using CsCheck;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <summary>Setting the SSH settings: all three, never twice blindly, and never claimed in vain.</summary>
public sealed class SettingTests
{
    private const string Patch = "PATCH /servers/3/settings/ssh";
    private const string Get = "GET /servers/3/settings/ssh";
    private const string Wanted = """{"passwordlessLogin":true,"useDns":false,"preventRootLogin":true}""";
    private const string Others = """{"passwordlessLogin":true,"useDns":false,"preventRootLogin":false}""";

    private static readonly NewSshSetting New = new() { PasswordlessLogin = true, UseDns = false, PreventRootLogin = true };

    private static readonly Server Known = new(3, "web-03");

    [Theory]
    [InlineData(Wanted)]
    [InlineData("""{"passwordlessLogin":1,"useDns":"0","preventRootLogin":"true","new":{}}""")]
    public async Task All_three_settings_are_sent_and_the_stored_ones_returned(string answer)
    {
        var handler = new StubHandler(_ => Answers.Json(answer));
        using var client = Create(handler);

        var setting = await client.SetSshSettingAsync(3, Known, New, Stop);

        var request = Assert.Single(handler.Requests);
        Assert.Equal(Patch, request.ToString());
        Assert.Equal(Wanted, request.Body);
        Assert.Equal("application/json", request.Headers["Content-Type"]);
        Assert.Equal((3, "web-03", true, false, true), (setting.ServerId, setting.ServerName, setting.PasswordlessLogin, setting.UseDns, setting.PreventRootLogin));
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

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.SetSshSettingAsync(3, Known, New, Stop));

        Assert.Equal(error, failure.Error);
        Assert.Contains("web-03 (id 3)", failure.Message, StringComparison.Ordinal);
        Assert.Equal([Patch], handler.Lines);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_a_lost_answer_it_reads_before_it_sets_again(bool done)
    {
        var workspace = new Workspace(new JumpingTime(), request => request.Number > 1 ? Trouble.None : done ? Trouble.DropAfter : Trouble.DropBefore);
        var handler = workspace.Handler();
        using var client = Create(handler);

        Assert.True((await client.SetSshSettingAsync(3, Known, New, Stop)).PreventRootLogin);
        Assert.Equal([Patch, Get, .. done ? [] : new[] { Patch }], handler.Lines);
        Assert.Equal((true, false, true), workspace.Settings);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"message":"Updated."}""")]
    [InlineData(Others)]
    [InlineData("""{"passwordlessLogin":true,"preventRootLogin":true}""")]
    [InlineData(null)]
    public async Task An_odd_answer_is_checked_against_the_stored_settings(string? answer)
    {
        var done = StubHandler.InTurn(() => Odd(answer), () => Answers.Json(Wanted));
        using var client = Create(done);
        Assert.True((await client.SetSshSettingAsync(3, Known, New, Stop)).PreventRootLogin);
        Assert.Equal([Patch, Get], done.Lines);

        var vain = StubHandler.InTurn(() => Odd(answer), () => Answers.Json(Others));
        using var other = Create(vain);
        var failure = await Assert.ThrowsAsync<RunCloudException>(() => other.SetSshSettingAsync(3, Known, New, Stop));
        Assert.Equal(RunCloudError.SettingNotApplied, failure.Error);
        Assert.Contains("web-03 (id 3)", failure.Message, StringComparison.Ordinal);
        Assert.Contains("PreventRootLogin is False", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("UseDns", failure.Message, StringComparison.Ordinal);
        Assert.Equal([Patch, Get], vain.Lines);
    }

    [Fact]
    public async Task Settings_that_are_not_returned_completely_count_as_not_applied()
    {
        using var client = Create(StubHandler.InTurn(() => Answers.Json("{}"), () => Answers.Json("""{"passwordlessLogin":true,"useDns":false}""")));

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.SetSshSettingAsync(3, Known, New, Stop));

        Assert.Equal(RunCloudError.SettingNotApplied, failure.Error);
        Assert.Contains("PreventRootLogin is unknown", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, RunCloudError.SettingNotApplied)]
    [InlineData(401, RunCloudError.Unauthorized)]
    public async Task An_outcome_that_cannot_be_read_back_is_unknown(int status, RunCloudError error)
    {
        using var client = Create(StubHandler.InTurn(() => Answers.Json("{}"), () => Answers.Message(status, "No.")));

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.SetSshSettingAsync(3, Known, New, Stop));

        Assert.Equal(error, failure.Error);
        Assert.Contains("is not known", failure.Message, StringComparison.Ordinal);
        Assert.Contains("No.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lasting_server_error_is_read_back_each_time_and_reported()
    {
        var handler = new StubHandler(request => request.Method == "PATCH" ? Answers.Message(500, "Server Error") : Answers.Json(Others));
        using var client = Create(handler, options => options with { MaximumRetryCount = 1 });

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.SetSshSettingAsync(3, Known, New, Stop));

        Assert.Equal(RunCloudError.ServerError, failure.Error);
        Assert.Equal([Patch, Get, Patch, Get], handler.Lines);
    }

    [Theory]
    [InlineData(Trouble.Refused)]
    [InlineData(Trouble.TooMany)]
    [InlineData(Trouble.TooManyWithRetryAfter)]
    public async Task A_request_that_was_not_carried_out_needs_no_read_back(Trouble trouble)
    {
        var time = new JumpingTime();
        var workspace = new Workspace(time, request => request.Number <= 2 ? trouble : Trouble.None);
        var handler = workspace.Handler();
        using var client = Create(handler, options => options with { Time = time });

        await client.SetSshSettingAsync(3, Known, New, Stop);

        Assert.Equal([Patch, Patch, Patch], handler.Lines);
    }

    [Fact]
    public Task Whatever_goes_wrong_it_is_never_falsely_reported_nor_blindly_repeated() =>
        Gen.Enum<Trouble>().Array[0, 12].SampleAsync(
            async troubles =>
            {
                var time = new JumpingTime();
                var workspace = new Workspace(time, request => request.Number <= troubles.Length ? troubles[request.Number - 1] : Trouble.None);
                var handler = workspace.Handler();
                using var client = Create(handler, options => options with { Time = time, Jitter = () => 0.5 });
                try
                {
                    var setting = await client.SetSshSettingAsync(3, Known, New, Stop);
                    Assert.Equal((true, false, true), (setting.PasswordlessLogin, setting.UseDns, setting.PreventRootLogin));
                    Assert.Equal((true, false, true), workspace.Settings);
                }
                catch (RunCloudException)
                {
                    Assert.True(troubles.Length > 0);
                }

                var lines = handler.Lines;
                Assert.All(
                    Enumerable.Range(1, lines.Count - 1).Where(at => lines[at] == Patch && lines[at - 1] == Patch),
                    at => Assert.True(troubles[at - 1] is Trouble.Refused or Trouble.TooMany or Trouble.TooManyWithRetryAfter));
            },
            iter: Draws.Of(2000),
            threads: 1);

    private static HttpResponseMessage Odd(string? json) => json is null ? new HttpResponseMessage(System.Net.HttpStatusCode.NoContent) : Answers.Json(json);
}
