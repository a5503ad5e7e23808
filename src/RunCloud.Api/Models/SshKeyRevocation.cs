using RunCloud.Api;

namespace RunCloud;

/// <summary>The result of one server: the outcome of a revocation there, and each credential that was affected. Immutable.</summary>
public sealed class SshKeyRevocation : IOriginated
{
    internal SshKeyRevocation(Server server, RevocationStatus outcome, string? message = null)
    {
        Server = server;
        Outcome = outcome;
        Message = message;
    }

    /// <summary>The id of the server.</summary>
    public long ServerId => Server.Id;

    /// <summary>The name of the server; empty where the API gave none.</summary>
    public string ServerName => Server.Name;

    /// <summary>
    /// The worst of the server's parts: <c>Clean</c>, <c>Removed</c>, <c>Kept</c> (users outside <c>-User</c> still have the key),
    /// <c>Unconfirmed</c> or <c>Failed</c>; with <c>-WhatIf</c> <c>Planned</c>. Only <c>Clean</c> and <c>Removed</c> are good ends.
    /// </summary>
    public string Status => Outcome.ToString();

    /// <summary>Why it is not a success, in one word, for example <c>Offline</c>; <see langword="null"/> for a success.</summary>
    public string? Reason => Cause?.ToString();

    /// <summary>The keys, each as its public key line, or as a fingerprint if only that was given.</summary>
    public string[] Keys { get; internal init; } = [];

    /// <summary>Each credential that had the key, and the outcome of its removal; empty if there was none or the server could not be read.</summary>
    public SshCredentialRemoval[] Removals { get; internal init; } = [];

    /// <summary>The credentials that were added instead; empty unless the key was replaced.</summary>
    public SshCredential[] Additions { get; internal init; } = [];

    /// <summary>When the server's whole list was last read before any change, in UTC; <see langword="null"/> if it could not be read.</summary>
    public DateTimeOffset? CheckedAt { get; internal init; }

    /// <summary>When the list was read back after the changes, in UTC; <see langword="null"/> if nothing was read back.</summary>
    public DateTimeOffset? VerifiedAt { get; internal init; }

    /// <summary>Additional information; <see langword="null"/> if there is none.</summary>
    public string? Message { get; }

    internal Server Server { get; }

    internal RevocationStatus Outcome { get; }

    internal OutcomeReason? Cause { get; init; }

    /// <summary>Whether the key is known to give no access here.</summary>
    internal bool IsGoodEnd => Outcome is RevocationStatus.Clean or RevocationStatus.Removed;

    /// <summary>The server's own failure behind an outcome that is not a success; failures of its credentials are theirs.</summary>
    internal RunCloudException? Failure { get; init; }

    /// <inheritdoc/>
    Origin? IOriginated.Origin
    {
        get => ((IOriginated)Server).Origin;
        set => ((IOriginated)Server).Origin = value;
    }

    /// <summary>The server and the status.</summary>
    /// <returns>For example <c>web-01 (id 101): Removed</c>.</returns>
    public override string ToString() => $"{Server}: {Status}";
}
