using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunCloud.Api;

/// <summary>The result of one audit as a file: the report of this run, and the baseline of the next.</summary>
internal sealed class AccessSnapshot
{
    /// <summary>The kind of a snapshot.</summary>
    internal const string AccessKind = "access";

    /// <summary>The version that is written.</summary>
    internal const int CurrentVersion = 1;

    /// <summary>Fingerprints often contain a +, and the file is not a web page, so + is not escaped.</summary>
    private static readonly AccessJson Readable = new(new JsonSerializerOptions(AccessJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true });

    [JsonPropertyName("$schema")]
    public string? Schema { get; init; } = "access-report.schema.json";

    public string? Kind { get; init; }

    public int Version { get; init; }

    public RunRecord? Run { get; init; }

    public ScopeEntry? Scope { get; init; }

    public IReadOnlyList<ServerEntry> Servers { get; init; } = [];

    public IReadOnlyList<KeyEntry> Keys { get; init; } = [];

    public IReadOnlyList<FindingEntry> Findings { get; init; } = [];

    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Makes the snapshot of an audit.</summary>
    internal static AccessSnapshot Create(AccessFacts facts, IReadOnlyList<SshFinding> findings, RunRecord run, int requests, IReadOnlyList<string> warnings) => new()
    {
        Kind = AccessKind,
        Version = CurrentVersion,
        Run = run,
        Scope = ScopeEntry.Of(facts, requests),
        Servers = [.. facts.Servers.Select(server => ServerEntry.Of(server, facts))],
        Keys = [.. facts.Keys.All.Select(KeyEntry.Of)],
        Findings = [.. findings.Select(FindingEntry.Of)],
        Warnings = warnings,
    };

    /// <summary>The content of the file.</summary>
    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Readable.AccessSnapshot);

    /// <summary>Reads a snapshot.</summary>
    /// <exception cref="JsonException">It is not a snapshot.</exception>
    internal static AccessSnapshot? Read(byte[] content) =>
        JsonSerializer.Deserialize(JsonText.WithoutByteOrderMark(content), AccessJson.Default.AccessSnapshot);

    /// <summary>The scope of the audit.</summary>
    internal sealed class ScopeEntry
    {
        public int Asked { get; init; }

        public int? ServersInWorkspace { get; init; }

        public int ServersRead { get; init; }

        public int NotRead { get; init; }

        public int Offline { get; init; }

        public int Credentials { get; init; }

        public int Keys { get; init; }

        public bool Complete { get; init; }

        public IReadOnlyList<string> Rules { get; init; } = [];

        public int MaximumAgeDays { get; init; }

        public string? AllowedSha256 { get; init; }

        public BaselineEntry? Baseline { get; init; }

        public int Requests { get; init; }

        internal static ScopeEntry Of(AccessFacts facts, int requests) => new()
        {
            Asked = facts.Servers.Count,
            ServersInWorkspace = facts.HasListedAll ? facts.Servers.Count : null,
            ServersRead = facts.Servers.Count(server => server.IsComplete),
            NotRead = facts.Servers.Count(server => !server.IsComplete),
            Offline = facts.Servers.Count(server => server.Server.Reachability == ServerReachability.Offline),
            Credentials = facts.Servers.Sum(server => server.Credentials.Count),
            Keys = facts.Keys.All.Count,
            Complete = facts.IsComplete,
            Rules = [.. facts.Options.Rules.Where(rule => rule.MissingParameter(facts.Options) is null).Select(rule => rule.Name)],
            MaximumAgeDays = facts.Options.MaximumAgeDays,
            AllowedSha256 = facts.Options.Allowed?.Sha256,
            Baseline = facts.Options.Baseline is { } baseline
                ? new BaselineEntry { Sha256 = baseline.Sha256, EndedAt = baseline.Snapshot.Run?.EndedAt, Servers = baseline.Servers.Count }
                : null,
            Requests = requests,
        };
    }

    /// <summary>The baseline of the comparison.</summary>
    internal sealed class BaselineEntry
    {
        public string? Sha256 { get; init; }

        public DateTimeOffset? EndedAt { get; init; }

        public int Servers { get; init; }
    }

    /// <summary>One server.</summary>
    internal sealed class ServerEntry
    {
        public long Id { get; init; }

        public string? Name { get; init; }

        public string? IpAddress { get; init; }

        public bool? Online { get; init; }

        public DateTimeOffset? ReadAt { get; init; }

        public string? Error { get; init; }

        public bool? PasswordlessLogin { get; init; }

        public bool? PreventRootLogin { get; init; }

        public bool? UseDns { get; init; }

        public string? SettingsError { get; init; }

        public IReadOnlyList<UserEntry> Users { get; init; } = [];

        public IReadOnlyList<CredentialEntry> Credentials { get; init; } = [];

        internal static ServerEntry Of(ServerReading reading, AccessFacts facts) => new()
        {
            Id = reading.Server.Id,
            Name = reading.Server.Name,
            IpAddress = reading.Server.IPAddress,
            Online = reading.Server.Reachability switch { ServerReachability.Online => true, ServerReachability.Offline => false, _ => null },
            ReadAt = reading.ReadAt,
            Error = (reading.Failure ?? reading.UsersFailure)?.Message,
            PasswordlessLogin = reading.Setting?.PasswordlessLogin,
            PreventRootLogin = reading.Setting?.PreventRootLogin,
            UseDns = reading.Setting?.UseDns,
            SettingsError = reading.SettingFailure?.Message,
            Users = [.. (reading.Users ?? []).Select(user => new UserEntry { Name = user.User, DeploymentKey = user.DeploymentKeyFingerprint })],
            Credentials = [.. reading.Credentials.Select(credential => CredentialEntry.Of(credential, reading.KeyOf(credential), facts.Keys))],
        };
    }

    /// <summary>One system user.</summary>
    internal sealed class UserEntry
    {
        public string? Name { get; init; }

        public string? DeploymentKey { get; init; }
    }

    /// <summary>One credential.</summary>
    internal sealed class CredentialEntry
    {
        public long Id { get; init; }

        public string? User { get; init; }

        public string? Label { get; init; }

        public int? Key { get; init; }

        public string? Comment { get; init; }

        public string? Options { get; init; }

        public DateTimeOffset? CreatedAt { get; init; }

        public string? TextSha256 { get; init; }

        internal static CredentialEntry Of(SshCredential credential, SshPublicKey? key, KeyCatalog keys) => new()
        {
            Id = credential.Id,
            User = credential.User,
            Label = credential.Label,
            Key = key is null ? null : keys.Of(key).Index,
            Comment = key is null ? null : credential.Comment,
            Options = ApiText.Printable(key?.Options),
            CreatedAt = credential.CreatedAt,
            TextSha256 = key is null ? Baseline.TextDigest(credential.RawPublicKey) : null,
        };
    }

    /// <summary>One key.</summary>
    internal sealed class KeyEntry
    {
        public string? Fingerprint { get; init; }

        public string? Type { get; init; }

        public int? Bits { get; init; }

        public string? PublicKey { get; init; }

        public string? Person { get; init; }

        public string? PersonSource { get; init; }

        public bool CertificateAuthority { get; init; }

        public bool? Allowed { get; init; }

        internal static KeyEntry Of(AuditedKey key) => new()
        {
            Fingerprint = key.Key.Fingerprint,
            Type = key.Key.KeyType,
            Bits = key.Key.KeyLength,
            PublicKey = key.Line,
            Person = key.Person.Name,
            PersonSource = key.Person.Source,
            CertificateAuthority = key.IsCertificateAuthority,
            Allowed = key.HasList ? key.IsAllowed : null,
        };
    }

    /// <summary>One finding.</summary>
    internal sealed class FindingEntry
    {
        public string? Rule { get; init; }

        public string? Severity { get; init; }

        public long? ServerId { get; init; }

        public string? User { get; init; }

        public long? CredentialId { get; init; }

        public int? Key { get; init; }

        public string? Message { get; init; }

        public string? Advice { get; init; }

        internal static FindingEntry Of(SshFinding finding) => new()
        {
            Rule = finding.Rule,
            Severity = finding.Severity,
            ServerId = finding.ServerId,
            User = finding.User,
            CredentialId = finding.Credential?.Id,
            Key = finding.KeyIndex,
            Message = finding.Message,
            Advice = finding.Advice,
        };
    }
}

/// <summary>Writes and reads snapshots by generated code. The form that is embedded in a page contains no markup: <c>&lt;</c>, <c>&gt;</c>, <c>&amp;</c> and everything outside ASCII are escaped.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(AccessSnapshot))]
internal sealed partial class AccessJson : JsonSerializerContext;
