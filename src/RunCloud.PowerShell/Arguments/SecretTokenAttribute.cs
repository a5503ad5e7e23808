using System.Management.Automation;
using System.Security;

namespace RunCloud.PowerShell;

/// <summary>Accepts a <see cref="SecureString"/> only, and refuses anything else without showing it.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretTokenAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = ArgumentValue.Unwrap(inputData);
        return value is SecureString or null
            ? value!
            : throw new ArgumentTransformationMetadataException(
                "-Token takes a SecureString only, so that the token does not stay in the history or in a log. Leave -Token out to be asked for it, "
                + $"or use (Read-Host -AsSecureString), (Get-Secret RunCloud), or the environment variable {ContextTable.TokenVariable}. "
                + "If you typed the token into this command, replace it: it may be in the history.");
    }
}
