using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>A cmdlet that reads the keys of a whole workspace, or of given servers, and writes its output when all are read.</summary>
public abstract class AuditCommand : RunCloudApiCommand
{
    private readonly List<ServerArgument> named = [];

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

    /// <summary>Collects servers until the input ends. They must belong to one workspace.</summary>
    private protected void Collect(IReadOnlyList<ServerArgument> servers)
    {
        Adopt(servers.Select(server => server.Given).OfType<IOriginated>());
        named.AddRange(servers);
    }

    /// <summary>The selected servers, looked up if they were given by name; <see langword="null"/> for all.</summary>
    private protected IReadOnlyList<(long Id, Server? Server)>? Wanted(IReadOnlyList<IdArgument> ids)
    {
        if (!IsNamed)
        {
            return null;
        }

        var items = Sort(named, takesCredentials: false).Concat(ids.Count > 0 ? Sort(ids, "ServerId") : []).ToList();
        if (items.Find(item => !ReferenceEquals(item.Client.Origin, Client.Origin)) is { } other)
        {
            ThrowTerminatingError(Failures.Record(
                new InvalidOperationException($"Not all servers belong to the connection {Workspace}, and this command works with one connection only."),
                ErrorIds.ContextMismatch,
                ErrorCategory.InvalidArgument,
                other.Target,
                "Run the command separately for each connection."));
        }

        return [.. items.Select(item => (item.ServerId, item.Server))];
    }

    /// <summary>Reads everything.</summary>
    private protected void Read(AccessAudit audit, Action<ServerReading> heard)
    {
        try
        {
            foreach (var server in Stream(audit.ReadAsync(Stop)))
            {
                Report(FormattableString.Invariant($"{audit.Servers.Count} servers read"));
                heard(server);
            }
        }
        catch (RunCloudException e)
        {
            ThrowTerminatingError(Failures.ToRecord(e, target: null));
        }

        if (audit.ListFailure is { } broken)
        {
            WriteFailure(broken, target: null);
        }
    }

    /// <summary>No findings would look like a good result, so no servers at all is an error.</summary>
    private protected void WriteNoServer() => WriteError(Failures.ToRecord(
        new RunCloudException(
            RunCloudError.ServerNotFound,
            IsNamed ? "No servers were given, so nothing was checked." : "The workspace has no servers, so nothing was checked. The token may belong to another workspace."),
        target: null));
}
