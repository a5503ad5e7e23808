using RunCloud.Simulator;

namespace RunCloud.Trust.Tests;

/// <summary>
/// A handmade workspace for pages of three rows: three pages of servers, lists that end on a page's boundary and just after it, copies
/// at their beginnings and ends, decoys with the same first fifty characters, unreadable keys, and servers that do
/// not answer.
/// </summary>
internal static class SmallFleet
{
    internal const int PageSize = 3;

    /// <summary>The key that is to go.</summary>
    internal static string Key { get; } = TestKeys.Line(SshKeyKind.Ecdsa256, 1, "dave@laptop");

    /// <summary>The key that comes in its place where there is to be one.</summary>
    internal static string NewKey { get; } = TestKeys.Line(SshKeyKind.Ed25519, 700, "dave@desktop");

    /// <summary>The server on which a session is open, and a user's deployment key is the key.</summary>
    internal static long Left { get; private set; }

    private static string Bare { get; } = TestKeys.Line(SshKeyKind.Ecdsa256, 1);

    /// <summary>The workspace.</summary>
    internal static FleetSnapshot World { get; } = Make();

    /// <summary>The ids of all copies, as objects for the pipeline.</summary>
    internal static string Ids { get; } = IdsOf(World);

    /// <summary>The ids of all copies in a workspace, as objects for the pipeline.</summary>
    internal static string IdsOf(FleetSnapshot world) => string.Join("; ", world.CopiesOf(Key).GroupBy(copy => copy.ServerId)
        .Select(copies => $"[pscustomobject]@{{ ServerId = {copies.Key}; Id = {string.Join(", ", copies.Select(copy => copy.Id))} }}"));

    private static FleetSnapshot Make()
    {
        var fleet = new Fleet();
        var seed = 1;

        // Two pages; the second copy looks different.
        Add("web-01", online: true, connected: true, "copy", "decoy", "decoy", "disguised", "other");
        Add("web-02", online: false, connected: true, "copy", "decoy");

        // The end of the list is the end of a page.
        Add("db-01", online: true, connected: true, "decoy", "unreadable", "copy");

        // One row behind it.
        Add("db-02", online: true, connected: true, "decoy", "unreadable", "other", "copy");
        Add("clean-01", online: true, connected: true, "decoy", "other");

        // Copies on both sides of a page's end, and as the very last row.
        Add("app-01", online: true, connected: true, "decoy", "other", "copy", "disguised", "decoy", "unreadable", "copy");
        Add("empty-01", online: true, connected: true);
        Add("never-01", online: true, connected: false, "other", "copy");

        // What a removal leaves behind: sessions, and deployment keys, one of them the key itself and one that nobody can read.
        fleet.AddSession(Left, new FleetSession("root", "pts/0", "203.0.113.9", "09:12", "3.00s", "-bash"));
        _ = fleet.AddUser(Left, "deploy", Key);
        _ = fleet.AddUser(Left, "backup", TestKeys.Unparsable(3));
        _ = fleet.AddUser(Left, "staging", TestKeys.Line(SshKeyKind.Rsa2048, 99, "staging"));
        return fleet.Snapshot();

        void Add(string name, bool online, bool connected, params string[] rows)
        {
            var server = fleet.AddServer(name, online, connected);
            Left = name == "app-01" ? server.Id : Left;
            foreach (var row in rows)
            {
                seed++;
                _ = fleet.AddCredential(server.Id, seed % 2 == 0 ? "root" : "runcloud", $"{row}-{seed}", row switch
                {
                    "copy" => Key,
                    "disguised" => $"no-agent-forwarding,from=\"203.0.113.0/24\" {Bare} someone@else ",
                    "decoy" => TestKeys.Line(SshKeyKind.Ecdsa256, seed, "dave@laptop"),
                    "unreadable" => TestKeys.Unparsable(seed),
                    _ => TestKeys.Line(SshKeyKind.Ed25519, seed, "erin@home"),
                }, temporary: row == "copy" && seed % 2 == 0);
            }
        }
    }
}
