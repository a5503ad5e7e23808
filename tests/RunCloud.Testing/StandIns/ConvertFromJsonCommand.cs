using System.Management.Automation;
using System.Text;
using System.Text.Json;

namespace RunCloud.Testing.StandIns;

/// <summary>Stands in for ConvertFrom-Json: the text on the pipeline, all of it one value.</summary>
[Cmdlet(VerbsData.ConvertFrom, "Json")]
public sealed class ConvertFromJsonCommand : PSCmdlet
{
    private readonly StringBuilder _text = new();

    /// <summary>The text.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AllowEmptyString]
    public string InputObject { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord() => _text.Append(InputObject).Append('\n');

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var text = _text.ToString();
        if (!string.IsNullOrWhiteSpace(text))
        {
            using var json = JsonDocument.Parse(text);
            WriteObject(Value(json.RootElement), enumerateCollection: false);
        }
    }

    private static object? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => Object(element),
        JsonValueKind.Array => element.EnumerateArray().Select(Value).ToArray(),
        JsonValueKind.String when element.GetString()!.Contains('T', StringComparison.Ordinal) && element.TryGetDateTime(out var time) => time,
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.TryGetInt64(out var number) ? (object)number : element.GetDouble(),
        JsonValueKind.Null => null,
        _ => element.GetBoolean(),
    };

    private static PSObject Object(JsonElement element)
    {
        var item = new PSObject();
        foreach (var property in element.EnumerateObject())
        {
            item.Properties.Add(new PSNoteProperty(property.Name, Value(property.Value)));
        }

        return item;
    }
}
