using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Verification;

/// <summary>The loop closed: the simulator is RunCloud's record, real sshd's are the servers, and what the record does is done on those that are online.</summary>
public sealed class ClosedLoopTests
{
    private const string Verify = "Test-RunCloudSshKey -Port $port -KnownHostsPath $known -AttemptLimit 100";

    private static readonly string Key = TestKeys.Line(SshKeyKind.Ed25519, 1, "dave");
    private static readonly string Other = TestKeys.Line(SshKeyKind.Ed25519, 2, "eve");

    [Fact]
    public async Task Sshd_refuses_where_the_account_says_removed_and_opens_where_the_key_is_still_there()
    {
        await using var loop = await Loop.StartAsync();
        var world = loop.World;
        Assert.Equal(
            ["1 root Accepted", "1 www-data Accepted", "2 root Accepted", "3 root Accepted"],
            Texts(await world.MustAsync($"Get-RunCloudServer | {Verify} -Key $keys -User root, www-data")).Where(text => text.EndsWith("Accepted", StringComparison.Ordinal)));

        world.Fleet.UpdateServer(2, server => server with { Online = false });
        _ = await world.RunAsync("$accounts = Revoke-RunCloudSshKey -Key $keys -Confirm:$false -ReportPath $report -ErrorAction SilentlyContinue");
        loop.CarryOut();
        Assert.Equal(
            ["1 Removed", "2 Unconfirmed", "3 Removed", "4 Clean"],
            (await world.MustAsync("$accounts")).OutputOf<SshKeyRevocation>().Select(account => $"{account.ServerId} {account.Status}"));

        // The third also has a line written by hand: the record is clean, but the server still accepts the key.
        string[] truth = ["1 root Refused", "1 www-data Refused", "2 root Accepted", "3 root Accepted"];
        Assert.Equal(truth, Texts(await world.MustAsync($"$accounts | {Verify}")));
        loop.LetTimePass();
        Assert.Contains("may not have caught up", (await world.MustAsync($"$accounts | {Verify}")).OutputOf<SshKeyTest>()[^1].Detail, StringComparison.Ordinal);

        loop.LetTimePass();

        // Days later, from the file alone.
        Assert.Equal(truth, Texts(await world.MustAsync($"(Get-Content -Raw $report | ConvertFrom-Json).servers | {Verify}")));

        world.Fleet.UpdateServer(2, server => server with { Online = true });
        loop.CarryOut();
        Assert.Equal(["2 root Refused"], Texts(await world.MustAsync($"$accounts | Where-Object Status -eq Unconfirmed | {Verify}")));
    }

    [Fact]
    public async Task Another_key_of_the_user_still_gives_access()
    {
        await using var loop = await Loop.StartAsync();
        _ = await loop.World.MustAsync("$null = Revoke-RunCloudSshKey -Key $keys -Confirm:$false");
        loop.CarryOut();
        loop.World.Shell.SetVariable("other", Other);
        Assert.Equal(["1 root Accepted"], Texts(await loop.World.MustAsync($"Get-RunCloudServer web-1 | {Verify} -Key $other -User root")));
    }

    private static IEnumerable<string> Texts(ShellResult result) => result.OutputOf<SshKeyTest>().Select(test => $"{test.ServerId} {test.User} {test.Status}");

    /// <summary>Four servers; the third has a line that RunCloud knows nothing of.</summary>
    private sealed class Loop : IAsyncDisposable
    {
        private readonly List<Sshd> _servers = [];
        private readonly TemporaryFolder _folder = new();

        internal World World { get; private set; } = null!;

        internal static async Task<Loop> StartAsync()
        {
            Sshd.Require();
            var loop = new Loop();
            for (var i = 0; i < 4; i++)
            {
                loop._servers.Add(await Sshd.StartAsync());
            }

            loop.World = await SshKeyTestTests.WorldAsync([.. loop._servers.Select(server => server.Address)], [Key], loop._folder);
            foreach (var (server, user, label) in new[] { (1, "root", "dave"), (1, "www-data", "dave-2"), (2, "root", "dave"), (3, "root", "dave") })
            {
                _ = loop.World.Fleet.AddCredential(server, user, label, Key);
            }

            _ = loop.World.Fleet.AddCredential(1, "root", "eve", Other);
            loop.World.Shell.SetVariable("report", loop._folder.Path + "/report.json");
            loop.CarryOut();
            return loop;
        }

        /// <summary>As if the connections so far were long ago.</summary>
        internal void LetTimePass() => _servers.ForEach(server => Api.AttemptBudget.Session.Forget(server.Address));

        /// <summary>What RunCloud's agents do: each server that is online gets the lines that the record has, beside those that are there by hand.</summary>
        internal void CarryOut()
        {
            LetTimePass();
            var record = World.Fleet.Snapshot();
            foreach (var server in record.Servers.Where(server => server.Online))
            {
                foreach (var user in new[] { "root", "www-data" })
                {
                    string[] byHand = server.Id == 3 && user == "root" ? ["no-pty " + Key] : [];
                    _servers[(int)server.Id - 1].Authorize(
                        user, [.. record.CredentialsByServer[server.Id].Where(credential => credential.User == user).Select(credential => credential.PublicKey), .. byHand]);
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            await World.DisposeAsync();
            foreach (var server in _servers)
            {
                await server.DisposeAsync();
            }

            _folder.Dispose();
        }
    }
}
