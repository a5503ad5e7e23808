using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary><c>Remove-RunCloudSshCredential</c>: removes credentials from their servers, after confirmation, and reports the outcome of each.</summary>
[Cmdlet(VerbsCommon.Remove, "RunCloudSshCredential", DefaultParameterSetName = InputObjectSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(SshCredentialRemoval))]
public sealed class RemoveRunCloudSshCredentialCommand : RunCloudApiCommand<ContextArgument[]>
{
    private const string InputObjectSet = "InputObject";
    private const string IdSet = "Id";

    private readonly Dictionary<(RunCloudClient Client, long Id), (Server? Server, RunCloudException? Missing)> _servers = [];
    private readonly RemovalLedger _ledger = new();
    private OrderedOutput<RemovalLedger.Entry>? _removals;
    private OrderedOutput<IReadOnlyList<RemovalLedger.Entry>>? _readBacks;

    /// <summary>Makes the cmdlet.</summary>
    public RemoveRunCloudSshCredentialCommand()
        : base("Removing SSH credentials")
    {
    }

    /// <summary>The credentials, as <c>Get-RunCloudSshCredential</c> gives them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = InputObjectSet)]
    [CredentialOfRemoval]
    [ValidateNotNullOrEmpty]
    public SshCredential[] InputObject { get; set; } = [];

    /// <summary>The server's id.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = IdSet)]
    [OneId]
    [ValidateNotNull]
    public IdArgument? ServerId { get; set; }

    /// <summary>The credentials' ids on that server.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = IdSet)]
    [IdArguments]
    [ValidateNotNullOrEmpty]
    public IdArgument[] Id { get; set; } = [];

    /// <summary>Writes the outcome of each removal.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Reads the list of each changed server after the removals, and checks them against it.</summary>
    [Parameter]
    public SwitchParameter Verify { get; set; }

    /// <summary>How many requests run in parallel, at most.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = 8;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _removals = InOrder<RemovalLedger.Entry>(ThrottleLimit, Deliver, "credentials settled", finishesWhatItBegan: true);
        _readBacks = InOrder<IReadOnlyList<RemovalLedger.Entry>>(ThrottleLimit, Deliver, "servers read back", finishesWhatItBegan: true);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        RemoveAll();
        if (HasRefusals)
        {
            // Every remaining credential of the input needs an outcome, and the input may end at any time.
            _removals!.Drain(isEnd: false);
            WriteRest(ofRefusedOnly: true);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        _removals!.Drain(isEnd: true);
        foreach (var server in _ledger.ToReadBack.ToLookup(entry => (Home: OriginOf(entry.Credential), entry.Credential.ServerId)))
        {
            if (RefusalOf(server.Key.Home) is null)
            {
                ReadBack(server.Key, [.. server]);
            }
        }

        _readBacks!.Drain(isEnd: true);
        WriteRest(ofRefusedOnly: false);
        base.EndProcessing();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        foreach (var removal in _ledger.TakeRest(Refusal, entry => entry.Stage >= RemovalLedger.Stage.Sent))
        {
            WriteLastWords($"{removal}. The command ended before it could write this result.");
        }
    }

    private void RemoveAll()
    {
        if (ParameterSetName == InputObjectSet)
        {
            // Invalid input first, so that no request is sent before its errors.
            foreach (var (client, credential) in InputObject.Select(credential => (ClientFor(credential), credential)).ToList())
            {
                if (client is not null)
                {
                    RemoveOne(client, credential.ServerId, credential.Server, credential.Id, credential);
                }
            }

            return;
        }

        var server = CheckIds([ServerId!], nameof(ServerId));
        var ids = CheckIds(Id, nameof(Id));
        if (server.Count == 1)
        {
            foreach (var id in ids)
            {
                if (ClientFor(id) is { } client)
                {
                    RemoveOne(client, server[0], known: null, id, credential: null);
                }
            }
        }
    }

    private void Deliver(object target, RemovalLedger.Entry entry)
    {
        NoteRefusal(entry);

        // With -Verify the outcome is written after the list was read back.
        if (entry.Stage == RemovalLedger.Stage.ReadBack)
        {
            Write(entry.Take());
        }
    }

    private void Deliver(object target, IReadOnlyList<RemovalLedger.Entry> entries)
    {
        foreach (var entry in entries)
        {
            NoteRefusal(entry);
            Write(entry.Take());
        }
    }

    private void NoteRefusal(RemovalLedger.Entry entry)
    {
        if (entry.Outcome!.Failure is { IsFatal: true } refusal)
        {
            Refuse(OriginOf(entry.Credential), refusal, entry.Credential);
        }
    }

    private void WriteRest(bool ofRefusedOnly)
    {
        foreach (var removal in _ledger.TakeRest(Refusal, entry => !ofRefusedOnly || Refusal(entry.Credential) is not null))
        {
            Write(removal);
        }
    }

    /// <summary>The workspace that a credential is removed in.</summary>
    private Origin OriginOf(SshCredential credential) => ((IOriginated)credential).Origin ?? Client.Origin;

    private RunCloudException? Refusal(SshCredential credential) => RefusalOf(OriginOf(credential));

    private void Write(SshCredentialRemoval removal)
    {
        if (PassThru)
        {
            WriteObject(removal);
        }

        if (Failures.ToRecord(removal) is { } record)
        {
            WriteError(record);
        }
    }

    /// <summary>Asks and removes. Credentials given by id are read first, so that the question can name them.</summary>
    private void RemoveOne(RunCloudClient client, long serverId, Server? known, long id, SshCredential? credential)
    {
        var named = credential ?? new SshCredential(serverId, id, publicKey: null).From(client.Origin);
        if (RefusalOf(client.Origin) is not null)
        {
            _ = _ledger.Expect(named);
            return;
        }

        try
        {
            var server = known ?? FindServer(client, serverId);
            named = named.On(server);
            if (credential is null)
            {
                named = Await(cancellation => client.GetSshCredentialAsync(serverId, server, id, cancellation));
            }
        }
        catch (RunCloudException e) when (e.Error == RunCloudError.SshCredentialNotFound)
        {
            Begin(named, (_, cancellation) => client.SettleAbsenceAsync(named, e, cancellation));
            return;
        }
        catch (RunCloudException e)
        {
            var failed = new SshCredentialRemoval(named, RemovalStatus.Failed, $"Removing {named} failed: it could not be read first. {e.Message}") { Failure = e };
            Begin(named, (_, _) => Task.FromResult(failed));
            return;
        }

        if (IsConfirmed($"{named}{InContext(client)}", "Remove SSH credential"))
        {
            Begin(named, (entry, cancellation) =>
            {
                entry.Send();
                return client.RemoveSshCredentialAsync(named, cancellation);
            });
        }
    }

    private void Begin(SshCredential credential, Func<RemovalLedger.Entry, CancellationToken, Task<SshCredentialRemoval>> remove)
    {
        var entry = _ledger.Expect(credential);
        var lane = LaneOf(OriginOf(credential));
        _removals!.Add(OriginOf(credential), credential, async cancellation =>
        {
            var removal = await remove(entry, cancellation).ConfigureAwait(false);
            if (Verify && removal.Outcome != RemovalStatus.Failed)
            {
                entry.Settle(removal);
            }
            else
            {
                // A failed removal needs no read-back.
                entry.ReadBack(removal);
            }

            BeginNoMoreAfter(removal, lane);
            return entry;
        });
    }

    /// <summary>Reads a server's list after the removals.</summary>
    private void ReadBack(object server, IReadOnlyList<RemovalLedger.Entry> entries)
    {
        if (ClientFor(entries[0].Credential) is { } client)
        {
            var lane = LaneOf(client.Origin);
            _readBacks!.Add(client.Origin, server, async cancellation =>
            {
                var verified = await client.VerifyRemovalsAsync([.. entries.Select(entry => entry.Outcome!)], cancellation).ConfigureAwait(false);
                for (var i = 0; i < entries.Count; i++)
                {
                    entries[i].ReadBack(verified[i]);
                    BeginNoMoreAfter(verified[i], lane);
                }

                return entries;
            });
        }
    }

    /// <summary>As soon as the token is refused, and not when the result is delivered: later requests would be sent in the meantime.</summary>
    private static void BeginNoMoreAfter(SshCredentialRemoval removal, WorkLane lane)
    {
        if (removal.Failure is { IsFatal: true })
        {
            lane.BeginNoMore();
        }
    }

    /// <summary>The server, for its name in the question and its state in the outcome. It is read once; a missing server is not asked for again.</summary>
    private Server FindServer(RunCloudClient client, long id)
    {
        if (_servers.TryGetValue((client, id), out var found))
        {
            return found.Server ?? throw found.Missing!;
        }

        try
        {
            var server = Await(cancellation => client.GetServerAsync(id, cancellation));
            _servers[(client, id)] = (server, null);
            return server;
        }
        catch (RunCloudException e) when (e.Error == RunCloudError.ServerNotFound)
        {
            _servers[(client, id)] = (null, e);
            throw;
        }
    }
}
