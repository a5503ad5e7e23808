using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using System.Reflection.Emit;

using RunCloud.Testing;

namespace RunCloud.Benchmarks;

/// <summary>What importing this module costs, beside a binary module with one cmdlet that does nothing; each in a process of its own.</summary>
internal static class ImportTime
{
    public const string ClientVerb = "import-client";
    private const int Runs = 15;

    public static async Task<int> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("empty-module-").FullName;
        try
        {
            var empty = WriteEmptyModule(folder);
            var ours = new List<(double Wall, double Cpu)>();
            var theirs = new List<(double Wall, double Cpu)>();
            for (var i = 0; i < Runs; i++)
            {
                theirs.Add(await MeasureAsync(empty));
                ours.Add(await MeasureAsync(StagedModule.Manifest));
            }

            Tell("time", run => run.Wall);

            // Other work on the machine stretches the time far more than this.
            Tell("CPU time", run => run.Cpu);
            return 0;

            void Tell(string what, Func<(double Wall, double Cpu), double> part)
            {
                var (own, other) = (Median(ours.Select(part)), Median(theirs.Select(part)));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Import-Module, {what}: {own:0} ms, an empty binary module {other:0} ms, ratio {own / other:0.00} (medians of {Runs})"));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static async Task<int> RunClientAsync(string manifest)
    {
        using var shell = new Shell(new ShellOptions { Module = null });
        _ = await shell.RunAsync("Get-Command Import-Module");
        var cpu = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        var result = await shell.RunAsync($"Import-Module '{manifest}'");
        var wall = watch.Elapsed;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{wall.TotalMilliseconds} {(Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds}"));
        return result.HadErrors ? 1 : 0;
    }

    private static async Task<(double Wall, double Cpu)> MeasureAsync(string manifest)
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [ClientVerb, manifest]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var parts = output.Split(' ');
        return (double.Parse(parts[0], CultureInfo.InvariantCulture), double.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Runs / 2);

    /// <summary>Writes a binary module with one cmdlet that does nothing, and gives its manifest.</summary>
    public static string WriteEmptyModule(string folder)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName("Empty"), typeof(object).Assembly);
        var cmdlet = assembly.DefineDynamicModule("Empty").DefineType("GetNothingCommand", TypeAttributes.Public | TypeAttributes.Sealed, typeof(Cmdlet));
        var attribute = typeof(CmdletAttribute).GetConstructor([typeof(string), typeof(string)])!;
        cmdlet.SetCustomAttribute(new CustomAttributeBuilder(attribute, ["Get", "Nothing"]));
        _ = cmdlet.DefineDefaultConstructor(MethodAttributes.Public);
        _ = cmdlet.CreateType();
        assembly.Save(Path.Combine(folder, "Empty.dll"));
        var manifest = Path.Combine(folder, "Empty.psd1");
        File.WriteAllText(manifest, "@{ RootModule = 'Empty.dll'; ModuleVersion = '1.0'; CmdletsToExport = @('Get-Nothing'); FunctionsToExport = @(); AliasesToExport = @(); VariablesToExport = @() }");
        return manifest;
    }
}
