using System.Management.Automation;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>Test-RunCloudSshAccess and Get-RunCloudSshKey: one reading, findings, reports and drift.</summary>
public sealed class AccessAuditTests
{
    private const string Test = "Test-RunCloudSshAccess -MaximumAgeDays 10000";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", 1 + 3 + 3 + 3)]
    [InlineData("-Rule NotAllowed -AllowedKey $key", 1 + 3)]
    [InlineData("-Rule PasswordLogin", 1 + 3)]
    [InlineData("-Rule RootKey, RootLogin", 1 + 3 + 3)]
    [InlineData("-Rule DeploymentKeyIsLoginKey", 1 + 3 + 3)]
    [InlineData("-Server web-01, web-02 -Rule OldKey", 1 + 2)]
    public async Task It_reads_once_what_the_rules_need_and_nothing_else(string parameters, int requests)
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync($"{Test} {parameters}");
        Assert.Equal(requests, world.Requests.Count);
        Assert.All(world.Requests.All, request => Assert.Equal("GET", request.Method));
    }

    [Fact]
    public async Task Each_key_comes_once_with_its_places()
    {
        await using var world = await StartAsync();
        var keys = (await world.MustAsync("Get-RunCloudSshKey")).OutputOf<SshKey>();
        Assert.Equal([(2, 2, 1), (1, 1, 0)], keys.Select(key => (key.ServerCount, key.CredentialCount, key.RootServerCount)));
        _ = world.Fleet.AddCredential(101, "root", "dave-2", World.Key(1), id: 901);
        var twice = (await world.MustAsync("Get-RunCloudSshKey $key")).OutputOf<SshKey>().Single();
        Assert.Equal((2, 3, 1), (twice.ServerCount, twice.CredentialCount, twice.RootServerCount));
        _ = world.Fleet.RemoveCredential(101, 901);
        var one = (await world.MustAsync("Get-RunCloudServer web-01 | Get-RunCloudSshKey -Key $key")).OutputOf<SshKey>();
        Assert.Equal(["web-01"], Assert.Single(one).ServerNames);
        Assert.Equal(2, (await world.MustAsync("Get-RunCloudSshKey $key | ForEach-Object { Get-RunCloudSshKey -Key $_ } | ForEach-Object Credentials")).Output.Count);
    }

    [Fact]
    public async Task A_long_list_of_keys_is_read_to_its_end()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var list = Path.Combine(folder.Path, "allowed.txt");
        await File.WriteAllLinesAsync(list, [.. Enumerable.Repeat("# " + new string('x', 98), 2000), World.Key(1)], Cancellation);
        var found = (await world.MustAsync($"{Test} -Rule NotAllowed -AllowedKey '{list}'")).OutputOf<SshFinding>();
        Assert.NotEmpty(found);
        Assert.DoesNotContain(found, finding => finding.Label == "dave");
    }

    [Fact]
    public async Task The_report_of_one_run_is_the_baseline_of_the_next()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var report = Path.Combine(folder.Path, "access");
        _ = await world.MustAsync($"{Test} -ReportPath '{report}.json', '{report}.html', '{report}.csv' -Reason 'a look'");
        var drift = $"{Test} -Baseline '{report}.json' -Rule NewSinceBaseline, GoneSinceBaseline";
        Assert.Empty((await world.MustAsync(drift)).Output);
        _ = world.Fleet.AddCredential(103, "root", "eve", World.Key(7, "eve@home"));
        Assert.Equal(["High NewSinceBaseline eve"], (await world.MustAsync(drift)).OutputOf<SshFinding>().Select(one => $"{one.Severity} {one.Rule} {one.Label}"));
        Assert.Contains("\"reason\": \"a look\"", await File.ReadAllTextAsync(report + ".json", Cancellation), StringComparison.Ordinal);
        var csv = await File.ReadAllBytesAsync(report + ".csv", Cancellation);
        Assert.Equal([0xEF, 0xBB, 0xBF], csv[..3]);

        // Earlier reports are replaced, each of them.
        _ = await world.MustAsync($"{Test} -ReportPath '{report}.json', '{report}.html', '{report}.csv'");
        Assert.DoesNotContain("a look", await File.ReadAllTextAsync(report + ".html", Cancellation), StringComparison.Ordinal);
        if (World.HasUnixFiles)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(report + ".html"));
        }
    }

    [Fact]
    public async Task A_server_that_cannot_be_read_is_a_finding_and_a_warning_and_no_error()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Status(500), path: "/servers/102/ssh/credentials");
        var result = await world.MustAsync($"{Test} -ExcludeRule PasswordLogin, RootLogin, RootKey");
        Assert.Equal(["ServerNotRead 102"], result.OutputOf<SshFinding>().Select(one => $"{one.Rule} {one.ServerId}"));
        Assert.Contains("1 of 3 servers were not read completely: web-02 (id 102)", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_line_of_a_list_is_named_with_its_number_before_any_request()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var list = Path.Combine(folder.Path, "allowed");
        await File.WriteAllTextAsync(list, $"# our keys\n{World.Key(1)}\nnonsense\n", Cancellation);
        var error = (await world.ThrowsAsync($"{Test} -AllowedKey '{list}'")).MustBe("InvalidPublicKey", ErrorCategory.InvalidArgument);
        Assert.Contains("Line 3", error.ToString(), StringComparison.Ordinal);
        await File.WriteAllTextAsync(list, $"{World.Key(1)}\n{Api.SshPublicKey.Parse(World.Key(2)).FingerprintMD5}\n", Cancellation);
        error = (await world.ThrowsAsync($"{Test} -AllowedKey '{list}'")).MustBe("InvalidPublicKey", ErrorCategory.InvalidArgument);
        Assert.Contains("Line 2", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(world.Requests.All);
    }

    [Theory]
    [InlineData("-Baseline ~/nowhere.json", "InvalidPath")]
    [InlineData("-ReportPath ~/report.txt", "InvalidPath")]
    [InlineData("-ReportPath ~/nowhere/report.json", "InvalidPath")]
    [InlineData("-ReportPath ~/a.json, ~/./a.json", "InvalidPath")]
    [InlineData("-ReportPath ~/other.json", "InvalidPath")]
    [InlineData("-ReportPath ~/other.json -Baseline ~/other.json", "InvalidPath")]
    [InlineData("-Baseline ~/other.json", "BaselineMismatch")]
    [InlineData("-Rule NotAllowed", "InvalidRule")]
    [InlineData("-Rule Blocked -ExcludeRule Blocked", "InvalidRule")]
    [InlineData("-Rule Nonsense", "ParameterArgumentValidationError")]
    public async Task Bad_input_is_an_error_before_any_request(string parameters, string id)
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "other.json"), "{\"a\":1}", Cancellation);
        var error = await world.ThrowsAsync($"{Test} {parameters.Replace("~", folder.Path, StringComparison.Ordinal)}");
        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Empty(world.Requests.All);
        Assert.Equal("{\"a\":1}", await File.ReadAllTextAsync(Path.Combine(folder.Path, "other.json"), Cancellation));
    }

    [Theory]
    [InlineData("\"version\": 1", "\"version\": 2", "was written by a newer version of this module")]
    [InlineData("\"version\": 1", "\"version\": 0", "has version 0 of the format, which does not exist")]
    [InlineData("\"kind\": \"access\"", "\"kind\": \"revocation\"", "is a report of another kind ('revocation')")]
    [InlineData("127.0.0.1", "other.example", "comes from another API, http://other.example")]
    [InlineData("ecdsa-sha2-nistp256 AAAA", "ecdsa-sha2-nistp256 AAAB", "is damaged")]
    [InlineData("\"servers\": [", "\"servers\": [[", "is not a report of Test-RunCloudSshAccess, or is damaged")]
    public async Task A_baseline_that_cannot_be_compared_is_an_error_before_any_request(string found, string other, string message)
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var report = Path.Combine(folder.Path, "access.json");
        _ = await world.MustAsync($"{Test} -ReportPath '{report}'");
        var text = await File.ReadAllTextAsync(report, Cancellation);
        Assert.Contains(found, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(report, text.Replace(found, other, StringComparison.Ordinal), Cancellation);
        world.Requests.Clear();
        var error = (await world.ThrowsAsync($"{Test} -Baseline '{report}'")).MustBe("BaselineMismatch", ErrorCategory.InvalidData);
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
        Assert.Empty(world.Requests.All);
    }

    [Fact]
    public async Task A_baseline_that_is_not_a_regular_file_is_never_opened()
    {
        Assert.SkipUnless(World.HasUnixFiles, "There are no such files here, or the edition cannot tell them.");
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var (empty, link) = (Path.Combine(folder.Path, "empty"), Path.Combine(folder.Path, "link"));
        await File.WriteAllTextAsync(empty, string.Empty, Cancellation);
        File.CreateSymbolicLink(link, "/dev/zero");
        foreach (var path in (string[])["/dev/zero", link, empty])
        {
            _ = (await world.ThrowsAsync($"{Test} -Baseline '{path}'")).MustBe("InvalidPath", ErrorCategory.InvalidArgument);
        }

        Assert.Empty(world.Requests.All);
    }

    [Fact]
    public async Task A_report_of_a_revocation_is_not_a_baseline()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var report = Path.Combine(folder.Path, "report.json");
        _ = await world.MustAsync($"Revoke-RunCloudSshKey -Key $key -Confirm:$false -ReportPath '{report}'");
        var error = (await world.ThrowsAsync($"{Test} -Baseline '{report}'")).MustBe("BaselineMismatch", ErrorCategory.InvalidData);
        Assert.Contains("is a report of another kind ('revocation')", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unread_server_is_neither_new_nor_gone()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var report = Path.Combine(folder.Path, "access.json");
        var broken = world.Faults.Add(Fault.Status(500), path: "/servers/102/ssh/credentials");
        _ = await world.MustAsync($"{Test} -ReportPath '{report}'");
        _ = world.Faults.Remove(broken);
        var drift = $"{Test} -Baseline '{report}' -Rule NewSinceBaseline, GoneSinceBaseline";
        var result = await world.MustAsync(drift);
        Assert.Empty(result.Output);
        Assert.Contains("not compared with it: 1.", string.Concat(result.Warnings), StringComparison.Ordinal);
        _ = await world.MustAsync($"{Test} -ReportPath '{report}'");
        _ = world.Faults.Add(Fault.Status(500), path: "/servers/102/ssh/credentials");
        Assert.Empty((await world.MustAsync(drift)).Output);
    }

    [Theory]
    [InlineData("@() | " + Test)]
    [InlineData("Get-RunCloudServer nothing* | " + Test)]
    public async Task No_server_at_all_is_an_error(string script)
    {
        await using var world = await StartAsync();
        Assert.StartsWith("No servers were given, ", (await world.FailsAsync(script)).MustBe("ServerNotFound", ErrorCategory.ObjectNotFound).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workspace_without_servers_is_an_error()
    {
        await using var world = await World.StartAsync(_ => { });
        Assert.StartsWith("The workspace has no servers, ", (await world.FailsAsync(Test)).MustBe("ServerNotFound", ErrorCategory.ObjectNotFound).ToString(), StringComparison.Ordinal);
    }

    private static async Task<World> StartAsync()
    {
        var world = await World.StartAsync(fleet =>
        {
            foreach (var id in (long[])[101, 102, 103])
            {
                _ = fleet.AddServer($"web-{id - 100:00}", id: id);
            }

            _ = fleet.AddCredential(101, "root", "dave", World.Key(1));
            _ = fleet.AddCredential(102, "runcloud", "dave", World.Key(1));
            _ = fleet.AddCredential(102, "runcloud", "erin", World.Key(2, "erin@desk"));
        });
        world.Shell.SetVariable("key", World.Key(1));
        return world;
    }
}
