using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunCloud.Api;

/// <summary>The evidence page of a revocation or a rotation: its report for people, in a browser.</summary>
internal sealed class RevocationPage
{
    public required string Kind { get; init; }

    public required RunRecord Run { get; init; }

    public required RevocationScope Scope { get; init; }

    public required RevocationReport.SummaryEntry Summary { get; init; }

    public required IReadOnlyList<string> Keys { get; init; }

    /// <summary>The keys in base64, if known, to search for on a server.</summary>
    public required IReadOnlyList<string> Blobs { get; init; }

    public RevocationReport.ReplacementEntry? Replacement { get; init; }

    public required bool Complete { get; init; }

    public required IReadOnlyList<PageServer> Servers { get; init; }

    public required IReadOnlyList<RevocationReport.ExcludedEntry> Excluded { get; init; }

    public required IReadOnlyList<RevocationReport.LeftoverEntry> Leftovers { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>The content of the file.</summary>
    internal static byte[] ToBytes(RevocationReport report)
    {
        var page = new RevocationPage
        {
            Kind = report.Kind,
            Run = report.Run,
            Scope = report.Scope,
            Summary = report.Summary,
            Keys = report.Keys,
            Blobs = [.. report.Servers.SelectMany(server => server.Keys).Distinct(StringComparer.Ordinal).Select(Blob).OfType<string>().Distinct(StringComparer.Ordinal)],
            Replacement = report.Replacement,
            Complete = report.Complete,
            Servers = [.. report.Servers.Select(PageServer.Of)],
            Excluded = report.Excluded,
            Leftovers = report.Leftovers,
            Warnings = report.Warnings,
        };
        var title = $"SSH key {(report.Kind == RevocationReport.RotationKind ? "rotation" : "revocation")}, workspace {report.Run.Context}";
        return ReportPage.ToBytes(ReportPage.Revocation, title, JsonSerializer.SerializeToUtf8Bytes(page, RevocationPageJson.Default.RevocationPage));
    }

    private static string? Blob(string text) => SshPublicKey.TryParse(text, out var key) ? Convert.ToBase64String(key.Blob.ToArray()) : null;

    /// <summary>One server; its keys stand once for all servers.</summary>
    internal sealed class PageServer
    {
        public long ServerId { get; init; }

        public string? ServerName { get; init; }

        public string? IPAddress { get; init; }

        public string? Status { get; init; }

        public string? Reason { get; init; }

        public string? Message { get; init; }

        public DateTimeOffset? CheckedAt { get; init; }

        public DateTimeOffset? VerifiedAt { get; init; }

        public IReadOnlyList<PageRemoval> Removals { get; init; } = [];

        public IReadOnlyList<PageCredential> Additions { get; init; } = [];

        internal static PageServer Of(RevocationReport.ServerEntry server) => new()
        {
            ServerId = server.ServerId,
            ServerName = server.ServerName,
            IPAddress = server.IPAddress,
            Status = server.Status,
            Reason = server.Reason,
            Message = server.Message,
            CheckedAt = server.CheckedAt,
            VerifiedAt = server.VerifiedAt,
            Removals = [.. server.Removals.Select(removal => new PageRemoval(removal))],
            Additions = [.. server.Additions.Select(added => new PageCredential(added))],
        };
    }

    /// <summary>One credential.</summary>
    internal class PageCredential(RevocationReport.CredentialEntry credential)
    {
        public string? User => credential.User;

        public string? Label => credential.Label;

        public string? Fingerprint => credential.Fingerprint;
    }

    /// <summary>One removal.</summary>
    internal sealed class PageRemoval(RevocationReport.RemovalEntry removal) : PageCredential(removal)
    {
        public string Status => removal.Status;

        public string? Reason => removal.Reason;

        public string? Message => removal.Message;
    }
}

/// <summary>Writes the data of the page by generated code, with the encoder after which no text can become markup.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(RevocationPage))]
internal sealed partial class RevocationPageJson : JsonSerializerContext;
