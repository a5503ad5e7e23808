using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RunCloud.Simulator;

/// <summary>Writes the API's objects with its names and order, changed as the options say.</summary>
internal sealed class ApiJson(SimulatorOptions options)
{
    // "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDkT5cCaJpylL..." in the documentation: 51 characters and the dots.
    private const int TruncatedLength = 51;

    private const string StampFormat = "yyyy-MM-dd HH:mm:ss";

    private static readonly JsonWriterOptions WriterOptions =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    internal delegate void Write<in T>(Utf8JsonWriter json, T value);

    /// <summary>Makes an answer of what <paramref name="write"/> writes.</summary>
    internal Answer Answer(int status, Action<Utf8JsonWriter> write, int expectedBytes = 512)
    {
        var buffer = new ArrayBufferWriter<byte>(expectedBytes);
        using (var json = new Utf8JsonWriter(buffer, WriterOptions))
        {
            write(json);
        }

        return new Answer(status, options.EscapeSlashes ? EscapeSlashes(buffer.WrittenSpan) : buffer.WrittenMemory);
    }

    internal void Server(Utf8JsonWriter json, FleetServer server)
    {
        json.WriteStartObject();
        Unknown(json);
        Id(json, "id"u8, server.Id);
        Text(json, "name"u8, server.Name);
        Text(json, "provider"u8, server.Provider);
        Text(json, "stack"u8, server.Stack);
        Text(json, "ipAddress"u8, server.IPAddress);
        Text(json, "country_iso_code"u8, server.Country);
        Text(json, "os"u8, server.OS);
        Text(json, "osVersion"u8, server.OSVersion);
        State(json, "connected"u8, server.Connected);
        State(json, "online"u8, server.Online);
        Text(json, "agentVersion"u8, server.AgentVersion);
        Text(json, "phpCLIVersion"u8, server.PhpCliVersion);
        Boolean(json, "softwareUpdate"u8, server.SoftwareUpdate);
        Boolean(json, "securityUpdate"u8, server.SecurityUpdate);
        Text(json, "transferStatus"u8, server.TransferStatus);
        Stamp(json, "created_at"u8, server.CreatedAt);
        json.WriteStartArray("tags"u8);
        foreach (var tag in server.Tags)
        {
            json.WriteStringValue(tag);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    internal void CredentialRow(Utf8JsonWriter json, FleetCredential credential) =>
        Credential(json, credential, options.TruncatedKeys != TruncatedKeys.Nowhere, options.TemporaryInLists);

    internal void Credential(Utf8JsonWriter json, FleetCredential credential) =>
        Credential(json, credential, options.TruncatedKeys == TruncatedKeys.Everywhere, temporary: true);

    internal void UserRow(Utf8JsonWriter json, FleetUser user) => User(json, user, options.TruncatedKeys != TruncatedKeys.Nowhere);

    internal void User(Utf8JsonWriter json, FleetUser user) => User(json, user, options.TruncatedKeys == TruncatedKeys.Everywhere);

    internal void Session(Utf8JsonWriter json, FleetSession session)
    {
        json.WriteStartObject();
        Unknown(json);
        Text(json, "username"u8, session.Username);
        Text(json, "tty"u8, session.Tty);
        Text(json, "ipAddress"u8, session.IPAddress);
        Text(json, "loginSince"u8, session.LoginSince);
        Text(json, "idle"u8, session.Idle);
        Text(json, "currentRunningProcess"u8, session.CurrentRunningProcess);
        json.WriteEndObject();
    }

    internal void Settings(Utf8JsonWriter json, FleetSshSettings settings)
    {
        json.WriteStartObject();
        Unknown(json);
        Switches(json, settings);
        json.WriteEndObject();
    }

    internal void Config(Utf8JsonWriter json, FleetServer server, FleetSshSettings settings)
    {
        json.WriteStartObject();
        Unknown(json);

        // RunCloud keeps one such record for a server, so the server's number serves for its own.
        Id(json, "id"u8, server.Id);
        Id(json, "server_id"u8, server.Id);
        Switches(json, settings);
        Stamp(json, "created_at"u8, server.CreatedAt);
        Stamp(json, "updated_at"u8, settings.UpdatedAt);
        json.WriteEndObject();
    }

    internal void LogEntry(Utf8JsonWriter json, FleetLogEntry entry)
    {
        json.WriteStartObject();
        Unknown(json);
        Text(json, "kind"u8, entry.Kind);
        Text(json, "content"u8, entry.Content);

        // Logs alone have ISO-8601 dates.
        json.WriteString("created_at"u8, entry.CreatedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }

    internal void Pagination(Utf8JsonWriter json, PageRequest page, int total, int count, Func<int, string> link)
    {
        var pages = Math.Max(1, (total + page.PerPage - 1) / page.PerPage);
        json.WriteStartObject("meta"u8);
        json.WriteStartObject("pagination"u8);
        json.WriteNumber("total"u8, total);
        json.WriteNumber("count"u8, count);
        json.WriteNumber("per_page"u8, page.PerPage);
        json.WriteNumber("current_page"u8, page.Number);
        json.WriteNumber("total_pages"u8, pages);
        if (options.EmptyLinksAsArray && page.Number == 1 && pages == 1)
        {
            json.WriteStartArray("links"u8);
            json.WriteEndArray();
        }
        else
        {
            json.WriteStartObject("links"u8);
            if (page.Number > 1)
            {
                json.WriteString("previous"u8, link(page.Number - 1));
            }

            if (page.Number < pages)
            {
                json.WriteString("next"u8, link(page.Number + 1));
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void Credential(Utf8JsonWriter json, FleetCredential credential, bool truncate, bool temporary)
    {
        json.WriteStartObject();
        Unknown(json);
        Id(json, "id"u8, credential.Id);
        Text(json, "label"u8, credential.Label);
        Text(json, "user"u8, credential.User);
        Text(json, "publicKey"u8, Key(credential.PublicKey, truncate));
        if (temporary)
        {
            Boolean(json, "temporary"u8, credential.Temporary);
        }

        Stamp(json, "created_at"u8, credential.CreatedAt);
        json.WriteEndObject();
    }

    private void User(Utf8JsonWriter json, FleetUser user, bool truncate)
    {
        json.WriteStartObject();
        Unknown(json);
        Id(json, "id"u8, user.Id);
        Text(json, "username"u8, user.Username);
        Text(json, "deploymentKey"u8, Key(user.DeploymentKey, truncate));
        Boolean(json, "deleteable"u8, user.Deleteable);
        Stamp(json, "created_at"u8, user.CreatedAt);
        json.WriteEndObject();
    }

    private static string? Key(string? key, bool truncate) =>
        truncate && key?.Length > TruncatedLength ? string.Concat(key.AsSpan(0, TruncatedLength), "...") : key;

    private void Switches(Utf8JsonWriter json, FleetSshSettings settings)
    {
        Boolean(json, "passwordlessLogin"u8, settings.PasswordlessLogin);
        Boolean(json, "useDns"u8, settings.UseDns);
        Boolean(json, "preventRootLogin"u8, settings.PreventRootLogin);
    }

    private void Unknown(Utf8JsonWriter json)
    {
        if (options.UnknownFields)
        {
            json.WriteStartObject("relationships"u8);
            json.WriteNumber("id"u8, -1);
            json.WriteStartArray("data"u8);
            json.WriteNullValue();
            json.WriteNumberValue(0.5);
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private void Id(Utf8JsonWriter json, ReadOnlySpan<byte> name, long value)
    {
        if (options.IdsAsStrings)
        {
            json.WriteString(name, value.ToString(CultureInfo.InvariantCulture));
        }
        else
        {
            json.WriteNumber(name, value);
        }
    }

    private void Boolean(Utf8JsonWriter json, ReadOnlySpan<byte> name, bool value)
    {
        if (options.BooleansAsNumbers)
        {
            json.WriteNumber(name, value ? 1 : 0);
        }
        else
        {
            json.WriteBoolean(name, value);
        }
    }

    private void State(Utf8JsonWriter json, ReadOnlySpan<byte> name, bool value)
    {
        switch (options.ServerState)
        {
            case ServerStateForm.Boolean:
                Boolean(json, name, value);
                break;
            case ServerStateForm.Text:
                json.WriteString(name, value ? "true"u8 : "false"u8);
                break;
            case ServerStateForm.Words:
                json.WriteString(name, value ? "yes"u8 : "offline"u8);
                break;
            case ServerStateForm.Null:
                json.WriteNull(name);
                break;
            default:
                break;
        }
    }

    private void Text(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null || !options.LeaveOutNulls)
        {
            json.WriteString(name, value);
        }
    }

    private static void Stamp(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset value)
    {
        Span<char> text = stackalloc char[StampFormat.Length];
        value.UtcDateTime.TryFormat(text, out var written, StampFormat, CultureInfo.InvariantCulture);
        json.WriteString(name, text[..written]);
    }

    // A slash stands nowhere in JSON but inside strings, so no parsing is needed.
    private static byte[] EscapeSlashes(ReadOnlySpan<byte> json)
    {
        var escaped = new byte[json.Length + json.Count((byte)'/')];
        var at = 0;
        foreach (var character in json)
        {
            if (character == (byte)'/')
            {
                escaped[at++] = (byte)'\\';
            }

            escaped[at++] = character;
        }

        return escaped;
    }
}

/// <summary>Which page, of how many rows.</summary>
internal sealed record PageRequest(int Number, int PerPage)
{
    internal long Skip => (Number - 1L) * PerPage;
}
