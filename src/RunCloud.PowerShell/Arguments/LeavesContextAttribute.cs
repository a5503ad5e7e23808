using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary>
/// Makes no context current as soon as an argument is looked at. A command that fails while its parameters are bound never begins, and
/// must not leave an earlier workspace to the next line.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LeavesContextAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        ContextTable.Here.Leave();
        return inputData;
    }
}
