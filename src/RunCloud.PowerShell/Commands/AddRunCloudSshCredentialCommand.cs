using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary><c>Add-RunCloudSshCredential</c>: puts a public key on servers, or puts saved credentials back.</summary>
[Cmdlet(VerbsCommon.Add, "RunCloudSshCredential", DefaultParameterSetName = ServerIdSet, SupportsShouldProcess = true)]
[OutputType(typeof(SshCredential))]
public sealed class AddRunCloudSshCredentialCommand : RunCloudApiCommand<ContextArgument[]>
{
    private const string ServerSet = "Server";
    private const string InputObjectSet = "InputObject";

    /// <summary>The default set: with the other one, a row whose label is a number would bind as a server before its ServerId is looked at.</summary>
    private const string ServerIdSet = "ServerId";

    private OrderedOutput<SshCredential>? _additions;

    /// <summary>Makes the cmdlet.</summary>
    public AddRunCloudSshCredentialCommand()
        : base("Adding SSH credentials")
    {
    }

    /// <summary>The servers, as <c>Get-RunCloudServer</c> gives them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ServerSet)]
    [ValidateNotNullOrEmpty]
    public Server[] Server { get; set; } = [];

    /// <summary>The servers' ids.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ServerIdSet)]
    [IdArguments]
    [ValidateNotNullOrEmpty]
    public IdArgument[] ServerId { get; set; } = [];

    /// <summary>An object of another command. It gives the server and the workspace.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputObjectSet)]
    [OriginArguments]
    [ValidateNotNull]
    public OriginArgument? InputObject { get; set; }

    /// <summary>The system user's name.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ExactUserNameCompleter))]
    public string User { get; set; } = string.Empty;

    /// <summary>The label, unique on its server.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Label { get; set; } = string.Empty;

    /// <summary>The public key line. If typed, and not from the pipeline, also the path of its file.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string PublicKey { get; set; } = string.Empty;

    /// <summary>Whether RunCloud removes the key automatically after 12 hours.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SwitchText]
    public SwitchParameter Temporary { get; set; }

    /// <summary>Writes the credential as the API returns it.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>How many requests run in parallel, at most.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = 8;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _additions = InOrder<SshCredential>(ThrottleLimit, Deliver, "credentials added", finishesWhatItBegan: true);

        // Pipeline input is not bound yet, so the value was typed: a path is accepted from the user, never from data.
        if (!MyInvocation.BoundParameters.ContainsKey(nameof(PublicKey)))
        {
            return;
        }

        try
        {
            PublicKey = KeyArguments.ResolveLine(SessionState, new KeyArgument(PublicKey), nameof(PublicKey));
        }
        catch (SshKeyFormatException e)
        {
            ThrowTerminatingError(Failures.InvalidPublicKey(e, nameof(PublicKey)));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        NewSshCredential credential;
        string fingerprint;
        try
        {
            credential = new NewSshCredential(User, Label, PublicKey, Temporary);
            fingerprint = SshPublicKey.Parse(PublicKey).Fingerprint;
        }
        catch (SshKeyFormatException e)
        {
            WriteError(Failures.InvalidPublicKey(e, Label));
            return;
        }
        catch (ArgumentException e)
        {
            WriteError(Failures.Record(e, nameof(RunCloudError.ValidationFailed), ErrorCategory.InvalidArgument, Label, "Give a user and a label that are not blank."));
            return;
        }

        foreach (var item in Targets())
        {
            if (RefusalOf(item.Client.Origin) is null)
            {
                Add(item, credential, fingerprint);
            }

            EndIfRefused();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        foreach (var target in _additions?.CutOff ?? [])
        {
            WriteLastWords($"An SSH credential was being added to server {target} when the command ended, so it is not known whether it was added.");
        }
    }

    /// <summary>The servers to add to. An argument that does not identify a server is an error of its own, before any request.</summary>
    private List<ServerItem> Targets() => ParameterSetName switch
    {
        ServerSet => [.. Server.Select(server => ClientFor(server) is { } own ? new ServerItem(own, server.Id, server, CredentialId: null) : null).OfType<ServerItem>()],
        InputObjectSet => ClientFor(InputObject!.Given) is { } own
            ? [new ServerItem(own, InputObject.ServerId, OriginArgument.ServerOf(InputObject.Given), CredentialId: null)]
            : [],
        _ => Sort(ServerId, nameof(ServerId)),
    };

    private void Add(ServerItem item, NewSshCredential credential, string fingerprint)
    {
        var target = $"'{credential.Label}' of {credential.User} ({fingerprint}) on {SshCredential.ServerText(item.ServerId, item.Server?.Name)}{InContext(item.Client)}";
        if (IsConfirmed(target, credential.Temporary ? "Add SSH credential for 12 hours" : "Add SSH credential"))
        {
            _additions!.Add(item.Client.Origin, item.Target, cancellation => item.Client.PlaceSshCredentialAsync(item.ServerId, item.Server, credential, cancellation));
        }
    }

    private void Deliver(object target, SshCredential added)
    {
        if (PassThru)
        {
            WriteObject(added);
        }
    }
}
