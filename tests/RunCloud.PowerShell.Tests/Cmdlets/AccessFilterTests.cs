using System.Globalization;
using System.Management.Automation;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>What Test-RunCloudSshAccess leaves out of the output and what it never leaves out, and how much the audits do at once.</summary>
public sealed class AccessFilterTests
{
    private const string Test = "Test-RunCloudSshAccess -BlockedKey $key -MaximumAgeDays 10000";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Info")]
    [InlineData("Low")]
    [InlineData("Medium")]
    [InlineData("High")]
    [InlineData("critical")]
    [InlineData("HIGH")]
    public async Task The_severity_that_is_named_is_the_lowest_that_comes_out(string severity)
    {
        await using var world = await StartAsync(servers: 3);
        var all = (await world.MustAsync(Test)).OutputOf<SshFinding>().Select(finding => finding.Severity).ToList();
        string[] order = ["Info", "Low", "Medium", "High", "Critical"];
        var least = Array.FindIndex(order, one => one.Equals(severity, StringComparison.OrdinalIgnoreCase));
        Assert.Contains("Critical", all);
        Assert.Contains("High", all);
        Assert.Contains(all, one => one is not ("Critical" or "High"));
        Assert.Equal(
            all.Where(one => Array.IndexOf(order, one) >= least),
            (await world.MustAsync($"{Test} -MinimumSeverity {severity}")).OutputOf<SshFinding>().Select(finding => finding.Severity));
    }

    [Fact]
    public async Task A_report_has_the_findings_that_do_not_come_out()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync(servers: 3);
        _ = await world.MustAsync($"{Test} -ReportPath '{folder.Path}/all.json'");
        _ = await world.MustAsync($"{Test} -MinimumSeverity Critical -ReportPath '{folder.Path}/some.json'");
        Assert.Equal(await RulesAsync("all.json"), await RulesAsync("some.json"));

        async Task<int> RulesAsync(string name) =>
            (await File.ReadAllTextAsync(Path.Combine(folder.Path, name), Cancellation)).Split("\"rule\":").Length;
    }

    [Theory]
    [InlineData("Test-RunCloudSshAccess", 11)]
    [InlineData("Test-RunCloudSshAccess -BlockedKey $key", 12)]
    [InlineData("Test-RunCloudSshAccess -ExcludeRule RootKey", 10)]
    public async Task Verbose_counts_the_rules_that_had_something_to_check_with(string script, int rules)
    {
        await using var world = await StartAsync(servers: 3);
        var said = (await world.MustAsync(script + " -Verbose")).Verbose[^1];
        Assert.StartsWith(FormattableString.Invariant($"Looked at 3 servers, 3 credentials and 1 keys; {rules} rules checked, "), said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-ExcludeRule blocked, passwordlogin, ROOTLOGIN, rootkey, sharedkey")]
    [InlineData("-Rule unreadable, servernotread")]
    public async Task Rules_are_named_in_any_case(string parameters)
    {
        await using var world = await StartAsync(servers: 3);
        Assert.Empty((await world.MustAsync($"{Test} {parameters}")).Output);
    }

    [Fact]
    public async Task A_list_of_servers_that_is_cut_off_is_an_error_and_a_warning()
    {
        await using var world = await StartAsync(servers: 45);
        _ = world.Faults.Add(Fault.Status(500), path: "/servers", from: 2);
        var result = await world.RunAsync($"{Test} -Rule PasswordLogin");
        Assert.Equal(40, result.Output.Count);
        _ = Assert.Single(result.Errors).MustBe("ServerError", ErrorCategory.ResourceUnavailable);
        Assert.Contains("The list of servers was not read completely", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(6, true)]
    public async Task Five_servers_that_were_not_read_are_named_and_more_are_told_as_more(int servers, bool hasMore)
    {
        await using var world = await StartAsync(servers);
        _ = world.Faults.Add(Fault.Status(500), path: "/servers/*/ssh/credentials");
        var warning = Assert.Single((await world.MustAsync($"{Test} -Rule Blocked, ServerNotRead")).Warnings);
        Assert.StartsWith(FormattableString.Invariant($"{servers} of {servers} servers were not read completely: web-101 (id 101), "), warning, StringComparison.Ordinal);
        Assert.Equal(5, warning.Split("web-").Length - 1);
        Assert.Equal(hasMore, warning.Contains(", …. ", StringComparison.Ordinal));
    }

    [Theory(Timeout = StopTests.Patience)]
    [InlineData("Get-RunCloudSshKey")]
    [InlineData(Test + " -Rule Blocked")]
    [InlineData("Revoke-RunCloudSshKey -Key $key -WhatIf")]
    public async Task ThrottleLimit_is_how_many_servers_are_read_at_once(string script)
    {
        await using var world = await StartAsync(servers: 12);
        var hangs = Enumerable.Range(101, 12).ToDictionary(id => (long)id, _ => new Hang());
        _ = world.Faults.Add(request => request.Matches("/servers/*/ssh/credentials") ? Fault.HangBefore(hangs[long.Parse(request.Path.Split('/')[^3], CultureInfo.InvariantCulture)]) : null);
        var run = world.Shell.Start(script + " -ThrottleLimit 3");

        // The first two wait to the end. Each of the others is answered only when it has come, and lets the next one begin.
        foreach (var hang in hangs.Values)
        {
            await hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
            if (hang != hangs[101] && hang != hangs[102])
            {
                hang.Release();
            }
        }

        hangs[101].Release();
        hangs[102].Release();
        _ = await run.Completion;
        Assert.Equal(3, world.Requests.PeakUnderWay);
    }

    private static async Task<World> StartAsync(int servers)
    {
        var world = await World.StartAsync(fleet =>
        {
            for (var id = 101; id <= 100 + servers; id++)
            {
                _ = fleet.AddServer($"web-{id}", id: id);
                _ = fleet.AddCredential(id, "root", "dave", World.Key(1));
            }
        });
        world.Shell.SetVariable("key", World.Key(1));
        return world;
    }
}
