using System;
using System.Globalization;
using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary>Lets a switch bind to what a CSV or an undo file holds: <c>True</c>, <c>False</c>, nothing.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SwitchTextAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            null => new SwitchParameter(false),
            string text when text.Trim().Length == 0 => new SwitchParameter(false),
            string text when bool.TryParse(text, out var flag) => new SwitchParameter(flag),
            string text when int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) => new SwitchParameter(number != 0),
            _ => inputData,
        };
    }
}
