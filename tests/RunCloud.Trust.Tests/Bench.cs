using System.Management.Automation;
using System.Net;
using System.Security;
using RunCloud.Simulator;
using RunCloud.Testing;

namespace RunCloud.Trust.Tests;

/// <summary>One run of a command against a workspace in which things go wrong.</summary>
internal sealed record Trial
{
    /// <summary>The workspace before.</summary>
    internal required FleetSnapshot World { get; init; }

    /// <summary>The command; it finds its context in <c>$virtual</c>.</summary>
    internal required string Command { get; init; }

    /// <summary>Which request goes wrong, and how.</summary>
    internal Func<RecordedRequest, Fault?> Choose { get; init; } = _ => null;

    /// <summary>The answers to the questions, in the order of their coming; <see langword="null"/> if none is expected.</summary>
    internal Func<ShellPrompt, ShellAnswer>? Answer { get; init; }

    /// <summary>Whether verbose and debug messages are written too.</summary>
    internal bool IsTalkative { get; init; }

    /// <summary>The variables besides.</summary>
    internal IReadOnlyDictionary<string, object?> Variables { get; init; } = new Dictionary<string, object?>(StringComparer.Ordinal);
}

/// <summary>A simulated workspace on a clock that moves by itself, for one trial after the other.</summary>
internal sealed class Bench : IAsyncDisposable
{
    /// <summary>Many times what any trial needs: a command that sends more has no end.</summary>
    private const int MostRequests = 3000;

    // Not a measure of anything: only a command that hangs must not hang the whole run.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly RunCloudSimulator _api;
    private readonly EagerTime _time;
    private readonly TemporaryFolder _folder = new();
    private int _trials;

    private Bench(RunCloudSimulator api, EagerTime time) => (_api, _time) = (api, time);

    /// <summary>Sets one up.</summary>
    /// <param name="options">How the API answers; the clock and the rate limit are the bench's.</param>
    internal static async Task<Bench> StartAsync(SimulatorOptions options)
    {
        // No two machines have the same time.
        var time = new EagerTime(Fleet.Epoch, serverBehind: TimeSpan.FromSeconds(7));

        // A limit as RunCloud's is said to be, so that faults meet a client that has to wait for it besides.
        options = options with { TimeProvider = time.Server, RateLimit = new RateLimit { Limit = 25 } };
        return new Bench(await RunCloudSimulator.StartAsync(options, new Fleet()), time);
    }

    /// <summary>Runs one trial to its end.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="shell">Where its command is typed.</param>
    internal async Task<Outcome> RunAsync(Trial trial, Shell shell)
    {
        _api.Fleet.Restore(trial.World);
        _api.Requests.Clear();
        _api.Faults.Clear();
        shell.Screen.Clear();
        var tooMany = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var undo = Path.Combine(_folder.Path, $"undo-{++_trials}.xml");
        var report = Path.Combine(_folder.Path, $"report-{_trials}.json");
        bool? savedBefore = null;
        _ = _api.Faults.Add(request =>
        {
            savedBefore = savedBefore is null && request.IsChanging ? File.Exists(undo) : savedBefore;
            _ = request.Number > MostRequests && tooMany.TrySetResult();
            return trial.Choose(request);
        });

        // What the trial before used up of the rate limit is over.
        await Task.Delay(TimeSpan.FromMinutes(2), _time.Client);
        var started = _time.Elapsed;
        string? endless;
        ShellResult result;
        using (var context = Connect())
        {
            shell.SetVariable("virtual", context.Context);
            shell.SetVariable("undo", undo);
            shell.SetVariable("report", report);
            Prepare(trial, shell);
            var run = shell.Start($"$ended = $null\ntry {{ {trial.Command} }} catch {{ $ended = $_ }}");
            endless = await EndAsync(run.Completion, tooMany.Task);
            await (endless is null ? run.Completion : run.StopAsync());
            result = await run.Completion;
        }

        await _api.Requests.WhenQuietAsync();
        return new Outcome
        {
            Before = trial.World,
            After = _api.Fleet.Snapshot(),
            Requests = _api.Requests.All,
            Result = result,
            Ended = shell.GetVariable("ended") is { } ended ? (ErrorRecord)PSObject.AsPSObject(ended).BaseObject : null,
            Took = _time.Elapsed - started,
            Endless = endless,
            Token = _api.Token,
            Undo = Take(undo),
            Report = Take(report),
            SavedBefore = savedBefore,
            Litter = [.. Directory.EnumerateFiles(_folder.Path)],
        };
    }

    /// <summary>Gives the shell what the trial wants of it.</summary>
    private static void Prepare(Trial trial, Shell shell)
    {
        var loudness = trial.IsTalkative ? ActionPreference.Continue : ActionPreference.SilentlyContinue;
        shell.SetVariable("VerbosePreference", loudness);
        shell.SetVariable("DebugPreference", loudness);
        foreach (var (name, value) in trial.Variables)
        {
            shell.SetVariable(name, value);
        }

        if (trial.Answer is { } answer)
        {
            shell.Screen.WillAnswer([.. Enumerable.Repeat(ShellAnswer.From(answer), 100)]);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>The text of a file, which is gone then; <see langword="null"/> if there is none.</summary>
    private static string? Take(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var text = File.ReadAllText(path);
        File.Delete(path);
        return text;
    }

    private static async Task<string?> EndAsync(Task completion, Task tooMany)
    {
        using var ended = new CancellationTokenSource();
        var first = await Task.WhenAny(completion, tooMany, Task.Delay(Patience, ended.Token));
        await ended.CancelAsync();
        return first == completion ? null
            : first == tooMany ? $"more than {MostRequests} requests"
            : "nothing happens any more";
    }

    private VirtualContext Connect()
    {
        using var token = new NetworkCredential(string.Empty, _api.Token).SecurePassword;
        return VirtualContext.Create(_api.Endpoint, token, _time.Client, options => options with
        {
            MaximumRetryCount = 2,
            MaximumWait = TimeSpan.FromMinutes(2),
        });
    }
}

/// <summary>The result of a trial, and the truth.</summary>
internal sealed record Outcome
{
    /// <summary>The workspace as it was.</summary>
    internal required FleetSnapshot Before { get; init; }

    /// <summary>The workspace as it is.</summary>
    internal required FleetSnapshot After { get; init; }

    /// <summary>The requests, in order.</summary>
    internal required IReadOnlyList<RecordedRequest> Requests { get; init; }

    /// <summary>All that the command said.</summary>
    internal required ShellResult Result { get; init; }

    /// <summary>The error that ended the command; <see langword="null"/> if it came to its own end.</summary>
    internal required ErrorRecord? Ended { get; init; }

    /// <summary>How long it took by the clock that moves by itself.</summary>
    internal required TimeSpan Took { get; init; }

    /// <summary>Why it was stopped from outside; <see langword="null"/> if it ended by itself.</summary>
    internal required string? Endless { get; init; }

    /// <summary>What must be nowhere.</summary>
    internal required string Token { get; init; }

    /// <summary>What <c>$undo</c> names; <see langword="null"/> if there is no such file.</summary>
    internal required string? Undo { get; init; }

    /// <summary>What <c>$report</c> names; <see langword="null"/> if there is no such file.</summary>
    internal required string? Report { get; init; }

    /// <summary>Whether the undo file was there when the first change came; <see langword="null"/> if none came.</summary>
    internal required bool? SavedBefore { get; init; }

    /// <summary>The files that were left behind besides.</summary>
    internal required IReadOnlyList<string> Litter { get; init; }

    /// <summary>The account of the servers, where the command gives one.</summary>
    internal IReadOnlyList<SshKeyRevocation> Revocations => [.. Result.Output.Select(item => item.BaseObject).OfType<SshKeyRevocation>()];

    /// <summary>The account of removals.</summary>
    internal IReadOnlyList<SshCredentialRemoval> Removals =>
    [
        .. Result.Output.Select(item => item.BaseObject).OfType<SshCredentialRemoval>(),
        .. Revocations.SelectMany(revocation => revocation.Removals),
    ];
}
