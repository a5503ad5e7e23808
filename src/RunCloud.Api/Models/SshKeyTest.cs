using RunCloud.Api;

namespace RunCloud;

/// <summary>The answer of a server over SSH about one user and one key. Immutable.</summary>
public sealed class SshKeyTest : IOriginated
{
    internal SshKeyTest(Server server, string user, SshPublicKey key, SshKeyTestStatus outcome, string detail)
    {
        Server = server;
        User = user;
        Fingerprint = key.Fingerprint;
        Outcome = outcome;
        Detail = detail;
    }

    /// <summary>The id of the server.</summary>
    public long ServerId => Server.Id;

    /// <summary>The name of the server; empty where the API gave none.</summary>
    public string ServerName => Server.Name;

    /// <summary>The address that was asked, as RunCloud gives it; <see langword="null"/> if it gives none.</summary>
    public string? IPAddress => Server.IPAddress;

    /// <summary>The port that was asked.</summary>
    public int Port { get; internal init; }

    /// <summary>The user's name.</summary>
    public string User { get; }

    /// <summary>The key's SHA-256 fingerprint. For a certificate it is that of the key in it.</summary>
    public string Fingerprint { get; }

    /// <summary>
    /// <c>Accepted</c>: the server would accept a signature of this key for this user. <c>Refused</c>: the key was offered, and the server
    /// answered no. <c>Unknown</c>: everything else; <see cref="Detail"/> says why.
    /// </summary>
    public string Status => Outcome.ToString();

    /// <summary>
    /// Whether the server's host key was known (<c>Known</c>) or new (<c>New</c>); <see langword="null"/> if no
    /// host key was seen, or it has changed.
    /// </summary>
    public string? HostKey => HostKeyState?.ToString();

    /// <summary>What the status means here, or why the answer is unknown. Never <see langword="null"/>.</summary>
    public string Detail { get; }

    /// <summary>When the answer arrived, in UTC.</summary>
    public DateTimeOffset TestedAt { get; internal init; }

    internal Server Server { get; }

    internal SshKeyTestStatus Outcome { get; }

    internal SshHostKeyState? HostKeyState { get; init; }

    /// <inheritdoc/>
    Origin? IOriginated.Origin
    {
        get => ((IOriginated)Server).Origin;
        set => ((IOriginated)Server).Origin = value;
    }

    /// <summary>The user, the server and the status.</summary>
    /// <returns>For example <c>SHA256:… for root on web-01 (id 101): Refused</c>.</returns>
    public override string ToString() => $"{Fingerprint} for {ApiText.Clean(User)} on {Server}: {Status}";
}

/// <summary>What a server answered about a key.</summary>
internal enum SshKeyTestStatus
{
    /// <summary>Nothing is known.</summary>
    Unknown,

    /// <summary>The key was offered, and the server answered no to it and to all others.</summary>
    Refused,

    /// <summary>The server asked for a signature of the key.</summary>
    Accepted,
}

/// <summary>Whether a server's host key was known before.</summary>
internal enum SshHostKeyState
{
    /// <summary>It was known.</summary>
    Known,

    /// <summary>It was seen for the first time.</summary>
    New,
}
