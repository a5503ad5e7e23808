using System.Management.Automation;
using RunCloud.PowerShell.Tests.Hosting;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>Several workspaces in one pipeline, whose servers and credentials have the same ids.</summary>
public sealed class SeveralContextsTests
{
    public static TheoryData<string> Readers { get; } =
    [
        "Get-RunCloudServer -Context $all",
        "Get-RunCloudServer -Context first, second",
        "Get-RunCloudServer -Context first, second, FIRST",
        "Get-RunCloudServer of-* -Context $all",
        "Get-RunCloudServer -Context $all | Get-RunCloudSshCredential",
        "Get-RunCloudServer -Context $all | Get-RunCloudSshCredential -Context $all",
        "Get-RunCloudServer -Context $all | Get-RunCloudSshCredential | Get-RunCloudSshSetting",
        "Get-RunCloudServer -Context $all | Get-RunCloudSshCredential | Get-RunCloudSshCredential",
        "Get-RunCloudSshCredential of-* -Context $all",
        "Get-RunCloudSshCredential of-first, of-second -Context $all",
        "'of-first', 'of-second' | Get-RunCloudSystemUser -Context $all",
        "Get-RunCloudServer -Context $all | Get-RunCloudSshSetting",
        "Get-RunCloudSshKey -Context $all",
        "Get-RunCloudServer -Context $all | Get-RunCloudSshKey",
        "Test-RunCloudSshAccess -Context $all -Rule PasswordLogin",
        "Invoke-RunCloudApi /servers -All -Context $all",
        "Test-RunCloudConnection -Context $all",
    ];

    [Theory]
    [MemberData(nameof(Readers))]
    public async Task A_command_that_reads_calls_every_context_that_it_is_given(string script)
    {
        await using var worlds = await TwoAsync();
        var result = await worlds.First.MustAsync(script);
        Assert.NotEmpty(worlds.First.Requests.All);
        Assert.Equal(Calls(worlds.First), Calls(worlds.Second));
        Assert.True(result.Output.Count > 1);

        static IEnumerable<string> Calls(World world) => world.Requests.All.Select(request => request.Path).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_key_is_removed_in_every_workspace_and_each_question_names_its_context()
    {
        await using var worlds = await TwoAsync();
        worlds.First.Shell.SetVariable("key", World.Key(1));
        const string Pipeline = "Get-RunCloudServer -Context $all | Get-RunCloudSshCredential -Key $key | Remove-RunCloudSshCredential -PassThru ";
        var rehearsal = (await worlds.First.MustAsync(Pipeline + "-WhatIf")).Screen;
        Assert.Matches("of-first .+ in context 'first'", rehearsal);
        Assert.Matches("of-second .+ in context 'second'", rehearsal);
        var removals = (await worlds.First.MustAsync(Pipeline + "-Verify -Confirm:$false")).OutputOf<SshCredentialRemoval>().ToList();
        Assert.Equal([("of-first", "Removed"), ("of-second", "Removed")], removals.Select(removal => (removal.ServerName!, removal.Status)));
        Assert.DoesNotContain(worlds.First.Fleet.Snapshot().Credentials, credential => credential.Id == 17);
        Assert.DoesNotContain(worlds.Second.Fleet.Snapshot().Credentials, credential => credential.Id == 17);
    }

    [Fact]
    public async Task Each_removal_is_read_back_in_its_own_workspace()
    {
        await using var worlds = await TwoAsync();
        _ = await worlds.First.MustAsync("$keys = Get-RunCloudServer -Context $all | Get-RunCloudSshCredential -Label dave");
        _ = worlds.Second.Faults.Add(Fault.Pretended, method: "DELETE");
        var result = await worlds.First.RunAsync("$keys | Remove-RunCloudSshCredential -Verify -PassThru -Confirm:$false");
        Assert.Equal([("of-first", "Removed"), ("of-second", "Failed")], result.OutputOf<SshCredentialRemoval>().Select(removal => (removal.ServerName!, removal.Status)));
    }

    [Fact]
    public async Task A_server_is_read_where_its_credential_was_read()
    {
        await using var worlds = await TwoAsync();
        _ = await worlds.First.MustAsync("$keys = @(Get-RunCloudSshCredential -ServerId 101 -Context first) + @(Get-RunCloudSshCredential -ServerId 101 -Context second)");
        worlds.Second.Fleet.UpdateServer(101, server => server with { Online = false });
        var result = await worlds.First.RunAsync("$keys | Remove-RunCloudSshCredential -PassThru -Confirm:$false");
        Assert.Equal(
            [("of-first", "Removed"), ("of-first", "Removed"), ("of-second", "Unconfirmed"), ("of-second", "Unconfirmed")],
            result.OutputOf<SshCredentialRemoval>().Select(removal => (removal.ServerName!, removal.Status)));
    }

    [Theory]
    [InlineData("Revoke-RunCloudSshKey $key -Context first -WhatIf", "Revoke SSH key .+ in context 'first'")]
    [InlineData("Add-RunCloudSshCredential -Server (Get-RunCloudServer -Context first) -User root -Label new -PublicKey $key -WhatIf", "of-first .+ in context 'first'")]
    [InlineData("Set-RunCloudSshSetting of-second -PreventRootLogin $true -WhatIf", "of-second .+ in context 'second'")]
    [InlineData("Invoke-RunCloudApi /servers/101 Delete -Context first -WhatIf", "in context 'first'")]
    public async Task A_plan_and_a_target_name_the_context_where_there_is_more_than_one(string script, string expected)
    {
        await using var worlds = await TwoAsync();
        worlds.First.Shell.SetVariable("key", World.Key(1));
        Assert.Matches(expected, (await worlds.First.MustAsync(script)).Screen);
        _ = await worlds.First.MustAsync("$servers = Get-RunCloudServer; Disconnect-RunCloud first");
        Assert.DoesNotContain("in context", (await worlds.First.MustAsync("$servers | Get-RunCloudSshCredential | Remove-RunCloudSshCredential -WhatIf")).Screen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-RunCloudServer -Context first", @"of-first \(id 101\)")]
    [InlineData("Get-RunCloudSshCredential of-first -Label dave -Context first", @"of-first \(id 101\)")]
    [InlineData("Get-RunCloudSshCredential of-first -Label dave -Context first | Remove-RunCloudSshCredential -PassThru -Confirm:$false", @"of-first \(id 101\)")]
    [InlineData("Revoke-RunCloudSshKey $key -Context first -Confirm:$false -WarningAction SilentlyContinue", @"of-first \(id 101\)")]
    [InlineData("Get-RunCloudSshSession of-first -Context first", "server 101")]
    [InlineData("Get-RunCloudSshSetting of-first -Context first", "server 101")]
    [InlineData("Get-RunCloudSystemUser of-first -User root -Context first", "server 101")]
    public async Task A_key_is_added_where_the_object_in_the_pipe_was_read(string script, string server)
    {
        await using var worlds = await TwoAsync();
        worlds.First.Fleet.AddSession(101, new FleetSession("root", "pts/0", "203.0.113.9", "06:10", "1:23", "-bash"));
        worlds.First.Shell.SetVariable("key", World.Key(1));
        var said = (await worlds.First.MustAsync($"{script} | Add-RunCloudSshCredential -User root -Label new -PublicKey '{World.Key(9)}' -WhatIf")).Screen;
        Assert.Matches($"'new' of root .+ on {server} in context 'first'", said);
    }

    [Theory]
    [InlineData("Get-RunCloudServer -Id 101 -Context $all")]
    [InlineData("Get-RunCloudSshCredential -ServerId 101 -Context $all")]
    [InlineData("[pscustomobject] @{ ServerId = 101; Id = 17 } | Get-RunCloudSshCredential -Context $all")]
    [InlineData("Remove-RunCloudSshCredential -ServerId 101 -Id 17 -Context $all -Confirm:$false")]
    [InlineData("Add-RunCloudSshCredential -ServerId 101 -User root -Label new -PublicKey $key -Context $all")]
    [InlineData("Test-RunCloudSshAccess -Context $all -ReportPath report.json")]
    [InlineData("$both | Test-RunCloudSshAccess -ReportPath report.json")]
    [InlineData("$both | Get-RunCloudSshCredential -Context first")]
    [InlineData("$both | Revoke-RunCloudSshKey $key -Confirm:$false")]
    public async Task What_does_not_tell_its_workspace_is_not_sent_to_any(string script)
    {
        await using var worlds = await TwoAsync();
        worlds.First.Shell.SetVariable("key", World.Key(1));
        _ = await worlds.First.MustAsync("$both = Get-RunCloudServer -Context $all");
        worlds.First.Requests.Clear();
        worlds.Second.Requests.Clear();
        _ = (await worlds.First.ThrowsOrFailsAsync(script)).MustBe("ContextMismatch", ErrorCategory.InvalidArgument);
        Assert.DoesNotContain(worlds.Second.Requests.All.Concat(worlds.First.Requests.All), request => request.Method != "GET");
        Assert.Empty(worlds.Second.Requests.All);
    }

    [Fact]
    public async Task A_report_is_of_one_workspace_though_an_object_names_one_and_a_name_is_found_in_another()
    {
        using var folder = new TemporaryFolder();
        await using var worlds = await TwoAsync();
        var error = await worlds.First.ThrowsAsync($"$servers = @(Get-RunCloudServer -Context first) + 'of-second'; $servers | Test-RunCloudSshAccess -ReportPath '{folder.Path}/report.json'");
        _ = error.MustBe("ContextMismatch", ErrorCategory.InvalidArgument);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task A_name_is_missing_only_where_no_workspace_has_it()
    {
        await using var worlds = await TwoAsync();
        Assert.Equal(["of-second"], (await worlds.First.MustAsync("Get-RunCloudServer of-second -Context $all")).OutputOf<Server>().Select(server => server.Name));
        foreach (var script in (string[])["Get-RunCloudServer nope -Context $all", "Get-RunCloudSshSetting nope -Context $all"])
        {
            Assert.Contains("in these workspaces", (await worlds.First.FailsAsync(script)).MustBe("ServerNotFound", ErrorCategory.ObjectNotFound).ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Get-RunCloudServer -Context $all")]
    [InlineData("$both | Get-RunCloudSshCredential")]
    [InlineData("$both[1, 0] | Get-RunCloudSshCredential")]
    [InlineData("$both | Get-RunCloudSshSetting -Context $all")]
    [InlineData("Get-RunCloudSshCredential -Server $both")]
    [InlineData("Get-RunCloudSystemUser of-* -Context $all")]
    [InlineData("$both | Get-RunCloudSshKey")]
    [InlineData("Get-RunCloudSshKey -Context $all")]
    [InlineData("Test-RunCloudSshAccess -Context $all -Rule PasswordLogin")]
    [InlineData("Invoke-RunCloudApi /servers -Context $all")]
    public async Task A_token_that_is_refused_ends_the_work_of_its_context_only(string script)
    {
        await using var worlds = await TwoAsync();
        _ = await worlds.First.MustAsync("$both = Get-RunCloudServer -Context $all");
        worlds.Second.Requests.Clear();
        _ = worlds.First.Faults.Add(Fault.Unauthorized);
        var result = await worlds.First.RunAsync(script);
        var error = Assert.Single(result.Errors).MustBe("Unauthorized", ErrorCategory.AuthenticationError);
        Assert.Matches(@"No more requests are sent through the connection first .+\. The others go on", error.ToString());
        Assert.NotEmpty(worlds.Second.Requests.All);
        Assert.NotEmpty(result.Output);

        _ = worlds.Second.Faults.Add(Fault.Unauthorized);
        _ = (await worlds.First.ThrowsAsync(script)).MustBe("Unauthorized", ErrorCategory.AuthenticationError);
    }

    [Theory]
    [InlineData("Get-RunCloudSshKey -Context $all")]
    [InlineData("Test-RunCloudSshAccess -Context $all -Rule PasswordLogin")]
    public async Task A_workspace_that_cannot_be_listed_is_an_error_and_the_others_are_read(string script)
    {
        await using var worlds = await TwoAsync();
        _ = worlds.First.Faults.Add(Fault.Status(500), path: "/servers");
        var result = await worlds.First.RunAsync(script);
        _ = Assert.Single(result.Errors).MustBe("ServerError", ErrorCategory.ResourceUnavailable);
        Assert.Null(result.Terminating);
        Assert.NotEmpty(result.Output);
    }

    [Fact]
    public async Task After_a_refused_token_objects_of_another_workspace_are_still_taken_from_the_pipe()
    {
        await using var worlds = await TwoAsync();
        _ = await worlds.First.MustAsync("$other = Get-RunCloudServer -Context second; Select-RunCloudContext first");
        _ = worlds.First.Faults.Add(Fault.Unauthorized);
        var result = await worlds.First.RunAsync("'of-first', $other | Get-RunCloudSshSetting");
        _ = Assert.Single(result.Errors).MustBe("Unauthorized", ErrorCategory.AuthenticationError);
        Assert.Equal(["of-second"], result.OutputOf<SshSetting>().Select(setting => setting.ServerName));
    }

    [Fact(Timeout = StopTests.Patience)]
    public async Task Progress_counts_the_servers_of_all_workspaces()
    {
        await using var worlds = await TwoAsync();
        _ = worlds.Second.Fleet.AddServer("last", id: 102);
        var hang = new Hang();
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        worlds.First.Shell.Screen.ProgressWatch = progress => _ = progress.Status.StartsWith("2 of ", StringComparison.Ordinal) && told.TrySetResult(progress.Status);
        _ = worlds.Second.Faults.Add(Fault.HangBefore(hang), path: "/servers/102/ssh/credentials");
        var run = worlds.First.Shell.Start("Get-RunCloudSshKey -Context first, second");
        await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.StartsWith("2 of 3 servers read", await told.Task.WaitAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        hang.Release();
        _ = await run.Completion;
    }

    [Fact]
    public async Task Each_credential_of_a_refused_workspace_has_its_outcome_and_the_others_are_removed()
    {
        await using var worlds = await TwoAsync();
        _ = await worlds.First.MustAsync("$keys = Get-RunCloudServer -Context $all | Get-RunCloudSshCredential");
        _ = worlds.First.Faults.Add(Fault.Unauthorized);
        foreach (var verify in (string[])["", " -Verify"])
        {
            var result = await worlds.First.RunAsync("$keys | Remove-RunCloudSshCredential -PassThru -Confirm:$false" + verify);
            Assert.Null(result.Terminating);
            var ends = result.OutputOf<SshCredentialRemoval>().ToLookup(removal => removal.ServerName!, removal => removal.Status, StringComparer.Ordinal);
            Assert.Equal(["Failed", "Failed"], ends["of-first"]);
            Assert.Equal(verify.Length == 0 ? ["Removed", "Removed"] : ["AlreadyAbsent", "AlreadyAbsent"], ends["of-second"]);
        }
    }

    [Fact]
    public async Task A_new_runspace_is_told_how_to_take_the_context_along()
    {
        await using var worlds = await TwoAsync();
        using var other = new Shell();
        var result = await other.RunAsync("try { Get-RunCloudServer } catch { $_ }", TestContext.Current.CancellationToken);
        var error = Assert.IsType<ErrorRecord>(Assert.Single(result.Output).BaseObject).MustBe("NotConnected", ErrorCategory.ConnectionError);
        Assert.Contains("-Context $using:context", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        _ = await worlds.First.MustAsync("Disconnect-RunCloud");
        Assert.DoesNotContain("$using", (await worlds.First.ThrowsAsync("Get-RunCloudServer")).ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_disconnection_between_two_servers_nothing_is_sent_for_the_second()
    {
        await using var pair = await TwoAsync();
        _ = (await pair.First.ThrowsAsync("101, 102 | ForEach-Object { if ($_ -eq 102) { Disconnect-RunCloud }; [pscustomobject]@{ ServerId = $_ } } | Get-RunCloudSshCredential"))
            .MustBe("NotConnected", ErrorCategory.ConnectionError);
        Assert.DoesNotContain(pair.Second.Requests.All, request => request.Path.Contains("/102", StringComparison.Ordinal));
        Assert.Empty(pair.First.Requests.All);
    }

    private static async Task<Pair> TwoAsync()
    {
        var pair = new Pair(await WorldOfAsync("of-first"), await WorldOfAsync("of-second"));
        pair.First.Shell.SetVariable("token2", World.Secret(pair.Second.Api.Token));
        pair.First.Shell.SetVariable("endpoint2", pair.Second.Api.Endpoint);
        _ = await pair.First.MustAsync("""
            Connect-RunCloud $token -Endpoint $endpoint -Name first -MaximumRetryCount 0; Connect-RunCloud $token2 -Endpoint $endpoint2 -Name second -MaximumRetryCount 0
            $all = Get-RunCloudContext
            """);
        pair.First.Requests.Clear();
        pair.Second.Requests.Clear();
        return pair;
    }

    private static Task<World> WorldOfAsync(string server) => World.StartAsync(
        fleet =>
        {
            var id = fleet.AddServer(server, id: 101).Id;
            _ = fleet.AddCredential(id, "root", "dave", World.Key(1), id: 17);
            _ = fleet.AddCredential(id, "root", "erin", World.Key(2), id: 18);
        },
        connect: null);

    private sealed record Pair(World First, World Second) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await First.DisposeAsync();
            await Second.DisposeAsync();
        }
    }
}
