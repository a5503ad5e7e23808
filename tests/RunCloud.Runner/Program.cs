using System.Globalization;
using System.Management.Automation;
using System.Runtime.InteropServices;
using System.Text;
using RunCloud.Testing;

namespace RunCloud.Runner;

/// <summary>The hosted engine as a program, for tests that need a process with an exit code and its own streams, and that can be killed.</summary>
internal static class Program
{
    /// <summary>The exit code that pwsh has for a script that is not there and for options that are none.</summary>
    private const int BadUsage = 64;

    private static async Task<int> Main(string[] arguments)
    {
        if (OperatingSystem.IsWindows())
        {
            Console.OutputEncoding = Encoding.UTF8;
        }

        if (arguments is ["-Serve"])
        {
            await ScriptServer.ServeAsync();
            return 0;
        }

        if (!RunnerOptions.TryParse(arguments, out var options))
        {
            await Console.Error.WriteAsync(RunnerOptions.Usage);
            return BadUsage;
        }

        if (!File.Exists(options.File))
        {
            await Console.Error.WriteLineAsync($"There is no script '{options.File}'.");
            return BadUsage;
        }

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            // As pwsh does: stop the pipeline, and let the process end normally.
            signal.Cancel = true;
            stop.Cancel();
        });
        try
        {
            return await RunAsync(options, Console.Out, Console.Error, stop.Token);
        }
        catch (Exception e) when (e is FileNotFoundException or RuntimeException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return BadUsage;
        }
    }
    /// <summary>Runs a script in a new session.</summary>
    /// <param name="options">The script and its module.</param>
    /// <param name="output">Where the text of the screen goes.</param>
    /// <param name="errors">Where the text of errors goes.</param>
    /// <param name="cancellation">Stops it, as Ctrl+C does.</param>
    /// <returns>The exit code.</returns>
    internal static async Task<int> RunAsync(RunnerOptions options, TextWriter output, TextWriter errors, CancellationToken cancellation = default)
    {
        using var shell = new Shell(new ShellOptions
        {
            Mode = ShellMode.NonInteractive,
            Module = options.Module is null ? null : Path.GetFullPath(options.Module),
            Echo = output,
            ErrorEcho = errors,
            Culture = CultureInfo.CurrentCulture,
        });
        return await shell.RunFileAsync(options.File, options.Arguments, cancellation);
    }
}
