using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary><c>Remove-RunCloudSshCredential</c>: takes credentials off their servers, after asking, and accounts for each.</summary>
[Cmdlet(VerbsCommon.Remove, "RunCloudSshCredential", DefaultParameterSetName = InputObjectSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(SshCredentialRemoval))]
public sealed class RemoveRunCloudSshCredentialCommand : FanOutCommand<IReadOnlyList<SshCredentialRemoval>>
{
    private const string InputObjectSet = "InputObject";
    private const string IdSet = "Id";

    private readonly Dictionary<long, Server?> servers = [];
    private readonly List<SshCredentialRemoval> unverified = [];
    private bool isVerifying;

    /// <summary>Makes the cmdlet.</summary>
    public RemoveRunCloudSshCredentialCommand()
        : base("Removing SSH credentials")
    {
    }

    /// <summary>The credentials, as <c>Get-RunCloudSshCredential</c> gives them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = InputObjectSet)]
    [ValidateNotNullOrEmpty]
    public SshCredential[] InputObject { get; set; } = [];

    /// <summary>The server's id.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = IdSet)]
    public long ServerId { get; set; }

    /// <summary>The credentials' ids on that server.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = IdSet)]
    [ValidateNotNullOrEmpty]
    public long[] Id { get; set; } = [];

    /// <summary>Writes the account of each removal.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Reads each touched server's list after the removals, and holds them against it.</summary>
    [Parameter]
    public SwitchParameter Verify { get; set; }

    /// <inheritdoc/>
    private protected override bool FinishesWhatItBegan => true;

    /// <inheritdoc/>
    private protected override string Unit => "credentials settled";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == InputObjectSet)
        {
            foreach (var credential in InputObject)
            {
                if (credential.Server is not null)
                {
                    Remove(credential);
                }
                else if (FindServer(credential.ServerId) is { } server)
                {
                    Remove(credential.On(server));
                }
            }
        }
        else if (FindServer(ServerId) is { } server)
        {
            foreach (var id in Id)
            {
                RemoveById(server, id);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        Drain();
        isVerifying = true;
        var removals = unverified.ToLookup(removal => removal.ServerId);
        unverified.Clear();
        foreach (var server in removals)
        {
            Enqueue(server.Key, cancellation => Client.VerifyRemovalsAsync([.. server], cancellation));
        }

        base.EndProcessing();
    }

    /// <inheritdoc/>
    private protected override void Deliver(object target, IReadOnlyList<SshCredentialRemoval> result)
    {
        foreach (var removal in result)
        {
            if (removal.Failure is { } failure && Failures.IsFatal(failure))
            {
                EndWith(failure, removal.Credential);
            }

            if (Verify && !isVerifying)
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
    private protected override void Account()
    {
        foreach (var removal in unverified)
        {
            Write(removal.Status == RemovalStatus.Removed
                ? new SshCredentialRemoval(removal.Credential, RemovalStatus.Unconfirmed, "The API took the removal, but the command ended before it was read back.")
                : removal);
        }

        unverified.Clear();
    }

    /// <inheritdoc/>
    private protected override void Interrupted(object target)
    {
        if (target is SshCredential)
        {
            Host?.UI?.WriteWarningLine($"Unconfirmed: the removal of {target} was under way when the command was stopped.");
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

    private void Remove(SshCredential credential)
    {
        if (IsConfirmed(credential.ToString(), "Remove SSH credential"))
        {
            Enqueue(credential, async cancellation => [await Client.RemoveSshCredentialAsync(credential, cancellation).ConfigureAwait(false)]);
        }
    }

    /// <summary>Ids name nothing, so what they stand for is read before anybody is asked.</summary>
    private void RemoveById(Server server, long id)
    {
        try
        {
            Remove(Await(cancellation => Client.GetSshCredentialAsync(server.Id, server, id, cancellation)));
        }
        catch (RunCloudException e) when (e.Error == RunCloudError.SshCredentialNotFound)
        {
            var absent = new SshCredentialRemoval(new SshCredential(server.Id, id, publicKey: null) { Server = server, ServerName = server.Name }, RemovalStatus.AlreadyAbsent);
            WriteVerbose($"SSH credential {id} is not on {server}: nothing to remove.");
            Write(absent);
        }
        catch (RunCloudException e)
        {
            WriteFailure(e, id);
        }
    }

    /// <summary>The server, whose name belongs in the question and whose state in the account; read once.</summary>
    private Server? FindServer(long id)
    {
        if (!servers.TryGetValue(id, out var server))
        {
            try
            {
                server = Await(cancellation => Client.GetServerAsync(id, cancellation));
            }
            catch (RunCloudException e)
            {
                WriteFailure(e, id);
            }

            servers[id] = server;
        }

        return server;
    }
}
