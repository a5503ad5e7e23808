using RunCloud.PowerShell.Tests.Readme;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Hosting;

/// <summary>The child process of the tests does what <c>pwsh -NoProfile -NonInteractive -File</c> does; what is asserted here was seen in 7.6.9.</summary>
public sealed class RunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("'fine'", 0, "fine\n", "")]
    [InlineData("'before'; exit 7; 'after'", 7, "before\n", "")]
    [InlineData("function Stop-It { exit 7 }; try { Stop-It } catch { 'caught' } finally { 'finally' }", 7, "finally\n", "")]
    [InlineData("'before'; throw 'enough'; 'after'", 1, "before\n", "enough")]
    [InlineData("$ErrorActionPreference = 'Stop'; Import-Module no-such-module; 'after'", 1, "", "no-such-module")]
    [InlineData("Import-Module no-such-module; 'after'", 0, "after\n", "no-such-module")]
    [InlineData("[int]::Parse('x'); 'after'", 0, "after\n", "was not in a correct format")]
    [InlineData("$global:LASTEXITCODE = 9", 0, "", "")]
    [InlineData("if (", 1, "", "Missing condition")]
    [InlineData("param([Parameter(Mandatory)] $Key) 'ran'", 1, "", "Key")]
    [InlineData("[CmdletBinding()] param() $PSCmdlet.WriteWarning('careful'); $Host.UI.WriteErrorLine('wrong')", 0, "WARNING: careful\n", "wrong\n")]
    [InlineData("$Host.UI.PromptForChoice('', '', @('&Yes'), 0); 'after'", 0, "after\n", "not interactive")]
    [InlineData("\"$($Host.UI.GetType().Name) $PSScriptRoot\".Length -gt 0; [Console]::In.Read()", 0, "True\n-1\n", "")]
    public async Task It_ends_as_pwsh_does(string script, int exitCode, string output, string errors)
    {
        var result = await RunAsync(script);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Equal(output, result.Output);
        Assert.Contains(errors, result.Errors, StringComparison.Ordinal);
        Assert.Equal(errors.Length == 0, result.Errors.Length == 0);

        // The same with all scripts in one process.
        var served = await ScriptServers.RunAsync(new ScriptStart { Script = Path.Combine(_folder.Path, "script.ps1"), Module = null });
        Assert.Equal((result.ExitCode, result.Output), (served.ExitCode, served.Output));
        Assert.Equal(result.Errors, served.Errors);
    }

    [Theory]
    [InlineData(new[] { "-Key", "a,b", "-Flag" }, "1:a,b True False 1")]
    [InlineData(new[] { "-Key:a", "-Flag:$false", "-Other:$TRUE" }, "1:a False True 1")]
    [InlineData(new[] { "-Key:", "-x", "-N", "-5" }, "1:-x False False -5")]
    [InlineData(new[] { "a", "7", "$true" }, "1:a False False 7 $true")]
    public async Task Arguments_are_text(string[] arguments, string expected)
    {
        var result = await RunAsync(
            "param([string[]] $Key, [switch] $Flag, [switch] $Other, [int] $N = 1)\n\"$($Key.Count):$Key $Flag $Other $N $args\".Trim()", arguments);
        Assert.Empty(result.Errors);
        Assert.Equal(expected + "\n", result.Output);
    }

    [Fact]
    public async Task A_missing_object_is_distinguished_from_a_failure()
    {
        Assert.Equal(64, (await RunFileAsync(new ScriptStart { Script = Path.Combine(_folder.Path, "none.ps1") })).ExitCode);
        var without = await RunFileAsync(new ScriptStart { Script = await WriteAsync("'ran'"), Module = Path.Combine(_folder.Path, "none.psd1") });
        Assert.Equal(64, without.ExitCode);
        Assert.Empty(without.Output);
        Assert.Equal(1, (await RunAsync("[CmdletBinding()] param()", ["-Nope", "x"])).ExitCode);
    }

    [Fact]
    public async Task The_module_is_the_staged_one_and_the_workspace_the_given_one()
    {
        await using var simulator = await RunCloudSimulator.StartAsync(fleet: Desk.Workspace(), cancellationToken: Token);
        var result = await RunFileAsync(new ScriptStart
        {
            Script = await WriteAsync("(Get-RunCloudServer).Count; (Get-Module RunCloud.PowerShell).ModuleBase"),
            Environment = EnvironmentOf(simulator),
        });
        Assert.Equal($"4\n{StagedModule.Folder}\n", result.Output);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public async Task A_served_script_leaves_nothing_to_the_next()
    {
        var first = await WriteAsync("param($Name) \"$Name $env:OF_ONE $PWD\"; $global:Left = 1; $env:OF_SCRIPT = 2; exit 5");
        var result = await ScriptServers.RunAsync(new ScriptStart
        {
            Script = first,
            Arguments = ["-Name", "näme"],
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["OF_ONE"] = "one", ["OF_SCRIPT"] = null },
            Folder = _folder.Path,
            Module = null,
        });
        Assert.Equal(new ScriptResult(5, $"näme one {_folder.Path}\n", string.Empty), result);

        var second = await ScriptServers.RunAsync(new ScriptStart { Script = await WriteAsync("\"$Left|$env:OF_ONE|$env:OF_SCRIPT\""), Module = null });
        Assert.Equal(new ScriptResult(0, "||\n", string.Empty), second);
    }

    [Fact]
    public async Task It_can_be_killed_between_two_requests()
    {
        await using var simulator = await RunCloudSimulator.StartAsync(fleet: Desk.Workspace(), cancellationToken: Token);
        var hang = new Hang();
        _ = simulator.Faults.Add(Fault.HangBefore(hang), path: "/servers/*/ssh/credentials");
        await using var process = ScriptProcess.Start(new ScriptStart
        {
            Script = await WriteAsync("'before'; Get-RunCloudServer | Get-RunCloudSshCredential; 'after'"),
            Environment = EnvironmentOf(simulator),
        });
        _ = await simulator.Requests.WaitForArrivalAsync(request => request.Path.EndsWith("/ssh/credentials", StringComparison.Ordinal), cancellationToken: Token);
        process.Kill();
        var result = await process.Completion;
        Assert.NotEqual(0, result.ExitCode);
        Assert.Equal("before\n", result.Output);
    }

    private static Dictionary<string, string?> EnvironmentOf(RunCloudSimulator simulator) => new(StringComparer.Ordinal)
    {
        ["RUNCLOUD_API_ENDPOINT"] = simulator.Endpoint.ToString(),
        ["RUNCLOUD_API_TOKEN"] = simulator.Token,
    };

    private static async Task<ScriptResult> RunFileAsync(ScriptStart start)
    {
        await using var process = ScriptProcess.Start(start);
        return await process.Completion;
    }

    private async Task<ScriptResult> RunAsync(string script, string[]? arguments = null) =>
        await RunFileAsync(new ScriptStart { Script = await WriteAsync(script), Arguments = arguments ?? [], Module = null });

    private async Task<string> WriteAsync(string script)
    {
        var path = Path.Combine(_folder.Path, "script.ps1");
        await File.WriteAllTextAsync(path, script, Token);
        return path;
    }
}
