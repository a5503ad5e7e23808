using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace RunCloud.Testing.StandIns;

/// <summary>Stands in for Get-Content: -Path and -Raw.</summary>
[Cmdlet(VerbsCommon.Get, "Content")]
public sealed class GetContentCommand : PSCmdlet
{
    /// <summary>The file to read.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string Path { get; set; } = "";

    /// <summary>Whether the text comes as one string and not line by line.</summary>
    [Parameter]
    public SwitchParameter Raw { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var text = File.ReadAllText(GetUnresolvedProviderPathFromPSPath(Path));
        WriteObject(Raw ? text : text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n'), enumerateCollection: true);
    }
}

/// <summary>Stands in for Get-Date: the time now.</summary>
[Cmdlet(VerbsCommon.Get, "Date")]
public sealed class GetDateCommand : PSCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => WriteObject(DateTime.Now);
}

/// <summary>Stands in for Export-Csv: -Path, by -LiteralPath too, -NoTypeInformation and -Encoding UTF8, every field in quotes, the columns those of the first object.</summary>
[Cmdlet(VerbsData.Export, "Csv")]
public sealed class ExportCsvCommand : PSCmdlet
{
    private readonly StringBuilder _text = new();
    private string[]? _columns;

    /// <summary>The file to write; what it had is lost.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("LiteralPath")]
    public string Path { get; set; } = "";

    /// <summary>The object on the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public PSObject InputObject { get; set; } = new();

    /// <summary>Taken for the sake of Windows PowerShell 5.1, and always so.</summary>
    [Parameter]
    public SwitchParameter NoTypeInformation { get; set; }

    /// <summary>Taken for the sake of Windows PowerShell 5.1, and always so.</summary>
    [Parameter]
    [ValidateSet("UTF8", "utf8BOM")]
    public string Encoding { get; set; } = "UTF8";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (_columns is null)
        {
            _columns = [.. InputObject.Properties.Select(property => property.Name)];
            Append(_columns);
        }

        Append(_columns.Select(name => Convert.ToString(InputObject.Properties[name]?.Value, CultureInfo.CurrentCulture)));
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => File.WriteAllText(GetUnresolvedProviderPathFromPSPath(Path), _text.ToString(), new UTF8Encoding(Encoding == "utf8BOM"));

    private void Append(IEnumerable<string?> fields) =>
        _text.AppendJoin(',', fields.Select(field => "\"" + field?.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"")).Append('\n');
}

/// <summary>Stands in for Import-Csv: -Path. Fields in quotes may hold commas, quotes and line ends; every value is a string.</summary>
[Cmdlet(VerbsData.Import, "Csv")]
public sealed class ImportCsvCommand : PSCmdlet
{
    /// <summary>The file to read.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string Path { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var rows = Read(File.ReadAllText(GetUnresolvedProviderPathFromPSPath(Path)).ReplaceLineEndings("\n"));
        foreach (var row in rows.Skip(1))
        {
            var item = new PSObject();
            foreach ((var name, var value) in rows[0].Zip(row))
            {
                item.Properties.Add(new PSNoteProperty(name, value));
            }

            WriteObject(item);
        }
    }

    private static List<List<string>> Read(string text)
    {
        var rows = new List<List<string>>();
        var row = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        for (var at = 0; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '"' when quoted && at + 1 < text.Length && text[at + 1] == '"':
                    _ = field.Append('"');
                    at++;
                    break;
                case '"':
                    quoted = !quoted;
                    break;
                case ',' or '\n' when !quoted:
                    row.Add(field.ToString());
                    _ = field.Clear();
                    if (text[at] == '\n')
                    {
                        rows.Add(row);
                        row = [];
                    }

                    break;
                default:
                    _ = field.Append(text[at]);
                    break;
            }
        }

        if (row.Count > 0 || field.Length > 0)
        {
            row.Add(field.ToString());
            rows.Add(row);
        }

        return rows;
    }
}
