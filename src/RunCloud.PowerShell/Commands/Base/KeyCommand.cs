using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Threading.Tasks;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>
/// A cmdlet that does a whole job about a key: it reads every server, shows a plan, asks once, saves what is about to go, does the work,
/// reads it back, and accounts for every server.
/// </summary>
public abstract class KeyCommand : FanOutCommand<Action>
{
    private readonly List<ServerPlan> plans = [];
    private readonly List<ServerChange> changes = [];
    private readonly List<SshKeyRevocation> accounts = [];
    private readonly HashSet<long> seen = [];
    private readonly DateTimeOffset startedAt = DateTimeOffset.UtcNow;
    private NamePatterns users = new(names: null);
    private NamePatterns exclusions = new(names: null);
    private KeyChange? change;
    private string? undoFile;
    private string? reportFile;
    private int excluded;
    private bool isWhole = true;
    private bool wasCutOff;
    private bool isReported;

    /// <summary>What made the API refuse everything: work that begins before the pipeline thread hears of it must not send more.</summary>
    private volatile RunCloudException? hindrance;

    private protected KeyCommand(string activity)
        : base(activity)
    {
    }

    /// <summary>The keys: public key lines, fingerprints, or paths of public key files.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string[] Key { get; set; } = [];

    /// <summary>The servers, as <c>Get-RunCloudServer</c> gives them. Left out: all of the workspace.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public Server[] Server { get; set; } = [];

    /// <summary>The system users' names, wildcards allowed. Left out: all.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? User { get; set; }

    /// <summary>The names of servers to leave alone, wildcards allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? ExcludeServer { get; set; }

    /// <summary>A new file, from which what was removed can be put back.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UndoPath { get; set; }

    /// <summary>A file for the account; one that is there is replaced.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ReportPath { get; set; }

    /// <inheritdoc/>
    private protected override bool FinishesWhatItBegan => true;

    /// <inheritdoc/>
    private protected override string Unit => "servers read";

    /// <summary>What is to be done, from the parameters.</summary>
    /// <exception cref="SshKeyFormatException">A key cannot be read.</exception>
    private protected abstract KeyChange Wanted(IReadOnlyList<SshKeySelector> keys, Func<string?, bool> acceptsUser);

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        users = new NamePatterns(User);
        exclusions = new NamePatterns(ExcludeServer);
        try
        {
            change = Wanted(KeyArguments.Resolve(SessionState, Key), users.Accept);
            undoFile = PathArguments.Resolve(SessionState, UndoPath, nameof(UndoPath));
            reportFile = PathArguments.Resolve(SessionState, ReportPath, nameof(ReportPath), taken: undoFile);
        }
        catch (SshKeyFormatException e)
        {
            ThrowTerminatingError(Failures.InvalidPublicKey(e, nameof(Key)));
        }
        catch (ArgumentException e)
        {
            ThrowTerminatingError(Failures.Record(e, "InvalidPath", ErrorCategory.InvalidArgument, e.ParamName, "Give the path of a file in a folder that is there."));
        }

        if (undoFile is not null && File.Exists(undoFile))
        {
            ThrowTerminatingError(Failures.UndoPathExists(undoFile));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var server in Server)
        {
            Plan(server);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // No server on the pipeline is none at all: only where nobody named any is it every one.
        if (!MyInvocation.ExpectingInput && Server.Length == 0)
        {
            PlanWorkspace();
        }
        else if (seen.Count == 0)
        {
            WriteWarning("No server came through the pipeline, so none was read: that is no proof that the key is nowhere.");
        }

        isWhole &= seen.Count > 0;
        Drain();
        CheckExclusions();
        WarnOfPlan();
        if (IsAgreed())
        {
            SaveUndo();
            Carry();
            SaveFinalReport(WriteError);
            LookBehind();
        }

        base.EndProcessing();
    }

    /// <inheritdoc/>
    private protected override string Status(int deliveries) => changes.Count == 0
        ? FormattableString.Invariant($"{plans.Count} of {seen.Count - excluded} servers read")
        : FormattableString.Invariant($"{accounts.Count} of {changes.Count} servers settled");

    /// <inheritdoc/>
    private protected override void Deliver(object target, Action result) => result();

    /// <inheritdoc/>
    private protected override void NotBegun(object target, RunCloudException cause)
    {
        if (target is ServerChange hindered)
        {
            hindered.Hindrance = cause;
            Settle(hindered);
        }
    }

    /// <inheritdoc/>
    private protected override void Account(RunCloudException cause)
    {
        if (changes.Count == 0)
        {
            return;
        }

        // Also those that were not even queued.
        foreach (var hindered in changes.Skip(accounts.Count).ToList())
        {
            NotBegun(hindered, cause);
        }

        SaveFinalReport(WriteError);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (changes.Count == 0 || isReported)
        {
            return;
        }

        // The streams are closed by now; the host still listens, and so does the file.
        var cutOff = changes.Skip(accounts.Count).Select(cut => cut.Account()).ToList();
        var removals = cutOff.SelectMany(account => account.Removals).ToList();
        foreach (var removal in removals.Where(removal => removal.Status == RemovalStatus.Unconfirmed))
        {
            Host?.UI?.WriteWarningLine($"{removal}. The command ended before it could say so.");
        }

        if (removals.Count > 0)
        {
            Host?.UI?.WriteWarningLine($"The command ended early: of {removals.Count} credentials that it had not accounted for, "
                + $"{removals.Count(removal => removal.IsGoodEnd)} are gone and {removals.Count(removal => removal.Status == RemovalStatus.Failed)} are still there.");
        }

        wasCutOff = cutOff.Count > 0;
        accounts.AddRange(cutOff);
        SaveFinalReport(error => Host?.UI?.WriteErrorLine(error.ToString()));
    }

    private void PlanWorkspace()
    {
        try
        {
            foreach (var server in Stream(Client.GetServersAsync(untilTwoAgree: true, Stop)))
            {
                Plan(server);
            }
        }
        catch (RunCloudException e) when (!Failures.IsFatal(e) && seen.Count > 0)
        {
            isWhole = false;
            WriteFailure(e, target: null);
        }
        catch (RunCloudException e)
        {
            ThrowTerminatingError(Failures.ToRecord(e, target: null));
        }

        if (seen.Count == 0)
        {
            // Nothing to do looks like all done: for a script that nobody watches it must not.
            WriteError(Failures.ToRecord(new RunCloudException(RunCloudError.ServerNotFound, "The workspace has no server at all. The token may be another workspace's."), target: null));
        }
    }

    private void Plan(Server server)
    {
        if (!seen.Add(server.Id))
        {
            return;
        }

        if (ExcludeServer is not null && exclusions.Accept(server.Name))
        {
            excluded++;
            return;
        }

        if (ExcludeServer is not null && server.Name.Length == 0)
        {
            // It may be one of those that are to be left alone.
            var unnamed = ServerPlan.Unread(server, new RunCloudException(
                RunCloudError.InvalidResponse, $"RunCloud gives no name for server {server.Id}, so it cannot be told whether it was to be left alone, and it was."));
            Enqueue(server, _ => Task.FromResult<Action>(() => Keep(unnamed)));
            return;
        }

        Enqueue(server, async cancellation =>
        {
            var plan = await Client.PlanAsync(server, change!, cancellation).ConfigureAwait(false);
            return () => Keep(plan);
        });
    }

    private void Keep(ServerPlan plan)
    {
        plans.Add(plan);
        if (plan.Failure is { } failure)
        {
            WriteFailure(failure, plan.Server);
        }

        foreach (var problem in plan.Problems)
        {
            WriteFailure(problem.Exception, problem.Credential);
        }
    }

    /// <summary>A name that was to be left alone and is nobody's may be a slip of the hand: the server that was meant would not be spared.</summary>
    private void CheckExclusions()
    {
        if (exclusions.ExactUnmatched.FirstOrDefault() is { } name)
        {
            var missing = new RunCloudException(
                RunCloudError.ServerNotFound, $"There is no server named '{name}' among the {seen.Count} servers, so it could not be left alone. Nothing was changed.");
            ThrowTerminatingError(Failures.ToRecord(missing, name));
        }

        foreach (var pattern in exclusions.Unmatched)
        {
            WriteWarning($"No server has a name like '{pattern}', so none is left alone for it.");
        }
    }

    private void WarnOfPlan()
    {
        foreach (var warning in plans.Select(PlanText.LastWayIn).OfType<string>())
        {
            WriteWarning($"{warning}.");
        }

        var others = plans.SelectMany(plan => plan.OthersHave).ToList();
        if (others.Count > 0)
        {
            WriteWarning($"The key stays with users that were not asked for, {others.Count} times: {string.Join(", ", others.Select(credential => credential.User).Distinct(StringComparer.Ordinal))}.");
        }
    }

    /// <summary>Whether to go on. There is nothing to ask where there is nothing to do, but for a rehearsal, which tells just that.</summary>
    private bool IsAgreed()
    {
        var text = new PlanText(change!, plans, excluded, isWhole);
        return (!IsRehearsal && plans.All(plan => plan.Credentials.Count == 0))
            || IsConfirmed(text.Target, () => ShouldProcess(text.Whole, text.Question, text.Caption));
    }

    private void SaveUndo()
    {
        if (undoFile is null || plans.All(plan => plan.Credentials.Count == 0))
        {
            return;
        }

        var gone = new HashSet<SshCredential>();
        Expect(plans.Sum(plan => plan.Credentials.Count));
        for (var i = 0; i < plans.Count; i++)
        {
            var (place, plan) = (i, plans[i]);
            if (plan.Credentials.Count > 0)
            {
                Enqueue(plan.Server, async cancellation =>
                {
                    var (whole, unread) = await Client.CompleteAsync(plan, cancellation).ConfigureAwait(false);
                    return () =>
                    {
                        plans[place] = whole;
                        WarnOfUnread(unread, gone);
                    };
                });
            }
        }

        Drain();
        try
        {
            PrivateFile.Write(undoFile, UndoFile.Content(plans.SelectMany(plan => plan.Credentials).Except(gone)), replace: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ThrowTerminatingError(Failures.UndoNotSaved(e, undoFile));
        }
    }

    private void WarnOfUnread(IReadOnlyList<SshCredentialProblem> unread, HashSet<SshCredential> gone)
    {
        foreach (var problem in unread)
        {
            if (problem.Exception.Error == RunCloudError.SshCredentialNotFound)
            {
                _ = gone.Add(problem.Credential!);
                WriteWarning($"{problem.Credential} is no longer there, and is not in the undo file.");
            }
            else
            {
                WriteWarning($"Whether {problem.Credential} is a temporary key could not be read, so the undo file would put it back as a lasting one. {problem.Exception.Message}");
            }
        }
    }

    private void Carry()
    {
        Expect(plans.Where(plan => plan.Credentials.Count > 0).Sum(plan => plan.Credentials.Count + (plan.Places.Count * 2) + 2));
        changes.AddRange(plans.Select(plan => new ServerChange(Client, change!, plan)));

        // Whatever ends the process from now on, there is an account that does not claim to be the last.
        SaveReport(changes.Select(one => one.Account()), endedAt: null, isComplete: false, fail: null);
        foreach (var one in changes)
        {
            Enqueue(one, async cancellation =>
            {
                one.Hindrance = hindrance;
                await one.RunAsync(cancellation).ConfigureAwait(false);
                hindrance ??= one.Hindrance;
                return () => Settle(one);
            });
        }

        Drain();
    }

    private void Settle(ServerChange one)
    {
        var account = one.Account();
        accounts.Add(account);
        WriteObject(account);
        foreach (var error in account.Removals.Select(Failures.ToRecord).OfType<ErrorRecord>())
        {
            WriteError(error);
        }

        if (one.Hindrance is { } refused)
        {
            EndWith(refused, account.Server);
        }
    }

    /// <summary>Reads what the removals leave behind on the servers that they touched, and says what the API cannot do about it.</summary>
    private void LookBehind()
    {
        var touched = changes.Where(one => one.HasTouched).Select(one => one.Plan.Server).ToList();
        if (touched.Count == 0)
        {
            return;
        }

        var keys = new SshKeyFilter(change!.Keys);
        var reached = touched.Where(server => server.Reachability != ServerReachability.Offline).ToList();
        Expect(reached.Count * 2);
        foreach (var server in reached)
        {
            Enqueue(server, async cancellation =>
            {
                var remainder = await Client.FindRemainderAsync(server, keys, hindrance, cancellation).ConfigureAwait(false);
                hindrance ??= remainder.Unread.FirstOrDefault(Failures.IsFatal);
                return () => Warn(remainder);
            });
        }

        Drain();
        WriteWarning("What RunCloud's API cannot do is left to you: delete the key's copy in the SSH Key Vault (Settings > SSH Key Vault in the dashboard), "
            + "end open sessions on the servers, look for lines written into authorized_keys by hand, and see whether passwords are accepted (Get-RunCloudSshSetting).");
    }

    private void Warn(Remainder remainder)
    {
        if (remainder.Sessions.Count > 0)
        {
            WriteWarning($"Still open: {string.Join(", ", remainder.Sessions)}.");
        }

        foreach (var user in remainder.Holders)
        {
            WriteWarning($"The deployment key of {user.User} on {remainder.Server} IS the key, and still opens what it was put into. Make another in the dashboard.");
        }

        if (remainder.NotComparable.Count > 0)
        {
            WriteWarning($"On {remainder.Server} these deployment keys could not be compared with the key: {string.Join(", ", remainder.NotComparable.Select(user => user.User))}.");
        }

        foreach (var failure in remainder.Unread)
        {
            WriteWarning($"What is left on {remainder.Server} is not known. {failure.Message}");
        }
    }

    private void SaveFinalReport(Action<ErrorRecord> fail)
    {
        isReported = true;
        SaveReport(accounts, DateTimeOffset.UtcNow, isWhole && !wasCutOff && hindrance is null, fail);
    }

    private void SaveReport(IEnumerable<SshKeyRevocation> servers, DateTimeOffset? endedAt, bool isComplete, Action<ErrorRecord>? fail)
    {
        if (reportFile is null)
        {
            return;
        }

        var report = new RevocationReport
        {
            Command = MyInvocation.MyCommand.Name,
            StartedAt = startedAt,
            EndedAt = endedAt,
            Keys = [.. change!.Keys.Select(key => key.ToString())],
            Complete = isComplete,
            Servers = [.. servers.Select(account => new RevocationReport.ServerEntry(account))],
        };
        try
        {
            PrivateFile.Write(reportFile, report.ToBytes(), replace: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fail?.Invoke(Failures.ReportNotSaved(e, reportFile));
        }
    }
}
