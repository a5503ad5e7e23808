using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunCloud.Simulator;

/// <summary>Faults of the body.</summary>
public sealed partial class Fault
{
    private static IEnumerable<Fault> MoreBodies =>
    [
        Body("""{"message":"Server Error"}"""),
        Body("""{"data":null}"""),
        Body("""{"data":[null]}"""),
        Body("""{"data":[]}"""),
        Body("\"deleted\""),
        Bytes("byte order mark", body => [0xEF, 0xBB, 0xBF, .. body]),
        Bytes("UTF-16", body => Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(body))),
        Bytes("no UTF-8", body => [.. "{\"label\":\""u8, 0xFF, 0xC0, .. "\","u8, .. body.AsSpan(Math.Min(1, body.Length))]),
        Bytes("two answers", body => [.. body, .. body]),
        Bytes("deep", body => Encoding.ASCII.GetBytes(new string('[', 5000) + new string(']', 5000))),
        Bytes("padded", body => [.. Enumerable.Repeat((byte)' ', 1 << 20), .. body]),
        Answering("wrong content type", answer => answer with { ContentType = "text/html; charset=UTF-8" }),
        Answering("gzip that is none", answer => answer.With("Content-Encoding", "gzip")),
        Answering("gzip cut short", answer =>
        {
            var compressed = Exchange.Compressed(answer.Body);
            return (answer with { Body = compressed[..(compressed.Length / 2)] }).With("Content-Encoding", "gzip");
        }),
        Answering("Brotli that is none", answer => answer.With("Content-Encoding", "br")),
        Bytes("half a character", body => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body)
            .Replace("\"pagination\"", "\"\\ud800\"", StringComparison.Ordinal)
            .Replace("\"label\"", "\"\\ud800\"", StringComparison.Ordinal))),
        Answering("unknown encoding", answer => answer.With("Content-Encoding", "xz")),
        Rewrite("in an envelope", json =>
        {
            if (json["data"] is null)
            {
                var inner = json.DeepClone();
                json.Clear();
                json["data"] = inner;
            }
        }),
        Rewrite("another id", NameAnother),
        AnotherIdNotDone,
        SomebodyElsesNotDone,
        .. OddRows,
    ];

    private static IEnumerable<Fault> OddRows =>
    [
        Each("no id", json => json.Remove("id")),
        Each("id as text", json => json["id"] = json["id"]?.ToString()),
        Each("id below zero", json => json["id"] = -1),
        Each("id with a fraction", json => json["id"] = 1.5),
        Each("no key", json => json.Remove("publicKey")),
        Each("key is an object", json => json["publicKey"] = new JsonObject()),
        Each("key cut short", json =>
        {
            if (json["publicKey"] is JsonValue key && key.TryGetValue<string>(out var text) && text.Length > 50)
            {
                json["publicKey"] = text[..50] + "...";
            }
        }),
        Each("no user, no label, no name", json =>
        {
            json.Remove("user");
            json.Remove("label");
            json.Remove("name");
        }),
        Each("no flag", json => json.Remove("temporary")),
        Each("no state", json =>
        {
            json.Remove("online");
            json.Remove("connected");
        }),
    ];

    /// <summary>Gets a deed that is answered with another object, and is not done.</summary>
    public static Fault AnotherIdNotDone => Custom("another id, not done", exchange =>
    {
        var answer = exchange.Perform(pretend: true);
        return exchange.SendAsync(Changed(answer, NameAnother));
    });

    /// <summary>
    /// Gets a deed that is answered with another credential of the same server, of another user where there is one, and is not done. A
    /// deed on a server that has no other is done.
    /// </summary>
    public static Fault SomebodyElsesNotDone => Custom("somebody else's, not done", exchange =>
    {
        if (!exchange.Request.IsChanging || exchange.Request.Path.Split('/') is not [_, "api", "v3", "servers", var server, ..])
        {
            return exchange.SendAsync(exchange.Perform());
        }

        var asked = JsonNode.Parse(exchange.Perform(pretend: true).Body.Span) as JsonObject;
        var other = exchange.Fleet.Snapshot().Credentials
            .Where(credential => $"{credential.ServerId}" == server && $"{credential.Id}" != asked?["id"]?.ToString())
            .OrderBy(credential => credential.User == asked?["user"]?.ToString())
            .FirstOrDefault();
        return exchange.SendAsync(other is null
            ? exchange.Perform()
            : exchange.PerformInstead($"/api/v3/servers/{other.ServerId}/ssh/credentials/{other.Id}", string.Empty));
    });

    private static void NameAnother(JsonObject json)
    {
        if (long.TryParse(json["id"]?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            json["id"] = json["id"]!.GetValueKind() == JsonValueKind.String ? (number + 1).ToString(CultureInfo.InvariantCulture) : number + 1;
        }
    }

    /// <summary>Sends other bytes than the true body's, when all is done.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="change">Makes the bytes to send of the true ones.</param>
    /// <returns>The fault.</returns>
    public static Fault Bytes(string name, Func<byte[], byte[]> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return Answering(name, answer => answer with { Body = change(answer.Body.ToArray()) });
    }

    /// <summary>Changes the object of an answer, or every row of a list.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="change">Changes an object in place.</param>
    /// <returns>The fault.</returns>
    public static Fault Each(string name, Action<JsonObject> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return Rewrite(name, json =>
        {
            foreach (var row in json["data"] is JsonArray rows ? rows.OfType<JsonObject>() : [json])
            {
                change(row);
            }
        });
    }
}
