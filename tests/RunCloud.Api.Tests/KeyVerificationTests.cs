using Microsoft.Extensions.Time.Testing;
using RunCloud.Simulator;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests;

/// <summary>What Test-RunCloudSshKey says of a server that it does not ask.</summary>
public sealed class KeyVerificationTests
{
    [Fact]
    public async Task A_server_that_was_asked_often_enough_may_be_asked_again_at_a_time_in_UTC()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 25, 22, 0, 0, TimeSpan.Zero));
        var budget = new AttemptBudget(time);
        (await budget.AcquireAsync("127.0.0.1", 1, Stop)).Dispose();
        using var client = Create(_ => Http.Answers.Json("{}"));
        var target = new VerificationTarget(client, 1, new Server(1, "web-01") { IPAddress = "127.0.0.1", Online = true, Connected = true });
        target.AddKey(SshPublicKey.Parse(TestKeys.Line(SshKeyKind.Ed25519, 1)));
        var options = new VerificationOptions { Port = 22, AttemptLimit = 1, ThrottleLimit = 1, NamedUsers = ["root"] };
        using var job = new KeyVerification(new SshClient("/no/such/ssh", "/no/such/known_hosts", TimeSpan.FromSeconds(1)), options, budget);

        var test = Assert.Single(Assert.Single(await job.TestAsync([target], Stop).ToListAsync(Stop)).Tests);

        Assert.Equal("Unknown", test.Status);
        Assert.EndsWith(" Ask again after 22:10:00 UTC.", test.Detail, StringComparison.Ordinal);
    }
}
