using System.Management.Automation;
using System.Text.Json;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>What can be piped into what: typed objects, rows of a CSV file, objects that were saved and read again.</summary>
public sealed class BindingTests
{
    private const string NewKey = "$row = @{ ServerId = '101'; User = 'root'; Label = 'new'; PublicKey = $key }; ";

    [Theory]
    [InlineData("$servers | Get-RunCloudSshCredential")]
    [InlineData("Get-RunCloudSshCredential $servers")]
    [InlineData("Get-RunCloudSshCredential -Server $servers")]
    [InlineData("Get-RunCloudSshCredential -ServerId 101, 102")]
    [InlineData("Get-RunCloudSshCredential -ServerId $servers.Id")]
    [InlineData("[pscustomobject]@{ ServerId = '101' }, [pscustomobject]@{ ServerId = 102 } | Get-RunCloudSshCredential")]
    [InlineData("$servers | Get-RunCloudSshCredential | Get-RunCloudSshCredential -User root")]
    public async Task Servers_are_taken_by_value_or_by_their_ids(string script)
    {
        await using var world = await StartAsync();
        var result = await world.MustAsync("$servers = Get-RunCloudServer; " + script);
        Assert.Equal([17, 18], result.OutputOf<SshCredential>().Select(credential => credential.Id));
    }

    [Theory]
    [InlineData("'1,2'")]
    [InlineData("'1.4'")]
    [InlineData("'0x10'")]
    [InlineData("' 5 '")]
    [InlineData("\"5`n\"")]
    [InlineData("''")]
    [InlineData("'abc'")]
    [InlineData("'+17'")]
    [InlineData("'-17'")]
    [InlineData("'1e1'")]
    [InlineData("'1\u00a0700'")]
    [InlineData("'\u0661\u0667'")]
    [InlineData("'99999999999999999999'")]
    [InlineData("0")]
    [InlineData("-17")]
    [InlineData("17.0")]
    [InlineData("17d")]
    [InlineData("([double]17)")]
    [InlineData("$true")]
    [InlineData("([guid]::Empty)")]
    [InlineData("([DayOfWeek]'Monday')")]
    [InlineData("@{ a = 1 }")]
    [InlineData("$null")]
    public async Task An_invalid_id_is_refused_before_any_request(string value)
    {
        await using var world = await StartAsync();
        foreach (var culture in (string[])["", "de-DE", "th-TH"])
        {
            foreach (var script in Uses)
            {
                world.Requests.Clear();
                var result = await world.RunAsync($$"""
                    $ConfirmPreference = 'None'; [Threading.Thread]::CurrentThread.CurrentCulture = '{{culture}}'; $value = {{value}}
                    try { {{script}} } catch { $_ }
                    """);
                var errors = result.OutputOf<ErrorRecord>().Concat(result.Errors).ToList();
                Assert.True(errors.Count > 0, script);
                Assert.All(errors, error => Assert.True(error.Id() is "InvalidId" or "ParameterArgumentValidationErrorNullNotAllowed" or "ParameterArgumentValidationError", $"{script}: {error.FullyQualifiedErrorId}"));
                Assert.True(world.Requests.Count == 0, script);
            }
        }
    }

    /// <summary>Every way to give an id to a command.</summary>
    private static readonly string[] Uses =
    [
        "Get-RunCloudServer -Id $value",
        "Get-RunCloudSshCredential -ServerId $value",
        "Get-RunCloudSshCredential -ServerId 101 -Id $value",
        "Get-RunCloudSshCredential -ServerId 101 -Id 17, $value",
        "Get-RunCloudSshSession -ServerId $value",
        "Get-RunCloudSshSetting -ServerId $value",
        "Get-RunCloudSystemUser -ServerId $value",
        "Set-RunCloudSshSetting -ServerId $value -UseDns $true",
        "Add-RunCloudSshCredential -ServerId $value -User root -Label new -PublicKey $key",
        "Remove-RunCloudSshCredential -ServerId $value -Id 17",
        "Remove-RunCloudSshCredential -ServerId 101 -Id $value",
        "[pscustomobject]@{ ServerId = $value } | Get-RunCloudSshCredential",
        "[pscustomobject]@{ ServerId = 101; Id = $value } | Get-RunCloudSshCredential",
        "[pscustomobject]@{ ServerId = $value; Id = 17 } | Get-RunCloudSshCredential",
        "[pscustomobject]@{ ServerId = $value } | Get-RunCloudSshSession",
        "[pscustomobject]@{ ServerId = $value } | Get-RunCloudSshSetting",
        "[pscustomobject]@{ ServerId = $value } | Get-RunCloudSystemUser",
        "[pscustomobject]@{ ServerId = $value } | Set-RunCloudSshSetting -UseDns $true",
        "[pscustomobject]@{ ServerId = $value; User = 'root'; Label = 'new'; PublicKey = $key } | Add-RunCloudSshCredential",
        "[pscustomobject]@{ ServerId = $value; Id = 17 } | Remove-RunCloudSshCredential",
        "[pscustomobject]@{ ServerId = 101; Id = $value } | Remove-RunCloudSshCredential",
    ];

    [Fact]
    public async Task A_list_that_could_not_be_read_is_read_again_for_the_next_name()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Status(500), path: "/servers", times: 1);
        var result = await world.RunAsync("'nobody', 'web-01' | Get-RunCloudSshCredential");
        _ = Assert.Single(result.Errors).MustBe("ServerError", ErrorCategory.ResourceUnavailable);
        Assert.NotEmpty(result.Output);
    }

    [Fact]
    public async Task One_invalid_id_does_not_stop_the_others()
    {
        await using var world = await StartAsync();
        var result = await world.RunAsync("'1,7', '17' | ForEach-Object { [pscustomobject]@{ ServerId = '101'; Id = $_ } } | Remove-RunCloudSshCredential -Confirm:$false");
        Assert.Equal("InvalidId", Assert.Single(result.Errors).MustBe("InvalidId", ErrorCategory.InvalidArgument).Id());
        Assert.Contains("'1,7'", result.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.Equal([18], world.Fleet.Snapshot().Credentials.Select(credential => credential.Id));
    }

    [Theory]
    [InlineData("'web-01', 'WEB-0*' | Get-RunCloudSshCredential", "17 18", 1)]
    [InlineData("Get-RunCloudSshCredential web-02, web-02", "18", 1)]
    [InlineData("Get-RunCloudSshCredential 'x*'", "", 1)]
    [InlineData("[pscustomobject]@{ ServerId = '101'; Id = '17' }, [pscustomobject]@{ ServerId = 102 } | Get-RunCloudSshCredential", "17 18", 0)]
    [InlineData("$all | Get-RunCloudSshCredential", "17 18", 0)]
    [InlineData("$all + $all | Get-RunCloudSshCredential -User root", "17 18", 0)]
    public async Task A_name_or_an_object_with_a_server_is_accepted(string script, string ids, int listings)
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync("$all = Get-RunCloudServer | Get-RunCloudSshCredential");
        world.Requests.Clear();
        Assert.Equal(ids, string.Join(" ", (await world.MustAsync(script)).OutputOf<SshCredential>().Select(credential => credential.Id)));
        Assert.Equal(listings, world.Requests.All.Count(request => request.Matches("/servers")));
    }

    [Theory]
    [InlineData("101", "InvalidServerName")]
    [InlineData("''", "InvalidServerName")]
    [InlineData("[pscustomobject]@{ Name = 'web-01' }", "InvalidServerName")]
    [InlineData("@{ ServerId = 101 }", "InvalidServerName")]
    [InlineData("[datetime]::MinValue", "InvalidServerName")]
    [InlineData("'nope'", "ServerNotFound")]
    public async Task An_argument_that_selects_no_server_is_an_error_and_never_all(string given, string id)
    {
        await using var world = await StartAsync();
        foreach (var command in (string[])["Get-RunCloudSshCredential", "Get-RunCloudSshSession", "Set-RunCloudSshSetting -UseDns $true -Confirm:$false"])
        {
            world.Requests.Clear();
            Assert.Equal(id, (await world.FailsAsync($"$null = {given} | {command}")).Id());
            Assert.DoesNotContain(world.Requests.All, request => !request.Matches("/servers"));
        }
    }

    [Theory]
    [InlineData("$all | Remove-RunCloudSshCredential")]
    [InlineData("Remove-RunCloudSshCredential $all")]
    [InlineData("Remove-RunCloudSshCredential -InputObject $all")]
    [InlineData("[pscustomobject]@{ ServerId = '101'; Id = '17' }, [pscustomobject]@{ Id = 18; ServerId = 102 } | Remove-RunCloudSshCredential")]
    [InlineData("[pscustomobject]@{ ServerId = '101'; Id = '17' }, $all[1] | Remove-RunCloudSshCredential")]
    [InlineData("$all[0], [pscustomobject]@{ ServerId = '102'; Id = '18' } | Remove-RunCloudSshCredential")]
    [InlineData("$all | ForEach-Object { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($_)) } | Remove-RunCloudSshCredential")]
    [InlineData("$all | Select-Object Label, Id, ServerId | Remove-RunCloudSshCredential")]
    [InlineData("$all | Export-Clixml $path; Import-Clixml $path | Remove-RunCloudSshCredential")]
    [InlineData("Remove-RunCloudSshCredential -ServerId 101 -Id 17; Remove-RunCloudSshCredential -ServerId 102 -Id 18")]
    [InlineData("Get-RunCloudSshCredential -ServerId 101, 102 | Remove-RunCloudSshCredential")]
    public async Task Credentials_are_taken_by_value_or_by_their_two_ids(string script)
    {
        await using var world = await StartAsync();
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        world.Shell.SetVariable("path", path);
        try
        {
            _ = await world.MustAsync("$ConfirmPreference = 'None'; $all = Get-RunCloudServer | Get-RunCloudSshCredential; " + script);
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Empty(world.Fleet.Snapshot().Credentials);
        Assert.Equal(2, world.Requests.Changing.Count);
    }

    [Fact]
    public async Task Several_ids_of_one_server_are_removed_and_the_server_is_read_once()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(101, "root", "more", World.Key(2), id: 19);
        _ = await world.MustAsync("Remove-RunCloudSshCredential -ServerId 101 -Id 17, 19 -Confirm:$false");
        Assert.Equal([18], world.Fleet.Snapshot().Credentials.Select(credential => credential.Id));
        _ = Assert.Single(world.Requests.All, request => request.Matches("/servers/101"));
    }

    [Theory]
    [InlineData("Get-RunCloudServer | Remove-RunCloudSshCredential -Confirm:$false")]
    [InlineData("Get-RunCloudServer | Remove-RunCloudSshCredential -Confirm:$false -Id 17")]
    [InlineData("Get-RunCloudServer | Remove-RunCloudSshCredential -Confirm:$false -PassThru")]
    [InlineData("Get-RunCloudServer | Get-RunCloudServer")]
    public async Task A_server_never_binds_as_something_else(string script)
    {
        // The credentials have the same ids as their servers, so that confusing one with the other changes something.
        await using var world = await World.StartAsync(fleet =>
        {
            _ = fleet.AddCredential(fleet.AddServer("web-01", id: 101).Id, "root", "dave", World.Key(1), id: 101);
            _ = fleet.AddCredential(fleet.AddServer("web-02", id: 102).Id, "root", "dave", World.Key(1), id: 102);
        });
        var result = await world.RunAsync(script);
        Assert.NotEmpty(result.Errors);
        Assert.All(result.Errors, error => Assert.IsType<ParameterBindingException>(error.Exception, exactMatch: false));
        Assert.Empty(result.Output);
        Assert.Empty(result.Prompts);
        Assert.Equal(["/servers"], world.Requests.All.Select(request => request.Path["/api/v3".Length..]));
    }

    [Fact]
    public async Task No_parameter_has_an_alias_and_no_id_is_taken_from_the_pipeline_without_its_server()
    {
        using var shell = new Shell();
        var commands = (await shell.RunAsync("Get-Command -Noun RunCloud*", TestContext.Current.CancellationToken)).OutputOf<CommandInfo>();
        Assert.NotEmpty(commands);
        foreach (var command in commands)
        {
            var own = command.Parameters.Values.Where(parameter => parameter.Attributes.OfType<ParameterAttribute>().Any()
                && !Cmdlet.CommonParameters.Contains(parameter.Name) && !Cmdlet.OptionalCommonParameters.Contains(parameter.Name));
            Assert.All(own, parameter => Assert.Empty(parameter.Aliases));
            foreach (var set in command.ParameterSets)
            {
                if (set.Parameters.Any(parameter => parameter.Name == "Id" && parameter.ValueFromPipelineByPropertyName))
                {
                    Assert.Contains(set.Parameters, parameter => parameter is { Name: "ServerId", IsMandatory: true, ValueFromPipelineByPropertyName: true });
                }
            }
        }
    }

    [Theory]
    [InlineData("Temporary = $null", false)]
    [InlineData("Temporary = ''", false)]
    [InlineData("Temporary = ' '", false)]
    [InlineData("Temporary = 'True'", true)]
    [InlineData("Temporary = 'true'", true)]
    [InlineData("Temporary = 'False'", false)]
    [InlineData("Temporary = '1'", true)]
    [InlineData("Temporary = '0'", false)]
    [InlineData("Temporary = $true", true)]
    [InlineData("Temporary = $false", false)]
    [InlineData("Temporary = [switch]$true", true)]
    [InlineData("Temporary = [switch]$false", false)]
    [InlineData("Temporary = 1", true)]
    [InlineData("Temporary = 0", false)]
    [InlineData("Temporary = 0.0", false)]
    [InlineData("Temporary = [psobject]$true", true)]
    [InlineData("Other = 1", false)]
    public async Task Temporary_means_what_a_row_says(string property, bool expected)
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync(NewKey + $"$row += @{{ {property} }}; [pscustomobject]$row | Add-RunCloudSshCredential");
        Assert.Equal(expected, Assert.Single(world.Fleet.Snapshot().Credentials, credential => credential.Label == "new").Temporary);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("-Temporary", true)]
    [InlineData("-Temporary:$true", true)]
    [InlineData("-Temporary:$false", false)]
    [InlineData("-Temporary:$null", false)]
    public async Task Temporary_is_a_switch_when_it_is_typed(string argument, bool expected)
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync($"Add-RunCloudSshCredential -ServerId 101 -User root -Label new -PublicKey $key {argument}");
        Assert.Equal(expected, Assert.Single(world.Fleet.Snapshot().Credentials, credential => credential.Label == "new").Temporary);
    }

    [Fact]
    public async Task A_temporary_that_cannot_be_read_adds_nothing()
    {
        await using var world = await StartAsync();
        var result = await world.RunAsync(NewKey + "$row.Temporary = 'maybe'; [pscustomobject]$row | Add-RunCloudSshCredential");
        Assert.IsType<ParameterBindingException>(Assert.Single(result.Errors).Exception, exactMatch: false);
        Assert.Empty(world.Requests.All);
    }

    [Theory]
    [InlineData("Label = 2026")]
    [InlineData("ServerId = [int]101; Label = 2026")]
    [InlineData("ServerId = [long[]]101; Label = 2026; Temporary = $false")]
    public async Task Numbers_do_where_a_row_should_have_text(string properties)
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync($"$row = @{{ ServerId = '101'; User = 'root'; PublicKey = $key }}; foreach ($e in @{{ {properties} }}.GetEnumerator()) {{ $row[$e.Key] = $e.Value }}; [pscustomobject]$row | Add-RunCloudSshCredential");
        Assert.Contains(world.Fleet.Snapshot().Credentials, credential => credential.Label == "2026");
    }

    [Fact]
    public async Task Values_of_one_row_do_not_carry_over_to_the_next()
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync(NewKey + """
            $row.Temporary = 'True'
            $second = [pscustomobject]@{ ServerId = 102; User = 'root'; Label = 'new-2'; PublicKey = $key }
            [pscustomobject]$row, $second | Add-RunCloudSshCredential
            """);
        Assert.Equal(
            [("new", true), ("new-2", false)],
            world.Fleet.Snapshot().Credentials.Where(credential => credential.Label.StartsWith("new", StringComparison.Ordinal)).Select(credential => (credential.Label, credential.Temporary)).Order());
    }

    [Theory]
    [InlineData("$saved = $all")]
    [InlineData("$saved = $all | Select-Object ServerId, User, Label, PublicKey, Temporary")]
    [InlineData("$saved = $all | ForEach-Object { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($_)) }")]
    [InlineData("$saved = $all | ForEach-Object { [pscustomobject]@{ ServerId = \"$($_.ServerId)\"; User = \"$($_.User)\"; Label = \"$($_.Label)\"; PublicKey = \"$($_.PublicKey)\"; Temporary = \"$($_.Temporary)\" } }")]
    [InlineData("$saved = $removals")]
    public async Task Removed_credentials_are_restored_from_the_undo_file(string save)
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(102, "runcloud", "short", World.Key(3), temporary: true, id: 20);
        var before = world.Fleet.Snapshot().Credentials.Select(Content).ToList();

        _ = await world.MustAsync($$"""
            $all = Get-RunCloudServer | Get-RunCloudSshCredential | ForEach-Object { Get-RunCloudSshCredential -ServerId $_.ServerId -Id $_.Id }
            $removals = $all | Remove-RunCloudSshCredential -Confirm:$false -PassThru
            {{save}}
            """);
        Assert.Empty(world.Fleet.Snapshot().Credentials);
        _ = await world.MustAsync("$saved | Add-RunCloudSshCredential");

        // They are added side by side, so in any order.
        Assert.Equal(before.Order(), world.Fleet.Snapshot().Credentials.Select(Content).Order());

        static (long ServerId, string User, string Label, string PublicKey, bool Temporary) Content(FleetCredential credential) =>
            (credential.ServerId, credential.User, credential.Label, credential.PublicKey, credential.Temporary);
    }

    [Theory]
    [InlineData("$servers | Add-RunCloudSshCredential -User root -Label new -PublicKey $key")]
    [InlineData("Add-RunCloudSshCredential $servers -User root -Label new -PublicKey $key")]
    [InlineData("Add-RunCloudSshCredential -ServerId 101, 102 -User root -Label new -PublicKey $key")]
    [InlineData("[pscustomobject]@{ Server = $servers; Label = 'new' } | Add-RunCloudSshCredential -User root -PublicKey $key")]
    [InlineData("'101', '102' | ForEach-Object { [pscustomobject]@{ Server = 'web-01'; ServerId = $_; Label = 'new' } } | Add-RunCloudSshCredential -User root -PublicKey $key")]
    public async Task A_key_is_added_to_servers_by_value_by_property_or_by_id(string script)
    {
        await using var world = await StartAsync();
        var result = await world.MustAsync("$servers = Get-RunCloudServer; " + script);
        Assert.Empty(result.Output);
        Assert.Equal([101L, 102L], world.Fleet.Snapshot().CopiesOf(World.Key(9)).Select(credential => credential.ServerId));
        var body = JsonDocument.Parse(world.Requests.Changing[0].Body!).RootElement;
        Assert.Equal(
            ["label", "publicKey", "temporary", "username"],
            body.EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_credential_that_was_added_comes_out_when_asked_for()
    {
        await using var world = await StartAsync();
        var result = await world.MustAsync("Get-RunCloudServer web-01 | Add-RunCloudSshCredential -User root -Label new -PublicKey \"  $key  \" -Temporary -PassThru");
        var added = Assert.Single(result.OutputOf<SshCredential>());
        var real = Assert.Single(world.Fleet.Snapshot().Credentials, credential => credential.Label == "new");
        Assert.Equal((real.Id, 101, "web-01", "root", World.Key(9), true), (added.Id, added.ServerId, added.ServerName, added.User, added.PublicKey, added.Temporary));
    }

    [Theory]
    [InlineData("Get-RunCloudSshCredential -ServerId @()")]
    [InlineData("Get-RunCloudSshCredential -ServerId 101 -Key ''")]
    [InlineData("Get-RunCloudSshCredential -ServerId 101 -ThrottleLimit 0")]
    [InlineData("Get-RunCloudSshCredential -ServerId 101 -ThrottleLimit 65")]
    [InlineData("Get-RunCloudServer web-01 -Id 101")]
    [InlineData("Add-RunCloudSshCredential -ServerId 101 -User '' -Label x -PublicKey $key")]
    [InlineData("Remove-RunCloudSshCredential -ServerId 101 -Id @() -Confirm:$false")]
    [InlineData("Remove-RunCloudSshCredential -InputObject $null -Confirm:$false")]
    [InlineData("Get-RunCloudSshSession -ServerId @()")]
    [InlineData("Get-RunCloudSshSession -ServerId 101 -User ''")]
    [InlineData("Get-RunCloudSystemUser -ServerId 101 -Key ''")]
    [InlineData("Get-RunCloudSystemUser -ServerId 101 -Id 1")]
    [InlineData("Set-RunCloudSshSetting -ServerId @() -UseDns $true -Confirm:$false")]
    public async Task Arguments_that_make_no_sense_are_refused_before_anything_is_sent(string script)
    {
        await using var world = await StartAsync();
        var result = await world.RunAsync(script);
        Assert.IsType<ParameterBindingException>(Assert.Single(result.Errors).Exception, exactMatch: false);
        Assert.Empty(world.Requests.All);
    }

    private static async Task<World> StartAsync()
    {
        var world = await World.StartAsync(fleet =>
        {
            _ = fleet.AddCredential(fleet.AddServer("web-01", id: 101).Id, "root", "dave", World.Key(1), id: 17);
            _ = fleet.AddCredential(fleet.AddServer("web-02", id: 102).Id, "root", "dave", World.Key(1), id: 18);
        });
        world.Shell.SetVariable("key", World.Key(9));
        return world;
    }
}
