using System.Diagnostics.CodeAnalysis;
using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>A cmdlet that calls the API: in the workspace of the object that it is given, else in those of <c>-Context</c>, else in the current one.</summary>
/// <typeparam name="TContext">
/// <see cref="ContextArgument"/> for a cmdlet that works in one workspace only, an array of it for one that takes several.
/// </typeparam>
public abstract class RunCloudApiCommand<TContext> : RunCloudCommand
    where TContext : class
{
    private readonly Dictionary<Context, RunCloudClient> _clients = [];
    private readonly HashSet<(Context? Home, long ServerId, long? CredentialId)> _taken = [];
    private readonly Dictionary<RunCloudClient, IReadOnlyList<Server>> _listed = [];
    private IReadOnlyList<Context>? _chosen;
    private Context? _adopted;

    private protected RunCloudApiCommand(string activity)
        : base(activity)
    {
    }

    /// <summary>
    /// The workspace for this one call: a context's name, or a context; several where the cmdlet takes an array. Left out: that of the object
    /// that is given, else the current one, or else the environment's.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public TContext? Context { get; set; }

    /// <summary>The client for what remembers no workspace, in a command that works in one; ends the command where several are named.</summary>
    [SuppressMessage("Usage", "CA2213:Disposable fields should be disposed", Justification = "It ends with the context's.")]
    private protected RunCloudClient Client => ClientOf(Workspace);

    /// <summary>The clients of the workspaces that the command is to call where no object says another, less those whose token was refused.</summary>
    private protected IEnumerable<RunCloudClient> Clients => Chosen.Select(ClientOf).Where(client => RefusalOf(client.Origin) is null);

    /// <summary>The context of <see cref="Client"/>.</summary>
    private protected Context Workspace => _adopted ?? (Home(item: null, out var problem) ?? throw Ended(problem!));

    /// <inheritdoc/>
    private protected override bool HasOthersLeft =>
        (Context is null ? _clients.Keys : Chosen.Concat(_clients.Keys)).Any(context => RefusalOf(context.Client.Origin) is null);

    /// <inheritdoc/>
    private protected override bool MayMeetOthers => typeof(TContext) != typeof(ContextArgument) && Context is null && MayBringObjects
        && ContextTable.Here.All.Any(context => RefusalOf(context.Client.Origin) is null);

    /// <summary>Whether objects may come that bring their workspace along.</summary>
    private bool MayBringObjects => MyInvocation.ExpectingInput || MyInvocation.BoundParameters.Keys.Any(name => name is "Server" or "InputObject");

    private ContextArgument[] Named => (object?)Context switch
    {
        ContextArgument one => [one],
        ContextArgument[] several => several,
        _ => [],
    };

    /// <summary>The contexts for what remembers none.</summary>
    private IReadOnlyList<Context> Chosen
    {
        get
        {
            if (_chosen is null || _chosen.Any(context => context.IsForgotten))
            {
                _chosen = Context is null ? [Find(wanted: null)] : [.. Named.Select(Find).Distinct()];
            }

            return _chosen;
        }
    }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        // Where no object can come, nothing but the chosen ones is there to call.
        if (Context is not null || !MayBringObjects)
        {
            _ = Chosen;
        }
    }

    /// <summary>What to add to a plan, a question or a target where there is more than one context; else nothing.</summary>
    private protected string InContext(RunCloudClient client) =>
        ContextTable.Here.All.Skip(1).Any() || _clients.Count > 1 ? $" in context '{ApiText.Clean(RunCloud.Context.Of(client.Origin)?.Name)}'" : string.Empty;

    /// <inheritdoc/>
    private protected override string NameOf(Origin origin) => RunCloud.Context.Of(origin)?.ToString() ?? string.Empty;

    /// <summary>The client of an object's workspace. If that cannot be used, writes an error and returns <see langword="null"/>.</summary>
    private protected RunCloudClient? ClientFor(object? item)
    {
        if (Home(item, out var problem) is { } home)
        {
            return ClientOf(home);
        }

        WriteError(problem!);
        return null;
    }

    /// <summary>
    /// For a command that works in one workspace: selects the workspace of its input, before any request. Ends the command if that cannot
    /// be used, or if the input belongs to several.
    /// </summary>
    private protected void Adopt(IEnumerable<object?> items)
    {
        foreach (var item in items)
        {
            var home = Home(item, out var problem) ?? throw Ended(problem!);
            if (_adopted is not null && !ReferenceEquals(_adopted, home))
            {
                throw Ended(Failures.ContextMismatch(item!, home, [_adopted]));
            }

            _adopted = home;
        }
    }

    /// <summary>The servers of ids. An invalid id is an error.</summary>
    private protected List<ServerItem> Sort(IEnumerable<IdArgument> ids, string parameter) =>
        [.. CheckIds(ids, parameter).Select(id => ClientFor(id) is { } client ? new ServerItem(client, id, Server: null, CredentialId: null) : null).OfType<ServerItem>()];

    /// <summary>The valid ids. Each invalid id is an error of its own.</summary>
    private protected List<long> CheckIds(IEnumerable<IdArgument> ids, string parameter, object? target = null)
    {
        var good = new List<long>();
        foreach (var id in ids)
        {
            if (id.Value is { } value)
            {
                good.Add(value);
            }
            else
            {
                WriteError(Failures.InvalidId(parameter, id.ToString(), target ?? id.ToString()));
            }
        }

        return good;
    }

    /// <summary>
    /// The servers that arguments select: a server, all servers of a name, or the server of an object with a <c>ServerId</c>. All arguments are
    /// checked before any request except the listing for names. Each invalid argument is an error of its own.
    /// </summary>
    private protected IEnumerable<ServerItem> Sort(IReadOnlyList<ServerArgument> given, bool takesCredentials)
    {
        // Errors first, so that no request is sent before them.
        var sorted = given.Select(one => (one.Given as string, Item: one.Given is string ? null : Sort(one, takesCredentials))).ToList();
        foreach (var (name, item) in sorted)
        {
            if (name is not null)
            {
                foreach (var named in FindByName(name))
                {
                    yield return named;
                }
            }
            else if (item is not null)
            {
                yield return item;
            }
        }
    }

    private ServerItem? Sort(ServerArgument argument, bool takesCredentials)
    {
        if (argument.Given is Server server)
        {
            return ClientFor(server) is { } own ? new ServerItem(own, server.Id, server, CredentialId: null) : null;
        }

        if (Property(argument, nameof(ServerItem.ServerId)) is not { } serverId)
        {
            WriteError(Failures.InvalidServerName(argument.Given is string ? $"'{argument}'" : IdArgument.Shown(argument.Given), argument.Given));
            return null;
        }

        // An invalid Id must never select the whole server.
        var credentialId = takesCredentials ? Property(argument, "Id") : null;
        if (CheckIds(new[] { serverId }, nameof(ServerItem.ServerId), argument.Given).Count == 0
            || (credentialId is not null && CheckIds([credentialId], "Id", argument.Given).Count == 0)
            || ClientFor(argument.Given) is not { } client)
        {
            return null;
        }

        var item = new ServerItem(client, serverId.Value!.Value, OriginArgument.ServerOf(argument.Given), credentialId?.Value);
        return _taken.Add((RunCloud.Context.Of(argument.Given), item.ServerId, item.CredentialId)) ? item : null;
    }

    /// <summary>A property of an object as an id; <see langword="null"/> if there is no such property.</summary>
    private static IdArgument? Property(ServerArgument argument, string name)
    {
        try
        {
            return argument.Row?.Properties[name] is { } property ? IdArgument.From(property.Value) : null;
        }
        catch (ExtendedTypeSystemException)
        {
            return IdArgument.From(null);
        }
    }

    private IEnumerable<ServerItem> FindByName(string name)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            WriteError(Failures.InvalidServerName("an empty text", name));
            yield break;
        }

        var names = new NamePatterns([name]);
        var isWhole = true;
        foreach (var client in Clients.ToList())
        {
            if (List(client, name) is not { } all)
            {
                isWhole = false;
                continue;
            }

            foreach (var server in all.Where(server => names.Accept(server.Name)))
            {
                if (_taken.Add((RunCloud.Context.Of(server), server.Id, null)))
                {
                    yield return new ServerItem(client, server.Id, server, CredentialId: null);
                }
            }
        }

        if (isWhole && names.ExactUnmatched.Any())
        {
            WriteError(Failures.ToRecord(new RunCloudException(RunCloudError.ServerNotFound, NoServerNamed(name)), name));
        }
    }

    /// <summary>What to say where a name is that of no server.</summary>
    private protected string NoServerNamed(string name) =>
        $"There is no server named '{ApiText.Clean(name)}' in {(Chosen.Count > 1 ? "these workspaces" : "this workspace")}.";

    /// <summary>Passes on the servers of a workspace as their pages come.</summary>
    private protected IEnumerable<Server> StreamServers(RunCloudClient client) => Stream(client.GetServerPagesAsync(Stop)).SelectMany(page => page);

    /// <summary>The servers of a workspace, listed once; where that fails, writes the error and gives <see langword="null"/>.</summary>
    private IReadOnlyList<Server>? List(RunCloudClient client, string name)
    {
        if (!_listed.TryGetValue(client, out var all))
        {
            try
            {
                all = [.. StreamServers(client)];
                _listed.Add(client, all);
            }
            catch (RunCloudException e)
            {
                WriteFailure(client, e, name);
                return null;
            }
        }

        return all;
    }

    /// <summary>The context of an object; <see langword="null"/> and the reason if it cannot be used.</summary>
    private Context? Home(object? item, out ErrorRecord? problem)
    {
        problem = null;
        if (RunCloud.Context.Of(item) is not { } home)
        {
            // An id is another thing in each workspace.
            problem = Chosen.Count > 1 ? Failures.ContextNotTold(item, Chosen) : null;
            return problem is null ? Chosen[0] : null;
        }

        problem = home.IsForgotten ? Failures.ConnectionGone(item!)
            : Context is not null && !Chosen.Contains(home) ? Failures.ContextMismatch(item!, home, Chosen)
            : null;
        return problem is null ? home : null;
    }

    private Context Find(ContextArgument? wanted)
    {
        Context? found = null;
        try
        {
            found = ContextTable.Here.Find(wanted);
        }
        catch (RunCloudException e)
        {
            ThrowTerminatingError(Failures.ToRecord(e, ContextTable.EndpointVariable));
        }

        return found is { IsForgotten: false } ? found : throw Ended(Failures.NotConnected(wanted?.Name));
    }

    /// <summary>Ends the command.</summary>
    private PipelineStoppedException Ended(ErrorRecord record)
    {
        ThrowTerminatingError(record);
        return new PipelineStoppedException();
    }

    private protected RunCloudClient ClientOf(Context context)
    {
        if (!_clients.TryGetValue(context, out var own))
        {
            own = context.Client.For(Observer);
            _clients.Add(context, own);
        }

        return own;
    }
}

/// <summary>A server that a command works on, with the client of its workspace.</summary>
/// <param name="Client">The client of its workspace.</param>
/// <param name="ServerId">The server's id.</param>
/// <param name="Server">The server; <see langword="null"/> if only its id is known.</param>
/// <param name="CredentialId">The selected credential; <see langword="null"/> for the whole server.</param>
internal sealed record ServerItem(RunCloudClient Client, long ServerId, Server? Server, long? CredentialId)
{
    /// <summary>The server, or its id: the target of errors.</summary>
    internal object Target => Server ?? (object)ServerId;
}
