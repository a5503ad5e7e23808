namespace RunCloud;

/// <summary>The outcome of a credential's removal. Only <see cref="Removed"/> and <see cref="AlreadyAbsent"/> are successes.</summary>
internal enum RemovalStatus
{
    /// <summary>It is not known whether the credential is gone.</summary>
    Unconfirmed,

    /// <summary>The credential, or its key, is still there, or nothing was sent.</summary>
    Failed,

    /// <summary>The API confirmed the removal.</summary>
    Removed,

    /// <summary>The credential was already gone: the API answered 404, and the list no longer has it.</summary>
    AlreadyAbsent,

    /// <summary>It would be removed; the command ran with <c>-WhatIf</c>.</summary>
    Planned,
}

/// <summary>The outcome of a revocation on a server: the worst of its parts.</summary>
internal enum RevocationStatus
{
    /// <summary>The key was not there.</summary>
    Clean,

    /// <summary>Every credential with the key is gone: the API confirmed it, and the list read afterwards no longer has them.</summary>
    Removed,

    /// <summary>Users outside <c>-User</c> still have the key.</summary>
    Kept,

    /// <summary>For at least one credential it is not known whether it is gone, or whether it has the key.</summary>
    Unconfirmed,

    /// <summary>At least one credential with the key is still there, or the server could not be read.</summary>
    Failed,

    /// <summary>There is something to remove; the command ran with <c>-WhatIf</c>.</summary>
    Planned,
}

/// <summary>Why an outcome is not a success.</summary>
internal enum OutcomeReason
{
    /// <summary>RunCloud does not report the server as online, and accepted the removal.</summary>
    Offline,

    /// <summary>RunCloud does not report the server as online, and lists no copy. RunCloud forgets a key once it has accepted its removal.</summary>
    OfflineNotListed,

    /// <summary>RunCloud does not say clearly whether the server is online.</summary>
    StateUnknown,

    /// <summary>The answer to the removal was lost, and the outcome could not be read back.</summary>
    AnswerLost,

    /// <summary>A public key could not be read as a key, so it could not be compared.</summary>
    Unreadable,

    /// <summary>The server could not be read or read back.</summary>
    NotRead,

    /// <summary>The credential is still listed after its removal.</summary>
    StillListed,

    /// <summary>The key was added again while the command ran.</summary>
    CameBack,

    /// <summary>The server, or the key on it, was found after the plan was made, and so was not touched.</summary>
    AppearedLater,

    /// <summary>Users outside <c>-User</c> have the key.</summary>
    OtherUsers,

    /// <summary>The key was left in place as its user's last one.</summary>
    LastCredential,

    /// <summary>The command ended first.</summary>
    Stopped,

    /// <summary>The API no longer accepts the token.</summary>
    TokenRefused,
}
