using System.Diagnostics.CodeAnalysis;

namespace RunCloud.Runner;

/// <summary>The options of the command line.</summary>
/// <param name="Module">The manifest to import before the script runs; <see langword="null"/> for none.</param>
/// <param name="File">The script file.</param>
/// <param name="Arguments">The script's own arguments, as they were typed.</param>
internal sealed record RunnerOptions(string? Module, string File, IReadOnlyList<string> Arguments)
{
    /// <summary>The list of options.</summary>
    public const string Usage = """
        Runs a script in the hosted PowerShell engine, as pwsh -NoProfile -NonInteractive -File does.

          dotnet RunCloud.Runner.dll [-NoProfile] [-NonInteractive] [-Module <manifest>] -File <script> [-Name value ...]
          dotnet RunCloud.Runner.dll -Serve

          -Module   a module's manifest to import first; without it the script finds modules by $env:PSModulePath
          -File     the script; what stands behind it is the script's own
          -Serve    runs one script after the other: each line of the standard input describes one, each line of the output its result

        -NoProfile and -NonInteractive change nothing: it has no profile and asks nobody.
        Exit codes: that of the script's exit, else 0; 1 for what ended the script; 64 for a script, a module or an option that is not there.

        """;

    /// <summary>Reads a command line.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="options">What it asks for.</param>
    /// <returns>Whether the command line is valid.</returns>
    public static bool TryParse(string[] arguments, [NotNullWhen(true)] out RunnerOptions? options)
    {
        options = null;
        string? module = null;
        for (var at = 0; at < arguments.Length; at++)
        {
            var hasValue = at + 1 < arguments.Length;
            if (Is("-File") && hasValue)
            {
                options = new RunnerOptions(module, arguments[at + 1], arguments[(at + 2)..]);
                return true;
            }

            if (Is("-Module") && hasValue)
            {
                module = arguments[++at];
            }
            else if (!Is("-NoProfile") && !Is("-NonInteractive"))
            {
                return false;
            }

            bool Is(string name) => arguments[at].Equals(name, StringComparison.OrdinalIgnoreCase);
        }

        return false;
    }
}
