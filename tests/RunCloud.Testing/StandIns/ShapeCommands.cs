using System.Management.Automation;

namespace RunCloud.Testing.StandIns;

/// <summary>Stands in for Sort-Object: -Property by plain names and -Descending. Without a property the objects themselves are compared.</summary>
[Cmdlet("Sort", "Object")]
public sealed class SortObjectCommand : PSCmdlet
{
    private readonly List<PSObject> _objects = [];

    /// <summary>The object on the pipeline.</summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>Names of the properties to sort by, the most important first.</summary>
    [Parameter(Position = 0)]
    public string[] Property { get; set; } = [];

    /// <summary>Whether the greatest comes first.</summary>
    [Parameter]
    public SwitchParameter Descending { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (InputObject is not null)
        {
            _objects.Add(InputObject);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // As the shell compares: letters without case, numbers as numbers, nothing before everything.
        var comparer = Comparer<object?>.Create((left, right) => LanguagePrimitives.Compare(left, right, ignoreCase: true) * (Descending ? -1 : 1));
        var sorted = _objects.OrderBy(item => Value(item, 0), comparer);
        for (var at = 1; at < Property.Length; at++)
        {
            var index = at;
            sorted = sorted.ThenBy(item => Value(item, index), comparer);
        }

        WriteObject(sorted, enumerateCollection: true);
    }

    private object? Value(PSObject item, int index) => Property.Length == 0 ? item : item.Properties[Property[index]]?.Value;
}

/// <summary>Stands in for Group-Object: -Property by one plain name and -NoElement; objects with Name, Count and Group, sorted by name.</summary>
[Cmdlet(VerbsData.Group, "Object")]
public sealed class GroupObjectCommand : PSCmdlet
{
    private readonly List<PSObject> _objects = [];

    /// <summary>The object on the pipeline.</summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>The name of the property to group by.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string Property { get; set; } = "";

    /// <summary>Whether the objects of each group are left out.</summary>
    [Parameter]
    public SwitchParameter NoElement { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (InputObject is not null)
        {
            _objects.Add(InputObject);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        foreach (var group in _objects
            .GroupBy(item => item.Properties[Property]?.Value?.ToString() ?? "", StringComparer.OrdinalIgnoreCase)
            .OrderBy(group => group.Key, StringComparer.OrdinalIgnoreCase))
        {
            var result = new PSObject();
            result.Properties.Add(new PSNoteProperty("Count", group.Count()));
            result.Properties.Add(new PSNoteProperty("Name", group.Key));
            if (!NoElement)
            {
                result.Properties.Add(new PSNoteProperty("Group", group.ToArray()));
            }

            WriteObject(result);
        }
    }
}
