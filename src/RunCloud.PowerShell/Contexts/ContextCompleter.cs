using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Text.RegularExpressions;

namespace RunCloud.PowerShell;

/// <summary>Completes the names of this runspace's contexts. Sends no request.</summary>
public sealed class ContextCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        if (Runspace.DefaultRunspace is null)
        {
            return [];
        }

        var word = wordToComplete ?? string.Empty;
        var quote = word.Length > 0 && word[0] is '\'' or '"' ? word.Substring(0, 1) : string.Empty;
        var pattern = new WildcardPattern(WildcardPattern.Escape(word.Trim('\'', '"')) + "*", WildcardOptions.IgnoreCase);
        return ContextTable.Here.All
            .Where(context => pattern.IsMatch(context.Name))
            .Select(context => new CompletionResult(Quoted(context.Name, quote), context.Name, CompletionResultType.ParameterValue, context.ToString()));
    }

    private static string Quoted(string name, string quote)
    {
        quote = quote.Length == 0 && name.Any(c => !char.IsLetterOrDigit(c) && c is not ('-' or '_' or '.')) ? "'" : quote;
        return quote switch
        {
            "'" => $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'",
            "\"" => $"\"{Regex.Replace(name, "[`\"$]", "`$0", RegexOptions.None, TimeSpan.FromSeconds(1))}\"",
            _ => name,
        };
    }
}
