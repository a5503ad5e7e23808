using System.Globalization;
using System.Net.Http;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace RunCloud.Api.Tests.Http;

/// <summary>How a request goes wrong.</summary>
public enum Trouble
{
    None,

    /// <summary>The connection cannot be made.</summary>
    Refused,

    /// <summary>The connection breaks before the change.</summary>
    DropBefore,

    /// <summary>The connection breaks after the change.</summary>
    DropAfter,
    Status500Before,
    Status500After,
    Status503Before,
    Status504After,
    TooMany,
    TooManyWithRetryAfter,
    HtmlBefore,
    HtmlAfter,
    Html404,
    CutAfter,
    EmptyAfter,
    NullAfter,
    OtherAfter,
    RedirectBefore,
    HangBefore,
    HangAfter,
}

/// <summary>A small workspace that answers as the API does, as often as <paramref name="trouble"/> lets it.</summary>
internal sealed class Workspace(FakeTimeProvider time, Func<SentRequest, Trouble> trouble)
{
    internal const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGzmRzNonDLGy+whHAqW2fCZHOPW6KEUNPPe/STIZX6B";

    /// <summary>Another key.</summary>
    internal const string OtherKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO2RHawOn0QfxxlSD81H8NDFesCyf3jC/NxX9aE00QsE erin@desk";

    private readonly Lock _sync = new();
    private long _lastId = 1000;

    /// <summary>The credentials by id: server, user and label.</summary>
    internal SortedDictionary<long, (long ServerId, string User, string Label)> Credentials { get; } = [];

    /// <summary>How many additions were carried out.</summary>
    internal int Added { get; private set; }

    /// <summary>The SSH settings of every server: whether passwords are refused, names looked up, and root refused.</summary>
    internal (bool PasswordlessLogin, bool UseDns, bool PreventRootLogin) Settings { get; private set; }

    internal long Add(long serverId, string user, string label)
    {
        Credentials[++_lastId] = (serverId, user, label);
        return _lastId;
    }

    internal StubHandler Handler() => new(AnswerAsync);

    private async Task<HttpResponseMessage> AnswerAsync(SentRequest request, CancellationToken cancellation)
    {
        switch (trouble(request))
        {
            case Trouble.Refused:
                throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused");
            case Trouble.DropBefore:
                throw new HttpRequestException(HttpRequestError.ResponseEnded, "The response ended prematurely.");
            case Trouble.DropAfter:
                Perform(request).Dispose();
                throw new HttpRequestException(HttpRequestError.ResponseEnded, "The response ended prematurely.");
            case Trouble.Status500Before:
                return Answers.Message(500, "Server Error");
            case Trouble.Status500After:
                Perform(request).Dispose();
                return Answers.Message(500, "Server Error");
            case Trouble.Status503Before:
                return Answers.Message(503, "Down").With("Retry-After", "2");
            case Trouble.Status504After:
                Perform(request).Dispose();
                return Answers.Html(504);
            case Trouble.TooMany:
                return Answers.Message(429, "Too Many Attempts.");
            case Trouble.TooManyWithRetryAfter:
                return Answers.Message(429, "Too Many Attempts.").With("Retry-After", "7");
            case Trouble.HtmlBefore:
                return Answers.Html();
            case Trouble.HtmlAfter:
                Perform(request).Dispose();
                return Answers.Html();
            case Trouble.Html404:
                return Answers.Html(404);
            case Trouble.CutAfter:
                using (var whole = Perform(request))
                {
                    var text = await whole.Content.ReadAsStringAsync(cancellation);
                    return Answers.Json(text[..(text.Length / 2)], (int)whole.StatusCode);
                }

            case Trouble.EmptyAfter:
                Perform(request).Dispose();
                return Answers.Json(string.Empty);
            case Trouble.NullAfter:
                Perform(request).Dispose();
                return Answers.Json("null");
            case Trouble.OtherAfter:
                Perform(request).Dispose();
                return Answers.Json("""{"id":1,"label":"another"}""");
            case Trouble.RedirectBefore:
                return Answers.Html(302).With("Location", "/login");
            case Trouble.HangBefore:
                return await HangAsync(cancellation);
            case Trouble.HangAfter:
                Perform(request).Dispose();
                return await HangAsync(cancellation);
            default:
                return Perform(request);
        }
    }

    private async Task<HttpResponseMessage> HangAsync(CancellationToken cancellation)
    {
        time.Advance(TimeSpan.FromSeconds(30));
        await Task.Delay(Timeout.Infinite, cancellation);
        throw new InvalidOperationException("Never comes here.");
    }

    private HttpResponseMessage Perform(SentRequest request)
    {
        lock (_sync)
        {
            var parts = request.Uri.AbsolutePath.Split('/');
            var serverId = long.Parse(parts[4], CultureInfo.InvariantCulture);
            if (parts.Length == 5)
            {
                return Answers.Json($$"""{"id":{{serverId}},"name":"web-03"}""");
            }

            if (parts[5] == "settings")
            {
                return Switches(request);
            }

            if (parts.Length == 7)
            {
                return request.Method == "POST" ? Create(serverId, JsonNode.Parse(request.Body!)!) : List(serverId, request.Page);
            }

            var id = long.Parse(parts[7], CultureInfo.InvariantCulture);
            if (!Credentials.TryGetValue(id, out var credential) || credential.ServerId != serverId)
            {
                return Answers.Message(404, "Resources not found.");
            }

            if (request.Method == "DELETE")
            {
                Credentials.Remove(id);
            }

            return Answers.Json(Row(id, credential).ToJsonString());
        }
    }

    private HttpResponseMessage Switches(SentRequest request)
    {
        if (request.Method == "PATCH")
        {
            var body = JsonNode.Parse(request.Body!)!;
            Settings = ((bool)body["passwordlessLogin"]!, (bool)body["useDns"]!, (bool)body["preventRootLogin"]!);
        }

        return Answers.Json(new JsonObject
        {
            ["passwordlessLogin"] = Settings.PasswordlessLogin,
            ["useDns"] = Settings.UseDns,
            ["preventRootLogin"] = Settings.PreventRootLogin,
        }.ToJsonString());
    }

    private HttpResponseMessage Create(long serverId, JsonNode body)
    {
        var (user, label) = ((string)body["username"]!, (string)body["label"]!);
        if (Credentials.Values.Any(credential => credential.ServerId == serverId && credential.Label == label))
        {
            return Answers.Json("""{"message":"The label has already been taken.","errors":{"label":["The label has already been taken."]}}""", 422);
        }

        Added++;
        var id = Add(serverId, user, label);
        return Answers.Json(Row(id, Credentials[id]).ToJsonString());
    }

    private HttpResponseMessage List(long serverId, int page)
    {
        var all = Credentials.Where(credential => credential.Value.ServerId == serverId).Select(credential => Row(credential.Key, credential.Value)).ToArray();
        return Lists.Page([.. all.Skip((page - 1) * 40).Take(40)], page, total: all.Length, totalPages: Math.Max(1, (all.Length + 39) / 40));
    }

    private static JsonObject Row(long id, (long ServerId, string User, string Label) credential) =>
        new() { ["id"] = id, ["label"] = credential.Label, ["user"] = credential.User, ["publicKey"] = Key };
}

/// <summary>Makes pages of lists.</summary>
internal static class Lists
{
    internal static HttpResponseMessage Page(
        IReadOnlyList<JsonObject> rows, int page, long? total = null, long? totalPages = null, long? perPage = 40, JsonNode? links = null, bool meta = true)
    {
        var json = new JsonObject { ["data"] = new JsonArray([.. rows]) };
        if (meta)
        {
            var pagination = new JsonObject { ["count"] = rows.Count, ["current_page"] = page, ["links"] = links ?? new JsonObject() };
            Put(pagination, "total", total);
            Put(pagination, "total_pages", totalPages);
            Put(pagination, "per_page", perPage);
            json["meta"] = new JsonObject { ["pagination"] = pagination };
        }

        return Answers.Json(json.ToJsonString());
    }

    internal static JsonObject Server(long id) => new() { ["id"] = id, ["name"] = string.Create(CultureInfo.InvariantCulture, $"web-{id}") };

    private static void Put(JsonObject json, string name, long? value)
    {
        if (value is not null)
        {
            json[name] = value;
        }
    }
}
