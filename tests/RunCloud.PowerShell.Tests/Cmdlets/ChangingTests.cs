using System.Management.Automation;
using System.Reflection;
using RunCloud.Api;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>-WhatIf and confirmation, for every command that changes something.</summary>
public sealed class ChangingTests
{
    /// <summary>A call of each changing command that would change something, and its message.</summary>
    private static readonly Dictionary<string, (string Script, string Text)> Calls = new(StringComparer.Ordinal)
    {
        ["Add-RunCloudSshCredential"] = (
            "Get-RunCloudServer | Add-RunCloudSshCredential -User root -Label new -PublicKey $key",
            $"Performing the operation \"Add SSH credential\" on target \"'new' of root ({Fingerprint(9)}) on web-01 (id 101)\""),
        ["Invoke-RunCloudApi"] = (
            "Invoke-RunCloudApi /servers/101/ssh/credentials/17 -Method Delete",
            "Performing the operation \"DELETE\" on target \"/servers/101/ssh/credentials/17\""),
        ["Remove-RunCloudSshCredential"] = (
            "Get-RunCloudServer | Get-RunCloudSshCredential | Remove-RunCloudSshCredential",
            $"Performing the operation \"Remove SSH credential\" on target \"'dave' of root (id 17, {Fingerprint(1)}) on web-01 (id 101)\""),
        ["Revoke-RunCloudSshKey"] = (
            "Revoke-RunCloudSshKey -Key $old",
            $"Revoke SSH key {Fingerprint(1)}: 2 servers read; 3 credentials found on 2 of them."),
        ["Set-RunCloudSshSetting"] = (
            "Get-RunCloudServer | Set-RunCloudSshSetting -PreventRootLogin $true -UseDns $false",
            "Performing the operation \"Change SSH settings: PreventRootLogin from False to True\" on target \"web-01 (id 101)\""),
        ["Update-RunCloudSshKey"] = (
            "Update-RunCloudSshKey -Key $old -NewPublicKey $key",
            $"Replace SSH key {Fingerprint(1)} with {Fingerprint(9)}: 2 servers read; 3 credentials found on 2 of them."),
    };

    /// <summary>Commands with these verbs change nothing in the workspace.</summary>
    private static readonly string[] HarmlessVerbs = ["Get", "Select", "Connect", "Disconnect", "Test"];

    /// <summary>Found in the assembly, so that a new command cannot escape.</summary>
    public static TheoryData<string> ChangingCommands { get; } =
    [
        .. from type in typeof(RunCloudCommand).Assembly.GetTypes()
           let cmdlet = type.GetCustomAttribute<CmdletAttribute>()
           where cmdlet is { SupportsShouldProcess: true }
           select $"{cmdlet.VerbName}-{cmdlet.NounName}",
    ];

    public static TheoryData<ShellAnswer[], long[]> Confirmations { get; } = new()
    {
        { [ShellAnswer.Yes, ShellAnswer.No, ShellAnswer.Yes], [18] },
        { [ShellAnswer.No, ShellAnswer.YesToAll], [17] },
        { [ShellAnswer.Yes, ShellAnswer.NoToAll], [18, 19] },
        { [ShellAnswer.YesToAll], [] },
        { [ShellAnswer.NoToAll], [17, 18, 19] },
        { [ShellAnswer.No, ShellAnswer.No, ShellAnswer.No], [17, 18, 19] },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_command_that_changes_something_supports_WhatIf()
    {
        using var shell = new Shell();
        var commands = (await shell.RunAsync("Get-Command -Noun RunCloud*", Token)).OutputOf<CommandInfo>();
        Assert.NotEmpty(commands);
        Assert.All(commands, command => Assert.Equal(!HarmlessVerbs.Contains(command.Name.Split('-')[0], StringComparer.Ordinal), command.Parameters.ContainsKey("WhatIf")));
        Assert.All(commands, command => Assert.Equal(command.Parameters.ContainsKey("WhatIf"), command.Parameters.ContainsKey("Confirm")));
    }

    [Theory]
    [MemberData(nameof(ChangingCommands), DisableDiscoveryEnumeration = true)]
    public async Task WhatIf_says_what_would_be_done_and_sends_only_reads(string command)
    {
        var (script, text) = Calls[command];
        foreach (var mode in Enum.GetValues<ShellMode>())
        {
            foreach (var rehearsal in (string[])[script + " -WhatIf", "$WhatIfPreference = $true; " + script, script + " -WhatIf -Confirm:$false"])
            {
                await using var world = await StartAsync(new ShellOptions { Mode = mode });
                var before = world.Fleet.Snapshot();
                var result = await world.MustAsync(rehearsal);
                Assert.Empty(world.Requests.Changing);
                Assert.Equal(before.Credentials, world.Fleet.Snapshot().Credentials);
                Assert.Contains("What if: " + text, result.Screen, StringComparison.Ordinal);
                Assert.All(before.Servers, server => Assert.False(world.Fleet.GetSettings(server.Id).PreventRootLogin));
                Assert.Empty(result.Prompts);
                Assert.All(result.Output, row => Assert.Equal("Planned", Assert.IsType<SshKeyRevocation>(row.BaseObject).Status));
            }
        }
    }

    [Theory]
    [MemberData(nameof(ChangingCommands), DisableDiscoveryEnumeration = true)]
    public async Task Without_WhatIf_the_same_call_changes_something(string command)
    {
        await using var world = await StartAsync(new ShellOptions { Mode = ShellMode.NonInteractive });
        var result = await world.MustAsync(Calls[command].Script + " -Confirm:$false");
        Assert.NotEmpty(world.Requests.Changing);
        Assert.Empty(result.Prompts);
    }

    [Theory]
    [MemberData(nameof(ChangingCommands), DisableDiscoveryEnumeration = true)]
    public async Task With_Confirm_the_question_names_the_whole_target(string command)
    {
        var (script, text) = Calls[command];
        await using var world = await StartAsync(new ShellOptions { Answers = [ShellAnswer.NoToAll] });
        var result = await world.MustAsync(script + " -Confirm");
        Assert.Contains(text, Assert.Single(result.Prompts).Message, StringComparison.Ordinal);
        Assert.Empty(world.Requests.Changing);
    }

    [Theory]
    [MemberData(nameof(ChangingCommands), DisableDiscoveryEnumeration = true)]
    public async Task ConfirmPreference_decides_whether_it_asks(string command)
    {
        await using var world = await StartAsync(new ShellOptions { Answers = [ShellAnswer.NoToAll] });
        _ = Assert.Single((await world.MustAsync("$ConfirmPreference = 'Low'; " + Calls[command].Script)).Prompts);
        Assert.Empty(world.Requests.Changing);
        Assert.Empty((await world.MustAsync("$ConfirmPreference = 'None'; " + Calls[command].Script)).Prompts);
        Assert.NotEmpty(world.Requests.Changing);
    }

    [Theory]
    [MemberData(nameof(Confirmations), DisableDiscoveryEnumeration = true)]
    public async Task Removals_follow_the_answers(ShellAnswer[] answers, long[] left)
    {
        await using var world = await StartAsync(new ShellOptions { Answers = answers });
        var result = await world.MustAsync("Get-RunCloudServer | Get-RunCloudSshCredential | Remove-RunCloudSshCredential");
        Assert.Equal(answers.Length, result.Prompts.Count);
        Assert.Equal(left, world.Fleet.Snapshot().Credentials.Select(credential => credential.Id));
        Assert.Equal(3 - left.Length, world.Requests.Changing.Count);
    }

    [Fact]
    public async Task A_removal_is_not_sent_before_its_question_is_answered()
    {
        await using var world = await StartAsync(new ShellOptions());
        var sentBefore = new List<int>();
        world.Shell.Screen.WillAnswer(ShellAnswer.From(Look), ShellAnswer.From(Look), ShellAnswer.From(Look));
        _ = await world.MustAsync("Get-RunCloudServer | Get-RunCloudSshCredential | Remove-RunCloudSshCredential");
        Assert.Equal(0, sentBefore[0]);
        Assert.InRange(sentBefore[1], 0, 1);
        Assert.InRange(sentBefore[2], 0, 2);
        Assert.Equal(3, world.Requests.Changing.Count);

        ShellAnswer Look(ShellPrompt prompt)
        {
            sentBefore.Add(world.Requests.Changing.Count);
            return ShellAnswer.Yes;
        }
    }

    [Fact]
    public async Task Removal_by_ids_asks_by_name()
    {
        await using var world = await StartAsync(new ShellOptions { Answers = [ShellAnswer.No] });
        var result = await world.MustAsync("Remove-RunCloudSshCredential -ServerId 101 -Id 17");
        Assert.Contains(Calls["Remove-RunCloudSshCredential"].Text, Assert.Single(result.Prompts).Message, StringComparison.Ordinal);
        Assert.Empty(world.Requests.Changing);
    }

    [Theory]
    [InlineData(ShellMode.NonInteractive, "Get-RunCloudServer | Get-RunCloudSshCredential | Remove-RunCloudSshCredential")]
    [InlineData(ShellMode.NoUserInterface, "Get-RunCloudServer | Get-RunCloudSshCredential | Remove-RunCloudSshCredential")]
    [InlineData(ShellMode.NonInteractive, "Remove-RunCloudSshCredential -ServerId 101 -Id 17")]
    [InlineData(ShellMode.NonInteractive, "Get-RunCloudServer web-01 | Add-RunCloudSshCredential -User root -Label new -PublicKey $key -Confirm")]
    [InlineData(ShellMode.NoUserInterface, "Get-RunCloudServer web-01 | Add-RunCloudSshCredential -User root -Label new -PublicKey $key -Confirm")]
    public async Task Without_a_prompt_nothing_is_changed_and_the_error_says_how_to_go_on(ShellMode mode, string script)
    {
        await using var world = await StartAsync(new ShellOptions { Mode = mode });
        var error = (await world.ThrowsAsync(script)).MustBe("ConfirmationUnavailable", ErrorCategory.InvalidOperation);
        Assert.Contains("-Confirm:$false", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("on web-01 (id 101)", Assert.IsType<string>(error.TargetObject), StringComparison.Ordinal);
        Assert.Empty(world.Requests.Changing);
    }

    [Fact]
    public async Task A_console_with_closed_input_cannot_prompt()
    {
        // pwsh 7.6 then throws a NullReferenceException at a confirmation: any exception must do.
        await using var world = await StartAsync(new ShellOptions { Answers = [ShellAnswer.From(_ => throw new ArithmeticException())] });
        _ = (await world.ThrowsAsync("Get-RunCloudServer | Get-RunCloudSshCredential | Remove-RunCloudSshCredential"))
            .MustBe("ConfirmationUnavailable", ErrorCategory.InvalidOperation);
        Assert.Empty(world.Requests.Changing);
    }

    [Fact]
    public async Task Removals_that_were_confirmed_before_the_host_failed_are_finished()
    {
        await using var world = await StartAsync(new ShellOptions { Answers = [ShellAnswer.Yes, ShellAnswer.From(_ => throw new ArithmeticException())] });
        var hang = new Simulator.Hang();
        _ = world.Faults.Add(Simulator.Fault.HangBefore(hang), method: "DELETE");
        var run = world.Shell.Start("Get-RunCloudServer | Get-RunCloudSshCredential | Remove-RunCloudSshCredential");
        await hang.ReachedAsync(cancellationToken: Token);
        hang.Release();
        _ = Assert.Single((await run.Completion).Errors).MustBe("ConfirmationUnavailable", ErrorCategory.InvalidOperation);
        Assert.Equal([18, 19], world.Fleet.Snapshot().Credentials.Select(credential => credential.Id));
    }

    private static string Fingerprint(int key) => SshPublicKey.Parse(World.Key(key)).Fingerprint;

    private static async Task<World> StartAsync(ShellOptions shell)
    {
        var world = await World.StartAsync(
            fleet =>
            {
                var first = fleet.AddServer("web-01", id: 101).Id;
                _ = fleet.AddCredential(first, "root", "dave", World.Key(1), id: 17);
                _ = fleet.AddCredential(first, "runcloud", "dave-2", World.Key(1), id: 18);
                _ = fleet.AddCredential(fleet.AddServer("web-02", id: 102).Id, "root", "dave", World.Key(1), id: 19);
            },
            shell: shell);
        world.Shell.SetVariable("key", World.Key(9));
        world.Shell.SetVariable("old", World.Key(1));
        return world;
    }
}
