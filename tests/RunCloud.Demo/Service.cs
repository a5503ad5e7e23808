using RunCloud.Simulator;
using RunCloud.Testing;

namespace RunCloud.Demo;

/// <summary>Keeps a workspace up for people to try the module from their own shell.</summary>
internal static class Service
{
    /// <summary>The token, short enough to type.</summary>
    public const string Token = "demo-token";

    /// <summary>What is said last, when all is ready.</summary>
    public const string Ready = "Ctrl+C ends it.";

    /// <summary>What is said when workspace and folder are as at the start again.</summary>
    public const string Afresh = "Workspace and folder are as at the start again.";

    public static async Task RunAsync(SimulatorOptions workspace, Stage stage, TextReader input, CancellationToken cancellation)
    {
        await using var simulator = await RunCloudSimulator.StartAsync(workspace, cancellationToken: cancellation);
        var key = simulator.Fleet.LeakedKey!;
        using var workshop = new Workshop(key);
        var before = simulator.Fleet.Snapshot();
        stage.Say($"A simulated RunCloud workspace is up: {before.Servers.Length} servers, {before.Credentials.Count()} keys, "
            + $"{before.CopiesOf(key).Count} of them copies of the one that leaked. Paste these lines into PowerShell 7.4 or later, or Windows PowerShell 5.1:");
        stage.Verbatim($"""

            Set-Location {Quoted(workshop.Folder)}
            Import-Module {Quoted(StagedModule.Manifest)}
            $env:RUNCLOUD_API_ENDPOINT = {Quoted(simulator.Endpoint.ToString())}
            $env:RUNCLOUD_API_TOKEN = {Quoted(simulator.Token)}

            """);
        stage.Say($"Then \"One minute\" and the recipes of README.md run as printed: the folder has {Workshop.KeyFile}, {Workshop.NewKeyFile} and the scripts of examples, "
            + "until this ends. Nothing leaves this machine: the servers' addresses are its own.");
        stage.Say($"Enter puts workspace and folder back to the start. {Ready}");
        while (await IsAskedAsync(input, cancellation))
        {
            simulator.Fleet.Restore(before);
            workshop.Reset();
            stage.Say(Afresh);
        }

        var after = simulator.Fleet.Snapshot();
        var gone = before.Credentials.Except(after.Credentials).Count();
        stage.Say($"\nServed {simulator.Requests.Count} requests, {simulator.Requests.Changing.Count} of them changing. Of the keys that were there "
            + $"at the start {gone} are gone; of the leaked one {after.CopiesOf(key).Count} copies are left.");
    }

    /// <summary>Waits for Enter.</summary>
    /// <returns>Whether it came; otherwise it is time to end.</returns>
    private static async Task<bool> IsAskedAsync(TextReader input, CancellationToken cancellation)
    {
        // A console's reader waits on the thread that asks it, whatever it is told, so it gets one of its own.
        var line = Task.Run(input.ReadLine, CancellationToken.None);
        try
        {
            if (await line.WaitAsync(cancellation) is not null)
            {
                return true;
            }

            // Nobody can type here.
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }

        return false;
    }

    private static string Quoted(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
}
