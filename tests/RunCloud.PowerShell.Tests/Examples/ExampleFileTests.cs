using System.Management.Automation;
using System.Management.Automation.Language;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Examples;

/// <summary>The examples as files: Windows PowerShell 5.1, which can't be run here, could read them too, and their help says what a task needs.</summary>
public sealed class ExampleFileTests
{
    /// <summary>What both editions have, with the parameters that both have: everything else that an example calls is its own or the module's.</summary>
    private static readonly Dictionary<string, string[]> InBothEditions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ConvertFrom-Json"] = [],
        ["Export-Clixml"] = ["LiteralPath"],
        ["ForEach-Object"] = [],
        ["Get-Acl"] = ["LiteralPath"],
        ["Get-Module"] = ["Name"],
        ["Import-Clixml"] = ["LiteralPath"],
        ["Import-Module"] = ["Name"],
        ["Set-StrictMode"] = ["Version"],
        ["Sort-Object"] = ["Property"],
        ["Where-Object"] = [],
    };

    /// <summary>Operators that Windows PowerShell does not know.</summary>
    private static readonly TokenKind[] Newer =
    [
        TokenKind.AndAnd, TokenKind.OrOr, TokenKind.QuestionQuestion, TokenKind.QuestionQuestionEquals, TokenKind.QuestionDot, TokenKind.QuestionLBracket, TokenKind.QuestionMark,
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Files => [.. Directory.GetFiles(Night.Examples).Select(file => Path.GetFileName(file))];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Windows_PowerShell_can_parse_it(string file)
    {
        // Without a byte order mark it takes a file for one in the code page of the machine.
        var text = await File.ReadAllTextAsync(Path.Combine(Night.Examples, file), Token);
        Assert.All(text, character => Assert.True(char.IsAscii(character), $"U+{(int)character:X4}"));

        var syntax = ScriptText.Parse(text, out var tokens);
        Assert.DoesNotContain(tokens, token => Newer.Contains(token.Kind));
        using var shell = new Shell();
        string[] own = [.. ScriptText.Functions(syntax).Select(function => function.Name)];
        Assert.All(ScriptText.Commands(syntax).Where(command => !own.Contains(command.GetCommandName(), StringComparer.Ordinal)), command =>
        {
            if (InBothEditions.TryGetValue(command.GetCommandName(), out var parameters))
            {
                Assert.All(ScriptText.Parameters(command), parameter => Assert.Contains(parameter, parameters));
            }
            else
            {
                Assert.Contains("-RunCloud", command.GetCommandName(), StringComparison.Ordinal);
            }
        });
        foreach (var command in ScriptText.Commands(syntax).Where(command => command.GetCommandName().Contains("-RunCloud", StringComparison.Ordinal)))
        {
            if (!own.Contains(command.GetCommandName(), StringComparer.Ordinal))
            {
                await ScriptText.MustHaveAsync(shell, command.GetCommandName(), ScriptText.Parameters(command));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Its_help_names_each_parameter_and_the_exit_codes(string file)
    {
        using var shell = new Shell();
        shell.SetVariable("file", Path.Combine(Night.Examples, file));
        var result = await shell.RunAsync(
            """
            $help = Get-Help $file -Full
            $help.Synopsis
            ($help.alertSet.alert | ForEach-Object Text) -join "`n"
            $help.examples.example.Count
            foreach ($parameter in $help.parameters.parameter) {
                if (@($parameter.description).Count) { $parameter.name }
            }
            """,
            Token);
        Assert.Empty(result.Errors);
        Assert.DoesNotContain(file, result.Output[0].ToString(), StringComparison.Ordinal);
        Assert.All(["0  ", "2  ", "3  "], code => Assert.Contains("\n" + code, result.Output[1].ToString(), StringComparison.Ordinal));
        Assert.NotEqual("0", result.Output[2].ToString());
        var syntax = ScriptText.Parse(await File.ReadAllTextAsync(Path.Combine(Night.Examples, file), Token), out _);
        Assert.Equal(
            syntax.ParamBlock.Parameters.Select(parameter => parameter.Name.VariablePath.UserPath).Order(StringComparer.Ordinal),
            result.Output.Skip(3).Select(name => name.ToString()).Except(["WhatIf", "Confirm"], StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void One_name_in_two_examples_means_the_same()
    {
        // Each is whole, so that it can be taken alone; a repair must reach all of them.
        var texts = Directory.GetFiles(Night.Examples)
            .SelectMany(file => ScriptText.Functions(ScriptText.Parse(File.ReadAllText(file), out _)))
            .ToLookup(function => function.Name, function => function.Extent.Text, StringComparer.Ordinal);
        Assert.Contains(texts, function => function.Count() > 1);
        Assert.All(texts, function => Assert.Single(function.Distinct(StringComparer.Ordinal)));
    }
}
