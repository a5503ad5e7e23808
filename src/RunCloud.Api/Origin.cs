using System.Collections.Concurrent;

namespace RunCloud.Api;

/// <summary>
/// The connection through which an object was read. Two objects belong to one connection if their origin is the same instance. It remembers
/// the names that were read, so that they can be completed without a request.
/// </summary>
internal sealed class Origin
{
    private readonly ConcurrentDictionary<long, string> _servers = new();
    private readonly ConcurrentDictionary<string, bool> _users = new(StringComparer.Ordinal);

    /// <summary>The different names of the servers that were read, each as it was last read; in any order.</summary>
    internal IEnumerable<string> ServerNames => _servers.Values.Where(name => name.Length > 0).Distinct(StringComparer.Ordinal);

    /// <summary>The different names of the system users that were read; in any order.</summary>
    internal IEnumerable<string> UserNames => _users.Keys;

    /// <summary>Remembers the names in an object.</summary>
    internal void Learn(object made)
    {
        if (made is INamedServer server)
        {
            _servers[server.Id] = server.Name;
        }
        else if (made is IOfUser { User: { Length: > 0 } user })
        {
            _ = _users.TryAdd(user, true);
        }
    }
}

/// <summary>An object that remembers the connection through which it was read.</summary>
internal interface IOriginated
{
    /// <summary>The connection; <see langword="null"/> for an object that was not read through a connection.</summary>
    Origin? Origin { get; set; }
}

/// <summary>An object that has a server's name.</summary>
internal interface INamedServer
{
    /// <summary>The server's id.</summary>
    long Id { get; }

    /// <summary>The server's name; empty if there is none.</summary>
    string Name { get; }
}

/// <summary>An object that is of a system user.</summary>
internal interface IOfUser
{
    /// <summary>The user's name; <see langword="null"/> where it is not known.</summary>
    string? User { get; }
}

/// <summary>Marks objects with their origin.</summary>
internal static class Origins
{
    /// <summary>The same object, marked.</summary>
    internal static T From<T>(this T made, Origin? origin)
        where T : class, IOriginated
    {
        made.Origin = origin;
        origin?.Learn(made);
        return made;
    }
}
