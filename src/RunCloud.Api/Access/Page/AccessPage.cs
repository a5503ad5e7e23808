using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunCloud.Api;

/// <summary>The page of an audit: the snapshot for people, in a browser.</summary>
internal sealed class AccessPage
{
    public RunRecord? Run { get; init; }

    public AccessSnapshot.ScopeEntry? Scope { get; init; }

    public IReadOnlyList<AccessSnapshot.ServerEntry> Servers { get; init; } = [];

    public IReadOnlyList<AccessSnapshot.KeyEntry> Keys { get; init; } = [];

    public IReadOnlyList<PageFinding> Findings { get; init; } = [];

    public IReadOnlyList<string> Advice { get; init; } = [];

    public IReadOnlyList<string> Warnings { get; init; } = [];

    public bool HasList { get; init; }

    /// <summary>The content of the file.</summary>
    internal static byte[] ToBytes(AccessSnapshot snapshot)
    {
        var advice = new Dictionary<string, int>(StringComparer.Ordinal);
        var page = new AccessPage
        {
            Run = snapshot.Run,
            Scope = snapshot.Scope,
            Servers = snapshot.Servers,
            Keys = [.. snapshot.Keys.Select(WithoutLine)],
            Findings = [.. snapshot.Findings.Select(finding => PageFinding.Of(finding, Number))],
            Advice = [.. advice.OrderBy(one => one.Value).Select(one => one.Key)],
            Warnings = snapshot.Warnings,
            HasList = snapshot.Scope?.AllowedSha256 is not null,
        };
        return ReportPage.ToBytes(ReportPage.Access, $"SSH access, workspace {snapshot.Run?.Context}", JsonSerializer.SerializeToUtf8Bytes(page, AccessPageJson.Default.AccessPage));

        int Number(string text)
        {
            if (!advice.TryGetValue(text, out var number))
            {
                number = advice.Count;
                advice.Add(text, number);
            }

            return number;
        }
    }

    /// <summary>The page shows fingerprints, not whole keys.</summary>
    private static AccessSnapshot.KeyEntry WithoutLine(AccessSnapshot.KeyEntry key) => new()
    {
        Fingerprint = key.Fingerprint,
        Type = key.Type,
        Bits = key.Bits,
        Person = key.Person,
        PersonSource = key.PersonSource,
        CertificateAuthority = key.CertificateAuthority,
        Allowed = key.Allowed,
    };

    /// <summary>One finding. Values of the credential that the table shows anyway are left out.</summary>
    internal sealed class PageFinding
    {
        public string? Rule { get; init; }

        public string? Severity { get; init; }

        public long? ServerId { get; init; }

        public long? CredentialId { get; init; }

        public int? Key { get; init; }

        public string? Message { get; init; }

        public int Advice { get; init; }

        internal static PageFinding Of(AccessSnapshot.FindingEntry finding, Func<string, int> number) => new()
        {
            Rule = finding.Rule,
            Severity = finding.Severity,
            ServerId = finding.ServerId,
            CredentialId = finding.CredentialId,
            Key = finding.Key,
            Message = finding.CredentialId is null ? finding.Message : null,
            Advice = number(finding.Advice ?? string.Empty),
        };
    }
}

/// <summary>
/// Writes the data of pages by generated code, with the encoder that escapes <c>&lt;</c>, <c>&gt;</c>, <c>&amp;</c> and all that is not ASCII:
/// no text can become markup.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(AccessPage))]
internal sealed partial class AccessPageJson : JsonSerializerContext;
