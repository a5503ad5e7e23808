using RunCloud.Simulator;

namespace RunCloud.Trust.Tests;

/// <summary>A job of the matrix.</summary>
internal sealed record Job(string Name, string Command, Order Order, IReadOnlyList<Endpoint> Endpoints)
{
    /// <summary>Whether the lists shorten the keys, so that each is read individually.</summary>
    internal TruncatedKeys KeysFor(Endpoint endpoint) =>
        endpoint == Endpoint.Credential && Order.ReadsLists && !Order.SavesFiles ? TruncatedKeys.InLists : TruncatedKeys.Nowhere;

    /// <summary>The documented form of answers, in which the job calls the endpoint.</summary>
    internal Wire WireFor(Endpoint endpoint) => new() { Keys = KeysFor(endpoint) };

    /// <summary>The jobs.</summary>
    internal static IReadOnlyList<Job> All { get; } =
    [
        new Job(
            "pipeline",
            "Get-RunCloudServer -Context $virtual | Get-RunCloudSshCredential -Key $key -Context $virtual"
                + " | Remove-RunCloudSshCredential -Verify -PassThru -Confirm:$false -Context $virtual",
            new Order { Key = SmallFleet.Key },
            [Endpoint.Servers, Endpoint.List, Endpoint.Credential, Endpoint.Removal, Endpoint.ReadBack, Endpoint.Server]),
        new Job(
            "pipeline without -Verify",
            "Get-RunCloudServer -Context $virtual | Get-RunCloudSshCredential -Key $key -Context $virtual"
                + " | Remove-RunCloudSshCredential -PassThru -Confirm:$false -Context $virtual",
            new Order { Key = SmallFleet.Key, Verifies = false },
            [Endpoint.Removal]),
        new Job(
            "by ids",
            $"@({SmallFleet.Ids}) | Remove-RunCloudSshCredential -PassThru -Confirm:$false -Context $virtual",
            new Order { Key = SmallFleet.Key, ReadsLists = false, Verifies = false },
            [Endpoint.Server, Endpoint.Credential, Endpoint.Removal]),
        new Job(
            "revoke",
            "Revoke-RunCloudSshKey -Key $key -Confirm:$false -Context $virtual",
            new Order { Key = SmallFleet.Key, AccountsForServers = true },
            [Endpoint.Servers, Endpoint.List, Endpoint.Credential, Endpoint.Removal, Endpoint.ReadBack, Endpoint.ServersAgain, Endpoint.Sessions, Endpoint.Users, Endpoint.User]),
        new Job(
            "revoke, piped",
            "Get-RunCloudServer -Context $virtual | Revoke-RunCloudSshKey -Key $key -Confirm:$false -Context $virtual",
            new Order { Key = SmallFleet.Key, AccountsForServers = true, ListsAgain = false },
            [Endpoint.Servers, Endpoint.Server]),
        new Job(
            "revoke with files",
            "Revoke-RunCloudSshKey -Key $key -UndoPath $undo -ReportPath $report -Confirm:$false -Context $virtual",
            new Order { Key = SmallFleet.Key, AccountsForServers = true, SavesFiles = true },
            [Endpoint.List, Endpoint.Credential, Endpoint.Removal, Endpoint.ReadBack]),
        new Job(
            "update",
            "Update-RunCloudSshKey -Key $key -NewPublicKey $newKey -Confirm:$false -Context $virtual",
            new Order { Key = SmallFleet.Key, NewKey = SmallFleet.NewKey, AccountsForServers = true },
            [Endpoint.List, Endpoint.Credential, Endpoint.Addition, Endpoint.Removal, Endpoint.ReadBack, Endpoint.ServersAgain]),
    ];
}
