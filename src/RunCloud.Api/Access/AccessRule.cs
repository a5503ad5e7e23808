namespace RunCloud.Api;

/// <summary>One rule of the audit.</summary>
internal abstract class AccessRule
{
    /// <summary>The system user with all rights.</summary>
    internal const string Root = "root";

    private protected AccessRule(AccessNeeds needs) => Needs = needs;

    /// <summary>Every rule, in the order of the documentation.</summary>
    internal static IReadOnlyList<AccessRule> All { get; } =
    [
        new BlockedRule(), new NotAllowedRule(), new CertificateAuthorityRule(), new DeploymentKeyIsLoginKeyRule(), new WeakKeyRule(),
        new PasswordLoginRule(), new RootLoginRule(), new RootKeyRule(), new UnreadableRule(), new SharedKeyRule(), new OldKeyRule(),
        new UnknownAgeRule(), new NewSinceBaselineRule(), new GoneSinceBaselineRule(), new ServerNotReadRule(),
    ];

    /// <summary>The rule's name.</summary>
    internal string Name => GetType().Name[..^"Rule".Length];

    /// <summary>What it needs to read.</summary>
    internal AccessNeeds Needs { get; }

    /// <summary>The parameter without which it can't find anything; <see langword="null"/> if none is missing. Some rules need a list or a baseline.</summary>
    internal virtual string? MissingParameter(AccessOptions options) => null;

    /// <summary>The violations.</summary>
    internal abstract IEnumerable<SshFinding> Find(AccessFacts facts);

    /// <summary>The command to preview the removal of a key everywhere.</summary>
    private protected static string Revoke(SshPublicKey key) => $"Revoke-RunCloudSshKey -Key '{key.Fingerprint}' -WhatIf";

    /// <summary>A finding about one credential.</summary>
    private protected SshFinding About(SshCredential credential, AuditedKey? key, FindingSeverity severity, string text, string advice) =>
        new SshFinding(Name, severity, $"{credential} {text}", advice)
        {
            ServerId = credential.ServerId,
            ServerName = credential.ServerName,
            User = credential.User,
            Label = credential.Label,
            Fingerprint = key?.Key.Fingerprint,
            Credential = credential,
            KeyIndex = key?.Index,
        }.From(((IOriginated)credential).Origin);

    /// <summary>A finding about a server.</summary>
    private protected SshFinding About(Server server, FindingSeverity severity, string text, string advice) =>
        new SshFinding(Name, severity, $"{server} {text}", advice)
        {
            ServerId = server.Id,
            ServerName = server.Name,
        }.From(((IOriginated)server).Origin);
}

/// <summary>A rule that looks at each credential whose key can be read.</summary>
internal abstract class CredentialRule : AccessRule
{
    private protected CredentialRule(AccessNeeds needs = AccessNeeds.Keys)
        : base(needs)
    {
    }

    /// <inheritdoc/>
    internal sealed override IEnumerable<SshFinding> Find(AccessFacts facts) =>
        MissingParameter(facts.Options) is not null ? []
            : from server in facts.Servers
              from credential in server.Credentials
              let key = server.KeyOf(credential)
              where key is not null
              let finding = Check(facts, server, credential, facts.Keys.Of(key))
              where finding is not null
              select finding;

    /// <summary>The violation; <see langword="null"/> if there is none.</summary>
    private protected abstract SshFinding? Check(AccessFacts facts, ServerReading server, SshCredential credential, AuditedKey key);
}
