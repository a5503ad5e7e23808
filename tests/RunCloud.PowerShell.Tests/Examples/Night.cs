using RunCloud.PowerShell.Tests.Readme;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Examples;

/// <summary>
/// What a scheduled task finds at 04:30: an example of <c>examples/</c>, the module in a folder of <c>PSModulePath</c>, the token in the
/// environment, a simulated workspace, and no user. After each run everything it left is searched for the token.
/// </summary>
internal sealed class Night : IAsyncDisposable
{
    private static readonly string ModulePath = Path.GetDirectoryName(StagedModule.Folder)!;

    /// <summary>The variables that a process that stays sets anew for each run.</summary>
    private static readonly HashSet<string> Usual = new(StringComparer.Ordinal) { "RUNCLOUD_API_ENDPOINT", "RUNCLOUD_API_TOKEN", "PSModulePath" };

    private readonly TemporaryFolder _folder = new();

    private Night(RunCloudSimulator simulator)
    {
        Simulator = simulator;
        Before = simulator.Fleet.Snapshot();
        Environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["RUNCLOUD_API_ENDPOINT"] = simulator.Endpoint.ToString(),
            ["RUNCLOUD_API_TOKEN"] = simulator.Token,
            ["PSModulePath"] = ModulePath,
        };
    }

    /// <summary>The folder of the examples.</summary>
    public static string Examples { get; } = Path.Combine(MarkdownCode.Root, "examples");

    /// <summary>The simulated workspace.</summary>
    public RunCloudSimulator Simulator { get; }

    /// <summary>The workspace's state at the beginning.</summary>
    public FleetSnapshot Before { get; }

    /// <summary>The environment of the task.</summary>
    public Dictionary<string, string?> Environment { get; }

    /// <summary>The folder for what the task writes.</summary>
    public string Folder => _folder.Path;

    /// <summary>The ids of the removed credentials.</summary>
    public IReadOnlyList<long> Gone => [.. Before.Credentials.Except(Simulator.Fleet.Snapshot().Credentials).Select(credential => credential.Id)];

    /// <summary>The added credentials.</summary>
    public IReadOnlyList<FleetCredential> Added => [.. Simulator.Fleet.Snapshot().Credentials.Except(Before.Credentials)];

    /// <summary>A night over the small workspace of <see cref="Desk"/>.</summary>
    /// <param name="change">What is different in it.</param>
    public static Task<Night> FallAsync(Action<Fleet>? change = null)
    {
        var fleet = Desk.Workspace();
        change?.Invoke(fleet);
        return FallAsync(fleet);
    }

    /// <summary>A night over a workspace.</summary>
    /// <param name="fleet">The workspace.</param>
    public static async Task<Night> FallAsync(Fleet fleet) =>
        new(await RunCloudSimulator.StartAsync(fleet: fleet, cancellationToken: TestContext.Current.CancellationToken));

    /// <summary>The path of a file in the folder.</summary>
    /// <param name="name">Its name.</param>
    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>The only file in the folder whose name fits a pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    public string Only(string pattern) => Assert.Single(Directory.GetFiles(Folder, pattern));

    /// <summary>Starts an example.</summary>
    /// <param name="example">Its name without the extension.</param>
    /// <param name="arguments">Its arguments.</param>
    public ScriptProcess Start(string example, IReadOnlyList<string> arguments) => ScriptProcess.Start(StartOf(example, arguments));

    /// <summary>Runs an example to its end.</summary>
    /// <param name="example">Its name without the extension.</param>
    /// <param name="arguments">Its arguments.</param>
    public async Task<ScriptResult> RunAsync(string example, params IReadOnlyList<string> arguments)
    {
        var result = await CompleteAsync(StartOf(example, arguments));
        var secrets = Simulator.Token.Split('.')[1..];
        var left = Directory.GetFiles(Folder).Where(file => !Path.GetFileName(file).StartsWith("token", StringComparison.Ordinal)).Select(File.ReadAllText);
        Assert.All([result.Output, result.Errors, .. left], text => Assert.All(secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal)));
        return result;
    }

    /// <summary>Runs an example that must end with a code, and tell about it where it is not 0: each line begins with the example's name.</summary>
    /// <param name="exitCode">The code.</param>
    /// <param name="example">Its name without the extension.</param>
    /// <param name="arguments">Its arguments.</param>
    public async Task<ScriptResult> EndsWithAsync(int exitCode, string example, params IReadOnlyList<string> arguments)
    {
        var result = await RunAsync(example, arguments);
        Assert.True(exitCode == result.ExitCode, $"It ended with {result.ExitCode}.\n{result.Output}\n{result.Errors}");
        Assert.Equal(exitCode == 0, result.Errors.Length == 0);
        Assert.All(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith(example + ": ", line, StringComparison.Ordinal));
        return result;
    }

    /// <summary>Runs an example in a process of its own only if its variables are not the usual ones: culture and module stay in a process.</summary>
    private static async Task<ScriptResult> CompleteAsync(ScriptStart start)
    {
        if (Usual.SetEquals(start.Environment.Keys) && start.Environment["PSModulePath"] == ModulePath)
        {
            return await ScriptServers.RunAsync(start);
        }

        await using var process = ScriptProcess.Start(start);
        return await process.Completion;
    }

    private ScriptStart StartOf(string example, IReadOnlyList<string> arguments) => new()
    {
        Script = Path.Combine(Examples, example + ".ps1"),
        Arguments = arguments,
        Environment = Environment,
        Module = null,
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Simulator.DisposeAsync();
        _folder.Dispose();
    }
}
