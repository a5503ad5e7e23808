using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using RunCloud.Simulator;
using RunCloud.Testing;

namespace RunCloud.Demo;

/// <summary>Keeps a workspace up for people to try the module from their own shell.</summary>
internal static class Service
{
    public static async Task RunAsync(SimulatorOptions workspace, Stage stage, CancellationToken cancellation)
    {
        await using RunCloudSimulator simulator = await RunCloudSimulator.StartAsync(workspace, cancellationToken: cancellation);
        string key = simulator.Fleet.LeakedKey!;
        using var workshop = new Workshop(key);
        FleetSnapshot before = simulator.Fleet.Snapshot();
        stage.Say($"A simulated RunCloud workspace is up: {before.Servers.Length} servers, {before.Credentials.Count()} keys, "
            + $"{before.CopiesOf(key).Count} of them copies of the one that leaked. Paste into pwsh 7.4 or later, or Windows PowerShell 5.1:");
        stage.Verbatim($"""

            Import-Module {Quoted(StagedModule.Manifest)}
            $env:RUNCLOUD_API_ENDPOINT = {Quoted(simulator.Endpoint.ToString())}
            $env:RUNCLOUD_API_TOKEN = {Quoted(simulator.Token)}
            Get-RunCloudServer
            $leaked = Get-RunCloudServer | Get-RunCloudSshCredential -Key {Quoted(workshop.KeyPath)}
            $leaked
            $leaked | Remove-RunCloudSshCredential -WhatIf
            $leaked | Remove-RunCloudSshCredential

            """);
        stage.Say("Ctrl+C ends it.");
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        FleetSnapshot after = simulator.Fleet.Snapshot();
        int gone = before.Credentials.Except(after.Credentials).Count();
        stage.Say($"\nServed {simulator.Requests.Count} requests, {simulator.Requests.Changing.Count} of them changing. Of the keys that were there "
            + $"at the start {gone} are gone; of the leaked one {after.CopiesOf(key).Count} copies are left.");
    }

    private static string Quoted(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
}
