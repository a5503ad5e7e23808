using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading.Tasks;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary><c>Remove-RunCloudSshCredential</c>: takes credentials off their servers, after asking, and accounts for each.</summary>
[Cmdlet(VerbsCommon.Remove, "RunCloudSshCredential", DefaultParameterSetName = InputObjectSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(SshCredentialRemoval))]
public sealed class RemoveRunCloudSshCredentialCommand : FanOutCommand<IReadOnlyList<SshCredentialRemoval>>
{
    private const string InputObjectSet = "InputObject";
    private const string IdSet = "Id";

    private readonly Dictionary<(RunCloudClient Client, long Id), (Server? Server, RunCloudException? Missing)> servers = [];
    private readonly List<SshCredentialRemoval> unverified = [];
    private bool isVerifying;

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

    /// <summary>Writes the account of each removal.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Reads each touched server's list after the removals, and holds them against it.</summary>
    [Parameter]
    public SwitchParameter Verify { get; set; }

    /// <inheritdoc/>
    private protected override bool FinishesWhatItBegan => true;

    /// <inheritdoc/>
    private protected override bool HearsAllInput => true;

    /// <inheritdoc/>
    private protected override string Unit => "credentials settled";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == InputObjectSet)
        {
            // First those that cannot be called for, so that nothing is sent before their errors.
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
                RemoveOne(Client, server[0], known: null, id, credential: null);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        Drain();
        isVerifying = true;
        foreach (var server in unverified.ToLookup(Place))
        {
            if (ClientFor(server.First()) is { } client)
            {
                Enqueue(server.Key, cancellation => client.VerifyRemovalsAsync([.. server], cancellation));
            }
        }

        base.EndProcessing();
    }

    /// <inheritdoc/>
    private protected override void Deliver(object target, IReadOnlyList<SshCredentialRemoval> result)
    {
        ForgetVerified(target);
        foreach (var removal in result)
        {
            if (IsFatal(removal))
            {
                EndWith(removal.Failure!, removal.Credential);
            }

            // What failed needs no proof, and is told at once.
            if (Verify && !isVerifying && removal.Outcome != RemovalStatus.Failed)
            {
                unverified.Add(removal);
            }
            else
            {
                Write(removal);
            }
        }
    }

    /// <inheritdoc/>
    private protected override bool IsFatal(IReadOnlyList<SshCredentialRemoval> result) => result.Any(IsFatal);

    /// <inheritdoc/>
    private protected override void NotBegun(object target, RunCloudException cause)
    {
        if (target is SshCredential credential)
        {
            Write(new SshCredentialRemoval(credential, RemovalStatus.Failed, $"Removing {credential} failed: nothing was sent, since the API no longer accepts the token.")
            {
                Failure = cause,
            });
        }
    }

    /// <inheritdoc/>
    private protected override void Account(RunCloudException cause)
    {
        foreach (var removal in unverified)
        {
            Write(Unverified(removal));
        }

        unverified.Clear();
    }

    /// <inheritdoc/>
    private protected override void Undelivered(object target, IReadOnlyList<SshCredentialRemoval>? result)
    {
        if (isVerifying && result is null)
        {
            // Still among those that were not read back.
            return;
        }

        ForgetVerified(target);
        foreach (var removal in result ?? [])
        {
            Host?.UI?.WriteWarningLine($"{removal}. The command ended before it could say so.");
        }

        if (result is null)
        {
            Host?.UI?.WriteWarningLine($"{target}: {RemovalStatus.Unconfirmed}. The removal was under way when the command ended.");
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        foreach (var removal in unverified)
        {
            Host?.UI?.WriteWarningLine($"{Unverified(removal)}. The command ended before it was read back.");
        }

        unverified.Clear();
    }

    /// <summary>A server in its workspace: what is read back together.</summary>
    private static (Context? Home, long ServerId) Place(SshCredentialRemoval removal) => (RunCloud.Context.Of(removal), removal.ServerId);

    private static bool IsFatal(SshCredentialRemoval removal) => removal.Failure is { IsFatal: true };

    /// <summary>What is known of a removal that was to be read back and was not.</summary>
    private static SshCredentialRemoval Unverified(SshCredentialRemoval removal) => removal.Outcome == RemovalStatus.Removed
        ? new SshCredentialRemoval(removal.Credential, RemovalStatus.Unconfirmed, $"Removing {removal.Credential} is not confirmed: the command ended before it was read back.")
        : removal;

    private void ForgetVerified(object target)
    {
        if (isVerifying)
        {
            _ = unverified.RemoveAll(removal => Place(removal).Equals(target));
        }
    }

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

    /// <summary>Asks and removes. Ids name nothing, so what they stand for is read before anybody is asked.</summary>
    private void RemoveOne(RunCloudClient client, long serverId, Server? known, long id, SshCredential? credential)
    {
        var named = credential ?? new SshCredential(serverId, id, publicKey: null);
        if (Fatal is { } cause)
        {
            NotBegun(named, cause);
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
            Enqueue(named, async cancellation => [await client.SettleAbsenceAsync(named, e, cancellation).ConfigureAwait(false)]);
            return;
        }
        catch (RunCloudException e)
        {
            Settled(new SshCredentialRemoval(named, RemovalStatus.Failed, $"Removing {named} failed: it could not be read before. {e.Message}") { Failure = e });
            return;
        }

        if (IsConfirmed(named.ToString(), "Remove SSH credential"))
        {
            Enqueue(named, async cancellation => [await client.RemoveSshCredentialAsync(named, cancellation).ConfigureAwait(false)]);
        }
    }

    /// <summary>Accounts for what needs no request, in its turn.</summary>
    private void Settled(SshCredentialRemoval removal) =>
        Enqueue(removal.Credential, _ => Task.FromResult<IReadOnlyList<SshCredentialRemoval>>([removal]));

    /// <summary>The server, whose name belongs in the question and whose state in the account; read once, and not asked for again where there is none.</summary>
    private Server FindServer(RunCloudClient client, long id)
    {
        if (servers.TryGetValue((client, id), out var found))
        {
            return found.Server ?? throw found.Missing!;
        }

        try
        {
            var server = Await(cancellation => client.GetServerAsync(id, cancellation));
            servers[(client, id)] = (server, null);
            return server;
        }
        catch (RunCloudException e) when (e.Error == RunCloudError.ServerNotFound)
        {
            servers[(client, id)] = (null, e);
            throw;
        }
    }
}
