using System.Text.RegularExpressions;

namespace RunCloud.Api;

/// <summary>A key on the block list.</summary>
internal sealed class BlockedRule : CredentialRule
{
    /// <inheritdoc/>
    internal override string? MissingParameter(AccessOptions options) => options.Blocked is null ? "BlockedKey" : null;

    private protected override SshFinding? Check(AccessFacts facts, ServerReading server, SshCredential credential, AuditedKey key) =>
        !key.IsBlocked ? null : About(credential, key, FindingSeverity.Critical, "is on the -BlockedKey list.", $"Revoke it: {Revoke(key.Key)}");
}

/// <summary>A key that is not on the allow list.</summary>
internal sealed class NotAllowedRule : CredentialRule
{
    /// <inheritdoc/>
    internal override string? MissingParameter(AccessOptions options) => options.Allowed is null ? "AllowedKey" : null;

    private protected override SshFinding? Check(AccessFacts facts, ServerReading server, SshCredential credential, AuditedKey key) =>
        key.IsAllowed ? null
            : About(credential, key, FindingSeverity.High, "is not on the -AllowedKey list.", $"Add its line to the list, or revoke it: {Revoke(key.Key)}");
}

/// <summary>A line that accepts every certificate signed by a key.</summary>
internal sealed class CertificateAuthorityRule : CredentialRule
{
    private protected override SshFinding? Check(AccessFacts facts, ServerReading server, SshCredential credential, AuditedKey key) =>
        !key.IsCertificateAuthority || facts.Options.Allowed?.NamesAuthority(key.Key) == true ? null
            : About(
                credential,
                key,
                FindingSeverity.High,
                "has the option cert-authority: it lets in every certificate that this key signs.",
                $"Remove it unless you run that authority: {Revoke(key.Key)}");
}

/// <summary>A deployment key that is also a login key: anyone on the one server can log in to the other.</summary>
internal sealed class DeploymentKeyIsLoginKeyRule : AccessRule
{
    internal DeploymentKeyIsLoginKeyRule()
        : base(AccessNeeds.Keys | AccessNeeds.Users)
    {
    }

    /// <inheritdoc/>
    internal override IEnumerable<SshFinding> Find(AccessFacts facts)
    {
        var holders = facts.Servers.SelectMany(server => server.Users ?? []).Where(user => user.Key is not null && !user.HasUnreadableDeploymentKey)
            .GroupBy(user => user.Key!.Fingerprint, StringComparer.Ordinal)
            .ToDictionary(same => same.Key, same => same.ToList(), StringComparer.Ordinal);
        foreach (var key in holders.Count == 0 ? [] : facts.Keys.All)
        {
            if (!holders.TryGetValue(key.Key.Fingerprint, out var users))
            {
                continue;
            }

            var holder = users.Find(user => user.Key!.HasSameKeyAs(key.Key));
            if (holder is null)
            {
                continue;
            }

            foreach (var credential in key.Copies)
            {
                yield return About(
                    credential,
                    key,
                    FindingSeverity.High,
                    FormattableString.Invariant($"is the deployment key of {holder}{(users.Count > 1 ? FormattableString.Invariant($" and {users.Count - 1} more") : string.Empty)}: whoever is that user there can log in here."),
                    $"Give that user a new deployment key, or remove this one: {Revoke(key.Key)}");
            }
        }
    }
}

/// <summary>A key that is too weak by today's standards.</summary>
internal sealed class WeakKeyRule : CredentialRule
{
    private const int LeastRsa = 2048;
    private const int GoodRsa = 3072;

    private protected override SshFinding? Check(AccessFacts facts, ServerReading server, SshCredential credential, AuditedKey key)
    {
        var type = key.Key.KeyType;
        FindingSeverity? severity = IsOf("DSA") || (IsOf("RSA") && key.Key.KeyLength < LeastRsa) ? FindingSeverity.High
            : IsOf("RSA") && key.Key.KeyLength < GoodRsa ? FindingSeverity.Low
            : null;
        return severity is not { } level ? null
            : About(
                credential,
                key,
                level,
                FormattableString.Invariant($"is a weak key: {type} with {key.Key.KeyLength} bits."),
                $"Replace it: Update-RunCloudSshKey -Key '{key.Key.Fingerprint}' -NewPublicKey <path of the new .pub file> -WhatIf");

        bool IsOf(string name) => type == name || type == name + "-CERT";
    }
}

/// <summary>A key of root.</summary>
internal sealed class RootKeyRule : CredentialRule
{
    internal RootKeyRule()
        : base(AccessNeeds.Keys | AccessNeeds.Settings)
    {
    }

    private protected override SshFinding? Check(AccessFacts facts, ServerReading server, SshCredential credential, AuditedKey key)
    {
        var isClosed = server.Setting?.PreventRootLogin == true;
        return credential.User != Root ? null
            : About(
                credential,
                key,
                isClosed ? FindingSeverity.Info : FindingSeverity.Medium,
                isClosed ? "is a key of root, but root login is closed there." : "lets in root.",
                $"Remove it from root: Revoke-RunCloudSshKey -Key '{key.Key.Fingerprint}' -User root -WhatIf");
    }
}

/// <summary>A credential whose key can't be read, so that it is not known who can log in with it.</summary>
internal sealed class UnreadableRule : AccessRule
{
    internal UnreadableRule()
        : base(AccessNeeds.Keys)
    {
    }

    /// <inheritdoc/>
    internal override IEnumerable<SshFinding> Find(AccessFacts facts) =>
        from server in facts.Servers
        from credential in server.Credentials
        where server.KeyOf(credential) is null
        select About(
            credential,
            key: null,
            facts.Options.Allowed is null ? FindingSeverity.Medium : FindingSeverity.High,
            "has a public key that cannot be read, so it is not known who can log in with it.",
            FormattableString.Invariant($"Look at it in the RunCloud dashboard, or remove it by its ids: Remove-RunCloudSshCredential -ServerId {credential.ServerId} -Id {credential.Id} -WhatIf"));
}

/// <summary>A key that several people seem to share.</summary>
internal sealed class SharedKeyRule : AccessRule
{
    private static readonly HashSet<string> Nobody = new(["root", "ubuntu", "admin", "ec2-user", "azureuser", "imported-openssh-key"], StringComparer.OrdinalIgnoreCase);

    internal SharedKeyRule()
        : base(AccessNeeds.Keys)
    {
    }

    /// <inheritdoc/>
    internal override IEnumerable<SshFinding> Find(AccessFacts facts)
    {
        var users = facts.Servers.SelectMany(server => server.Credentials.Select(credential => credential.User).Concat((server.Users ?? []).Select(user => user.User)))
            .OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var key in facts.Keys.All.Where(key => !key.IsAllowed && key.Copies.Count > 1))
        {
            var names = key.Copies.Select(copy => NameIn(copy.Comment)).OfType<string>().Where(name => !users.Contains(name)).Distinct(StringComparer.OrdinalIgnoreCase).OrderBy(name => name, StringComparer.Ordinal).ToList();
            if (names.Count > 1)
            {
                var servers = key.Copies.Select(copy => copy.ServerId).Distinct().Count();
                yield return new SshFinding(
                    Name,
                    FindingSeverity.Low,
                    FormattableString.Invariant($"{key.Key.Fingerprint} on {servers} servers seems to be shared: its comments name {string.Join(", ", names.Take(5))}{(names.Count > 5 ? ", …" : string.Empty)}."),
                    $"Give each person a key of their own, then revoke this one: {Revoke(key.Key)}")
                {
                    Fingerprint = key.Key.Fingerprint,
                    KeyIndex = key.Index,
                }.From(((IOriginated)key.Copies[0]).Origin);
            }
        }
    }

    /// <summary>The person that a comment names; <see langword="null"/> if it names nobody.</summary>
    private static string? NameIn(string? comment)
    {
        var name = comment?.Split('@')[0].Trim();
        return string.IsNullOrEmpty(name) || Nobody.Contains(name!) || Regex.IsMatch(name!, "^rsa-key-[0-9]+$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1)) ? null : name;
    }
}

/// <summary>A key that was added long ago.</summary>
internal sealed class OldKeyRule : CredentialRule
{
    private protected override SshFinding? Check(AccessFacts facts, ServerReading server, SshCredential credential, AuditedKey key) =>
        credential.CreatedAt is not { } added || added >= facts.Now.AddDays(-facts.Options.MaximumAgeDays) ? null
            : About(
                credential,
                key,
                FindingSeverity.Low,
                FormattableString.Invariant($"was added on {ApiText.Day(added)}, more than {facts.Options.MaximumAgeDays} days ago."),
                $"Replace it by a new key: Update-RunCloudSshKey -Key '{key.Key.Fingerprint}' -NewPublicKey <path of the new .pub file> -WhatIf");
}

/// <summary>A key without a date.</summary>
internal sealed class UnknownAgeRule : CredentialRule
{
    private protected override SshFinding? Check(AccessFacts facts, ServerReading server, SshCredential credential, AuditedKey key) =>
        credential.CreatedAt is not null ? null
            : About(credential, key, FindingSeverity.Info, "has no date: RunCloud does not say when it was added.", "See it in the RunCloud dashboard.");
}
