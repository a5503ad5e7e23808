using System.Management.Automation;
using System.Security;
using RunCloud.PowerShell.Tests.Hosting;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>Which workspace a command works in, and that it never works in one that nobody named.</summary>
public sealed class ContextTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connecting_sends_a_ping_and_makes_the_context_the_current_one()
    {
        await using var world = await World.StartAsync(fleet => fleet.AddServer("web-01"), connect: null);
        Assert.Empty((await world.MustAsync("Connect-RunCloud $token -Endpoint $endpoint")).Output);
        Assert.Equal("/api/v3/ping", Assert.Single(world.Requests.All).Path);
        _ = await world.MustAsync("Get-RunCloudServer");

        var context = Assert.Single((await world.MustAsync("Get-RunCloudContext")).OutputOf<Context>());
        Assert.Equal(("default", world.Api.Endpoint, TimeSpan.Zero), (context.Name, context.Endpoint, context.ConnectedAt.Offset));
        Assert.Equal((1_000_000, 1_000_000 - 2), (context.RateLimit, context.RateLimitRemaining));
        var second = (await world.MustAsync("Connect-RunCloud $token -Endpoint $endpoint -Name other -PassThru; Get-RunCloudContext default")).OutputOf<Context>();
        Assert.Equal("other", second[0].Name);
        Assert.Same(context, second[1]);
        Assert.All(world.Requests.All, request => Assert.Equal(RequestAuthorization.Right, request.Authorization));
        Assert.All(world.Requests.All, request => Assert.Matches(@"^RunCloud\.PowerShell/\d+\.\d+\.\d+$", request.UserAgent));
    }

    [Theory]
    [InlineData("Get-RunCloudServer -Context first", "of-first")]
    [InlineData("Get-RunCloudServer -Context FIRST", "of-first")]
    [InlineData("Get-RunCloudServer -Context (Get-RunCloudContext first)", "of-first")]
    [InlineData("Get-RunCloudServer", "of-second")]
    [InlineData("Get-RunCloudServer -Context first | Out-Null; Get-RunCloudServer", "of-second")]
    [InlineData("Connect-RunCloud $token -Endpoint $endpoint -Name first; Get-RunCloudServer", "of-first")]
    [InlineData("Get-RunCloudServer -Context first | Get-RunCloudSshCredential -Context first | ForEach-Object { Get-RunCloudServer -Id $_.ServerId -Context first }", "of-first")]
    public async Task A_command_works_in_the_workspace_that_was_named_or_else_in_the_last_one(string script, string expected)
    {
        await using var first = await WorldOfAsync("of-first");
        await using var second = await WorldOfAsync("of-second");
        await ConnectBothAsync(first, second);
        Assert.Equal([expected], (await first.MustAsync(script)).OutputOf<Server>().Select(server => server.Name));
    }

    [Fact]
    public async Task After_disconnecting_no_other_workspace_becomes_current()
    {
        await using var first = await WorldOfAsync("of-first");
        await using var second = await WorldOfAsync("of-second");
        await ConnectBothAsync(first, second);
        _ = await first.MustAsync("$gone = Get-RunCloudContext second; Disconnect-RunCloud");
        first.Requests.Clear();
        second.Requests.Clear();

        foreach (var script in (string[])["Get-RunCloudServer", "Remove-RunCloudSshCredential -ServerId 101 -Id 17 -Confirm:$false", "Get-RunCloudServer -Context second"])
        {
            _ = (await first.ThrowsAsync(script)).MustBe("NotConnected", ErrorCategory.ConnectionError);
        }

        Assert.Empty(first.Requests.All);
        Assert.Empty(second.Requests.All);
        Assert.Equal(["of-first"], (await first.MustAsync("Get-RunCloudServer -Context first")).OutputOf<Server>().Select(server => server.Name));
        Assert.Equal(["first"], (await first.MustAsync("Get-RunCloudContext")).OutputOf<Context>().Select(context => context.Name));
    }

    [Fact]
    public async Task A_context_object_that_was_disconnected_sends_nothing()
    {
        await using var world = await WorldOfAsync("web-01");
        _ = await world.MustAsync("Connect-RunCloud $token -Endpoint $endpoint -Name a; $gone = Get-RunCloudContext a; Disconnect-RunCloud a");
        world.Requests.Clear();
        _ = (await world.ThrowsAsync("Get-RunCloudServer -Context $gone")).MustBe("NotConnected", ErrorCategory.ConnectionError);
        Assert.Empty(world.Requests.All);
    }

    [Fact]
    public async Task A_credential_of_a_disconnected_context_is_refused_before_any_other_is_removed()
    {
        await using var world = await WorldOfAsync("web-01");
        _ = world.Fleet.AddCredential(world.Fleet.Snapshot().Servers[0].Id, "root", "dave", TestKeys.Line(SshKeyKind.Ed25519, 1));
        _ = await world.MustAsync("""
            Connect-RunCloud $token -Endpoint $endpoint -Name a
            $gone = Get-RunCloudServer | Get-RunCloudSshCredential
            Disconnect-RunCloud a
            Connect-RunCloud $token -Endpoint $endpoint -Name b
            $here = Get-RunCloudServer | Get-RunCloudSshCredential
            """);
        world.Requests.Clear();
        _ = await world.ThrowsAsync("Remove-RunCloudSshCredential -InputObject $here[0], $gone[0] -Confirm:$false -ErrorAction Stop");
        Assert.Empty(world.Requests.All);
    }

    [Fact]
    public async Task Contexts_are_listed_and_forgotten_by_wildcard_and_a_missing_name_is_an_error()
    {
        await using var world = await WorldOfAsync("web-01");
        _ = await world.MustAsync("'test', 'prod-us', 'prod-eu' | ForEach-Object { Connect-RunCloud $token -Endpoint $endpoint -Name $_ }");
        Assert.Equal(["prod-eu", "prod-us", "test"], await NamesAsync("Get-RunCloudContext"));
        Assert.Equal(["prod-eu", "prod-us"], await NamesAsync("Get-RunCloudContext PROD*"));
        Assert.Equal(["prod-eu", "test"], await NamesAsync("Get-RunCloudContext test, prod-eu"));
        Assert.Empty(await NamesAsync("Get-RunCloudContext x*"));
        Assert.Equal("nope", (await world.FailsAsync("Get-RunCloudContext nope, x*")).MustBe("ContextNotFound", ErrorCategory.ObjectNotFound).TargetObject);
        Assert.Equal("nope", (await world.FailsAsync("Disconnect-RunCloud nope, x*")).MustBe("ContextNotFound", ErrorCategory.ObjectNotFound).TargetObject);
        Assert.Equal(["test"], await NamesAsync("Disconnect-RunCloud prod-*; Get-RunCloudContext"));
        Assert.Empty(await NamesAsync("Disconnect-RunCloud *; Get-RunCloudContext"));
        _ = await world.MustAsync("Disconnect-RunCloud");

        async Task<IEnumerable<string>> NamesAsync(string script) => (await world.MustAsync(script)).OutputOf<Context>().Select(context => context.Name);
    }

    [Theory]
    [InlineData("Connect-RunCloud $wrong -Endpoint $endpoint", "Unauthorized")]
    [InlineData("Connect-RunCloud $token -Endpoint http://example.test/api/v3", "InsecureEndpoint")]
    [InlineData("Connect-RunCloud $token -Endpoint $endpoint -ProxyCredential ([pscredential]::new('u', $token))", "InvalidProxy")]
    [InlineData("Connect-RunCloud 'typed' -Endpoint $endpoint", "ParameterArgumentTransformationError")]
    [InlineData("Connect-RunCloud $token -TimeoutSec 0", "ParameterArgumentValidationError")]
    [InlineData("Connect-RunCloud $token -MaximumRetryCount 21", "ParameterArgumentValidationError")]
    [InlineData("Connect-RunCloud $token -MaximumWaitSec -1", "ParameterArgumentValidationError")]
    [InlineData("Connect-RunCloud $token -ProxyUseDefaultCredentials:abc", "CannotConvertArgument")]
    [InlineData("Connect-RunCloud $token -Proxy 5", "ParameterArgumentTransformationError")]
    [InlineData("Connect-RunCloud $token -Endpoint 'http://['", "ParameterArgumentTransformationError")]
    [InlineData("Connect-RunCloud -Name ''", "ParameterArgumentValidationError")]
    [InlineData("Select-RunCloudContext nope", "ContextNotFound")]
    [InlineData("Select-RunCloudContext ''", "ParameterArgumentValidationError")]
    public async Task A_failed_connection_leaves_no_current_context(string script, string id)
    {
        await using var world = await WorldOfAsync("web-01");
        world.Shell.SetVariable("wrong", World.Secret("wrong"));
        _ = await world.MustAsync("Connect-RunCloud $token -Endpoint $endpoint -Name main");
        Assert.Equal(id, (await world.ThrowsAsync(script)).Id());
        world.Requests.Clear();

        var error = (await world.ThrowsAsync("Remove-RunCloudSshCredential -ServerId 101 -Id 17 -Confirm:$false")).MustBe("NotConnected", ErrorCategory.ConnectionError);
        Assert.Contains("Select-RunCloudContext", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(world.Requests.All);
        Assert.Equal([("main", false)], await StandingAsync(world));
        Assert.Equal(["web-01"], (await world.MustAsync("Get-RunCloudServer -Context main; Select-RunCloudContext MAIN; Get-RunCloudServer | Select-Object -First 0")).OutputOf<Server>().Select(server => server.Name));
        Assert.Equal([("main", true)], await StandingAsync(world));
    }

    [Fact]
    public async Task An_empty_answer_at_the_prompt_differs_from_no_prompt_at_all()
    {
        await using var asked = await World.StartAsync(_ => { }, shell: new ShellOptions { Answers = [ShellAnswer.Secret(string.Empty)] }, connect: null);
        var empty = (await asked.ThrowsAsync("Connect-RunCloud -Endpoint $endpoint")).MustBe("NotConnected", ErrorCategory.ConnectionError);
        Assert.Contains("No API token was entered", empty.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("nobody", empty.ToString(), StringComparison.OrdinalIgnoreCase);

        await using var alone = await World.StartAsync(_ => { }, shell: new ShellOptions { Mode = ShellMode.NonInteractive }, connect: null);
        var nobody = (await alone.ThrowsAsync("Connect-RunCloud -Endpoint $endpoint")).MustBe("NotConnected", ErrorCategory.ConnectionError);
        Assert.Contains("this session cannot prompt", nobody.ToString(), StringComparison.Ordinal);
        Assert.Empty(asked.Requests.All.Concat(alone.Requests.All));
    }

    [Fact]
    public async Task A_cancelled_connection_leaves_no_current_context()
    {
        await using var world = await WorldOfAsync("web-01");
        _ = await world.MustAsync("Connect-RunCloud $token -Endpoint $endpoint");
        var hang = new Hang();
        _ = world.Faults.Add(Fault.HangBefore(hang), path: "/ping");
        var run = world.Shell.Start("Connect-RunCloud $token -Endpoint $endpoint -Name other");
        await hang.ReachedAsync(cancellationToken: Token);
        await run.StopAsync();
        _ = await run.Completion;
        _ = (await world.ThrowsAsync("Get-RunCloudServer")).MustBe("NotConnected", ErrorCategory.ConnectionError);
    }

    [Fact]
    public async Task The_selected_context_is_used_and_marked()
    {
        await using var first = await WorldOfAsync("of-first");
        await using var second = await WorldOfAsync("of-second");
        await ConnectBothAsync(first, second);
        Assert.Equal([("first", false), ("second", true)], await StandingAsync(first));
        Assert.Equal(["of-first"], (await first.MustAsync("Select-RunCloudContext First; Get-RunCloudServer")).OutputOf<Server>().Select(server => server.Name));
        Assert.Equal([("first", true), ("second", false)], await StandingAsync(first));
        Assert.Equal(["of-first"], (await first.MustAsync("Disconnect-RunCloud second; Get-RunCloudServer")).OutputOf<Server>().Select(server => server.Name));
    }

    [Theory]
    [InlineData("$servers | Get-RunCloudSshCredential")]
    [InlineData("Get-RunCloudSshCredential -Server $servers")]
    [InlineData("$keys | Get-RunCloudSshCredential")]
    [InlineData("$keys | Get-RunCloudSshSession")]
    [InlineData("$users | Get-RunCloudSshSetting")]
    [InlineData("$settings | Get-RunCloudSystemUser")]
    [InlineData("$settings | Set-RunCloudSshSetting -UseDns $true")]
    [InlineData("$keys | Remove-RunCloudSshCredential")]
    [InlineData("$removals | Remove-RunCloudSshCredential")]
    [InlineData("$keys | Remove-RunCloudSshCredential -Verify")]
    [InlineData("$servers | Revoke-RunCloudSshKey $keys[0].PublicKey")]
    [InlineData("Revoke-RunCloudSshKey $keys[0].PublicKey -Server $servers")]
    [InlineData("$servers | Add-RunCloudSshCredential -User root -Label new -PublicKey $keys[0].PublicKey")]
    [InlineData("$keys | Add-RunCloudSshCredential -Label new")]
    [InlineData("$removals | Add-RunCloudSshCredential -Label new")]
    [InlineData("$users | Add-RunCloudSshCredential -Label new -PublicKey $keys[0].PublicKey")]
    public async Task An_object_is_of_the_workspace_that_it_was_read_in(string script)
    {
        await using var first = await WorldOfAsync("of-first");
        await using var second = await WorldOfAsync("of-second");
        await ConnectBothAsync(first, second);
        _ = await first.MustAsync("""
            $ConfirmPreference = 'None'
            $servers = @(Get-RunCloudServer -Context first); $keys = @($servers | Get-RunCloudSshCredential); $users = @($servers | Get-RunCloudSystemUser | Where-Object User -eq root)
            $settings = @($servers | Get-RunCloudSshSetting); $removals = @($keys | Remove-RunCloudSshCredential -PassThru -Verify)
            """);
        _ = first.Fleet.AddCredential(101, "root", "dave", World.Key(1), id: 17);

        // The second is the current one, and has servers and keys of the same ids.
        first.Requests.Clear();
        second.Requests.Clear();
        _ = (await first.ThrowsOrFailsAsync(script + " -Context second")).MustBe("ContextMismatch", ErrorCategory.InvalidArgument);
        Assert.Empty(first.Requests.All);
        Assert.Empty(second.Requests.All);

        _ = await first.MustAsync(script);
        Assert.NotEmpty(first.Requests.All);
        Assert.Empty(second.Requests.All);

        _ = await first.MustAsync("Disconnect-RunCloud first");
        first.Requests.Clear();
        _ = (await first.ThrowsOrFailsAsync(script)).MustBe("NotConnected", ErrorCategory.ConnectionError);
        _ = await first.MustAsync("Connect-RunCloud $token -Endpoint $endpoint -Name first");
        first.Requests.Clear();
        _ = (await first.ThrowsOrFailsAsync(script)).MustBe("NotConnected", ErrorCategory.ConnectionError);
        Assert.Empty(first.Requests.All);
        Assert.Empty(second.Requests.All);
        Assert.Equal([17], second.Fleet.Snapshot().Credentials.Select(credential => credential.Id));
    }

    [Fact]
    public async Task An_object_works_without_a_current_context_unless_it_has_no_origin()
    {
        await using var world = await WorldOfAsync("web-01");
        _ = await world.MustAsync("Connect-RunCloud $token -Endpoint $endpoint -Name main; $servers = Get-RunCloudServer; $keys = $servers | Get-RunCloudSshCredential");
        _ = await world.ThrowsAsync("Select-RunCloudContext nope");
        Assert.Single((await world.MustAsync("$servers | Get-RunCloudSshCredential")).Output);
        world.Requests.Clear();
        foreach (var script in (string[])["$keys | Select-Object ServerId, Id | Get-RunCloudSshCredential", "'web-01' | Get-RunCloudSshCredential", "$keys | Select-Object ServerId, Id | Remove-RunCloudSshCredential -Confirm:$false"])
        {
            _ = (await world.ThrowsAsync(script)).MustBe("NotConnected", ErrorCategory.ConnectionError);
        }

        Assert.Empty(world.Requests.All);
    }

    [Fact]
    public async Task One_revocation_is_of_one_workspace()
    {
        await using var first = await WorldOfAsync("of-first");
        await using var second = await WorldOfAsync("of-second");
        await ConnectBothAsync(first, second);
        _ = await first.MustAsync("$servers = @(Get-RunCloudServer -Context first) + @(Get-RunCloudServer)");
        first.Requests.Clear();
        second.Requests.Clear();
        _ = (await first.ThrowsAsync("Revoke-RunCloudSshKey SHA256:" + new string('A', 43) + " -Server $servers -Confirm:$false")).MustBe("ContextMismatch", ErrorCategory.InvalidArgument);
        Assert.Empty(first.Requests.All);
        Assert.Empty(second.Requests.All);
    }

    [Fact]
    public async Task Two_runspaces_work_at_once_in_workspaces_of_their_own()
    {
        await using var first = await WorldOfAsync("of-first");
        await using var second = await WorldOfAsync("of-second");
        var hangs = new[] { new Hang(), new Hang() };
        _ = first.Faults.Add(Fault.HangBefore(hangs[0]), path: "/servers");
        _ = second.Faults.Add(Fault.HangBefore(hangs[1]), path: "/servers");
        World[] worlds = [first, second];
        foreach (var world in worlds)
        {
            _ = await world.MustAsync("Connect-RunCloud $token -Endpoint $endpoint");
        }

        var runs = worlds.Select(world => world.Shell.Start("Get-RunCloudServer")).ToArray();
        foreach (var hang in hangs)
        {
            await hang.ReachedAsync(cancellationToken: Token);
        }

        Array.ForEach(hangs, hang => hang.Release());
        Assert.Equal(["of-first", "of-second"], (await Task.WhenAll(runs.Select(run => run.Completion))).Select(result => Assert.Single(result.OutputOf<Server>()).Name));
    }

    [Fact]
    public async Task A_context_object_works_in_another_runspace_and_shares_what_is_known_of_the_rate_limit()
    {
        await using var world = await WorldOfAsync("web-01");
        using var other = new Shell();
        var context = Assert.Single((await world.MustAsync("Connect-RunCloud $token -Endpoint $endpoint -PassThru")).OutputOf<Context>());
        var before = context.RateLimitRemaining;
        other.SetVariable("context", context);
        var result = await other.RunAsync("Get-RunCloudServer -Context $context; Get-RunCloudContext; try { Get-RunCloudServer } catch { $_ }", Token);
        Assert.Equal("web-01", Assert.IsType<Server>(result.Output[0].BaseObject).Name);
        Assert.Equal("NotConnected", Assert.IsType<ErrorRecord>(result.Output[1].BaseObject).Id());
        Assert.Equal(before - 1, context.RateLimitRemaining);
    }

    [Fact]
    public async Task Without_a_token_it_is_asked_for_masked()
    {
        await using var world = await World.StartAsync(fleet => fleet.AddServer("web-01"), connect: null);
        world.Shell.Screen.WillAnswer(ShellAnswer.Secret(world.Api.Token));
        using (new EnvironmentVariables(("RUNCLOUD_API_TOKEN", null)))
        {
            var result = await world.MustAsync("Connect-RunCloud -Endpoint $endpoint; Get-RunCloudServer");
            Assert.Equal(ShellPromptKind.Fields, Assert.Single(result.Prompts).Kind);
            Assert.Contains("********", result.Screen, StringComparison.Ordinal);
            Assert.DoesNotContain(world.Api.Token, result.AllText(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(ShellMode.NonInteractive)]
    [InlineData(ShellMode.NoUserInterface)]
    public async Task Without_a_prompt_the_error_says_how_to_give_the_token(ShellMode mode)
    {
        await using var world = await World.StartAsync(fleet => fleet.AddServer("web-01"), shell: new ShellOptions { Mode = mode }, connect: null);
        var error = (await world.ThrowsAsync("Connect-RunCloud -Endpoint $endpoint -Name prod")).MustBe("NotConnected", ErrorCategory.ConnectionError);
        Assert.Equal("prod", error.TargetObject);
        Assert.Contains("-Token", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("RUNCLOUD_API_TOKEN", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(world.Requests.All);
    }

    [Fact]
    public async Task An_empty_answer_to_the_question_for_the_token_is_no_token()
    {
        await using var world = await World.StartAsync(fleet => fleet.AddServer("web-01"), connect: null);
        world.Shell.Screen.WillAnswer(ShellAnswer.Secret(""));
        _ = (await world.ThrowsAsync("Connect-RunCloud -Endpoint $endpoint")).MustBe("NotConnected", ErrorCategory.ConnectionError);
    }

    [Fact]
    public async Task Names_of_contexts_are_completed_and_quoted_where_they_must_be()
    {
        await using var world = await WorldOfAsync("web-01");
        _ = await world.MustAsync("'prod-eu', \"dave's\", 'two words', 'a$b' | ForEach-Object { Connect-RunCloud $token -Endpoint $endpoint -Name $_ }");
        world.Requests.Clear();
        Assert.Equal(["'a$b'", "'dave''s'", "prod-eu", "'two words'"], await OfferedAsync("Get-RunCloudServer -Context "));
        Assert.Equal(["prod-eu"], await OfferedAsync("Get-RunCloudServer -Context PROD"));
        Assert.Equal(["'two words'"], await OfferedAsync("Disconnect-RunCloud 'two"));
        Assert.Equal(["\"a`$b\""], await OfferedAsync("Get-RunCloudContext -Name \"a"));
        Assert.Equal(["'dave''s'"], await OfferedAsync("Connect-RunCloud -Name dave"));
        Assert.Empty(await OfferedAsync("Get-RunCloudServer -Context x"));
        Assert.Empty(world.Requests.All);

        foreach (var offered in await OfferedAsync("Get-RunCloudServer -Context "))
        {
            _ = await world.MustAsync("Get-RunCloudServer -Context " + offered);
        }

        async Task<IEnumerable<string>> OfferedAsync(string text) => (await world.Shell.CompleteAsync(text)).Select(match => match.CompletionText);
    }

    [Fact]
    public async Task Closing_a_runspace_takes_its_contexts_along()
    {
        await using var world = await WorldOfAsync("web-01");
        using var shell = new Shell();
        shell.SetVariable("token", World.Secret(world.Api.Token));
        shell.SetVariable("endpoint", world.Api.Endpoint);
        _ = await shell.RunAsync("Connect-RunCloud $token -Endpoint $endpoint", Token);
        Assert.Empty((await world.MustAsync("Get-RunCloudContext")).Output);
    }

    private static Task<World> WorldOfAsync(string server) =>
        World.StartAsync(fleet => fleet.AddCredential(fleet.AddServer(server, id: 101).Id, "root", "dave", World.Key(1), id: 17), connect: null);

    private static async Task<IEnumerable<(string Name, bool Current)>> StandingAsync(World world) =>
        (await world.MustAsync("Get-RunCloudContext | Select-Object Name, Current")).Output
            .Select(item => ((string)item.Properties["Name"].Value, (bool)item.Properties["Current"].Value));

    private static async Task ConnectBothAsync(World first, World second)
    {
        first.Shell.SetVariable("token2", World.Secret(second.Api.Token));
        first.Shell.SetVariable("endpoint2", second.Api.Endpoint);
        _ = await first.MustAsync("Connect-RunCloud $token -Endpoint $endpoint -Name first; Connect-RunCloud $token2 -Endpoint $endpoint2 -Name second");
    }
}
