using System.Text;
using System.Text.RegularExpressions;

namespace RunCloud.PowerShell;

/// <summary>Writes files either completely or not at all. On Unix only the owner can read them.</summary>
internal static class PrivateFile
{
    /// <summary>The beginning of every report of this module.</summary>
    private const string ReportStart = "^("
        + @"\s*\{\s*""command""\s*:\s*""(Revoke|Update)-RunCloudSshKey""\s*,\s*""startedAt"""
        + @"|\s*\{\s*""\$schema""\s*:\s*""(access|revocation)-report\.schema\.json""\s*,\s*""kind"""
        + @"|<!doctype html>\s*<html lang=""en"">\s*<head>\s*<meta charset=""utf-8"">\s*<meta name=""generator"" content=""RunCloud\.PowerShell"">"
        + @"|\uFEFF""Server(Name)?"",""ServerId"",""(IPAddress|User)"",)";

    /// <summary>How much of a file to read to see whether it is a report.</summary>
    private const int StartLength = 512;

    /// <summary>Whether the path is free or has an earlier report of this module: never a key, an undo file, a device, a pipe or a socket.</summary>
    internal static bool MayBeReplaced(string path)
    {
        var file = new FileInfo(path);
        if (Directory.Exists(path))
        {
            return false;
        }

        if (!file.Exists)
        {
            return !FileLinks.IsLink(path);
        }

        // A file without a length is not a report. Devices, pipes and sockets have none, and opening them may never return.
        if (file.Length == 0)
        {
            return false;
        }

        var start = new byte[StartLength];
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var length = stream.Read(start, 0, start.Length);
        return Regex.IsMatch(Encoding.UTF8.GetString(start, 0, length), ReportStart, RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
    }

    /// <summary>Tests now whether a file can be written there later.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="System.UnauthorizedAccessException">Access is denied.</exception>
    internal static void Probe(string path)
    {
        var draft = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            Create(draft).Dispose();
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>Writes the content to a temporary file in the same folder, and moves it into place once it is on the disk.</summary>
    /// <exception cref="IOException">It could not be written, or a file exists that must not be replaced or is not a report.</exception>
    /// <exception cref="System.UnauthorizedAccessException">Access is denied.</exception>
    internal static void Write(string path, byte[] content, bool replace)
    {
        if (replace && !MayBeReplaced(path))
        {
            throw new IOException("Something other than an earlier report of this module is there by now.");
        }

        var draft = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            using (var file = Create(draft))
            {
                file.Write(content, 0, content.Length);
                file.Flush(flushToDisk: true);
            }

            Move(draft, path, replace);
        }
        finally
        {
            File.Delete(draft);
        }
    }

#if NET
    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!System.OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    private static void Move(string from, string to, bool replace) => File.Move(from, to, overwrite: replace);
#else
    private static FileStream Create(string path) => new(path, FileMode.CreateNew, FileAccess.Write);

    private static void Move(string from, string to, bool replace)
    {
        if (replace && File.Exists(to))
        {
            File.Replace(from, to, destinationBackupFileName: null);
        }
        else
        {
            File.Move(from, to);
        }
    }
#endif
}
