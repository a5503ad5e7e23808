using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary><c>Disconnect-RunCloud</c>: forgets contexts and their tokens.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "RunCloud")]
public sealed class DisconnectRunCloudCommand : PSCmdlet
{
    /// <summary>The contexts' names, wildcards allowed. Default: the current context.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ContextPatternCompleter))]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var table = ContextTable.Here;
        var names = new NamePatterns(Name);
        IEnumerable<Context> forgotten = Name is not null ? [.. table.All.Where(context => names.Accept(context.Name))]
            : table.Current is { } current ? [current]
            : [];
        if (Name is null)
        {
            table.Leave();
        }

        foreach (var context in forgotten)
        {
            table.Remove(context.Name);
        }

        foreach (var name in names.ExactUnmatched)
        {
            WriteError(Failures.ContextNotFound(name));
        }
    }
}
