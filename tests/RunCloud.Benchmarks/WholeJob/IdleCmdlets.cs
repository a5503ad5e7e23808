using System.Management.Automation;

namespace RunCloud.Benchmarks.WholeJob;

/// <summary>Three commands that pass on as many objects as the module's pipeline and do nothing, to measure the shell's own part.</summary>
[Cmdlet(VerbsCommon.Get, "IdleServer")]
public sealed class GetIdleServerCommand : PSCmdlet
{
    /// <summary>How many objects are written.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public int Count { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        for (var id = 0; id < Count; id++)
        {
            WriteObject(new IdleServer(id));
        }
    }
}

/// <summary>Writes one object for each server, and for every third one a second.</summary>
[Cmdlet(VerbsCommon.Get, "IdleCredential")]
public sealed class GetIdleCredentialCommand : PSCmdlet
{
    /// <summary>The server.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public IdleServer[] Server { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var server in Server)
        {
            WriteObject(new IdleCredential(server.Id, 1));
            if (server.Id % 3 == 0)
            {
                WriteObject(new IdleCredential(server.Id, 2));
            }
        }
    }
}

/// <summary>Asks as a command that removes does, and removes nothing.</summary>
[Cmdlet(VerbsCommon.Remove, "IdleCredential", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveIdleCredentialCommand : PSCmdlet
{
    /// <summary>The credential.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public IdleCredential[] Credential { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var credential in Credential)
        {
            _ = ShouldProcess($"credential {credential.Id} of server {credential.ServerId}", "Remove");
        }
    }
}

/// <summary>An object without content.</summary>
/// <param name="Id">The id.</param>
public sealed record IdleServer(int Id);

/// <summary>An object without content.</summary>
/// <param name="ServerId">The id of the server.</param>
/// <param name="Id">The id.</param>
public sealed record IdleCredential(int ServerId, int Id);
