using RunCloud.Api;

namespace RunCloud;

/// <summary>An SSH session that is open on a server, as <c>GET /servers/{id}/ssh/sessions</c> describes it. Immutable.</summary>
/// <remarks>
/// Every value is text as the server's tools print it, in no documented format. A property is <see langword="null"/> if the API gave nothing.
/// Removing a key ends no session, and the API has no call that does.
/// </remarks>
public sealed class SshSession : IOriginated, IOfUser
{
    internal SshSession(long serverId) => ServerId = serverId;

    /// <summary>The id of the server.</summary>
    public long ServerId { get; }

    /// <summary>The name of that server; <see langword="null"/> if only its id was known to the command that read the session.</summary>
    public string? ServerName { get; internal init; }

    /// <summary>The system user's name (<c>username</c>).</summary>
    public string? User { get; internal init; }

    /// <summary>The terminal, for example <c>pts/0</c> (<c>tty</c>).</summary>
    public string? Tty { get; internal init; }

    /// <summary>The address of the session's client (<c>ipAddress</c>).</summary>
    public string? IPAddress { get; internal init; }

    /// <summary>When it was opened, for example <c>06:10</c>, by the server's clock (<c>loginSince</c>).</summary>
    public string? LoginSince { get; internal init; }

    /// <summary>How long it has been idle, for example <c>1:23</c> or <c>8.00s</c> (<c>idle</c>).</summary>
    public string? Idle { get; internal init; }

    /// <summary>The running process, for example <c>-bash</c> (<c>currentRunningProcess</c>).</summary>
    public string? CurrentRunningProcess { get; internal init; }

    /// <inheritdoc/>
    Origin? IOriginated.Origin { get; set; }

    /// <summary>The user, the server, the terminal, the client's address and the login time.</summary>
    /// <returns>For example <c>root on web-01 (id 101), pts/0 from 198.51.100.7 since 06:10</c>.</returns>
    public override string ToString() =>
        $"{ApiText.Clean(User ?? "an unknown user")} on {SshCredential.ServerText(ServerId, ServerName)}, "
        + $"{ApiText.Clean(Tty ?? "unknown terminal")} from {ApiText.Clean(IPAddress ?? "an unknown address")} since {ApiText.Clean(LoginSince ?? "an unknown time")}";
}
