using System.Management.Automation.Runspaces;
using System.Net;
using System.Runtime.CompilerServices;
using System.Security;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>The contexts of one runspace. They are never written to disk.</summary>
internal sealed class ContextTable
{
    internal const string TokenVariable = "RUNCLOUD_API_TOKEN";
    internal const string EndpointVariable = "RUNCLOUD_API_ENDPOINT";
    private const string EnvironmentName = "environment";

    private static readonly ConditionalWeakTable<Runspace, ContextTable> Tables = new();
    private static volatile bool _isAnyMade;

    private readonly Dictionary<string, Context> _contexts = new(StringComparer.OrdinalIgnoreCase);
    private Context? _current;
    private bool _hasLeft;
    private (SecureString Token, string Endpoint, Context Context)? _environment;

    /// <summary>The table of the runspace that runs this thread.</summary>
    internal static ContextTable Here => Tables.GetValue(Runspace.DefaultRunspace, _ => new ContextTable());

    /// <summary>The default endpoint.</summary>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.InvalidEndpoint"/>: the environment variable is not an address.</exception>
    internal static Uri Endpoint => Environment.GetEnvironmentVariable(EndpointVariable) is not { Length: > 0 } text ? RunCloudClientOptions.DefaultEndpoint
        : Uri.TryCreate(text, UriKind.Absolute, out var endpoint) ? endpoint
        : throw new RunCloudException(RunCloudError.InvalidEndpoint, $"The environment variable {EndpointVariable} does not contain an address.");

    /// <summary>The token from the environment; <see langword="null"/> if there is none.</summary>
    internal static SecureString? EnvironmentToken =>
        Environment.GetEnvironmentVariable(TokenVariable)?.Trim() is { Length: > 0 } token ? Secret(token) : null;

    /// <summary>Every context, by name.</summary>
    internal IEnumerable<Context> All
    {
        get
        {
            IEnumerable<Context> all = _contexts.Values;
            return (_environment is { } made ? all.Append(made.Context) : all).OrderBy(context => context.Name, StringComparer.OrdinalIgnoreCase);
        }
    }

    /// <summary>Whether this runspace has no connection but another one in this process has: a runspace of a parallel loop begins without contexts.</summary>
    internal bool IsNewRunspace => _isAnyMade && !_hasLeft && _contexts.Count == 0 && _environment is null;

    /// <summary>Whether there is no current context, not even one from the environment.</summary>
    internal bool HasNoDefault => _hasLeft && _current is null;

    /// <summary>The context of a cmdlet; <see langword="null"/> if there is none.</summary>
    internal Context? Find(ContextArgument? wanted) =>
        wanted is null ? _current ?? (_hasLeft ? null : FromEnvironment())
        : wanted.Value ?? (_contexts.TryGetValue(wanted.Name, out var named) ? named
            : string.Equals(wanted.Name, EnvironmentName, StringComparison.OrdinalIgnoreCase) ? FromEnvironment() : null);

    /// <summary>Adds a context and makes it current. It replaces one of the same name.</summary>
    internal void Add(Context context)
    {
        Remove(context.Name);
        _contexts.Add(context.Name, context);
        _isAnyMade = true;
        _current = context;
        _hasLeft = false;
    }

    /// <summary>Makes a context of this runspace current. If there is none of that name, none is current afterwards.</summary>
    internal Context? Select(string name)
    {
        Leave();
        if (Find(new ContextArgument(name)) is not { IsForgotten: false } wanted)
        {
            return null;
        }

        _current = wanted;
        _hasLeft = false;
        return wanted;
    }

    /// <summary>
    /// Makes no context current, not even the environment's: a user who failed to switch workspaces must not go on in the old one.
    /// </summary>
    internal void Leave()
    {
        _current = null;
        _hasLeft = true;
    }

    /// <summary>Forgets the context of that name and its token.</summary>
    internal void Remove(string name)
    {
        var context = All.FirstOrDefault(one => string.Equals(one.Name, name, StringComparison.OrdinalIgnoreCase));
        if (context is null)
        {
            return;
        }

        // Never fall back to another context: a removal must not go to a workspace that nobody named.
        if (ReferenceEquals(Current, context))
        {
            Leave();
        }

        if (!_contexts.Remove(context.Name))
        {
            _environment = null;
        }

        context.Forget();
    }

    /// <summary>The current context; <see langword="null"/> if there is none, or if it is the environment's and was not used yet.</summary>
    internal Context? Current => _current ?? (_hasLeft ? null : _environment?.Context);

    /// <summary>Whether it is the current context of the calling runspace.</summary>
    internal static bool IsCurrent(Context context) =>
        Runspace.DefaultRunspace is { } runspace && Tables.TryGetValue(runspace, out var table) && ReferenceEquals(table.Current, context);

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

    /// <summary>The context of the environment's token. It is kept while the variables stay the same, so that its rate limiter outlives a pipeline.</summary>
    private Context? FromEnvironment()
    {
        if (EnvironmentToken is not { } token)
        {
            return null;
        }

        var endpoint = Endpoint;
        if (_environment is { } made && Reveal(made.Token) == Reveal(token) && made.Endpoint == endpoint.OriginalString)
        {
            return made.Context;
        }

        var context = new Context(EnvironmentName, new RunCloudClient(new RunCloudClientOptions { Token = token, Endpoint = endpoint }));
        _environment = (token, endpoint.OriginalString, context);
        return context;
    }

    private static string Reveal(SecureString secret) => new NetworkCredential(string.Empty, secret).Password;
}
