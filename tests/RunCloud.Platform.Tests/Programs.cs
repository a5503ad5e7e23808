namespace RunCloud.Platform.Tests;

/// <summary>The programs that this machine has.</summary>
internal static class Programs
{
    /// <summary>Whether a program can be started by its name.</summary>
    /// <param name="name">Its name, without an extension.</param>
    internal static bool Has(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, name)) || File.Exists(Path.Combine(folder, name + ".exe")));
}
