using System.Globalization;

namespace RunCloud.Api;

/// <summary>The options in front of a key in an <c>authorized_keys</c> file, as far as they decide whether the key gives access.</summary>
/// <remarks>Source: the manual of sshd, "AUTHORIZED_KEYS FILE FORMAT". An unknown option makes sshd ignore the line, so such a line gives no access.</remarks>
internal sealed class SshKeyOptions
{
    /// <summary>The largest offset of a server's time zone from UTC. An expiry time without a zone is in the server's own.</summary>
    private const int FurthestZoneHours = 14;

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

    private static readonly string[] Zones = ["Z", "UTC"];

    private static readonly string[] TimeFormats = ["yyyyMMdd", "yyyyMMddHHmm", "yyyyMMddHHmmss"];

    private SshKeyOptions()
    {
    }

    /// <summary>Whether the key is that of a certificate authority: its certificates are accepted, and the key itself is not a login key.</summary>
    internal bool IsCertificateAuthority { get; private set; }

    /// <summary>Whether the key always runs one fixed command.</summary>
    internal bool HasForcedCommand { get; private set; }

    /// <summary>Whether the line restricts the principals of certificates.</summary>
    internal bool HasPrincipals { get; private set; }

    /// <summary>
    /// The earliest time at which the key may have expired; <see langword="null"/> if it never expires. An expiry time that cannot be read,
    /// which makes sshd ignore the line, counts as past.
    /// </summary>
    internal DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>Reads options.</summary>
    internal static SshKeyOptions Read(string? text)
    {
        var options = new SshKeyOptions();
        var rest = text.AsSpan();
        while (!rest.IsEmpty && TrySkipOne(rest, out var nameLength, out var length))
        {
            options.Add(rest[..nameLength], Unquote(rest[nameLength..length]));
            rest = length < rest.Length ? rest[(length + 1)..] : default;
        }

        return options;
    }

    /// <summary>The length of options, which are separated by commas and end at the first white space outside quotes.</summary>
    internal static bool TrySkip(ReadOnlySpan<char> text, out int length)
    {
        length = 0;
        while (TrySkipOne(text[length..], out _, out var one))
        {
            length += one;
            if (length == text.Length)
            {
                return false;
            }

            if (IsBlank(text[length]))
            {
                return true;
            }

            if (text[length] != ',')
            {
                return false;
            }

            length++;
        }

        return false;
    }

    private static bool IsBlank(char character) => character is ' ' or '\t';

    /// <summary>Skips one option, with its value where it has one.</summary>
    private static bool TrySkipOne(ReadOnlySpan<char> text, out int nameLength, out int length)
    {
        nameLength = text.IndexOfAny("=, \t".AsSpan());
        nameLength = nameLength < 0 ? text.Length : nameLength;
        length = nameLength;
        var name = text[..nameLength];
        return nameLength < text.Length && text[nameLength] == '='
            ? Contains(Settings, name) && TrySkipQuoted(text, nameLength + 1, out length)
            : Contains(Flags, name);
    }

    /// <summary>Skips a quoted value. The only escape that sshd knows in it is \".</summary>
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

    /// <summary>The value of an option, from <c>=</c> to the closing quote; empty for a flag.</summary>
    private static string Unquote(ReadOnlySpan<char> value) => value.Length < 3 ? string.Empty : value[2..^1].ToString();

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

    /// <summary>
    /// The time, as sshd reads it: <c>YYYYMMDD</c>, <c>YYYYMMDDHHMM</c> or <c>YYYYMMDDHHMMSS</c>, with <c>Z</c> or <c>UTC</c> behind or in the
    /// server's zone, which is not known. Then it is the earliest possible time.
    /// </summary>
    private static DateTimeOffset Earliest(string text)
    {
        var zone = Array.Find(Zones, name => text.EndsWith(name, StringComparison.OrdinalIgnoreCase));
        var isUtc = zone is not null;
        var digits = text[..^(zone?.Length ?? 0)];
        return !DateTime.TryParseExact(digits, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) || time.Year < 1970
            ? DateTimeOffset.MinValue
            : new DateTimeOffset(time, TimeSpan.Zero).AddHours(isUtc ? 0 : -FurthestZoneHours);
    }

    private void Add(ReadOnlySpan<char> name, string value)
    {
        if (Is(name, "cert-authority"))
        {
            IsCertificateAuthority = true;
        }
        else if (Is(name, "command"))
        {
            HasForcedCommand = true;
        }
        else if (Is(name, "principals"))
        {
            HasPrincipals = true;
        }
        else if (Is(name, "expiry-time"))
        {
            var time = Earliest(value);
            ExpiresAt = ExpiresAt < time ? ExpiresAt : time;
        }
    }

    private static bool Is(ReadOnlySpan<char> name, string wanted) => name.Equals(wanted.AsSpan(), StringComparison.OrdinalIgnoreCase);
}
