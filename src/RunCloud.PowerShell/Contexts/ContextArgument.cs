using System;

namespace RunCloud.PowerShell;

/// <summary>What <c>-Context</c> takes: a context's name, or a context itself, from this runspace or another.</summary>
public sealed class ContextArgument
{
    /// <summary>Means the context of that name in this runspace.</summary>
    /// <param name="name">The name.</param>
    public ContextArgument(string name) => Name = name;

    /// <summary>Means that context.</summary>
    /// <param name="context">The context.</param>
    /// <exception cref="ArgumentNullException"><paramref name="context"/> is <see langword="null"/>.</exception>
    public ContextArgument(Context context)
    {
        Value = context ?? throw new ArgumentNullException(nameof(context));
        Name = context.Name;
    }

    /// <summary>The context's name.</summary>
    public string Name { get; }

    /// <summary>The context itself; <see langword="null"/> when it was named.</summary>
    internal Context? Value { get; }

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}
