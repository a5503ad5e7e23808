using System;

using RunCloud.Api;

namespace RunCloud;

/// <summary>How the removal of a credential ended. Only <see cref="Removed"/> and <see cref="AlreadyAbsent"/> are good ends.</summary>
public enum RemovalStatus
{
    /// <summary>It is not known whether the credential is gone: the server is offline, or the answer was lost and no read-back settled it.</summary>
    Unconfirmed,

    /// <summary>The credential is still there, or nothing was sent.</summary>
    Failed,

    /// <summary>The API confirmed the removal.</summary>
    Removed,

    /// <summary>The credential was gone before: the API answered 404.</summary>
    AlreadyAbsent,
}

/// <summary>The account of one removal: the credential as it was, and how its removal ended. Immutable.</summary>
public sealed class SshCredentialRemoval
{
    internal SshCredentialRemoval(SshCredential credential, RemovalStatus status, string? message = null)
    {
        Credential = credential;
        Status = status;
        Message = message;
    }

    /// <summary>The credential's id in RunCloud.</summary>
    public long Id => Credential.Id;

    /// <summary>The id of the server.</summary>
    public long ServerId => Credential.ServerId;

    /// <summary>The name of the server; <see langword="null"/> when it is not known.</summary>
    public string? ServerName => Credential.ServerName;

    /// <summary>The name of the server, else its id as text: never empty.</summary>
    public string ServerDisplayName => Credential.ServerDisplayName;

    /// <summary>The system user's name; <see langword="null"/> when it is not known.</summary>
    public string? User => Credential.User;

    /// <summary>The credential's label; <see langword="null"/> when it is not known.</summary>
    public string? Label => Credential.Label;

    /// <summary>The public key line, made fit to show; <see langword="null"/> when it is not known.</summary>
    public string? PublicKey => Credential.PublicKey;

    /// <summary>The kind of key as <c>ssh-keygen -l</c> names it; <see langword="null"/> when the key is not readable.</summary>
    public string? KeyType => Credential.KeyType;

    /// <summary>The key's size in bits; <see langword="null"/> when the key is not readable.</summary>
    public int? KeyLength => Credential.KeyLength;

    /// <summary>The kind of key and its size in one, for example <c>RSA 4096</c>; <c>unreadable</c> when the key is not readable.</summary>
    public string KeyDescription => Credential.KeyDescription;

    /// <summary>The comment behind the key; <see langword="null"/> when there is none.</summary>
    public string? Comment => Credential.Comment;

    /// <summary>The SHA-256 fingerprint; <see langword="null"/> when the key is not readable.</summary>
    public string? Fingerprint => Credential.Fingerprint;

    /// <summary>The MD5 fingerprint; <see langword="null"/> when the key is not readable.</summary>
    public string? FingerprintMD5 => Credential.FingerprintMD5;

    /// <summary>Whether the key was a temporary one; <see langword="null"/> when the API did not say.</summary>
    public bool? Temporary => Credential.Temporary;

    /// <summary>When the credential was added, in UTC; <see langword="null"/> when it is not known.</summary>
    public DateTimeOffset? CreatedAt => Credential.CreatedAt;

    /// <summary>The day of <see cref="CreatedAt"/>, in UTC, as <c>yyyy-MM-dd</c> in every culture: for tables, reports and grouping.</summary>
    public string? Created => Credential.Created;

    /// <summary>How the removal ended.</summary>
    public RemovalStatus Status { get; }

    /// <summary>Why it ended so; <see langword="null"/> where there is nothing to add.</summary>
    public string? Message { get; }

    internal SshCredential Credential { get; }

    /// <summary>Whether the credential is known to be gone.</summary>
    internal bool IsGoodEnd => Status is RemovalStatus.Removed or RemovalStatus.AlreadyAbsent;

    /// <summary>The failure behind <see cref="RemovalStatus.Unconfirmed"/> or <see cref="RemovalStatus.Failed"/>, where an exception is.</summary>
    internal RunCloudException? Failure { get; init; }

    /// <summary>The credential and how its removal ended.</summary>
    /// <returns>For example <c>'dave' of root (id 17, SHA256:…) on web-01 (id 101): Removed</c>.</returns>
    public override string ToString() => $"{Credential}: {Status}";
}
