using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace RunCloud.PowerShell;

/// <summary>Completions of the word at the cursor. Each text is valid as typed, and selects exactly the name it stands for.</summary>
internal static class CompletionText
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>The names that begin with the typed text, in order, quoted as the user began.</summary>
    /// <param name="word">The typed text with its opening quote; may be <see langword="null"/> or empty.</param>
    /// <param name="names">The names, each with its tool tip.</param>
    /// <param name="takesWildcards">Whether the parameter takes patterns, so that wildcard characters in a name must be escaped.</param>
    internal static IEnumerable<CompletionResult> For(string? word, IEnumerable<(string Name, string Hint)> names, bool takesWildcards)
    {
        word ??= string.Empty;
        var quote = word.Length > 0 && word[0] is '\'' or '"' ? word[0] : default(char?);
        if (quote is { } opened && word.Length > 1 && word[word.Length - 1] == opened)
        {
            // The engine closes the quotes that the user opened.
            word = word.Substring(0, word.Length - 1);
        }

        var begun = quote is null ? word : word.Substring(1);
        return names
            .OrderBy(item => item.Name, StringComparer.OrdinalIgnoreCase)
            .Select(item => (item.Name, item.Hint, Text: Quoted(takesWildcards ? Escaped(item.Name) : item.Name, quote)))
            .Where(item => item.Name.StartsWith(begun, StringComparison.OrdinalIgnoreCase) || item.Text.StartsWith(word, StringComparison.OrdinalIgnoreCase)
                || (takesWildcards && item.Name.StartsWith(WildcardPattern.Unescape(begun), StringComparison.OrdinalIgnoreCase)))
            .Select(item => new CompletionResult(item.Text, item.Name, CompletionResultType.ParameterValue, item.Hint));
    }

    /// <summary>A name as a pattern that matches nothing else. In Windows PowerShell the engine's own method does not escape the backtick.</summary>
    private static string Escaped(string name) => Regex.Replace(name, @"[`*?\[\]]", "`$0", RegexOptions.None, Limit);

    /// <summary>Text as it is typed: in the quotes that the user began, or without quotes if it needs none.</summary>
    private static string Quoted(string text, char? quote) => quote == '"'
        ? $"\"{Regex.Replace(text, "[`\"$\u201C\u201D\u201E]", "`$0", RegexOptions.None, Limit)}\""
        : quote is null && IsBareWord(text) ? text
        : $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";

    /// <summary>Text that begins with a digit may be a number, and with a dash a parameter.</summary>
    private static bool IsBareWord(string text) =>
        text.Length > 0 && char.IsLetter(text[0]) && text.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.');
}
