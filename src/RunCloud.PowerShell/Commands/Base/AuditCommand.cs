using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>A cmdlet that reads the keys of a whole workspace, or of the servers that it is given, and speaks when all are read.</summary>
public abstract class AuditCommand : RunCloudApiCommand
{
    private readonly List<ServerArgument> named = [];

    private protected AuditCommand(string activity)
        : base(activity)
    {
    }

    /// <summary>How many servers may be read at once.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = 8;

    /// <summary>Whether servers were named: only where nobody named any, every one is meant.</summary>
    private protected bool IsNamed => MyInvocation.ExpectingInput || MyInvocation.BoundParameters.ContainsKey("Server") || MyInvocation.BoundParameters.ContainsKey("ServerId");

    /// <summary>Keeps servers until all of the input is heard; they must be of one workspace.</summary>
    private protected void Collect(IReadOnlyList<ServerArgument> servers)
    {
        Adopt(servers.Select(server => server.Given).OfType<IOriginated>());
        named.AddRange(servers);
    }

    /// <summary>The servers that are meant, looked up where they are given by name; <see langword="null"/> for every one.</summary>
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
                new InvalidOperationException($"Not all servers are of the connection {Workspace}, and this command works in one."),
                ErrorIds.ContextMismatch,
                ErrorCategory.InvalidArgument,
                other.Target,
                "Run the command once for each connection."));
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

    /// <summary>Nothing found looks like all well: where there was no server at all, it must not.</summary>
    private protected void WriteNoServer() => WriteError(Failures.ToRecord(
        new RunCloudException(
            RunCloudError.ServerNotFound,
            IsNamed ? "No server was given, so nothing was checked." : "The workspace has no servers, so nothing was checked. The token may belong to another workspace."),
        target: null));
}
