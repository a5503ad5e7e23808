using System.Management.Automation;
using System.Management.Automation.Language;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Examples;

/// <summary>Static checks of a script.</summary>
internal static class ScriptText
{
    /// <summary>Reads a script, which must be one.</summary>
    /// <param name="text">The script.</param>
    /// <param name="tokens">Its parts.</param>
    public static ScriptBlockAst Parse(string text, out Token[] tokens)
    {
        var syntax = Parser.ParseInput(text, out tokens, out var problems);
        Assert.Empty(problems.Select(problem => problem.Message));
        return syntax;
    }

    /// <summary>All commands in it that are called by name.</summary>
    /// <param name="syntax">The script.</param>
    public static IEnumerable<CommandAst> Commands(ScriptBlockAst syntax) =>
        syntax.FindAll(ast => ast is CommandAst command && command.GetCommandName() is not null, searchNestedScriptBlocks: true).Cast<CommandAst>();

    /// <summary>The functions that it defines.</summary>
    /// <param name="syntax">The script.</param>
    public static IEnumerable<FunctionDefinitionAst> Functions(ScriptBlockAst syntax) =>
        syntax.FindAll(ast => ast is FunctionDefinitionAst, searchNestedScriptBlocks: true).Cast<FunctionDefinitionAst>();

    /// <summary>The names of the parameters that are given to a command, without the dash.</summary>
    /// <param name="command">The command.</param>
    public static IEnumerable<string> Parameters(CommandAst command) =>
        command.CommandElements.OfType<CommandParameterAst>().Select(parameter => parameter.ParameterName);

    /// <summary>Checks that a command of the shell has the parameters that a script gives it, under their full names.</summary>
    /// <param name="shell">The shell.</param>
    /// <param name="name">The command, or the path of a script.</param>
    /// <param name="parameters">The names.</param>
    public static async Task MustHaveAsync(Shell shell, string name, IEnumerable<string> parameters)
    {
        shell.SetVariable("name", name);
        var found = await shell.RunAsync("Get-Command $name", TestContext.Current.CancellationToken);
        var command = Assert.Single(found.OutputOf<CommandInfo>());
        Assert.All(parameters, parameter => Assert.Contains(parameter, command.Parameters.Keys, StringComparer.OrdinalIgnoreCase));
    }
}
