using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Readme;

/// <summary>
/// The environment of a reader who types a page's commands: a shell in a folder with the files that the page names, the module where PowerShell looks
/// for modules, the token in the environment, and a workspace at the other end. Sets environment variables, see <see cref="EnvironmentVariables"/>.
/// </summary>
internal sealed class Desk : IAsyncDisposable
{
    /// <summary>The key that has leaked; the pages name its fingerprint.</summary>
    public const string DavesKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBNPK5zbHTkozb0Z45YsHr+aINqOkGT+DCjWjlzHMg1b";

    private const string DavesComment = " dave@laptop";

    private readonly EnvironmentVariables _environment;
    private readonly TemporaryFolder _folder;
    private readonly Dictionary<long, FleetSshSettings> _settings;

    private Desk(RunCloudSimulator simulator, TemporaryFolder folder, bool tokenInEnvironment, bool importModule)
    {
        Simulator = simulator;
        _folder = folder;
        _environment = new EnvironmentVariables(
            ("RUNCLOUD_API_ENDPOINT", simulator.Endpoint.ToString()),
            ("RUNCLOUD_API_TOKEN", tokenInEnvironment ? simulator.Token : null),
            ("PSModulePath", Path.GetDirectoryName(StagedModule.Folder)));
        Shell = new Shell(new ShellOptions
        {
            Module = importModule ? StagedModule.Manifest : null,
            Answers = [.. tokenInEnvironment ? [] : new[] { ShellAnswer.Secret(simulator.Token) }, .. Enumerable.Repeat(ShellAnswer.YesToAll, 4)],
        });
        Before = simulator.Fleet.Snapshot();
        _settings = Before.Servers.ToDictionary(server => server.Id, server => simulator.Fleet.GetSettings(server.Id));
        Shell.SetVariable("key", DavesKey);
    }

    /// <summary>The simulated workspace.</summary>
    public RunCloudSimulator Simulator { get; }

    /// <summary>The shell.</summary>
    public Shell Shell { get; }

    /// <summary>The folder in which the shell stands; gone on disposal.</summary>
    public string Folder => _folder.Path;

    /// <summary>The workspace's true state when the reader sat down.</summary>
    public FleetSnapshot Before { get; }

    /// <summary>The removed credentials.</summary>
    public IReadOnlyList<FleetCredential> Gone => [.. Before.Credentials.Except(Simulator.Fleet.Snapshot().Credentials)];

    /// <summary>The added credentials.</summary>
    public IReadOnlyList<FleetCredential> Added => [.. Simulator.Fleet.Snapshot().Credentials.Except(Before.Credentials)];

    /// <summary>The servers whose SSH settings are not as they were: id, and whether passwords and root are refused and names are looked up.</summary>
    public IReadOnlyList<string> Set =>
    [
        .. from server in Before.Servers
           let settings = Simulator.Fleet.GetSettings(server.Id)
           where settings != _settings[server.Id]
           select $"{server.Id} {settings.PasswordlessLogin} {settings.PreventRootLogin} {settings.UseDns}",
    ];

    /// <summary>The copies of the leaked key that were there.</summary>
    public IReadOnlyList<FleetCredential> Copies => Before.CopiesOf(Simulator.Fleet.LeakedKey!);

    /// <summary>Sits down before a small workspace, in which each recipe has something to find and something to leave alone.</summary>
    /// <param name="tokenInEnvironment">Whether the token is in the environment; it is typed when asked for otherwise.</param>
    /// <param name="importModule">Whether the module is imported already.</param>
    public static async Task<Desk> OpenAsync(bool tokenInEnvironment = true, bool importModule = true)
    {
        var simulator = await RunCloudSimulator.StartAsync(fleet: Workspace(), cancellationToken: TestContext.Current.CancellationToken);
        return await SitDownAsync(simulator, tokenInEnvironment, importModule);
    }

    /// <summary>Sits down before a generated workspace.</summary>
    /// <param name="options">What it is generated from.</param>
    public static async Task<Desk> OpenAsync(SimulatorOptions options) =>
        await SitDownAsync(
            await RunCloudSimulator.StartAsync(options, cancellationToken: TestContext.Current.CancellationToken), tokenInEnvironment: true, importModule: true);

    /// <summary>The small workspace; each call makes the same.</summary>
    public static Fleet Workspace()
    {
        // Far from the dates in the pages' filters, on any day.
        var lately = DateTimeOffset.UtcNow.AddDays(-30);
        var longAgo = lately.AddYears(-2);
        var eve = TestKeys.Line(SshKeyKind.Ed25519, 2, "eve@desk");
        var fleet = new Fleet { LeakedKey = DavesKey + DavesComment };
        foreach ((var name, var id) in new[] { ("web-01", 101L), ("web-02", 102L), ("db-01", 103L) })
        {
            _ = fleet.AddServer(name, id: id);
        }

        _ = fleet.AddServer("mail-01", id: 104);
        _ = fleet.AddCredential(101, "root", "dave", DavesKey + DavesComment, createdAt: longAgo, id: 17);
        _ = fleet.AddCredential(101, "runcloud", "dave-2", DavesKey + DavesComment, createdAt: lately);
        _ = fleet.AddCredential(101, "root", "eve", eve, createdAt: lately);
        _ = fleet.AddCredential(102, "runcloud", "old-laptop", DavesKey + " david@office", createdAt: longAgo);
        _ = fleet.AddCredential(102, "root", "ops", TestKeys.Line(SshKeyKind.Rsa2048, 3, "ops"), createdAt: longAgo);
        _ = fleet.AddCredential(103, "deploy", "dave", DavesKey + DavesComment, createdAt: lately);
        _ = fleet.AddCredential(103, "deploy", "dave-new", TestKeys.Line(SshKeyKind.Ecdsa256, 4, DavesComment.Trim()), createdAt: lately);
        _ = fleet.AddCredential(104, "runcloud", "eve", eve, createdAt: lately);
        _ = fleet.AddUser(102, "shop", DavesKey + " GIT Deployment Key for user shop.");
        fleet.AddSession(101, new FleetSession("root", "pts/0", "198.51.100.7", "06:10", "1:23", "-bash"));
        fleet.AddSession(102, new FleetSession("runcloud", "pts/1", "198.51.100.9", "06:12", "8.00s", "-bash"));
        fleet.UpdateSettings(103, new FleetSshSettings(PasswordlessLogin: true, UseDns: false, PreventRootLogin: false, longAgo));
        fleet.UpdateSettings(104, new FleetSshSettings(PasswordlessLogin: false, UseDns: false, PreventRootLogin: true, longAgo));
        return fleet;
    }

    /// <summary>Runs a command that must succeed without errors.</summary>
    /// <param name="script">What is typed.</param>
    public async Task<ShellResult> TypeAsync(string script)
    {
        var result = await Shell.RunAsync(script, TestContext.Current.CancellationToken);
        Assert.Null(result.Terminating);
        Assert.Empty(result.Errors);
        return result;
    }

    /// <summary>The path of a file in the folder.</summary>
    /// <param name="name">Its name.</param>
    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Shell.Dispose();
        _environment.Dispose();
        await Simulator.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<Desk> SitDownAsync(RunCloudSimulator simulator, bool tokenInEnvironment, bool importModule)
    {
        var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "dave.pub"), simulator.Fleet.LeakedKey + "\n");
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "erin.pub"), TestKeys.Line(SshKeyKind.Ed25519, 7, "erin@desk") + "\n");
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "deploy.pub"), TestKeys.Line(SshKeyKind.Rsa2048, 8, "deploy") + "\n");
        var desk = new Desk(simulator, folder, tokenInEnvironment, importModule);
        _ = await desk.TypeAsync($"$ExecutionContext.SessionState.Path.SetLocation('{folder.Path}')");
        return desk;
    }
}
