using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Examples;

/// <summary><c>Remove-RootKey.ps1</c>: keys of root are removed, and nobody is locked out.</summary>
public sealed class RemoveRootKeyTests
{
    private const string Example = "Remove-RootKey";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_runs_with_WhatIf_unless_forced()
    {
        await using var night = await Night.FallAsync();
        var rehearsal = await night.EndsWithAsync(2, Example, "-Folder", night.Folder);
        Assert.Equal(OfRoot(night).Count, rehearsal.Output.Split('\n').Count(line => line.StartsWith("What if: ", StringComparison.Ordinal)));
        Assert.Contains("This was a rehearsal: nothing was removed.", rehearsal.Errors, StringComparison.Ordinal);
        Assert.Empty(night.Simulator.Requests.Changing);
        Assert.Empty(Directory.GetFiles(night.Folder));

        var result = await night.EndsWithAsync(0, Example, "-Folder", night.Folder, "-Force");
        Assert.Equal(OfRoot(night), night.Gone);
        Assert.Contains("No key of root is left on the 4 servers; 3 were removed.", result.Output, StringComparison.Ordinal);

        // The goal is reached: there is nothing left to do, and no undo file.
        var undo = night.Only("*");
        _ = await night.EndsWithAsync(0, Example, "-Folder", night.Folder);
        _ = await night.EndsWithAsync(0, Example, "-Folder", night.Folder, "-Force");
        Assert.Equal(undo, night.Only("*"));
    }

    [Fact]
    public async Task The_undo_file_puts_them_back_temporary_ones_too()
    {
        await using var night = await Night.FallAsync(fleet => fleet.AddCredential(102, "root", "support", TestKeys.Line(SshKeyKind.Ed25519, 21), temporary: true));
        _ = await night.EndsWithAsync(0, Example, "-Folder", night.Folder, "-Force");
        Assert.Equal(4, night.Gone.Count);
        Assert.Matches(@"^remove-root-2\d{3}(0\d|1[0-2])[0-3]\d-[0-2]\d[0-5]\d[0-5]\d-\d{3}\.undo\.xml$", Path.GetFileName(night.Only("*")));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(night.Only("*")));
        }

        using var shell = new Shell();
        shell.SetVariable("undo", night.Only("*.undo.xml"));
        shell.SetVariable("token", World.Secret(night.Simulator.Token));
        var result = await shell.RunAsync(
            $"Connect-RunCloud -Token $token -Endpoint {night.Simulator.Endpoint}; Import-Clixml $undo | Add-RunCloudSshCredential", Token);
        Assert.Empty(result.Errors);
        Assert.Equal(Comparable(night.Before.Credentials), Comparable(night.Simulator.Fleet.Snapshot().Credentials));
    }

    public static TheoryData<string, string> WaysIn { get; } = new()
    {
        { "nobody", "" },
        { "an unreadable key", "odd" },
        { "a temporary key", "support" },
    };

    [Theory]
    [MemberData(nameof(WaysIn))]
    public async Task A_server_without_other_access_keeps_them(string other, string label)
    {
        await using var night = await Night.FallAsync(fleet =>
        {
            _ = fleet.AddServer("lone-01", id: 105);
            _ = fleet.AddCredential(105, "root", "ops", TestKeys.Line(SshKeyKind.Ed25519, 21));
            if (label.Length > 0)
            {
                _ = fleet.AddCredential(105, "deploy", label, label == "odd" ? TestKeys.Unparsable(1) : TestKeys.Line(SshKeyKind.Ed25519, 22), temporary: label == "support");
            }
        });
        Assert.NotEmpty(other);
        var result = await night.EndsWithAsync(2, Example, "-Folder", night.Folder, "-Force");
        Assert.Contains("lone-01 keeps its keys of root (1): no other user is known to have a permanent key there.", result.Errors, StringComparison.Ordinal);
        Assert.Equal(OfRoot(night, 101, 102), night.Gone);
    }

    [Fact]
    public async Task Only_users_who_are_named_count_as_another_way_in()
    {
        // powershell -File passes a list as one string.
        await using var night = await Night.FallAsync(fleet => fleet.AddCredential(102, "admin", "ops2", TestKeys.Line(SshKeyKind.Ed25519, 21)));
        var result = await night.EndsWithAsync(2, Example, "-Folder", night.Folder, "-Force", "-OtherUser", "adm*, nobody");
        Assert.Contains("web-01 keeps its keys of root (2): ", result.Errors, StringComparison.Ordinal);
        Assert.Equal(OfRoot(night, 102), night.Gone);
    }

    [Fact]
    public async Task Only_servers_that_are_named_are_touched()
    {
        await using var night = await Night.FallAsync();
        _ = await night.EndsWithAsync(0, Example, "-Folder", night.Folder, "-Force", "-Server", "db-*,web-02");
        Assert.Equal(OfRoot(night, 102), night.Gone);
        var unknown = await night.EndsWithAsync(2, Example, "-Folder", night.Folder, "-Force", "-Server", "web-02,web-2");
        Assert.Contains("There is no server named 'web-2'", unknown.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task A_server_that_does_not_answer_keeps_them(bool online, bool connected)
    {
        await using var night = await Night.FallAsync(fleet => fleet.UpdateServer(102, server => server with { Online = online, Connected = connected }));
        var result = await night.EndsWithAsync(2, Example, "-Folder", night.Folder, "-Force");
        Assert.Contains("web-02 keeps its keys of root (1): it is offline or was never connected.", result.Errors, StringComparison.Ordinal);
        Assert.Equal(OfRoot(night, 101), night.Gone);
    }

    public static TheoryData<string, string> Unread { get; } = new()
    {
        { "/servers/102/ssh/credentials", "web-02" },
        { "/servers/102/ssh/credentials/*", "web-02 keeps its keys of root (1): " },
    };

    [Theory]
    [MemberData(nameof(Unread))]
    public async Task A_server_that_cannot_be_read_keeps_them(string path, string expected)
    {
        await using var night = await Night.FallAsync();
        _ = night.Simulator.Faults.Add(Fault.Status(403), "GET", path);
        var result = await night.EndsWithAsync(2, Example, "-Folder", night.Folder, "-Force");
        Assert.Contains(expected, result.Errors, StringComparison.Ordinal);
        Assert.Equal(OfRoot(night, 101), night.Gone);
    }

    [Fact]
    public async Task A_key_of_root_that_cannot_be_read_individually_is_kept()
    {
        await using var night = await Night.FallAsync();
        _ = night.Simulator.Faults.Add(Fault.Status(403), "GET", "/servers/101/ssh/credentials/17");
        var result = await night.EndsWithAsync(2, Example, "-Folder", night.Folder, "-Force");
        Assert.Contains("web-01 keeps its keys of root (2): they could not be read one by one.", result.Errors, StringComparison.Ordinal);
        Assert.Equal(OfRoot(night, 102), night.Gone);
    }

    [Fact]
    public async Task A_removal_that_fails_is_told()
    {
        await using var night = await Night.FallAsync();
        _ = night.Simulator.Faults.Add(Fault.Status(403), "DELETE", "/servers/101/ssh/credentials/17");
        var result = await night.EndsWithAsync(2, Example, "-Folder", night.Folder, "-Force");
        Assert.Contains("'dave' of root on web-01: Failed", result.Output, StringComparison.Ordinal);
        Assert.Contains("Not finished: 2 keys of root are gone.", result.Errors, StringComparison.Ordinal);
        Assert.Equal(OfRoot(night).Where(id => id != 17), night.Gone);
    }

    [Fact]
    public async Task A_token_that_expires_during_the_run_is_not_a_failed_start()
    {
        await using var night = await Night.FallAsync();
        _ = night.Simulator.Faults.Add(Fault.Unauthorized, "DELETE", from: 2);
        var result = await night.EndsWithAsync(2, Example, "-Folder", night.Folder, "-Force");
        Assert.Contains("the token is wrong or revoked", result.Errors, StringComparison.Ordinal);
        Assert.Contains("Not finished: ", result.Errors, StringComparison.Ordinal);
        _ = night.Only("*.undo.xml");
    }

    [Theory]
    [InlineData("$ErrorActionPreference = 'Ignore'")]
    [InlineData("$ErrorActionPreference = 'Stop'")]
    [InlineData("$WarningPreference = 'Stop'; $ConfirmPreference = 'Low'; $ProgressPreference = 'Stop'")]
    [InlineData("$WhatIfPreference = $true")]
    [InlineData("$PSDefaultParameterValues = @{ 'Remove-RunCloudSshCredential:WhatIf' = $true }")]
    public async Task Preference_variables_do_not_turn_a_failure_into_a_success(string preference)
    {
        await using var night = await Night.FallAsync();
        _ = night.Simulator.Faults.Add(Fault.Status(403), "DELETE", "/servers/101/ssh/credentials/17");
        using var shell = new Shell(new ShellOptions { Mode = ShellMode.NonInteractive });
        shell.SetVariable("script", Path.Combine(Night.Examples, Example + ".ps1"));
        shell.SetVariable("token", World.Secret(night.Simulator.Token));
        var result = await shell.RunAsync(
            $"Connect-RunCloud -Token $token -Endpoint {night.Simulator.Endpoint}\n{preference}\n& $script -Folder '{night.Folder}' -Force\n$LASTEXITCODE", Token);
        Assert.Null(result.Terminating);
        Assert.Equal(2, result.Output[^1].BaseObject);
        Assert.Contains(Example + ": ", result.Screen, StringComparison.Ordinal);
        Assert.Equal(preference.StartsWith("$WhatIfPreference", StringComparison.Ordinal), Directory.GetFiles(night.Folder).Length == 0);
    }

    private static IReadOnlyList<long> OfRoot(Night night, params long[] servers) =>
    [
        .. night.Before.Credentials.Where(credential => credential.User == "root" && (servers.Length == 0 || servers.Contains(credential.ServerId)))
            .Select(credential => credential.Id),
    ];

    private static IEnumerable<string> Comparable(IEnumerable<FleetCredential> credentials) =>
        credentials.Select(credential => $"{credential.ServerId} {credential.User} {credential.Label} {credential.PublicKey} {credential.Temporary}").Order(StringComparer.Ordinal);
}
