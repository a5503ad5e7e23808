namespace RunCloud;

/// <summary>How the removal of a credential ended. Only <see cref="Removed"/> and <see cref="AlreadyAbsent"/> are good ends.</summary>
internal enum RemovalStatus
{
    /// <summary>It is not known whether the credential is gone.</summary>
    Unconfirmed,

    /// <summary>The credential, or its key, is still there, or nothing was sent.</summary>
    Failed,

    /// <summary>The API confirmed the removal.</summary>
    Removed,

    /// <summary>The credential was gone before: the API answered 404, and the list no longer has it.</summary>
    AlreadyAbsent,

    /// <summary>It would be removed; the command ran with <c>-WhatIf</c>.</summary>
    Planned,
}

/// <summary>How the revoking of a key ended on a server: the worst of its parts.</summary>
internal enum RevocationStatus
{
    /// <summary>The key was not there.</summary>
    Clean,

    /// <summary>Every credential with the key is gone: the API confirmed it, and the list read afterwards no longer has them.</summary>
    Removed,

    /// <summary>Users outside <c>-User</c> still have the key.</summary>
    Kept,

    /// <summary>Of at least one credential it is not known whether it is gone, or whether it has the key.</summary>
    Unconfirmed,

    /// <summary>At least one credential with the key is still there, or the server could not be read.</summary>
    Failed,

    /// <summary>There is something to remove; the command ran with <c>-WhatIf</c>.</summary>
    Planned,
}

/// <summary>Why an end is not a good one.</summary>
internal enum OutcomeReason
{
    /// <summary>RunCloud does not show the server online, and took the removal.</summary>
    Offline,

    /// <summary>RunCloud does not show the server online, and lists no copy: it forgets a key once it has taken its removal.</summary>
    OfflineNotListed,

    /// <summary>RunCloud does not say plainly whether the server is online.</summary>
    StateUnknown,

    /// <summary>The answer to the removal was lost, and reading back did not settle it.</summary>
    AnswerLost,

    /// <summary>A public key could not be read as a key, so it could not be compared.</summary>
    Unreadable,

    /// <summary>The server, or what was to be read back, could not be read.</summary>
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

    /// <summary>The command ended before.</summary>
    Stopped,

    /// <summary>The API no longer accepts the token.</summary>
    TokenRefused,
}
