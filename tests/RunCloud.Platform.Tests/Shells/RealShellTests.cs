using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using RunCloud.PowerShell.Tests.Readme;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.Platform.Tests.Shells;

/// <summary>The staged module in a real pwsh, with all of its own commands: nothing is stood in for.</summary>
public sealed class RealShellTests
{
    /// <summary>Sections that need another folder, another program or a schedule; tests of their own have them.</summary>
    private static readonly string[] Elsewhere = ["Install", "A scheduled task"];

    /// <summary>The workspace has a value that is no key and servers that are offline; nothing else may go wrong.</summary>
    private static readonly string[] Expected = ["SshCredentialNotComparable", "RemovalUnconfirmed", "ServerUnreachable"];

    [Fact]
    public async Task The_smoke_test_passes()
    {
        (int exitCode, string text) = await RealShell.RunAsync(Path.Combine(MarkdownCode.Root, "tests", "Smoke", "smoke.ps1"), new Dictionary<string, string?>(StringComparer.Ordinal));
        Assert.True(exitCode == 0, text);
        Assert.Contains("PowerShell 7.6.9 (Core)", text, StringComparison.Ordinal);
        Assert.Contains("ok: no copy of the leaked key is left", text, StringComparison.Ordinal);
        Assert.Contains("ok: the views are there", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Colours_follow_the_settings_of_the_shell_and_times_are_iso_in_json()
    {
        using var folder = new TemporaryFolder();
        await using RunCloudSimulator api = await RunCloudSimulator.StartAsync(new SimulatorOptions(), cancellationToken: TestContext.Current.CancellationToken);
        string text = await RealShell.MustAsync(
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
    public async Task Every_block_of_the_readme_runs_as_printed()
    {
        var sections = MarkdownCode.Of("README.md").Where(block => block.IsPowerShell && !Elsewhere.Contains(block.Heading, StringComparer.Ordinal))
            .GroupBy(block => block.Heading, StringComparer.Ordinal).ToList();
        Assert.Contains("One minute", sections.Select(section => section.Key));
        using var folder = new TemporaryFolder();
        var script = new StringBuilder("$global:PSDefaultParameterValues = @{ '*-RunCloud*:Confirm' = $false }\n$ErrorActionPreference = 'Continue'\n");
        var workspaces = new List<RunCloudSimulator>();
        try
        {
            foreach (var section in sections)
            {
                RunCloudSimulator api = await RunCloudSimulator.StartAsync(
                    new SimulatorOptions { DisguisedCopies = true, AcceptKeyOptions = true, UnparsableKeys = 1 }, cancellationToken: TestContext.Current.CancellationToken);
                workspaces.Add(api);
                string place = Directory.CreateDirectory(Path.Combine(folder.Path, workspaces.Count.ToString(System.Globalization.CultureInfo.InvariantCulture))).FullName;
                await File.WriteAllTextAsync(Path.Combine(place, "dave.pub"), api.Fleet.LeakedKey + "\n", TestContext.Current.CancellationToken);
                await File.WriteAllTextAsync(Path.Combine(place, "erin.pub"), TestKeys.Line(SshKeyKind.Ed25519, 7, "erin@desk") + "\n", TestContext.Current.CancellationToken);
                _ = script.Append(
                    $$"""
                    Set-Location '{{place}}'
                    $env:RUNCLOUD_API_ENDPOINT = '{{api.Endpoint}}'
                    $env:RUNCLOUD_API_TOKEN = '{{api.Token}}'
                    $null = Connect-RunCloud
                    $Error.Clear()
                    try {
                        $shown = @(& {
                            {{string.Join('\n', section.Select(block => block.Text))}}
                        } 2>$null 3>$null 6>$null | Out-String)
                    }
                    catch { }
                    foreach ($one in @($Error)) { "{{section.Key}}|$($one.FullyQualifiedErrorId)|$one" }
                    "{{section.Key}}|done"

                    """);
            }

            string text = await RealShell.MustAsync(script.ToString(), folder.Path, new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["PSModulePath"] = Path.GetDirectoryName(StagedModule.Folder),
            });
            string[][] lines = [.. text.Split('\n').Select(line => line.Split('|')).Where(parts => parts.Length > 1)];
            Assert.Equal(sections.Select(section => section.Key), lines.Where(parts => parts[1] == "done").Select(parts => parts[0]));
            Assert.All(lines.Where(parts => parts.Length > 2), parts => Assert.Contains(parts[1].Split(',')[0], Expected));
            Assert.All(workspaces, api => Assert.NotEmpty(api.Requests.All));
            int leaver = sections.FindIndex(section => section.Key == "The same, step by step");
            Assert.Empty(workspaces[leaver].Fleet.Snapshot().CopiesOf(workspaces[leaver].Fleet.LeakedKey!));
        }
        finally
        {
            foreach (RunCloudSimulator api in workspaces)
            {
                await api.DisposeAsync();
            }
        }
    }
}
