using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary>Resolves and checks paths of files to read and write.</summary>
internal static class PathArguments
{
    private const string Report = "ReportPath";

    /// <summary>The file system path; <see langword="null"/> if none was given.</summary>
    /// <exception cref="ArgumentException">
    /// It is not a file system path, its folder does not exist, or a file exists there that is not a report. The message says which.
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
                throw new ArgumentException($"The path '{file}' is a folder. Give the path of a file.", parameter);
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

    /// <summary>The full path of a file to read; <see langword="null"/> if none was given.</summary>
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
            throw new ArgumentException(Directory.Exists(file) ? $"The path '{file}' is a folder. Give the path of a file." : $"There is no file '{file}'.", parameter);
        }

        // Pipes and devices have no length. Reading one may never end.
        return HasLength(file) ? file : throw new ArgumentException($"The file '{file}' is empty, or is not a regular file, so it was not read.", parameter);
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

    /// <summary>The file for new host keys. Default: a file of the module's in the user's data folder.</summary>
    /// <exception cref="ArgumentException">There is no such folder, or the path cannot be passed to the SSH client.</exception>
    internal static string ForKnownHosts(SessionState session, string? path, string parameter)
    {
        var file = Resolve(session, path, parameter) ?? DefaultKnownHosts(parameter);
        return Api.SshClient.CanName(file) ? file
            : throw new ArgumentException($"The path '{Api.ApiText.Clean(file)}' contains characters that cannot be passed to the SSH client.", parameter);
    }

    private static string DefaultKnownHosts(string parameter)
    {
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
        if (data.Length == 0)
        {
            throw new ArgumentException("This user has no data folder, so the path of a file is required.", parameter);
        }

        var folder = Path.Combine(data, "RunCloud.PowerShell");
        try
        {
            _ = Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"The folder '{folder}' cannot be created: {e.Message}", parameter, e);
        }

        return Path.Combine(folder, "known_hosts");
    }

    private static string ToFile(SessionState session, string path, string parameter)
    {
        string file;
        ProviderInfo provider;
        if (path.Any(c => c == '\0'))
        {
            throw new ArgumentException("The path contains a NUL character.", parameter);
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
            throw new ArgumentException($"The path '{path}' is not a file system path.", parameter);
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

    /// <summary>The target file if the path is a link, provided that it may be replaced.</summary>
    private static string ForReport(string file, string parameter)
    {
        var final = FileLinks.IsLink(file) ? FileLinks.Final(file) : file;
        return PrivateFile.MayBeReplaced(final) && (final == file || File.Exists(final))
            ? final
            : throw new ArgumentException($"'{final}' exists and is not an earlier report of this module, so it will not be replaced.", parameter);
    }
}
