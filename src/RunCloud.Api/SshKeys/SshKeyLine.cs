using System;

namespace RunCloud.Api;

/// <summary>The parts of a public key line as it stands in a <c>.pub</c> or <c>authorized_keys</c> file, the key not yet decoded.</summary>
internal readonly ref struct SshKeyLine
{
    /// <summary>No public key comes near this many characters; more is refused unread, so that work is bounded.</summary>
    internal const int MaximumLength = 64 * 1024;

    private const string Empty = "There is no text.";
    private const string Huge = "The text has more than 65,536 characters, which no public key has.";
    private const string SeveralLines = "There is more than one line, and a public key is one line.";
    private const string NoAlgorithm = "It begins with neither the name of a public key algorithm nor authorized_keys options.";
    private const string NoAlgorithmAfterOptions = "The authorized_keys options are not followed by the name of a public key algorithm.";
    private const string NoKey = "The name of the algorithm is not followed by a key.";

    // Source: the manual of sshd, "AUTHORIZED_KEYS FILE FORMAT". What sshd does not know makes it ignore the line, so it opens no door.
    private static readonly string[] Flags =
    [
        "agent-forwarding", "no-agent-forwarding",
        "port-forwarding", "no-port-forwarding",
        "pty", "no-pty",
        "touch-required", "no-touch-required",
        "user-rc", "no-user-rc",
        "X11-forwarding", "no-X11-forwarding",
        "cert-authority", "restrict", "verify-required",
    ];

    private static readonly string[] Settings =
    [
        "command", "environment", "expiry-time", "from", "permitlisten", "permitopen", "principals", "tunnel",
    ];

    private SshKeyLine(ReadOnlySpan<char> options, SshKeyAlgorithm algorithm, ReadOnlySpan<char> key, ReadOnlySpan<char> comment)
    {
        Options = options;
        Algorithm = algorithm;
        Key = key;
        Comment = comment;
    }

    /// <summary>The options in front; empty when there are none.</summary>
    public ReadOnlySpan<char> Options { get; }

    /// <summary>The algorithm named in front of the key.</summary>
    public SshKeyAlgorithm Algorithm { get; }

    /// <summary>The key in base64, not yet decoded.</summary>
    public ReadOnlySpan<char> Key { get; }

    /// <summary>What stands behind the key; empty when there is nothing, or when it begins with <c>#</c>, which OpenSSH skips.</summary>
    public ReadOnlySpan<char> Comment { get; }

    /// <summary>Takes a line apart.</summary>
    /// <returns>Null when it has the form of a public key line, else what is wrong, in a sentence that holds nothing of the text.</returns>
    public static string? Read(ReadOnlySpan<char> text, out SshKeyLine line)
    {
        line = default;
        if (text.Length > MaximumLength)
        {
            return Huge;
        }

        var rest = Trim(text);
        if (rest.IsEmpty)
        {
            return Empty;
        }

        if (rest.IndexOfAny('\r', '\n') >= 0)
        {
            return SeveralLines;
        }

        var options = ReadOnlySpan<char>.Empty;
        var algorithm = SshKeyAlgorithm.Find(FirstWord(rest));
        if (algorithm is null)
        {
            if (!TryReadOptions(rest, out var length))
            {
                return NoAlgorithm;
            }

            options = rest[..length];
            rest = SkipBlanks(rest[length..]);
            algorithm = SshKeyAlgorithm.Find(FirstWord(rest));
            if (algorithm is null)
            {
                return NoAlgorithmAfterOptions;
            }
        }

        rest = SkipBlanks(rest[algorithm.Name.Length..]);
        var key = FirstWord(rest);
        if (key.IsEmpty)
        {
            return NoKey;
        }

        var comment = SkipBlanks(rest[key.Length..]);
        line = new SshKeyLine(options, algorithm, key, comment.StartsWith("#".AsSpan()) ? default : comment);
        return null;
    }

    /// <summary>Takes white space away at both ends, and a byte order mark in front.</summary>
    internal static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text)
    {
        const char byteOrderMark = '\uFEFF';
        var start = 0;
        while (start < text.Length && (char.IsWhiteSpace(text[start]) || text[start] == byteOrderMark))
        {
            start++;
        }

        return text[start..].TrimEnd();
    }

    private static ReadOnlySpan<char> FirstWord(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAny(' ', '\t');
        return end < 0 ? text : text[..end];
    }

    private static ReadOnlySpan<char> SkipBlanks(ReadOnlySpan<char> text)
    {
        var start = 0;
        while (start < text.Length && IsBlank(text[start]))
        {
            start++;
        }

        return text[start..];
    }

    private static bool IsBlank(char character) => character is ' ' or '\t';

    /// <summary>Reads options that are separated by commas and end at the first white space outside quotes.</summary>
    private static bool TryReadOptions(ReadOnlySpan<char> text, out int length)
    {
        length = 0;
        while (true)
        {
            var name = text[length..];
            var nameLength = name.IndexOfAny("=, \t".AsSpan());
            if (nameLength < 0)
            {
                return false;
            }

            name = name[..nameLength];
            length += nameLength;
            if (text[length] == '=')
            {
                if (!Contains(Settings, name) || !TrySkipQuoted(text, length + 1, out length))
                {
                    return false;
                }
            }
            else if (!Contains(Flags, name))
            {
                return false;
            }

            if (length == text.Length || IsBlank(text[length]))
            {
                return true;
            }

            if (text[length] != ',')
            {
                return false;
            }

            length++;
        }
    }

    /// <summary>Skips a quoted value; the only escape that sshd knows in it is that of a quote.</summary>
    private static bool TrySkipQuoted(ReadOnlySpan<char> text, int start, out int end)
    {
        end = start;
        if (start == text.Length || text[start] != '"')
        {
            return false;
        }

        for (var i = start + 1; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] == '"')
            {
                i++;
            }
            else if (text[i] == '"')
            {
                end = i + 1;
                return true;
            }
        }

        return false;
    }

    private static bool Contains(string[] names, ReadOnlySpan<char> name)
    {
        foreach (var candidate in names)
        {
            if (name.Equals(candidate.AsSpan(), StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
