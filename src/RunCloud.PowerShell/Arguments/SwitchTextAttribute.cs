using System.Globalization;
using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary>Lets a switch bind to values from a CSV or an undo file: <c>True</c>, <c>False</c>, a number, nothing.</summary>
/// <remarks>
/// It gives a switch for all of them: a value that the binder would have to convert by itself, a boolean included, decides the parameter set
/// before the others are tried; and one that it cannot convert is passed over in silence.
/// </remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SwitchTextAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = ArgumentValue.Unwrap(inputData);
        var text = Convert.ToString(value, CultureInfo.InvariantCulture)?.Trim();
        return value is SwitchParameter given ? given
            : string.IsNullOrEmpty(text) ? new SwitchParameter(false)
            : bool.TryParse(text, out var flag) ? new SwitchParameter(flag)
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? new SwitchParameter(number != 0)
            : throw new ArgumentTransformationMetadataException("A switch takes True or False, 1 or 0, or nothing.");
    }
}
