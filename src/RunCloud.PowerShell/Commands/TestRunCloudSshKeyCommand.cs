using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary><c>Test-RunCloudSshKey</c>: asks the servers themselves, over SSH and without a private key, whether they would accept a key.</summary>
[Cmdlet(VerbsDiagnostic.Test, "RunCloudSshKey")]
[OutputType(typeof(SshKeyTest))]
public sealed class TestRunCloudSshKeyCommand : RunCloudApiCommand<ContextArgument[]>
{
    private const int DefaultPort = 22;
    private const int DefaultTimeout = 15;
    private const int DefaultAttempts = 4;

    private readonly List<(VerificationTarget Target, List<string> Fingerprints)> _targets = [];
    private readonly List<SshPublicKey> _given = [];
    private NamePatterns _users = new(names: null);
    private SshClient? _ssh;
    private int _stepsLeft;
    private int _rows;

    /// <summary>Makes the cmdlet.</summary>
    public TestRunCloudSshKeyCommand()
        : base("Asking servers over SSH")
    {
    }

    /// <summary>The keys: public key lines, paths of public key files, files, or credentials. Default: those of the rows that are piped in.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public KeyArgument[] Key { get; set; } = [];

    /// <summary>The servers: objects of <c>Get-RunCloudServer</c>, names, or rows that have a <c>ServerId</c>. Default: all of the workspace.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ServerArguments]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    public ServerArgument[] Server { get; set; } = [];

    /// <summary>The users' names, wildcards allowed. Default: the users of the rows, or else all that RunCloud lists, and root.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(UserNameCompleter))]
    public string[]? User { get; set; }

    /// <summary>The SSH port of all the servers.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int Port { get; set; } = DefaultPort;

    /// <summary>The file for new host keys. The user's own known_hosts is read and never written.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KnownHostsPath { get; set; }

    /// <summary>The time limit of a connection, in seconds.</summary>
    [Parameter]
    [ValidateRange(1, 300)]
    public int TimeoutSec { get; set; } = DefaultTimeout;

    /// <summary>The most connections to a server in ten minutes, over all commands of the session.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int AttemptLimit { get; set; } = DefaultAttempts;

    /// <summary>How many servers are asked in parallel, at most.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = 8;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _users = new NamePatterns(User);
        try
        {
            foreach (var selector in KeyArguments.Resolve(SessionState, Key, nameof(Key), takesSeveral: true))
            {
                _given.Add(selector.Key ?? throw new SshKeyFormatException(
                    $"-Key: {selector} is a fingerprint, which cannot be offered to a server. Give the whole public key.")
                { Parameter = nameof(Key) });
            }

            var knownHosts = PathArguments.ForKnownHosts(SessionState, KnownHostsPath, nameof(KnownHostsPath));
            _ssh = SshClient.Find() is { } program ? new SshClient(program, knownHosts, TimeSpan.FromSeconds(TimeoutSec)) : null;
        }
        catch (SshKeyFormatException e)
        {
            ThrowTerminatingError(Failures.InvalidPublicKey(e, nameof(Key)));
        }
        catch (ArgumentException e)
        {
            ThrowTerminatingError(Failures.InvalidPath(e));
        }

        if (_ssh is null)
        {
            ThrowTerminatingError(Failures.OpenSshNotFound());
        }

        if (_given.Count == 0 && !MyInvocation.ExpectingInput && Server.All(one => one.Given is string))
        {
            ThrowTerminatingError(Failures.NoKeyToTest(nameof(Key)));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var argument in Server)
        {
            _rows++;
            var row = TestRow.Of(argument);
            if (row.IsUntouched)
            {
                WriteVerbose($"{argument} was not asked: the row says that nothing was done there.");
                continue;
            }

            if (_given.Count == 0 && argument.Given is string)
            {
                WriteError(Failures.NoKeyToTest(argument.ToString()));
                continue;
            }

            var isTaken = false;
            foreach (var item in Sort([argument], takesCredentials: false))
            {
                Take(item, row);
                isTaken = true;
            }

            if (!isTaken)
            {
                AddToKnown(argument, row);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // An empty pipeline means no server. Only without any server argument are all servers selected.
        if (_rows == 0 && !MyInvocation.ExpectingInput && !MyInvocation.BoundParameters.ContainsKey(nameof(Server)))
        {
            ListAll();
        }

        if (_rows == 0 && _targets.Count == 0)
        {
            WriteError(Failures.ToRecord(
                new RunCloudException(RunCloudError.ServerNotFound, "No servers were given, so none was asked. The key may still be in use."), target: null));
        }

        var ready = Ready();
        if (ready.Count > 0)
        {
            Ask(ready);
        }

        base.EndProcessing();
    }

    private void ListAll()
    {
        foreach (var client in Clients)
        {
            try
            {
                foreach (var server in StreamServers(client))
                {
                    _rows++;
                    Take(new ServerItem(client, server.Id, server, CredentialId: null), row: null);
                }
            }
            catch (RunCloudException e)
            {
                WriteFailure(client, e, target: null);
            }
        }
    }

    private void Take(ServerItem item, TestRow? row)
    {
        var known = _targets.FirstOrDefault(one => one.Target.ServerId == item.ServerId && ReferenceEquals(one.Target.Client, item.Client));
        if (known.Target is null)
        {
            known = (new VerificationTarget(item.Client, item.ServerId, item.Server), []);
            _given.ForEach(known.Target.AddKey);
            _targets.Add(known);
        }

        Merge(known, row);
    }

    /// <summary>Another row of the same server.</summary>
    private void AddToKnown(ServerArgument argument, TestRow row)
    {
        if (argument.Row?.Properties[nameof(ServerItem.ServerId)] is { } property && IdArgument.From(property.Value).Value is { } id
            && _targets.FirstOrDefault(one => one.Target.ServerId == id) is { Target: not null } known)
        {
            Merge(known, row);
        }
    }

    private void Merge((VerificationTarget Target, List<string> Fingerprints) known, TestRow? row)
    {
        known.Target.WantsAllUsers |= row is null || row.Users.Count == 0;
        row?.Users.ForEach(known.Target.AddUser);
        known.Target.AddRemoval(row?.RemovedAt);
        if (_given.Count == 0 && row is not null)
        {
            row.Keys.ForEach(known.Target.AddKey);
            known.Fingerprints.AddRange(row.Fingerprints);
        }
    }

    /// <summary>The servers that have a key to test. A key that is a fingerprint in one row may be whole in another.</summary>
    private List<VerificationTarget> Ready()
    {
        var whole = _targets.SelectMany(one => one.Target.Keys).GroupBy(key => key.Fingerprint, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        var ready = new List<VerificationTarget>();
        foreach (var (target, fingerprints) in _targets)
        {
            var missing = fingerprints.Where(one => !whole.ContainsKey(one)).Distinct(StringComparer.Ordinal).ToList();
            fingerprints.Except(missing, StringComparer.Ordinal).ToList().ForEach(one => target.AddKey(whole[one]));
            if (missing.Count > 0 || target.Keys.Count == 0)
            {
                WriteError(Failures.NoKeyToTest(target.About));
            }

            if (target.Keys.Count > 0)
            {
                ready.Add(target);
            }
        }

        return ready;
    }

    private void CountStep()
    {
        _stepsLeft--;
        StepDone();
    }

    private void Ask(List<VerificationTarget> ready)
    {
        var exact = (User ?? []).Where(name => !WildcardPattern.ContainsWildcardCharacters(name)).Select(WildcardPattern.Unescape).ToList();

        // A server tells names apart by case, and would refuse any key of a user ROOT. The lists have the name as the server has it.
        var readsLists = User is null || exact.Count < User.Length || exact.Exists(name => name.Any(char.IsUpper));
        var options = new VerificationOptions
        {
            Port = Port,
            AttemptLimit = AttemptLimit,
            ThrottleLimit = ThrottleLimit,
            NamedUsers = exact,
            AcceptsListed = readsLists ? _users.Accept : null,
        };
        var done = 0;
        foreach (var own in ready.GroupBy(target => target.Client))
        {
            using var job = new KeyVerification(_ssh!, options, AttemptBudget.Session)
            {
                StepDone = () => Post(CountStep),
                StepsKnown = more => Post(() => Expect(_stepsLeft += more)),
            };
            try
            {
                foreach (var result in Stream(job.TestAsync([.. own], Stop)))
                {
                    Report(FormattableString.Invariant($"{++done} of {ready.Count} servers asked"));
                    TellNews();
                    foreach (var failure in result.Failures)
                    {
                        WriteFailure(failure, result.Target.About);
                    }

                    WriteObject(result.Tests, enumerateCollection: true);
                }
            }
            catch (RunCloudException e)
            {
                WriteFailure(own.Key, e, target: null);
            }
        }
    }
}
