using System.Globalization;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>The views: tables that fit, and lists with everything.</summary>
public sealed class ViewTests
{
    private const int Widest = 120;

    private static readonly string Long = new('x', 200);

    public static TheoryData<string> Tables { get; } =
    [
        "Get-RunCloudServer",
        "Get-RunCloudServer | Get-RunCloudSshCredential",
        "Get-RunCloudSshCredential -ServerId 101, 102, 103",
        "Get-RunCloudServer | Get-RunCloudSshCredential | Remove-RunCloudSshCredential -Confirm:$false -PassThru -ErrorAction SilentlyContinue",
        "Get-RunCloudServer | Get-RunCloudSshSession",
        "Get-RunCloudSshSession -ServerId 101, 102",
        "Get-RunCloudServer | Get-RunCloudSshSetting",
        "Get-RunCloudServer | Get-RunCloudSystemUser",
        "Get-RunCloudSshKey",
        "Test-RunCloudSshAccess",
        "Get-RunCloudContext",
        "Test-RunCloudConnection",
        "Connect-RunCloud $token -Endpoint $endpoint -Name ('long ' * 50) -PassThru",
    ];

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task A_table_is_never_wider_than_a_screen_and_has_no_key_body(string script)
    {
        foreach (var width in (int[])[Widest, 400])
        {
            await using var world = await StartAsync();
            var screen = (await world.Shell.RenderAsync("$WarningPreference = 'SilentlyContinue'; " + script, width, TestContext.Current.CancellationToken)).Screen;
            var lines = screen.Split('\n');
            Assert.True(lines.Length > 4);
            Assert.Contains(lines, line => line.Contains("----", StringComparison.Ordinal));
            Assert.All(lines, line => Assert.InRange(line.TrimEnd().Length, 0, Widest));
            Assert.DoesNotContain("AAAA", screen, StringComparison.Ordinal);
            Assert.DoesNotContain(world.Api.Token[..20], screen, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Servers_that_do_not_answer_are_told_apart_and_dates_are_short()
    {
        await using var world = await StartAsync();
        var lines = (await world.ShowAsync("Get-RunCloudServer")).Split('\n');
        Assert.Matches("^ +Id +Name +State +IPAddress +OperatingSystem +Provider +CreatedAt *$", lines.First(line => line.Contains("Id", StringComparison.Ordinal)));
        Assert.Matches(@"^ +101 +web-01 +online +198\.18\.0\.101 +Ubuntu noble +digitalocean +2026-03-02T09:30:00 *$", Line("101"));
        Assert.Matches(@"^ +102 +x+… +OFFLINE ", Line("102"));
        Assert.Matches(@"^ +103 +web-03 +never linked +198\.18\.0\.103 +Ubuntu +digitalocean ", Line("103"));

        string Line(string id) => lines.Single(line => line.TrimStart().StartsWith(id + " ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Credentials_are_shown_with_what_people_know_them_by()
    {
        await using var world = await StartAsync();
        var lines = (await world.ShowAsync("Get-RunCloudServer | Get-RunCloudSshCredential 3>$null")).Split('\n');
        Assert.Matches("^ +Id +ServerId +ServerName +User +Label +Comment +CreatedAt +KeyType +KeyLength *$", lines.First(line => line.Contains("Id", StringComparison.Ordinal)));
        Assert.Matches("^ +17 +101 +web-01 +root +dave +dave@laptop +2026-03-02T09:30:00 +ECDSA +256 *$", lines.Single(line => line.TrimStart().StartsWith("17 ", StringComparison.Ordinal)));
        Assert.Matches("^ +18 +101 +web-01 +root +broken +2026-03-02T09:30:00 *$", lines.Single(line => line.TrimStart().StartsWith("18 ", StringComparison.Ordinal)));
        Assert.Matches("^ +17 +101 +root +dave ", (await world.ShowAsync("Get-RunCloudSshCredential -ServerId 101 -Id 17")).Split('\n').Single(line => line.Contains("dave@laptop", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Removals_are_shown_with_their_outcome_and_the_whole_fingerprint()
    {
        await using var world = await StartAsync();
        var screen = await world.ShowAsync("Get-RunCloudServer | Get-RunCloudSshCredential -Label dave* 3>$null | Remove-RunCloudSshCredential -Confirm:$false -PassThru 2>$null");
        var fingerprint = Api.SshPublicKey.Parse(World.Key(1)).Fingerprint;
        Assert.Matches($@"(?m)^Removed +17 +web-01 +root +dave +{System.Text.RegularExpressions.Regex.Escape(fingerprint)} *$", screen);
        Assert.Matches(@"(?m)^Unconfirmed +19 +x+… +root +dave +SHA256:", screen);
    }

    [Theory]
    [InlineData("Get-RunCloudServer web-01", typeof(Server))]
    [InlineData("Get-RunCloudSshCredential -ServerId 101 -Id 17", typeof(SshCredential))]
    [InlineData("Remove-RunCloudSshCredential -ServerId 101 -Id 17 -Confirm:$false -PassThru", typeof(SshCredentialRemoval))]
    [InlineData("Get-RunCloudServer web-01 | Get-RunCloudSshSession", typeof(SshSession))]
    [InlineData("Get-RunCloudServer web-01 | Get-RunCloudSshSetting", typeof(SshSetting))]
    [InlineData("Get-RunCloudServer web-01 | Get-RunCloudSystemUser -User deploy", typeof(SystemUser))]
    [InlineData("Get-RunCloudSshKey", typeof(SshKey))]
    [InlineData("Test-RunCloudSshAccess", typeof(SshFinding))]
    [InlineData("Get-RunCloudContext", typeof(Context))]
    [InlineData("Test-RunCloudConnection", typeof(ConnectionCheck))]
    public async Task A_list_has_every_property(string script, Type type)
    {
        await using var world = await StartAsync();
        var screen = (await world.Shell.RenderAsync(script + " | Format-List", width: 1000, TestContext.Current.CancellationToken)).Screen;
        Assert.All(type.GetProperties(), property => Assert.Matches($@"(?m)^{property.Name} +:", screen));
    }

    [Fact]
    public async Task Sessions_settings_and_users_are_shown_with_server_and_name()
    {
        await using var world = await StartAsync();
        Assert.Matches(@"(?m)^ +101 +web-01 +root +198\.51\.100\.7 +-bash +06:10 +1:23 +pts/0 *$", await world.ShowAsync("Get-RunCloudServer web-01 | Get-RunCloudSshSession"));
        Assert.Matches(@"(?m)^ +101 +web-01 +False +False +False *$", await world.ShowAsync("Get-RunCloudServer web-01 | Get-RunCloudSshSetting"));
        var fingerprint = System.Text.RegularExpressions.Regex.Escape(Api.SshPublicKey.Parse(World.Key(4)).Fingerprint);
        Assert.Matches($@"(?m)^ *\d+ +101 +web-01 +deploy +{fingerprint} +2026-03-02T09:30:00 *$", await world.ShowAsync("Get-RunCloudServer web-01 | Get-RunCloudSystemUser"));
    }

    [Fact]
    public async Task Every_type_that_commands_give_has_a_view_of_its_own()
    {
        await using var world = await StartAsync();
        var types = typeof(RunCloudCommand).Assembly.GetTypes()
            .SelectMany(type => type.GetCustomAttributes(typeof(System.Management.Automation.OutputTypeAttribute), inherit: false))
            .Cast<System.Management.Automation.OutputTypeAttribute>().SelectMany(output => output.Type).Select(output => output.Type)
            .Where(type => type != typeof(System.Management.Automation.PSObject)).Select(type => type.FullName!).Distinct().ToList();
        Assert.NotEmpty(types);
        var views = System.Xml.Linq.XDocument.Load(System.IO.Path.Combine(StagedModule.Folder, "RunCloud.PowerShell.format.ps1xml"))
            .Descendants("View").ToLookup(view => view.Descendants("TypeName").First().Value, StringComparer.Ordinal);
        Assert.All(types, type =>
        {
            Assert.Contains(views[type], view => view.Element("TableControl") is not null);
            Assert.Contains(views[type], view => view.Element("ListControl") is not null);
        });
    }

    [Theory]
    [InlineData("ar-SA")]
    [InlineData("th-TH")]
    [InlineData("de-DE")]
    public async Task Times_are_the_same_text_in_every_culture(string culture)
    {
        await using var world = await World.StartAsync(fleet => fleet.AddServer("web-01", id: 101), shell: new ShellOptions { Culture = CultureInfo.GetCultureInfo(culture) });
        Assert.Contains(" 2026-03-02T09:30:00", await world.ShowAsync("Get-RunCloudServer"), StringComparison.Ordinal);
        Assert.Contains(" 2026-03-02T09:30:00", await world.ShowAsync("Get-RunCloudServer | Get-RunCloudSystemUser"), StringComparison.Ordinal);
        Assert.Contains(": 2026-03-02 09:30:00Z", await world.ShowAsync("Get-RunCloudServer | Format-List"), StringComparison.Ordinal);
        Assert.Matches(@" 20\d\d-\d\d-\d\d \d\d:\d\d:\d\dZ ", await world.ShowAsync("Get-RunCloudContext"));
    }

    private static Task<World> StartAsync() => World.StartAsync(fleet =>
    {
        var first = fleet.AddServer("web-01", id: 101).Id;
        _ = fleet.AddCredential(first, "root", "dave", World.Key(1), id: 17);
        _ = fleet.AddCredential(first, "root", "broken", TestKeys.Unparsable(0), id: 18);
        var second = fleet.AddServer(Long, online: false, id: 102).Id;
        fleet.UpdateServer(second, server => server with { Provider = Long, OSVersion = Long, IPAddress = Long });
        _ = fleet.AddCredential(second, "root", "dave", World.Key(1), id: 19);
        _ = fleet.AddCredential(second, Long, Long, World.Key(2, Long), id: 1_234_567_890_123);
        _ = fleet.AddServer("web-03", connected: false, online: false, id: 103);
        _ = fleet.AddUser(first, "deploy", World.Key(4));
        fleet.AddSession(first, new FleetSession("root", "pts/0", "198.51.100.7", "06:10", "1:23", "-bash"));
        _ = fleet.AddUser(second, Long + "y", World.Key(4, Long));
        fleet.AddSession(second, new FleetSession(Long, Long, Long, Long, Long, Long));
    });
}
