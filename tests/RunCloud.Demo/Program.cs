using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.AspNetCore.Connections;
using RunCloud.Simulator;

namespace RunCloud.Demo;

/// <summary>The demo as a program.</summary>
public static class Program
{
    /// <summary>The exit code if the proof fails.</summary>
    public const int NotProved = 1;

    /// <summary>The exit code for invalid options.</summary>
    public const int BadUsage = 2;

    /// <summary>The exit code after Ctrl+C on the way, as shells have it.</summary>
    public const int Interrupted = 130;

    private const int NarrowestScreen = 80;
    private const int WidestScreen = 120;

    /// <summary>Runs the demo, or serves.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="output">Where it is shown.</param>
    /// <param name="errors">Where complaints about the command line go.</param>
    /// <param name="input">Where <c>--serve</c> hears that somebody wants to start afresh.</param>
    /// <param name="cancellation">What Ctrl+C sets.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter errors, TextReader input, CancellationToken cancellation)
    {
        if (!DemoOptions.TryParse(arguments, out var options, out var problem))
        {
            await errors.WriteLineAsync(problem + " --help lists the options.");
            return BadUsage;
        }

        if (options.Help)
        {
            await output.WriteAsync(DemoOptions.Usage);
            return 0;
        }

        var stage = new Stage(output, Width(), ReferenceEquals(output, Console.Out) && IsColourful());
        var workspace = Tour.Workspace with { Port = options.Port ?? (options.Serve ? DemoOptions.ServicePort : 0) };
        try
        {
            if (options.Picture is { } folder)
            {
                await Picture.WriteAsync(workspace, folder, cancellation);
                return 0;
            }

            if (options.Serve)
            {
                await Service.RunAsync(workspace with { Token = Service.Token }, stage, input, cancellation);
                return 0;
            }

            return await Tour.RunAsync(workspace, stage, cancellation) ? 0 : NotProved;
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            await errors.WriteLineAsync(
                $"Port {workspace.Port} of 127.0.0.1 is taken, perhaps by another demo. End what uses it, or give another one: --port {(workspace.Port % IPEndPoint.MaxPort) + 1} (0 takes any free one).");
            return NotProved;
        }
        catch (IOException e)
        {
            await errors.WriteLineAsync(e.Message);
            return NotProved;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return Interrupted;
        }
    }

    private static async Task<int> Main(string[] arguments)
    {
        if (OperatingSystem.IsWindows())
        {
            Console.OutputEncoding = Encoding.UTF8;
        }

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        return await RunAsync(arguments, Console.Out, Console.Error, Console.In, stop.Token);

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private static int Width() => Console.IsOutputRedirected ? WidestScreen : Math.Clamp(Console.WindowWidth, NarrowestScreen, WidestScreen);

    private static bool IsColourful() =>
        !Console.IsOutputRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") is not "dumb";
}
