using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>When the pipeline needs no more results, a change that has begun is still finished and known, and the rest is not begun.</summary>
public sealed class AbandonedTests
{
    [Theory(Timeout = StopTests.Patience)]
    [InlineData("$servers | Add-RunCloudSshCredential -User root -Label new -PublicKey $key", "POST", "/servers/102/ssh/credentials")]
    [InlineData("$servers | Set-RunCloudSshSetting -PreventRootLogin $true -Confirm:$false", "PATCH", "/servers/102/settings/ssh")]
    public async Task A_change_that_has_begun_is_not_cancelled(string script, string method, string path)
    {
        await using var world = await StartAsync();
        var hang = new Hang();
        _ = world.Faults.Add(Fault.HangBefore(hang), method: method, path: path);
        var run = world.Shell.Start(script + " -PassThru -ThrottleLimit 2 | Select-Object -First 1");
        await run.WhenOutputAsync(1);
        await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        hang.Release();
        Assert.DoesNotContain("it is not known whether", (await run.Completion).Screen, StringComparison.Ordinal);
        Assert.All(world.Requests.Changing, request => Assert.Equal(200, request.Status));
    }

    [Fact(Timeout = StopTests.Patience)]
    public async Task A_read_back_that_has_begun_is_not_cancelled()
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync("$keys = $servers | Get-RunCloudSshCredential");
        var hang = new Hang();
        _ = world.Faults.Add(Fault.HangBefore(hang), path: "/servers/102/ssh/credentials");
        var run = world.Shell.Start("$keys | Remove-RunCloudSshCredential -Verify -PassThru -Confirm:$false -ThrottleLimit 2 | Select-Object -First 1");
        await run.WhenOutputAsync(1);
        await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        hang.Release();
        Assert.Contains("on web-2 (id 102): Removed", (await run.Completion).Screen, StringComparison.Ordinal);
    }

    private static async Task<World> StartAsync()
    {
        var world = await World.StartAsync(fleet =>
        {
            foreach (var number in Enumerable.Range(1, 6))
            {
                _ = fleet.AddCredential(fleet.AddServer($"web-{number}", id: 100 + number).Id, "root", "dave", World.Key(1));
            }
        });
        world.Shell.SetVariable("key", World.Key(9));
        _ = await world.MustAsync("$servers = Get-RunCloudServer");
        world.Requests.Clear();
        return world;
    }
}
