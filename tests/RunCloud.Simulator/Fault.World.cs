using System.Globalization;

namespace RunCloud.Simulator;

/// <summary>Changes by others while a client is working, and slowness.</summary>
public sealed partial class Fault
{
    /// <summary>
    /// Gets the faults that take their time by the simulator's clock, each under its own name: for tests whose clock moves
    /// (<see cref="EagerTime"/>).
    /// </summary>
    public static IReadOnlyList<Fault> Slow { get; } =
    [
        Delay(TimeSpan.FromSeconds(29)),
        DelayAfter(TimeSpan.FromMinutes(5)),
        NoAnswer,
        SlowBody("slow body", TimeSpan.FromSeconds(20), steps: 2),
        SlowBody("slower body", TimeSpan.FromSeconds(4), steps: 20),
        EndlessBody,
    ];

    private static IEnumerable<Fault> AnotherWorld => [RowGoes, RowComes, RowMoves, RowsChange, ComesBack];

    /// <summary>Gets a list whose first row goes as soon as the page is made: the rows behind it move up, and the next page lacks one.</summary>
    public static Fault RowGoes => Shifting("row goes", TakeServer, TakeCredential);

    /// <summary>Gets a list that grows by a row, at its end, as soon as the page is made.</summary>
    public static Fault RowComes => Shifting("row comes", BringServer, BringCredential);

    /// <summary>Gets a list of credentials whose first row moves to the end as soon as the page is made: the count stays, and the next page lacks one.</summary>
    public static Fault RowMoves => Shifting("row moves", fleet => { }, (fleet, server) => fleet.MoveFirstCredentialToEnd(server));

    /// <summary>
    /// Gets a list whose first row goes, and that gets another at its end, as soon as the page is made: the count stays, the next page
    /// lacks a row, and none comes twice.
    /// </summary>
    public static Fault RowsChange => Shifting(
        "one row goes, one comes",
        fleet =>
        {
            TakeServer(fleet);
            BringServer(fleet);
        },
        (fleet, server) =>
        {
            TakeCredential(fleet, server);
            BringCredential(fleet, server);
        });

    /// <summary>Gets a credential that is removed, with the proper answer, and at once is there again under another id.</summary>
    public static Fault ComesBack => Custom("comes back", exchange =>
    {
        var before = exchange.Fleet.Snapshot();
        var answer = exchange.Perform();
        var after = exchange.Fleet.Snapshot().Credentials.Select(credential => credential.Id).ToHashSet();
        foreach (var gone in before.Credentials.Where(credential => IsAbout(exchange.Request, credential) && !after.Contains(credential.Id)))
        {
            exchange.Fleet.AddCredential(gone.ServerId, gone.User, gone.Label, gone.PublicKey, gone.Temporary);
        }

        return exchange.SendAsync(answer);
    });

    /// <summary>Gets a request that is neither done nor answered for a day, and then dropped.</summary>
    public static Fault NoAnswer => Custom("no answer", async exchange =>
    {
        await exchange.SleepAsync(TimeSpan.FromDays(1));
        exchange.Drop();
    });

    /// <summary>Gets an answer whose body comes at a byte a second, however long it lasts, when all is done.</summary>
    public static Fault EndlessBody => Custom("endless body", async exchange =>
    {
        var answer = exchange.Perform();
        exchange.Request.Status = answer.Status;
        exchange.Response.StatusCode = answer.Status;
        exchange.Response.ContentType = answer.ContentType;
        await exchange.Response.Body.WriteAsync("{\"data\":[],\"message\":\""u8.ToArray(), exchange.Gone);
        while (true)
        {
            await exchange.Response.Body.WriteAsync("x"u8.ToArray(), exchange.Gone);
            await exchange.Response.Body.FlushAsync(exchange.Gone);
            await exchange.SleepAsync(TimeSpan.FromSeconds(1));
        }
    });

    /// <summary>Does what is asked, and keeps the answer back.</summary>
    /// <param name="delay">How long, by the simulator's clock.</param>
    /// <returns>The fault.</returns>
    public static Fault DelayAfter(TimeSpan delay) => Custom($"delay after {delay}", async exchange =>
    {
        var answer = exchange.Perform();
        await exchange.SleepAsync(delay);
        await exchange.SendAsync(answer);
    });

    /// <summary>Sends the body in pieces, with a rest before each but the first, when all is done.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="rest">How long each rest is, by the simulator's clock.</param>
    /// <param name="steps">How many pieces.</param>
    /// <returns>The fault.</returns>
    public static Fault SlowBody(string name, TimeSpan rest, int steps) => Custom(name, async exchange =>
    {
        var answer = exchange.Perform();
        var size = (answer.Body.Length + steps - 1) / steps;
        await exchange.SendPartAsync(answer, Math.Min(size, answer.Body.Length));
        for (var at = size; at < answer.Body.Length; at += size)
        {
            await exchange.SleepAsync(rest);
            await exchange.Response.Body.WriteAsync(answer.Body[at..Math.Min(at + size, answer.Body.Length)], exchange.Gone);
            await exchange.Response.Body.FlushAsync(exchange.Gone);
        }
    });

    private static bool IsAbout(RecordedRequest request, FleetCredential credential) =>
        request.Method == "DELETE" && request.Path.EndsWith(string.Create(CultureInfo.InvariantCulture, $"/{credential.Id}"), StringComparison.Ordinal);

    private static void TakeServer(Fleet fleet)
    {
        if (fleet.Snapshot().Servers is [var first, ..])
        {
            fleet.RemoveServer(first.Id);
        }
    }

    private static void BringServer(Fleet fleet) => fleet.AddServer("new");

    private static void TakeCredential(Fleet fleet, long serverId)
    {
        if (fleet.Snapshot().CredentialsByServer[serverId] is [var first, ..])
        {
            fleet.RemoveCredential(serverId, first.Id);
        }
    }

    private static void BringCredential(Fleet fleet, long serverId)
    {
        var number = fleet.Snapshot().LastId + 1;
        fleet.AddCredential(serverId, "root", $"new-{number}", TestKeys.Line(SshKeyKind.Ed25519, number, "new"));
    }

    /// <summary>Makes the answer, changes the list, and sends the answer.</summary>
    private static Fault Shifting(string name, Action<Fleet> servers, Action<Fleet, long> credentials) => Custom(name, exchange =>
    {
        var answer = exchange.Perform();
        if (exchange.Request.IsChanging || answer.Status != 200)
        {
            return exchange.SendAsync(answer);
        }

        if (exchange.Request.Matches("/servers"))
        {
            servers(exchange.Fleet);
        }
        else if (exchange.Request.Matches("/servers/*/ssh/credentials"))
        {
            credentials(exchange.Fleet, long.Parse(exchange.Request.Path.Split('/')[^3], CultureInfo.InvariantCulture));
        }

        return exchange.SendAsync(answer);
    });
}
