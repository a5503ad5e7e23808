using System.Management.Automation;
using System.Text;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>Finds and reads public key files. Only regular files of limited size are read, so that reading always ends.</summary>
internal static class KeyFile
{
    /// <summary>Far more than a public key needs. A larger file is something else.</summary>
    private const int MaximumFileSize = 64 * 1024;

    /// <summary>A list of keys that an organisation keeps: thousands of lines.</summary>
    internal const int MaximumListSize = 8 * 1024 * 1024;

    private const int LongestPath = 4096;

    /// <summary>A secret given by mistake must not be taken for a file name: base64 has no dot, and a token with dots is longer.</summary>
    private const int LongestPlainName = 64;

    private static readonly Encoding StrictUtf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly Encoding[] Marked =
    [
        Encoding.UTF8, new UTF32Encoding(bigEndian: false, byteOrderMark: true), Encoding.Unicode, Encoding.BigEndianUnicode,
    ];

    /// <summary>The name of a file in messages.</summary>
    internal static string Name(string path) => $"file '{ApiText.Clean(path)}'";

    /// <summary>The full path of the file that a text names; <see langword="null"/> if the text does not look like a path.</summary>
    /// <exception cref="SshKeyFormatException">The text looks like a path, but there is no such file.</exception>
    internal static string? Find(SessionState session, string text, string parameter)
    {
        var path = text.Trim();
        if (path.Length is 0 or > LongestPath || path.AsSpan().IndexOfAny('\r', '\n') >= 0)
        {
            return null;
        }

        if (path.AsSpan().IndexOf('\0') >= 0)
        {
            throw Refused("It contains a NUL character (U+0000), which is not allowed in a path or a key.", parameter);
        }

        string? full = null, problem = null;

        // Tab completion writes `[ for a literal bracket.
        foreach (var candidate in new[] { path, WildcardPattern.Unescape(path) }.Distinct(StringComparer.Ordinal))
        {
            try
            {
                var resolved = session.Path.GetUnresolvedProviderPathFromPSPath(candidate, out var provider, out _);
                problem ??= provider.Name == "FileSystem" ? null : "It is not a file system path.";
                full = resolved;
            }
            catch (Exception e) when (e is RuntimeException or ArgumentException or NotSupportedException or IOException)
            {
                problem ??= e.Message;
                continue;
            }

            if (problem is null && Directory.Exists(full))
            {
                throw Refused($"'{ApiText.Clean(full)}' is a folder. Give the path of a public key file.", parameter);
            }

            if (problem is null && (File.Exists(full) || IsDevice(full)))
            {
                return full;
            }
        }

        return !LooksLikePath(path) ? null
            : problem is not null ? throw Refused($"The path '{ApiText.Clean(path)}' cannot be used: {problem}", parameter)
            : WildcardPattern.ContainsWildcardCharacters(path) ? throw Refused($"'{ApiText.Clean(full)}' contains wildcards, and no file has exactly that name. Give the path of one file.", parameter)
            : throw Refused($"There is no file '{ApiText.Clean(full)}'.", parameter);
    }

    /// <summary>The keys in a file.</summary>
    /// <exception cref="SshKeyFormatException">The file cannot be read, or contains something else.</exception>
    internal static IReadOnlyList<SshKeyEntry> Read(SessionState session, string path, string parameter, int maximumSize = MaximumFileSize)
    {
        try
        {
            return SshKeyDocument.ReadFile(Decode(ReadBytes(session, path, parameter, maximumSize)), maximumSize);
        }
        catch (SshKeyFormatException e) when (e.Parameter is null)
        {
            throw new SshKeyFormatException($"The {Name(path)} cannot be used for -{parameter}. {e.Message}", e.IsPrivateKey, e) { Parameter = parameter };
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
        // FileInfo.Length of a link is the length of the link itself.
        file = (FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
#endif
        if (IsDevice(file.FullName) || (!file.Exists && File.Exists(path)))
        {
            throw Refused($"'{ApiText.Clean(path)}' is not a regular file, so it was not read.", parameter);
        }

        if (!file.Exists)
        {
            throw Refused($"There is no file '{ApiText.Clean(path)}'.", parameter);
        }

        // Pipes, devices and sockets have no length, and are never opened.
        if (file.Length == 0)
        {
            throw Refused(
                IsRegular(session, file.FullName)
                    ? $"The {Name(path)} is empty."
                    : $"'{ApiText.Clean(path)}' is not a regular file, so it was not read.",
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

    /// <summary>Whether a file without a length is an empty regular file. On Unix the provider's mode tells it from other kinds.</summary>
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

    /// <summary>Windows device and pipe names. A path such as <c>C:\keys\NUL</c> is one too.</summary>
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

    /// <summary>Whether text is a path that may be shown in a message: it looks like a path, and not like a key.</summary>
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
