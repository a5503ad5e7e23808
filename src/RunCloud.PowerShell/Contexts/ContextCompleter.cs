using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace RunCloud.PowerShell;

/// <summary>Completes the names of this runspace's contexts. Sends no request.</summary>
public sealed class ContextCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Complete(wordToComplete, takesWildcards: false);

    internal static IEnumerable<CompletionResult> Complete(string? word, bool takesWildcards) =>
        Runspace.DefaultRunspace is null ? [] : CompletionText.For(word, ContextTable.Here.All.Select(context => (context.Name, context.ToString())), takesWildcards);
}

/// <summary>The same for a parameter that takes wildcards.</summary>
public sealed class ContextPatternCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        ContextCompleter.Complete(wordToComplete, takesWildcards: true);
}
