using System.Diagnostics;
using System.Globalization;

using RunCloud.Simulator;
using RunCloud.Testing;

namespace RunCloud.Benchmarks;

/// <summary>
/// How long a new pwsh takes until its first request arrives, with this module and with Invoke-RestMethod, each in a process of its own.
/// Both import a binary module, the latter an empty one, and send one request to the same simulator over TLS: the rest is our own cost.
/// </summary>
internal static class ColdStart
{
    private const int Runs = 15;

    /// <summary>Tells the time, which the simulator's log can be compared with.</summary>
    private const string Tell = "[Console]::Out.WriteLine([DateTime]::UtcNow.Ticks)\n";

    private const string TellCost = "[Console]::Out.WriteLine([Environment]::CpuUsage.TotalTime.Ticks)\n";

    public static async Task<int> RunAsync(string pwsh)
    {
        await using var simulator = await RunCloudSimulator.StartAsync(new SimulatorOptions { Servers = 1, UseTls = true, OfflineServers = 0, RateLimit = null });
        var folder = Directory.CreateTempSubdirectory("cold-start-").FullName;
        try
        {
            var certificate = Path.Combine(folder, "certificate.pem");
            await File.WriteAllTextAsync(certificate, simulator.Certificate!.ExportCertificatePem());
            var ours = Path.Combine(folder, "module.ps1");
            await File.WriteAllTextAsync(ours, $"{Tell}Import-Module '{StagedModule.Manifest}'\n{Tell}$null = Get-RunCloudServer\n{Tell}{TellCost}");
            var theirs = Path.Combine(folder, "irm.ps1");
            await File.WriteAllTextAsync(theirs, $"{Tell}Import-Module '{ImportTime.WriteEmptyModule(folder)}'\n$headers = @{{ Authorization = \"Bearer $env:RUNCLOUD_API_TOKEN\" }}\n{Tell}$null = Invoke-RestMethod \"$env:RUNCLOUD_API_ENDPOINT/servers\" -Headers $headers\n{Tell}{TellCost}");
            var module = new List<Times>();
            var irm = new List<Times>();
            for (var run = 0; run < Runs; run++)
            {
                irm.Add(await MeasureAsync(theirs));
                module.Add(await MeasureAsync(ours));
            }

            Console.WriteLine("| client | the shell starts | import | to the first request | to its result | from start to request | CPU s |");
            Console.WriteLine("|---|---|---|---|---|---|---|");
            Print("Invoke-RestMethod", irm);
            Print("module", module);
            return 0;

            async Task<Times> MeasureAsync(string script)
            {
                var start = new ProcessStartInfo(pwsh, ["-NoProfile", "-NonInteractive", "-File", script]) { RedirectStandardOutput = true, UseShellExecute = false };
                start.Environment["SSL_CERT_FILE"] = certificate;
                start.Environment["RUNCLOUD_API_ENDPOINT"] = simulator.Endpoint.AbsoluteUri;
                start.Environment["RUNCLOUD_API_TOKEN"] = simulator.Token;
                var before = simulator.Requests.All.Count;
                var started = DateTime.UtcNow;
                using var process = Process.Start(start)!;
                var told = (await process.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                await process.WaitForExitAsync();
                var ticks = Array.ConvertAll(told, text => long.Parse(text, CultureInfo.InvariantCulture));
                var at = Array.ConvertAll(ticks[..3], time => new DateTime(time, DateTimeKind.Utc));
                var request = simulator.Requests.All[before].ArrivedAt.UtcDateTime;
                return new Times(at[0] - started, at[1] - at[0], request - at[1], at[2] - at[1], request - started, TimeSpan.FromTicks(ticks[3]));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Print(string client, List<Times> runs) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {client} | {Median(runs, run => run.Shell):0} ms | {Median(runs, run => run.Import):0} ms | {Median(runs, run => run.Request):0} ms | {Median(runs, run => run.Result):0} ms | {Median(runs, run => run.Whole):0} ms | {Median(runs, run => run.Cpu) / 1000:0.00} |"));

    private static double Median(List<Times> runs, Func<Times, TimeSpan> part) => runs.Select(run => part(run).TotalMilliseconds).Order().ElementAt(Runs / 2);

    private sealed record Times(TimeSpan Shell, TimeSpan Import, TimeSpan Request, TimeSpan Result, TimeSpan Whole, TimeSpan Cpu);
}
