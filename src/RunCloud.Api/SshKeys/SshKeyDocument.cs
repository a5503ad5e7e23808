using System.Text;

namespace RunCloud.Api;

/// <summary>One key of a text.</summary>
/// <param name="LineNumber">The line that it begins on, the first being 1.</param>
/// <param name="Selector">What it selects.</param>
/// <param name="Line">Its public key line; <see langword="null"/> for a fingerprint.</param>
internal sealed record SshKeyEntry(int LineNumber, SshKeySelector Selector, string? Line)
{
    /// <summary>The entry in a list of keys.</summary>
    /// <returns>For example <c>line 1: dave@laptop SHA256:…</c>.</returns>
    public override string ToString() => FormattableString.Invariant($"line {LineNumber}: {ApiText.Clean(Selector.Key?.Comment ?? "no comment")} {Selector}");
}

/// <summary>
/// Reads keys from text as people have it: a line or a file of lines, RFC 4716, and what mail programs, editors and terminals turn
/// them into: quoted, wrapped, in typographic quotes, with a byte order mark in front or an old end-of-file mark at the end.
/// </summary>
internal static class SshKeyDocument
{
    private const string Rfc4716Start = "---- BEGIN SSH2 PUBLIC KEY";
    private const string Rfc4716End = "---- END";
    private const int MostWrappedLines = 100;
    private const int MostListed = 20;

    /// <summary>Characters around a line that are not part of it: end-of-file marks and quotes.</summary>
    private static readonly char[] EndsOfFile = ['\0', '\u001A', '\u200B', '\u2060'];

    private static readonly string[] LineEnds = ["\r\n", "\n", "\r"];

    private static readonly (char Open, char Close)[] Quotes = [('"', '"'), ('\'', '\''), ('\u201C', '\u201D'), ('\u201E', '\u201C'), ('\u2018', '\u2019'), ('\u00AB', '\u00BB'), ('`', '`')];

    /// <summary>Reads the keys of a text that was typed.</summary>
    /// <exception cref="SshKeyFormatException">It contains something else, or nothing. The message contains no part of the text.</exception>
    internal static IReadOnlyList<SshKeyEntry> ReadText(string text) => Read(text, isFile: false, SshKeyLine.MaximumLength);

    /// <summary>Reads the keys of a file.</summary>
    /// <exception cref="SshKeyFormatException">It contains something else, or nothing. The message contains no part of the file.</exception>
    internal static IReadOnlyList<SshKeyEntry> ReadFile(string content, int maximumLength = SshKeyLine.MaximumLength) => Read(content, isFile: true, maximumLength);

    /// <summary>The entries without those that mean the same key as an earlier one.</summary>
    internal static IReadOnlyList<SshKeyEntry> Different(IReadOnlyList<SshKeyEntry> entries) =>
        [.. entries.Where((entry, i) => !entries.Take(i).Any(earlier => MeanSame(earlier.Selector, entry.Selector)))];

    /// <summary>The one key of a text.</summary>
    /// <exception cref="SshKeyFormatException">There are several different ones.</exception>
    internal static SshKeyEntry One(IReadOnlyList<SshKeyEntry> entries)
    {
        var different = Different(entries);
        return different.Count == 1 ? different[0] : throw Several(different, "text");
    }

    /// <summary>The message that lists the keys where only one is allowed.</summary>
    internal static SshKeyFormatException Several(IReadOnlyList<SshKeyEntry> different, string what)
    {
        var listed = string.Join("; ", different.Take(MostListed)) + (different.Count > MostListed ? FormattableString.Invariant($"; and {different.Count - MostListed} more") : string.Empty);
        return new SshKeyFormatException(FormattableString.Invariant(
            $"The {what} holds {different.Count} different public keys, but only one can be given: {listed}. Give the fingerprints of the keys you mean, separated by commas."))
        {
            HasSeveralKeys = true,
        };
    }

    private static bool MeanSame(SshKeySelector one, SshKeySelector other) =>
        one.Key is not null && other.Key is not null ? one.Matches(other.Key)
        : string.Equals(one.ToString(), other.ToString(), StringComparison.Ordinal);

    private static List<SshKeyEntry> Read(string text, bool isFile, int maximumLength)
    {
        if (text.Length > maximumLength)
        {
            throw SshKeyText.Explain(text.AsSpan(), $"The {(isFile ? "file" : "text")} has more than {maximumLength.ToString("#,0", System.Globalization.CultureInfo.InvariantCulture)} characters, which no public key {(isFile ? "file " : string.Empty)}has.");
        }

        var lines = text.Split(LineEnds, StringSplitOptions.None);
        var entries = new List<SshKeyEntry>();
        for (var i = 0; i < lines.Length; i++)
        {
            var line = Clean(lines[i]);
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var first = i;
            if (line.StartsWith(Rfc4716Start, StringComparison.OrdinalIgnoreCase))
            {
                entries.Add(ReadRfc4716(lines, ref i));
            }
            else if (SshKeySelector.Read(line.AsSpan(), out var selector) is not { } problem)
            {
                entries.Add(new SshKeyEntry(first + 1, selector!, selector!.Key is null ? null : line));
            }
            else if (SshKeyText.Recognise(line.AsSpan()) is { } recognised)
            {
                throw recognised;
            }
            else
            {
                entries.Add(ReadWrapped(lines, ref i) ?? throw NotAKey(text, line, problem, isFile, first + 1));
            }
        }

        return entries.Count > 0 ? entries
            : throw (isFile ? new SshKeyFormatException("The file contains no public key.") : NotAKey(text, text, "There is no text.", isFile: false, lineNumber: 1));
    }

    private static SshKeyFormatException NotAKey(string text, string line, string problem, bool isFile, int lineNumber) => SshKeyText.Explain(
        text.AsSpan(),
        (isFile ? FormattableString.Invariant($"Line {lineNumber} of the file is not an OpenSSH public key. ")
            : problem.StartsWith("This is", StringComparison.Ordinal) ? string.Empty
            : "This is neither an OpenSSH public key line nor a fingerprint (SHA256:… or MD5:…). ") + problem + SshKeyText.Invisible(line));

    /// <summary>The line without characters that are not part of it.</summary>
    private static string Clean(string line)
    {
        var rest = line.AsSpan();
        int length;
        do
        {
            length = rest.Length;
            rest = ApiText.Trim(rest).Trim(EndsOfFile);

            // A mail program's quotation mark.
            rest = rest.Length > 0 && rest[0] == '>' ? rest[1..] : rest;
            foreach (var (open, close) in Quotes)
            {
                rest = rest.Length > 1 && rest[0] == open && rest[^1] == close ? rest[1..^1] : rest;
            }
        }
        while (rest.Length < length);

        return rest.ToString();
    }

    /// <summary>
    /// A key whose line was wrapped. The pieces must form a whole key of a known algorithm, whose length shows where it ends; otherwise null.
    /// </summary>
    private static SshKeyEntry? ReadWrapped(string[] lines, ref int i)
    {
        var first = i;
        var joined = new StringBuilder(Clean(lines[first]));
        for (var next = first + 1; next < lines.Length && next <= first + MostWrappedLines; next++)
        {
            var piece = Clean(lines[next]);
            if (piece.Length == 0 || piece[0] == '#')
            {
                return null;
            }

            // If the line was wrapped between the name and the key, the line end replaced the blank.
            if (next == first + 1 && SshKeyAlgorithm.Find(joined.ToString().AsSpan()) is not null)
            {
                joined.Append(' ');
            }

            joined.Append(piece);
            var line = joined.ToString();
            if (SshPublicKey.Read(line.AsSpan(), out var key) is null)
            {
                i = next;
                return key!.IsKnownAlgorithm ? new SshKeyEntry(first + 1, SshKeySelector.For(key), line) : null;
            }
        }

        return null;
    }

    /// <summary>Reads a key in RFC 4716 format: headers, one of which may be the comment, and the key in lines of base64.</summary>
    private static SshKeyEntry ReadRfc4716(string[] lines, ref int i)
    {
        var first = i;
        var key = new StringBuilder();
        var comment = string.Empty;
        for (i++; i < lines.Length; i++)
        {
            var line = Clean(lines[i]);
            if (line.StartsWith(Rfc4716End, StringComparison.OrdinalIgnoreCase))
            {
                break;
            }

            var colon = line.AsSpan().IndexOf(':');
            if (colon < 0)
            {
                key.Append(line);
                continue;
            }

            // A backslash continues a header on the next line.
            var header = line;
            while (header[^1] == '\\' && i + 1 < lines.Length)
            {
                header = header[..^1] + Clean(lines[++i]);
            }

            if (header.StartsWith("Comment:", StringComparison.OrdinalIgnoreCase))
            {
                comment = Clean(header[(colon + 1)..]);
            }
        }

        var text = key.ToString();
        return i < lines.Length
            && SshBase64.TryDecode(text.AsSpan(), out var blob)
            && new SshWireReader(blob).TryReadText(out var name)
            && (SshKeyAlgorithm.FindInBlob(name) ?? SshKeyAlgorithm.Unknown(name)) is { } algorithm
            && $"{algorithm.Name} {text} {comment}".TrimEnd() is var whole
            && SshPublicKey.Read(whole.AsSpan(), out var read) is null
            ? new SshKeyEntry(first + 1, SshKeySelector.For(read!), whole)
            : throw new SshKeyFormatException("The public key in RFC 4716 (SSH2) form is incomplete or malformed.");
    }
}
