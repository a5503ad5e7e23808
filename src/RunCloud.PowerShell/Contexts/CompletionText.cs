using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace RunCloud.PowerShell;

/// <summary>What is offered for a word at the cursor: each text is accepted as it stands, and means just the name it is offered for.</summary>
internal static class CompletionText
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>The names that go on from what was typed, quoted as the user began, in order.</summary>
    /// <param name="word">What was typed, with its opening quote; <see langword="null"/> or empty for nothing.</param>
    /// <param name="names">The names, each with what to say about it.</param>
    /// <param name="takesWildcards">Whether the parameter takes patterns, in which a name that has such characters must be escaped.</param>
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

    /// <summary>A name as a pattern that matches nothing else. That of the engine leaves the backtick as it is in Windows PowerShell.</summary>
    private static string Escaped(string name) => Regex.Replace(name, @"[`*?\[\]]", "`$0", RegexOptions.None, Limit);

    /// <summary>A text as it is typed: in the quotes that were begun, or in none where it needs none.</summary>
    private static string Quoted(string text, char? quote) => quote == '"'
        ? $"\"{Regex.Replace(text, "[`\"$\u201C\u201D\u201E]", "`$0", RegexOptions.None, Limit)}\""
        : quote is null && IsBareWord(text) ? text
        : $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";

    /// <summary>What begins with a digit may be a number, and what begins with a dash a parameter.</summary>
    private static bool IsBareWord(string text) =>
        text.Length > 0 && char.IsLetter(text[0]) && text.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.');
}
