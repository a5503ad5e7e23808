using System.Globalization;

namespace RunCloud.Benchmarks.Soak;

/// <summary>What a soak does.</summary>
internal sealed record SoakOptions
{
    public const string Usage =
        """
        dotnet run -c Release --project tests/RunCloud.Benchmarks -- soak [options]

          --jobs N       jobs, one after the other (500)
          --seed N       draws the jobs and the faults (1)
          --idle         the same without the module: the shell runs an empty script, and a plain client reads the lists
        """;

    public int Jobs { get; private init; } = 500;

    public int Seed { get; private init; } = 1;

    public bool IsIdle { get; private init; }

    public static SoakOptions? Parse(string[] args)
    {
        var options = new SoakOptions();
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--idle")
            {
                options = options with { IsIdle = true };
            }
            else if (i + 1 < args.Length && int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && args[i] is "--jobs" or "--seed")
            {
                options = args[i] == "--jobs" ? options with { Jobs = number } : options with { Seed = number };
                i++;
            }
            else
            {
                return null;
            }
        }

        return options.Jobs >= SoakRun.Fewest ? options : null;
    }
}
