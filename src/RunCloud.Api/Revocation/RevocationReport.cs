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

    /// <summary>The command's name.</summary>
    public required string Command { get; init; }

    /// <summary>When it began to read, in UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When the command ended, in UTC; <see langword="null"/> in what is written before the first change.</summary>
    public required DateTimeOffset? EndedAt { get; init; }

    /// <summary>The fingerprints of the keys that were to go.</summary>
    public required IReadOnlyList<string> Keys { get; init; }

    /// <summary>Whether every server that was meant is in it, and none was cut off.</summary>
    public required bool Complete { get; init; }

    /// <summary>Each server.</summary>
    public required IReadOnlyList<ServerEntry> Servers { get; init; }

    /// <summary>What the removals left behind on each server that was looked at.</summary>
    public required IReadOnlyList<LeftoverEntry> Leftovers { get; init; }

    /// <summary>The report as a file has it.</summary>
    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Readable.RevocationReport);

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
