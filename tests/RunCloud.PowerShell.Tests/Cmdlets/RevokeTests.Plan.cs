using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <content>What the plan, the question and the warnings say, and where a list of them ends.</content>
public sealed partial class RevokeTests
{
    [Theory]
    [InlineData(40, 40, false)]
    [InlineData(41, 40, true)]
    public async Task A_question_lists_forty_credentials_and_says_how_many_more_there_are(int copies, int listed, bool hasMore)
    {
        await using var world = await CopiesAsync(copies, options: string.Empty, new ShellOptions { Answers = [ShellAnswer.No] });
        var question = Assert.Single((await world.MustAsync("Revoke-RunCloudSshKey -Key $key")).Prompts).Message;
        Assert.Equal(listed, question.Split("'copy-").Length - 1);
        Assert.Equal(hasMore, question.Contains("… and 1 more; -WhatIf lists all of them.", StringComparison.Ordinal));
        Assert.Equal(hasMore, question.Contains("more;", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(6, true)]
    public async Task Five_restricted_keys_are_named_and_more_are_told_as_more(int copies, bool hasMore)
    {
        using var folder = new TemporaryFolder();
        await using var world = await CopiesAsync(copies, "no-pty ");
        var warning = Assert.Single((await world.MustAsync($"Revoke-RunCloudSshKey -Key $key -UndoPath '{folder.Path}/undo.xml' -WhatIf")).Warnings, text => text.Contains("authorized_keys options", StringComparison.Ordinal));
        Assert.StartsWith(FormattableString.Invariant($"{copies} of these keys "), warning, StringComparison.Ordinal);
        Assert.Equal(5, warning.Split("'copy-").Length - 1);
        Assert.Equal(hasMore, warning.EndsWith("; ….", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(6, true)]
    public async Task Five_open_sessions_are_named_and_more_are_told_as_more(int sessions, bool hasMore)
    {
        await using var world = await StartAsync();
        for (var number = 1; number <= sessions; number++)
        {
            world.Fleet.AddSession(101, new FleetSession("mallory", $"pts/{number}", "203.0.113.9", "06:10", "1:23", "-bash"));
        }

        var warning = (await world.MustAsync(Job)).Warnings[^1];
        Assert.Contains(FormattableString.Invariant($"Open SSH sessions: {sessions} ("), warning, StringComparison.Ordinal);
        Assert.Equal(5, warning.Split("mallory on web-01").Length - 1);
        Assert.Equal(hasMore, warning.Contains("; …).", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_user_who_keeps_two_copies_is_named_once()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(102, "runcloud", "dave-3", World.Key(1));
        var result = await world.MustAsync("Revoke-RunCloudSshKey -Key $key -User root -WhatIf");
        Assert.Contains(result.Warnings, warning => warning.EndsWith("were kept: 2 (runcloud).", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", 10)]
    [InlineData("-SkipInspection", 6)]
    [InlineData("-UndoPath '~/undo.xml'", 13)]
    [InlineData("-SkipInspection -UndoPath '~/undo.xml'", 9)]
    public async Task The_plan_counts_the_requests_of_what_was_asked_for(string parameters, int requests)
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var given = parameters.Replace("~", folder.Path, StringComparison.Ordinal);
        Assert.Contains(FormattableString.Invariant($"takes about {requests} requests."), (await world.MustAsync($"Revoke-RunCloudSshKey -Key $key {given} -WhatIf")).Screen, StringComparison.Ordinal);
        world.Requests.Clear();
        _ = await world.MustAsync($"{Job} {given}");
        Assert.Equal(1 + 3 + requests, world.Requests.Count);
    }

    [Fact]
    public async Task The_plan_counts_the_servers_that_are_excluded_and_those_in_an_unknown_state()
    {
        await using var world = await StartAsync();
        world.Fleet.UpdateServer(102, server => server with { Connected = false });
        var plan = (await world.MustAsync("Revoke-RunCloudSshKey -Key $key -ExcludeServer db-01 -WhatIf")).Screen;
        Assert.Contains("2 servers read; 3 credentials found on 2 of them; 1 in an unknown state, 1 of these with the key; 1 excluded.", plan, StringComparison.Ordinal);
        Assert.Contains($"'dave' of root (id 19, {Fingerprint}) on web-02 (id 102), STATE UNKNOWN: cannot be confirmed", plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_all_servers_are_excluded_the_error_says_so()
    {
        await using var world = await StartAsync();
        Assert.StartsWith("-ExcludeServer leaves no server, so nothing was checked.", (await world.FailsAsync(Job + " -ExcludeServer *")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_whose_name_has_wildcard_characters_is_named_by_its_escaped_name()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddUser(103, "svc[1]");
        Assert.Equal(["Kept", "Kept", "Clean"], (await world.MustAsync(Job + " -User 'svc`[1`]'")).OutputOf<SshKeyRevocation>().Select(account => account.Status));
        Assert.Empty(world.Requests.Changing);
    }

    private static async Task<World> CopiesAsync(int copies, string options, ShellOptions? shell = null)
    {
        var world = await World.StartAsync(
            fleet =>
            {
                _ = fleet.AddServer("web-01", id: 101);
                for (var number = 1; number <= copies; number++)
                {
                    _ = fleet.AddCredential(101, "root", FormattableString.Invariant($"copy-{number}"), options + World.Key(1));
                }
            },
            shell: shell);
        world.Shell.SetVariable("key", World.Key(1));
        return world;
    }
}
