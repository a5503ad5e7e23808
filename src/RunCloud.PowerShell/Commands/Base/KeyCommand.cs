using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>
/// A cmdlet that removes or replaces a key everywhere: it reads every server, shows a plan, asks once, saves the credentials, makes the changes,
/// reads them back, and reports every server. The work itself is in <see cref="KeyRevocation"/>; this class has the parameters and the streams.
/// </summary>
public abstract partial class KeyCommand : RunCloudApiCommand<ContextArgument>
{
    private readonly List<(long Id, Server? Server)> _named = [];
    private readonly DateTimeOffset _startedAt = DateTimeOffset.UtcNow;
    private NamePatterns _users = new(names: null);
    private NamePatterns _exclusions = new(names: null);
    private KeyChange? _change;
    private KeyRevocation? _job;
    private string? _undoFile;
    private ReportFiles? _reportFiles;
    private KeyReport? _report;
    private bool _isReported;

    private protected KeyCommand(string activity)
        : base(activity)
    {
    }

    /// <summary>The keys: public key lines, fingerprints, paths of public key files, files, or credentials.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public KeyArgument[] Key { get; set; } = [];

    /// <summary>
    /// The servers, as <c>Get-RunCloudServer</c> gives them, or their names, or objects that have a <c>ServerId</c>. Default: all of the
    /// workspace.
    /// </summary>
    [Parameter(ValueFromPipeline = true)]
    [ServerArguments]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    public ServerArgument[] Server { get; set; } = [];

    /// <summary>The system users' names, wildcards allowed. Default: all.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(UserNameCompleter))]
    public string[]? User { get; set; }

    /// <summary>The names of servers to exclude, wildcards allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    public string[]? ExcludeServer { get; set; }

    /// <summary>A new file from which the removed credentials can be put back.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UndoPath { get; set; }

    /// <summary>
    /// Files for the report: <c>.html</c> for people, <c>.csv</c> for spreadsheets, any other name is JSON. An earlier report is replaced.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? ReportPath { get; set; }

    /// <summary>The reason for the run, for the report.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Reason { get; set; }

    /// <summary>Skips the search for what the removals leave behind, which costs two requests for each changed server.</summary>
    [Parameter]
    public SwitchParameter SkipInspection { get; set; }

    /// <summary>How many servers are worked on in parallel, at most.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = 8;

    /// <summary>The change to make, from the parameters.</summary>
    /// <exception cref="SshKeyFormatException">A key cannot be read.</exception>
    private protected abstract KeyChange Wanted(IReadOnlyList<SshKeySelector> keys, Func<string?, bool> acceptsUser, Func<string, bool>? excludes);

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _users = new NamePatterns(User);
        _exclusions = new NamePatterns(ExcludeServer);
        try
        {
            _change = Wanted(KeyArguments.Resolve(SessionState, Key, nameof(Key), takesSeveral: false), _users.Accept, ExcludeServer is null ? null : _exclusions.Accept);
            _undoFile = PathArguments.Resolve(SessionState, UndoPath, nameof(UndoPath));
            _reportFiles = ReportFiles.Resolve(SessionState, ReportPath, _undoFile, nameof(UndoPath), takesAnyName: true);
        }
        catch (SshKeyFormatException e)
        {
            ThrowTerminatingError(Failures.InvalidPublicKey(e, nameof(Key)));
        }
        catch (ArgumentException e)
        {
            ThrowTerminatingError(Failures.InvalidPath(e));
        }

        if (_undoFile is not null && File.Exists(_undoFile))
        {
            ThrowTerminatingError(Failures.UndoPathExists(_undoFile));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        Adopt(Server.Select(argument => argument.Given));
        _named.AddRange(Sort(Server, takesCredentials: false).Select(item => (item.ServerId, item.Server)));
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // An empty pipeline means no server. Only without any server argument are all servers selected.
        var isNamed = MyInvocation.ExpectingInput || MyInvocation.BoundParameters.ContainsKey(nameof(Server));
        _job = new KeyRevocation(Client, _change!, isNamed ? _named : null, ThrottleLimit);
        _report = new KeyReport(
            _reportFiles!,
            RunRecords.Create(this, Workspace, Reason, _startedAt, endedAt: null),
            new RevocationScope { Users = User ?? [], ExcludeServer = ExcludeServer ?? [], SkipInspection = SkipInspection });
        if (ReadPlan(isNamed))
        {
            CheckNames();
            WarnOfPlan();
            if (IsAgreed())
            {
                SaveUndo();
                Carry();
            }
            else if (IsRehearsal)
            {
                WriteObject(_job.Planned(), enumerateCollection: true);
            }
        }

        base.EndProcessing();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (_job is { HasBegun: true } && !_isReported)
        {
            _job.Join();
            SayLast();
            SaveFinalReport(error => Host?.UI?.WriteErrorLine(error.ToString()));
        }

        _job?.Dispose();
        _job = null;
    }

    /// <summary>Reads every server. A server or key that cannot be read or compared is an error at once.</summary>
    /// <returns>Whether there is a plan.</returns>
    private bool ReadPlan(bool isNamed)
    {
        try
        {
            foreach (var plan in Stream(_job!.ReadAsync(Stop)))
            {
                Report(PlanText.Progress(_job.Plans.Count + _job.Excluded, _job.Total));
                if (plan.Failure is { } failure)
                {
                    WriteFailure(failure, plan.Server);
                }

                foreach (var problem in plan.Problems)
                {
                    WriteFailure(problem.Exception, problem.Credential);
                }
            }
        }
        catch (RunCloudException e)
        {
            ThrowTerminatingError(Failures.ToRecord(e, target: null));
        }

        if (_job!.ListFailure is { } broken)
        {
            WriteFailure(broken, target: null);
        }

        if (_job.Plans.Count > 0)
        {
            return true;
        }

        CheckNames();

        // In an unattended script, "nothing to do" would look like "all done", so it is an error.
        var none = new RunCloudException(RunCloudError.ServerNotFound, PlanText.NoServer(_job.Excluded, isNamed));
        WriteError(Failures.ToRecord(none, target: null));
        SaveFinalReport(WriteError);
        return false;
    }

    /// <summary>A name that nothing has may be a typing error, and the wrong servers or users would be changed.</summary>
    private void CheckNames()
    {
        if (_exclusions.ExactUnmatched.FirstOrDefault() is { } name)
        {
            var missing = new RunCloudException(
                RunCloudError.ServerNotFound, $"-ExcludeServer: none of the {_job!.Servers} servers is named '{name}'. Nothing was changed.");
            ThrowTerminatingError(Failures.ToRecord(missing, name));
        }

        foreach (var pattern in _exclusions.Unmatched)
        {
            WriteWarning($"-ExcludeServer: no server matches '{pattern}'.");
        }

        try
        {
            if (_job!.Plans.Count > 0 && Await(stop => _job.FindMissingUsersAsync(_users.ExactUnmatched.Select(WildcardPattern.Unescape), stop)) is [var user, ..])
            {
                ThrowTerminatingError(Failures.SystemUserNotFound(user, _job.Plans.Count));
            }
        }
        catch (RunCloudException e)
        {
            ThrowTerminatingError(Failures.ToRecord(e, target: null));
        }
    }

    private void WarnOfPlan()
    {
        foreach (var warning in PlanText.WarningsOf(_job!.Plans, givesKeysBack: _undoFile is not null || _change!.Replacement is not null))
        {
            WriteWarning(warning);
        }
    }

    /// <summary>Whether to go on. Without changes there is no question, except with -WhatIf, which says that there are none.</summary>
    private bool IsAgreed()
    {
        var requests = _job!.ExpectedRequests(_undoFile is not null, !SkipInspection);
        var rate = Client.RateLimit is { } limit and > 0 ? (limit, Client.RateWindowLength) : ((int, TimeSpan)?)null;
        var text = new PlanText(_change!, _job.Plans, _job.Excluded, _job.ListFailure is null, requests, rate, InContext(Client));
        return (!IsRehearsal && !_job.Plans.Any(plan => plan.HasWork))
            || IsConfirmed(text.Target, () => ShouldProcess(text.Whole, text.Question, text.Caption));
    }

    private void SaveUndo()
    {
        if (_undoFile is null || !_job!.Plans.Any(plan => plan.HasWork))
        {
            return;
        }

        var gone = new HashSet<SshCredential>();
        Expect(_job.Plans.Sum(plan => plan.Credentials.Count));
        try
        {
            foreach (var unread in Stream(_job.CompleteAsync(Stop)))
            {
                WarnOfUnread(unread, gone);
            }
        }
        catch (RunCloudException e)
        {
            ThrowTerminatingError(Failures.ToRecord(e, target: null));
        }

        try
        {
            PrivateFile.Write(_undoFile, UndoFile.Content(_job.Plans.SelectMany(plan => plan.Credentials).Except(gone)), replace: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ThrowTerminatingError(Failures.UndoNotSaved(e, _undoFile));
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
                WriteWarning($"It is not known whether {problem.Credential} is temporary, so the undo file would restore it as a permanent key. {problem.Exception.Message}");
            }
        }
    }

    private void Carry()
    {
        _job!.Begin();
        Expect(_job.ExpectedRequests(savesUndo: false, !SkipInspection));

        // Even if the process is killed from now on, there is a report, and it says that it is not final.
        _report!.Save(_job, endedAt: null, Requests, Warnings, fail: null);
        var done = 0;
        foreach (var _ in Stream(_job.ExecuteAsync(Stop)))
        {
            Report(FormattableString.Invariant($"{++done} of {_job.Plans.Count(plan => plan.HasWork)} servers changed"));
        }

        done = 0;
        foreach (var _ in Stream(_job.ConfirmAsync(Stop)))
        {
            Report(FormattableString.Invariant($"{++done} of {_job.Plans.Count} servers confirmed"));
        }

        SaveFinalReport(fail: null);
        WriteAccounts();
        Inspect();
        SaveFinalReport(WriteError);
        if (_job.Refusal is { } refused && !_job.IsComplete)
        {
            ThrowTerminatingError(Failures.ToRecord(refused, target: null));
        }
    }
}
