namespace RunCloud.Api;

/// <summary>Who has access to what, as rows of key, user and server. A server without keys has a row that says so.</summary>
internal static class AccessTable
{
    private static readonly string[] Headers =
    [
        "Server", "ServerId", "IPAddress", "State", "User", "Person", "Label", "Comment", "KeyType", "Bits", "Fingerprint", "AddedAt", "CredentialId",
        "Findings", "Note", "ReadAt",
    ];

    /// <summary>The content of the file.</summary>
    internal static byte[] ToBytes(AccessFacts facts, IReadOnlyList<SshFinding> findings)
    {
        var byCredential = findings.Where(finding => finding.Credential is not null).ToLookup(finding => (finding.Credential!.ServerId, finding.Credential.Id));
        return CsvText.ToBytes(Headers, facts.Servers.SelectMany(server => Rows(server, facts, byCredential)));
    }

    private static IEnumerable<object?[]> Rows(ServerReading server, AccessFacts facts, ILookup<(long ServerId, long Id), SshFinding> findings)
    {
        var reason = server.Failure is { } failure ? $"NOT READ: {failure.Message}" : null;
        if (server.Credentials.Count == 0 || reason is not null)
        {
            yield return Row(server, credential: null, key: null, rules: null, reason ?? (server.ReadAt is null ? "keys not asked for" : "no keys"));
        }

        foreach (var credential in server.Credentials)
        {
            var key = server.KeyOf(credential) is { } read ? facts.Keys.Of(read) : null;
            var rules = string.Join(" ", findings[(credential.ServerId, credential.Id)].Select(finding => finding.Rule));
            yield return Row(server, credential, key, rules, key is null ? "the key cannot be read" : null);
        }
    }

    private static object?[] Row(ServerReading server, SshCredential? credential, AuditedKey? key, string? rules, string? note) =>
    [
        server.Server.Name, server.Server.Id, server.Server.IPAddress, server.Server.State, credential?.User, key?.Person.Shown, credential?.Label,
        key is null ? null : credential?.Comment, key?.Key.KeyType, key?.Key.KeyLength, key?.Key.Fingerprint, credential?.CreatedAt, credential?.Id, rules, note,
        server.ReadAt,
    ];
}
