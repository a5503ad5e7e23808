using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary><c>Test-RunCloudSshAccess</c>: checks who can reach what against rules, lists and an earlier report.</summary>
[Cmdlet(VerbsDiagnostic.Test, "RunCloudSshAccess")]
[OutputType(typeof(SshFinding))]
public sealed class TestRunCloudSshAccessCommand : AuditCommand
{
    private const string BaselineName = "Baseline";

    private readonly DateTimeOffset _startedAt = DateTimeOffset.UtcNow;
    private AccessOptions _options = new();
    private ReportFiles? _reports;
    private string? _baselineFile;

    /// <summary>Makes the cmdlet.</summary>
    public TestRunCloudSshAccessCommand()
        : base("Auditing SSH access")
    {
    }

    /// <summary>The servers, as <c>Get-RunCloudServer</c> gives them, or their names, or objects that have a <c>ServerId</c>. Default: all.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ServerArguments]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    public ServerArgument[] Server { get; set; } = [];

    /// <summary>The allowed keys, usually in files of many lines. MD5 fingerprints are not accepted.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public KeyArgument[] AllowedKey { get; set; } = [];

    /// <summary>The blocked keys.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public KeyArgument[] BlockedKey { get; set; } = [];

    /// <summary>The age in days from which a key is old.</summary>
    [Parameter]
    [ValidateRange(1, 36500)]
    public int MaximumAgeDays { get; set; } = 365;

    /// <summary>The <c>.json</c> report of an earlier run, to find what is new and what is gone.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Baseline { get; set; }

    /// <summary>The rules to check. Default: all.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ValidateSet(
        "Blocked", "NotAllowed", "CertificateAuthority", "DeploymentKeyIsLoginKey", "WeakKey", "PasswordLogin", "RootLogin", "RootKey", "Unreadable",
        "SharedKey", "OldKey", "UnknownAge", "NewSinceBaseline", "GoneSinceBaseline", "ServerNotRead")]
    public string[]? Rule { get; set; }

    /// <summary>The rules not to check.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ValidateSet(
        "Blocked", "NotAllowed", "CertificateAuthority", "DeploymentKeyIsLoginKey", "WeakKey", "PasswordLogin", "RootLogin", "RootKey", "Unreadable",
        "SharedKey", "OldKey", "UnknownAge", "NewSinceBaseline", "GoneSinceBaseline", "ServerNotRead")]
    public string[]? ExcludeRule { get; set; }

    /// <summary>The lowest severity to write to the output. Reports contain all findings.</summary>
    [Parameter]
    [ValidateSet("Info", "Low", "Medium", "High", "Critical")]
    public string MinimumSeverity { get; set; } = "Info";

    /// <summary>Files for the report: <c>.json</c> for machines and as a later baseline, <c>.html</c> for people, <c>.csv</c> for spreadsheets.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? ReportPath { get; set; }

    /// <summary>The reason for the run, for the report.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Reason { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        try
        {
            _options = new AccessOptions
            {
                Rules = [.. AccessRule.All.Where(rule => IsAmong(Rule, rule, otherwise: true) && !IsAmong(ExcludeRule, rule, otherwise: false))],
                Allowed = KeyArguments.ResolveList(SessionState, AllowedKey, nameof(AllowedKey), takesMd5: false),
                Blocked = KeyArguments.ResolveList(SessionState, BlockedKey, nameof(BlockedKey), takesMd5: true),
                MaximumAgeDays = MaximumAgeDays,
            };
            _baselineFile = PathArguments.ResolveExisting(SessionState, Baseline, nameof(Baseline));
            _reports = ReportFiles.Resolve(SessionState, ReportPath, _baselineFile, BaselineName, takesAnyName: false);
        }
        catch (SshKeyFormatException e)
        {
            ThrowTerminatingError(Failures.InvalidPublicKey(e, e.Parameter));
        }
        catch (ArgumentException e)
        {
            ThrowTerminatingError(Failures.InvalidPath(e));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Collect(Server);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var isOfOne = _baselineFile is not null || !_reports!.IsEmpty;
        if (isOfOne)
        {
            AdoptNamed();
            ReadBaseline();
        }

        CheckRules();
        var parts = Wanted([]);
        if (parts.Count > 1 && isOfOne)
        {
            ThrowTerminatingError(Failures.SeveralWorkspaces());
        }

        foreach (var (client, servers) in parts)
        {
            Audit(client, servers);
        }

        if (parts.Count == 0 && !HasRefusals)
        {
            WriteNoServer();
        }

        base.EndProcessing();
    }

    private void Audit(RunCloudClient client, IReadOnlyList<(long Id, Server? Server)>? servers)
    {
        using var audit = new AccessAudit(client, _options, servers, ThrottleLimit);
        if (!Read(client, audit, static _ => { }))
        {
            return;
        }

        if (audit.Servers.Count == 0)
        {
            WriteNoServer();
            return;
        }

        TellNews();
        Speak(client, audit.Facts());
    }

    private static bool IsAmong(string[]? names, AccessRule rule, bool otherwise) => names?.Contains(rule.Name, StringComparer.OrdinalIgnoreCase) ?? otherwise;

    private void ReadBaseline()
    {
        if (_baselineFile is null)
        {
            return;
        }

        try
        {
            var baseline = Api.Baseline.Read(File.ReadAllBytes(_baselineFile), Client.Endpoint, out var problem);
            if (baseline is null)
            {
                ThrowTerminatingError(Failures.BaselineMismatch(_baselineFile, problem!));
            }

            _options = _options with { Baseline = baseline };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ThrowTerminatingError(Failures.BaselineMismatch(_baselineFile, $"cannot be read ({e.Message})"));
        }
    }

    /// <summary>A rule that is given by name but cannot find anything would make every fleet look clean.</summary>
    private void CheckRules()
    {
        if (_options.Rules.Count == 0)
        {
            ThrowTerminatingError(Failures.InvalidRule("-ExcludeRule leaves no rule, so nothing would be checked."));
        }

        if (Rule is not null && _options.Rules.Select(rule => (rule.Name, Missing: rule.MissingParameter(_options))).FirstOrDefault(rule => rule.Missing is not null) is ({ } name, { } missing))
        {
            ThrowTerminatingError(Failures.InvalidRule($"The rule {name} checks nothing without -{missing}."));
        }
    }

    private void Speak(RunCloudClient client, AccessFacts facts)
    {
        Warn(facts);
        var findings = AccessAudit.Find(facts);
        SaveReports(client, facts, findings);
        var least = Enum.TryParse<FindingSeverity>(MinimumSeverity, ignoreCase: true, out var level) ? level : FindingSeverity.Info;
        foreach (var finding in findings.Where(finding => finding.Level >= least))
        {
            WriteObject(finding);
        }

        WriteVerbose(FormattableString.Invariant(
            $"Looked at {facts.Servers.Count} servers, {facts.Servers.Sum(server => server.Credentials.Count)} credentials and {facts.Keys.All.Count} keys; {_options.Rules.Count(rule => rule.MissingParameter(_options) is null)} rules checked, {findings.Count} findings."));
    }

    private void Warn(AccessFacts facts)
    {
        var unread = facts.Servers.Where(server => !server.IsComplete).Select(server => server.Server.ToString()).ToList();
        if (unread.Count > 0)
        {
            WriteWarning(FormattableString.Invariant($"{unread.Count} of {facts.Servers.Count} servers were not read completely: {string.Join(", ", unread.Take(5))}{(unread.Count > 5 ? ", …" : string.Empty)}. The rest of what they have is not known."));
        }

        if (!facts.IsListComplete)
        {
            WriteWarning("The list of servers was not read completely, so there may be servers that were not checked.");
        }

        if (_options.Baseline is { } baseline)
        {
            var notCompared = facts.Servers.Count(server => baseline.Find(server.Server.Id) is { IsRead: false });
            if (notCompared > 0)
            {
                WriteWarning(FormattableString.Invariant($"Servers that were not read when the baseline was made, and so were not compared with it: {notCompared}."));
            }
        }
    }

    private void SaveReports(RunCloudClient client, AccessFacts facts, IReadOnlyList<SshFinding> findings)
    {
        if (_reports!.IsEmpty)
        {
            return;
        }

        var run = RunRecords.Create(this, RunCloud.Context.Of(client.Origin)!, Reason, _startedAt, DateTimeOffset.UtcNow);
        var snapshot = AccessSnapshot.Create(facts, findings, run, Requests, Warnings);
        _reports.Write(
            format => format switch
            {
                ReportFormat.Html => AccessPage.ToBytes(snapshot),
                ReportFormat.Csv => AccessTable.ToBytes(facts, findings),
                _ => snapshot.ToBytes(),
            },
            WriteError);
    }
}
