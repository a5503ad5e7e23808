using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>A cmdlet that calls the API: in the workspace of the object that it is given, else in that of <c>-Context</c>, else in the current one.</summary>
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
    /// The workspace for this one call: a context's name, or a context. Left out: that of the object that is given, else the current one,
    /// else the environment's.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public ContextArgument? Context { get; set; }

    /// <summary>The client for what remembers no workspace; where the command works in one workspace only, that workspace's.</summary>
    private protected RunCloudClient Client => client ??= ClientOf(adopted ?? Chosen);

    /// <summary>What to add to a question where there is more than one context; else nothing.</summary>
    private protected string InContext => ContextTable.Here.All.Skip(1).Any() ? $" in context '{Workspace.Name}'" : string.Empty;

    /// <summary>The context of <see cref="Client"/>.</summary>
    private protected Context Workspace => adopted ?? Chosen;

    /// <summary>The context for what remembers none.</summary>
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
        // Objects may come that bring their workspace along; where none can, nothing but the chosen one is there to call.
        var mayBring = MyInvocation.ExpectingInput || MyInvocation.BoundParameters.Keys.Any(name => name is "Server" or "InputObject");
        if (Context is not null || !mayBring)
        {
            _ = Chosen;
        }
    }

    /// <summary>The client of the workspace that an object is of. Where that cannot be called, writes an error and gives <see langword="null"/>.</summary>
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
    /// For a command that works in one workspace only: takes the objects' one for it, before any request. Ends the command where that cannot
    /// be called, or where the objects are of several.
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

    /// <summary>What is known of each server that ids stand for; those that are none are errors.</summary>
    private protected List<ServerItem> Sort(IEnumerable<IdArgument> ids, string parameter)
    {
        var good = CheckIds(ids, parameter);
        return good.Count == 0 ? [] : [.. good.Select(id => new ServerItem(Client, id, Server: null, CredentialId: null))];
    }

    /// <summary>The ids among what was given; what is none is an error for itself.</summary>
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
    /// What is known of each server that is meant: itself, those of a name, or that of an object that has a <c>ServerId</c>. Everything is
    /// looked at before any request but that for names; what means none is an error for itself.
    /// </summary>
    private protected IEnumerable<ServerItem> Sort(IReadOnlyList<ServerArgument> given, bool takesCredentials)
    {
        // First the errors, so that nothing is sent before them.
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

        // An Id that is no id never means the whole server.
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

    /// <summary>A property of an object as an id; <see langword="null"/> where there is no such property.</summary>
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

    /// <summary>The context of an object; <see langword="null"/> and why where it cannot be called.</summary>
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

/// <summary>A server that a command is to call about, with the client of its workspace.</summary>
/// <param name="Client">Whom to ask.</param>
/// <param name="ServerId">The server's id.</param>
/// <param name="Server">The server; <see langword="null"/> where only its id is known.</param>
/// <param name="CredentialId">The credential that is meant; <see langword="null"/> where it is the server.</param>
internal sealed record ServerItem(RunCloudClient Client, long ServerId, Server? Server, long? CredentialId)
{
    /// <summary>The server, or its id: what an error is about.</summary>
    internal object Target => Server ?? (object)ServerId;
}
