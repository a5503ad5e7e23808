using System.Globalization;
using System.Net.Http;
using Microsoft.Extensions.Time.Testing;
using RunCloud.Simulator;
using Xunit;

namespace RunCloud.SimulatorTests;

/// <summary>The documented samples, reproduced to the letter, order of fields included.</summary>
public sealed class ShapeTests
{
    private const string Key = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDkT5cCaJpylL";

    private static readonly DateTimeOffset Day = Utc("2024-07-23 05:04:20");

    [Fact]
    public async Task Ping_answers_pong() => await ExpectAsync(new Fleet(), HttpMethod.Get, "/ping", """200 {"message":"pong"}""");

    [Fact]
    public async Task A_list_of_servers_looks_like_the_sample()
    {
        var fleet = new Fleet();
        fleet.AddServer("server hello", id: 1903);
        fleet.UpdateServer(1903, server => server with
        {
            Provider = "Akamai (Linode)",
            IPAddress = "139.162.123.253",
            Country = "JP",
            OSVersion = "focal",
            AgentVersion = "2.8.7-1+ubuntu20.04+11",
            PhpCliVersion = "php81rc",
            CreatedAt = Utc("2024-07-09 06:56:05"),
        });
        fleet.AddServer("server bello", online: false, connected: false, id: 30303);
        fleet.UpdateServer(30303, server => server with
        {
            IPAddress = "12.24.3.232",
            PhpCliVersion = "php81rc",
            CreatedAt = Utc("2024-07-16 02:10:42"),
        });

        const string Hello =
            """{"id":1903,"name":"server hello","provider":"Akamai (Linode)","stack":"nginx","ipAddress":"139.162.123.253","country_iso_code":"JP","os":"Ubuntu","osVersion":"focal","connected":true,"online":true,"agentVersion":"2.8.7-1+ubuntu20.04+11","phpCLIVersion":"php81rc","softwareUpdate":false,"securityUpdate":true,"transferStatus":"AVAILABLE","created_at":"2024-07-09 06:56:05","tags":[]}""";
        const string Bello =
            """{"id":30303,"name":"server bello","provider":"digitalocean","stack":"nginx","ipAddress":"12.24.3.232","country_iso_code":null,"os":"Ubuntu","osVersion":null,"connected":false,"online":false,"agentVersion":null,"phpCLIVersion":"php81rc","softwareUpdate":false,"securityUpdate":true,"transferStatus":"AVAILABLE","created_at":"2024-07-16 02:10:42","tags":[]}""";
        await ExpectAsync(fleet, HttpMethod.Get, "/servers", $$"""200 {"data":[{{Hello}},{{Bello}}],{{Meta(2)}}}""");
        await ExpectAsync(fleet, HttpMethod.Get, "/servers/1903", "200 " + Hello);
    }

    [Fact]
    public async Task Credentials_look_like_the_samples_in_a_list_and_alone()
    {
        var fleet = WithCredential();

        await ExpectAsync(
            fleet,
            HttpMethod.Get,
            "/servers/1903/ssh/credentials",
            $$"""200 {"data":[{"id":7,"label":"ali-ssh","user":"root","publicKey":"{{Key}}","created_at":"2024-07-23 05:04:20"}],{{Meta(1)}}}""");
        await ExpectAsync(
            fleet,
            HttpMethod.Get,
            "/servers/1903/ssh/credentials/7",
            $$"""200 {"id":7,"label":"ali-ssh","user":"root","publicKey":"{{Key}}","temporary":false,"created_at":"2024-07-23 05:04:20"}""");
    }

    [Fact]
    public async Task Keys_can_end_in_three_dots_as_in_the_samples()
    {
        var fleet = WithCredential();
        fleet.AddCredential(1903, "root", "whole", TestKeys.Line(SshKeyKind.Rsa2048, 1), id: 8);

        foreach (var (where, inList, alone) in new[]
        {
            (TruncatedKeys.Nowhere, false, false),
            (TruncatedKeys.InLists, true, false),
            (TruncatedKeys.Everywhere, true, true),
        })
        {
            await using var simulator = await RunCloudSimulator.StartAsync(new SimulatorOptions { TruncatedKeys = where }, fleet, TestContext.Current.CancellationToken);
            using var client = new SimulatorClient(simulator);
            var list = await client.ReadAsync("/servers/1903/ssh/credentials");
            var one = await client.ReadAsync("/servers/1903/ssh/credentials/8");

            var key = list["data"]![1]!["publicKey"]!.GetValue<string>();
            Assert.Equal(inList, key.EndsWith("...", StringComparison.Ordinal));
            Assert.Equal(inList ? 54 : TestKeys.Line(SshKeyKind.Rsa2048, 1).Length, key.Length);
            Assert.Equal(alone, one["publicKey"]!.GetValue<string>().EndsWith("...", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(TruncatedKeys.Nowhere, false, false)]
    [InlineData(TruncatedKeys.InLists, true, false)]
    [InlineData(TruncatedKeys.Everywhere, true, true)]
    public async Task Deployment_keys_can_end_in_three_dots_too(TruncatedKeys where, bool inList, bool alone)
    {
        var fleet = WithCredential();
        var user = fleet.AddUser(1903, "deploy", TestKeys.Line(SshKeyKind.Rsa2048, 1));
        await using var simulator = await RunCloudSimulator.StartAsync(new SimulatorOptions { TruncatedKeys = where }, fleet, TestContext.Current.CancellationToken);
        using var client = new SimulatorClient(simulator);

        var list = await client.ReadAsync("/servers/1903/users");
        var one = await client.ReadAsync(string.Create(CultureInfo.InvariantCulture, $"/servers/1903/users/{user.Id}"));

        Assert.Equal(inList, list["data"]![2]!["deploymentKey"]!.GetValue<string>().EndsWith("...", StringComparison.Ordinal));
        Assert.Equal(alone, one["deploymentKey"]!.GetValue<string>().EndsWith("...", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sessions_are_a_bare_array_of_text()
    {
        var fleet = WithCredential();
        fleet.AddSession(1903, new FleetSession("root", "pts/0", "202.184.157.252", "06:10", "1:23", "-bash"));

        await ExpectAsync(
            fleet,
            HttpMethod.Get,
            "/servers/1903/ssh/sessions",
            """200 [{"username":"root","tty":"pts/0","ipAddress":"202.184.157.252","loginSince":"06:10","idle":"1:23","currentRunningProcess":"-bash"}]""");
    }

    [Fact]
    public async Task Settings_are_read_changed_and_read_again()
    {
        var fleet = WithCredential();
        fleet.UpdateSettings(1903, new FleetSshSettings(PasswordlessLogin: true, UseDns: false, PreventRootLogin: true, Day));
        await ExpectAsync(
            fleet,
            HttpMethod.Get,
            "/servers/1903/settings/ssh",
            """200 {"passwordlessLogin":true,"useDns":false,"preventRootLogin":true}""");

        const string Change = """{"passwordlessLogin":false,"useDns":true,"preventRootLogin":false}""";
        await ExpectAsync(
            fleet,
            HttpMethod.Patch,
            "/servers/1903/settings/ssh",
            """200 {"passwordlessLogin":false,"useDns":true,"preventRootLogin":false}""",
            Change);
        await ExpectAsync(
            fleet,
            HttpMethod.Patch,
            "/servers/1903/ssh/config",
            """200 {"id":1903,"server_id":1903,"passwordlessLogin":false,"useDns":true,"preventRootLogin":false,"created_at":"2026-03-02 09:30:00","updated_at":"2026-03-02 09:30:00"}""",
            Change);
        Assert.Equal(new FleetSshSettings(PasswordlessLogin: false, UseDns: true, PreventRootLogin: false, Fleet.Epoch), fleet.GetSettings(1903));
    }

    [Fact]
    public async Task A_setting_that_is_left_out_is_refused()
    {
        await ExpectAsync(
            WithCredential(),
            HttpMethod.Patch,
            "/servers/1903/settings/ssh",
            """422 {"message":"The use dns field is required.","errors":{"useDns":["The use dns field is required."]}}""",
            """{"passwordlessLogin":false,"preventRootLogin":0}""");
    }

    [Fact]
    public async Task Users_look_like_the_sample()
    {
        var fleet = WithCredential();
        fleet.AddUser(1903, "realuser", "ssh-rsa AAAAB3Nza...IiLj GIT Deployment Key for user realuser.");
        var ids = fleet.GetUsers(1903).Select(user => user.Id).ToArray();

        await ExpectAsync(
            fleet,
            HttpMethod.Get,
            "/servers/1903/users",
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""200 {"data":[{"id":{{ids[0]}},"username":"runcloud","deploymentKey":null,"deleteable":false,"created_at":"2026-03-02 09:30:00"},{"id":{{ids[1]}},"username":"root","deploymentKey":null,"deleteable":false,"created_at":"2026-03-02 09:30:00"},{"id":{{ids[2]}},"username":"realuser","deploymentKey":"ssh-rsa AAAAB3Nza...IiLj GIT Deployment Key for user realuser.","deleteable":true,"created_at":"2026-03-02 09:30:00"}],{{Meta(3)}}}"""));
    }

    [Fact]
    public async Task Logs_come_newest_first_with_dates_of_their_own()
    {
        var fleet = WithCredential();
        fleet.AddLog(1903, new FleetLogEntry("High Priority Info", "Updated SSHD Config", Utc("2024-07-16 06:34:50")));
        fleet.AddLog(1903, new FleetLogEntry("High Priority Info", "Configured server automatic update", Utc("2024-07-16 06:38:12")));

        await ExpectAsync(
            fleet,
            HttpMethod.Get,
            "/servers/1903/logs",
            $$"""200 {"data":[{"kind":"High Priority Info","content":"Configured server automatic update","created_at":"2024-07-16T06:38:12.000000Z"},{"kind":"High Priority Info","content":"Updated SSHD Config","created_at":"2024-07-16T06:34:50.000000Z"}],{{Meta(2)}}}""");
    }

    [Theory]
    [InlineData("/servers/1")]
    [InlineData("/servers/1/ssh/credentials")]
    [InlineData("/servers/1903/ssh/credentials/99")]
    [InlineData("/servers/1903/sshcredentials")]
    [InlineData("/servers/1903/ssh%20credentials")]
    [InlineData("/servers/1903/ssh/credentials/")]
    [InlineData("/servers/hello")]
    [InlineData("/servers/1903/users/1")]
    [InlineData("/sshkeys")]
    public async Task A_missing_object_is_a_json_404(string path) =>
        await ExpectAsync(WithCredential(), HttpMethod.Get, path, """404 {"message":"Resources not found."}""");

    [Fact]
    public async Task A_method_that_a_path_does_not_have_is_a_json_405() =>
        await ExpectAsync(
            WithCredential(),
            HttpMethod.Put,
            "/servers/1903/ssh/credentials/7",
            """405 {"message":"The PUT method is not supported for this route. Supported methods: GET, DELETE."}""");

    [Fact]
    public async Task The_switches_bend_the_same_object()
    {
        var fleet = WithCredential();
        await using var simulator = await RunCloudSimulator.StartAsync(
            new SimulatorOptions
            {
                IdsAsStrings = true,
                BooleansAsNumbers = true,
                TemporaryInLists = true,
                EmptyLinksAsArray = true,
                UnknownFields = true,
                EscapeSlashes = true,
                LeaveOutNulls = true,
            },
            fleet,
            TestContext.Current.CancellationToken);
        fleet.AddCredential(1903, "root", "slash", "a/b", id: 8);
        using var client = new SimulatorClient(simulator);

        const string Unknown = """
            "relationships":{"id":-1,"data":[null,0.5]}
            """;
        Assert.Equal(
            $$"""200 {"data":[{{{Unknown}},"id":"7","label":"ali-ssh","user":"root","publicKey":"{{Key}}","temporary":0,"created_at":"2024-07-23 05:04:20"},{{{Unknown}},"id":"8","label":"slash","user":"root","publicKey":"a\/b","temporary":0,"created_at":"2026-03-02 09:30:00"}],{{Meta(2).Replace("{}", "[]", StringComparison.Ordinal)}}}""",
            await client.TellAsync(HttpMethod.Get, "/servers/1903/ssh/credentials"));
        var server = (await client.ReadAsync("/servers/1903")).AsObject();
        Assert.False(server.ContainsKey("country_iso_code"));
        Assert.Equal("1", server["online"]!.ToJsonString());
    }

    [Theory]
    [InlineData(ServerStateForm.Boolean, "true true")]
    [InlineData(ServerStateForm.Text, "\"true\" \"true\"")]
    [InlineData(ServerStateForm.Words, "\"yes\" \"yes\"")]
    [InlineData(ServerStateForm.Null, "null null")]
    [InlineData(ServerStateForm.Absent, " ")]
    public async Task The_state_of_a_server_comes_in_the_form_asked_for(ServerStateForm form, string expected)
    {
        await using var simulator = await RunCloudSimulator.StartAsync(new SimulatorOptions { ServerState = form }, WithCredential(), TestContext.Current.CancellationToken);
        using var client = new SimulatorClient(simulator);

        var server = (await client.ReadAsync("/servers/1903")).AsObject();

        Assert.Equal(expected, string.Join(' ', new[] { "online", "connected" }.Select(name => server.TryGetPropertyValue(name, out var value) ? value?.ToJsonString() ?? "null" : string.Empty)));
    }

    private static string Meta(int total) =>
        """
        "meta":{"pagination":{"total":N,"count":N,"per_page":15,"current_page":1,"total_pages":1,"links":{}}}
        """.Replace("N", total.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static Fleet WithCredential()
    {
        var fleet = new Fleet();
        fleet.AddServer("server hello", id: 1903);
        fleet.AddCredential(1903, "root", "ali-ssh", Key, createdAt: Day, id: 7);
        return fleet;
    }

    private static DateTimeOffset Utc(string stamp) =>
        DateTimeOffset.ParseExact(stamp, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static async Task ExpectAsync(Fleet fleet, HttpMethod method, string path, string expected, string? json = null)
    {
        var options = new SimulatorOptions { TimeProvider = new FakeTimeProvider(Fleet.Epoch) };
        await using var simulator = await RunCloudSimulator.StartAsync(options, fleet, TestContext.Current.CancellationToken);
        using var client = new SimulatorClient(simulator);

        Assert.Equal(expected, await client.TellAsync(method, path, json));
        using var response = await client.GetAsync("/ping");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("1000000", Assert.Single(response.Headers.GetValues("X-RateLimit-Limit")));
        Assert.Equal("999998", Assert.Single(response.Headers.GetValues("X-RateLimit-Remaining")));
    }
}
