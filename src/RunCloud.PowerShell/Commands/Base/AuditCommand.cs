using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>A cmdlet that reads the keys of a whole workspace, or of given servers, and writes its output when all are read.</summary>
public abstract class AuditCommand : RunCloudApiCommand<ContextArgument[]>
{
    private readonly List<ServerArgument> _named = [];
    private int _read;

    private protected AuditCommand(string activity)
        : base(activity)
    {
    }

    /// <summary>How many servers are read in parallel, at most.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = 8;

    /// <summary>Whether servers were given. Only without any are all servers selected.</summary>
    private protected bool IsNamed => MyInvocation.ExpectingInput || MyInvocation.BoundParameters.ContainsKey("Server") || MyInvocation.BoundParameters.ContainsKey("ServerId");

    /// <summary>Keeps servers until all of the input is heard.</summary>
    private protected void Collect(IReadOnlyList<ServerArgument> servers) => _named.AddRange(servers);

    /// <summary>For a report or a baseline, which are of one workspace: takes the servers' one for it, before any request.</summary>
    private protected void AdoptNamed()
    {
        Adopt(_named.Select(server => server.Given).OfType<IOriginated>());
        _ = Client;
    }

    /// <summary>The workspaces, each with its selected servers, looked up if they were given by name; no list means every server.</summary>
    private protected IReadOnlyList<(RunCloudClient Client, IReadOnlyList<(long Id, Server? Server)>? Servers)> Wanted(IReadOnlyList<IdArgument> ids) =>
        !IsNamed ? [.. Clients.Select(client => (client, (IReadOnlyList<(long Id, Server? Server)>?)null))]
        : [.. Sort(_named, takesCredentials: false).Concat(Sort(ids, "ServerId")).GroupBy(item => item.Client)
            .Select(own => (own.Key, (IReadOnlyList<(long Id, Server? Server)>?)[.. own.Select(item => (item.ServerId, item.Server))]))];

    /// <summary>Reads everything of one workspace.</summary>
    /// <returns>Whether anything of it could be read.</returns>
    private protected bool Read(RunCloudClient client, AccessAudit audit, Action<ServerReading> heard)
    {
        var before = _read;
        try
        {
            foreach (var server in Stream(audit.ReadAsync(Stop)))
            {
                Report(PlanText.Progress(++_read, audit.Total is { } total ? total + before : null));
                heard(server);
            }
        }
        catch (RunCloudException e) when (e.IsFatal)
        {
            WriteFailure(client, e, target: null);
            return false;
        }
        catch (RunCloudException e) when (Clients.Skip(1).Any())
        {
            WriteError(Failures.ToRecord(e, target: null));
            return false;
        }
        catch (RunCloudException e)
        {
            ThrowTerminatingError(Failures.ToRecord(e, target: null));
        }

        if (audit.ListFailure is { } broken)
        {
            WriteFailure(broken, target: null);
        }

        return true;
    }

    /// <summary>No findings would look like a good result, so no servers at all is an error.</summary>
    private protected void WriteNoServer() => WriteError(Failures.ToRecord(
        new RunCloudException(
            RunCloudError.ServerNotFound,
            IsNamed ? "No servers were given, so nothing was checked." : "The workspace has no servers, so nothing was checked. The token may belong to another workspace."),
        target: null));
}
