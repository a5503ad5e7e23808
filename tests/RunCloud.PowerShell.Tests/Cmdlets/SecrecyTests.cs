using System.Management.Automation;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>The token appears nowhere.</summary>
public sealed class SecrecyTests
{
    private const string Job = """
        $VerbosePreference = 'Continue'; $DebugPreference = 'Continue'; $InformationPreference = 'Continue'
        Connect-RunCloud -Token $token -Endpoint $endpoint -MaximumRetryCount 1 -MaximumWaitSec 1 -PassThru
        Get-RunCloudContext
        $servers = Get-RunCloudServer; $servers
        $all = $servers | Get-RunCloudSshCredential; $all
        $servers | Get-RunCloudSshSession
        $servers | Get-RunCloudSshSetting
        $servers | Get-RunCloudSystemUser
        $servers | Set-RunCloudSshSetting -UseDns $true -Confirm:$false -PassThru
        Add-RunCloudSshCredential -ServerId 101 -User root -Label new -PublicKey $key -PassThru
        $all | Remove-RunCloudSshCredential -Confirm:$false -PassThru
        Remove-RunCloudSshCredential -ServerId 101 -Id 999 -Confirm:$false -PassThru
        $Error
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_token_is_in_no_stream_and_no_object_of_a_whole_job()
    {
        await using var world = await StartAsync();
        var result = await world.RunAsync(Job);
        Assert.Empty(result.Errors);
        Assert.NotEmpty(result.Verbose);
        Assert.NotEmpty(result.Debug);
        await MustNotShowAsync(world, result);
    }

    [Theory]
    [InlineData("401")]
    [InlineData("403")]
    [InlineData("404")]
    [InlineData("422")]
    [InlineData("429")]
    [InlineData("500")]
    [InlineData("302")]
    [InlineData("html")]
    [InlineData("json")]
    [InlineData("header")]
    public async Task The_token_is_in_no_error_though_the_server_sends_it_back(string kind)
    {
        await using var world = await StartAsync();
        var struck = world.Faults.Add(Echo(kind), where: request => request.Path != "/api/v3/ping");
        var result = await world.RunAsync(Job);
        Assert.NotEqual(0, struck.Struck);
        await MustNotShowAsync(world, result);
    }

    [Theory]
    [InlineData("401")]
    [InlineData("422")]
    [InlineData("302")]
    [InlineData("json")]
    public async Task The_token_is_in_no_error_of_connecting(string kind)
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Echo(kind));
        var result = await world.RunAsync(Job);
        Assert.NotEmpty(result.Errors);
        await MustNotShowAsync(world, result);
    }

    [Theory]
    [InlineData("Connect-RunCloud -Token $plain -Endpoint $endpoint")]
    [InlineData("Connect-RunCloud $plain -Endpoint $endpoint")]
    [InlineData("Connect-RunCloud -Token ([psobject]$plain) -Endpoint $endpoint")]
    [InlineData("Connect-RunCloud -Token @($plain) -Endpoint $endpoint")]
    [InlineData("Connect-RunCloud -Token ([pscustomobject]@{ Token = $plain }) -Endpoint $endpoint")]
    [InlineData("$arguments = @{ Token = $plain; Endpoint = $endpoint }; Connect-RunCloud @arguments")]
    public async Task A_plain_token_is_refused_without_being_shown(string script)
    {
        await using var world = await StartAsync();
        world.Shell.SetVariable("plain", world.Api.Token);
        var result = await world.RunAsync(script);
        Assert.Contains("SecureString", Assert.Single(result.Errors).ToString(), StringComparison.Ordinal);
        Assert.Contains("RUNCLOUD_API_TOKEN", result.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.Empty(world.Requests.All);
        await MustNotShowAsync(world, result);
    }

    [Fact]
    public async Task A_label_or_name_cannot_write_to_the_terminal()
    {
        await using var world = await World.StartAsync(fleet =>
            _ = fleet.AddCredential(fleet.AddServer("web\u001b[2J-01", id: 101).Id, "ro\rot", "da\u001b]0;x\u0007ve", "rubbish\u001b[31m", id: 17));
        _ = world.Faults.Add(Fault.Status(403, "no\u001b[2Jway"), method: "DELETE");
        var result = await world.RunAsync("""
            $VerbosePreference = 'Continue'
            Get-RunCloudServer | Get-RunCloudSshCredential | Remove-RunCloudSshCredential -WhatIf
            Get-RunCloudServer | Get-RunCloudSshCredential | Remove-RunCloudSshCredential -Confirm:$false
            Remove-RunCloudSshCredential -ServerId 101 -Id 99 -Confirm:$false
            """);
        Assert.NotEmpty(result.Errors);
        var told = string.Join("\n", result.Errors.Select(error => error + error.ErrorDetails.Message).Concat(result.Warnings).Concat(result.Verbose).Append(result.Screen));
        Assert.DoesNotContain('\u001b', told);
        Assert.DoesNotContain('\u0007', told);
        Assert.DoesNotContain('\r', told);
    }

    [Fact]
    public async Task A_label_or_name_cannot_hide_or_reorder_what_a_terminal_shows()
    {
        string[] unseen = ["\u202e", "\u2066", "\u200b", "\u200e", "\ufeff", "\u00ad", "\u2028", "\U000e0041"];
        var all = string.Concat(unseen);
        await using var world = await World.StartAsync(fleet =>
            _ = fleet.AddCredential(fleet.AddServer($"web{all}-01", id: 101).Id, $"ro{all}ot", $"da{all}ve", World.Key(1, $"da{all}ve"), id: 17));
        _ = world.Faults.Add(Fault.Status(403, $"no{all}way"), method: "DELETE");
        const string Script = """
            $VerbosePreference = 'Continue'
            Get-RunCloudServer
            Get-RunCloudServer | Format-List
            Get-RunCloudServer | Get-RunCloudSshCredential
            Get-RunCloudServer | Get-RunCloudSshCredential | Format-List
            Get-RunCloudServer | Get-RunCloudSshCredential | Remove-RunCloudSshCredential -WhatIf
            Get-RunCloudServer | Get-RunCloudSshCredential | Remove-RunCloudSshCredential -Confirm:$false -PassThru | Format-List
            """;
        var result = await world.Shell.RenderAsync(Script, width: 400, TestContext.Current.CancellationToken);
        Assert.Contains("AAAA", result.Screen, StringComparison.Ordinal);
        Assert.Contains("403", result.Screen, StringComparison.Ordinal);
        Assert.All(unseen, character => Assert.DoesNotContain(character, result.Screen + string.Concat(result.Verbose) + string.Concat(result.Warnings), StringComparison.Ordinal));
    }

    private static Fault Echo(string kind) => Fault.Custom("echo " + kind, exchange =>
    {
        var said = exchange.Response.HttpContext.Request.Headers.Authorization.ToString();
        var token = said["Bearer ".Length..];
        return exchange.SendAsync(kind switch
        {
            "422" => Answer.Text(422, $$$"""{"message":"{{{said}}}","errors":{"{{{token}}}":["{{{said}}}"]}}"""),
            "302" => Answer.Redirect(302, $"https://{token}:{token}@login.example.test/{token}?token={token}"),
            "html" => Answer.Text(200, $"<html>{said}</html>", "text/html"),
            "json" => Answer.Text(200, $$"""{"message":"{{said}}","data":[{"id":"{{said}}"}],"{{token}}":"""),
            "header" => Answer.Message(403, "no").With("X-Echo", said).With("X-RateLimit-Remaining", token).With("Retry-After", token),
            _ => Answer.Message(int.Parse(kind, System.Globalization.CultureInfo.InvariantCulture), said),
        });
    });

    private static async Task MustNotShowAsync(World world, ShellResult result)
    {
        Assert.DoesNotContain(world.Api.Token, result.AllText(), StringComparison.OrdinalIgnoreCase);
        world.Shell.SetVariable("shown", result.Output.Concat<object>(result.Errors).ToArray());
        var views = await world.Shell.RenderAsync("$shown; $shown | Format-List -Property * -Force; $shown | ForEach-Object { \"$_\" }", width: 4000, Token);
        Assert.DoesNotContain(world.Api.Token, views.Screen, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Bearer ey", views.Screen, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<World> StartAsync()
    {
        var world = await World.StartAsync(
            fleet =>
            {
                _ = fleet.AddCredential(fleet.AddServer("web-01", id: 101).Id, "root", "dave", World.Key(1), id: 17);
                _ = fleet.AddCredential(fleet.AddServer("web-02", id: 102).Id, "root", "dave", World.Key(1), id: 18);
                fleet.AddSession(101, new FleetSession("root", "pts/0", "198.51.100.7", "06:10", "1:23", "-bash"));
            },
            connect: null);
        world.Shell.SetVariable("key", World.Key(9));
        return world;
    }
}
