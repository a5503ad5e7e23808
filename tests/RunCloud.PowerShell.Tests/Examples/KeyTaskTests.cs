using System.Text.Json;
using RunCloud.PowerShell.Tests.Readme;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Examples;

/// <summary><c>Revoke-LeakedKey.ps1</c> and <c>Update-SshKey.ps1</c>: 0 only if the results say that it is done, now and in earlier runs.</summary>
public sealed class KeyTaskTests
{
    private const string Revoke = "Revoke-LeakedKey";
    private const string Update = "Update-SshKey";

    private static readonly string NewKey = TestKeys.Line(SshKeyKind.Ed25519, 9, "dave@new");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Revoke, "revoke")]
    [InlineData(Update, "rotate")]
    public async Task All_goes_well(string example, string prefix)
    {
        await using var night = await Night.FallAsync();
        var result = await night.EndsWithAsync(0, example, Arguments(night, example));
        Assert.Contains("No copy of the ", result.Output, StringComparison.Ordinal);
        Assert.Equal(Copies(night), night.Gone);
        Assert.Equal(
            example == Update ? ["101 root", "101 runcloud", "102 runcloud", "103 deploy"] : [],
            night.Added.Where(added => added.PublicKey == NewKey).Select(added => $"{added.ServerId} {added.User}"));

        var report = night.Only("*.report.json");
        Assert.Matches($@"^{prefix}-2\d{{3}}(0\d|1[0-2])[0-3]\d-[0-2]\d[0-5]\d[0-5]\d-\d{{3}}\.report\.json$", Path.GetFileName(report));
        Assert.Equal(report.Replace(".report.json", ".undo.xml", StringComparison.Ordinal), night.Only("*.undo.xml"));
        using (var account = JsonDocument.Parse(await File.ReadAllTextAsync(report, Token)))
        {
            Assert.True(account.RootElement.GetProperty("complete").GetBoolean());
            Assert.Equal([101, 102, 103, 104], account.RootElement.GetProperty("servers").EnumerateArray().Select(server => server.GetProperty("serverId").GetInt64()));
        }

        // The next night finds nothing, and saves no undo file.
        File.Move(night.Only("*.undo.xml"), night.PathOf("kept.xml"));
        File.Delete(report);
        _ = await night.EndsWithAsync(0, example, Arguments(night, example));
        _ = night.Only("*.report.json");
        Assert.Empty(Directory.GetFiles(night.Folder, "*.undo.xml"));
    }

    [Fact]
    public async Task The_undo_file_puts_a_wrong_key_back()
    {
        await using var night = await Night.FallAsync();
        _ = await night.EndsWithAsync(0, Revoke, Arguments(night, Revoke));
        using var shell = new Shell();
        shell.SetVariable("undo", night.Only("*.undo.xml"));
        shell.SetVariable("token", World.Secret(night.Simulator.Token));
        var back = await shell.RunAsync(
            $"Connect-RunCloud -Token $token -Endpoint {night.Simulator.Endpoint}; Import-Clixml $undo | Add-RunCloudSshCredential", Token);
        Assert.Empty(back.Errors);
        Assert.Equal(Copies(night).Count, night.Added.Count);
    }

    [Theory]
    [InlineData(Revoke)]
    [InlineData(Update)]
    public async Task A_run_with_WhatIf_is_not_a_success(string example)
    {
        await using var night = await Night.FallAsync();
        var result = await night.EndsWithAsync(2, example, [.. Arguments(night, example), "-WhatIf"]);
        Assert.Contains("What if: ", result.Output, StringComparison.Ordinal);
        Assert.Contains("This was a rehearsal: ", result.Errors, StringComparison.Ordinal);
        Assert.Empty(night.Simulator.Requests.Changing);
        Assert.Empty(Directory.GetFiles(night.Folder));
    }

    [Theory]
    [InlineData(Revoke)]
    [InlineData(Update)]
    public async Task A_server_that_cannot_be_read(string example)
    {
        await using var night = await Night.FallAsync();
        _ = night.Simulator.Faults.Add(Fault.Status(403), "GET", "/servers/102/ssh/credentials");
        var result = await night.EndsWithAsync(2, example, Arguments(night, example));
        Assert.Contains("web-02: Failed", result.Output, StringComparison.Ordinal);
        Assert.Contains("Check that the plan includes the API", result.Errors, StringComparison.Ordinal);
        Assert.Contains("1 of 4 servers are not settled.", result.Errors, StringComparison.Ordinal);
        Assert.Equal(Copies(night, 101, 103), night.Gone);
    }

    [Theory]
    [InlineData(Revoke)]
    [InlineData(Update)]
    public async Task A_removal_that_fails(string example)
    {
        await using var night = await Night.FallAsync();
        _ = night.Simulator.Faults.Add(Fault.Status(403), "DELETE", "/servers/101/ssh/credentials/17");
        var result = await night.EndsWithAsync(2, example, Arguments(night, example));
        Assert.Contains("web-01: Failed", result.Output, StringComparison.Ordinal);
        Assert.Equal(Copies(night).Where(id => id != 17), night.Gone);
    }

    [Theory]
    [InlineData(Revoke)]
    [InlineData(Update)]
    public async Task A_value_that_is_not_a_key(string example)
    {
        await using var night = await Night.FallAsync(fleet => fleet.AddCredential(103, "deploy", "odd", TestKeys.Unparsable(1)));
        var result = await night.EndsWithAsync(2, example, Arguments(night, example));
        Assert.Contains("Look at this credential in the RunCloud dashboard and decide by hand.", result.Errors, StringComparison.Ordinal);
        Assert.Equal(Copies(night), night.Gone);
    }

    [Fact]
    public async Task A_new_key_that_cannot_be_added_keeps_the_old_one()
    {
        await using var night = await Night.FallAsync();
        _ = night.Simulator.Faults.Add(Fault.Status(403), "POST", "/servers/102/ssh/credentials");
        _ = await night.EndsWithAsync(2, Update, Arguments(night, Update));
        Assert.Equal(Copies(night, 101, 103), night.Gone);
    }

    [Fact]
    public async Task An_unconfirmed_server_stays_a_problem_until_it_is_acknowledged()
    {
        await using var night = await Night.FallAsync(fleet => fleet.UpdateServer(102, server => server with { Online = false }));
        var first = await night.EndsWithAsync(2, Revoke, Arguments(night, Revoke));
        Assert.Contains("web-02: Unconfirmed", first.Output, StringComparison.Ordinal);
        var report = night.Only("*.report.json");

        // RunCloud has forgotten the key. The second run, which does not know about the first, does not take that for success.
        var second = Path.Combine(night.Folder, "second");
        _ = Directory.CreateDirectory(second);
        var forgotten = await night.EndsWithAsync(2, Revoke, "-Key", Desk.DavesKey, "-Folder", second);
        Assert.Contains("OfflineNotListed", forgotten.Output, StringComparison.Ordinal);
        night.Simulator.Fleet.UpdateServer(102, server => server with { Online = true });

        var again = await night.EndsWithAsync(2, Revoke, Arguments(night, Revoke));
        Assert.Contains(
            $"An earlier run could not confirm the removal of 'old-laptop' of runcloud on web-02. Look into authorized_keys there, then move '{report}' to another folder.",
            again.Errors,
            StringComparison.Ordinal);

        File.Move(report, Path.Combine(second, "seen.json"));
        File.Delete(night.Only("*.undo.xml"));
        _ = await night.EndsWithAsync(0, Revoke, Arguments(night, Revoke));
    }

    [Fact]
    public async Task A_rotation_waits_for_a_server_that_is_offline()
    {
        await using var night = await Night.FallAsync(fleet => fleet.UpdateServer(102, server => server with { Online = false }));
        var first = await night.EndsWithAsync(2, Update, Arguments(night, Update));
        Assert.Contains("web-02: Failed", first.Output, StringComparison.Ordinal);
        Assert.Equal(Copies(night, 101, 103), night.Gone);

        night.Simulator.Fleet.UpdateServer(102, server => server with { Online = true });
        _ = await night.EndsWithAsync(0, Update, Arguments(night, Update));
        Assert.Equal(Copies(night), night.Gone);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{ \"servers\": [")]
    [InlineData("{ \"other\": 1 }")]
    public async Task An_unreadable_earlier_report_is_reported_but_does_not_stop_the_run(string content)
    {
        await using var night = await Night.FallAsync();
        await File.WriteAllTextAsync(night.PathOf("revoke-20260101-043000.report.json"), content, Token);
        var result = await night.EndsWithAsync(2, Revoke, Arguments(night, Revoke));
        Assert.Contains("of an earlier run could not be read", result.Errors, StringComparison.Ordinal);
        Assert.Contains("0 of 4 servers are not settled.", result.Errors, StringComparison.Ordinal);
        Assert.Equal(Copies(night), night.Gone);
    }

    [Theory]
    [InlineData(Revoke)]
    [InlineData(Update)]
    public async Task A_run_that_was_killed_is_finished_by_the_next_which_says_so(string example)
    {
        await using var night = await Night.FallAsync();
        var hang = new Hang();
        var fault = night.Simulator.Faults.Add(Fault.HangAfter(hang), "DELETE");
        await using (var process = night.Start(example, Arguments(night, example)))
        {
            await hang.ReachedAsync(cancellationToken: Token);
            process.Kill();
            _ = await process.Completion;
        }

        _ = night.Simulator.Faults.Remove(fault);
        var undo = night.Only("*.undo.xml");
        var saved = await File.ReadAllBytesAsync(undo, Token);
        var result = await night.EndsWithAsync(2, example, Arguments(night, example));
        Assert.Contains($"An earlier run left no account of what it did. Check the keys that are listed in '{undo}'", result.Errors, StringComparison.Ordinal);
        Assert.Equal(Copies(night), night.Gone);
        Assert.Equal(saved, await File.ReadAllBytesAsync(undo, Token));
    }

    [Theory]
    [InlineData(Revoke)]
    [InlineData(Update)]
    public async Task A_token_that_expires_during_the_run_is_not_a_failed_start(string example)
    {
        await using var night = await Night.FallAsync();
        _ = night.Simulator.Faults.Add(Fault.Unauthorized, "DELETE", from: 2);
        var result = await night.EndsWithAsync(2, example, Arguments(night, example));
        Assert.Contains("the token is wrong or revoked", result.Errors, StringComparison.Ordinal);
        Assert.Contains("servers are not settled.", result.Errors, StringComparison.Ordinal);
        _ = night.Only("*.report.json");
    }

    [Theory]
    [InlineData(Revoke)]
    [InlineData(Update)]
    public async Task A_report_that_cannot_be_saved(string example)
    {
        // The folder goes away with the first removal.
        await using var night = await Night.FallAsync();
        var folder = night.PathOf("gone");
        _ = Directory.CreateDirectory(folder);
        night.Simulator.Requests.Watch = request =>
        {
            if (request.Method == "DELETE" && Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        };
        var result = await night.EndsWithAsync(2, example, Arguments(night, example, folder));
        Assert.Contains("0 of 4 servers are not settled.", result.Errors, StringComparison.Ordinal);
        Assert.Equal(Copies(night), night.Gone);
    }

    [Theory]
    [InlineData(Revoke)]
    [InlineData(Update)]
    public async Task Excluded_servers_come_as_one_text(string example)
    {
        await using var night = await Night.FallAsync();
        _ = await night.EndsWithAsync(0, example, [.. Arguments(night, example), "-ExcludeServer", "db-*, web-02"]);
        Assert.Equal(Copies(night, 101), night.Gone);
    }

    [Theory]
    [InlineData(Revoke)]
    [InlineData(Update)]
    public async Task An_excluded_name_that_no_server_has_is_an_error(string example)
    {
        await using var night = await Night.FallAsync();
        var result = await night.EndsWithAsync(3, example, [.. Arguments(night, example), "-ExcludeServer", "web-2"]);
        Assert.Contains("web-2", result.Errors, StringComparison.Ordinal);
        Assert.Empty(night.Simulator.Requests.Changing);
        Assert.Empty(Directory.GetFiles(night.Folder));
    }

    [Fact]
    public async Task The_last_access_can_be_kept()
    {
        // Of runcloud on web-01 and on web-02 there is no other key.
        await using var night = await Night.FallAsync();
        var result = await night.EndsWithAsync(2, Revoke, [.. Arguments(night, Revoke), "-SkipLastCredential"]);
        Assert.Contains("web-02: Failed", result.Output, StringComparison.Ordinal);
        Assert.Equal([17, .. Copies(night, 103)], night.Gone);
    }

    [Theory]
    [InlineData(Revoke, "-Key", "nothing")]
    [InlineData(Update, "-Key", "nothing")]
    [InlineData(Update, "-NewPublicKey", "nothing")]
    [InlineData(Update, "-NewPublicKey", Desk.DavesKey)]
    public async Task An_invalid_key_is_refused(string example, string parameter, string value)
    {
        await using var night = await Night.FallAsync();
        var arguments = Arguments(night, example);
        arguments[Array.IndexOf(arguments, parameter) + 1] = value;
        var result = await night.EndsWithAsync(3, example, arguments);
        Assert.Contains("key", result.Errors, StringComparison.Ordinal);
        Assert.Empty(night.Simulator.Requests.All);
        Assert.Empty(Directory.GetFiles(night.Folder));
    }

    [Theory]
    [InlineData("$ErrorActionPreference = 'Ignore'")]
    [InlineData("$ErrorActionPreference = 'Stop'")]
    [InlineData("$WarningPreference = 'Stop'; $ConfirmPreference = 'Low'; $ProgressPreference = 'Stop'")]
    [InlineData("$WhatIfPreference = $true")]
    [InlineData("$PSDefaultParameterValues = @{ 'Revoke-RunCloudSshKey:ErrorAction' = 'Ignore' }")]
    public async Task Preference_variables_do_not_turn_a_failure_into_a_success(string preference)
    {
        await using var night = await Night.FallAsync();
        _ = night.Simulator.Faults.Add(Fault.Status(403), "DELETE", "/servers/101/ssh/credentials/17");
        using var shell = new Shell(new ShellOptions { Mode = ShellMode.NonInteractive });
        shell.SetVariable("script", Path.Combine(Night.Examples, Revoke + ".ps1"));
        shell.SetVariable("token", World.Secret(night.Simulator.Token));
        shell.SetVariable("key", Desk.DavesKey);
        var result = await shell.RunAsync(
            $"Connect-RunCloud -Token $token -Endpoint {night.Simulator.Endpoint}\n{preference}\n& $script -Key $key -Folder '{night.Folder}'\n$LASTEXITCODE", Token);
        Assert.Null(result.Terminating);
        Assert.Equal(2, result.Output[^1].BaseObject);
        Assert.Contains(Revoke + ": ", result.Screen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Revoke, "[IO.File]::WriteAllText($UndoPath, ''); throw 'broken'")]
    [InlineData(Revoke, "[pscustomobject]@{ ServerName = 'web-01'; Status = 'Failed'; Message = $null }")]
    [InlineData(Update, "[IO.File]::WriteAllText($UndoPath, ''); throw 'broken'")]
    [InlineData(Update, "[pscustomobject]@{ ServerName = 'web-01'; Status = 'Postponed'; Message = $null }")]
    public async Task A_module_that_breaks_its_contract_is_not_a_success(string example, string body)
    {
        // It breaks after the first change, or writes no error for a failed result.
        await using var night = await Night.FallAsync();
        var module = Path.Combine(night.PathOf("modules"), "RunCloud.PowerShell");
        _ = Directory.CreateDirectory(module);
        await File.WriteAllTextAsync(
            Path.Combine(module, "RunCloud.PowerShell.psm1"),
            $$"""
            function {{example.Split('-')[0]}}-RunCloudSshKey {
                [CmdletBinding(SupportsShouldProcess)]
                param($Key, $NewPublicKey, $UndoPath, $ReportPath, [switch] $SkipLastCredential)
                {{body}}
            }
            """,
            Token);
        night.Environment["PSModulePath"] = night.PathOf("modules");
        var result = await night.EndsWithAsync(2, example, Arguments(night, example));
        Assert.Contains("Not finished: ", result.Errors, StringComparison.Ordinal);
    }

    private static string[] Arguments(Night night, string example, string? folder = null) =>
        ["-Key", Desk.DavesKey, "-Folder", folder ?? night.Folder, .. example == Update ? new[] { "-NewPublicKey", NewKey } : []];

    private static IReadOnlyList<long> Copies(Night night, params long[] servers) =>
        [.. night.Before.CopiesOf(Desk.DavesKey).Where(copy => servers.Length == 0 || servers.Contains(copy.ServerId)).Select(copy => copy.Id)];
}
