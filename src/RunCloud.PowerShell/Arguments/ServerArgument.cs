using System;
using System.Collections;
using System.Linq;
using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary>
/// What stands for a server: an object of <c>Get-RunCloudServer</c>, a server's name, or any object that has a <c>ServerId</c>. What it
/// means is sorted out by the command and not by the binder, which would take one id for another.
/// </summary>
public sealed class ServerArgument
{
    /// <summary>Means the servers of that name, wildcards allowed.</summary>
    /// <param name="name">The name.</param>
    public ServerArgument(string name)
        : this((object)name)
    {
    }

    /// <summary>Means that server.</summary>
    /// <param name="server">The server.</param>
    public ServerArgument(Server server)
        : this((object)server)
    {
    }

    private ServerArgument(object? given)
    {
        Row = given as PSObject ?? (given is null ? null : PSObject.AsPSObject(given));
        Given = given is PSObject wrapped ? wrapped.BaseObject : given;
    }

    /// <summary>The object itself.</summary>
    internal object? Given { get; }

    /// <summary>The object with its properties.</summary>
    internal PSObject? Row { get; }

    /// <summary>What was given.</summary>
    /// <returns>Its text.</returns>
    public override string ToString() => Given?.ToString() ?? string.Empty;

    /// <summary>Takes whatever was given, and never fails.</summary>
    internal static ServerArgument From(object? given) => given is ServerArgument already ? already : new ServerArgument(given);
}

/// <summary>Makes <see cref="ServerArgument"/> of whatever is given, typed or from the pipeline, one or several.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ServerArgumentsAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value is IList list ? list.Cast<object?>().Select(ServerArgument.From).ToArray() : new[] { ServerArgument.From(inputData) };
    }
}
