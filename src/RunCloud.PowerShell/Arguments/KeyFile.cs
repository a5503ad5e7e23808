using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>Finds and reads public key files: regular ones of a bounded size only, so that nothing hangs and nothing is read for ever.</summary>
internal static class KeyFile
{
    /// <summary>Far more than a public key needs: what is larger is another kind of file.</summary>
    private const int MaximumFileSize = 64 * 1024;

    /// <summary>A list of keys that an organisation keeps: thousands of lines.</summary>
    internal const int MaximumListSize = 8 * 1024 * 1024;

    private const int LongestPath = 4096;

    /// <summary>No secret that is given by mistake is taken for a file's name: base64 has no dot, and a token with dots is longer.</summary>
    private const int LongestPlainName = 64;

    private static readonly Encoding StrictUtf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly Encoding[] Marked =
    [
        Encoding.UTF8, new UTF32Encoding(bigEndian: false, byteOrderMark: true), Encoding.Unicode, Encoding.BigEndianUnicode,
    ];

    /// <summary>What messages call a file.</summary>
    internal static string Name(string path) => $"file '{ApiText.Clean(path)}'";

    /// <summary>The full path of the file that a text names; <see langword="null"/> when it does not look like a path at all.</summary>
    /// <exception cref="SshKeyFormatException">It looks like one, and there is no such file.</exception>
    internal static string? Find(SessionState session, string text, string parameter)
    {
        var path = text.Trim();
        if (path.Length is 0 or > LongestPath || path.AsSpan().IndexOfAny('\r', '\n') >= 0)
        {
            return null;
        }

        if (path.AsSpan().IndexOf('\0') >= 0)
        {
            throw Refused("It has a NUL character (U+0000) in it, which no path and no key has.", parameter);
        }

        string? full = null, problem = null;

        // Completion writes `[ for a bracket that is meant as it is.
        foreach (var candidate in new[] { path, WildcardPattern.Unescape(path) }.Distinct(StringComparer.Ordinal))
        {
            try
            {
                var resolved = session.Path.GetUnresolvedProviderPathFromPSPath(candidate, out var provider, out _);
                problem ??= provider.Name == "FileSystem" ? null : "It is not a path of the file system.";
                full = resolved;
            }
            catch (Exception e) when (e is RuntimeException or ArgumentException or NotSupportedException or IOException)
            {
                problem ??= e.Message;
                continue;
            }

            if (problem is null && Directory.Exists(full))
            {
                throw Refused($"'{ApiText.Clean(full)}' is a folder, and the path of a public key file is wanted.", parameter);
            }

            if (problem is null && (File.Exists(full) || IsDevice(full)))
            {
                return full;
            }
        }

        return !LooksLikePath(path) ? null
            : problem is not null ? throw Refused($"The path '{ApiText.Clean(path)}' cannot be used: {problem}", parameter)
            : WildcardPattern.ContainsWildcardCharacters(path) ? throw Refused($"'{ApiText.Clean(full)}' has wildcards in it, and a single file is wanted: no file has that very name.", parameter)
            : throw Refused($"There is no file '{ApiText.Clean(full)}'.", parameter);
    }

    /// <summary>The keys in a file.</summary>
    /// <exception cref="SshKeyFormatException">It cannot be read, or holds something else.</exception>
    internal static IReadOnlyList<SshKeyEntry> Read(SessionState session, string path, string parameter, int maximumSize = MaximumFileSize)
    {
        try
        {
            return SshKeyDocument.ReadFile(Decode(ReadBytes(session, path, parameter, maximumSize)), maximumSize);
        }
        catch (SshKeyFormatException e) when (e.Parameter is null)
        {
            throw new SshKeyFormatException($"The {Name(path)} is not taken for -{parameter}. {e.Message}", e.IsPrivateKey, e) { Parameter = parameter };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Refused($"The {Name(path)} cannot be read: {e.Message}", parameter);
        }
    }

    private static byte[] ReadBytes(SessionState session, string path, string parameter, int maximumSize)
    {
        var file = new FileInfo(path);
#if NET
        // The length of a link would be that of the link itself.
        file = (FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
#endif
        if (IsDevice(file.FullName) || (!file.Exists && File.Exists(path)))
        {
            throw Refused($"'{ApiText.Clean(path)}' is no regular file, so it is not read.", parameter);
        }

        if (!file.Exists)
        {
            throw Refused($"There is no file '{ApiText.Clean(path)}'.", parameter);
        }

        // A pipe, a device and a socket have no length: none of them is ever opened.
        if (file.Length == 0)
        {
            throw Refused(
                IsRegular(session, file.FullName)
                    ? $"The {Name(path)} is empty."
                    : $"'{ApiText.Clean(path)}' is no regular file, so it is not read.",
                parameter);
        }

        using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var buffer = new byte[maximumSize + 1];
        int length = 0, read;
        while (length < buffer.Length && (read = stream.Read(buffer, length, buffer.Length - length)) > 0)
        {
            length += read;
        }

        return length > maximumSize ? throw Refused($"The {Name(path)} is too large for a public key.", parameter) : buffer.AsSpan(0, length).ToArray();
    }

    /// <summary>Whether the file without a length is one that is empty. What the provider tells of it says so where there are other kinds.</summary>
    private static bool IsRegular(SessionState session, string path)
    {
        try
        {
            var item = session.InvokeProvider.Item.Get([path], force: true, literalPath: true).FirstOrDefault();
            return item?.Properties["UnixStat"]?.Value is not { } stat
                || PSObject.AsPSObject(stat).Properties["ItemType"]?.Value?.ToString() is null or "File";
        }
        catch (RuntimeException)
        {
            return false;
        }
    }

    /// <summary>Windows' names of devices and pipes, which a path such as <c>C:\keys\NUL</c> is too.</summary>
    private static bool IsDevice(string path) => path.StartsWith(@"\\.\", StringComparison.Ordinal);

    /// <summary>The text of a file in whatever encoding editors and shells write.</summary>
    private static string Decode(byte[] bytes)
    {
        foreach (var encoding in Marked)
        {
            var mark = encoding.GetPreamble();
            if (bytes.AsSpan().StartsWith(mark))
            {
                return encoding.GetString(bytes, mark.Length, bytes.Length - mark.Length);
            }
        }

        // A key is ASCII up to its comment, so in UTF-16 every other byte of its beginning is zero.
        if (bytes.Length >= 4 && bytes[1] == 0 && bytes[3] == 0)
        {
            return Encoding.Unicode.GetString(bytes);
        }

        if (bytes.Length >= 4 && bytes[0] == 0 && bytes[2] == 0)
        {
            return Encoding.BigEndianUnicode.GetString(bytes);
        }

        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.GetEncoding("iso-8859-1").GetString(bytes);
        }
    }

    /// <summary>Whether a text is meant as a path, and may be shown as one: it has what paths have, and begins like no key.</summary>
    private static bool LooksLikePath(string text)
    {
        var word = SshKeyLine.FirstWord(text.AsSpan());
        if (SshKeyAlgorithm.Find(word) is not null
            || SshKeyOptions.TrySkip(text.AsSpan(), out _)
            || text.StartsWith(SshFingerprint.Sha256Prefix, StringComparison.OrdinalIgnoreCase)
            || text.StartsWith(SshFingerprint.Md5Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var drive = text.AsSpan().IndexOf(':');
        var hasDot = text.AsSpan().IndexOf('.') >= 0;
        return text[0] is '\\' or '~' or '.'
            || (text[0] == '/' && (hasDot || text.Length <= LongestPlainName / 2))
            || (drive > 0 && text.Take(drive).All(char.IsLetterOrDigit))
            || (hasDot && (text.Length <= LongestPlainName || text.AsSpan().IndexOfAny('/', '\\') >= 0));
    }

    private static SshKeyFormatException Refused(string message, string parameter) => new($"-{parameter}: {message}") { Parameter = parameter };
}
