using System.Diagnostics;
using System.Globalization;

namespace RunCloud.Api;

/// <summary>A temporary folder that only its owner can enter. Disposing of it deletes it with its content. It contains no secret.</summary>
internal sealed class PrivateFolder : IDisposable
{
    private const string Prefix = "rcssh-";

    /// <summary>The longest folder in which a socket's path, which has 107 bytes at most, is short enough.</summary>
    private const int LongestRoot = 60;

#if NET
    private static readonly int OwnProcess = Environment.ProcessId;
#else
    private static readonly int OwnProcess = Process.GetCurrentProcess().Id;
#endif

    private static readonly Lazy<bool> Swept = new(Sweep);

    internal PrivateFolder()
    {
        _ = Swept.Value;
        Path = System.IO.Path.Combine(Root, FormattableString.Invariant($"{Prefix}{OwnProcess}-{System.IO.Path.GetRandomFileName()}"));
#if NET
        if (!OperatingSystem.IsWindows())
        {
            _ = Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return;
        }
#endif
        _ = Directory.CreateDirectory(Path);
    }

    /// <summary>Its absolute path.</summary>
    internal string Path { get; }

    private static string Root =>
        System.IO.Path.GetTempPath() is var temporary && (temporary.Length < LongestRoot || System.IO.Path.DirectorySeparatorChar == '\\') ? temporary : "/tmp";

    /// <inheritdoc/>
    public void Dispose() => Delete(Path);

    /// <summary>Deletes the folders of killed processes, which could not do it themselves.</summary>
    internal static bool Sweep()
    {
        try
        {
            foreach (var left in Directory.GetDirectories(Root, Prefix + "*"))
            {
                var owner = System.IO.Path.GetFileName(left)[Prefix.Length..].Split('-')[0];
                if (int.TryParse(owner, NumberStyles.None, CultureInfo.InvariantCulture, out var process) && !IsAlive(process))
                {
                    Delete(left);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then it is left to the system's clean-up.
        }

        return true;
    }

    private static bool IsAlive(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static void Delete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It contains the log of a connection, and no secret.
        }
    }
}
