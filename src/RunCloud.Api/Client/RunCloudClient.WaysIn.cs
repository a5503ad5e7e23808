namespace RunCloud.Api;

/// <content>Whether users keep access when a key is removed.</content>
public sealed partial class RunCloudClient
{
    /// <summary>
    /// Adds to the findings whether other keys are temporary, which a list does not say. Needed only if users are to keep their last
    /// key: for each user who would lose one, the other keys are read individually until one is found that is not temporary, usually one request.
    /// A key that cannot be read, or for which the API does not say, is treated as temporary. Then the user keeps the key to be removed.
    /// </summary>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.Unauthorized"/>.</exception>
    internal async Task<SshCredentialFindings> SettleWaysInAsync(
        Server server, IReadOnlyList<SshCredential> selected, SshCredentialFindings findings, CancellationToken cancellation)
    {
        var removed = selected.Select(credential => credential.Id).ToHashSet();
        foreach (var user in selected.Select(credential => credential.User).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            findings = await SettleWayInAsync(server, user, removed, findings, cancellation).ConfigureAwait(false);
        }

        return findings;
    }

    private async Task<SshCredentialFindings> SettleWayInAsync(
        Server server, string user, HashSet<long> removed, SshCredentialFindings findings, CancellationToken cancellation)
    {
        bool IsOfUser(InventoryEntry entry) => string.Equals(entry.User, user, StringComparison.Ordinal);

        // The best candidates first: a login key without a forced command.
        var candidates = findings.WaysIn(removed).Where(IsOfUser)
            .OrderBy(entry => entry.IsCertificate).ThenBy(entry => entry.HasForcedCommand);
        foreach (var candidate in candidates)
        {
            // A certificate is valid no longer than the line of its authority.
            var asked = candidate.IsCertificate ? findings.Inventory.Where(entry => IsOfUser(entry) && entry.IsCertificateAuthority).Append(candidate) : [candidate];
            var read = new Dictionary<long, InventoryEntry>();
            foreach (var entry in asked.Where(entry => entry.Temporary is null && !removed.Contains(entry.Id)))
            {
                read[entry.Id] = entry.Known(await IsTemporaryOrUnknownAsync(server, entry.Id, cancellation).ConfigureAwait(false));
            }

            findings = findings.With(read);
            if (findings.WaysIn(removed).Any(entry => entry.Id == candidate.Id))
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
