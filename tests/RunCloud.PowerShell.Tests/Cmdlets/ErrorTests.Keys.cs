using System.Management.Automation;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using RunCloud.Api;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <content>Keys that cannot be compared, and removals that are not confirmed.</content>
public sealed partial class ErrorTests
{
    [Fact]
    public async Task A_key_that_cannot_be_compared_is_an_error_and_never_a_silent_miss()
    {
        await using var world = await StartAsync();
        var broken = world.Fleet.AddCredential(102, "root", "broken", TestKeys.Unparsable(0), id: 40);
        var result = await world.RunAsync("Get-RunCloudServer | Get-RunCloudSshCredential -Key $key1");
        var error = Assert.Single(result.Errors).MustBe("SshCredentialNotComparable", ErrorCategory.InvalidData);
        Assert.Equal(broken.Id, Assert.IsType<SshCredential>(error.TargetObject).Id);
        Assert.Contains("'broken' of root (id 40, unreadable key) on web-02 (id 102)", error.ToString(), StringComparison.Ordinal);
        Assert.Equal([17, 19, 21], result.OutputOf<SshCredential>().Select(credential => credential.Id));
        _ = Assert.Single(world.Requests.All, request => request.Matches("/servers/102/ssh/credentials/40"));
    }

    [Fact]
    public async Task Reading_all_keys_warns_about_unreadable_ones()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(102, "root", "broken", TestKeys.Unparsable(0), id: 40);
        var result = await world.MustAsync("Get-RunCloudServer | Get-RunCloudSshCredential");
        Assert.Contains("'broken' of root (id 40", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.Contains(result.OutputOf<SshCredential>(), credential => credential is { Id: 40, Fingerprint: null, KeyType: null, KeyLength: null, Comment: null });
    }

    [Fact]
    public async Task Each_credential_whose_date_cannot_be_read_is_warned_about()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Each("odd date", row => row["created_at"] = "some day"), path: "/servers/101/ssh/credentials");
        Assert.Contains("CreatedAt is empty for 'dave' of root (id 17", Assert.Single((await world.MustAsync("Get-RunCloudSshCredential -ServerId 101 -Label dave")).Warnings), StringComparison.Ordinal);
        Assert.Contains(" and 1 more, because", Assert.Single((await world.MustAsync("Get-RunCloudSshCredential -ServerId 101")).Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_that_only_the_list_shortens_are_read_individually()
    {
        await using var world = await StartAsync(options: new SimulatorOptions { TruncatedKeys = TruncatedKeys.InLists });
        var found = await world.MustAsync("Get-RunCloudServer | Get-RunCloudSshCredential -Key $key1");
        Assert.Equal([17, 19, 21], found.OutputOf<SshCredential>().Select(credential => credential.Id));
        Assert.Equal(1 + 3 + 6, world.Requests.Count);
    }

    [Fact]
    public async Task Keys_that_are_cut_short_everywhere_are_all_named()
    {
        await using var world = await StartAsync(options: new SimulatorOptions { TruncatedKeys = TruncatedKeys.Everywhere });
        var result = await world.RunAsync("Get-RunCloudServer | Get-RunCloudSshCredential -Key $key1");
        Assert.Empty(result.Output);
        Assert.Equal([17L, 18, 19, 20, 21, 22], result.Errors.Select(error => Assert.IsType<SshCredential>(error.MustBe("SshCredentialNotComparable", ErrorCategory.InvalidData).TargetObject).Id));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public async Task A_removal_on_a_server_that_does_not_answer_is_unconfirmed_and_an_error(bool online, bool connected)
    {
        await using var world = await StartAsync();
        world.Fleet.UpdateServer(102, server => server with { Online = online, Connected = connected });
        foreach (var (script, id) in new[]
        {
            ("Get-RunCloudServer | Get-RunCloudSshCredential -Label dave | Remove-RunCloudSshCredential -Confirm:$false -PassThru", 19L),
            ("Remove-RunCloudSshCredential -ServerId 102 -Id 20 -Confirm:$false -PassThru", 20),
        })
        {
            var result = await world.RunAsync(script);
            var error = Assert.Single(result.Errors).MustBe("RemovalUnconfirmed", ErrorCategory.InvalidResult);
            Assert.Equal(id, Assert.IsType<SshCredential>(error.TargetObject).Id);
            Assert.Contains(online ? "does not say whether the server is online" : "the server is offline", error.ToString(), StringComparison.Ordinal);
            Assert.Contains("look into its authorized_keys files when it is back", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
            Assert.Equal(id, Assert.Single(result.OutputOf<SshCredentialRemoval>(), removal => removal.Status == "Unconfirmed").Id);
            Assert.All(result.OutputOf<SshCredentialRemoval>(), removal => Assert.Equal(removal.Id == id ? "Unconfirmed" : "Removed", removal.Status));
            Assert.False(result.LastSucceeded);
        }
    }

    [Theory]
    [InlineData("drop after", "Removed", null)]
    [InlineData("after, page 200", "Removed", null)]
    [InlineData("after, status 500", "Removed", null)]
    [InlineData("cut connection", "Removed", null)]
    [InlineData("drop before", "Failed", "ConnectionFailed")]
    [InlineData("status 503", "Failed", "ServerError")]
    [InlineData("302 to /login", "Failed", "InvalidResponse")]
    [InlineData("status 403", "Failed", "Forbidden")]
    public async Task A_removal_whose_answer_is_lost_is_settled_by_reading_back(string fault, string status, string? id)
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Named(fault), method: "DELETE", path: "/servers/*/ssh/credentials/19");
        var result = await world.RunAsync("Get-RunCloudServer | Get-RunCloudSshCredential -Label dave | Remove-RunCloudSshCredential -Confirm:$false -PassThru");

        Assert.Equal(
            [(17L, "Removed"), (19L, status), (21L, "Removed")],
            result.OutputOf<SshCredentialRemoval>().Select(removal => (removal.Id, removal.Status)));
        Assert.Equal(id is null ? [] : [id], result.Errors.Select(error => error.Id()));
        Assert.All(result.Errors, error => Assert.Equal(19, Assert.IsType<SshCredential>(error.TargetObject).Id));
        Assert.Equal(status != "Removed", world.Fleet.Snapshot().Credentials.Any(credential => credential.Id == 19));
        Assert.Equal(id is null, result.LastSucceeded);
    }

    [Theory]
    [InlineData("drop after")]
    [InlineData("drop before")]
    public async Task A_removal_with_an_unknown_outcome_is_unconfirmed(string fault)
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Named(fault), method: "DELETE", path: "/servers/*/ssh/credentials/19");
        _ = world.Faults.Add(Named("status 500"), method: "GET", path: "/servers/102/ssh/**", from: 2);
        var result = await world.RunAsync("Get-RunCloudServer | Get-RunCloudSshCredential -Label dave | Remove-RunCloudSshCredential -Confirm:$false -PassThru");
        var error = Assert.Single(result.Errors).MustBe("RemovalUnconfirmed", ErrorCategory.InvalidResult);
        Assert.Contains("'dave' of root (id 19, SHA256:", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(
            ["Removed", "Unconfirmed", "Removed"],
            result.OutputOf<SshCredentialRemoval>().Select(removal => removal.Status));
    }

    [Fact]
    public async Task Removals_that_fail_are_errors_without_an_account_too()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Named("status 403"), method: "DELETE", path: "/servers/*/ssh/credentials/19");
        var result = await world.RunAsync("Get-RunCloudServer | Get-RunCloudSshCredential | Remove-RunCloudSshCredential -Confirm:$false");
        Assert.Empty(result.Output);
        Assert.Equal(19, Assert.IsType<SshCredential>(Assert.Single(result.Errors).MustBe("Forbidden", ErrorCategory.PermissionDenied).TargetObject).Id);
        Assert.Equal([19], world.Fleet.Snapshot().Credentials.Select(credential => credential.Id));
    }
}
