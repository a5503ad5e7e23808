using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunCloud.Simulator;

/// <summary>
/// One access which a request can go wrong. A fault sits in front of the whole application, like a proxy: its own answers
/// count against no limit. It has no state (except for a <see cref="Hang"/>), so one may be used in many rules.
/// </summary>
public sealed partial class Fault
{
    private readonly Func<Exchange, Task> _apply;

    private Fault(string name, Func<Exchange, Task> apply)
    {
        Name = name;
        _apply = apply;
    }

    /// <summary>Gets every fault that ends by itself, each under its own name: for tests that go through all of them.</summary>
    public static IReadOnlyList<Fault> Catalogue { get; } =
    [
        Status(400),
        Status(403, "This action is unauthorized."),
        Status(404, "Resources not found."),
        Status(409),
        Status(500, "Server Error"),
        Status(502),
        Status(503),
        Status(504),
        StatusAfter(500),
        StatusAfter(504),
        TooManyRequests(),
        TooManyRequests(RetryAfterForm.Seconds, TimeSpan.FromSeconds(1)),
        TooManyRequests(RetryAfterForm.HttpDate, TimeSpan.FromSeconds(1)),
        Unauthorized,
        DropBefore,
        DropAfter,
        CutConnection,
        CutJson,
        Page(200),
        Page(503),
        PageAfter(200),
        Redirect("/login"),
        Redirect("https://login.example.test/"),
        EmptyBody,
        Body("{}"),
        Body("[]"),
        Body("null"),
        TotalOff(1),
        TotalOff(-1),
        RepeatedId,
        ShortPage,
        NoMeta,
        Oversized(9L << 20),
        Oversized(9L << 20, compressed: true),
        Pretended,
        DoneTwice,
        .. MoreStatuses,
        .. MoreBodies,
        .. MorePages,
        .. AnotherWorld,
    ];

    /// <summary>Gets 401, as for a wrong token or a caller outside the allow-list.</summary>
    public static Fault Unauthorized => Status(401, "Unauthenticated.");

    /// <summary>Gets a connection that is dropped before anything is done.</summary>
    public static Fault DropBefore => Custom("drop before", exchange =>
    {
        exchange.Drop();
        return Task.CompletedTask;
    });

    /// <summary>Gets a connection that is dropped when all is done and nothing answered.</summary>
    public static Fault DropAfter => Custom("drop after", exchange =>
    {
        exchange.Perform();
        exchange.Drop();
        return Task.CompletedTask;
    });

    /// <summary>Gets an answer that ends, with its connection, in the middle of its body.</summary>
    public static Fault CutConnection => Custom("cut connection", async exchange =>
    {
        var answer = exchange.Perform();
        await exchange.SendPartAsync(answer, answer.Body.Length / 2);
        exchange.Drop();
    });

    /// <summary>Gets an answer that is well delivered and holds the first half of its JSON.</summary>
    public static Fault CutJson => Answering("cut JSON", answer => answer with { Body = answer.Body[..(answer.Body.Length / 2)] });

    /// <summary>Gets an answer without its body.</summary>
    public static Fault EmptyBody => Answering("empty body", answer => answer with { Body = default });

    /// <summary>Gets a page of a list whose last row is the first one again.</summary>
    public static Fault RepeatedId => Rewrite("repeated id", json =>
    {
        if (json["data"] is JsonArray { Count: > 1 } rows)
        {
            rows[^1] = rows[0]!.DeepClone();
        }
    });

    /// <summary>Gets a page of a list that lacks its last row, with nothing else changed.</summary>
    public static Fault ShortPage => Rewrite("short page", json =>
    {
        if (json["data"] is JsonArray { Count: > 0 } rows)
        {
            rows.RemoveAt(rows.Count - 1);
        }
    });

    /// <summary>Gets a page of a list that does not say which it is.</summary>
    public static Fault NoMeta => Rewrite("no meta", json => json.Remove("meta"));

    /// <summary>Gets a request that is answered as if it were done, and is not.</summary>
    public static Fault Pretended => Custom("pretended", exchange => exchange.SendAsync(exchange.Perform(pretend: true)));

    /// <summary>Gets a request that is done twice, the second one being answered: a DELETE finds nothing more to delete.</summary>
    public static Fault DoneTwice => Custom("done twice", exchange =>
    {
        exchange.Perform();
        return exchange.SendAsync(exchange.Perform());
    });

    /// <summary>Gets what it is called in the log.</summary>
    public string Name { get; }

    /// <summary>Answers with a status, before anything is done.</summary>
    /// <param name="status">The status code.</param>
    /// <param name="message">The message; <see langword="null"/> for one that names the status.</param>
    /// <returns>The fault.</returns>
    public static Fault Status(int status, string? message = null) =>
        Custom(Named("status", status), exchange => exchange.SendAsync(Answer.Message(status, message ?? Named("Status", status))));

    /// <summary>Answers with a status when all is done: an error at the very end, or a gateway that gave up waiting.</summary>
    /// <param name="status">The status code.</param>
    /// <returns>The fault.</returns>
    public static Fault StatusAfter(int status) => Answering(Named("after, status", status), _ => Answer.Message(status, Named("Status", status)));

    /// <summary>Answers 429, before anything is done.</summary>
    /// <param name="retryAfter">The form of <c>Retry-After</c>.</param>
    /// <param name="wait">What it says.</param>
    /// <returns>The fault.</returns>
    public static Fault TooManyRequests(RetryAfterForm retryAfter = RetryAfterForm.None, TimeSpan wait = default) =>
        Custom($"429, {retryAfter}", exchange =>
        {
            var answer = Answer.Message(429, "Too Many Attempts.");
            return exchange.SendAsync(retryAfter switch
            {
                RetryAfterForm.None => answer,
                RetryAfterForm.Seconds => answer.With("Retry-After", ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture)),
                RetryAfterForm.UnixTime => answer.With("Retry-After", (exchange.TimeProvider.GetUtcNow() + wait).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
                RetryAfterForm.HttpDate => answer.With("Retry-After", (exchange.TimeProvider.GetUtcNow() + wait).ToString("R", CultureInfo.InvariantCulture)),
                _ => throw new ArgumentOutOfRangeException(nameof(retryAfter), retryAfter, "No such form."),
            });
        });

    /// <summary>Waits before the request is dealt with as ever.</summary>
    /// <param name="delay">How long, by the simulator's clock.</param>
    /// <returns>The fault.</returns>
    public static Fault Delay(TimeSpan delay) => Custom($"delay {delay}", async exchange =>
    {
        await Task.Delay(delay, exchange.TimeProvider, exchange.Gone);
        await exchange.SendAsync(exchange.Perform());
    });

    /// <summary>Answers with a web page, before anything is done.</summary>
    /// <param name="status">The status code; 200 is what a captive portal or a maintenance page sends.</param>
    /// <returns>The fault.</returns>
    public static Fault Page(int status) => Custom(Named("page", status), exchange => exchange.SendAsync(Answer.Page(status, "Just a moment")));

    /// <summary>Answers with a web page when all is done.</summary>
    /// <param name="status">The status code.</param>
    /// <returns>The fault.</returns>
    public static Fault PageAfter(int status) => Answering(Named("after, page", status), _ => Answer.Page(status, "Just a moment"));

    /// <summary>Redirects, before anything is done.</summary>
    /// <param name="location">Where to: a path, or another host's address.</param>
    /// <param name="status">The status code, 301 to 308.</param>
    /// <returns>The fault.</returns>
    public static Fault Redirect(string location, int status = 302) =>
        Custom($"{status} to {location}", exchange => exchange.SendAsync(Answer.Redirect(status, location)));

    /// <summary>Holds the request before anything is done; once released, it is dealt with as ever.</summary>
    /// <param name="hang">The gate.</param>
    /// <returns>The fault.</returns>
    public static Fault HangBefore(Hang hang)
    {
        ArgumentNullException.ThrowIfNull(hang);
        return Custom("hang before", async exchange =>
        {
            await hang.PassAsync(exchange.Gone);
            await exchange.SendAsync(exchange.Perform());
        });
    }

    /// <summary>Holds the answer when all is done.</summary>
    /// <param name="hang">The gate.</param>
    /// <returns>The fault.</returns>
    public static Fault HangAfter(Hang hang)
    {
        ArgumentNullException.ThrowIfNull(hang);
        return Custom("hang after", async exchange =>
        {
            var answer = exchange.Perform();
            await hang.PassAsync(exchange.Gone);
            await exchange.SendAsync(answer);
        });
    }

    /// <summary>Holds the second half of the answer's body, when head and first half are sent.</summary>
    /// <param name="hang">The gate.</param>
    /// <returns>The fault.</returns>
    public static Fault HangInBody(Hang hang)
    {
        ArgumentNullException.ThrowIfNull(hang);
        return Custom("hang in body", async exchange =>
        {
            var answer = exchange.Perform();
            var half = answer.Body.Length / 2;
            await exchange.SendPartAsync(answer, half);
            await hang.PassAsync(exchange.Gone);
            await exchange.Response.Body.WriteAsync(answer.Body[half..], exchange.Gone);
        });
    }

    /// <summary>Puts another body in place of the true one, when all is done; the rest of the answer stays.</summary>
    /// <param name="json">The body.</param>
    /// <returns>The fault.</returns>
    public static Fault Body(string json) => Answering($"body {json}", answer => answer with { Body = Encoding.UTF8.GetBytes(json) });

    /// <summary>Changes <c>total</c> in a list's page, and nothing else.</summary>
    /// <param name="by">By how much.</param>
    /// <returns>The fault.</returns>
    public static Fault TotalOff(int by) => Rewrite($"total off by {by}", json =>
    {
        if (json["meta"]?["pagination"] is JsonObject pagination)
        {
            pagination["total"] = pagination["total"]!.GetValue<int>() + by;
        }
    });

    /// <summary>Answers with JSON of the right form that does not end for a long time, when all is done.</summary>
    /// <param name="bytes">How much of it, once decompressed.</param>
    /// <param name="compressed">Whether it is sent compressed to almost nothing.</param>
    /// <returns>The fault.</returns>
    public static Fault Oversized(long bytes, bool compressed = false) => Custom(compressed ? "oversized, compressed" : "oversized", async exchange =>
    {
        var answer = exchange.Perform();
        exchange.Request.Status = answer.Status;
        exchange.Response.StatusCode = answer.Status;
        exchange.Response.ContentType = answer.ContentType;
        if (compressed)
        {
            exchange.Response.Headers.ContentEncoding = "gzip";
        }

        var body = compressed ? new GZipStream(exchange.Response.Body, CompressionLevel.Fastest, leaveOpen: true) : exchange.Response.Body;
        var filler = new byte[64 * 1024];
        filler.AsSpan().Fill((byte)'x');
        try
        {
            await body.WriteAsync("{\"data\":[],\"message\":\""u8.ToArray(), exchange.Gone);
            for (var left = bytes; left > 0; left -= filler.Length)
            {
                await body.WriteAsync(filler.AsMemory(0, (int)Math.Min(left, filler.Length)), exchange.Gone);
            }

            await body.WriteAsync("\"}"u8.ToArray(), exchange.Gone);
        }
        finally
        {
            if (compressed)
            {
                await body.DisposeAsync();
            }
        }
    });

    /// <summary>Changes the answer's JSON when all is done. An answer whose body is no JSON object is sent as it is.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="change">Changes the object in place.</param>
    /// <returns>The fault.</returns>
    public static Fault Rewrite(string name, Action<JsonObject> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return Answering(name, answer => Changed(answer, change));
    }

    /// <summary>Sends another answer than the true one, when all is done.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="change">Makes the answer to send of the true one.</param>
    /// <returns>The fault.</returns>
    public static Fault Answering(string name, Func<Answer, Answer> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return Custom(name, exchange => exchange.SendAsync(change(exchange.Perform())));
    }

    /// <summary>Does whatever is wanted.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="apply">Deals with the request.</param>
    /// <returns>The fault.</returns>
    public static Fault Custom(string name, Func<Exchange, Task> apply)
    {
        ArgumentNullException.ThrowIfNull(apply);
        return new Fault(name, apply);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static Answer Changed(Answer answer, Action<JsonObject> change)
    {
        if (answer.Body.IsEmpty || JsonNode.Parse(answer.Body.Span) is not JsonObject json)
        {
            return answer;
        }

        change(json);
        return answer with { Body = JsonSerializer.SerializeToUtf8Bytes(json) };
    }

    internal Task ApplyAsync(Exchange exchange) => _apply(exchange);

    private static string Named(string word, int status) => string.Create(CultureInfo.InvariantCulture, $"{word} {status}");
}
