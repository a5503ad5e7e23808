namespace RunCloud.Api;

/// <summary>
/// The connection through which an object was read. It has no content: two objects belong to one connection if their origin is the
/// same instance.
/// </summary>
internal sealed class Origin;

/// <summary>An object that remembers the connection through which it was read.</summary>
internal interface IOriginated
{
    /// <summary>The connection; <see langword="null"/> for an object that was not read through a connection.</summary>
    Origin? Origin { get; set; }
}

/// <summary>Marks objects with their origin.</summary>
internal static class Origins
{
    /// <summary>The same object, marked.</summary>
    internal static T From<T>(this T made, Origin? origin)
        where T : class, IOriginated
    {
        made.Origin = origin;
        return made;
    }
}
