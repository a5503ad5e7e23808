using System.Globalization;

using RunCloud.Testing;

namespace RunCloud.Benchmarks.Soak;

/// <summary>Does many jobs in one process and one shell, and watches whether the process grows.</summary>
internal static class SoakRun
{
    /// <summary>The fewest jobs that can be judged: the first hundred and the last.</summary>
    public const int Fewest = 2 * Hundred;

    private const int Hundred = 100;
    private const int Between = 50;

    /// <summary>After so many jobs a fresh simulator takes the old one's place.</summary>
    private const int JobsOfSimulator = 25;

    /// <summary>How much more may be alive at the end than after the first hundred jobs: the pool of buffers keeps some for each thread.</summary>
    private const double MostHeapBytes = 3e6;

    /// <summary>How many times as much the system may have given: the process keeps room for the largest answers so far, and these come by chance.</summary>
    private const double MostResidentGrowth = 1.5;

    /// <summary>How many more handles, threads or timers: less than one for each ten jobs of the shortest soak.</summary>
    private const int MostMore = 10;

    public static async Task<int> RunAsync(string[] args)
    {
        if (SoakOptions.Parse(args) is not { } options)
        {
            await Console.Error.WriteLineAsync(SoakOptions.Usage);
            return 2;
        }

        var readings = await MeasureAsync(options);
        var (first, last) = (Least(readings.Where(reading => reading.Jobs <= Hundred)), Least(readings.Where(reading => reading.Jobs > options.Jobs - Hundred)));
        Write($"last hundred ÷ first hundred: resident {last.ResidentBytes / first.ResidentBytes:0.00}");
        Write($"more than in the first hundred: heap {(last.HeapBytes - first.HeapBytes) / 1e6:0.0} MB, handles {last.Handles - first.Handles}, threads {last.Threads - first.Threads}, timers {last.Timers - first.Timers}");
        var grows = last.HeapBytes > first.HeapBytes + MostHeapBytes || last.ResidentBytes > first.ResidentBytes * MostResidentGrowth
            || last.Handles > first.Handles + MostMore || last.Threads > first.Threads + MostMore || last.Timers > first.Timers + MostMore;
        Write($"{(grows ? "it grows" : "it does not grow")}: at most {MostHeapBytes / 1e6:0} MB more of heap, {MostResidentGrowth:0.00} times the resident memory and {MostMore} more of the others are allowed");
        return grows ? 1 : 0;
    }

    private static async Task<List<Reading>> MeasureAsync(SoakOptions options)
    {
        Write($"{options.Jobs} jobs{(options.IsIdle ? " without the module" : string.Empty)}, seed {options.Seed}");
        Write($"| jobs | heap MB | resident MB | handles | threads | timers |");
        Write($"|---|---|---|---|---|---|");
        var random = new Random(options.Seed);
        var readings = new List<Reading>();
        using var shell = new Shell();
        using var folder = new TemporaryFolder();
        for (var done = 0; done < options.Jobs;)
        {
            await using (var workplace = await Workplace.StartAsync())
            {
                for (var of = 0; of < JobsOfSimulator && done < options.Jobs; of++, done++)
                {
                    await (options.IsIdle ? workplace.IdleAsync(shell) : workplace.RunAsync(SoakJob.All[random.Next(SoakJob.All.Count)], shell, random, folder.Path));
                }
            }

            if (done % Between == 0)
            {
                var reading = Reading.Take(done);
                readings.Add(reading);
                Write($"| {done} | {reading.HeapBytes / 1e6:0.0} | {reading.ResidentBytes / 1e6:0} | {reading.Handles} | {reading.Threads} | {reading.Timers} |");
            }
        }

        return readings;
    }

    /// <summary>The least of each: what is held for a moment is in one reading and not in the next, and what leaks is in all of them.</summary>
    private static Reading Least(IEnumerable<Reading> readings)
    {
        var all = readings.ToList();
        return new Reading(
            all[^1].Jobs,
            all.Min(reading => reading.HeapBytes),
            all.Min(reading => reading.ResidentBytes),
            all.Min(reading => reading.Handles),
            all.Min(reading => reading.Threads),
            all.Min(reading => reading.Timers));
    }

    private static void Write(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
