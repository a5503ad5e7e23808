using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace RunCloud.Api;

/// <summary>Reads and writes the API's JSON with generated code, and is tolerant in what it reads.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    Converters = [typeof(LenientBoolean), typeof(LenientText), typeof(LenientTime), typeof(LenientId), typeof(LenientTags), typeof(FieldErrors), typeof(SshSessions), typeof(AnyJson)])]
[JsonSerializable(typeof(ListRow<ServerRow>))]
[JsonSerializable(typeof(ListRow<SshCredentialRow>))]
[JsonSerializable(typeof(ListRow<SshSessionRow>))]
[JsonSerializable(typeof(ListRow<SystemUserRow>))]
[JsonSerializable(typeof(ListRow<AnyRow>))]
[JsonSerializable(typeof(AnyRow))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(JsonArray))]
[JsonSerializable(typeof(PageAccountRow))]
[JsonSerializable(typeof(ServerRow))]
[JsonSerializable(typeof(SshCredentialRow))]
[JsonSerializable(typeof(NewSshCredentialRow))]
[JsonSerializable(typeof(SshSessionsRow))]
[JsonSerializable(typeof(SshSettingRow))]
[JsonSerializable(typeof(NewSshSettingRow))]
[JsonSerializable(typeof(SystemUserRow))]
[JsonSerializable(typeof(PingRow))]
[JsonSerializable(typeof(ErrorRow))]
internal sealed partial class WireJson : JsonSerializerContext;

/// <summary>The members of every row of a list.</summary>
internal interface IRow
{
    long? Id { get; }

    /// <summary>The content that two rows with the same id must share. If it differs, one row belongs to another object.</summary>
    string? Content { get; }
}

/// <summary>A server as the API sends it.</summary>
internal sealed class ServerRow : IRow
{
    private bool? _connected;
    private bool _isConnectedGiven;

    public long? Id { get; set; }

    public string? Name { get; set; }

    public string? Provider { get; set; }

    public string? Stack { get; set; }

    [JsonPropertyName("ipAddress")]
    public string? IPAddress { get; set; }

    [JsonPropertyName("country_iso_code")]
    public string? Country { get; set; }

    public string? Os { get; set; }

    public string? OsVersion { get; set; }

    public bool? Connected
    {
        get => _connected;
        set => (_connected, _isConnectedGiven) = (value, true);
    }

    public bool? Online { get; set; }

    public string? AgentVersion { get; set; }

    [JsonPropertyName("phpCLIVersion")]
    public string? PhpCliVersion { get; set; }

    public bool? SoftwareUpdate { get; set; }

    public bool? SecurityUpdate { get; set; }

    public string? TransferStatus { get; set; }

    [JsonPropertyName("created_at")]
    public WireTime CreatedAt { get; set; }

    public IReadOnlyList<string>? Tags { get; set; }

    /// <inheritdoc/>
    [JsonIgnore]
    public string? Content => null;

    internal Server ToServer() => new(Id!.Value, ApiText.Printable(Name) ?? string.Empty)
    {
        IPAddress = ApiText.Printable(IPAddress),
        Provider = ApiText.Printable(Provider),
        Stack = ApiText.Printable(Stack),
        OS = ApiText.Printable(Os),
        OSVersion = ApiText.Printable(OsVersion),
        Online = Online,
        Connected = Connected,
        HasUnreadableConnected = _isConnectedGiven && Connected is null,
        AgentVersion = ApiText.Printable(AgentVersion),
        PhpCliVersion = ApiText.Printable(PhpCliVersion),
        SoftwareUpdate = SoftwareUpdate,
        SecurityUpdate = SecurityUpdate,
        TransferStatus = ApiText.Printable(TransferStatus),
        Country = ApiText.Printable(Country),
        CreatedAt = CreatedAt.Value,
        Tags = [.. (Tags ?? []).Select(tag => ApiText.Printable(tag)!)],
    };
}

/// <summary>A credential as the API sends it.</summary>
internal sealed class SshCredentialRow : IRow
{
    public long? Id { get; set; }

    public string? Label { get; set; }

    public string? User { get; set; }

    public string? PublicKey { get; set; }

    public bool? Temporary { get; set; }

    [JsonPropertyName("created_at")]
    public WireTime CreatedAt { get; set; }

    /// <inheritdoc/>
    [JsonIgnore]
    public string? Content => PublicKey;

    internal SshCredential ToCredential(long serverId, Server? server) => new(serverId, Id!.Value, PublicKey)
    {
        Server = server,
        ServerName = server?.Name,
        Label = ApiText.Printable(Label),
        User = ApiText.Printable(User),
        Temporary = Temporary,
        CreatedAt = CreatedAt.Value,
    };
}

/// <summary>The body of a POST that adds a credential.</summary>
internal sealed class NewSshCredentialRow
{
    public required string Label { get; init; }

    public required string Username { get; init; }

    public required string PublicKey { get; init; }

    public bool Temporary { get; init; }
}

/// <summary>An open SSH session as the API sends it.</summary>
internal sealed class SshSessionRow
{
    public string? Username { get; set; }

    public string? Tty { get; set; }

    [JsonPropertyName("ipAddress")]
    public string? IPAddress { get; set; }

    public string? LoginSince { get; set; }

    public string? Idle { get; set; }

    public string? CurrentRunningProcess { get; set; }

    internal SshSession ToSession(long serverId, Server? server) => new(serverId)
    {
        ServerName = server?.Name,
        User = ApiText.Printable(Username),
        Tty = ApiText.Printable(Tty),
        IPAddress = ApiText.Printable(IPAddress),
        LoginSince = ApiText.Printable(LoginSince),
        Idle = ApiText.Printable(Idle),
        CurrentRunningProcess = ApiText.Printable(CurrentRunningProcess),
    };
}

/// <summary>The open SSH sessions as the API sends them: a bare array, or wrapped like other lists.</summary>
internal sealed class SshSessionsRow
{
    internal ListRow<SshSessionRow>? List { get; init; }
}

/// <summary>The SSH settings as the API sends them.</summary>
internal sealed class SshSettingRow
{
    public bool? PasswordlessLogin { get; set; }

    public bool? UseDns { get; set; }

    public bool? PreventRootLogin { get; set; }

    /// <summary>Whether it has no setting at all, so that it is something else.</summary>
    [JsonIgnore]
    internal bool IsEmpty => PasswordlessLogin is null && UseDns is null && PreventRootLogin is null;

    internal SshSetting ToSetting(long serverId, Server? server) => new(serverId)
    {
        ServerName = server?.Name,
        PasswordlessLogin = PasswordlessLogin,
        UseDns = UseDns,
        PreventRootLogin = PreventRootLogin,
    };
}

/// <summary>The body of a PATCH that sets the SSH settings.</summary>
internal sealed class NewSshSettingRow
{
    public required bool PasswordlessLogin { get; init; }

    public required bool UseDns { get; init; }

    public required bool PreventRootLogin { get; init; }
}

/// <summary>A system user as the API sends it.</summary>
internal sealed class SystemUserRow : IRow
{
    public long? Id { get; set; }

    public string? Username { get; set; }

    public string? DeploymentKey { get; set; }

    public bool? Deleteable { get; set; }

    [JsonPropertyName("created_at")]
    public WireTime CreatedAt { get; set; }

    /// <inheritdoc/>
    [JsonIgnore]
    public string? Content => DeploymentKey;

    internal SystemUser ToUser(long serverId, Server? server, RunCloudException? unread = null) => new(serverId, Id!.Value, DeploymentKey)
    {
        ServerName = server?.Name,
        User = ApiText.Printable(Username),
        Deleteable = Deleteable,
        CreatedAt = CreatedAt.Value,
        Unread = unread,
    };
}

/// <summary>The answer of <c>GET /ping</c>.</summary>
internal sealed class PingRow
{
    public string? Message { get; set; }
}

/// <summary>The body of an error.</summary>
internal sealed class ErrorRow
{
    public string? Message { get; set; }

    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors { get; set; }

    /// <summary>The errors of each field, safe to show.</summary>
    internal Dictionary<string, IReadOnlyList<string>> FieldErrors(Func<string, string> hide)
    {
        var fields = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var field in Errors ?? new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal))
        {
            fields[ApiText.Clean(field.Key, hide)] = [.. field.Value.Select(error => ApiText.Clean(error, hide))];
        }

        return fields;
    }
}
