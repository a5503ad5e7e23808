namespace RunCloud.Api;

/// <summary>A server that accepts passwords.</summary>
internal sealed class PasswordLoginRule : AccessRule
{
    internal PasswordLoginRule()
        : base(AccessNeeds.Settings)
    {
    }

    /// <inheritdoc/>
    internal override IEnumerable<SshFinding> Find(AccessFacts facts) =>
        from server in facts.Servers
        where server.Setting?.PasswordlessLogin == false
        let isRootOpen = server.Setting!.PreventRootLogin == false
        select About(
            server.Server,
            isRootOpen ? FindingSeverity.High : FindingSeverity.Medium,
            isRootOpen ? "lets people in with a password, root too: removing a key does not stop anyone who knows a password." : "lets people in with a password: removing a key does not stop anyone who knows one.",
            FormattableString.Invariant($"First see who has no key (Get-RunCloudSshCredential -ServerId {server.Server.Id}), then: Set-RunCloudSshSetting -ServerId {server.Server.Id} -PasswordlessLogin $true -WhatIf"));
}

/// <summary>A server that accepts root logins.</summary>
internal sealed class RootLoginRule : AccessRule
{
    internal RootLoginRule()
        : base(AccessNeeds.Settings)
    {
    }

    /// <inheritdoc/>
    internal override IEnumerable<SshFinding> Find(AccessFacts facts) =>
        from server in facts.Servers
        where server.Setting?.PreventRootLogin == false
        select About(
            server.Server,
            FindingSeverity.Medium,
            "lets in root over SSH.",
            FormattableString.Invariant($"Read \"Close root's login\" in the README, then: Set-RunCloudSshSetting -ServerId {server.Server.Id} -PreventRootLogin $true -WhatIf"));
}

/// <summary>A server that was not read completely.</summary>
internal sealed class ServerNotReadRule : AccessRule
{
    internal ServerNotReadRule()
        : base(AccessNeeds.None)
    {
    }

    /// <inheritdoc/>
    internal override IEnumerable<SshFinding> Find(AccessFacts facts)
    {
        foreach (var server in facts.Servers)
        {
            foreach (var reason in Reasons(server, facts.Options))
            {
                yield return About(server.Server, FindingSeverity.High, reason, "Run the command again. Until then this server is not checked.");
            }

            if (server.Server.Reachability != ServerReachability.Online && !(server.Failure is not null && server.Credentials.Count == 0))
            {
                yield return About(
                    server.Server,
                    FindingSeverity.Low,
                    server.Server.Reachability == ServerReachability.Offline
                        ? "is offline: what is shown for it is RunCloud's record only."
                        : "is not reported as online: what is shown for it is RunCloud's record only.",
                    "Run the command again when the server is back.");
            }
        }
    }

    /// <summary>The parts of a server that could not be read.</summary>
    internal static IEnumerable<string> Reasons(ServerReading server, AccessOptions options)
    {
        if (server.Failure is { } failure)
        {
            yield return $"was not read completely. {failure.Message}";
        }

        if (server.SettingFailure is { } setting)
        {
            yield return $"could not be asked for its SSH settings. {setting.Message}";
        }
        else if (options.ReadsSettings && server.Setting is { } read && (read.PasswordlessLogin is null || read.PreventRootLogin is null))
        {
            yield return $"has settings that RunCloud does not report: {string.Join(", ", Unknown(read))}.";
        }

        if (server.UsersFailure is { } users)
        {
            yield return $"could not be asked for its system users. {users.Message}";
        }

        foreach (var user in (server.Users ?? []).Where(user => user.HasUnreadableDeploymentKey))
        {
            yield return $"has a deployment key that cannot be compared. {user.NotComparable().Message}";
        }
    }

    private static IEnumerable<string> Unknown(SshSetting setting)
    {
        if (setting.PasswordlessLogin is null)
        {
            yield return nameof(setting.PasswordlessLogin);
        }

        if (setting.PreventRootLogin is null)
        {
            yield return nameof(setting.PreventRootLogin);
        }
    }
}
