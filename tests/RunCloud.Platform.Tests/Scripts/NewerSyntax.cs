using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace RunCloud.Platform.Tests.Scripts;

/// <summary>Finds in a script what Windows PowerShell 5.1 does not have, with the parser of the newer shell.</summary>
internal static partial class NewerSyntax
{
    private static readonly Dictionary<TokenKind, string> Operators = new()
    {
        [TokenKind.AndAnd] = "&&",
        [TokenKind.OrOr] = "||",
        [TokenKind.QuestionQuestion] = "??",
        [TokenKind.QuestionQuestionEquals] = "??=",
        [TokenKind.QuestionDot] = "?.",
        [TokenKind.QuestionLBracket] = "?[",
        [TokenKind.QuestionMark] = "?:",
    };

    /// <summary>Commands that came after 5.1, and parameters that came later to commands it has; <c>*</c> is the whole command.</summary>
    private static readonly Dictionary<string, string[]> Newer = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ConvertFrom-Json"] = ["AsHashtable", "Depth", "NoEnumerate", "DateKind"],
        ["ConvertFrom-Markdown"] = ["*"],
        ["ConvertTo-Csv"] = ["QuoteFields", "UseQuotes", "NoHeader", "IncludeTypeInformation"],
        ["ConvertTo-Json"] = ["AsArray", "EnumsAsStrings", "EscapeHandling"],
        ["Export-Csv"] = ["QuoteFields", "UseQuotes", "NoHeader", "IncludeTypeInformation"],
        ["ForEach-Object"] = ["Parallel", "ThrottleLimit", "TimeoutSeconds", "AsJob", "UseNewRunspace"],
        ["Get-ChildItem"] = ["FollowSymlink"],
        ["Get-Content"] = ["AsByteStream"],
        ["Get-Error"] = ["*"],
        ["Get-Random"] = ["Shuffle"],
        ["Get-Uptime"] = ["*"],
        ["Import-PowerShellDataFile"] = ["SkipLimitCheck"],
        ["Invoke-RestMethod"] = ["Authentication", "Token", "SkipCertificateCheck", "Form", "FollowRelLink", "StatusCodeVariable"],
        ["Invoke-WebRequest"] = ["Authentication", "Token", "SkipCertificateCheck", "Form"],
        ["Join-Path"] = ["AdditionalChildPath"],
        ["Join-String"] = ["*"],
        ["Select-Object"] = ["SkipIndex"],
        ["Select-String"] = ["Raw", "NoEmphasis", "Culture"],
        ["Set-Content"] = ["AsByteStream"],
        ["Sort-Object"] = ["Top", "Bottom", "Stable"],
        ["Split-Path"] = ["LeafBase", "Extension"],
        ["Start-ThreadJob"] = ["*"],
        ["Test-Connection"] = ["TargetName", "TcpPort"],
        ["Test-Json"] = ["*"],
    };

    private static readonly string[] NewerVariables = ["IsWindows", "IsLinux", "IsMacOS", "IsCoreCLR", "PSStyle", "PSNativeCommandUseErrorActionPreference"];

    private static readonly string[] NewerEncodings = ["utf8BOM", "utf8NoBOM", "ansi"];

    /// <summary>The parts of a script that 5.1 lacks; for text that is not a script, the parser's messages.</summary>
    /// <param name="script">The script.</param>
    public static IReadOnlyList<string> Find(string script)
    {
        var syntax = Parser.ParseInput(script, out var tokens, out var problems);
        return
        [
            .. problems.Select(problem => problem.Message),
            .. tokens.Where(token => Operators.ContainsKey(token.Kind)).Select(token => Operators[token.Kind]),
            .. AllTokens(tokens).OfType<StringExpandableToken>().Where(text => NewerEscape().IsMatch(text.Text)).Select(text => text.Text),
            .. AllTokens(tokens).OfType<NumberToken>().Where(number => NewerNumber().IsMatch(number.Text)).Select(number => number.Text),
            .. syntax.FindAll(_ => true, searchNestedScriptBlocks: true).SelectMany(Judge),
        ];
    }

    private static IEnumerable<Token> AllTokens(IEnumerable<Token> tokens) =>
        tokens.SelectMany(token => token is StringExpandableToken { NestedTokens: { } nested } ? AllTokens(nested).Prepend(token) : [token]);

    private static IEnumerable<string> Judge(Ast ast) => ast switch
    {
        PipelineAst { Background: true } => ["&"],
        ScriptBlockAst { CleanBlock: not null } => ["clean"],
        VariableExpressionAst variable when IsGuarded(variable) => [],
        VariableExpressionAst variable when NewerVariables.Contains(variable.VariablePath.UserPath, StringComparer.OrdinalIgnoreCase) => ["$" + variable.VariablePath.UserPath],
        CommandAst command => Judge(command),
        _ => [],
    };

    // Windows PowerShell does not parse the code after this condition.
    private static bool IsGuarded(Ast ast)
    {
        for (var inner = ast; inner.Parent is { } outer; inner = outer)
        {
            if (outer is BinaryExpressionAst { Operator: TokenKind.And } and && and.Right == inner
                && and.Left.Extent.Text.Equals("$PSVersionTable.PSEdition -eq 'Core'", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<string> Judge(CommandAst command)
    {
        var name = command.GetCommandName() ?? string.Empty;
        CommandParameterAst[] given = [.. command.CommandElements.OfType<CommandParameterAst>()];
        foreach (var parameter in given.Where(parameter => parameter.ParameterName.Equals("Encoding", StringComparison.OrdinalIgnoreCase)))
        {
            var next = command.CommandElements.IndexOf(parameter) + 1;
            Ast? value = parameter.Argument ?? (next < command.CommandElements.Count ? command.CommandElements[next] : null);
            if (value is StringConstantExpressionAst { Value: var encoding } && NewerEncodings.Contains(encoding, StringComparer.OrdinalIgnoreCase))
            {
                yield return encoding;
            }
        }

        if (!Newer.TryGetValue(name, out var newer))
        {
            yield break;
        }

        if (newer is ["*"])
        {
            yield return name;
        }

        // An abbreviated name counts if it cannot mean an older parameter. Three letters are enough for all of these.
        foreach (var parameter in given.Where(parameter => parameter.ParameterName.Length > 2
            && Array.Exists(newer, known => known.StartsWith(parameter.ParameterName, StringComparison.OrdinalIgnoreCase))))
        {
            yield return $"{name} -{parameter.ParameterName}";
        }

        if (name.Equals("Join-Path", StringComparison.OrdinalIgnoreCase) && given.Length == 0 && command.CommandElements.Count > 3)
        {
            yield return "Join-Path with three parts";
        }
    }

    [GeneratedRegex("(?<!`)(``)*`(e|u\\{)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NewerEscape();

    [GeneratedRegex("^(0b[01]+|.*\\d(u|us|ul|y|uy|s|n))$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NewerNumber();
}
