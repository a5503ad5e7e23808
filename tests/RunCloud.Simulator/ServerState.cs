using System.Collections.Immutable;

namespace RunCloud.Simulator;

/// <summary>
/// What changes on one server. Every list is immutable and replaced under the fleet's lock, so that a reader without the lock
/// sees it as it was at one moment.
/// </summary>
internal sealed class ServerState(FleetServer server)
{
    internal FleetServer Server { get; set; } = server;

    internal ImmutableArray<FleetCredential> Credentials { get; set; } = [];

    internal ImmutableArray<FleetUser> Users { get; set; } = [];

    internal ImmutableArray<FleetSession> Sessions { get; set; } = [];

    /// <summary>Newest first, as the API lists it.</summary>
    internal ImmutableArray<FleetLogEntry> Log { get; set; } = [];

    internal FleetSshSettings Settings { get; set; } =
        new(PasswordlessLogin: false, UseDns: false, PreventRootLogin: false, server.CreatedAt);

    internal bool Answers => Server is { Online: true, Connected: true };

    internal ServerState Copy() => new(Server)
    {
        Credentials = Credentials,
        Users = Users,
        Sessions = Sessions,
        Log = Log,
        Settings = Settings,
    };

    internal bool HasUser(string username) => Users.Any(user => user.Username.Equals(username, StringComparison.Ordinal));

    internal bool HasLabel(string label) => Credentials.Any(credential => credential.Label.Equals(label, StringComparison.OrdinalIgnoreCase));

    internal FleetUser Add(FleetUser user)
    {
        Users = Users.Add(user);
        return user;
    }

    internal FleetCredential Add(FleetCredential credential)
    {
        if (Credentials.Any(other => other.Id == credential.Id))
        {
            throw new ArgumentException($"Server {Server.Id} has a credential {credential.Id}.", nameof(credential));
        }

        Credentials = Credentials.Add(credential);
        return credential;
    }
}
