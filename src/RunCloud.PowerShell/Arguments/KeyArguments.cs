using System;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>What <c>-Key</c> takes: a public key line, a fingerprint, or the path of a public key file.</summary>
internal static class KeyArguments
{
    /// <summary>Far more than a public key needs: what is larger is another kind of file.</summary>
    private const int MaximumFileSize = 64 * 1024;

    /// <exception cref="SshKeyFormatException">One is none of these. The message never holds what was given.</exception>
    internal static IReadOnlyList<SshKeySelector> Resolve(SessionState session, IEnumerable<string> keys)
    {
        var selectors = new List<SshKeySelector>();
        foreach (var key in keys)
        {
            try
            {
                selectors.Add(SshKeySelector.Parse(key));
            }
            catch (SshKeyFormatException e) when (!e.IsPrivateKey)
            {
                selectors.Add(FindFile(session, key) is { } file
                    ? SshKeySelector.ParseFile(ReadFile(file))
                    : throw new SshKeyFormatException($"{e.Message} Nor is there a file of that name.", e));
            }
        }

        return selectors;
    }

    /// <summary>The line of a public key that is given as such or as the path of a file.</summary>
    /// <exception cref="SshKeyFormatException">It is neither. The message never holds what was given.</exception>
    internal static string ResolveLine(SessionState session, string key)
    {
        try
        {
            _ = SshPublicKey.Parse(key);
            return key.Trim();
        }
        catch (SshKeyFormatException e) when (!e.IsPrivateKey)
        {
            return FindFile(session, key) is { } file
                ? SshKeySelector.FindLine(ReadFile(file))
                : throw new SshKeyFormatException($"{e.Message} Nor is there a file of that name.", e);
        }
    }

    private static FileInfo? FindFile(SessionState session, string path)
    {
        try
        {
            var file = new FileInfo(session.Path.GetUnresolvedProviderPathFromPSPath(path.Trim()));
            return file.Exists ? file : null;
        }
        catch (Exception e) when (e is RuntimeException or ArgumentException or NotSupportedException or IOException)
        {
            return null;
        }
    }

    private static string ReadFile(FileInfo file)
    {
        try
        {
            return file.Length > MaximumFileSize
                ? throw new SshKeyFormatException($"The file {file.FullName} is too large for a public key.")
                : File.ReadAllText(file.FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SshKeyFormatException($"The file {file.FullName} cannot be read: {e.Message}", e);
        }
    }
}
