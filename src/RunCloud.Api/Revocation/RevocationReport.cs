using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunCloud.Api;

/// <summary>The account of a whole run, to be kept.</summary>
internal sealed class RevocationReport
{
    /// <summary>Fingerprints have a + as often as not, and the file is no web page.</summary>
    private static readonly ReportJson Readable = new(new JsonSerializerOptions(ReportJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>What the report of a revocation is called.</summary>
    internal const string RevocationKind = "revocation";

    /// <summary>What the report of a rotation is called.</summary>
    internal const string RotationKind = "rotation";

    /// <summary>The version that is written.</summary>
    internal const int CurrentVersion = 1;

    /// <summary>The name of the schema in <c>docs</c>.</summary>
    [JsonPropertyName("$schema")]
    public string Schema { get; } = "revocation-report.schema.json";

    /// <summary><c>revocation</c>, or <c>rotation</c> where a new key came in place of the old ones.</summary>
    public required string Kind { get; init; }

    /// <summary>The version of the format.</summary>
    public int Version { get; } = CurrentVersion;

    /// <summary>The command's name; the same as in <see cref="Run"/>, for scripts that know it here.</summary>
    public string Command => Run.Command;

    /// <summary>When it began to read, in UTC; the same as in <see cref="Run"/>.</summary>
    public DateTimeOffset StartedAt => Run.StartedAt;

    /// <summary>When the command ended, in UTC; <see langword="null"/> in what is written before the first change.</summary>
    public DateTimeOffset? EndedAt => Run.EndedAt;

    /// <summary>Who ran it, when, and against what.</summary>
    public required RunRecord Run { get; init; }

    /// <summary>What was asked for, and how much of the workspace that is.</summary>
    public required RevocationScope Scope { get; init; }

    /// <summary>How many servers ended how.</summary>
    public required SummaryEntry Summary { get; init; }

    /// <summary>The fingerprints of the keys that were to go.</summary>
    public required IReadOnlyList<string> Keys { get; init; }

    /// <summary>The key that came in their place; <see langword="null"/> for a revocation.</summary>
    public required ReplacementEntry? Replacement { get; init; }

    /// <summary>Whether every server that was meant is in it, and none was cut off.</summary>
    public required bool Complete { get; init; }

    /// <summary>Each server.</summary>
    public required IReadOnlyList<ServerEntry> Servers { get; init; }

    /// <summary>The servers that were left alone because of <c>-ExcludeServer</c>.</summary>
    public required IReadOnlyList<ExcludedEntry> Excluded { get; init; }

    /// <summary>What the removals left behind on each server that was looked at.</summary>
    public required IReadOnlyList<LeftoverEntry> Leftovers { get; init; }

    /// <summary>Every warning of the run.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>The report of a job as it stands.</summary>
    /// <param name="job">The job.</param>
    /// <param name="run">Who runs it; without an end while the work still goes on.</param>
    /// <param name="asked">What was asked for.</param>
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

    /// <summary>The report as a file has it.</summary>
    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Readable.RevocationReport);

    /// <summary>What went wrong with the lists of servers, which no server's row can tell.</summary>
    private static IEnumerable<string> Failures(KeyRevocation job)
    {
        if (job.ListFailure is { } first)
        {
            yield return $"The list of servers was not read to its end, so there may be servers that were not checked. {first.Message}";
        }

        if (job.SecondListFailure is { } second)
        {
            yield return $"The servers could not be listed again after the changes, so servers that were added meanwhile are not known. {second.Message}";
        }
    }

    /// <summary>How many servers ended how.</summary>
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

    /// <summary>A key that came in place of others.</summary>
    internal sealed class ReplacementEntry(SshPublicKey key)
    {
        public string Fingerprint => key.Fingerprint;

        public string? Comment => ApiText.Printable(key.Comment);
    }

    /// <summary>A server that was left alone.</summary>
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

        /// <summary>The whole public key lines, where they are known, so that the server itself can be asked about them days later.</summary>
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

    /// <summary>What was left behind on one server.</summary>
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
