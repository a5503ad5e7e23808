using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation.Runspaces;
using System.Net;
using System.Runtime.CompilerServices;
using System.Security;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>The contexts of one runspace. Nothing of it is ever on disk.</summary>
internal sealed class ContextTable
{
    internal const string TokenVariable = "RUNCLOUD_API_TOKEN";
    internal const string EndpointVariable = "RUNCLOUD_API_ENDPOINT";
    private const string EnvironmentName = "environment";

    private static readonly ConditionalWeakTable<Runspace, ContextTable> Tables = new();

    private readonly Dictionary<string, Context> contexts = new(StringComparer.OrdinalIgnoreCase);
    private Context? current;
    private (SecureString Token, string Endpoint, Context Context)? environment;

    /// <summary>The table of the runspace that runs this thread.</summary>
    internal static ContextTable Here => Tables.GetValue(Runspace.DefaultRunspace, _ => new ContextTable());

    /// <summary>The address to connect to when none is named.</summary>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.InvalidEndpoint"/>: the environment's is no address.</exception>
    internal static Uri Endpoint => Environment.GetEnvironmentVariable(EndpointVariable) is not { Length: > 0 } text ? RunCloudClientOptions.DefaultEndpoint
        : Uri.TryCreate(text, UriKind.Absolute, out var endpoint) ? endpoint
        : throw new RunCloudException(RunCloudError.InvalidEndpoint, $"The environment variable {EndpointVariable} does not hold an address.");

    /// <summary>The token from the environment; <see langword="null"/> when there is none.</summary>
    internal static SecureString? EnvironmentToken =>
        Environment.GetEnvironmentVariable(TokenVariable)?.Trim() is { Length: > 0 } token ? Secret(token) : null;

    /// <summary>Every context, by name.</summary>
    internal IEnumerable<Context> All
    {
        get
        {
            IEnumerable<Context> all = contexts.Values;
            return (environment is { } made ? all.Append(made.Context) : all).OrderBy(context => context.Name, StringComparer.OrdinalIgnoreCase);
        }
    }

    /// <summary>The context that a cmdlet works in; <see langword="null"/> when there is none.</summary>
    internal Context? Find(ContextArgument? wanted) =>
        wanted is null ? current ?? FromEnvironment()
        : wanted.Value ?? (contexts.TryGetValue(wanted.Name, out var named) ? named
            : string.Equals(wanted.Name, EnvironmentName, StringComparison.OrdinalIgnoreCase) ? FromEnvironment() : null);

    /// <summary>Makes it the current context, in the place of one of the same name.</summary>
    internal void Add(Context context)
    {
        Remove(context.Name);
        contexts.Add(context.Name, context);
        current = context;
    }

    /// <summary>Forgets the context of that name and its token.</summary>
    internal void Remove(string name)
    {
        if (contexts.TryGetValue(name, out var context))
        {
            _ = contexts.Remove(name);
        }
        else if (environment is { } made && string.Equals(made.Context.Name, name, StringComparison.OrdinalIgnoreCase))
        {
            context = made.Context;
            environment = null;
        }

        // Never another one in its place: a removal must not go to a workspace that nobody named.
        current = ReferenceEquals(current, context) ? null : current;
        context?.Forget();
    }

    /// <summary>The current context; <see langword="null"/> when there is none.</summary>
    internal Context? Current => current ?? environment?.Context;

    private static SecureString Secret(string token)
    {
        var secret = new SecureString();
        foreach (var c in token)
        {
            secret.AppendChar(c);
        }

        secret.MakeReadOnly();
        return secret;
    }

    /// <summary>A context of the environment's token: one as long as the variables stay, so that its rate gate outlives a pipeline.</summary>
    private Context? FromEnvironment()
    {
        if (EnvironmentToken is not { } token)
        {
            return null;
        }

        var endpoint = Endpoint;
        if (environment is { } made && Reveal(made.Token) == Reveal(token) && made.Endpoint == endpoint.OriginalString)
        {
            return made.Context;
        }

        var context = new Context(EnvironmentName, new RunCloudClient(new RunCloudClientOptions { Token = token, Endpoint = endpoint }));
        environment = (token, endpoint.OriginalString, context);
        return context;
    }

    private static string Reveal(SecureString secret) => new NetworkCredential(string.Empty, secret).Password;
}
