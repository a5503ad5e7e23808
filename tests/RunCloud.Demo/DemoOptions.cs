using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace RunCloud.Demo;

/// <summary>The options of the command line.</summary>
/// <param name="Help">Whether to list the options and do nothing else.</param>
/// <param name="Serve">Whether to keep the simulator up for other shells instead of showing the tour.</param>
/// <param name="Picture">The folder for the pictures of a short session, which are then all that is made; <see langword="null"/> for none.</param>
/// <param name="Port">The simulator's port on 127.0.0.1; 0 for any free one, and <see langword="null"/> for the usual one.</param>
public sealed record DemoOptions(bool Help, bool Serve, string? Picture, int? Port)
{
    /// <summary>The port of <c>--serve</c>, so that what was pasted once stays right.</summary>
    public const int ServicePort = 7245;

    /// <summary>The list of options.</summary>
    public const string Usage = """
        Shows RunCloud.PowerShell at work on a simulated workspace: nothing leaves this machine, no shell needs to be installed.

          dotnet run --project tests/RunCloud.Demo [-- options]

          (none)              find a leaked key on 45 servers, rehearse, remove it, and prove what became of it and of every other key
          --serve             keep the simulated workspace up until Ctrl+C, and print what to paste into your own PowerShell
          --picture <folder>  draw a short session as SVG, light and dark, for the README
          --port <n>          its port on 127.0.0.1, 0 for any free one; 7245 with --serve, else any free one
          --help              this

        Exit codes: 0 proved, 1 not proved, 2 bad options, 130 interrupted.

        """;

    /// <summary>Reads a command line.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="options">What it asks for.</param>
    /// <param name="problem">The problem, as a sentence.</param>
    /// <returns>Whether nothing is.</returns>
    public static bool TryParse(
        string[] arguments, [NotNullWhen(true)] out DemoOptions? options, [NotNullWhen(false)] out string? problem)
    {
        options = null;
        problem = null;
        var parsed = new DemoOptions(Help: false, Serve: false, Picture: null, Port: null);
        for (var at = 0; at < arguments.Length; at++)
        {
            switch (arguments[at])
            {
                case "--help" or "-h" or "-?":
                    parsed = parsed with { Help = true };
                    break;
                case "--serve":
                    parsed = parsed with { Serve = true };
                    break;
                case "--picture" when at + 1 < arguments.Length:
                    parsed = parsed with { Picture = arguments[++at] };
                    break;
                case "--picture":
                    problem = "--picture needs a folder.";
                    return false;
                case "--port" when at + 1 < arguments.Length
                    && int.TryParse(arguments[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                    && port is >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort:
                    parsed = parsed with { Port = port };
                    at++;
                    break;
                case "--port":
                    problem = "--port needs a number from 0 to 65535.";
                    return false;
                default:
                    problem = $"There is no option '{arguments[at]}'.";
                    return false;
            }
        }

        options = parsed;
        return true;
    }
}
