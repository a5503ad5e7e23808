using RunCloud.Api;
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

    [Fact(Timeout = StopTests.Patience)]
    public async Task A_change_that_waits_for_its_turn_does_not_begin()
    {
        var begun = new List<int>();
        var first = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var work = new OrderedWork(limit: 1);
        using var owner = new Owner(work);
        var output = new OrderedOutput<int>(owner, work, (_, _) => { }) { FinishesWhatItBegan = true };
        output.Add(new Origin(), 1, _ => Begin(1, first.Task));
        output.Add(new Origin(), 2, _ => Begin(2, Task.FromResult(2)));

        var abandoned = Task.Run(output.Abandon, TestContext.Current.CancellationToken);

        // The second is given up while the first is under way.
        try
        {
            await owner.Posted.WaitAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            first.SetResult(1);
            await abandoned;
        }

        Assert.Equal([1], begun);
        Assert.Empty(output.CutOff);

        Task<int> Begin(int number, Task<int> end)
        {
            begun.Add(number);
            return end;
        }
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

    /// <summary>The cmdlet of an output that delivers nothing.</summary>
    private sealed class Owner(OrderedWork work) : IOutputOwner, IDisposable
    {
        private readonly TaskCompletionSource _posted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly WorkLane _lane = new(work);

        /// <summary>Ends when the first piece of work has ended.</summary>
        internal Task Posted => _posted.Task;

        public void WaitUntil(Func<bool> isSo) => Assert.True(isSo());

        public void Post(Action action) => _posted.TrySetResult();

        public void Delivering(string? status) => Assert.Fail("Nothing is delivered.");

        public void WriteFailure(RunCloudException exception, object? target) => Assert.Fail(exception.Message);

        public WorkLane LaneOf(Origin origin) => _lane;

        public void Refuse(Origin origin, RunCloudException exception, object target) => Assert.Fail(exception.Message);

        public void Dispose() => _lane.Dispose();
    }
}
