using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary>
/// Reads an address, and refuses anything else without showing it: the engine's own conversion would repeat the whole text, with the user and
/// the password that may be in it. Like <see cref="LeavesContextAttribute"/> it leaves no context current.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AddressAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        ContextTable.Here.Leave();
        var value = ArgumentValue.Unwrap(inputData);
        return value is Uri or null ? value!
            : value is string text && Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var address) ? address
            : throw new ArgumentTransformationMetadataException("This is not an address. It is not shown because it may contain a password.");
    }
}
