using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using System.Reflection.Emit;
using System.Threading.Tasks;

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
            var ours = new List<double>();
            var theirs = new List<double>();
            for (var i = 0; i < Runs; i++)
            {
                theirs.Add(await MeasureAsync(empty));
                ours.Add(await MeasureAsync(StagedModule.Manifest));
            }

            var (own, other) = (Median(ours), Median(theirs));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Import-Module: {own:0} ms, an empty binary module {other:0} ms, ratio {own / other:0.00} (medians of {Runs})"));
            return 0;
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
        var watch = Stopwatch.StartNew();
        var result = await shell.RunAsync($"Import-Module '{manifest}'");
        Console.WriteLine(watch.Elapsed.TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
        return result.HadErrors ? 1 : 0;
    }

    private static async Task<double> MeasureAsync(string manifest)
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [ClientVerb, manifest]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return double.Parse(output, CultureInfo.InvariantCulture);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string WriteEmptyModule(string folder)
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
