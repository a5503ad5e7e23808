using System.Collections;
using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary>
/// A reference to a server: an object from <c>Get-RunCloudServer</c>, a server's name, or any object that has a <c>ServerId</c>. What it
/// refers to is decided by the command and not by the binder, which would confuse one id with another.
/// </summary>
public sealed class ServerArgument
{
    /// <summary>Selects the servers with a name, wildcards allowed.</summary>
    /// <param name="name">The name.</param>
    public ServerArgument(string name)
        : this((object)name)
    {
    }

    /// <summary>Selects a server.</summary>
    /// <param name="server">The server.</param>
    public ServerArgument(Server server)
        : this((object)server)
    {
    }

    private ServerArgument(object? given)
    {
        Row = given as PSObject ?? (given is null ? null : PSObject.AsPSObject(given));
        Given = ArgumentValue.Unwrap(given);
    }

    /// <summary>The object itself.</summary>
    internal object? Given { get; }

    /// <summary>The object with its properties.</summary>
    internal PSObject? Row { get; }

    /// <summary>What was given.</summary>
    /// <returns>Its text.</returns>
    public override string ToString() => Given?.ToString() ?? string.Empty;

    /// <summary>Accepts anything and never fails.</summary>
    internal static ServerArgument From(object? given) => given is ServerArgument already ? already : new ServerArgument(given);
}

/// <summary>Converts any value to <see cref="ServerArgument"/>, typed or from the pipeline, one or several.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ServerArgumentsAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = ArgumentValue.Unwrap(inputData);
        return value is IList list ? list.Cast<object?>().Select(ServerArgument.From).ToArray() : new[] { ServerArgument.From(inputData) };
    }
}
