using System.Globalization;

namespace RunCloud.Benchmarks.WholeJob;

/// <summary>The CPU time of the module beside a floor: a console program that does the same job, and the shell's own cost of passing objects on.</summary>
internal static class CpuTable
{
    private const int Runs = 5;

    private static readonly string[] Clients = ["empty", "floor", "api", "idle", "where", "module-key", "module"];

    public static async Task<int> RunAsync(string[] args)
    {
        if (HarnessOptions.Parse(["--servers", "2000", "--keys", "20", "--latency", "0", .. args]) is not { } options)
        {
            await Console.Error.WriteLineAsync(HarnessOptions.Usage);
            return 2;
        }

        var rows = Clients.ToDictionary(client => client, _ => new List<Harness.Row>(), StringComparer.Ordinal);
        for (var run = 0; run < Runs; run++)
        {
            foreach (var client in Clients)
            {
                rows[client].Add(await Harness.MeasureAsync(client, options));
            }
        }

        Console.WriteLine("| client | CPU s | least | most | without an empty session | compiler s | methods compiled | peak MB | requests | copies left |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var client in Clients)
        {
            var cpu = rows[client].ConvertAll(row => row.CpuSeconds);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {client} | {Cpu(client):0.00} | {cpu.Min():0.00} | {cpu.Max():0.00} | {Net(client):0.00} | {Median(client, row => row.CompilerSeconds):0.00} | {Median(client, row => row.CompiledMethods):0} | {rows[client].Max(row => row.PeakBytes) / 1e6:0} | {rows[client][0].Requests} | {rows[client][0].Left} |"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"api: {Cpu("api") / Cpu("floor"):0.00} × the floor"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"module-key: {Net("module-key") / Cpu("floor"):0.00} × the floor, {Net("module-key") / (Cpu("floor") + Net("idle")):0.00} × the floor and the shell"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"module: {Net("module") / (Cpu("floor") + Net("where")):0.00} × the floor and the shell"));
        return 0;

        double Median(string client, Func<Harness.Row, double> part) => rows[client].Select(part).Order().ElementAt(Runs / 2);
        double Cpu(string client) => Median(client, row => row.CpuSeconds);
        double Net(string client) => client is "floor" or "api" ? Cpu(client) : Cpu(client) - Cpu("empty");
    }
}
