using System.Globalization;
using System.Management.Automation;
using RunCloud.Api;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>Access besides the keys: open sessions, SSH settings, and system users with their deployment keys.</summary>
public sealed class AccessTests
{
    /// <summary>The reading commands and the paths that they read.</summary>
    public static TheoryData<string, string> Commands { get; } = new()
    {
        { "Get-RunCloudSshSession", "/servers/{0}/ssh/sessions" },
        { "Get-RunCloudSshSetting", "/servers/{0}/settings/ssh" },
        { "Get-RunCloudSystemUser", "/servers/{0}/users" },
    };

    [Fact]
    public async Task A_session_has_everything_that_the_API_returns()
    {
        await using var world = await StartAsync();
        var sessions = (await world.MustAsync("Get-RunCloudServer | Get-RunCloudSshSession")).OutputOf<SshSession>();
        Assert.Equal(
            ["root on web-01 (id 101), pts/0 from 198.51.100.7 since 06:10", "deploy on web-01 (id 101), pts/1 from 198.51.100.8 since 06:11", "root on web-02 (id 102), pts/0 from 198.51.100.9 since 06:12"],
            sessions.Select(session => session.ToString()));
        Assert.Equal((101L, "web-01", "1:23", "-bash"), (sessions[0].ServerId, sessions[0].ServerName, sessions[0].Idle, sessions[0].CurrentRunningProcess));
    }

    [Theory]
    [InlineData("root", 2)]
    [InlineData("ROOT", 2)]
    [InlineData("r*, dep?oy", 3)]
    [InlineData("nobody", 0)]
    [InlineData("*x*", 0)]
    public async Task Users_only_filter_so_that_nothing_passes_is_no_error(string users, int count)
    {
        await using var world = await StartAsync();
        Assert.Equal(count, (await world.MustAsync($"Get-RunCloudServer | Get-RunCloudSshSession -User {users}")).Output.Count);
        Assert.Equal(
            users == "nobody" || users == "*x*" ? 0 : users == "r*, dep?oy" ? 5 : 2,
            (await world.MustAsync($"Get-RunCloudServer | Get-RunCloudSystemUser -User {users}")).Output.Count);
    }

    [Fact]
    public async Task Settings_show_who_is_refused()
    {
        await using var world = await StartAsync();
        var settings = (await world.MustAsync("Get-RunCloudServer | Get-RunCloudSshSetting")).OutputOf<SshSetting>();
        Assert.Equal(
            ["web-01 (id 101): PasswordlessLogin False, UseDns False, PreventRootLogin False", "web-02 (id 102): PasswordlessLogin True, UseDns False, PreventRootLogin True"],
            settings.Select(setting => setting.ToString()));
    }

    [Fact]
    public async Task A_user_has_its_deployment_key_and_the_fingerprint_of_it()
    {
        await using var world = await StartAsync();
        var users = (await world.MustAsync("Get-RunCloudServer | Get-RunCloudSystemUser")).OutputOf<SystemUser>();
        Assert.Equal(
            world.Fleet.GetUsers(101).Concat(world.Fleet.GetUsers(102)).Select(user => (user.Id, user.Username, user.DeploymentKey, (bool?)user.Deleteable, (DateTimeOffset?)user.CreatedAt)),
            users.Select(user => (user.UserId, user.User!, user.DeploymentKey, user.Deleteable, user.CreatedAt)));
        var deploy = Assert.Single(users, user => user.User == "deploy");
        Assert.Equal((101L, "web-01", SshPublicKey.Parse(World.Key(1)).Fingerprint), (deploy.ServerId, deploy.ServerName, deploy.DeploymentKeyFingerprint));
        Assert.All(users.Where(user => user.DeploymentKey is null), user => Assert.Null(user.DeploymentKeyFingerprint));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task One_request_for_each_server_however_it_is_given(string command, string path)
    {
        foreach (var (script, isNamed) in new[]
        {
            ($"$servers | {command}", true),
            ($"{command} $servers", true),
            ($"{command} -Server $servers -ThrottleLimit 1", true),
            ($"{command} -ServerId 101, 102", false),
            ($"[pscustomobject]@{{ ServerId = '101'; Id = 7 }}, [pscustomobject]@{{ ServerId = 102; Id = 7 }} | {command}", false),
        })
        {
            await using var world = await StartAsync();
            _ = await world.MustAsync("$servers = Get-RunCloudServer");
            world.Requests.Clear();
            var result = await world.MustAsync(script);
            Assert.Equal([101L, 102L], result.Output.Select(item => item.Properties["ServerId"].Value).Distinct());
            Assert.All(result.Output, item => Assert.Equal(isNamed, item.Properties["ServerName"].Value is not null));
            Assert.Equal(
                new[] { 101, 102 }.Select(id => $"GET /api/v3{Of(path, id)}"),
                world.Requests.All.Select(request => $"{request.Method} {request.Path}").Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_server_that_cannot_be_read_is_one_error_and_the_others_go_on(string command, string path)
    {
        foreach (var (fault, id, category) in new (Fault, string, ErrorCategory)[]
        {
            (Fault.Status(403), "Forbidden", ErrorCategory.PermissionDenied),
            (Fault.Page(200), "InvalidResponse", ErrorCategory.ProtocolError),
            (Fault.Body("{}"), "InvalidResponse", ErrorCategory.ProtocolError),
            (Fault.CutJson, "InvalidResponse", ErrorCategory.ProtocolError),
            (Fault.DropBefore, "ConnectionFailed", ErrorCategory.ConnectionError),
        })
        {
            await MustGoOnAsync(command, path, fault, id, category);
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_server_that_is_not_there_is_an_error_with_its_id(string command, string path)
    {
        await using var world = await StartAsync();
        var error = (await world.FailsAsync($"{command} -ServerId 101, 999 | Out-Null")).MustBe("ServerNotFound", ErrorCategory.ObjectNotFound);
        Assert.Equal(999L, error.TargetObject);
        Assert.Contains(world.Requests.All, request => request.Matches(Of(path, 999)));
    }

    [Theory]
    [InlineData("-Key $key")]
    [InlineData("-Key ./nowhere.pub, $key", true)]
    [InlineData("-Key $other, $fingerprint")]
    [InlineData("-Key $md5")]
    public async Task A_key_finds_the_users_whose_deployment_key_it_is(string arguments, bool isRefused = false)
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddUser(102, "elsewhere", "no-pty  " + World.Key(1, "another comment"));
        var key = SshPublicKey.Parse(World.Key(1));
        world.Shell.SetVariable("key", World.Key(1, "dave's"));
        world.Shell.SetVariable("other", World.Key(7));
        world.Shell.SetVariable("fingerprint", key.Fingerprint);
        world.Shell.SetVariable("md5", key.FingerprintMD5);
        if (isRefused)
        {
            Assert.Equal("Key", (await world.ThrowsAsync($"Get-RunCloudSystemUser -ServerId 101 {arguments}")).MustBe("InvalidPublicKey", ErrorCategory.InvalidArgument).TargetObject);
            Assert.Empty(world.Requests.All);
            return;
        }

        var result = await world.MustAsync("Get-RunCloudServer | Get-RunCloudSystemUser " + arguments);
        Assert.Equal(["deploy", "elsewhere"], result.OutputOf<SystemUser>().Select(user => user.User));
        Assert.Empty(result.Warnings);
        Assert.Equal(["deploy"], (await world.MustAsync("Get-RunCloudServer | Get-RunCloudSystemUser -User d* " + arguments)).OutputOf<SystemUser>().Select(user => user.User));
    }

    [Fact]
    public async Task A_deployment_key_that_cannot_be_compared_is_an_error_and_never_a_silent_miss()
    {
        await using var world = await StartAsync();
        var broken = world.Fleet.AddUser(101, "broken", TestKeys.Unparsable(0));
        world.Shell.SetVariable("key", World.Key(1));
        var result = await world.RunAsync("Get-RunCloudServer | Get-RunCloudSystemUser -Key $key");
        var error = Assert.Single(result.Errors).MustBe("DeploymentKeyNotComparable", ErrorCategory.InvalidData);
        Assert.Equal(broken.Id, Assert.IsType<SystemUser>(error.TargetObject).UserId);
        Assert.Contains($"broken (id {broken.Id}) on web-01 (id 101)", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["deploy"], result.OutputOf<SystemUser>().Select(user => user.User));
        Assert.Empty(result.Warnings);

        // Users outside the filter cause no errors.
        Assert.Empty((await world.MustAsync("Get-RunCloudServer | Get-RunCloudSystemUser -Key $key -User root")).Output);
    }

    [Fact]
    public async Task Without_a_key_an_unreadable_deployment_key_is_a_warning()
    {
        await using var world = await StartAsync();
        _ = world.Fleet.AddUser(102, "broken", TestKeys.Unparsable(0));
        var result = await world.MustAsync("Get-RunCloudServer web-02 | Get-RunCloudSystemUser");
        Assert.Contains(result.OutputOf<SystemUser>(), user => user is { User: "broken", DeploymentKeyFingerprint: null, DeploymentKey: not null });
        Assert.Contains("broken (id ", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TruncatedKeys.InLists)]
    [InlineData(TruncatedKeys.Everywhere)]
    public async Task Deployment_keys_that_the_list_shortens_are_read_individually(TruncatedKeys where)
    {
        await using var world = await StartAsync(new SimulatorOptions { TruncatedKeys = where });
        world.Shell.SetVariable("key", World.Key(1));
        var result = await world.RunAsync("Get-RunCloudServer | Get-RunCloudSystemUser -Key $key");
        Assert.Equal(where == TruncatedKeys.InLists ? ["deploy"] : [], result.OutputOf<SystemUser>().Select(user => user.User));
        Assert.Equal(where == TruncatedKeys.InLists ? [] : ["DeploymentKeyNotComparable"], result.Errors.Select(error => error.Id()));
        _ = Assert.Single(world.Requests.All, request => request.Matches("/servers/*/users/*"));
    }

    [Theory]
    [InlineData("$users")]
    [InlineData("$users | Select-Object ServerId, User, UserId")]
    [InlineData("$users | ForEach-Object { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($_)) }")]
    public async Task Users_bring_server_and_name_to_where_a_key_is_added(string users)
    {
        await using var world = await StartAsync();
        world.Shell.SetVariable("key", World.Key(9));
        _ = await world.MustAsync($"$users = Get-RunCloudServer | Get-RunCloudSystemUser -User root; {users} | Add-RunCloudSshCredential -Label new -PublicKey $key");
        Assert.Equal(
            [(101L, "root"), (102L, "root")],
            world.Fleet.Snapshot().CopiesOf(World.Key(9)).Select(credential => (credential.ServerId, credential.User)));
    }

    [Theory]
    [InlineData("$users")]
    [InlineData("$users | Select-Object *")]
    [InlineData("$users | ForEach-Object { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($_)) }")]
    [InlineData("Get-RunCloudSshSession -ServerId 101")]
    [InlineData("Get-RunCloudSshSetting -ServerId 101")]
    public async Task Nothing_but_a_credential_binds_where_credentials_are_removed(string input)
    {
        // The credentials have the same ids as their users, so that confusing one with the other removes something.
        await using var world = await StartAsync();
        foreach (var user in world.Fleet.GetUsers(101))
        {
            _ = world.Fleet.AddCredential(101, user.Username, $"of-{user.Username}", World.Key(3), id: user.Id);
        }

        var result = await world.RunAsync($"$users = Get-RunCloudSystemUser -ServerId 101; {input} | Remove-RunCloudSshCredential -Confirm:$false -PassThru");
        Assert.NotEmpty(result.Errors);
        Assert.All(result.Errors, error => Assert.IsType<ParameterBindingException>(error.Exception, exactMatch: false));
        Assert.Empty(result.Output);
        Assert.Empty(world.Requests.Changing);
    }

    private static string Of(string path, long serverId) => string.Format(CultureInfo.InvariantCulture, path, serverId);

    private static async Task MustGoOnAsync(string command, string path, Fault fault, string id, ErrorCategory category)
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(fault, path: Of(path, 101));
        var result = await world.RunAsync($"Get-RunCloudServer | {command}");
        var error = Assert.Single(result.Errors).MustBe(id, category);
        Assert.Equal(101, Assert.IsType<Server>(error.TargetObject).Id);
        Assert.Contains("web-01 (id 101)", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal([102L], result.Output.Select(item => item.Properties["ServerId"].Value).Distinct());
        Assert.Null(result.Terminating);
        Assert.False(result.LastSucceeded);
    }

    /// <summary>web-01 with two sessions and a deployment key, web-02 closed to root and passwords.</summary>
    private static Task<World> StartAsync(SimulatorOptions? options = null) => World.StartAsync(
        fleet =>
        {
            _ = fleet.AddServer("web-01", id: 101);
            _ = fleet.AddServer("web-02", id: 102);
            _ = fleet.AddUser(101, "deploy", World.Key(1));
            fleet.AddSession(101, new FleetSession("root", "pts/0", "198.51.100.7", "06:10", "1:23", "-bash"));
            fleet.AddSession(101, new FleetSession("deploy", "pts/1", "198.51.100.8", "06:11", "8.00s", "top"));
            fleet.AddSession(102, new FleetSession("root", "pts/0", "198.51.100.9", "06:12", "0.00s", "-bash"));
            fleet.UpdateSettings(102, new FleetSshSettings(PasswordlessLogin: true, UseDns: false, PreventRootLogin: true, Fleet.Epoch));
        },
        options);
}
