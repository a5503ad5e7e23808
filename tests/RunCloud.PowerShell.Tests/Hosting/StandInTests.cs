using System;
using System.Collections;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Hosting;

/// <summary>The stand-ins for commands that the engine's package lacks do what their namesakes do.</summary>
public sealed class StandInTests
{
    private static readonly ShellOptions Bare = new() { Module = null };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Select_first_stops_what_is_before_it_and_lets_the_rest_go_on()
    {
        using var shell = new Shell(Bare);
        var seen = new ArrayList();
        shell.SetVariable("seen", seen);
        ShellResult result = await shell.RunAsync(
            "1..100 | ForEach-Object { $null = $seen.Add($_); $_ } | Select-Object -First 2 | ForEach-Object { $_ } -End { 'end' }; 'next'", Token);

        Assert.Equal(["1", "2", "end", "next"], result.Output.Select(item => item.ToString()));
        Assert.Equal([1, 2], seen.Cast<int>());
        Assert.Empty(result.Errors);
        Assert.Null(result.Terminating);
    }

    [Fact]
    public async Task Select_first_ends_a_cmdlet_upstream_as_the_real_one_does()
    {
        // Out of the cmdlet's WriteObject comes a stop, and the cmdlet can clean up.
        using var shell = new Shell(Bare);
        ShellResult result = await shell.RunAsync(
            """
            $log = [Collections.ArrayList]::new()
            function Get-Endless { [CmdletBinding()] param() try { while ($true) { 'x' } } finally { $null = $log.Add('cleaned up') } }
            Get-Endless | Select-Object -First 1
            $log
            """,
            Token);
        Assert.Equal(["x", "cleaned up"], result.Output.Select(item => item.ToString()));
    }

    [Fact]
    public async Task Select_takes_properties()
    {
        using var shell = new Shell(Bare);
        ShellResult result = await shell.RunAsync("$o = [pscustomobject]@{ A = 1; B = 2, 3 }; $o | Select-Object B, C; $o | Select-Object -ExpandProperty B", Token);
        Assert.Equal(["B", "C"], result.Output[0].Properties.Select(property => property.Name));
        Assert.Null(result.Output[0].Properties["C"].Value);
        Assert.Equal([2, 3], result.Output.Skip(1).Select(item => item.BaseObject).Cast<int>());
    }

    [Fact]
    public async Task Clixml_goes_there_and_back()
    {
        using var shell = new Shell(Bare);
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        shell.SetVariable("path", path);
        try
        {
            ShellResult result = await shell.RunAsync(
                "[pscustomobject]@{ Label = 'dave'; Temporary = $true }, [pscustomobject]@{ Label = 'eve' } | Export-Clixml $path; Import-Clixml $path", Token);
            Assert.Empty(result.Errors);
            Assert.Equal(["dave", "eve"], result.Output.Select(item => (string)item.Properties["Label"].Value));
            Assert.Equal(true, result.Output[0].Properties["Temporary"].Value);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_parameter_that_a_stand_in_does_not_know_is_an_error()
    {
        using var shell = new Shell(Bare);
        ShellResult result = await shell.RunAsync("1 | Select-Object -Last 1", Token);
        Assert.IsType<ParameterBindingException>(Assert.Single(result.Errors).Exception, exactMatch: false);
    }
}
