using System.Diagnostics;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Verification;

/// <summary>Test-RunCloudSshKey against real sshd's and other servers at an address: never a false Refused.</summary>
public sealed class SshKeyTestTests
{
    private static readonly string Other = TestKeys.Line(SshKeyKind.Ed25519, 2, "eve");

    public static TheoryData<SshKeyKind> Kinds { get; } =
    [
        SshKeyKind.Ed25519, SshKeyKind.Rsa2048, SshKeyKind.Rsa4096, SshKeyKind.Ecdsa256, SshKeyKind.Ecdsa384, SshKeyKind.Ecdsa521, SshKeyKind.SkEcdsa256, SshKeyKind.SkEd25519,
    ];

    private static string Key { get; } = TestKeys.Line(SshKeyKind.Ed25519, 1, "dave");

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_key_of_every_kind_is_accepted_where_it_is_authorised_and_refused_where_it_is_not(SshKeyKind kind)
    {
        var key = TestKeys.Line(kind, 1, "dave");
        await using var has = await Sshd.StartAsync(server => server.Authorize("root", key));
        await using var hasNot = await Sshd.StartAsync(server => server.Authorize("root", TestKeys.Line(kind, 2)));
        Assert.Equal(["Accepted New", "Refused New"], (await TestAsync([has.Address, hasNot.Address], key)).Select(test => $"{test.Status} {test.HostKey}"));
        Assert.Contains(has.Log, line => line.StartsWith("Postponed publickey for root", StringComparison.Ordinal) || line.StartsWith("Accepted key ", StringComparison.Ordinal));
        Assert.DoesNotContain(has.Log, line => line.StartsWith("Accepted publickey", StringComparison.Ordinal) || line.Contains("session", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, "Accepted")]
    [InlineData(false, "Refused")]
    public async Task A_certificate_is_offered_as_a_certificate(bool isTrusted, string status)
    {
        Sshd.Require();
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "dave");
        await Sshd.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file);
        await Sshd.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file + "-ca");
        await Sshd.RunAsync("ssh-keygen", "-q", "-s", file + "-ca", "-I", "dave", "-n", "root", file + ".pub");
        await using var server = await Sshd.StartAsync(null, isTrusted ? [$"TrustedUserCAKeys {file}-ca.pub"] : []);
        Assert.Equal(status, Assert.Single(await TestAsync([server.Address], await File.ReadAllTextAsync(file + "-cert.pub", TestContext.Current.CancellationToken))).Status);
    }

    [Theory]
    [InlineData("PermitRootLogin no", "", "Accepted")]
    [InlineData("PermitRootLogin prohibit-password", "", "Accepted")]
    [InlineData("ForceCommand /bin/false", "", "Accepted")]
    [InlineData("Banner FOLDER/key.pub", "", "Accepted")]
    [InlineData("PasswordAuthentication yes;AuthenticationMethods publickey,password", "", "Accepted")]
    [InlineData("PubkeyAuthentication yes", "command=\"/bin/false\" ", "Accepted")]
    [InlineData("PubkeyAuthentication yes", "from=\"10.0.0.0/8\" ", "Refused")]
    [InlineData("PubkeyAuthentication yes", "expiry-time=\"20200101\" ", "Refused")]
    [InlineData("PubkeyAuthentication yes", "cert-authority ", "Refused")]
    [InlineData("RevokedKeys FOLDER/krl", "", "Refused")]
    [InlineData("AllowUsers nobody", "", "Refused")]
    [InlineData("PubkeyAuthentication no", "", "Unknown")]
    [InlineData("PubkeyAcceptedAlgorithms rsa-sha2-256", "", "Unknown|Refused")]
    [InlineData("MaxAuthTries 1", "", "Accepted")]
    public async Task The_server_configuration_decides(string setting, string options, string status)
    {
        Sshd.Require();
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "key.pub");
        await File.WriteAllTextAsync(file, Key + "\n", TestContext.Current.CancellationToken);
        await Sshd.RunAsync("ssh-keygen", "-q", "-k", "-f", folder.Path + "/krl", file);
        await using var server = await Sshd.StartAsync(one => one.Authorize("root", options + Key), setting.Replace("FOLDER", folder.Path, StringComparison.Ordinal).Split(';'));
        var test = Assert.Single(await TestAsync([server.Address], Key));
        Assert.True(status.Split('|').Contains(test.Status), $"{test.Status}: {test.Detail}");
        Assert.Equal(test.Status == "Refused", test.Detail.Contains("from=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_banner_that_imitates_the_client_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        var banner = Path.Combine(folder.Path, "banner");
        await File.WriteAllTextAsync(banner, "debug1: No more authentication methods to try.\nroot@127.0.0.1: Permission denied (publickey).\n", TestContext.Current.CancellationToken);
        await using var has = await Sshd.StartAsync(server => server.Authorize("root", Key), $"Banner {banner}");
        await using var drops = FakeServer.Says("debug1: No more authentication methods to try.\r\nSSH-2.0-Fake\r\n");
        Assert.Equal(["Accepted", "Unknown"], (await TestAsync([has.Address, drops.Address], Key)).Select(test => test.Status));
    }

    [Fact]
    public async Task A_dsa_key_is_not_offered_and_so_not_refused()
    {
        await using var server = await Sshd.StartAsync(server => server.Authorize("root", Other));
        var test = Assert.Single(await TestAsync([server.Address], TestKeys.Line(SshKeyKind.Dsa, 1)));
        Assert.Equal("Unknown", test.Status);
        Assert.Contains("did not offer", test.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Eight_keys_go_in_two_connections_and_the_eighth_is_found()
    {
        var keys = Enumerable.Range(1, 8).Select(seed => TestKeys.Line(SshKeyKind.Ed25519, seed)).ToArray();
        await using var server = await Sshd.StartAsync(server => server.Authorize("root", keys[7]));
        Assert.Equal([.. Enumerable.Repeat("Refused", 7), "Accepted"], (await TestAsync([server.Address], keys)).Select(test => test.Status));
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public async Task Too_many_keys_for_the_server_refuse_none()
    {
        var keys = Enumerable.Range(1, 5).Select(seed => TestKeys.Line(SshKeyKind.Ed25519, seed)).ToArray();
        await using var server = await Sshd.StartAsync(server => server.Authorize("root", keys[4]), "MaxAuthTries 3");
        var tests = await TestAsync([server.Address], keys);
        Assert.All(tests, test => Assert.Equal("Unknown", test.Status));
        Assert.Contains("too many keys", tests[4].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_incomplete_answer_of_an_ssh_server_is_unknown()
    {
        await using var closes = FakeServer.Says(string.Empty);
        await using var greets = FakeServer.Says("SSH-2.0-OpenSSH_9.2\r\n");
        await using var web = FakeServer.Says("HTTP/1.1 400 Bad Request\r\n\r\n");
        await using var full = await Sshd.StartAsync(server => server.Authorize("root", Key), "MaxStartups 1:100:1");
        using var holder = new System.Net.Sockets.TcpClient();
        await holder.ConnectAsync(full.Address, Sshd.Port, TestContext.Current.CancellationToken);
        _ = await holder.GetStream().ReadAsync(new byte[1], TestContext.Current.CancellationToken);
        var tests = await TestAsync([closes.Address, greets.Address, web.Address, full.Address, Sshd.NextAddress(), "0.0.0.0", "::", "::0", "255.255.255.255", "ff02::1", "10.1", "web-01.example.org"], Key);
        Assert.All(tests, test => Assert.Equal("Unknown", test.Status));
        Assert.Contains("Connection refused", tests[4].Detail, StringComparison.Ordinal);
        Assert.All(tests.Skip(5), test => Assert.Contains("is not a machine's IP address", test.Detail, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    public async Task A_server_that_says_nothing_is_given_up_after_the_time(string greeting)
    {
        await using var server = FakeServer.Waits(greeting);
        Assert.Equal("Unknown", Assert.Single(await TestAsync([server.Address], [Key], "-TimeoutSec 1")).Status);
    }

    [Fact]
    public async Task A_changed_host_key_is_unknown_and_the_line_to_type_is_told()
    {
        using var folder = new TemporaryFolder();
        await using var server = await Sshd.StartAsync();
        var file = Path.Combine(folder.Path, "known_hosts");
        var line = $"[{server.Address}]:{Sshd.Port} {TestKeys.Line(SshKeyKind.Ed25519, 9)}\n";
        await File.WriteAllTextAsync(file, line, TestContext.Current.CancellationToken);
        var test = Assert.Single(await TestAsync([server.Address], [Key], $"-KnownHostsPath '{file}'"));
        Assert.Equal(("Unknown", null), (test.Status, test.HostKey));
        Assert.Contains($"ssh-keygen -R '[{server.Address}]:{Sshd.Port}' -f '{file}'", test.Detail, StringComparison.Ordinal);
        Assert.Equal(line, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.DoesNotContain(server.Log, one => one.StartsWith("Failed publickey", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_new_host_key_counts_only_where_the_server_is_online_and_is_known_afterwards()
    {
        using var folder = new TemporaryFolder();
        await using var server = await Sshd.StartAsync();
        await using var world = await WorldAsync([server.Address], [Key], folder);
        world.Fleet.UpdateServer(1, one => one with { Online = false });
        var ask = Ask.Replace("$known", $"'{folder.Path}/a known%h file'", StringComparison.Ordinal);
        Assert.Equal("Unknown New", await StatusAsync(world, ask));
        Assert.DoesNotContain(server.Log, line => line.StartsWith("Failed publickey", StringComparison.Ordinal));
        world.Fleet.UpdateServer(1, one => one with { Online = true });
        Assert.Equal("Refused New", await StatusAsync(world, ask));
        world.Fleet.UpdateServer(1, one => one with { Online = false });
        Assert.Equal("Refused Known", await StatusAsync(world, ask));
        Assert.Contains(server.Address, await File.ReadAllTextAsync($"{folder.Path}/a known%h file", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_fifth_connection_is_not_made_and_the_time_to_ask_again_is_told()
    {
        await using var server = FakeServer.Says(string.Empty);
        using var folder = new TemporaryFolder();
        await using var world = await WorldAsync([server.Address], [Key], folder);
        var tests = (await world.MustAsync(Ask.Replace("-AttemptLimit 100", "-AttemptLimit 2", StringComparison.Ordinal).Replace("-User root", "-User a, b, c", StringComparison.Ordinal))).OutputOf<SshKeyTest>().ToList();
        Assert.Equal(2, server.Connections);
        Assert.Matches(@"^Not asked: .*\. Ask again after [0-9:]+ UTC.$", tests[2].Detail);
        var again = Assert.Single((await world.MustAsync(Ask.Replace("-AttemptLimit 100", "-AttemptLimit 2", StringComparison.Ordinal))).OutputOf<SshKeyTest>());
        Assert.StartsWith("Not asked: ", again.Detail, StringComparison.Ordinal);
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public async Task Those_whose_record_had_the_key_are_asked_first_then_root_then_the_others()
    {
        using var folder = new TemporaryFolder();
        await using var world = await WorldAsync([Sshd.NextAddress()], [Key], folder);
        _ = world.Fleet.AddUser(1, "deploy");
        _ = world.Fleet.AddCredential(1, "www-data", "dave", Key);
        var ask = Ask.Replace("-User root ", string.Empty, StringComparison.Ordinal);
        Assert.Equal("www-data root", string.Join(' ', (await world.MustAsync(ask)).OutputOf<SshKeyTest>().Select(test => test.User).Take(2)));
        Assert.Equal(["deploy", "runcloud"], (await world.MustAsync(ask)).OutputOf<SshKeyTest>().Select(test => test.User).Skip(2).Order(StringComparer.Ordinal));
        Assert.Equal(["www-data"], (await world.MustAsync(ask + " -User www*")).OutputOf<SshKeyTest>().Select(test => test.User));
    }

    [Theory]
    [InlineData("WWW-DATA, ROOT", "www-data root")]
    [InlineData("www*, Root, nobody", "www-data root nobody")]
    [InlineData("Nobody", "Nobody")]
    public async Task A_user_is_asked_about_as_RunCloud_lists_it(string users, string asked)
    {
        using var folder = new TemporaryFolder();
        await using var world = await WorldAsync([Sshd.NextAddress()], [Key], folder);
        _ = world.Fleet.AddCredential(1, "www-data", "dave", Key);
        var tests = (await world.MustAsync(Ask.Replace("-User root", $"-User {users}", StringComparison.Ordinal))).OutputOf<SshKeyTest>();
        Assert.Equal(asked, string.Join(' ', tests.Select(test => test.User)));
    }

    [Fact]
    public async Task A_user_in_small_letters_is_asked_about_without_reading_the_lists()
    {
        using var folder = new TemporaryFolder();
        await using var world = await WorldAsync([Sshd.NextAddress()], [Key], folder);
        _ = await world.MustAsync(Ask);
        Assert.DoesNotContain(world.Requests.All, request => request.Path.EndsWith("/ssh/credentials", StringComparison.Ordinal) || request.Path.EndsWith("/users", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_fingerprint_that_cannot_be_offered_is_an_error_though_its_server_has_a_whole_key_too()
    {
        using var folder = new TemporaryFolder();
        await using var world = await WorldAsync([Sshd.NextAddress()], [Key], folder);
        var result = await world.RunAsync($"$keys[0], '{SshPublicKeyOf(Other)}' | {Rows} | {AskRows}");
        _ = Assert.Single(result.Errors).MustBe("InvalidPublicKey", System.Management.Automation.ErrorCategory.InvalidArgument);
        Assert.Equal([SshPublicKeyOf(Key)], result.OutputOf<SshKeyTest>().Select(test => test.Fingerprint));
    }

    [Fact]
    public async Task Servers_of_two_workspaces_that_have_the_same_id_are_two_servers()
    {
        using var folder = new TemporaryFolder();
        await using var world = await WorldAsync(["0.0.0.0"], [Key], folder);
        await using var other = await WorldAsync(["0.0.0.0"], [Key], folder);
        other.Fleet.UpdateServer(1, server => server with { Name = "of-other" });
        world.Shell.SetVariable("token2", World.Secret(other.Api.Token));
        world.Shell.SetVariable("endpoint2", other.Api.Endpoint);
        _ = await world.MustAsync("Connect-RunCloud $token2 -Endpoint $endpoint2 -Name other");
        var tests = (await world.MustAsync(Ask.Replace("Get-RunCloudServer", "Get-RunCloudServer -Context default, other", StringComparison.Ordinal))).OutputOf<SshKeyTest>();
        Assert.Equal(["web-1", "of-other"], tests.Select(test => test.ServerName));
    }

    [Fact]
    public async Task A_key_that_is_given_is_asked_about_and_not_those_of_the_rows()
    {
        using var folder = new TemporaryFolder();
        await using var world = await WorldAsync([Sshd.NextAddress()], [Key], folder);
        var tests = (await world.MustAsync($"'{Other}', '{Key}' | {Rows} | {AskRows} -Key $keys")).OutputOf<SshKeyTest>();
        Assert.Equal([SshPublicKeyOf(Key)], tests.Select(test => test.Fingerprint));
    }

    [Fact]
    public async Task Neither_the_users_known_hosts_nor_identities_nor_agent_take_part()
    {
        var file = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".ssh", "known_hosts");
        var before = File.Exists(file) ? await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken) : null;
        await using var server = await Sshd.StartAsync();
        _ = await TestAsync([server.Address], Key);
        Assert.Equal(before, File.Exists(file) ? await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken) : null);
        var offered = Assert.Single(server.Log, line => line.StartsWith("Failed publickey", StringComparison.Ordinal));
        Assert.Contains(SshPublicKeyOf(Key), offered, StringComparison.Ordinal);
    }

    internal const string Ask = "Get-RunCloudServer | Test-RunCloudSshKey -Key $keys -User root -Port $port -KnownHostsPath $known -AttemptLimit 100";

    private const string AskRows = "Test-RunCloudSshKey -Port $port -KnownHostsPath $known -AttemptLimit 100";

    /// <summary>A row of server 1 for each key.</summary>
    private const string Rows = "ForEach-Object { [pscustomobject]@{ ServerId = 1; User = 'root'; PublicKey = $_ } }";

    private static string SshPublicKeyOf(string line) => Api.SshPublicKey.Parse(line).Fingerprint;

    private static async Task<string> StatusAsync(World world, string ask)
    {
        var test = Assert.Single((await world.MustAsync(ask)).OutputOf<SshKeyTest>());
        return $"{test.Status} {test.HostKey}";
    }

    private static Task<IReadOnlyList<SshKeyTest>> TestAsync(string[] addresses, params string[] keys) => TestAsync(addresses, keys, string.Empty);

    private static async Task<IReadOnlyList<SshKeyTest>> TestAsync(string[] addresses, string[] keys, string more)
    {
        Sshd.Require();
        using var folder = new TemporaryFolder();
        await using var world = await WorldAsync(addresses, keys, folder);
        var ask = more.Contains("-KnownHostsPath", StringComparison.Ordinal) ? Ask.Replace("-KnownHostsPath $known", string.Empty, StringComparison.Ordinal) : Ask;
        return (await world.MustAsync($"{ask} {more}")).OutputOf<SshKeyTest>().ToList();
    }

    internal static async Task<World> WorldAsync(string[] addresses, string[] keys, TemporaryFolder folder)
    {
        Sshd.RequireClient();
        var world = await World.StartAsync(fleet =>
        {
            for (var i = 0; i < addresses.Length; i++)
            {
                var address = addresses[i];
                var server = fleet.AddServer($"web-{i + 1}", id: i + 1);
                fleet.UpdateServer(server.Id, one => one with { IPAddress = address });
            }
        });
        world.Shell.SetVariable("keys", keys);
        world.Shell.SetVariable("port", Sshd.Port);
        world.Shell.SetVariable("known", Path.Combine(folder.Path, "known_hosts"));
        return world;
    }
}
