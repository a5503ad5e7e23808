using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>A cmdlet that calls the API: in the workspace of its input object, or else of <c>-Context</c>, or else the current one.</summary>
public abstract class RunCloudApiCommand : RunCloudCommand
{
    private readonly Dictionary<Context, RunCloudClient> clients = [];
    private readonly HashSet<(Context? Home, long ServerId, long? CredentialId)> taken = [];
    private Context? chosen;
    private Context? adopted;
    private IReadOnlyList<Server>? listed;

    [SuppressMessage("Usage", "CA2213:Disposable fields should be disposed", Justification = "It ends with the context's.")]
    private RunCloudClient? client;

    private protected RunCloudApiCommand(string activity)
        : base(activity)
    {
    }

    /// <summary>
    /// The workspace for this call: a context's name, or a context. Default: that of the input object, or else the current one,
    /// or else the environment's.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public ContextArgument? Context { get; set; }

    /// <summary>The client for input that remembers no workspace. For a command that works in one workspace, the client of that workspace.</summary>
    private protected RunCloudClient Client => client ??= ClientOf(adopted ?? Chosen);

    /// <summary>The suffix of questions that names the context; empty if there is only one context.</summary>
    private protected string InContext => ContextTable.Here.All.Skip(1).Any() ? $" in context '{Workspace.Name}'" : string.Empty;

    /// <summary>The context of <see cref="Client"/>.</summary>
    private protected Context Workspace => adopted ?? Chosen;

    /// <summary>The context for input that remembers none.</summary>
    private Context Chosen
    {
        get
        {
            if (chosen is { IsForgotten: false })
            {
                return chosen;
            }

            try
            {
                chosen = ContextTable.Here.Find(Context);
            }
            catch (RunCloudException e)
            {
                ThrowTerminatingError(Failures.ToRecord(e, ContextTable.EndpointVariable));
            }

            if (chosen is null or { IsForgotten: true })
            {
                ThrowTerminatingError(Failures.NotConnected(Context?.Name));
            }

            return chosen!;
        }
    }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        // Input objects may bring their own workspace. Without a current context only they can be used.
        var mayBring = MyInvocation.ExpectingInput || MyInvocation.BoundParameters.Keys.Any(name => name is "Server" or "InputObject");
        if (Context is not null || !mayBring)
        {
            _ = Chosen;
        }
    }

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
            var home = Home(item, out var problem);
            if (home is null)
            {
                ThrowTerminatingError(problem!);
            }

            if (adopted is not null && !ReferenceEquals(adopted, home))
            {
                ThrowTerminatingError(Failures.ContextMismatch(item!, home!, adopted));
            }

            adopted = home;
        }
    }

    /// <summary>The servers of ids. An invalid id is an error.</summary>
    private protected List<ServerItem> Sort(IEnumerable<IdArgument> ids, string parameter)
    {
        var good = CheckIds(ids, parameter);
        return good.Count == 0 ? [] : [.. good.Select(id => new ServerItem(Client, id, Server: null, CredentialId: null))];
    }

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
        return taken.Add((RunCloud.Context.Of(argument.Given), item.ServerId, item.CredentialId)) ? item : null;
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

        IReadOnlyList<Server> all;
        try
        {
            all = listed ??= [.. Stream(Client.GetServersAsync(Stop))];
        }
        catch (RunCloudException e)
        {
            WriteFailure(e, name);
            yield break;
        }

        var names = new NamePatterns([name]);
        foreach (var server in all.Where(server => names.Accept(server.Name)))
        {
            if (taken.Add((RunCloud.Context.Of(server), server.Id, null)))
            {
                yield return new ServerItem(Client, server.Id, server, CredentialId: null);
            }
        }

        if (names.ExactUnmatched.Any())
        {
            WriteFailure(new RunCloudException(RunCloudError.ServerNotFound, $"There is no server named '{ApiText.Clean(name)}' in this workspace."), name);
        }
    }

    /// <summary>The context of an object; <see langword="null"/> and the reason if it cannot be used.</summary>
    private Context? Home(object? item, out ErrorRecord? problem)
    {
        problem = null;
        if (RunCloud.Context.Of(item) is not { } home)
        {
            return Chosen;
        }

        problem = home.IsForgotten ? Failures.ConnectionGone(item!)
            : Context is not null && !ReferenceEquals(Chosen, home) ? Failures.ContextMismatch(item!, home, Chosen)
            : null;
        return problem is null ? home : null;
    }

    private RunCloudClient ClientOf(Context context)
    {
        if (!clients.TryGetValue(context, out var own))
        {
            own = context.Client.For(Observer);
            clients.Add(context, own);
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
