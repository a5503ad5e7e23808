using System.Globalization;
using RunCloud.Simulator;

namespace RunCloud.Trust.Tests;

/// <summary>The kinds of requests of a job. A list read after a change on its server is a different kind from the same list before.</summary>
internal enum Endpoint
{
    /// <summary><c>GET /servers</c>.</summary>
    Servers,

    /// <summary><c>GET /servers</c> from its first page on after a change anywhere: in a pipeline later pages of the first reading come after changes too.</summary>
    ServersAgain,

    /// <summary><c>GET /servers/{id}</c>.</summary>
    Server,

    /// <summary><c>GET /servers/{id}/ssh/credentials</c> before any change there.</summary>
    List,

    /// <summary>The same after one.</summary>
    ReadBack,

    /// <summary><c>GET /servers/{id}/ssh/credentials/{sshId}</c>.</summary>
    Credential,

    /// <summary><c>POST /servers/{id}/ssh/credentials</c>.</summary>
    Addition,

    /// <summary><c>DELETE /servers/{id}/ssh/credentials/{sshId}</c>.</summary>
    Removal,

    /// <summary><c>GET /servers/{id}/ssh/sessions</c>.</summary>
    Sessions,

    /// <summary><c>GET /servers/{id}/users</c>.</summary>
    Users,

    /// <summary><c>GET /servers/{id}/users/{uid}</c>.</summary>
    User,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>Classifies requests in the order in which they arrive.</summary>
internal sealed class Endpoints
{
    private readonly HashSet<long> _touched = [];
    private bool _listsAgain;

    /// <summary>Which endpoint a request is for. Each is to be shown once, in order.</summary>
    internal Endpoint Of(RecordedRequest request)
    {
        switch (request.Method)
        {
            case "DELETE" when request.Matches("/servers/*/ssh/credentials/*"):
                _ = _touched.Add(ServerOf(request)!.Value);
                return Endpoint.Removal;
            case "POST" when request.Matches("/servers/*/ssh/credentials"):
                _ = _touched.Add(ServerOf(request)!.Value);
                return Endpoint.Addition;
            case not "GET":
                return Endpoint.Other;
        }

        if (request.Matches("/servers"))
        {
            _listsAgain |= _touched.Count > 0 && PageOf(request) == 1;
            return _listsAgain ? Endpoint.ServersAgain : Endpoint.Servers;
        }

        return request.Matches("/servers/*") ? Endpoint.Server
            : request.Matches("/servers/*/ssh/credentials") ? (_touched.Contains(ServerOf(request)!.Value) ? Endpoint.ReadBack : Endpoint.List)
            : request.Matches("/servers/*/ssh/credentials/*") ? Endpoint.Credential
            : request.Matches("/servers/*/ssh/sessions") ? Endpoint.Sessions
            : request.Matches("/servers/*/users") ? Endpoint.Users
            : request.Matches("/servers/*/users/*") ? Endpoint.User
            : Endpoint.Other;
    }

    /// <summary>The server that a request names, or <see langword="null"/>.</summary>
    internal static long? ServerOf(RecordedRequest request) =>
        request.Path.Split('/') is [_, "api", "v3", "servers", var id, ..] ? long.Parse(id, CultureInfo.InvariantCulture) : null;

    /// <summary>The credential that a request names, or <see langword="null"/>.</summary>
    internal static long? CredentialOf(RecordedRequest request) =>
        request.Path.Split('/') is [_, "api", "v3", "servers", _, "ssh", "credentials", var id] ? long.Parse(id, CultureInfo.InvariantCulture) : null;

    /// <summary>The page that a request asks for.</summary>
    internal static int PageOf(RecordedRequest request) =>
        int.Parse(request.Query.Split("page=")[1].Split('&')[0], CultureInfo.InvariantCulture);
}

/// <summary>A fault that strikes one request to an endpoint, or every one from there on.</summary>
internal sealed class Strike(Endpoint endpoint, Fault fault, int from, bool forEver)
{
    private readonly Endpoints _endpoints = new();

    /// <summary>What it strikes.</summary>
    internal Endpoint Endpoint => endpoint;

    /// <summary>What goes wrong.</summary>
    internal Fault Fault => fault;

    /// <summary>The first call that it strikes, counted from 1.</summary>
    internal int Place => from;

    /// <summary>Whether it strikes every later call too.</summary>
    internal bool ForEver => forEver;

    /// <summary>How many requests of the endpoint it has met.</summary>
    internal int Met { get; private set; }

    /// <summary>How many requests it has struck.</summary>
    internal int Struck { get; private set; }

    internal Fault? Choose(RecordedRequest request)
    {
        if (_endpoints.Of(request) != endpoint || ++Met < from || (Met > from && !forEver))
        {
            return null;
        }

        Struck++;
        return fault;
    }
}
