using System.Text.RegularExpressions;

namespace RunCloud.Api;

/// <summary>
/// The log of the OpenSSH client about one connection (<c>-v -E</c>). It is in English in every locale, and nothing that a server
/// sends can begin one of these lines: a banner goes to the error stream, not to this log.
/// </summary>
/// <remarks>
/// A key counts as refused only if its offer is followed by the server's answer before anything else is offered, and if the
/// client reached the end of its list and says that permission was denied. Anything else is not an answer.
/// </remarks>
internal sealed class SshClientLog
{
    private const string Debug = "debug1: ";
    private const string Offer = Debug + "Offering public key: ";
    private const string Continue = Debug + "Authentications that can continue: ";
    private const string ServerAccepts = Debug + "Server accepts key: ";
    private const string NoMore = Debug + "No more authentication methods to try.";

    private static readonly Regex Offending = new(
        "^Offending (.* )?key in (?<file>.+):[0-9]+$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

    private readonly HashSet<int> _offered = [];
    private readonly HashSet<int> _answeredNo = [];
    private readonly List<string> _told = [];
    private readonly Func<string, int?> _keyOf;
    private readonly string _denial;
    private int? _pending;
    private bool _hasListEnded;

    private SshClientLog(string user, string host, Func<string, int?> keyOf)
    {
        _keyOf = keyOf;
        _denial = $"{user}@{host}: Permission denied (";
    }

    /// <summary>Whether the server's host key was known; <see langword="null"/> if none was seen, or if it has changed.</summary>
    internal SshHostKeyState? HostKey { get; private set; }

    /// <summary>Whether the server's host key has changed.</summary>
    internal bool IsHostKeyChanged { get; private set; }

    /// <summary>The file with the server's earlier host key; <see langword="null"/> if the client did not say.</summary>
    internal string? OffendingFile { get; private set; }

    /// <summary>Whether the server's host key is revoked.</summary>
    internal bool IsHostKeyRevoked { get; private set; }

    /// <summary>Whether there was no connection at all.</summary>
    internal bool HasNotConnected { get; private set; }

    /// <summary>Whether the server ended the connection because of the number of keys.</summary>
    internal bool HadTooManyKeys { get; private set; }

    /// <summary>Whether the server let the user in without any key.</summary>
    internal bool WasLetIn { get; private set; }

    /// <summary>Whether the client reached the end of its list, and the server denied permission.</summary>
    internal bool IsDenied { get; private set; }

    /// <summary>The methods that the server last offered; <see langword="null"/> if it never did.</summary>
    internal string? Methods { get; private set; }

    /// <summary>Whether the server last offered public key authentication.</summary>
    internal bool TakesKeys => Methods?.Split(',').Contains("publickey", StringComparer.Ordinal) == true;

    /// <summary>The client's last message besides its trace; <see langword="null"/> if there was none.</summary>
    internal string? LastWords => _told.LastOrDefault();

    /// <summary>Reads a log.</summary>
    /// <param name="text">What the client wrote.</param>
    /// <param name="user">The user, as passed to the client.</param>
    /// <param name="host">The address, as passed to the client.</param>
    /// <param name="keyOf">The key that an offer names; <see langword="null"/> for an unknown key.</param>
    internal static SshClientLog Read(string text, string user, string host, Func<string, int?> keyOf)
    {
        var log = new SshClientLog(user, host, keyOf);
        foreach (var line in text.Split('\n'))
        {
            log.Add(line.TrimEnd('\r'));
        }

        return log;
    }

    /// <summary>Whether the key was offered.</summary>
    internal bool WasOffered(int key) => _offered.Contains(key);

    /// <summary>Whether the key was offered, and the server refused it and the whole list.</summary>
    internal bool IsRefused(int key) => IsDenied && _answeredNo.Contains(key);

    private void Add(string line)
    {
        if (line.StartsWith(Offer, StringComparison.Ordinal))
        {
            _pending = _keyOf(line[Offer.Length..]);
            if (_pending is { } key)
            {
                _ = _offered.Add(key);
            }
        }
        else if (line.StartsWith(Continue, StringComparison.Ordinal))
        {
            Methods = line[Continue.Length..];

            // A server that accepts no public keys at all refuses each without looking at it.
            if (_pending is { } key && TakesKeys)
            {
                _ = _answeredNo.Add(key);
            }

            _pending = null;
        }
        else if (line.StartsWith(ServerAccepts, StringComparison.Ordinal))
        {
            _pending = null;
        }
        else if (line == NoMore)
        {
            (_pending, _hasListEnded) = (null, true);
        }
        else if (line.StartsWith(Debug, StringComparison.Ordinal))
        {
            AddTrace(line[Debug.Length..]);
        }
        else if (line.Length > 0)
        {
            AddWords(line);
        }
    }

    private void AddTrace(string line)
    {
        if (line.StartsWith("Host '", StringComparison.Ordinal) && Has(line, " is known and matches the "))
        {
            HostKey = SshHostKeyState.Known;
        }
        else if (line.StartsWith("Authentication succeeded (", StringComparison.Ordinal))
        {
            WasLetIn = true;
        }
    }

    private void AddWords(string line)
    {
        _told.Add(line);
        if (line.StartsWith(_denial, StringComparison.Ordinal) && line.EndsWith(").", StringComparison.Ordinal))
        {
            IsDenied = _hasListEnded;
        }
        else if (line.StartsWith("Warning: Permanently added ", StringComparison.Ordinal)
            || (line.StartsWith("No ", StringComparison.Ordinal) && Has(line, " host key is known for ")))
        {
            HostKey = SshHostKeyState.New;
        }
        else if (Has(line, "REMOTE HOST IDENTIFICATION HAS CHANGED"))
        {
            IsHostKeyChanged = true;
        }
        else if (Has(line, "REVOKED HOST KEY DETECTED"))
        {
            IsHostKeyRevoked = true;
        }
        else if (Offending.Match(line) is { Success: true } match)
        {
            OffendingFile ??= match.Groups["file"].Value;
        }
        else if (line.StartsWith("ssh: ", StringComparison.Ordinal))
        {
            // "ssh: connect to host … port …: …", and a name that is not found.
            HasNotConnected = true;
        }
        else if (line.StartsWith("Authenticated to ", StringComparison.Ordinal))
        {
            WasLetIn = true;
        }

        HadTooManyKeys |= Has(line, "Too many authentication failures");
    }

    private static bool Has(string line, string words) => line.AsSpan().IndexOf(words.AsSpan(), StringComparison.Ordinal) >= 0;
}
