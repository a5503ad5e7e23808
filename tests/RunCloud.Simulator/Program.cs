using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace RunCloud.Simulator;

/// <summary>The simulator as a program, for people.</summary>
internal static class Program
{
    private const int BadUsage = 2;

    private static async Task<int> Main(string[] arguments)
    {
        if (!CommandLine.TryParse(arguments, out var commandLine, out var problem))
        {
            await Console.Error.WriteLineAsync(problem + " --help lists the options.");
            return BadUsage;
        }

        if (commandLine.Help)
        {
            await Console.Out.WriteAsync(CommandLine.Usage);
            return 0;
        }

        try
        {
            await RunAsync(commandLine);
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private static async Task RunAsync(CommandLine commandLine)
    {
        using var stop = new CancellationTokenSource();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        await using var simulator = await RunCloudSimulator.StartAsync(commandLine.Options, cancellationToken: stop.Token);
        if (commandLine.CertificatePath is { } path)
        {
            await File.WriteAllTextAsync(path, simulator.Certificate!.ExportCertificatePem() + "\n", stop.Token);
        }

        if (commandLine.Trace)
        {
            simulator.Requests.Watch = Console.Out.WriteLine;
        }

        await Console.Out.WriteLineAsync(Introduction(simulator, commandLine.CertificatePath));
        await Task.Delay(Timeout.InfiniteTimeSpan, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Console.Out.WriteLineAsync($"Stopped after {simulator.Requests.Count} requests, {simulator.Requests.Changing.Count} of them changing.");

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private static string Introduction(RunCloudSimulator simulator, string? certificatePath)
    {
        var fleet = simulator.Fleet.Snapshot();
        var copies = fleet.CopiesOf(simulator.Fleet.LeakedKey!);
        var trust = certificatePath is null ? string.Empty : Path.GetFullPath(certificatePath);
        return $"""
            The RunCloud API v3, simulated. Ctrl+C ends it.

              endpoint    {simulator.Endpoint}
              token       {simulator.Token}
              workspace   {fleet.Servers.Length} servers, {fleet.Servers.Count(server => !(server.Online && server.Connected))} of them down; {fleet.Credentials.Count()} keys
              leaked key  {simulator.Fleet.LeakedKey}
                          {copies.Count} copies on {copies.Select(copy => copy.ServerId).Distinct().Count()} servers

            PowerShell:
              $env:RUNCLOUD_API_ENDPOINT = '{simulator.Endpoint}'
              $env:RUNCLOUD_API_TOKEN = '{simulator.Token}'
            {(trust.Length == 0 ? null : $"  $env:SSL_CERT_FILE = '{trust}'   # before PowerShell starts\n")}
            bash:
              export RUNCLOUD_API_ENDPOINT='{simulator.Endpoint}'
              export RUNCLOUD_API_TOKEN='{simulator.Token}'
            {(trust.Length == 0 ? null : $"  export SSL_CERT_FILE='{trust}'\n")}
            """;
    }
}
