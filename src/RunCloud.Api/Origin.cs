namespace RunCloud.Api;

/// <summary>
/// The connection that an object was read through. It says nothing of itself: two objects are of one connection when their origin is the
/// same instance.
/// </summary>
internal sealed class Origin;

/// <summary>An object that remembers the connection that it was read through.</summary>
internal interface IOriginated
{
    /// <summary>The connection; <see langword="null"/> for an object that was not read through one.</summary>
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
