using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;

using RunCloud.Simulator;
using RunCloud.Testing;

namespace RunCloud.Benchmarks.WholeJob;

/// <summary>Lets several clients do the whole job, one after the other, each against a fresh simulator of the same workspace over TLS.</summary>
internal static class Harness
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (HarnessOptions.Parse(args) is not { } options)
        {
            await Console.Error.WriteLineAsync(HarnessOptions.Usage);
            return 2;
        }

        var fleet = Fleet.Generate(options.Workspace);
        var matches = fleet.Snapshot().CopiesOf(fleet.LeakedKey!).Count;
        var requests = (options.Workspace.Servers / 40) + 1 + options.Workspace.Servers + matches;
        var ideal = options.IdealSeconds(matches, requests);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ideal: {requests} requests, {ideal:0.00} s ({matches} copies of the key)"));
        Console.WriteLine("| client | seconds | ÷ ideal | requests | refused (429) | connections | client CPU s | peak MB | copies left |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var client in options.Clients)
        {
            Row row;
            try
            {
                row = await MeasureAsync(client, options);
            }
            catch (Win32Exception e)
            {
                Console.WriteLine($"| {client} | not there: {e.Message} |");
                continue;
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {client} | {row.Seconds:0.00} | {(ideal > 0 ? row.Seconds / ideal : double.NaN):0.00} | {row.Requests} | {row.Refused} | {row.Connections} | {row.CpuSeconds:0.00} | {row.PeakBytes / 1e6:0} | {row.Left} |"));
        }

        return 0;
    }

    /// <summary>Lets one client do the job once.</summary>
    public static async Task<Row> MeasureAsync(string client, HarnessOptions options)
    {
        await using var simulator = await RunCloudSimulator.StartAsync(options.Workspace with { UseTls = true });
        var certificate = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".pem");
        var script = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".ps1");
        var keys = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".keys");
        await File.WriteAllTextAsync(certificate, simulator.Certificate!.ExportCertificatePem());
        try
        {
            var start = Start(client, script, options);
            start.Environment["SSL_CERT_FILE"] = certificate;
            start.Environment["RUNCLOUD_API_ENDPOINT"] = simulator.Endpoint.AbsoluteUri;
            start.Environment["RUNCLOUD_API_TOKEN"] = simulator.Token;
            start.Environment["RUNCLOUD_BENCHMARK_KEY"] = simulator.Fleet.LeakedKey;
            if (client == "where")
            {
                await File.WriteAllLinesAsync(keys, simulator.Fleet.Snapshot().Credentials.Select(credential => credential.PublicKey.Trim()));
                start.Environment[Scripts.KeysVariable] = keys;
            }

            start.RedirectStandardOutput = true;
            using var process = Process.Start(start)!;
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            var cost = output.Split('\n').LastOrDefault(line => line.StartsWith("cost ", StringComparison.Ordinal))?.Split(' ') ?? [];
            var log = simulator.Requests.All;
            return new Row(
                log.Count == 0 ? double.NaN : (log.Max(request => request.EndedAt ?? request.ArrivedAt) - log.Min(request => request.ArrivedAt)).TotalSeconds,
                log.Count,
                log.Count(request => request.Status == 429),
                simulator.Connections,
                Cost(1),
                Cost(2),
                Cost(3),
                Cost(4),
                simulator.Fleet.Snapshot().CopiesOf(simulator.Fleet.LeakedKey!).Count);

            double Cost(int at) => at < cost.Length ? double.Parse(cost[at], CultureInfo.InvariantCulture) : double.NaN;
        }
        finally
        {
            File.Delete(certificate);
            File.Delete(script);
            File.Delete(keys);
        }
    }

    private static ProcessStartInfo Start(string client, string script, HarnessOptions options) => client switch
    {
        "floor" => new ProcessStartInfo(Environment.ProcessPath!, [FloorClient.Verb, options.Throttle.ToString(CultureInfo.InvariantCulture)]),
        "api" => new ProcessStartInfo(Environment.ProcessPath!, [ApiClient.Verb, options.Throttle.ToString(CultureInfo.InvariantCulture)]),
        "empty" => Hosted(script, Scripts.Nothing),
        "where" => Hosted(script, Scripts.Where),
        "idle" => Hosted(script, Scripts.Idle(options.Workspace.Servers)),
        "module" => Hosted(script, Scripts.Module(options.Throttle)),
        "module-key" => Hosted(script, Scripts.ModuleByKey(options.Throttle)),
        "first" => Hosted(script, Scripts.First(options.Throttle)),
        "module-pwsh" => Pwsh(script, Scripts.InPwsh(StagedModule.Manifest, Scripts.Module(options.Throttle)), options),
        "module-key-pwsh" => Pwsh(script, Scripts.InPwsh(StagedModule.Manifest, Scripts.ModuleByKey(options.Throttle)), options),
        "empty-pwsh" => Pwsh(script, Scripts.InPwsh(StagedModule.Manifest, Scripts.Nothing), options),
        "first-pwsh" => Pwsh(script, Scripts.InPwsh(StagedModule.Manifest, Scripts.First(options.Throttle)), options),
        "irm" => Pwsh(script, Scripts.InvokeRestMethod(options.Throttle), options),
        _ => new ProcessStartInfo("python3", [client]),
    };

    private static ProcessStartInfo Hosted(string script, string content)
    {
        File.WriteAllText(script, content);
        return new ProcessStartInfo(Environment.ProcessPath!, [HostedClient.Verb, script]);
    }

    private static ProcessStartInfo Pwsh(string script, string content, HarnessOptions options)
    {
        File.WriteAllText(script, content);
        return new ProcessStartInfo(options.Pwsh, ["-NoProfile", "-NonInteractive", "-File", script]);
    }

    /// <summary>What a client took. The runtime's own compiler is part of the CPU time; only clients in processes of ours tell its share.</summary>
    public sealed record Row(double Seconds, int Requests, int Refused, int Connections, double CpuSeconds, double PeakBytes, double CompilerSeconds, double CompiledMethods, int Left);
}

/// <summary>What is measured.</summary>
internal sealed record HarnessOptions
{
    public const string Usage =
        """
        dotnet run -c Release --project tests/RunCloud.Benchmarks -- job [options]

          --servers N         servers of the workspace (200)
          --keys N            keys on each (5)
          --latency MS        of every request (50)
          --throttle N        requests under way at once (16)
          --rate N/SECONDS    the rate limit (none)
          --rate-kind NAME    how it counts: FromFirstRequest, OnTheClock, Sliding or TokenBucket (FromFirstRequest)
          --reset             X-RateLimit-Reset on every answer, not on 429 alone
          --no-reset          neither X-RateLimit-Reset nor Retry-After
          --no-rate-headers   no X-RateLimit headers
          --clients A,B,…     hosted engine: module, module-key, first, empty (only imports the module), where (keys through Where-Object),
                              idle (three commands that do nothing);
                              a pwsh: module-pwsh, module-key-pwsh, first-pwsh, empty-pwsh, irm;
                              no shell: floor (a console program without checks), api (the module's client), a python3 script's path
                              (module); first ends with the first credential
          --pwsh PATH         the pwsh to use (pwsh)
        """;

    public SimulatorOptions Workspace { get; private init; } = new() { Servers = 200, KeysPerServer = 5, Latency = TimeSpan.FromMilliseconds(50), OfflineServers = 0, UnparsableKeys = 0 };

    public int Throttle { get; private init; } = 16;

    public IReadOnlyList<string> Clients { get; private init; } = ["module"];

    public string Pwsh { get; private init; } = "pwsh";

    public static HarnessOptions? Parse(string[] args)
    {
        var options = new HarnessOptions();
        try
        {
            for (var i = 0; i < args.Length; i++)
            {
                var limit = options.Workspace.RateLimit ?? new RateLimit();
                options = args[i] switch
                {
                    "--servers" => options with { Workspace = options.Workspace with { Servers = Number(args[++i]) } },
                    "--keys" => options with { Workspace = options.Workspace with { KeysPerServer = Number(args[++i]) } },
                    "--latency" => options with { Workspace = options.Workspace with { Latency = TimeSpan.FromMilliseconds(Number(args[++i])) } },
                    "--throttle" => options with { Throttle = Number(args[++i]) },
                    "--rate" when args[++i].Split('/') is [var count, var seconds] => options with
                    {
                        Workspace = options.Workspace with { RateLimit = limit with { Limit = Number(count), Window = TimeSpan.FromSeconds(Number(seconds)) } },
                    },
                    "--reset" => options with { Workspace = options.Workspace with { RateLimit = limit with { SendResetAlways = true } } },
                    "--no-reset" => options with { Workspace = options.Workspace with { RateLimit = limit with { SendReset = false, RetryAfter = RetryAfterForm.None } } },
                    "--rate-kind" when Enum.TryParse<RateWindowKind>(args[++i], ignoreCase: true, out var kind) => options with
                    {
                        Workspace = options.Workspace with { RateLimit = limit with { Kind = kind } },
                    },
                    "--no-rate-headers" => options with { Workspace = options.Workspace with { RateLimit = limit with { SendHeaders = false } } },
                    "--clients" => options with { Clients = args[++i].Split(',') },
                    "--pwsh" => options with { Pwsh = args[++i] },
                    _ => throw new FormatException(),
                };
            }

            return options;
        }
        catch (Exception e) when (e is FormatException or IndexOutOfRangeException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>Pages of servers one after the other, and the rest as wide as allowed; or the windows that must end before the last request, where that is slower.</summary>
    public double IdealSeconds(int matches, int requests)
    {
        var latency = Workspace.Latency.TotalSeconds;
        var byLatency = (((Workspace.Servers / 40) + 1) * latency) + ((Workspace.Servers + matches) * latency / Throttle);
        var rate = Workspace.RateLimit!;
        return Math.Max(byLatency, (requests - 1) / rate.Limit * rate.Window.TotalSeconds);
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
