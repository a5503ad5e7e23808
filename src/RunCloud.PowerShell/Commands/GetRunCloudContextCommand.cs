using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary><c>Get-RunCloudContext</c>: the contexts of this runspace, never their tokens.</summary>
[Cmdlet(VerbsCommon.Get, "RunCloudContext")]
[OutputType(typeof(Context))]
public sealed class GetRunCloudContextCommand : PSCmdlet
{
    /// <summary>The contexts' names, wildcards allowed. Default: all.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ContextPatternCompleter))]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var names = new NamePatterns(Name);
        WriteObject(ContextTable.Here.All.Where(context => names.Accept(context.Name)).ToArray(), enumerateCollection: true);
        foreach (var name in names.ExactUnmatched)
        {
            WriteError(Failures.ContextNotFound(name));
        }
    }
}
