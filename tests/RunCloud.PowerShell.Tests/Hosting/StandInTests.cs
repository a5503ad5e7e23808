using System.Collections;
using System.Management.Automation;
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
        var result = await shell.RunAsync(
            "1..100 | ForEach-Object { $null = $seen.Add($_); $_ } | Select-Object -First 2 | ForEach-Object { $_ } -End { 'end' }; 'next'", Token);

        Assert.Equal(["1", "2", "end", "next"], result.Output.Select(item => item.ToString()));
        Assert.Equal([1, 2], seen.Cast<int>());
        Assert.Empty(result.Errors);
        Assert.Null(result.Terminating);
    }

    [Fact]
    public async Task Select_first_ends_a_cmdlet_upstream_as_the_real_one_does()
    {
        // WriteObject throws when the pipeline stops, so the cmdlet can clean up.
        using var shell = new Shell(Bare);
        var result = await shell.RunAsync(
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
        var result = await shell.RunAsync("$o = [pscustomobject]@{ A = 1; B = 2, 3 }; $o | Select-Object B, C; $o | Select-Object -ExpandProperty B", Token);
        Assert.Equal(["B", "C"], result.Output[0].Properties.Select(property => property.Name));
        Assert.Null(result.Output[0].Properties["C"].Value);
        Assert.Equal([2, 3], result.Output.Skip(1).Select(item => item.BaseObject).Cast<int>());
    }

    [Fact]
    public async Task Clixml_round_trips()
    {
        using var shell = new Shell(Bare);
        using var folder = new TemporaryFolder();
        shell.SetVariable("path", Path.Combine(folder.Path, "a.xml"));
        var result = await shell.RunAsync(
            "[pscustomobject]@{ Label = 'dave'; Temporary = $true }, [pscustomobject]@{ Label = 'eve' } | Export-Clixml $path; Import-Clixml $path", Token);
        Assert.Empty(result.Errors);
        Assert.Equal(["dave", "eve"], result.Output.Select(item => (string)item.Properties["Label"].Value));
        Assert.Equal(true, result.Output[0].Properties["Temporary"].Value);
    }

    [Fact]
    public async Task A_parameter_that_a_stand_in_does_not_know_is_an_error()
    {
        using var shell = new Shell(Bare);
        var result = await shell.RunAsync("1 | Select-Object -Last 1", Token);
        Assert.IsType<ParameterBindingException>(Assert.Single(result.Errors).Exception, exactMatch: false);
    }

    [Fact]
    public async Task Csv_round_trips_as_strings()
    {
        using var folder = new TemporaryFolder();
        using var shell = new Shell(Bare);
        shell.SetVariable("path", Path.Combine(folder.Path, "a.csv"));
        var result = await shell.RunAsync(
            """
            [pscustomobject]@{ Id = 17; Label = 'a,"b"' }, [pscustomobject]@{ Id = 18; Label = "two`nlines" } | Export-Csv -Path $path -NoTypeInformation
            Import-Csv $path
            """,
            Token);
        Assert.Empty(result.Errors);
        Assert.Equal(["17", "18"], result.Output.Select(item => Assert.IsType<string>(item.Properties["Id"].Value)));
        Assert.Equal(["a,\"b\"", "two\nlines"], result.Output.Select(item => (string)item.Properties["Label"].Value));
    }

    [Fact]
    public async Task Content_comes_by_line_or_as_a_whole_from_the_session_folder()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "a.txt"), "one\ntwo\n", Token);
        using var shell = new Shell(Bare);
        shell.SetVariable("folder", folder.Path);
        var result = await shell.RunAsync(
            "$null = $ExecutionContext.SessionState.Path.SetLocation($folder); Get-Content ./a.txt; Get-Content -Raw a.txt", Token);
        Assert.Equal(["one", "two", "one\ntwo\n"], result.Output.Select(item => item.ToString()));
    }

    [Fact]
    public async Task Sorting_and_grouping_go_by_the_shells_own_comparison()
    {
        using var shell = new Shell(Bare);
        var result = await shell.RunAsync(
            """
            $all = [pscustomobject]@{ N = 10; U = 'root' }, [pscustomobject]@{ N = 9; U = 'Root' }, [pscustomobject]@{ N = 9; U = 'eve' }
            ($all | Sort-Object N, U).U -join ' '
            ($all | Sort-Object N -Descending).N -join ' '
            ($all | Group-Object U -NoElement | ForEach-Object { "$($_.Name)=$($_.Count)" }) -join ' '
            ($all | Group-Object U)[1].Group.N -join ' '
            """,
            Token);
        Assert.Equal(["eve Root root", "10 9 9", "eve=1 root=2", "10 9"], result.Output.Select(item => item.ToString()));
    }

    [Fact]
    public async Task Json_becomes_objects()
    {
        using var shell = new Shell(Bare);
        var result = await shell.RunAsync(
            """
            $o = '{ "a": [ { "b": 1, "c": null, "d": true }, "x" ], "e": "2026-03-02T09:30:00Z" }' | ConvertFrom-Json
            $o.a.Count; $o.a[0].b; $null -eq $o.a[0].c; $o.a[0].d; $o.a[1]; $o.e.Year
            '' | ConvertFrom-Json
            try { '{' | ConvertFrom-Json } catch { 'refused' }
            """,
            Token);
        Assert.Empty(result.Errors);
        Assert.Equal(["2", "1", "True", "True", "x", "2026", "refused"], result.Output.Select(item => item.ToString()));
    }

    [Fact]
    public async Task A_literal_path_is_taken_too_and_only_one_encoding()
    {
        using var folder = new TemporaryFolder();
        using var shell = new Shell(Bare);
        shell.SetVariable("path", Path.Combine(folder.Path, "[a]"));
        var result = await shell.RunAsync(
            """
            1, 2 | Export-Clixml -LiteralPath $path; Import-Clixml -LiteralPath $path
            [pscustomobject]@{ A = 3 } | Export-Csv -LiteralPath $path -Encoding UTF8; (Import-Csv $path).A
            try { 1 | Export-Csv -LiteralPath $path -Encoding Unicode } catch { 'refused' }
            """,
            Token);
        Assert.Empty(result.Errors);
        Assert.Equal(["1", "2", "3", "refused"], result.Output.Select(item => item.ToString()));
    }
}
