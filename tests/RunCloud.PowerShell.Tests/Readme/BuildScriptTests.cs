using System.Management.Automation;
using System.Management.Automation.Language;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Readme;

/// <summary><c>build.ps1</c> calls <c>dotnet</c> with the right arguments, and needs nothing that an edition lacks.</summary>
public sealed class BuildScriptTests
{
    private static readonly string Script = Path.Combine(MarkdownCode.Root, "build.ps1");

    [Fact]
    public async Task It_uses_core_commands_only()
    {
        var syntax = Parser.ParseFile(Script, out _, out var problems);
        Assert.Empty(problems);
        string[] own = [.. syntax.FindAll(ast => ast is FunctionDefinitionAst, searchNestedScriptBlocks: true).Cast<FunctionDefinitionAst>().Select(function => function.Name)];
        string[] used = [.. syntax.FindAll(ast => ast is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>()
            .Select(command => command.GetCommandName()).Distinct(StringComparer.OrdinalIgnoreCase).Except([.. own, "dotnet"], StringComparer.OrdinalIgnoreCase)];
        Assert.NotEmpty(used);
        using var shell = new Shell(new ShellOptions { Module = null });
        shell.SetVariable("used", used);
        var found = await shell.RunAsync("$used | ForEach-Object { (Get-Command $_).Source }", TestContext.Current.CancellationToken);
        Assert.Empty(found.Errors);
        Assert.All(found.Output, source => Assert.Equal("Microsoft.PowerShell.Core", source.ToString()));
    }

    [Theory]
    [InlineData("", "build {sln} --configuration Debug")]
    [InlineData("Build -Configuration Release", "build {sln} --configuration Release")]
    [InlineData("Test", "test {sln} --configuration Debug")]
    [InlineData("Package", "build {module} --configuration Release --target:PackageModule")]
    [InlineData("Package -ProjectUrl https://example.test/x", "build {module} --configuration Release --target:PackageModule --property:ProjectUrl=https://example.test/x")]
    public async Task It_asks_dotnet(string arguments, string expected)
    {
        var result = await RunAsync(arguments, exitCode: 0);
        Assert.Null(result.Terminating);
        Assert.Equal(
            expected.Replace("{sln}", Path.Combine(MarkdownCode.Root, "RunCloud.PowerShell.sln"), StringComparison.Ordinal)
                .Replace("{module}", Path.Combine(MarkdownCode.Root, "module", "RunCloud.Module.csproj"), StringComparison.Ordinal),
            Assert.Single(result.Output).ToString());
    }

    [Fact]
    public async Task It_fails_with_dotnet()
    {
        var result = await RunAsync("Test", exitCode: 3);
        Assert.Contains("ended with exit code 3: dotnet test ", Assert.IsType<RuntimeException>(result.Terminating).Message, StringComparison.Ordinal);
    }

    private static async Task<ShellResult> RunAsync(string arguments, int exitCode)
    {
        using var shell = new Shell(new ShellOptions { Module = null });
        shell.SetVariable("script", Script);
        return await shell.RunAsync(
            $"function dotnet {{ $global:LASTEXITCODE = {exitCode}; \"$args\" }}\n& $script {arguments}", TestContext.Current.CancellationToken);
    }
}
