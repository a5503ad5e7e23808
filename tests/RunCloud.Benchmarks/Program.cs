using System.Globalization;

using BenchmarkDotNet.Running;

using RunCloud.Benchmarks.Soak;
using RunCloud.Benchmarks.WholeJob;

namespace RunCloud.Benchmarks;

/// <summary>
/// Measures: <c>job</c> the whole job with several clients side by side, <c>cpu</c> its CPU time beside a floor, <c>soak</c> whether a process
/// grows over many jobs, <c>import</c> the import, <c>cold</c> a new shell until its first request, anything else the parts, by BenchmarkDotNet.
/// </summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["job", .. var rest]:
                return await Harness.RunAsync(rest);
            case ["cpu", .. var rest]:
                return await CpuTable.RunAsync(rest);
            case [FloorClient.Verb, var throttle]:
                await FloorClient.RunAsync(int.Parse(throttle, CultureInfo.InvariantCulture));
                return 0;
            case [ApiClient.Verb, var throttle]:
                await ApiClient.RunAsync(int.Parse(throttle, CultureInfo.InvariantCulture));
                return 0;
            case [HostedClient.Verb, var script]:
                return await HostedClient.RunAsync(script);
            case ["soak", .. var rest]:
                return await SoakRun.RunAsync(rest);
            case ["import"]:
                return await ImportTime.RunAsync();
            case [ImportTime.ClientVerb, var manifest]:
                return await ImportTime.RunClientAsync(manifest);
            case ["cold", .. var rest]:
                return await ColdStart.RunAsync(rest is [var pwsh] ? pwsh : "pwsh");
            default:
                _ = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
                return 0;
        }
    }
}
