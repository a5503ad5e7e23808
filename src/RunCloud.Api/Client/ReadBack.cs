using System.Collections.Generic;

namespace RunCloud.Api;

/// <summary>What reading a server's list after removals came to.</summary>
/// <param name="Removals">The removals, held against the list.</param>
/// <param name="Rows">The credentials on the list; empty where it could not be read.</param>
/// <param name="Failure">Why the list could not be read; <see langword="null"/> when it could.</param>
internal sealed record ReadBack(IReadOnlyList<SshCredentialRemoval> Removals, IReadOnlyList<SshCredential> Rows, RunCloudException? Failure);

/// <summary>How a server stands after removals: what was accepted while it does not answer is not known to have reached it.</summary>
/// <param name="Server">The server; <see langword="null"/> where it could not be read.</param>
/// <param name="Failure">Why it could not be read; <see langword="null"/> when it could.</param>
internal sealed record ServerState(Server? Server, RunCloudException? Failure)
{
    /// <summary>Why a removal on it cannot be confirmed; <see langword="null"/> when it can.</summary>
    internal OutcomeReason? Doubt => Server is { } server ? server.Doubt : Failure is { IsFatal: true } ? OutcomeReason.TokenRefused : OutcomeReason.StateUnknown;

    /// <summary>A doubt as the part of a sentence.</summary>
    internal static string Say(OutcomeReason doubt) =>
        doubt == OutcomeReason.Offline ? "the server is offline" : "RunCloud does not say whether the server is online";

    /// <summary>A removal with a good end as it is seen from this state.</summary>
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
