using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>
/// A process that is killed at any request, before it is carried out or after, leaves nothing that a second run does not bring to the end
/// that an undisturbed run has; and its undo file is whole, or nothing has gone.
/// </summary>
public sealed class KillTests
{
    private const string Revoke = "Revoke-RunCloudSshKey -Key $key -Confirm:$false";
    private const string Update = "Update-RunCloudSshKey -Key $key -NewPublicKey $new -Confirm:$false";

    public static TheoryData<string, int, bool> Cases { get; } =
    [
        .. from job in (string[])[Revoke, Update]
           from way in ((int Throttle, bool AfterTheDeed)[])[(1, false), (1, true), (8, true)]
           select (job, way.Throttle, way.AfterTheDeed),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public async Task A_second_run_ends_where_an_undisturbed_one_does(string job, int throttle, bool afterTheDeed)
    {
        string[] end;
        int requests;
        await using (var undisturbed = await StartAsync())
        {
            using var folder = new TemporaryFolder();
            _ = await undisturbed.MustAsync($"{job} -ThrottleLimit {throttle} -UndoPath '{folder.Path}/undo.xml'");
            end = Everything(undisturbed);
            requests = undisturbed.Requests.Count;
        }

        await Parallel.ForEachAsync(
            Enumerable.Range(1, requests),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = Token },
            async (number, _) => await KillAndRepeatAsync(job, throttle, number, afterTheDeed, end));
    }

    private static async Task KillAndRepeatAsync(string job, int throttle, int number, bool afterTheDeed, string[] end)
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var before = world.Fleet.Snapshot().Credentials.ToList();
        await KillAtAsync(world, folder, $"{job} -ThrottleLimit {throttle} -UndoPath undo.xml", number, afterTheDeed);

        var undo = Path.Combine(folder.Path, "undo.xml");
        var saved = File.Exists(undo) ? PSSerializer.DeserializeAsList(await File.ReadAllTextAsync(undo, Token)).Select(item => (long)((PSObject)item).Properties["Id"].Value).Order() : null;
        if (saved is null)
        {
            Assert.Equal(before, world.Fleet.Snapshot().Credentials);
        }
        else
        {
            Assert.Equal([17L, 18, 19], saved);
            _ = (await world.ThrowsAsync($"{job} -UndoPath '{undo}'")).MustBe("UndoPathExists", ErrorCategory.ResourceExists);
        }

        _ = await world.MustAsync($"{job} -UndoPath '{folder.Path}/second.xml'");
        Assert.Equal(end, Everything(world));
    }

    private static async Task KillAtAsync(World world, TemporaryFolder folder, string script, int number, bool afterTheDeed)
    {
        var path = Path.Combine(folder.Path, "job.ps1");
        await File.WriteAllTextAsync(path, $"$key = '{World.Key(1)}'\n$new = '{World.Key(9)}'\n{script}", Token);
        var hang = new Hang();
        var rule = world.Faults.Add(afterTheDeed ? Fault.HangAfter(hang) : Fault.HangBefore(hang), from: number, times: 1);
        await using var process = ScriptProcess.Start(new ScriptStart
        {
            Script = path,
            Folder = folder.Path,
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["RUNCLOUD_API_ENDPOINT"] = world.Api.Endpoint.ToString(),
                ["RUNCLOUD_API_TOKEN"] = world.Api.Token,
            },
        });
        var reached = hang.ReachedAsync(cancellationToken: Token);
        _ = await Task.WhenAny(reached, process.Completion);
        Assert.True(reached.IsCompletedSuccessfully, $"It ended before request {number}.");
        process.Kill();
        _ = await process.Completion;
        _ = world.Faults.Remove(rule);
    }

    private static string[] Everything(World world) => [.. world.Fleet.Snapshot().Credentials
        .Select(credential => $"{credential.ServerId} {credential.User} {credential.Label} {credential.Temporary} {credential.PublicKey}")
        .Order(StringComparer.Ordinal)];

    private static async Task<World> StartAsync()
    {
        var world = await World.StartAsync(fleet =>
        {
            _ = fleet.AddServer("web-01", id: 101);
            _ = fleet.AddServer("web-02", id: 102);
            _ = fleet.AddCredential(101, "root", "dave", World.Key(1), id: 17);
            _ = fleet.AddCredential(101, "runcloud", "dave-2", World.Key(1), temporary: true, id: 18);
            _ = fleet.AddCredential(102, "root", "dave", World.Key(1), id: 19);
            _ = fleet.AddCredential(102, "root", "eve", World.Key(2), id: 21);
        });
        world.Shell.SetVariable("key", World.Key(1));
        world.Shell.SetVariable("new", World.Key(9));
        return world;
    }
}
