using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary><c>Select-RunCloudContext</c>: makes another context of this runspace current.</summary>
[Cmdlet(VerbsCommon.Select, "RunCloudContext")]
public sealed class SelectRunCloudContextCommand : PSCmdlet
{
    /// <summary>The context's name. If there is none of that name, no context is current afterwards.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [LeavesContext]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string Name { get; set; } = string.Empty;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            if (ContextTable.Here.Select(Name) is null)
            {
                ThrowTerminatingError(Failures.ContextNotFound(Name));
            }
        }
        catch (RunCloudException e)
        {
            ThrowTerminatingError(Failures.ToRecord(e, Name));
        }
    }
}
