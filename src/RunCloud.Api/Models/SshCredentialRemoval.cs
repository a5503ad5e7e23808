using RunCloud.Api;

namespace RunCloud;

/// <summary>The result of one removal: the credential as it was, and the outcome. Immutable.</summary>
public sealed class SshCredentialRemoval : IOriginated
{
    internal SshCredentialRemoval(SshCredential credential, RemovalStatus outcome, string? message = null)
    {
        Credential = credential;
        Outcome = outcome;
        Message = message;
    }

    /// <summary>The credential's id in RunCloud.</summary>
    public long Id => Credential.Id;

    /// <summary>The id of the server.</summary>
    public long ServerId => Credential.ServerId;

    /// <summary>The name of the server; <see langword="null"/> if it is not known.</summary>
    public string? ServerName => Credential.ServerName;

    /// <summary>The system user's name; <see langword="null"/> when it is not known.</summary>
    public string? User => Credential.User;

    /// <summary>The credential's label; <see langword="null"/> if it is not known.</summary>
    public string? Label => Credential.Label;

    /// <summary>The public key line, safe to show; <see langword="null"/> if it is not known.</summary>
    public string? PublicKey => Credential.PublicKey;

    /// <summary>The type of key as <c>ssh-keygen -l</c> names it; <see langword="null"/> if the key is not readable.</summary>
    public string? KeyType => Credential.KeyType;

    /// <summary>The key's size in bits; <see langword="null"/> if the key is not readable.</summary>
    public int? KeyLength => Credential.KeyLength;

    /// <summary>The comment after the key; <see langword="null"/> if there is none.</summary>
    public string? Comment => Credential.Comment;

    /// <summary>The SHA-256 fingerprint; <see langword="null"/> if the key is not readable.</summary>
    public string? Fingerprint => Credential.Fingerprint;

    /// <summary>The MD5 fingerprint; <see langword="null"/> if the key is not readable.</summary>
    public string? FingerprintMD5 => Credential.FingerprintMD5;

    /// <summary>Whether the key was a temporary one; <see langword="null"/> if the API did not say.</summary>
    public bool? Temporary => Credential.Temporary;

    /// <summary>When the credential was added, in UTC; <see langword="null"/> if it is not known.</summary>
    public DateTimeOffset? CreatedAt => Credential.CreatedAt;

    /// <summary>
    /// The outcome: <c>Removed</c>, <c>AlreadyAbsent</c>, <c>Unconfirmed</c> or <c>Failed</c>; with <c>-WhatIf</c> <c>Planned</c>. Only
    /// the first two are successes.
    /// </summary>
    public string Status => Outcome.ToString();

    /// <summary>Why it is not a success, in one word, for example <c>Offline</c>; <see langword="null"/> for a success.</summary>
    public string? Reason => Cause?.ToString();

    /// <summary>The reason for the outcome, in a sentence; <see langword="null"/> if there is nothing to add.</summary>
    public string? Message { get; }

    /// <summary>When the server's list was read without it after the removal, in UTC; <see langword="null"/> if nothing was read back.</summary>
    public DateTimeOffset? VerifiedAt { get; internal init; }

    internal RemovalStatus Outcome { get; }

    internal OutcomeReason? Cause { get; init; }

    internal SshCredential Credential { get; }

    /// <inheritdoc/>
    Origin? IOriginated.Origin
    {
        get => ((IOriginated)Credential).Origin;
        set => ((IOriginated)Credential).Origin = value;
    }

    /// <summary>Whether the credential is known to be gone.</summary>
    internal bool IsGoodEnd => Outcome is RemovalStatus.Removed or RemovalStatus.AlreadyAbsent;

    /// <summary>The exception behind <see cref="RemovalStatus.Unconfirmed"/> or <see cref="RemovalStatus.Failed"/>, if there is one.</summary>
    internal RunCloudException? Failure { get; init; }

    /// <summary>The same outcome, confirmed by a list that was read at that time.</summary>
    internal SshCredentialRemoval ReadBackAt(DateTimeOffset time) => new(Credential, Outcome, Message) { Cause = Cause, Failure = Failure, VerifiedAt = time };

    /// <summary>The credential and the outcome of its removal.</summary>
    /// <returns>For example <c>'dave' of root (id 17, SHA256:…) on web-01 (id 101): Removed</c>.</returns>
    public override string ToString() => $"{Credential}: {Status}";
}
