namespace RunCloud.Api;

/// <summary>The parts of a public key line from a <c>.pub</c> or <c>authorized_keys</c> file. The key is not decoded yet.</summary>
internal readonly ref struct SshKeyLine
{
    /// <summary>No public key has nearly this many characters. Longer text is refused without parsing, to limit the work.</summary>
    internal const int MaximumLength = 64 * 1024;

    private const string Empty = "There is no text.";
    private const string Huge = "The text has more than 65,536 characters, which no public key has.";
    private const string SeveralLines = "There is more than one line, and a public key is one line.";
    private const string NoAlgorithm = "It begins with neither the name of a public key algorithm nor authorized_keys options.";
    private const string NoAlgorithmAfterOptions = "The authorized_keys options are not followed by the name of a public key algorithm.";
    private const string NoKey = "The name of the algorithm is not followed by a key.";

    private SshKeyLine(ReadOnlySpan<char> options, SshKeyAlgorithm algorithm, ReadOnlySpan<char> key, ReadOnlySpan<char> comment)
    {
        Options = options;
        Algorithm = algorithm;
        Key = key;
        Comment = comment;
    }

    /// <summary>The options in front; empty if there are none.</summary>
    public ReadOnlySpan<char> Options { get; }

    /// <summary>The algorithm named in front of the key.</summary>
    public SshKeyAlgorithm Algorithm { get; }

    /// <summary>The key in base64, not yet decoded.</summary>
    public ReadOnlySpan<char> Key { get; }

    /// <summary>The text after the key; empty if there is none, or if it begins with <c>#</c>, which OpenSSH skips.</summary>
    public ReadOnlySpan<char> Comment { get; }

    /// <summary>Takes a line apart.</summary>
    /// <returns>Null if it has the form of a public key line, or else what is wrong, in a sentence that contains no part of the text.</returns>
    public static string? Read(ReadOnlySpan<char> text, out SshKeyLine line)
    {
        line = default;
        if (text.Length > MaximumLength)
        {
            return Huge;
        }

        var rest = ApiText.Trim(text);
        if (rest.IsEmpty)
        {
            return Empty;
        }

        if (rest.IndexOfAny('\r', '\n') >= 0)
        {
            return SeveralLines;
        }

        var options = ReadOnlySpan<char>.Empty;
        var algorithm = FindAlgorithm(rest);
        if (algorithm is null)
        {
            if (!SshKeyOptions.TrySkip(rest, out var length))
            {
                return NoAlgorithm;
            }

            options = rest[..length];
            rest = SkipBlanks(rest[length..]);
            algorithm = FindAlgorithm(rest);
            if (algorithm is null)
            {
                return NoAlgorithmAfterOptions;
            }
        }

        rest = SkipBlanks(rest[FirstWord(rest).Length..]);
        var key = FirstWord(rest);
        if (key.IsEmpty)
        {
            return NoKey;
        }

        var comment = SkipBlanks(rest[key.Length..]);
        line = new SshKeyLine(options, algorithm, key, comment.StartsWith("#".AsSpan()) ? default : comment);
        return null;
    }

    /// <summary>The text up to the first blank or tab.</summary>
    internal static ReadOnlySpan<char> FirstWord(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAny(' ', '\t');
        return end < 0 ? text : text[..end];
    }

    /// <summary>The text from the first character that is neither a blank nor a tab.</summary>
    internal static ReadOnlySpan<char> SkipBlanks(ReadOnlySpan<char> text)
    {
        var start = 0;
        while (start < text.Length && (text[start] is ' ' or '\t'))
        {
            start++;
        }

        return text[start..];
    }

    /// <summary>
    /// The algorithm at the beginning of a line: a known one, or one that the key after it names too, as every key does.
    /// </summary>
    private static SshKeyAlgorithm? FindAlgorithm(ReadOnlySpan<char> text)
    {
        var name = FirstWord(text);
        if (SshKeyAlgorithm.Find(name) is { } known)
        {
            return known;
        }

        return SshBase64.TryDecode(FirstWord(SkipBlanks(text[name.Length..])), out var blob)
            && new SshWireReader(blob).TryReadText(out var inner)
            && SshKeyAlgorithm.Unknown(inner) is { } unknown
            && name.SequenceEqual(unknown.Name.AsSpan()) ? unknown : null;
    }
}
