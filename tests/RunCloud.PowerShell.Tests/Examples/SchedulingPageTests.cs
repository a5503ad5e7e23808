using System.Management.Automation.Language;
using System.Text.RegularExpressions;
using RunCloud.PowerShell.Tests.Readme;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Examples;

/// <summary><c>docs/scheduling.md</c>: its code can be parsed, names existing commands, and keeps the token safe.</summary>
public sealed partial class SchedulingPageTests
{
    private const string Page = "docs/scheduling.md";

    private static readonly IReadOnlyList<MarkdownCode> Blocks = MarkdownCode.Of(Page);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_command_can_be_read_and_those_of_the_module_have_their_parameters()
    {
        using var shell = new Shell();
        var checkedCommands = 0;
        foreach (var block in Blocks.Where(block => block.IsPowerShell))
        {
            var syntax = ScriptText.Parse(block.Text, out _);
            foreach (var command in ScriptText.Commands(syntax).Where(command => command.GetCommandName() is "Connect-RunCloud" or "Import-Clixml" or "Export-Clixml" or "Import-Module"))
            {
                await ScriptText.MustHaveAsync(shell, command.GetCommandName(), ScriptText.Parameters(command));
                checkedCommands++;
            }
        }

        Assert.True(checkedCommands > 4);
    }

    [Fact]
    public async Task Every_line_for_a_script_names_it_and_its_parameters()
    {
        using var shell = new Shell();
        var schedulers = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var block in Blocks)
        {
            foreach (Match line in ScriptLine().Matches(block.Text))
            {
                var name = line.Groups["script"].Value;
                _ = schedulers.TryAdd(name, []);
                _ = schedulers[name].Add(block.Heading);
                await ScriptText.MustHaveAsync(
                    shell, Path.Combine(Night.Examples, name), line.Groups["parameter"].Captures.Select(parameter => parameter.Value));
                Assert.All(line.Groups["path"].Captures, path => Assert.True(path.Value.StartsWith(@"C:\", StringComparison.Ordinal) || path.Value[0] is '/' or '$', path.Value));
            }
        }

        Assert.Equal(Directory.GetFiles(Night.Examples).Select(Path.GetFileName).Order(StringComparer.Ordinal), schedulers.Keys.Order(StringComparer.Ordinal));
        Assert.All(schedulers, script => Assert.Superset(new HashSet<string>(["Task Scheduler", "cron", "systemd"], StringComparer.Ordinal), script.Value));
    }

    [Fact]
    public async Task Every_script_and_exit_code_is_explained()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(MarkdownCode.Root, Page), Token);
        Assert.All(Directory.GetFiles(Night.Examples).Select(Path.GetFileName), file => Assert.Contains($"\n| [{file}](../examples/{file}) | ", page, StringComparison.Ordinal));
        Assert.All(new[] { 0, 2, 3 }, code => Assert.Contains($"\n| {code} | ", page, StringComparison.Ordinal));
        string[] links = [.. Link().Matches(page).Select(link => link.Groups["file"].Value)];
        Assert.NotEmpty(links);
        Assert.All(links, link => Assert.True(Path.Exists(Path.Combine(MarkdownCode.Root, "docs", link)), link));
    }

    [Theory]
    [InlineData(false, false, 0)]
    [InlineData(true, false, 2)]
    [InlineData(false, true, 3)]
    public async Task The_script_that_asks_a_vault_passes_the_exit_code_on(bool faulty, bool locked, int exitCode)
    {
        await using var night = await Night.FallAsync();
        if (faulty)
        {
            _ = night.Simulator.Faults.Add(Fault.Status(403), "GET", "/servers/102/ssh/credentials");
        }

        // Stand-ins for the two modules, which no package brings: they know what the page gives them.
        var modules = night.PathOf("modules");
        await WriteModuleAsync(modules, "Microsoft.PowerShell.SecretManagement", "function Get-Secret { param([string] $Name) [Net.NetworkCredential]::new('', $env:VAULT).SecurePassword }");
        await WriteModuleAsync(modules, "Microsoft.PowerShell.SecretStore", "function Unlock-SecretStore { param([securestring] $Password) " + (locked ? "throw 'locked'" : "") + " }");
        using (var shell = new Shell(new ShellOptions { Module = null }))
        {
            shell.SetVariable("path", night.PathOf("token-vault.xml"));
            Assert.Empty((await shell.RunAsync("[Net.NetworkCredential]::new('', 'of the vault').SecurePassword | Export-Clixml $path", Token)).Errors);
        }

        var script = night.PathOf("token-start.ps1");
        var text = Assert.Single(Blocks, block => block.Text.Contains("Get-Secret", StringComparison.Ordinal)).Text
            .Replace(@"C:\RunCloud\data\vault.xml", night.PathOf("token-vault.xml"), StringComparison.Ordinal)
            .Replace(@"C:\RunCloud\data\revoke", night.Folder, StringComparison.Ordinal)
            .Replace(@"C:\RunCloud\dave.pub", $"'{Desk.DavesKey}'", StringComparison.Ordinal)
            .Replace(@"C:\RunCloud\Revoke-LeakedKey.ps1", Path.Combine(Night.Examples, "Revoke-LeakedKey.ps1"), StringComparison.Ordinal);
        Assert.DoesNotContain(@"C:\", text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(script, text, Token);
        await using var process = ScriptProcess.Start(new ScriptStart
        {
            Script = script,
            Module = null,
            Environment = new Dictionary<string, string?>(night.Environment, StringComparer.Ordinal)
            {
                ["RUNCLOUD_API_TOKEN"] = null,
                ["VAULT"] = night.Simulator.Token,
                ["PSModulePath"] = string.Join(Path.PathSeparator, modules, Path.GetDirectoryName(StagedModule.Folder)),
            },
        });
        var result = await process.Completion;
        Assert.True(exitCode == result.ExitCode, $"It ended with {result.ExitCode}.\n{result.Output}\n{result.Errors}");
        Assert.DoesNotContain(night.Simulator.Token, result.Output + result.Errors, StringComparison.Ordinal);
    }

    private static async Task WriteModuleAsync(string folder, string name, string text)
    {
        _ = Directory.CreateDirectory(Path.Combine(folder, name));
        await File.WriteAllTextAsync(Path.Combine(folder, name, name + ".psm1"), text, Token);
    }

    [GeneratedRegex(@"-File (?<path>\S+[\\/](?<script>[\w-]+\.ps1))(?: -(?<parameter>\w+)(?: (?<value>(?<path>[^\s'""]*[\\/][^\s'"">]*)|[\w*,-]*\w[\w*,]*))?)*", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ScriptLine();

    [GeneratedRegex(@"\]\((?<file>[^):#]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();
}
