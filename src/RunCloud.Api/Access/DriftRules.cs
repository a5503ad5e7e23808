namespace RunCloud.Api;

/// <summary>Credentials and servers that are not in the baseline.</summary>
internal sealed class NewSinceBaselineRule : AccessRule
{
    internal NewSinceBaselineRule()
        : base(AccessNeeds.Keys)
    {
    }

    /// <inheritdoc/>
    internal override string? MissingParameter(AccessOptions options) => options.Baseline is null ? "Baseline" : null;

    /// <inheritdoc/>
    internal override IEnumerable<SshFinding> Find(AccessFacts facts)
    {
        foreach (var server in facts.Options.Baseline is null ? [] : facts.Servers)
        {
            var before = facts.Options.Baseline!.Find(server.Server.Id);
            if (before is null)
            {
                yield return About(
                    server.Server,
                    FindingSeverity.Medium,
                    FormattableString.Invariant($"is not in the baseline; it has {server.Credentials.Count} {(server.Credentials.Count == 1 ? "key" : "keys")} now."),
                    FormattableString.Invariant($"See who gets in: Get-RunCloudSshCredential -ServerId {server.Server.Id}"));
                continue;
            }

            foreach (var credential in before.IsRead ? server.Credentials : [])
            {
                var key = server.KeyOf(credential);
                if (!before.Has(Baseline.Identity(credential.User, key, credential.RawPublicKey)))
                {
                    yield return About(
                        credential,
                        key is null ? null : facts.Keys.Of(key),
                        credential.User == Root ? FindingSeverity.High : FindingSeverity.Medium,
                        "is new since the baseline.",
                        key is null ? "Look at it in the RunCloud dashboard." : $"Allow it, or revoke it: {Revoke(key)}");
                }
            }
        }
    }
}

/// <summary>Credentials and servers of the baseline that are gone.</summary>
internal sealed class GoneSinceBaselineRule : AccessRule
{
    private const string Advice = "Nothing to do if this was intended.";

    internal GoneSinceBaselineRule()
        : base(AccessNeeds.Keys)
    {
    }

    /// <inheritdoc/>
    internal override string? MissingParameter(AccessOptions options) => options.Baseline is null ? "Baseline" : null;

    /// <inheritdoc/>
    internal override IEnumerable<SshFinding> Find(AccessFacts facts)
    {
        foreach (var before in facts.Options.Baseline?.Servers ?? [])
        {
            if (!facts.ServersById.TryGetValue(before.Id, out var server))
            {
                if (facts.HasListedAll)
                {
                    yield return new SshFinding(
                        Name, FindingSeverity.Info, $"{SshCredential.ServerText(before.Id, before.Name)} is in the baseline and no longer in this workspace.", Advice)
                    {
                        ServerId = before.Id,
                        ServerName = before.Name,
                    };
                }

                continue;
            }

            // A server that could not be read this time does not count as gone.
            if (server.ReadAt is null || !before.IsRead)
            {
                continue;
            }

            var now = server.Credentials.Select(credential => Baseline.Identity(credential.User, server.KeyOf(credential), credential.RawPublicKey)).ToHashSet(StringComparer.Ordinal);
            foreach (var gone in before.Entries.Where(entry => !now.Contains(entry.Identity)))
            {
                yield return new SshFinding(
                    Name,
                    FindingSeverity.Info,
                    $"'{ApiText.Clean(gone.Label)}' of {ApiText.Clean(gone.User ?? "an unknown user")} ({gone.Fingerprint ?? "unreadable key"}) on {server.Server} is gone since the baseline.",
                    Advice)
                {
                    ServerId = server.Server.Id,
                    ServerName = server.Server.Name,
                    User = gone.User,
                    Label = gone.Label,
                    Fingerprint = gone.Fingerprint,
                }.From(((IOriginated)server.Server).Origin);
            }
        }
    }
}
