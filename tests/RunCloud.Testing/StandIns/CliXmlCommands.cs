using System.Management.Automation;

namespace RunCloud.Testing.StandIns;

/// <summary>Stands in for Export-Clixml: -Path, by -LiteralPath too, and -Depth.</summary>
[Cmdlet(VerbsData.Export, "Clixml")]
public sealed class ExportClixmlCommand : PSCmdlet
{
    private readonly List<object> _objects = [];

    /// <summary>The file to write; what it had is lost.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("LiteralPath")]
    public string Path { get; set; } = "";

    /// <summary>How deep objects within objects are kept.</summary>
    [Parameter]
    public int Depth { get; set; } = 2;

    /// <summary>The object on the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public PSObject InputObject { get; set; } = new();

    /// <inheritdoc/>
    protected override void ProcessRecord() => _objects.Add(InputObject);

    /// <inheritdoc/>
    protected override void EndProcessing() =>
        File.WriteAllText(GetUnresolvedProviderPathFromPSPath(Path), EngineInternals.ToCliXml(_objects, Depth));
}

/// <summary>Stands in for Import-Clixml: -Path, by -LiteralPath too.</summary>
[Cmdlet(VerbsData.Import, "Clixml")]
public sealed class ImportClixmlCommand : PSCmdlet
{
    /// <summary>The file to read.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("LiteralPath")]
    public string Path { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var item in PSSerializer.DeserializeAsList(File.ReadAllText(GetUnresolvedProviderPathFromPSPath(Path))))
        {
            WriteObject(item, enumerateCollection: false);
        }
    }
}
