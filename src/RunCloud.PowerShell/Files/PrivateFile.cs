using System.IO;

namespace RunCloud.PowerShell;

/// <summary>Writes files that are whole or not there, and that on Unix nobody but their owner can read.</summary>
internal static class PrivateFile
{
    /// <summary>Writes the content beside the path, and moves it into place when it is on the disk.</summary>
    /// <exception cref="IOException">It could not be written, or there is a file already and it is not to be replaced.</exception>
    /// <exception cref="System.UnauthorizedAccessException">It may not be written.</exception>
    internal static void Write(string path, byte[] content, bool replace)
    {
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
