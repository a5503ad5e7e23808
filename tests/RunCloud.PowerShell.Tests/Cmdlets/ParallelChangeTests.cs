using System.Globalization;
using System.Management.Automation;
using RunCloud.Simulator;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>Add- and Set- work on several servers at once, no more than -ThrottleLimit, and their results keep the order of the input.</summary>
public sealed class ParallelChangeTests
{
    private const string Add = "Get-RunCloudServer | Add-RunCloudSshCredential -User root -Label new -PublicKey $key";
    private const string Set = "Get-RunCloudServer | Set-RunCloudSshSetting -PreventRootLogin $true -Confirm:$false";

    [Theory(Timeout = StopTests.Patience)]
    [InlineData(Add, "POST")]
    [InlineData(Set, "PATCH")]
    public async Task Changes_are_under_way_at_once_up_to_the_throttle_limit_and_come_out_in_order(string script, string method)
    {
        await using var world = await StartAsync(servers: 8);
        var hangs = world.Fleet.Snapshot().Servers.ToDictionary(server => server.Id, _ => new Hang());
        _ = world.Faults.Add(request => request.Method == method ? Fault.HangBefore(hangs[ServerOf(request)]) : null);

        var run = world.Shell.Start(script + " -PassThru -ThrottleLimit 4");
        foreach (var four in hangs.Take(4))
        {
            await four.Value.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        }

        // The last one first, each only when the one before it has been answered.
        foreach (var (id, hang) in hangs.Take(4).Reverse().Concat(hangs.Skip(4)))
        {
            hang.Release();
            _ = await world.Requests.WaitForEndAsync(request => request.Method == method && ServerOf(request) == id, cancellationToken: TestContext.Current.CancellationToken);
        }

        var result = await run.Completion;
        Assert.Empty(result.Errors);
        Assert.Equal(hangs.Keys, result.Output.Select(item => (long)item.Properties["ServerId"].Value));
        Assert.Equal(4, world.Requests.PeakUnderWay);
    }

    [Theory]
    [InlineData(Add, "POST")]
    [InlineData(Set, "PATCH")]
    public async Task A_refused_token_ends_the_command_after_what_is_under_way(string script, string method)
    {
        await using var world = await StartAsync(servers: 8);
        _ = world.Faults.Add(Fault.Unauthorized, method: method);
        var error = Assert.IsType<ErrorRecord>((await world.RunAsync($"try {{ {script} -ThrottleLimit 2 }} catch {{ $_ }}")).Output[^1].BaseObject);
        Assert.Equal("Unauthorized", error.Id());
        Assert.InRange(world.Requests.Changing.Count, 1, 2);
    }

    [Fact(Timeout = StopTests.Patience)]
    public async Task Stopping_an_addition_names_the_server_where_it_was_under_way()
    {
        await using var world = await StartAsync(servers: 3);
        var hang = new Hang();
        _ = world.Faults.Add(Fault.HangBefore(hang), method: "POST", path: "/servers/103/ssh/credentials");
        var run = world.Shell.Start(Add + " -ThrottleLimit 1");
        await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        await run.StopAsync();
        var result = await run.Completion;
        Assert.True(result.Stopped);
        Assert.Contains("was being added to server web-3 (id 103) when the command ended", result.Screen, StringComparison.Ordinal);
        Assert.DoesNotContain("web-1", result.Screen, StringComparison.Ordinal);
    }

    private static long ServerOf(RecordedRequest request) => long.Parse(request.Path.Split('/')[request.Path.Split('/').ToList().IndexOf("servers") + 1], CultureInfo.InvariantCulture);

    private static async Task<World> StartAsync(int servers)
    {
        var world = await World.StartAsync(fleet =>
        {
            foreach (var number in Enumerable.Range(1, servers))
            {
                _ = fleet.AddServer($"web-{number}", id: 100 + number);
            }
        });
        world.Shell.SetVariable("key", World.Key(9));
        return world;
    }
}
