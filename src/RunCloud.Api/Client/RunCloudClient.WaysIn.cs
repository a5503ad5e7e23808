using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.Api;

/// <content>Whether users still get in when a key has gone.</content>
public sealed partial class RunCloudClient
{
    /// <summary>
    /// The findings with what a list does not tell of other keys: whether they are temporary. Asked only where users are to keep their last
    /// key: of each user who would lose one, the other keys are read singly until one is found that is not temporary, as a rule one request.
    /// One that cannot be read, or of which the API does not say, is held to be temporary: then the user keeps the key.
    /// </summary>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.Unauthorized"/>.</exception>
    internal async Task<SshCredentialFindings> SettleWaysInAsync(
        Server server, IReadOnlyList<SshCredential> meant, SshCredentialFindings findings, CancellationToken cancellation)
    {
        var going = meant.Select(credential => credential.Id).ToHashSet();
        foreach (var user in meant.Select(credential => credential.User).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            findings = await SettleWayInAsync(server, user, going, findings, cancellation).ConfigureAwait(false);
        }

        return findings;
    }

    private async Task<SshCredentialFindings> SettleWayInAsync(
        Server server, string user, HashSet<long> going, SshCredentialFindings findings, CancellationToken cancellation)
    {
        bool IsOfUser(InventoryEntry entry) => string.Equals(entry.User, user, StringComparison.Ordinal);

        // Those that are worth most first: a login key without a forced command.
        var candidates = findings.WaysIn(going).Where(IsOfUser)
            .OrderBy(entry => entry.IsCertificate).ThenBy(entry => entry.HasForcedCommand);
        foreach (var candidate in candidates)
        {
            // A certificate lasts no longer than the line of its authority.
            var asked = candidate.IsCertificate ? findings.Inventory.Where(entry => IsOfUser(entry) && entry.IsCertificateAuthority).Append(candidate) : [candidate];
            var read = new Dictionary<long, InventoryEntry>();
            foreach (var entry in asked.Where(entry => entry.Temporary is null && !going.Contains(entry.Id)))
            {
                read[entry.Id] = entry.Known(await IsTemporaryOrUnknownAsync(server, entry.Id, cancellation).ConfigureAwait(false));
            }

            findings = findings.With(read);
            if (findings.WaysIn(going).Any(entry => entry.Id == candidate.Id))
            {
                return findings;
            }
        }

        return findings;
    }

    private async Task<bool> IsTemporaryOrUnknownAsync(Server server, long id, CancellationToken cancellation)
    {
        try
        {
            return (await ReadSingleAsync(server.Id, server, id, cancellation).ConfigureAwait(false)).Temporary ?? true;
        }
        catch (RunCloudException e) when (e.Error != RunCloudError.Unauthorized)
        {
            return true;
        }
    }
}
