using System.Diagnostics;

namespace RunCloud.Benchmarks.Soak;

/// <summary>What this process holds after a full collection.</summary>
/// <param name="Jobs">The jobs before it.</param>
/// <param name="HeapBytes">The objects that are alive.</param>
/// <param name="ResidentBytes">The memory that the system has given to the process and not taken back.</param>
/// <param name="Handles">Files, sockets and the like that are open, without those of assemblies.</param>
/// <param name="Threads">Its threads.</param>
/// <param name="Timers">The timers that are set.</param>
internal sealed record Reading(int Jobs, double HeapBytes, double ResidentBytes, int Handles, int Threads, long Timers)
{
    private const string OpenFiles = "/proc/self/fd";

    public static Reading Take(int jobs)
    {
        // What waits for its finalizer is garbage only after that has run.
        for (var pass = 0; pass < 3; pass++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        using var self = Process.GetCurrentProcess();
        return new Reading(
            jobs,
            GC.GetTotalMemory(forceFullCollection: true),
            self.WorkingSet64,
            Directory.Exists(OpenFiles) ? Directory.EnumerateFileSystemEntries(OpenFiles).Count(handle => !IsOfAssembly(handle)) : self.HandleCount,
            self.Threads.Count,
            Timer.ActiveCount);
    }

    /// <summary>An assembly takes two handles when it is first used, which may be late, and keeps them.</summary>
    private static bool IsOfAssembly(string handle) => new FileInfo(handle).LinkTarget is { } target && Path.GetExtension(target) is ".dll" or ".pdb";
}
