using System.Diagnostics;
using System.Globalization;

using RunCloud.Testing;

namespace RunCloud.Benchmarks.WholeJob;

/// <summary>A process that does the job with this module in the hosted engine, and tells what it cost.</summary>
internal static class HostedClient
{
    public const string Verb = "hosted-client";

    public static async Task<int> RunAsync(string scriptPath)
    {
        using var shell = new Shell();
        var result = await shell.RunAsync(await File.ReadAllTextAsync(scriptPath));
        foreach (var error in result.Errors)
        {
            await Console.Error.WriteLineAsync(error.ToString());
        }

        using var self = Process.GetCurrentProcess();
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"cost {self.TotalProcessorTime.TotalSeconds} {self.PeakWorkingSet64}"));
        return result.HadErrors ? 1 : 0;
    }
}
