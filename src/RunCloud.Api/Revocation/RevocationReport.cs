using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunCloud.Api;

/// <summary>The report of a whole run as a file.</summary>
internal sealed class RevocationReport
{
    /// <summary>Fingerprints often contain a +, and the file is not a web page, so + is not escaped.</summary>
    private static readonly ReportJson Readable = new(new JsonSerializerOptions(ReportJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>The kind of a revocation's report.</summary>
    internal const string RevocationKind = "revocation";

    /// <summary>The kind of a rotation's report.</summary>
    internal const string RotationKind = "rotation";

    /// <summary>The version that is written.</summary>
    internal const int CurrentVersion = 1;

    /// <summary>The name of the schema in <c>docs</c>.</summary>
    [JsonPropertyName("$schema")]
    public string Schema { get; } = "revocation-report.schema.json";

    /// <summary><c>revocation</c>, or <c>rotation</c> if a new key replaced the old ones.</summary>
    public required string Kind { get; init; }

    /// <summary>The version of the format.</summary>
    public int Version { get; } = CurrentVersion;

    /// <summary>The command's name, as in <see cref="Run"/>. Kept for scripts that read it here.</summary>
    public string Command => Run.Command;

    /// <summary>When reading began, in UTC, as in <see cref="Run"/>.</summary>
    public DateTimeOffset StartedAt => Run.StartedAt;

    /// <summary>When the command ended, in UTC; <see langword="null"/> in the report that is written before the first change.</summary>
    public DateTimeOffset? EndedAt => Run.EndedAt;

    /// <summary>Who ran it, when, and against which endpoint.</summary>
    public required RunRecord Run { get; init; }

    /// <summary>What was requested, and how much of the workspace it covers.</summary>
    public required RevocationScope Scope { get; init; }

    /// <summary>The number of servers for each outcome.</summary>
    public required SummaryEntry Summary { get; init; }

    /// <summary>The fingerprints of the keys to remove.</summary>
    public required IReadOnlyList<string> Keys { get; init; }

    /// <summary>The replacement key; <see langword="null"/> for a revocation.</summary>
    public required ReplacementEntry? Replacement { get; init; }

    /// <summary>Whether every selected server is in it with a final result.</summary>
    public required bool Complete { get; init; }

    /// <summary>Each server.</summary>
    public required IReadOnlyList<ServerEntry> Servers { get; init; }

    /// <summary>The servers that were excluded with <c>-ExcludeServer</c>.</summary>
    public required IReadOnlyList<ExcludedEntry> Excluded { get; init; }

    /// <summary>The leftovers on each inspected server.</summary>
    public required IReadOnlyList<LeftoverEntry> Leftovers { get; init; }

    /// <summary>Every warning of the run.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>The report of a job as it stands.</summary>
    /// <param name="job">The job.</param>
    /// <param name="run">Who runs it; without an end time while the work is still running.</param>
    /// <param name="asked">What was requested.</param>
    /// <param name="warnings">The warnings so far.</param>
    internal static RevocationReport Create(KeyRevocation job, RunRecord run, RevocationScope asked, IReadOnlyList<string> warnings)
    {
        var isRunning = run.EndedAt is null;
        var accounts = job.Accounts(isRunning);
        var replacement = job.Change.Replacement;
        var isComplete = !isRunning && job.IsComplete;
        return new RevocationReport
        {
            Kind = replacement is null ? RevocationKind : RotationKind,
            Run = run,
            Scope = asked.Of(job, accounts, isComplete),
            Summary = SummaryEntry.Of(accounts),
            Keys = [.. job.Change.Keys.Select(key => key.ToString())],
            Replacement = replacement is null ? null : new ReplacementEntry(replacement.Key),
            Complete = isComplete,
            Servers = [.. accounts.Select(account => new ServerEntry(account))],
            Excluded = [.. job.ExcludedServers.Select(server => new ExcludedEntry(server))],
            Leftovers = [.. job.Leftovers.Select(left => new LeftoverEntry(left))],
            Warnings = [.. warnings, .. Failures(job)],
        };
    }

    /// <summary>The content of the file.</summary>
    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Readable.RevocationReport);

    /// <summary>Failures of the lists of servers, which belong to no server's row.</summary>
    private static IEnumerable<string> Failures(KeyRevocation job)
    {
        if (job.ListFailure is { } first)
        {
            yield return $"The list of servers was not read completely, so there may be servers that were not checked. {first.Message}";
        }

        if (job.SecondListFailure is { } second)
        {
            yield return $"The servers could not be listed again after the changes, so servers added in the meantime were not checked. {second.Message}";
        }
    }

    /// <summary>The number of servers for each outcome.</summary>
    internal sealed class SummaryEntry
    {
        public int Removed { get; init; }

        public int Unconfirmed { get; init; }

        public int Failed { get; init; }

        public int Kept { get; init; }

        public int Clean { get; init; }

        internal static SummaryEntry Of(IReadOnlyList<SshKeyRevocation> accounts)
        {
            return new SummaryEntry
            {
                Removed = Count(RevocationStatus.Removed),
                Unconfirmed = Count(RevocationStatus.Unconfirmed),
                Failed = Count(RevocationStatus.Failed),
                Kept = Count(RevocationStatus.Kept),
                Clean = Count(RevocationStatus.Clean),
            };

            int Count(RevocationStatus status) => accounts.Count(account => account.Outcome == status);
        }
    }

    /// <summary>A key that replaced others.</summary>
    internal sealed class ReplacementEntry(SshPublicKey key)
    {
        public string Fingerprint => key.Fingerprint;

        public string? Comment => ApiText.Printable(key.Comment);
    }

    /// <summary>An excluded server.</summary>
    internal sealed class ExcludedEntry(Server server)
    {
        public long ServerId => server.Id;

        public string ServerName => server.Name;
    }

    /// <summary>One server of the report.</summary>
    internal sealed class ServerEntry(SshKeyRevocation account)
    {
        public long ServerId => account.ServerId;

        public string ServerName => account.ServerName;

        public string? IPAddress => account.Server.IPAddress;

        public string Status => account.Status;

        public string? Reason => account.Reason;

        public string? Message => account.Message;

        public DateTimeOffset? CheckedAt => account.CheckedAt;

        public DateTimeOffset? VerifiedAt => account.VerifiedAt;

        /// <summary>The whole public key lines, if known, so that the server itself can be asked about them later.</summary>
        public IReadOnlyList<string> Keys => account.Keys;

        public IReadOnlyList<RemovalEntry> Removals { get; } = [.. account.Removals.Select(removal => new RemovalEntry(removal))];

        public IReadOnlyList<CredentialEntry> Additions { get; } = [.. account.Additions.Select(added => new CredentialEntry(added))];
    }

    /// <summary>One credential of the report.</summary>
    internal class CredentialEntry(SshCredential credential)
    {
        public long Id => credential.Id;

        public string? User => credential.User;

        public string? Label => credential.Label;

        public string? Fingerprint => credential.Fingerprint;

        public string? PublicKey => credential.PublicKey;
    }

    /// <summary>One removal of the report.</summary>
    internal sealed class RemovalEntry(SshCredentialRemoval removal) : CredentialEntry(removal.Credential)
    {
        public string Status => removal.Status;

        public string? Reason => removal.Reason;

        public string? Message => removal.Message;

        public DateTimeOffset? VerifiedAt => removal.VerifiedAt;
    }

    /// <summary>The leftovers on one server.</summary>
    internal sealed class LeftoverEntry(Leftovers leftovers)
    {
        public long ServerId => leftovers.Server.Id;

        public string ServerName => leftovers.Server.Name;

        public IReadOnlyList<string> Sessions { get; } = [.. leftovers.Sessions.Select(session => session.ToString())];

        public IReadOnlyList<string?> DeploymentKeys { get; } = [.. leftovers.Holders.Select(user => user.User)];

        public IReadOnlyList<string?> DeploymentKeysNotComparable { get; } = [.. leftovers.NotComparable.Select(user => user.User)];

        public IReadOnlyList<string> CertificateAuthorities { get; } = [.. leftovers.AuthoritiesOf];

        public IReadOnlyList<string> NotRead { get; } = [.. leftovers.Unread.Select(failure => failure.Message)];
    }
}

/// <summary>Writes the report by generated code.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(RevocationReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
