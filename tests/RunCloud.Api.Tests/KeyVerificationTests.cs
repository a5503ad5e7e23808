using Microsoft.Extensions.Time.Testing;
using RunCloud.Simulator;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests;

/// <summary>What Test-RunCloudSshKey says of a server that it does not ask.</summary>
public sealed class KeyVerificationTests
{
    private const string Empty = """{"data":[],"meta":{"pagination":{"total":0,"count":0,"per_page":40,"current_page":1,"total_pages":1}}}""";

    private static readonly VerificationOptions Once = new() { Port = 22, AttemptLimit = 1, ThrottleLimit = 1 };

    private static readonly VerificationOptions ListedUsers = Once with { AcceptsListed = _ => true };

    [Fact]
    public async Task A_server_that_was_asked_often_enough_may_be_asked_again_at_a_time_in_UTC()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 25, 22, 0, 0, TimeSpan.Zero));
        using var client = Create(_ => Http.Answers.Json("{}"));

        var test = Assert.Single((await AskAsync(client, Once with { NamedUsers = ["root"] }, time)).Tests);

        Assert.Equal("Unknown", test.Status);
        Assert.EndsWith(" Ask again after 22:10:00 UTC.", test.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/ssh/credentials")]
    [InlineData("/users")]
    public async Task A_list_of_users_that_cannot_be_read_is_a_failure(string unread)
    {
        using var client = Create(
            new Http.StubHandler(request => request.ToString().Contains(unread, StringComparison.Ordinal) ? Http.Answers.Message(500, "Down.") : Http.Answers.Json(Empty)),
            options => options with { MaximumRetryCount = 0 });

        var result = await AskAsync(client, ListedUsers);

        Assert.Equal(RunCloudError.ServerError, Assert.Single(result.Failures).Error);
        Assert.Equal(["root"], result.Tests.Select(test => test.User));
    }

    [Fact]
    public async Task A_list_of_users_that_may_not_be_whole_is_a_failure()
    {
        // The list says that it has two rows, and gives one.
        using var client = Create(request => Http.Answers.Json(request.ToString().Contains("/ssh/credentials", StringComparison.Ordinal)
            ? $$"""{"data":[{"id":7,"label":"dave","user":"deploy","publicKey":"{{TestKeys.Line(SshKeyKind.Ed25519, 1)}}"}],"meta":{"pagination":{"total":2,"count":1,"per_page":40,"current_page":1,"total_pages":1} } }"""
            : Empty));

        Assert.Equal(RunCloudError.IncompleteList, Assert.Single((await AskAsync(client, ListedUsers)).Failures).Error);
    }

    /// <summary>Asks a server that was asked often enough, so that no connection is made.</summary>
    private static async Task<VerificationResult> AskAsync(RunCloudClient client, VerificationOptions options, FakeTimeProvider? time = null)
    {
        var budget = new AttemptBudget(time ?? new FakeTimeProvider());
        (await budget.AcquireAsync("127.0.0.1", 1, Stop)).Dispose();
        var target = new VerificationTarget(client, 1, new Server(1, "web-01") { IPAddress = "127.0.0.1", Online = true, Connected = true });
        target.AddKey(SshPublicKey.Parse(TestKeys.Line(SshKeyKind.Ed25519, 1)));
        using var job = new KeyVerification(new SshClient("/no/such/ssh", "/no/such/known_hosts", TimeSpan.FromSeconds(1)), options, budget);
        return Assert.Single(await job.TestAsync([target], Stop).ToListAsync(Stop));
    }
}
