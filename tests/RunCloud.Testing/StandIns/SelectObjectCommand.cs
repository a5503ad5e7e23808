using System.Management.Automation;

namespace RunCloud.Testing.StandIns;

/// <summary>Stands in for Select-Object: -First, which stops what is upstream at once, -Property and -ExpandProperty by plain name.</summary>
[Cmdlet(VerbsCommon.Select, "Object")]
public sealed class SelectObjectCommand : PSCmdlet
{
    private int _passed;

    /// <summary>The object on the pipeline.</summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>Names of the properties that the new objects have.</summary>
    [Parameter(Position = 0)]
    public string[] Property { get; set; } = [];

    /// <summary>The property whose value comes out in place of the object.</summary>
    [Parameter]
    public string? ExpandProperty { get; set; }

    /// <summary>How many objects to let through.</summary>
    [Parameter]
    public int First { get; set; } = int.MaxValue;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (InputObject is null)
        {
            return;
        }

        if (_passed < First)
        {
            _passed++;
            WriteObject(Shape(InputObject), enumerateCollection: ExpandProperty is not null);
        }

        if (_passed >= First)
        {
            throw EngineInternals.StopUpstream(this);
        }
    }

    private object? Shape(PSObject item)
    {
        if (ExpandProperty is not null)
        {
            return item.Properties[ExpandProperty]?.Value;
        }

        if (Property.Length == 0)
        {
            return item;
        }

        var selected = new PSObject();
        foreach (var name in Property)
        {
            selected.Properties.Add(new PSNoteProperty(name, item.Properties[name]?.Value));
        }

        return selected;
    }
}
