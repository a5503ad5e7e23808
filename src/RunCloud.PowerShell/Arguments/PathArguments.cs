using System;
using System.IO;
using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary>Paths of files that are to be written.</summary>
internal static class PathArguments
{
    /// <summary>The path as the file system has it; <see langword="null"/> where none was given.</summary>
    /// <exception cref="ArgumentException">
    /// It is not of the file system, its folder is not there, or it is the file that is <paramref name="taken"/> by another parameter. The
    /// message says which.
    /// </exception>
    internal static string? Resolve(SessionState session, string? path, string parameter, string? taken = null)
    {
        if (path is null)
        {
            return null;
        }

        string file;
        ProviderInfo provider;
        try
        {
            file = session.Path.GetUnresolvedProviderPathFromPSPath(path, out provider, out _);
        }
        catch (Exception e) when (e is RuntimeException or NotSupportedException)
        {
            throw new ArgumentException($"The path '{path}' cannot be used: {e.Message}", parameter, e);
        }

        return provider.Name != "FileSystem" ? throw new ArgumentException($"The path '{path}' is not one of the file system.", parameter)
            : Directory.Exists(file) ? throw new ArgumentException($"The path '{file}' is a folder; the name of a file is wanted.", parameter)
            : string.Equals(file, taken, StringComparison.OrdinalIgnoreCase) ? throw new ArgumentException($"The file '{file}' is wanted for two things.", parameter)
            : Directory.Exists(Path.GetDirectoryName(file)) ? file
            : throw new ArgumentException($"There is no folder for the file '{file}'.", parameter);
    }
}
