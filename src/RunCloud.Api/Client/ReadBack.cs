namespace RunCloud.Api;

/// <summary>The result of reading a server's list after removals.</summary>
/// <param name="Removals">The removals, compared with the list.</param>
/// <param name="Rows">The credentials on the list; empty if it could not be read.</param>
/// <param name="Failure">Why the list could not be read; <see langword="null"/> if it could.</param>
internal sealed record ReadBack(IReadOnlyList<SshCredentialRemoval> Removals, IReadOnlyList<SshCredential> Rows, RunCloudException? Failure);

/// <summary>The state of a server after removals. A removal that was accepted while the server is offline may not have reached it.</summary>
/// <param name="Server">The server; <see langword="null"/> if it could not be read.</param>
/// <param name="Failure">Why it could not be read; <see langword="null"/> if it could.</param>
internal sealed record ServerState(Server? Server, RunCloudException? Failure)
{
    /// <summary>Why a removal on it cannot be confirmed; <see langword="null"/> if it can.</summary>
    internal OutcomeReason? Doubt => Server is { } server ? server.Doubt : Failure is { IsFatal: true } ? OutcomeReason.TokenRefused : OutcomeReason.StateUnknown;

    /// <summary>A doubt as part of a sentence.</summary>
    internal static string Say(OutcomeReason doubt) =>
        doubt == OutcomeReason.Offline ? "the server is offline" : "RunCloud does not say whether the server is online";

    /// <summary>A successful removal, as judged from this state.</summary>
    internal SshCredentialRemoval Doubted(SshCredentialRemoval removal) => Doubt is not { } doubt ? removal : new SshCredentialRemoval(
        removal.Credential,
        RemovalStatus.Unconfirmed,
        $"Removing {removal.Credential} is not confirmed: the API accepted it, but "
            + (Failure is { } failure ? $"the server's state could not be read afterwards. {failure.Message}" : $"{Say(doubt)} now, so the key may still be on it."))
    {
        Cause = doubt,
        Failure = Failure is { IsFatal: true } ? Failure : null,
        VerifiedAt = removal.VerifiedAt,
    };
}
