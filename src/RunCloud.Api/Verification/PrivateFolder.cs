using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;

namespace RunCloud.Api;

/// <summary>A folder that only its owner may enter, gone with all that is in it when it is disposed of. It holds no secret.</summary>
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

    /// <summary>Takes away what processes left that were killed: they could not.</summary>
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
            // Then it stays for the system's own cleaning.
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
            // It holds the log of a connection, and no secret.
        }
    }
}
