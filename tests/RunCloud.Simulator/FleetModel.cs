using System.Collections.Immutable;

namespace RunCloud.Simulator;

/// <summary>A server as it truly is in the simulated workspace. All dates are UTC.</summary>
public sealed record FleetServer
{
    /// <summary>Gets the id, unique in the workspace.</summary>
    public required long Id { get; init; }

    /// <summary>Gets the name that its owner gave it.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the hosting company.</summary>
    public string Provider { get; init; } = "digitalocean";

    /// <summary>Gets the web server stack.</summary>
    public string Stack { get; init; } = "nginx";

    /// <summary>Gets the IPv4 address.</summary>
    public string IPAddress { get; init; } = "198.18.0.1";

    /// <summary>Gets the country's two letters, or <see langword="null"/>.</summary>
    public string? Country { get; init; }

    /// <summary>Gets the operating system.</summary>
    public string OS { get; init; } = "Ubuntu";

    /// <summary>Gets the code name of its release; <see langword="null"/> before the agent was linked.</summary>
    public string? OSVersion { get; init; }

    /// <summary>Gets a value indicating whether the agent was ever linked.</summary>
    public bool Connected { get; init; } = true;

    /// <summary>Gets a value indicating whether the agent answers now.</summary>
    public bool Online { get; init; } = true;

    /// <summary>Gets the agent's version; <see langword="null"/> before it was linked.</summary>
    public string? AgentVersion { get; init; }

    /// <summary>Gets the PHP version of the command line.</summary>
    public string PhpCliVersion { get; init; } = "php83rc";

    /// <summary>Gets a value indicating whether software is updated automatically.</summary>
    public bool SoftwareUpdate { get; init; }

    /// <summary>Gets a value indicating whether security updates are automatic.</summary>
    public bool SecurityUpdate { get; init; } = true;

    /// <summary>Gets whether the server may be handed to another account; <c>AVAILABLE</c> in every sample.</summary>
    public string TransferStatus { get; init; } = "AVAILABLE";

    /// <summary>Gets when it was added to the workspace.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Gets a value indicating whether it is another workspace's, shared with this one: listed under <c>/servers/shared</c> only.</summary>
    public bool Shared { get; init; }

    /// <summary>Gets the tags, whose shape in the API nobody knows: written as strings.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];
}

/// <summary>A credential as it truly is: a public key that lets its holder in as one user of one server.</summary>
/// <param name="Id">The id, unique in the workspace.</param>
/// <param name="ServerId">The server's id.</param>
/// <param name="Label">The label, unique on its server.</param>
/// <param name="User">The system user's name.</param>
/// <param name="PublicKey">The value as the API gives it: an OpenSSH line, usually.</param>
/// <param name="Temporary">Whether RunCloud would remove it by itself after 12 hours. The simulator does not.</param>
/// <param name="CreatedAt">When it was added, UTC.</param>
public sealed record FleetCredential(
    long Id,
    long ServerId,
    string Label,
    string User,
    string PublicKey,
    bool Temporary,
    DateTimeOffset CreatedAt);

/// <summary>A system user of a server.</summary>
/// <param name="Id">The id, unique in the workspace.</param>
/// <param name="Username">The name.</param>
/// <param name="DeploymentKey">The public key it fetches code with, or <see langword="null"/>.</param>
/// <param name="Deleteable">Whether it may be deleted; the built-in ones may not.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
public sealed record FleetUser(long Id, string Username, string? DeploymentKey, bool Deleteable, DateTimeOffset CreatedAt);

/// <summary>An open SSH session, in the words of <c>w</c>: every field is text in the API.</summary>
/// <param name="Username">Who is logged in.</param>
/// <param name="Tty">The terminal.</param>
/// <param name="IPAddress">Where from.</param>
/// <param name="LoginSince">Since when, as hours and minutes.</param>
/// <param name="Idle">How long idle.</param>
/// <param name="CurrentRunningProcess">What runs.</param>
public sealed record FleetSession(string Username, string Tty, string IPAddress, string LoginSince, string Idle, string CurrentRunningProcess);

/// <summary>The three SSH switches of a server.</summary>
/// <param name="PasswordlessLogin">Whether only keys let people in.</param>
/// <param name="UseDns">Whether the daemon looks up its callers' names.</param>
/// <param name="PreventRootLogin">Whether root is shut out.</param>
/// <param name="UpdatedAt">When last changed, UTC.</param>
public sealed record FleetSshSettings(bool PasswordlessLogin, bool UseDns, bool PreventRootLogin, DateTimeOffset UpdatedAt);

/// <summary>A line of a server's log.</summary>
/// <param name="Kind">Its weight, in RunCloud's words.</param>
/// <param name="Content">What happened.</param>
/// <param name="CreatedAt">When, UTC.</param>
public sealed record FleetLogEntry(string Kind, string Content, DateTimeOffset CreatedAt);

/// <summary>The credentials of every server at one moment, to hold an account against.</summary>
public sealed class FleetSnapshot
{
    internal FleetSnapshot(ImmutableArray<ServerState> states, long lastId)
    {
        States = states;
        LastId = lastId;
        Servers = [.. states.Select(state => state.Server)];
        CredentialsByServer = states.ToImmutableDictionary(state => state.Server.Id, state => state.Credentials);
    }

    /// <summary>Gets the servers in the order in which the API lists them.</summary>
    public ImmutableArray<FleetServer> Servers { get; }

    /// <summary>Gets the credentials of each server by the server's id, in the order in which the API lists them.</summary>
    public ImmutableDictionary<long, ImmutableArray<FleetCredential>> CredentialsByServer { get; }

    /// <summary>Gets every credential, server by server.</summary>
    public IEnumerable<FleetCredential> Credentials => Servers.SelectMany(server => CredentialsByServer[server.Id]);

    /// <summary>Gets everything, which nobody is to change.</summary>
    internal ImmutableArray<ServerState> States { get; }

    internal long LastId { get; }

    /// <summary>Finds the credentials that hold a key, told by its base64 body: neither comment nor blanks nor options in front make a difference.</summary>
    /// <param name="publicKey">The key's OpenSSH line, with or without a comment.</param>
    /// <returns>The copies, server by server.</returns>
    /// <exception cref="ArgumentException"><paramref name="publicKey"/> has no body.</exception>
    public IReadOnlyList<FleetCredential> CopiesOf(string publicKey)
    {
        ArgumentNullException.ThrowIfNull(publicKey);
        var body = Array.Find(publicKey.Split(' '), part => part.StartsWith("AAAA", StringComparison.Ordinal))
            ?? throw new ArgumentException("The line has no base64 body.", nameof(publicKey));
        return [.. Credentials.Where(credential => credential.PublicKey
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Contains(body, StringComparer.Ordinal))];
    }
}
