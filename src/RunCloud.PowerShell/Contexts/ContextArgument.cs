namespace RunCloud.PowerShell;

/// <summary>The argument of <c>-Context</c>: a context's name, or a context, from this runspace or another.</summary>
public sealed class ContextArgument
{
    /// <summary>Selects a context of this runspace by its name.</summary>
    /// <param name="name">The name.</param>
    public ContextArgument(string name) => Name = name;

    /// <summary>Selects a context.</summary>
    /// <param name="context">The context.</param>
    /// <exception cref="ArgumentNullException"><paramref name="context"/> is <see langword="null"/>.</exception>
    public ContextArgument(Context context)
    {
        Value = context ?? throw new ArgumentNullException(nameof(context));
        Name = context.Name;
    }

    /// <summary>The context's name.</summary>
    public string Name { get; }

    /// <summary>The context; <see langword="null"/> if it was given by name.</summary>
    internal Context? Value { get; }

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}
