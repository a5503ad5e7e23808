using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary>Helpers for values as the engine passes them.</summary>
internal static class ArgumentValue
{
    /// <summary>The value without the engine's wrapper; a value that is not wrapped stays as it is.</summary>
    internal static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
