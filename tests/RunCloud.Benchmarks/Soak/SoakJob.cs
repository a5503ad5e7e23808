namespace RunCloud.Benchmarks.Soak;

/// <summary>A kind of job.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Script">What is typed. The key is in <c>$key</c>, the new one in <c>$newKey</c>, the context in <c>$virtual</c>.</param>
internal sealed record SoakJob(string Name, string Script)
{
    private const string Find = "Get-RunCloudServer -Context $virtual | Get-RunCloudSshCredential -Key $key -Context $virtual";
    private const string Remove = "Remove-RunCloudSshCredential -PassThru -Confirm:$false -Context $virtual";

    /// <summary>Whether Ctrl+C comes while a request hangs.</summary>
    public bool IsStopped { get; private init; }

    /// <summary>Whether its token is refused.</summary>
    public bool HasWrongToken { get; private init; }

    public static IReadOnlyList<SoakJob> All { get; } =
    [
        new("pipeline", $"{Find} | {Remove}"),
        new("pipeline, verified", $"{Find} | {Remove} -Verify"),
        new("rehearsed", $"{Find} | {Remove} -WhatIf"),
        new("revoke", "Revoke-RunCloudSshKey -Key $key -Confirm:$false -Context $virtual"),
        new("revoke with files", "Revoke-RunCloudSshKey -Key $key -UndoPath $undo -ReportPath $report -Confirm:$false -Context $virtual"),
        new("update", "Update-RunCloudSshKey -Key $key -NewPublicKey $newKey -Confirm:$false -Context $virtual"),
        new("audit", "Test-RunCloudSshAccess -BlockedKey $key -Context $virtual"),
        new("first credential", "Get-RunCloudServer -Context $virtual | Get-RunCloudSshCredential -Context $virtual -ThrottleLimit 2 | Select-Object -First 1"),
        new("first removal", $"{Find} | {Remove} -ThrottleLimit 2 | Select-Object -First 1"),
        new("connection of its own", "Connect-RunCloud $token -Endpoint $endpoint -MaximumRetryCount 0 -Name own; Get-RunCloudServer -Context own; Disconnect-RunCloud own"),
        new("wrong token", $"{Find} | {Remove}") { HasWrongToken = true },
        new("pipeline, stopped", $"{Find} | {Remove} -Verify") { IsStopped = true },
        new("revoke, stopped", "Revoke-RunCloudSshKey -Key $key -ReportPath $report -Confirm:$false -Context $virtual") { IsStopped = true },
        new("update, stopped", "Update-RunCloudSshKey -Key $key -NewPublicKey $newKey -Confirm:$false -Context $virtual") { IsStopped = true },
    ];

    /// <summary>Whether random faults strike it. A connection of its own has the real clock, in which retries and time limits take their time.</summary>
    public bool MeetsFaults => !IsStopped && !HasWrongToken && Name != "connection of its own";
}
