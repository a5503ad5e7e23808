using RunCloud.PowerShell.Tests.Readme;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.Platform.Tests.Shells;

/// <summary>The staged module in a real pwsh with all its own commands, without stand-ins.</summary>
public sealed class RealShellTests
{
    [Fact]
    public async Task The_smoke_test_passes()
    {
        (var exitCode, var text) = await RealShell.RunAsync(Path.Combine(MarkdownCode.Root, "tests", "Smoke", "smoke.ps1"), new Dictionary<string, string?>(StringComparer.Ordinal));
        Assert.True(exitCode == 0, text);
        Assert.Contains("PowerShell 7.6.9 (Core)", text, StringComparison.Ordinal);
        Assert.Contains("ok: no copy of the leaked key is left", text, StringComparison.Ordinal);
        Assert.Contains("ok: the views are there", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Colours_follow_the_settings_of_the_shell_and_times_are_iso_in_json()
    {
        using var folder = new TemporaryFolder();
        await using var api = await RunCloudSimulator.StartAsync(new SimulatorOptions(), cancellationToken: TestContext.Current.CancellationToken);
        var text = await RealShell.MustAsync(
            """
            Import-Module RunCloud.PowerShell
            $row = [pscustomobject] @{ PSTypeName = 'RunCloud.SshKeyRevocation'; Status = 'Failed'; ServerId = 101; ServerName = 'web-01'; Reason = 'NotRead'; Message = '' }
            foreach ($rendering in 'Ansi', 'PlainText', 'Host') {
                $PSStyle.OutputRendering = $rendering
                $shown = ($row | Out-String).Contains($PSStyle.Formatting.Error + 'Failed' + $PSStyle.Reset)
                "$rendering $shown"
            }
            $null = Connect-RunCloud
            $server = Get-RunCloudServer | Select-Object -First 1
            $json = $server | ConvertTo-Json
            "iso $($json -match '"CreatedAt": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00"')"
            $file = Join-Path $PSScriptRoot server.xml
            $server | Export-Clixml $file
            "clixml $((Import-Clixml $file).CreatedAt.UtcDateTime -eq $server.CreatedAt.UtcDateTime)"
            """,
            folder.Path,
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["PSModulePath"] = Path.GetDirectoryName(StagedModule.Folder),
                ["RUNCLOUD_API_ENDPOINT"] = api.Endpoint.OriginalString,
                ["RUNCLOUD_API_TOKEN"] = api.Token,
            });
        Assert.Equal(["Ansi True", "PlainText False", "Host False", "iso True", "clixml True"], text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    [Fact]
    public async Task A_shell_that_cannot_ask_removes_only_where_nothing_is_to_be_asked()
    {
        using var folder = new TemporaryFolder();
        await using var api = await RunCloudSimulator.StartAsync(new SimulatorOptions(), cancellationToken: TestContext.Current.CancellationToken);
        var text = await RealShell.MustAsync(
            """
            Import-Module RunCloud.PowerShell
            $credential = Get-RunCloudServer | Get-RunCloudSshCredential -WarningAction Ignore | Select-Object -First 1
            function Remove-One { try { ($credential | Remove-RunCloudSshCredential -PassThru).Status } catch { $_.FullyQualifiedErrorId } }
            Remove-One
            $ConfirmPreference = 'None'
            Remove-One
            """,
            folder.Path,
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["PSModulePath"] = Path.GetDirectoryName(StagedModule.Folder),
                ["RUNCLOUD_API_ENDPOINT"] = api.Endpoint.OriginalString,
                ["RUNCLOUD_API_TOKEN"] = api.Token,
            });
        Assert.Equal(
            ["ConfirmationUnavailable,RunCloud.PowerShell.RemoveRunCloudSshCredentialCommand", "Removed"], text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    [Fact]
    public async Task Every_block_of_the_readme_runs_as_printed()
    {
        await using var demo = await ServedDemo.StartAsync();
        using var folder = new TemporaryFolder();
        var wrong = new List<string>();
        foreach ((var heading, var script) in ServedDemo.Sections())
        {
            var text = await RealShell.MustAsync(
                $$"""
                $ErrorActionPreference = 'Continue'
                $global:PSDefaultParameterValues = @{
                    '*-RunCloud*:Confirm' = $false
                    'Test-RunCloudSshKey:Port' = 1
                    'Test-RunCloudSshKey:KnownHostsPath' = '{{folder.Path}}/known_hosts'
                }
                {{string.Join('\n', demo.Pasted)}}
                $Error.Clear()
                try {
                    $shown = @(& {
                        {{script}}
                    } 2>$null 3>$null 6>$null | Out-String)
                }
                catch { "thrown: $_" }
                foreach ($one in @($Error)) { "error: $($one.FullyQualifiedErrorId) $one" }
                'done'
                exit 0
                """,
                folder.Path,
                new Dictionary<string, string?>(StringComparer.Ordinal) { ["PSModulePath"] = null });
            var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Contains("done", lines);

            // The scripts of examples tell a terminal what they do, too.
            wrong.AddRange(lines.Where(line => line.StartsWith("error: ", StringComparison.Ordinal) || line.StartsWith("thrown: ", StringComparison.Ordinal)).Where(line => !ServedDemo.Expected.Any(id => line.StartsWith($"error: {id},", StringComparison.Ordinal))).Select(line => $"{heading}: {line}"));
            if (heading == "A leaver's key, step by step")
            {
                var left = await RealShell.MustAsync(
                    $"{string.Join('\n', demo.Pasted)}\n@(Get-RunCloudServer | Get-RunCloudSshCredential -Key ./dave.pub -ErrorAction Ignore).Count",
                    folder.Path,
                    new Dictionary<string, string?>(StringComparer.Ordinal) { ["PSModulePath"] = null });
                Assert.Equal("0", left.Trim());
            }

            await demo.StartAfreshAsync();
        }

        Assert.Empty(wrong);
    }
}
