using System.Management.Automation;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>-UndoPath: credentials are saved completely before they are removed, and are restored as they were.</summary>
public sealed class UndoTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Undo => Path.Combine(_folder.Path, "undo.xml");

    private string Job => $"Revoke-RunCloudSshKey -Key $key -Confirm:$false -UndoPath '{Undo}'";

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Undo_restores_label_user_key_and_temporary_flag(bool temporaryInLists)
    {
        await using var world = await StartAsync(new SimulatorOptions { TemporaryInLists = temporaryInLists, AcceptKeyOptions = true });
        var before = Everything(world);
        _ = await world.MustAsync(Job);
        Assert.Single(Everything(world));
        Assert.Equal(temporaryInLists ? 0 : 4, world.Requests.All.Count(request => request.Method == "GET" && request.Matches("/servers/*/ssh/credentials/*")));
        _ = await world.MustAsync($"Import-Clixml -Path '{Undo}' | Add-RunCloudSshCredential");
        Assert.Equal(before, Everything(world));
    }

    [Fact]
    public async Task It_is_written_whole_before_the_first_removal_and_for_its_owner_alone()
    {
        await using var world = await StartAsync();
        string? seen = null;
        _ = world.Faults.Add(Fault.Answering("looks", answer =>
        {
            seen ??= File.ReadAllText(Undo);
            return answer;
        }), method: "DELETE");
        _ = await world.MustAsync(Job);
        Assert.Equal(await File.ReadAllTextAsync(Undo, TestContext.Current.CancellationToken), seen);
        Assert.Equal(4, PSSerializer.DeserializeAsList(seen).Length);
        Assert.Equal(["undo.xml"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
        if (World.HasUnixFiles)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Undo));
        }
    }

    [Fact]
    public async Task A_saved_credential_has_its_date_in_UTC()
    {
        await using var world = await StartAsync();
        var dates = world.Fleet.Snapshot().Credentials.ToDictionary(credential => credential.Id, credential => credential.CreatedAt.UtcDateTime);
        _ = await world.MustAsync(Job);
        var saved = PSSerializer.DeserializeAsList(await File.ReadAllTextAsync(Undo, TestContext.Current.CancellationToken)).Cast<PSObject>();
        Assert.All(saved, item =>
        {
            var date = Assert.IsType<DateTime>(item.Properties["CreatedAt"].Value);
            Assert.Equal((dates[(long)item.Properties["Id"].Value], DateTimeKind.Utc), (date, date.Kind));
        });
    }

    [Fact]
    public async Task A_second_run_to_the_same_file_is_refused_before_anything_is_sent()
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync(Job);
        var first = await File.ReadAllTextAsync(Undo, TestContext.Current.CancellationToken);
        world.Requests.Clear();
        Assert.Equal(Undo, (await world.ThrowsAsync(Job)).MustBe("UndoPathExists", ErrorCategory.ResourceExists).TargetObject);
        Assert.Equal(0, world.Requests.Count);
        Assert.Equal(first, await File.ReadAllTextAsync(Undo, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_created_in_the_meantime_is_not_overwritten_and_nothing_is_removed()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Answering("another writes", answer =>
        {
            File.WriteAllText(Undo, "another's");
            return answer;
        }), path: "/servers/102/ssh/credentials");
        Assert.Equal(Undo, (await world.ThrowsAsync(Job)).MustBe("UndoNotSaved", ErrorCategory.WriteError).TargetObject);
        Assert.Empty(world.Requests.Changing);
        Assert.Equal("another's", await File.ReadAllTextAsync(Undo, TestContext.Current.CancellationToken));
        Assert.Equal([Undo], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task If_nothing_is_found_there_is_no_file()
    {
        await using var world = await StartAsync();
        world.Shell.SetVariable("key", World.Key(99));
        _ = await world.MustAsync(Job);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task An_unreadable_flag_is_a_warning_and_the_key_is_removed_anyway()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Status(500), method: "GET", path: "/servers/*/ssh/credentials/18");
        var result = await world.MustAsync(Job);
        Assert.Contains(result.Warnings, warning => warning.Contains("(id 18, ", StringComparison.Ordinal) && warning.Contains("as a permanent key", StringComparison.Ordinal));
        Assert.Single(Everything(world));
        Assert.Equal(4, PSSerializer.DeserializeAsList(await File.ReadAllTextAsync(Undo, TestContext.Current.CancellationToken)).Length);
    }

    [Fact]
    public async Task Expired_temporary_keys_are_not_restored()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Custom("expires", exchange =>
        {
            _ = world.Fleet.RemoveCredential(101, 18);
            return exchange.SendAsync(exchange.Perform());
        }), method: "GET", path: "/servers/*/ssh/credentials/18");
        var result = await world.MustAsync(Job);
        Assert.Contains(result.OutputOf<SshKeyRevocation>()[0].Removals, removal => removal is { Id: 18, Status: "AlreadyAbsent" });
        Assert.DoesNotContain(18L, PSSerializer.DeserializeAsList(await File.ReadAllTextAsync(Undo, TestContext.Current.CancellationToken)).Select(item => (long)((PSObject)item).Properties["Id"].Value));
    }

    [Fact]
    public async Task A_credential_reported_missing_but_still_listed_is_saved()
    {
        await using var world = await StartAsync(new SimulatorOptions { AcceptKeyOptions = true });
        _ = world.Faults.Add(Fault.Status(404, "Resources not found."), method: "GET", path: "/servers/*/ssh/credentials/*");
        var before = Everything(world);
        var result = await world.MustAsync(Job);
        Assert.Equal(4, result.Warnings.Count(warning => warning.EndsWith("The list still has it.", StringComparison.Ordinal)));
        world.Faults.Clear();
        _ = await world.MustAsync($"Import-Clixml -Path '{Undo}' | Add-RunCloudSshCredential");
        Assert.Equal(before.Select(line => line.Replace(" True ", " False ", StringComparison.Ordinal)), Everything(world));
    }

    [Fact]
    public async Task If_all_keys_have_expired_nothing_is_restored()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Custom("expires", exchange =>
        {
            foreach (var copy in world.Fleet.Snapshot().CopiesOf(World.Key(1)))
            {
                _ = world.Fleet.RemoveCredential(copy.ServerId, copy.Id);
            }

            return exchange.SendAsync(exchange.Perform());
        }), method: "GET", path: "/servers/*/ssh/credentials/*");
        _ = await world.MustAsync(Job);
        _ = await world.MustAsync($"Import-Clixml -Path '{Undo}' | Add-RunCloudSshCredential");
        Assert.Single(Everything(world));
    }

    [Theory]
    [InlineData("no key")]
    [InlineData("key cut short")]
    [InlineData("no user, no label, no name")]
    public async Task An_incomplete_individual_answer_removes_nothing_from_the_file(string fault)
    {
        await using var world = await StartAsync(new SimulatorOptions { AcceptKeyOptions = true });
        var before = Everything(world);
        _ = world.Faults.Add(Fault.Catalogue.Single(other => other.Name == fault), method: "GET", path: "/servers/*/ssh/credentials/*");
        _ = await world.MustAsync(Job);
        Assert.Single(Everything(world));
        _ = await world.MustAsync($"Import-Clixml -Path '{Undo}' | Add-RunCloudSshCredential");
        Assert.Equal(before, Everything(world));
    }

    [Fact]
    public async Task An_answer_that_does_not_say_whether_a_key_is_temporary_is_a_warning()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Each("no flag", json => json.Remove("temporary")), method: "GET", path: "/servers/*/ssh/credentials/18");
        var result = await world.MustAsync(Job);
        Assert.Contains(result.Warnings, warning => warning.StartsWith("It is not known whether 'dave-2'", StringComparison.Ordinal) && warning.EndsWith("does not say.", StringComparison.Ordinal));
        Assert.DoesNotContain(result.Warnings, warning => warning.StartsWith("It is not known whether 'dave' ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_label_taken_in_the_meantime_is_an_error_for_that_row_only()
    {
        await using var world = await StartAsync(new SimulatorOptions { AcceptKeyOptions = true });
        _ = await world.MustAsync(Job);
        _ = world.Fleet.AddCredential(101, "root", "dave-2", World.Key(5));
        var result = await world.RunAsync($"Import-Clixml -Path '{Undo}' | Add-RunCloudSshCredential");
        Assert.Contains("'dave-2' for runcloud on server 101", Assert.Single(result.Errors).MustBe("ValidationFailed", ErrorCategory.InvalidArgument).Exception.Message, StringComparison.Ordinal);
        Assert.Equal(2 + 3, Everything(world).Length);
    }

    private static string[] Everything(World world) => [.. world.Fleet.Snapshot().Credentials
        .Select(credential => $"{credential.ServerId} {credential.User} {credential.Label} {credential.Temporary} {credential.PublicKey}")
        .Order(StringComparer.Ordinal)];

    [Fact]
    public async Task A_key_with_options_that_RunCloud_refuses_is_an_error_for_that_row_only()
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync(Job);
        var result = await world.RunAsync($"Import-Clixml -Path '{Undo}' | Add-RunCloudSshCredential");
        var refused = Assert.Single(result.Errors).MustBe("ValidationFailed", ErrorCategory.InvalidArgument).Exception.Message;
        Assert.Contains("'007' for deploy on server 102", refused, StringComparison.Ordinal);
        Assert.Contains("authorized_keys options (no-pty)", refused, StringComparison.Ordinal);
        Assert.Contains("into authorized_keys on the server by hand", refused, StringComparison.Ordinal);
        Assert.Equal(1 + 3, Everything(world).Length);
        Assert.DoesNotContain(Everything(world), line => line.StartsWith("102 deploy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_run_adds_nothing_twice_and_says_again_what_is_refused()
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync(Job);
        var first = await world.RunAsync($"Import-Clixml -Path '{Undo}' | Add-RunCloudSshCredential");
        var after = Everything(world);
        var second = await world.RunAsync($"Import-Clixml -Path '{Undo}' | Add-RunCloudSshCredential");
        Assert.Equal(after, Everything(world));
        Assert.Equal(Assert.Single(first.Errors).ToString(), Assert.Single(second.Errors).ToString());
        Assert.DoesNotContain("already been taken", second.Errors[0].ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Revoke-RunCloudSshKey -Key $key -UndoPath $undo -WhatIf", true)]
    [InlineData("Revoke-RunCloudSshKey -Key $key -UndoPath $undo -Confirm:$false", true)]
    [InlineData("Update-RunCloudSshKey -Key $key -NewPublicKey $new -WhatIf", true)]
    [InlineData("Revoke-RunCloudSshKey -Key $key -WhatIf", false)]
    [InlineData("Revoke-RunCloudSshKey -Key $key -User root -UndoPath $undo -WhatIf", false)]
    public async Task The_plan_names_the_keys_with_options_that_may_not_come_back(string script, bool warns)
    {
        await using var world = await StartAsync(new SimulatorOptions { AcceptKeyOptions = true });
        world.Shell.SetVariable("undo", Undo);
        world.Shell.SetVariable("new", World.Key(9));
        var result = await world.MustAsync(script);
        var told = result.Warnings.Where(warning => warning.StartsWith("1 of these keys have authorized_keys options", StringComparison.Ordinal)).ToList();
        Assert.Equal(warns ? 1 : 0, told.Count);
        Assert.All(told, warning => Assert.Contains("'007' of deploy", warning, StringComparison.Ordinal));
    }

    private static async Task<World> StartAsync(SimulatorOptions? options = null)
    {
        var world = await World.StartAsync(
            fleet =>
            {
                _ = fleet.AddServer("web-01", id: 101);
                _ = fleet.AddServer("web-02", id: 102);
                _ = fleet.AddCredential(101, "root", "dave", World.Key(1), id: 17);
                _ = fleet.AddCredential(101, "runcloud", "dave-2", World.Key(1, "späte Ärgernisse & <tags> \"quoted\" _x000A_"), temporary: true, id: 18);
                _ = fleet.AddCredential(102, "root", "dave", World.Key(1), id: 19);
                _ = fleet.AddCredential(102, "deploy", "007", "no-pty " + World.Key(1), temporary: true, id: 20);
                _ = fleet.AddCredential(102, "root", "eve", World.Key(2), id: 21);
            },
            options ?? new SimulatorOptions());
        world.Shell.SetVariable("key", World.Key(1));
        return world;
    }
}
