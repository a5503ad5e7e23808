using System.Collections;
using System.Management.Automation;
using RunCloud.Simulator;
using RunCloud.Testing;

namespace RunCloud.Demo;

/// <summary>The main job from end to end, as a user would type it, with the proof.</summary>
internal sealed class Tour
{
    private const int RowsShown = 5;
    private const int ErrorsShown = 1;
    private const int PlanLines = 14;

    // What RunCloud's published script compares.
    private const int ScriptCompares = 50;

    private readonly Stage _stage;
    private readonly RunCloudSimulator _simulator;
    private readonly Shell _shell;
    private readonly CancellationToken _cancellation;
    private readonly Proof _proof = new();
    private readonly string _key;
    private readonly string _folder;
    private readonly FleetSnapshot _before;
    private IReadOnlyList<FleetCredential> _unsure = [];

    private Tour(Stage stage, RunCloudSimulator simulator, Shell shell, string folder, CancellationToken cancellation)
    {
        _stage = stage;
        _simulator = simulator;
        _shell = shell;
        _folder = folder;
        _cancellation = cancellation;
        _key = simulator.Fleet.LeakedKey!;
        _before = simulator.Fleet.Snapshot();
    }

    /// <summary>Gets the workspace that the tour is made for: copies under other comments, a different key under the same comment, one value that is no key.</summary>
    public static SimulatorOptions Workspace { get; } = new() { DisguisedCopies = true, AcceptKeyOptions = true, UnparsableKeys = 1, ServersOnLoopback = true };

    /// <summary>Shows the tour.</summary>
    /// <returns>Whether all that it claims holds.</returns>
    public static async Task<bool> RunAsync(SimulatorOptions workspace, Stage stage, CancellationToken cancellation)
    {
        await using var simulator = await RunCloudSimulator.StartAsync(workspace, cancellationToken: cancellation);
        using var workshop = new Workshop(simulator.Fleet.LeakedKey!);
        using var shell = new Shell(new ShellOptions
        {
            Module = null,
            BufferWidth = stage.Width,
            Colour = stage.Colour,
            Answers = [ShellAnswer.Secret(simulator.Token), ShellAnswer.Yes],
        });
        shell.SetVariable("folder", workshop.Folder);
        _ = await shell.RunAsync("$ExecutionContext.SessionState.Path.SetLocation($folder)", cancellation);
        var tour = new Tour(stage, simulator, shell, workshop.Folder, cancellation);
        await tour.ShowAsync();
        return tour._proof.Holds;
    }

    private async Task ShowAsync()
    {
        _stage.Say("RunCloud.PowerShell on a simulated workspace. What follows PS> runs in a real PowerShell engine against a real HTTP server on this "
            + "machine; long lists are cut where it says so.");
        await ShowFleetAsync();
        await ShowHoldersAsync();
        await ShowRehearsalAsync();
        await ShowRemovalAsync();
        await ShowProofAsync();
    }

    private async Task ShowFleetAsync()
    {
        _stage.Heading("The fleet");
        _ = await TypeAsync($"Import-Module '{StagedModule.Manifest}'");
        _ = await TypeAsync($"Connect-RunCloud -Endpoint {_simulator.Endpoint}");
        _ = await TypeAsync("$servers = Get-RunCloudServer");
        var servers = await TypeAsync("$servers");
        var down = await TypeAsync("$servers | Where-Object { -not ($_.Online -and $_.Connected) }");
        _proof.Check(
            Ids(servers).SequenceEqual(_before.Servers.Select(server => server.Id)),
            $"the module lists the {_before.Servers.Length} servers that there are, on {Requests("GET", "/servers")} pages");
        _proof.Check(
            Ids(down).SequenceEqual(_before.Servers.Where(server => !IsUp(server)).Select(server => server.Id)),
            $"it says which {down.Output.Count} of them do not answer");
    }

    private async Task ShowHoldersAsync()
    {
        _stage.Heading("Who holds the leaked key");
        _stage.Say("Dave's laptop is gone. His public key is in ./dave.pub.");
        var search = await TypeAsync($"$leaked = $servers | Get-RunCloudSshCredential -Key ./{Workshop.KeyFile}");
        var leaked = await TypeAsync("$leaked");
        var copies = _before.CopiesOf(_key);
        var lookalikes = Proof.Lookalikes(_before, _key, ScriptCompares);
        _stage.Say($"\n{copies.Count} copies on {Distinct(copies, copy => copy.ServerId)} servers, spelt in {Distinct(copies, copy => copy.PublicKey.Trim())} ways. "
            + $"Of other people's keys {lookalikes} begin with the same {ScriptCompares} characters, and {Proof.Namesakes(_before, _key)} carry the same comment: "
            + "the module compares the decoded key. It reports a value that it can't read as a key.");
        _proof.Check(
            Ids(leaked).Order().SequenceEqual(copies.Select(copy => copy.Id).Order()),
            $"it found {leaked.Output.Count} credentials with the leaked key: the {copies.Count} copies that there are and none of {lookalikes} look-alikes");
        CheckErrors(search, "SshCredentialNotComparable", _simulator.Options.UnparsableKeys, "each value that is no key");
    }

    private async Task ShowRehearsalAsync()
    {
        _stage.Heading("The dry run");
        var rehearsal = await TypeAsync("$leaked | Remove-RunCloudSshCredential -WhatIf", screenLines: 2);
        var announced = rehearsal.Screen.Split('\n').Count(line => line.StartsWith("What if: ", StringComparison.Ordinal));
        _stage.Say("\nThe whole job is one command, too: it reads every server, and shows its plan.");
        _ = await TypeAsync($"$plan = Revoke-RunCloudSshKey -Key ./{Workshop.KeyFile} -WhatIf", screenLines: PlanLines);
        var now = _simulator.Fleet.Snapshot();
        _proof.Check(
            announced == _before.CopiesOf(_key).Count && _simulator.Requests.Changing.Count == 0 && now.Credentials.SequenceEqual(_before.Credentials),
            $"-WhatIf named {announced} removals, sent {_simulator.Requests.Changing.Count} changing requests and changed nothing");
    }

    private async Task ShowRemovalAsync()
    {
        _stage.Heading("The removal");
        var removal = await TypeAsync($"$account = Revoke-RunCloudSshKey -Key ./{Workshop.KeyFile} -ReportPath report.html", screenLines: PlanLines);
        var account = await TypeAsync("$account");
        _ = await TypeAsync("$account | Where-Object Status -notin Clean, Removed");
        var copies = _before.CopiesOf(_key);
        HashSet<long> down = [.. _before.Servers.Where(server => !IsUp(server)).Select(server => server.Id)];
        _unsure = [.. copies.Where(copy => down.Contains(copy.ServerId))];
        var removed = Removals(account, "Removed");
        var unconfirmed = Removals(account, "Unconfirmed");
        _proof.Check(removal.Prompts.Count == 1, $"it asked once: {removal.Prompts.Count} of 1");
        _proof.Check(
            _simulator.Requests.Changing.Count == copies.Count && Requests("DELETE", "/servers/*/ssh/credentials/*") == copies.Count,
            $"it sent {_simulator.Requests.Changing.Count} changing requests, one DELETE for each copy");
        _proof.Check(
            removed == copies.Count - _unsure.Count && unconfirmed == _unsure.Count,
            $"it calls {removed} Removed, and {unconfirmed} on servers that do not answer Unconfirmed: no more than it knows");
        var doubtful = account.Output.Count(server => (string)server.Properties["Status"].Value == "Unconfirmed");
        _proof.Check(
            doubtful == down.Count + _simulator.Options.UnparsableKeys,
            $"it calls {doubtful} servers Unconfirmed: {down.Count} that do not answer, and {_simulator.Options.UnparsableKeys} with an unreadable value");
        _proof.Check(Ids(account, "ServerId").Order().SequenceEqual(_before.Servers.Select(server => server.Id)), $"it reports {account.Output.Count} of {_before.Servers.Length} servers");
        _proof.Check(File.Exists(Path.Combine(_folder, "report.html")), "it wrote the page for those who want evidence");
    }

    private async Task ShowProofAsync()
    {
        _stage.Heading("The proof");
        var again = await TypeAsync($"Get-RunCloudServer | Get-RunCloudSshCredential -Key ./{Workshop.KeyFile}");
        if (again.Output.Count == 0)
        {
            _stage.Say("(no key)");
        }

        _proof.Check(again.Output.Count == 0, $"the module, asked again, finds {again.Output.Count} copies");
        CheckErrors(again, "SshCredentialNotComparable", _simulator.Options.UnparsableKeys, "each value that is no key, again");
        _proof.CheckExactlyGone(_before, _simulator.Fleet.Snapshot(), _key);
        _stage.Say("\nThe workspace's own record, and every request that came, against what was shown:");
        foreach ((var holds, var claim) in _proof.Checks)
        {
            _stage.Check(holds, claim);
        }

        _stage.Say("\n" + Figures());
        ShowVerdict();
    }

    private void ShowVerdict()
    {
        var copies = _before.CopiesOf(_key).Count;
        if (!_proof.Holds)
        {
            _stage.Verdict(holds: false, $"NOT PROVED: {_proof.Checks.Count(check => !check.Holds)} of {_proof.Checks.Count} checks failed.");
            return;
        }

        _stage.Verdict(holds: true, $"PROVED: {copies - _unsure.Count} of {copies} copies of the leaked key are gone, and no other key was touched.");
        if (_unsure.Count > 0)
        {
            var otherwise = _before.Servers.Count(server => !IsUp(server)) - Distinct(_unsure, copy => copy.ServerId);
            _stage.Reservation($"NOT KNOWN: whether {_unsure.Count} copies are gone from {Distinct(_unsure, copy => copy.ServerId)} servers that do not answer; whether {otherwise} more of them has a copy that RunCloud "
                + $"does not list; and whether {_simulator.Options.UnparsableKeys} unreadable value is the key. Each is reported as Unconfirmed. Look into authorized_keys, or run Test-RunCloudSshKey, when the servers are back.");
        }
    }

    private string Figures()
    {
        (int Count, string Kind)[] kinds =
        [
            (Requests("GET", "/ping"), "ping"),
            (Requests("GET", "/servers"), "pages of servers"),
            (Requests("GET", "/servers/*/ssh/credentials"), "pages of keys"),
            (Requests("GET", "/servers/*/ssh/credentials/*"), "single keys"),
            (Requests("DELETE", "/servers/*/ssh/credentials/*"), "removals"),
        ];
        var all = _simulator.Requests.Count;
        var other = all - kinds.Sum(kind => kind.Count);
        return $"{all} requests: {string.Join(", ", kinds.Append((other, "others")).Where(kind => kind.Item1 > 0).Select(kind => $"{kind.Item1} {kind.Item2}"))}.";
    }

    /// <summary>Types a command: shows it, runs it, and shows what came as the shell would, long lists cut.</summary>
    private async Task<ShellResult> TypeAsync(string command, int screenLines = 12)
    {
        _stage.Command(command);
        var result = await _shell.RunAsync(command, _cancellation);
        _cancellation.ThrowIfCancellationRequested();
        _stage.Text(result.Screen, screenLines);
        if (result.Output.Count > 0)
        {
            _stage.Text(await _shell.FormatAsync(result.Output.Take(RowsShown)));
            _stage.More(result.Output.Count - RowsShown, "rows");
        }

        if (result.Errors.Count > 0)
        {
            _stage.Text(await _shell.FormatAsync(result.Errors.Take(ErrorsShown)));
            _stage.More(result.Errors.Count - ErrorsShown, "errors");
        }

        return result.Terminating is null ? result : throw new InvalidOperationException($"The command '{command}' did not end.", result.Terminating);
    }

    private void CheckErrors(ShellResult result, string id, int expected, string cause)
    {
        var fit = result.Errors.Count(error => string.Equals(error.FullyQualifiedErrorId.Split(',')[0], id, StringComparison.Ordinal));
        _proof.Check(fit == expected && result.Errors.Count == expected, $"it wrote an error {id} for {cause}: {fit} of {expected}, and {result.Errors.Count - fit} others");
    }

    private int Requests(string method, string path) =>
        _simulator.Requests.All.Count(request => string.Equals(request.Method, method, StringComparison.Ordinal) && request.Matches(path));

    private static bool IsUp(FleetServer server) => server.Online && server.Connected;

    private static int Distinct<T>(IReadOnlyList<FleetCredential> credentials, Func<FleetCredential, T> of) => credentials.Select(of).Distinct().Count();

    private static IEnumerable<long> Ids(ShellResult result, string name = "Id") => result.Output.Select(item => (long)item.Properties[name].Value);

    private static int Removals(ShellResult account, string status) => account.Output
        .SelectMany(server => ((IEnumerable)server.Properties["Removals"].Value).Cast<object>().Select(PSObject.AsPSObject))
        .Count(removal => string.Equals((string)removal.Properties["Status"].Value, status, StringComparison.Ordinal));
}
