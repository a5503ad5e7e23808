using System.Management.Automation;
using System.Text;
using RunCloud.Api;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>Changing SSH settings: question, requests, read-back and messages.</summary>
public sealed class SettingTests
{
    private const string Settings = "/servers/*/settings/ssh";
    private const string CloseRoot = "Get-RunCloudServer | Set-RunCloudSshSetting -PreventRootLogin $true -Confirm:$false";

    [Theory]
    [InlineData("$servers | Set-RunCloudSshSetting -PreventRootLogin $true", 0, 5)]
    [InlineData("Set-RunCloudSshSetting $servers -PreventRootLogin $true", 0, 5)]
    [InlineData("Set-RunCloudSshSetting -ServerId 101, 102, 103 -PreventRootLogin 1", 3, 5)]
    [InlineData("[pscustomobject]@{ ServerId = '101'; Id = 7 }, [pscustomobject]@{ ServerId = 102 }, [pscustomobject]@{ ServerId = 103 } | Set-RunCloudSshSetting -PreventRootLogin:$true", 3, 5)]
    [InlineData("$servers | Get-RunCloudSshSetting | Set-RunCloudSshSetting -PreventRootLogin $true", 3, 8)]
    public async Task Given_settings_are_changed_where_they_differ_and_the_rest_stays(string script, int serversRead, int settingsRead)
    {
        await using var world = await StartAsync();
        var result = await world.MustAsync("$ConfirmPreference = 'None'; $servers = Get-RunCloudServer; " + script);
        Assert.Empty(result.Output);
        Assert.Empty(result.Warnings);

        // 102 has it already, and is sent nothing.
        var changes = world.Requests.Changing.OrderBy(request => request.Path, StringComparer.Ordinal).ToList();
        Assert.Equal(["/servers/101/settings/ssh", "/servers/103/settings/ssh"], changes.Select(request => request.Path["/api/v3".Length..]));
        Assert.Equal("""{"passwordlessLogin":false,"useDns":true,"preventRootLogin":true}""", changes[0].Body);
        Assert.Equal("""{"passwordlessLogin":true,"useDns":false,"preventRootLogin":true}""", changes[1].Body);
        Assert.Equal([(false, true, true), (false, false, true), (true, false, true)], Held(world));
        Assert.Equal(serversRead, world.Requests.All.Count(request => request.Matches("/servers/*")));
        Assert.Equal(settingsRead, world.Requests.All.Count(request => request.Matches(Settings) && request.Method == "GET"));
    }

    [Fact]
    public async Task Several_are_changed_at_once()
    {
        await using var world = await StartAsync();
        var result = await world.MustAsync("Get-RunCloudServer | Set-RunCloudSshSetting -PasswordlessLogin $true -UseDns $false -PreventRootLogin $false -Confirm:$false -PassThru");
        Assert.Equal([(true, false, false), (true, false, false), (true, false, false)], Held(world));
        Assert.Equal(
            [(101L, "web-01"), (102L, "web-02"), (103L, "db-01")],
            result.OutputOf<SshSetting>().Select(setting => (setting.ServerId, setting.ServerName)));
        Assert.All(result.OutputOf<SshSetting>(), setting => Assert.Equal((true, false, false), (setting.PasswordlessLogin, setting.UseDns, setting.PreventRootLogin)));
        Assert.Equal(2, world.Requests.Changing.Count);
    }

    [Fact]
    public async Task The_question_names_server_and_values_and_each_is_followed()
    {
        await using var world = await StartAsync(shell: new ShellOptions { Answers = [ShellAnswer.No, ShellAnswer.Yes] });
        var result = await world.MustAsync("Get-RunCloudServer | Set-RunCloudSshSetting -PreventRootLogin $true -UseDns $false -PassThru");
        Assert.Equal(2, result.Prompts.Count);
        Assert.Contains("\"Change SSH settings: UseDns from True to False, PreventRootLogin from False to True\" on target \"web-01 (id 101)\"", result.Prompts[0].Message, StringComparison.Ordinal);
        Assert.Contains("\"Change SSH settings: PreventRootLogin from False to True\" on target \"db-01 (id 103)\"", result.Prompts[1].Message, StringComparison.Ordinal);
        Assert.Equal([(false, true, false), (false, false, true), (true, false, true)], Held(world));
        Assert.Equal([102L, 103L], result.OutputOf<SshSetting>().Select(setting => setting.ServerId));
    }

    [Fact]
    public async Task An_id_is_asked_about_by_name()
    {
        await using var world = await StartAsync(shell: new ShellOptions { Answers = [ShellAnswer.No] });
        var result = await world.MustAsync("Set-RunCloudSshSetting -ServerId 101 -PreventRootLogin $true");
        Assert.Contains("on target \"web-01 (id 101)\"", Assert.Single(result.Prompts).Message, StringComparison.Ordinal);
        Assert.Empty(world.Requests.Changing);
    }

    [Theory]
    [InlineData(ShellMode.NonInteractive)]
    [InlineData(ShellMode.NoUserInterface)]
    public async Task Without_a_prompt_nothing_is_changed(ShellMode mode)
    {
        await using var world = await StartAsync(shell: new ShellOptions { Mode = mode });
        var error = (await world.ThrowsAsync("Set-RunCloudSshSetting -ServerId 101 -PreventRootLogin $true")).MustBe("ConfirmationUnavailable", ErrorCategory.InvalidOperation);
        Assert.Equal("web-01 (id 101)", error.TargetObject);
        Assert.Empty(world.Requests.Changing);
    }

    [Fact]
    public async Task With_nothing_to_set_nothing_is_sent()
    {
        await using var world = await StartAsync();
        var error = (await world.ThrowsAsync("Set-RunCloudSshSetting -ServerId 101 -PassThru -Confirm:$false")).MustBe("NothingToSet", ErrorCategory.InvalidArgument);
        Assert.Contains("-PreventRootLogin", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(world.Requests.All);
    }

    [Theory]
    [InlineData("-PreventRootLogin no")]
    [InlineData("-PreventRootLogin 'false'")]
    [InlineData("-PreventRootLogin $null")]
    [InlineData("-PasswordlessLogin ''")]
    [InlineData("-UseDns")]
    public async Task A_non_boolean_is_refused_and_not_taken_for_true(string argument)
    {
        await using var world = await StartAsync();
        var result = await world.RunAsync($"Set-RunCloudSshSetting -ServerId 101 -Confirm:$false {argument}");
        Assert.IsType<ParameterBindingException>(Assert.Single(result.Errors).Exception, exactMatch: false);
        Assert.Empty(world.Requests.All);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task On_an_offline_server_it_is_only_what_RunCloud_says(bool online, bool connected)
    {
        await using var world = await StartAsync();
        world.Fleet.UpdateServer(102, server => server with { Online = online, Connected = connected });
        world.Fleet.UpdateServer(103, server => server with { Online = online, Connected = connected });
        var result = await world.MustAsync(CloseRoot);

        // Also where there was nothing to change: a second run knows no more than the first.
        Assert.Equal(2, result.Warnings.Count);
        Assert.Contains("web-02 (id 102)", result.Warnings[0], StringComparison.Ordinal);
        Assert.Contains("db-01 (id 103)", result.Warnings[1], StringComparison.Ordinal);
        Assert.All(result.Warnings, warning => Assert.Contains(online ? "RunCloud does not say whether the server is online" : "the server is offline or was never linked", warning, StringComparison.Ordinal));
        Assert.Contains("it is not known whether the server uses them", result.Warnings[1], StringComparison.Ordinal);
        Assert.Equal(2, world.Requests.Changing.Count);
        Assert.Equal(result.Warnings[1], Assert.Single((await world.MustAsync("Set-RunCloudSshSetting -ServerId 103 -PreventRootLogin $true")).Warnings));
        Assert.Empty((await world.MustAsync("Set-RunCloudSshSetting -ServerId 103 -PreventRootLogin $false -WhatIf")).Warnings);
    }

    [Fact]
    public async Task An_answer_lost_after_the_change_is_resolved_by_reading_back()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.DropAfter, method: "PATCH", path: "/servers/101/settings/ssh");
        var result = await world.MustAsync(CloseRoot + " -PassThru");
        Assert.Equal([true, true, true], result.OutputOf<SshSetting>().Select(setting => setting.PreventRootLogin));
        Assert.Equal(["GET", "PATCH", "GET"], world.Requests.All.Where(request => request.Matches("/servers/101/settings/ssh")).Select(request => request.Method));
    }

    [Fact]
    public async Task An_answer_lost_before_the_change_is_read_back_and_repeated_if_allowed()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.DropBefore, method: "PATCH", path: "/servers/101/settings/ssh", times: 1);
        var error = Assert.Single((await world.RunAsync(CloseRoot)).Errors).MustBe("ConnectionFailed", ErrorCategory.ConnectionError);
        Assert.Equal(101, Assert.IsType<Server>(error.TargetObject).Id);
        Assert.Equal(["GET", "PATCH", "GET"], world.Requests.All.Where(request => request.Matches("/servers/101/settings/ssh")).Select(request => request.Method));
        Assert.Equal([(false, true, false), (false, false, true), (true, false, true)], Held(world));
    }

    [Fact]
    public async Task A_setting_that_RunCloud_accepts_but_does_not_store_is_an_error()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(
            Fault.Custom("taken in vain", exchange => exchange.SendAsync(exchange.Perform(pretend: true) with { Body = Encoding.UTF8.GetBytes("{}") })),
            method: "PATCH",
            path: "/servers/101/settings/ssh");
        var result = await world.RunAsync(CloseRoot + " -PassThru");
        var error = Assert.Single(result.Errors).MustBe("SettingNotApplied", ErrorCategory.InvalidResult);
        Assert.Equal(101, Assert.IsType<Server>(error.TargetObject).Id);
        Assert.Contains("web-01 (id 101)", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("PreventRootLogin is False", error.ToString(), StringComparison.Ordinal);
        Assert.Equal([102L, 103L], result.OutputOf<SshSetting>().Select(setting => setting.ServerId));
        Assert.False(result.LastSucceeded);
    }

    [Fact]
    public async Task A_setting_that_the_API_does_not_return_must_be_given()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Rewrite("no useDns", json => json.Remove("useDns")), method: "GET", path: "/servers/101/settings/ssh");
        var error = Assert.Single((await world.RunAsync(CloseRoot)).Errors).MustBe("InvalidResponse", ErrorCategory.ProtocolError);
        Assert.Contains("-UseDns", error.ToString(), StringComparison.Ordinal);
        _ = Assert.Single(world.Requests.Changing);

        var result = await world.MustAsync("Set-RunCloudSshSetting -ServerId 101 -PreventRootLogin $true -UseDns $true -WhatIf");
        Assert.Contains("UseDns from unknown to True, PreventRootLogin from False to True", result.Screen, StringComparison.Ordinal);
        error = (await world.FailsAsync("Set-RunCloudSshSetting -ServerId 101 -PreventRootLogin $true -UseDns $true -Confirm:$false")).MustBe("SettingNotApplied", ErrorCategory.InvalidResult);
        Assert.Contains("UseDns is unknown", error.ToString(), StringComparison.Ordinal);
        Assert.Equal((false, true, true), Held(world)[0]);
    }

    [Fact]
    public async Task A_server_that_is_not_there_does_not_stop_the_others()
    {
        await using var world = await StartAsync();
        var error = Assert.Single((await world.RunAsync("Set-RunCloudSshSetting -ServerId 999, 101 -PreventRootLogin $true -Confirm:$false")).Errors).MustBe("ServerNotFound", ErrorCategory.ObjectNotFound);
        Assert.Equal(999L, error.TargetObject);
        Assert.True(Held(world)[0].PreventRootLogin);
    }

    [Fact]
    public async Task Settings_that_cannot_be_read_are_not_changed()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Page(200), method: "GET", path: "/servers/101/settings/ssh");
        _ = Assert.Single((await world.RunAsync(CloseRoot)).Errors).MustBe("InvalidResponse", ErrorCategory.ProtocolError);
        Assert.Equal([(false, true, false), (false, false, true), (true, false, true)], Held(world));
    }

    [Fact(Timeout = 60_000)]
    public async Task Stopping_in_the_middle_of_a_change_names_the_server()
    {
        await using var world = await StartAsync();
        var hang = new Hang();
        _ = world.Faults.Add(Fault.HangBefore(hang), method: "PATCH", path: "/servers/103/settings/ssh");
        var run = world.Shell.Start(CloseRoot + " -ThrottleLimit 1");
        await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        await run.StopAsync();
        var result = await run.Completion;
        Assert.True(result.Stopped);
        Assert.Contains("db-01 (id 103) were being changed", result.Screen, StringComparison.Ordinal);
        Assert.DoesNotContain("web-01", result.Screen, StringComparison.Ordinal);
    }

    private static List<(bool PasswordlessLogin, bool UseDns, bool PreventRootLogin)> Held(World world) =>
        [.. world.Fleet.Snapshot().Servers.Select(server => world.Fleet.GetSettings(server.Id)).Select(settings => (settings.PasswordlessLogin, settings.UseDns, settings.PreventRootLogin))];

    /// <summary>101 looks up names, 102 refuses root, 103 refuses passwords.</summary>
    private static Task<World> StartAsync(ShellOptions? shell = null) => World.StartAsync(
        fleet =>
        {
            foreach (var (name, id) in (ReadOnlySpan<(string, long)>)[("web-01", 101), ("web-02", 102), ("db-01", 103)])
            {
                _ = fleet.AddServer(name, id: id);
                fleet.UpdateSettings(id, new FleetSshSettings(PasswordlessLogin: id == 103, UseDns: id == 101, PreventRootLogin: id == 102, Fleet.Epoch));
            }
        },
        shell: shell);
}
