using RunCloud.Api;

namespace RunCloud;

/// <summary>A server of the workspace, as <c>GET /servers</c> describes it. Immutable.</summary>
/// <remarks>A property is <see langword="null"/> if the API gave nothing or something unreadable.</remarks>
public sealed class Server : IOriginated, INamedServer
{
    internal Server(long id, string name)
    {
        Id = id;
        Name = name;
    }

    /// <summary>The server's id in RunCloud (<c>id</c>).</summary>
    public long Id { get; }

    /// <summary>The server's name (<c>name</c>); empty if the API gave none.</summary>
    public string Name { get; }

    /// <summary>The public address, as text (<c>ipAddress</c>).</summary>
    public string? IPAddress { get; internal init; }

    /// <summary>The hosting provider's name (<c>provider</c>).</summary>
    public string? Provider { get; internal init; }

    /// <summary>The web stack, for example <c>nginx</c> (<c>stack</c>).</summary>
    public string? Stack { get; internal init; }

    /// <summary>The operating system's name (<c>os</c>).</summary>
    public string? OS { get; internal init; }

    /// <summary>The operating system's release (<c>osVersion</c>).</summary>
    public string? OSVersion { get; internal init; }

    /// <summary>The operating system with its release, for example <c>Ubuntu noble</c>; <see langword="null"/> if the API gave neither.</summary>
    public string? OperatingSystem => OS is null ? OSVersion : OSVersion is null ? OS : $"{OS} {OSVersion}";

    /// <summary>
    /// How the server stood when it was read: <c>online</c>, <c>OFFLINE</c>, <c>never linked</c>, or <c>unknown</c> if the API did not say
    /// it plainly.
    /// A removal on a server that is not online cannot be confirmed.
    /// </summary>
    public string State => Reachability switch
    {
        ServerReachability.Online => "online",
        ServerReachability.Offline => Connected == false ? "never linked" : "OFFLINE",
        _ => "unknown",
    };

    /// <summary>Whether the server's agent answers now (<c>online</c>).</summary>
    public bool? Online { get; internal init; }

    /// <summary>Whether the server's agent was ever linked (<c>connected</c>).</summary>
    public bool? Connected { get; internal init; }

    /// <summary>The version of RunCloud's agent on the server (<c>agentVersion</c>).</summary>
    public string? AgentVersion { get; internal init; }

    /// <summary>The PHP of the command line, for example <c>php81rc</c> (<c>phpCLIVersion</c>).</summary>
    public string? PhpCliVersion { get; internal init; }

    /// <summary>Whether software is updated automatically (<c>softwareUpdate</c>).</summary>
    public bool? SoftwareUpdate { get; internal init; }

    /// <summary>Whether security updates are installed automatically (<c>securityUpdate</c>).</summary>
    public bool? SecurityUpdate { get; internal init; }

    /// <summary>The state of a transfer to another owner (<c>transferStatus</c>).</summary>
    public string? TransferStatus { get; internal init; }

    /// <summary>The country's ISO 3166 code (<c>country_iso_code</c>).</summary>
    public string? Country { get; internal init; }

    /// <summary>The server's tags, as text (<c>tags</c>); empty if there are none, never <see langword="null"/>.</summary>
    public string[] Tags { get; internal init; } = [];

    /// <summary>When the server was added, in UTC (<c>created_at</c>).</summary>
    public DateTimeOffset? CreatedAt { get; internal init; }

    /// <inheritdoc/>
    Origin? IOriginated.Origin { get; set; }

    /// <summary>Whether <c>connected</c> was given and is not a boolean.</summary>
    internal bool HasUnreadableConnected { get; init; }

    /// <summary>Whether a change reaches the server now, according to RunCloud.</summary>
    internal ServerReachability Reachability => Online switch
    {
        false => ServerReachability.Offline,
        true when Connected != false && !HasUnreadableConnected => ServerReachability.Online,
        _ => ServerReachability.Unknown,
    };

    /// <summary>Whether RunCloud clearly reports the server as online.</summary>
    internal bool IsReachable => Reachability == ServerReachability.Online;

    /// <summary>Why a change may not reach the server, as part of a sentence.</summary>
    internal string WhyUnreachable => Reachability == ServerReachability.Offline
        ? "the server is offline"
        : "RunCloud does not say whether the server is online";

    /// <summary>Why a change on it cannot be confirmed; <see langword="null"/> if it is clearly online.</summary>
    internal OutcomeReason? Doubt => Reachability switch
    {
        ServerReachability.Online => null,
        ServerReachability.Offline => OutcomeReason.Offline,
        _ => OutcomeReason.StateUnknown,
    };

    /// <summary>The name and the id.</summary>
    /// <returns>For example <c>web-01 (id 101)</c>.</returns>
    public override string ToString() => SshCredential.ServerText(Id, Name);
}

/// <summary>Whether a change reaches a server now.</summary>
internal enum ServerReachability
{
    /// <summary>RunCloud does not say, says something unreadable, or contradicts itself.</summary>
    Unknown,

    /// <summary>The server's agent does not answer now, or was never linked.</summary>
    Offline,

    /// <summary>The server's agent answers now.</summary>
    Online,
}
