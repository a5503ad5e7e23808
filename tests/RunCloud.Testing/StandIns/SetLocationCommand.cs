using System.Management.Automation;

namespace RunCloud.Testing.StandIns;

/// <summary>Stands in for Set-Location with a path.</summary>
[Cmdlet(VerbsCommon.Set, "Location")]
public sealed class SetLocationCommand : PSCmdlet
{
    /// <summary>Where to go.</summary>
    [Parameter(Position = 0, Mandatory = true)]
    public string Path { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord() => _ = SessionState.Path.SetLocation(Path);
}
