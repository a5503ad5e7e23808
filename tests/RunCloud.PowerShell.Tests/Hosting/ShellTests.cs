using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Hosting;

/// <summary>The behaviour of the hosted shell on which the other tests rely.</summary>
public sealed class ShellTests
{
    private const string Remover = """
        function Remove-Thing {
            [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
            param([Parameter(ValueFromPipeline)] $Thing)
            process { if ($PSCmdlet.ShouldProcess("thing $Thing", 'Remove')) { "removed $Thing" } }
        }
        """;

    private static readonly ShellOptions Bare = new() { Module = null };

    public static TheoryData<ShellAnswer[], string> Confirmations { get; } = new()
    {
        { [ShellAnswer.Yes, ShellAnswer.No, ShellAnswer.Yes], "removed 1, removed 3" },
        { [ShellAnswer.No, ShellAnswer.YesToAll], "removed 2, removed 3" },
        { [ShellAnswer.Yes, ShellAnswer.NoToAll], "removed 1" },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_stream_is_kept_apart()
    {
        using var shell = new Shell(Bare);
        var result = await shell.RunAsync(
            """
            function Write-All { [CmdletBinding()] param()
                'output'
                $PSCmdlet.WriteWarning('warning'); $PSCmdlet.WriteVerbose('verbose'); $PSCmdlet.WriteDebug('debug')
                $PSCmdlet.WriteInformation('information', [string[]]@())
                $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([Exception]::new('error'), 'AnId', 'InvalidData', 'the target'))
            }
            $VerbosePreference = 'Continue'; $DebugPreference = 'Continue'
            Write-All
            """,
            Token);

        Assert.Equal("output", Assert.Single(result.Output).BaseObject);
        Assert.Equal("warning", Assert.Single(result.Warnings));
        Assert.Equal("verbose", Assert.Single(result.Verbose));
        Assert.Equal("debug", Assert.Single(result.Debug));
        Assert.Equal("information", Assert.Single(result.Information).MessageData);
        var error = Assert.Single(result.Errors);
        Assert.Equal("AnId,Write-All", error.FullyQualifiedErrorId);
        Assert.Equal("the target", error.TargetObject);
        Assert.True(result.HadErrors);
        Assert.Null(result.Terminating);
        Assert.Equal("WARNING: warning\nVERBOSE: verbose\nDEBUG: debug\n", result.Screen);
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("Import-Module no-such-module", false)]
    [InlineData("Import-Module no-such-module; 1", true)]
    public async Task The_success_of_the_last_statement_is_known(string script, bool expected)
    {
        using var shell = new Shell(Bare);
        Assert.Equal(expected, (await shell.RunAsync(script, Token)).LastSucceeded);
    }

    [Fact]
    public async Task Terminating_errors_are_distinguished_from_others()
    {
        using var shell = new Shell(Bare);
        var thrown = await shell.RunAsync("'before'; throw 'enough'; 'after'", Token);
        Assert.Equal("enough", Assert.IsType<RuntimeException>(thrown.Terminating).Message);
        Assert.Equal("before", Assert.Single(thrown.Output).BaseObject);
        Assert.Null(thrown.LastSucceeded);

        var next = await shell.RunAsync("'next'", Token);
        Assert.Null(next.Terminating);
        Assert.True(next.LastSucceeded);
        Assert.Empty(next.Errors);
    }

    [Theory]
    [MemberData(nameof(Confirmations), DisableDiscoveryEnumeration = true)]
    public async Task Confirmations_are_answered_in_order(ShellAnswer[] answers, string expected)
    {
        using var shell = new Shell(Bare with { Answers = answers });
        var result = await shell.RunAsync(Remover + "\n1..3 | Remove-Thing", Token);

        Assert.Equal(expected, string.Join(", ", result.Output));
        Assert.Equal(answers.Length, result.Prompts.Count);
        Assert.Equal(0, shell.Screen.AnswersLeft);
        Assert.Equal(ShellPromptKind.Choice, result.Prompts[0].Kind);
        Assert.Contains("thing 1", result.Prompts[0].Message, StringComparison.Ordinal);
        Assert.Equal(["Yes", "Yes to All", "No", "No to All", "Suspend"], result.Prompts[0].Choices);
        Assert.Contains($"[Suspend]: {string.Join("", answers.Take(1))}\n", result.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_without_an_answer_is_recorded_and_fails()
    {
        using var shell = new Shell(Bare);
        var result = await shell.RunAsync(Remover + "\n1 | Remove-Thing", Token);

        Assert.Empty(result.Output);
        Assert.Contains("No answer is scripted", Assert.Single(result.Errors).ToString(), StringComparison.Ordinal);
        _ = Assert.Single(result.Prompts);
    }

    [Theory]
    [InlineData(ShellMode.NonInteractive, typeof(PSInvalidOperationException))]
    [InlineData(ShellMode.NoUserInterface, typeof(HostException))]
    public async Task Without_a_user_every_question_throws(ShellMode mode, Type expected)
    {
        using var shell = new Shell(Bare with { Mode = mode, Answers = [ShellAnswer.Yes] });
        var result = await shell.RunAsync(Remover + "\n1 | Remove-Thing\ntry { $Host.UI.ReadLineAsSecureString() } catch { throw $_.Exception.InnerException }", Token);

        Assert.Empty(result.Output);
        Assert.IsType(expected, Assert.Single(result.Errors).Exception.InnerException);
        Assert.IsType(expected, result.Terminating!.InnerException ?? result.Terminating);
        Assert.Equal(1, shell.Screen.AnswersLeft);
        Assert.Equal("removed 1", (await shell.RunAsync("1 | Remove-Thing -Confirm:$false", Token)).Output.Single().BaseObject);
    }

    [Fact]
    public async Task An_answer_can_be_decided_while_the_command_waits_for_it()
    {
        using var shell = new Shell(Bare);
        shell.Screen.WillAnswer(ShellAnswer.From(prompt => shell.Screen.Prompts.Single() == prompt ? ShellAnswer.Yes : ShellAnswer.No));
        Assert.Equal("removed 1", (await shell.RunAsync(Remover + "\n1 | Remove-Thing", Token)).Output.Single().BaseObject);
    }

    [Fact]
    public async Task Masked_prompts_and_left_out_parameters_are_answered()
    {
        using var shell = new Shell(Bare with
        {
            Answers = [ShellAnswer.Secret("s3cret"), ShellAnswer.Text("web-01"), ShellAnswer.Secret("other"), ShellAnswer.Credential("me", "pass"), ShellAnswer.Text("line")],
        });
        var result = await shell.RunAsync(
            """
            function Open-It { [CmdletBinding()] param([Parameter(Mandatory)] [string] $Name, [Parameter(Mandatory)] [securestring] $Token)
                $Name; [Net.NetworkCredential]::new('', $Token).Password }
            [Net.NetworkCredential]::new('', $Host.UI.ReadLineAsSecureString()).Password
            Open-It
            $Host.UI.PromptForCredential('caption', 'message', 'me', '').GetNetworkCredential().Password
            $Host.UI.ReadLine()
            """,
            Token);

        Assert.Equal(["s3cret", "web-01", "other", "pass", "line"], result.Output.Select(item => item.ToString()));
        Assert.Equal(
            [ShellPromptKind.SecretLine, ShellPromptKind.Fields, ShellPromptKind.Fields, ShellPromptKind.Credential, ShellPromptKind.Line],
            result.Prompts.Select(prompt => prompt.Kind));
        Assert.Contains("Token: ********\n", result.Screen, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", result.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Progress_is_kept_as_it_was_when_it_was_written()
    {
        using var shell = new Shell(Bare);
        var result = await shell.RunAsync(
            """
            function Work { [CmdletBinding()] param()
                $bar = [Management.Automation.ProgressRecord]::new(7, 'Working', 'first'); $PSCmdlet.WriteProgress($bar)
                $bar.StatusDescription = 'second'; $bar.PercentComplete = 50; $PSCmdlet.WriteProgress($bar)
                $bar.RecordType = 'Completed'; $PSCmdlet.WriteProgress($bar) }
            Work
            """,
            Token);

        Assert.Equal(
            [("first", -1, false), ("second", 50, false), ("second", 50, true)],
            result.Progress.Select(progress => (progress.Status, progress.PercentComplete, progress.Completed)));
        Assert.All(result.Progress, progress => Assert.Equal((7, "Working"), (progress.ActivityId, progress.Activity)));
    }

    [Fact]
    public async Task A_stop_ends_a_run_and_keeps_what_came_out()
    {
        using var shell = new Shell(Bare);
        var run = shell.Start("1; 2; while ($true) { }; 3");
        await run.WhenOutputAsync(2);
        await run.StopAsync();
        var result = await run.Completion;

        Assert.True(result.Stopped);
        Assert.Equal([1, 2], result.OutputOf<int>());
        await run.StopAsync();
        Assert.Equal("again", (await shell.RunAsync("'again'", Token)).Output.Single().BaseObject);
    }

    [Fact]
    public async Task Cancelling_stops_a_run()
    {
        using var shell = new Shell(Bare);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        shell.SetVariable("cancellation", cancellation);
        var result = await shell.RunAsync("1; $cancellation.Cancel(); while ($true) { }", cancellation.Token);

        Assert.True(result.Stopped);
        Assert.Equal([1], result.OutputOf<int>());
    }

    [Fact]
    public async Task Waiting_for_more_objects_than_come_fails()
    {
        using var shell = new Shell(Bare);
        _ = await Assert.ThrowsAsync<InvalidOperationException>(() => shell.Start("1").WhenOutputAsync(2));
    }

    [Fact]
    public async Task Views_come_as_text_of_the_width_asked_for()
    {
        using var shell = new Shell(Bare);
        var table = await shell.RenderAsync("[pscustomobject]@{ Name = 'web-01'; Text = 'x' * 300 }", width: 60, Token);
        Assert.Empty(table.Output);
        var lines = table.Screen.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches("^Name +Text", lines[0]);
        Assert.StartsWith("web-01 xxx", lines[2], StringComparison.Ordinal);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 60));
        Assert.Equal(120, shell.Screen.Width);

        var list = await shell.RenderAsync("[pscustomobject]@{ Name = 'web-01'; Text = 'x' } | Format-List", width: null, Token);
        Assert.Contains("Name : web-01\n", list.Screen, StringComparison.Ordinal);
        var chosen = await shell.RenderAsync("[pscustomobject]@{ Name = 'web-01'; Text = 'x' } | Format-Table Text", width: null, Token);
        Assert.DoesNotContain("web-01", chosen.Screen, StringComparison.Ordinal);
        Assert.Contains("web-01", await shell.FormatAsync([new { Name = "web-01" }]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rendered_errors_and_what_if_lines_are_on_the_screen_and_echoed()
    {
        await using var echo = new StringWriter(CultureInfo.InvariantCulture);
        using var shell = new Shell(Bare with { Echo = echo });
        var result = await shell.RenderAsync(Remover + "\n1 | Remove-Thing -WhatIf; Import-Module no-such-module; 'end'", width: null, Token);

        Assert.Contains("What if: Performing the operation \"Remove\" on target \"thing 1\".\n", result.Screen, StringComparison.Ordinal);
        Assert.Contains("no-such-module", result.Screen, StringComparison.Ordinal);
        Assert.EndsWith("end\n", result.Screen, StringComparison.Ordinal);
        Assert.Equal(result.Screen, echo.ToString().ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData("'needle'")]
    [InlineData("[pscustomobject]@{ A = @{ B = 'needle' } }")]
    [InlineData("throw [Exception]::new('outer', [Exception]::new('needle'))")]
    [InlineData("$e = [Exception]::new('x'); $e.Data['k'] = $hay; throw $e")]
    [InlineData("Report { $PSCmdlet.WriteWarning($hay) }")]
    [InlineData("Report { $PSCmdlet.WriteVerbose($hay) }")]
    [InlineData("Report { $PSCmdlet.WriteDebug($hay) }")]
    [InlineData("Report { $PSCmdlet.WriteInformation($hay, [string[]]@()) }")]
    [InlineData("Report { $PSCmdlet.WriteInformation('x', [string[]]@($hay)) }")]
    [InlineData("Report { $PSCmdlet.WriteProgress([Management.Automation.ProgressRecord]::new(1, 'x', $hay)) }")]
    [InlineData("Report { $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([Exception]::new('x'), $hay, 'InvalidData', $null)) }")]
    [InlineData("Report { $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([Exception]::new('x'), 'x', 'InvalidData', @{ A = $hay })) }")]
    [InlineData("Report { $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([Exception]::new('x', [Exception]::new($hay)), 'x', 'InvalidData', $null)) }")]
    [InlineData("Report { $r = [Management.Automation.ErrorRecord]::new([Exception]::new('x'), 'x', 'InvalidData', $null); $r.ErrorDetails = 'd'; $r.ErrorDetails.RecommendedAction = $hay; $PSCmdlet.WriteError($r) }")]
    [InlineData("$Host.UI.WriteLine($hay)")]
    [InlineData("$null = $Host.UI.PromptForChoice('x', $hay, @('&Yes'), 0)")]
    public async Task All_text_has_what_any_stream_has(string script)
    {
        using var shell = new Shell(Bare with { Answers = [ShellAnswer.Yes] });
        shell.SetVariable("hay", "needle");
        var result = await shell.RunAsync(
            "function Report { [CmdletBinding()] param($Block) . $Block }\n$VerbosePreference = 'Continue'; $DebugPreference = 'Continue'\n" + script, Token);
        Assert.Contains("needle", result.AllText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_text_has_no_variable_that_was_only_used()
    {
        using var shell = new Shell(Bare);
        shell.SetVariable("hay", "needle");
        var result = await shell.RunAsync("$null = $hay + 'x'; Import-Module no-such-module", Token);
        Assert.DoesNotContain("needle", result.AllText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_culture_is_the_one_asked_for()
    {
        using var shell = new Shell(Bare with { Culture = CultureInfo.GetCultureInfo("de-DE") });
        Assert.Equal("1,5 en-US", (await shell.RunAsync("1.5.ToString() + ' ' + [cultureinfo]::CurrentUICulture", Token)).Output.Single().BaseObject);
    }

    [Fact]
    public async Task Two_sessions_run_side_by_side_and_share_nothing()
    {
        using var first = new Shell(Bare);
        using var second = new Shell(Bare);
        using var meeting = new Barrier(2);
        first.SetVariable("meeting", meeting);
        second.SetVariable("meeting", meeting);
        var results = await Task.WhenAll(
            first.RunAsync("$x = 'first'; $meeting.SignalAndWait(); $x", Token), second.RunAsync("$x = 'second'; $meeting.SignalAndWait(); $x", Token));
        Assert.Equal(["first", "second"], results.Select(result => result.Output.Single().ToString()));
    }

    [Fact]
    public async Task Completion_offers_what_the_tab_key_does()
    {
        using var shell = new Shell(Bare);
        Assert.Equal("Get-Command", Assert.Single(await shell.CompleteAsync("Get-Comm")).CompletionText);
    }

    [Fact]
    public async Task Modules_of_the_machine_are_not_loaded_by_themselves()
    {
        using var shell = new Shell(Bare);
        Assert.Equal("None", (await shell.RunAsync("$PSModuleAutoLoadingPreference", Token)).Output.Single().ToString());
    }
}
