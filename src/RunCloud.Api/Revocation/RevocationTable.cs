namespace RunCloud.Api;

/// <summary>The report of a run as rows: each removal and each new credential. A server without any has a row of its own.</summary>
internal static class RevocationTable
{
    private static readonly string[] Headers =
    [
        "Server", "ServerId", "IPAddress", "ServerStatus", "ServerReason", "User", "Label", "CredentialId", "Fingerprint", "Status", "Reason", "Message",
        "CheckedAt", "VerifiedAt",
    ];

    /// <summary>The content of the file.</summary>
    internal static byte[] ToBytes(RevocationReport report) => CsvText.ToBytes(
        Headers,
        [
            .. report.Servers.SelectMany(Rows),
            .. report.Excluded.Select(server => new object?[] { server.ServerName, server.ServerId, null, "Excluded", null, null, null, null, null, null, null, null, null, null }),
        ]);

    private static IEnumerable<object?[]> Rows(RevocationReport.ServerEntry server)
    {
        foreach (var removal in server.Removals)
        {
            yield return Row(server, removal, removal.Status, removal.Reason, removal.Message);
        }

        foreach (var added in server.Additions)
        {
            yield return Row(server, added, "Added", reason: null, message: null);
        }

        if (server.Removals.Count + server.Additions.Count == 0 || server.Message is not null)
        {
            yield return Row(server, credential: null, status: null, reason: null, server.Message);
        }
    }

    private static object?[] Row(
        RevocationReport.ServerEntry server, RevocationReport.CredentialEntry? credential, string? status, string? reason, string? message) =>
    [
        server.ServerName, server.ServerId, server.IPAddress, server.Status, server.Reason, credential?.User, credential?.Label, credential?.Id, credential?.Fingerprint,
        status, reason, message, server.CheckedAt, server.VerifiedAt,
    ];
}
