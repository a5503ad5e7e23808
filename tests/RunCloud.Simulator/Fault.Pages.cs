using System.Text.Json.Nodes;

namespace RunCloud.Simulator;

/// <summary>Faults of lists and of what is found under which address.</summary>
public sealed partial class Fault
{
    private static IEnumerable<Fault> MorePages =>
    [
        Account("total as text", account => account["total"] = account["total"]!.ToString()),
        Account("no total", account => account.Remove("total")),
        Account("total below zero", account => account["total"] = -1),
        Account("no account", account => account.Clear()),
        Account("one page only", account => account["total_pages"] = 1),
        Account("a million pages", account => account["total_pages"] = 1_000_000),
        Account("no page size", account => account["per_page"] = 0),
        Account("no links", account => account.Remove("links")),
        Account("always a next page", account => account["links"] = new JsonObject { ["next"] = "https://login.example.test/?page=2" }),
        Account("links are text", account => account["links"] = "next"),
        HiddenRow,
        EmptyList,
        Rewrite("no row and no count", json =>
        {
            if (json["data"] is JsonArray rows && json["meta"]?["pagination"] is JsonObject account)
            {
                rows.Clear();
                account["total"] = null;
                account.Remove("count");
            }
        }),
        FirstPage,
        Sibling,
    ];

    /// <summary>Gets a page of a list that lacks its last row and whose account agrees: by itself it can't be told from a true one.</summary>
    public static Fault HiddenRow => Rewrite("hidden row", json =>
    {
        if (json["data"] is JsonArray { Count: > 0 } rows && json["meta"]?["pagination"] is JsonObject account)
        {
            rows.RemoveAt(rows.Count - 1);
            account["total"] = account["total"]!.GetValue<int>() - 1;
            account["count"] = rows.Count;
        }
    });

    /// <summary>Gets an empty list in good order in place of what is there: by itself it can't be told from a true one.</summary>
    public static Fault EmptyList => Rewrite("empty list", json =>
    {
        if (json["data"] is JsonArray rows && json["meta"]?["pagination"] is JsonObject account)
        {
            rows.Clear();
            (account["total"], account["count"], account["total_pages"], account["links"]) = (0, 0, 1, new JsonObject());
        }
    });

    /// <summary>Gets the first page whatever page is asked for: a cache that leaves the query out of account.</summary>
    public static Fault FirstPage => Custom("first page", exchange =>
    {
        var query = exchange.Request.Query;
        var first = string.Join('&', query.TrimStart('?').Split('&').Select(part => part.StartsWith("page=", StringComparison.Ordinal) ? "page=1" : part));
        return exchange.SendAsync("?" + first == query || query.Length == 0
            ? exchange.Perform()
            : exchange.PerformInstead(exchange.Request.Path, "?" + first));
    });

    /// <summary>
    /// Gets the answer about another server where one is named, as when answers are mixed up on their way: a list has another server's
    /// rows; a change is done, and answered with the other server.
    /// </summary>
    public static Fault Sibling => Custom("another server's answer", exchange =>
    {
        var answer = exchange.Perform();
        var parts = exchange.Request.Path.Split('/');
        var at = Array.IndexOf(parts, "servers") + 1;
        if (at == 0 || at == parts.Length || !long.TryParse(parts[at], out var id))
        {
            return exchange.SendAsync(answer);
        }

        var ids = exchange.Fleet.Snapshot().Servers.Select(server => server.Id).ToList();
        parts[at] = $"{ids[(ids.IndexOf(id) + 1) % ids.Count]}";
        return exchange.SendAsync(exchange.PerformInstead(string.Join('/', exchange.Request.IsChanging ? parts[..(at + 1)] : parts), exchange.Request.Query));
    });

    /// <summary>Changes the account of a list's page, and nothing else.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="change">Changes <c>pagination</c> in place.</param>
    /// <returns>The fault.</returns>
    public static Fault Account(string name, Action<JsonObject> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return Rewrite(name, json =>
        {
            if (json["meta"]?["pagination"] is JsonObject account)
            {
                change(account);
            }
        });
    }
}
