namespace RunCloud.PowerShell;

/// <summary>Resolves symbolic links, through which one file has several paths.</summary>
internal static class FileLinks
{
#if NET
    /// <summary>A longer chain of links is taken for a circle.</summary>
    private const int MaximumLinks = 40;

    /// <summary>Whether the path itself is a link, even a broken one.</summary>
    internal static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;

    /// <summary>The path with all links resolved.</summary>
    /// <exception cref="IOException">The links lead in a circle.</exception>
    internal static string Final(string path) => Final(Path.GetFullPath(path), links: 0);

    private static string Final(string path, int links)
    {
        if (links > MaximumLinks)
        {
            throw new IOException("Its links lead in a circle.");
        }

        if (Path.GetDirectoryName(path) is not { } folder)
        {
            return path;
        }

        var whole = Path.Combine(Final(folder, links), Path.GetFileName(path));
        return new FileInfo(whole).LinkTarget is { } target ? Final(Path.GetFullPath(target, Path.GetDirectoryName(whole)!), links + 1) : whole;
    }
#else
    /// <summary>Whether the path itself is a link or another reparse point.</summary>
    internal static bool IsLink(string path) => File.Exists(path) && File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint);

    /// <summary>The path itself: .NET Framework cannot resolve links. A link is refused because its content is not a report.</summary>
    internal static string Final(string path) => Path.GetFullPath(path);
#endif
}
