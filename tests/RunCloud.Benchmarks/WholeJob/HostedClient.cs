using System.Diagnostics;
using System.Globalization;
using System.Runtime;

using RunCloud.Api;
using RunCloud.Testing;

namespace RunCloud.Benchmarks.WholeJob;

/// <summary>A process that does the job with this module in the hosted engine, and tells what it cost.</summary>
internal static class HostedClient
{
    public const string Verb = "hosted-client";

    public static async Task<int> RunAsync(string scriptPath)
    {
        using var shell = new Shell();
        shell.SetVariable(Scripts.AssemblyVariable, typeof(HostedClient).Assembly);
        if (Environment.GetEnvironmentVariable(Scripts.KeysVariable) is { } keys)
        {
            // Credentials with the keys of the fleet, to measure what the shell takes to pass them on.
            shell.SetVariable(Scripts.RowsVariable, (await File.ReadAllLinesAsync(keys)).Select((key, at) => new SshCredential(1, at + 1, key)));
        }

        var result = await shell.RunAsync(await File.ReadAllTextAsync(scriptPath));
        foreach (var error in result.Errors)
        {
            await Console.Error.WriteLineAsync(error.ToString());
        }

        await TellCostAsync();
        return result.HadErrors ? 1 : 0;
    }

    /// <summary>Tells what this process has cost so far.</summary>
    public static async Task TellCostAsync()
    {
        using var self = Process.GetCurrentProcess();
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"cost {self.TotalProcessorTime.TotalSeconds} {self.PeakWorkingSet64} {JitInfo.GetCompilationTime().TotalSeconds} {JitInfo.GetCompiledMethodCount()}"));
    }
}
