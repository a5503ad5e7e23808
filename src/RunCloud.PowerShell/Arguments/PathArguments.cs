using System;
using System.IO;
using System.Linq;
using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary>Paths of files that are to be written.</summary>
internal static class PathArguments
{
    private const string Report = "ReportPath";

    /// <summary>The path as the file system has it; <see langword="null"/> where none was given.</summary>
    /// <exception cref="ArgumentException">
    /// It is not of the file system, its folder is not there, or it is for a report and something else is there. The message says which.
    /// </exception>
    internal static string? Resolve(SessionState session, string? path, string parameter)
    {
        if (path is null)
        {
            return null;
        }

        var file = ToFile(session, path, parameter);
        try
        {
            if (Directory.Exists(file))
            {
                throw new ArgumentException($"The path '{file}' is a folder; the name of a file is wanted.", parameter);
            }

            if (!Directory.Exists(Path.GetDirectoryName(file)))
            {
                throw new ArgumentException($"There is no folder for the file '{file}'.", parameter);
            }

            return parameter == Report ? ForReport(file, parameter) : file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new ArgumentException($"The path '{file}' cannot be used: {e.Message}", parameter, e);
        }
    }

    /// <summary>The full path of a file that is to be read; <see langword="null"/> where none was given.</summary>
    /// <exception cref="ArgumentException">There is no such file.</exception>
    internal static string? ResolveExisting(SessionState session, string? path, string parameter)
    {
        if (path is null)
        {
            return null;
        }

        var file = ToFile(session, path, parameter);
        if (!File.Exists(file))
        {
            throw new ArgumentException(Directory.Exists(file) ? $"The path '{file}' is a folder; the name of a file is wanted." : $"There is no file '{file}'.", parameter);
        }

        // Pipes and devices have no length; reading one could wait, or go on, for ever.
        return HasLength(file) ? file : throw new ArgumentException($"The file '{file}' is empty, or is no regular file, so it is not read.", parameter);
    }

    private static bool HasLength(string file)
    {
        try
        {
            return new FileInfo(FileLinks.Final(file)).Length > 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The file for host keys that are seen for the first time; where none is given, one of the module's in the user's data folder.</summary>
    /// <exception cref="ArgumentException">There is no such folder, or the SSH client cannot be given the path.</exception>
    internal static string ForKnownHosts(SessionState session, string? path, string parameter)
    {
        var file = Resolve(session, path, parameter) ?? DefaultKnownHosts(parameter);
        return Api.SshClient.CanName(file) ? file
            : throw new ArgumentException($"The path '{Api.ApiText.Clean(file)}' has characters that cannot be given to the SSH client.", parameter);
    }

    private static string DefaultKnownHosts(string parameter)
    {
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
        if (data.Length == 0)
        {
            throw new ArgumentException("This user has no folder for data, so the path of a file must be given.", parameter);
        }

        var folder = Path.Combine(data, "RunCloud.PowerShell");
        try
        {
            _ = Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"The folder '{folder}' cannot be made: {e.Message}", parameter, e);
        }

        return Path.Combine(folder, "known_hosts");
    }

    private static string ToFile(SessionState session, string path, string parameter)
    {
        string file;
        ProviderInfo provider;
        if (path.Any(c => c == '\0'))
        {
            throw new ArgumentException("The path has a NUL character in it.", parameter);
        }

        try
        {
            file = session.Path.GetUnresolvedProviderPathFromPSPath(path, out provider, out _);
        }
        catch (Exception e) when (e is RuntimeException or NotSupportedException or ArgumentException or IOException)
        {
            throw new ArgumentException($"The path '{Api.ApiText.Clean(path)}' cannot be used: {e.Message}", parameter, e);
        }

        if (provider.Name != "FileSystem")
        {
            throw new ArgumentException($"The path '{path}' is not one of the file system.", parameter);
        }

        try
        {
            return Path.GetFullPath(file);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or IOException)
        {
            throw new ArgumentException($"The path '{Api.ApiText.Clean(path)}' cannot be used: {e.Message}", parameter, e);
        }
    }

    /// <summary>The file itself where the path is a link to it, if it may be replaced.</summary>
    private static string ForReport(string file, string parameter)
    {
        var final = FileLinks.IsLink(file) ? FileLinks.Final(file) : file;
        return PrivateFile.MayBeReplaced(final) && (final == file || File.Exists(final))
            ? final
            : throw new ArgumentException($"There is something other than an earlier report of this module at '{final}', and it is not replaced.", parameter);
    }
}
