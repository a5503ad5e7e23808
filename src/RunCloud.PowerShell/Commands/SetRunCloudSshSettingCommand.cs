using System;
using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary><c>Set-RunCloudSshSetting</c>: closes or opens servers to passwords and to root, after asking.</summary>
[Cmdlet(VerbsCommon.Set, "RunCloudSshSetting", DefaultParameterSetName = ServerSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(SshSetting))]
public sealed class SetRunCloudSshSettingCommand : RunCloudApiCommand
{
    private const string ServerSet = "Server";
    private const string ServerIdSet = "ServerId";

    private int done;

    /// <summary>Makes the cmdlet.</summary>
    public SetRunCloudSshSettingCommand()
        : base("Changing SSH settings")
    {
    }

    /// <summary>The servers, as <c>Get-RunCloudServer</c> gives them, or their names, or objects that have a <c>ServerId</c>.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ServerSet)]
    [ServerArguments]
    [ValidateNotNullOrEmpty]
    public ServerArgument[] Server { get; set; } = [];

    /// <summary>The servers' ids.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ServerIdSet)]
    [IdArguments]
    [ValidateNotNullOrEmpty]
    public IdArgument[] ServerId { get; set; } = [];

    /// <summary>Whether people shall get in with a key only: true means that passwords are refused. Left out: as it is.</summary>
    [Parameter]
    public bool PasswordlessLogin { get; set; }

    /// <summary>Whether root shall be refused. Left out: as it is.</summary>
    [Parameter]
    public bool PreventRootLogin { get; set; }

    /// <summary>Whether the server shall look up the name of whoever connects. Left out: as it is.</summary>
    [Parameter]
    public bool UseDns { get; set; }

    /// <summary>Writes each server's settings as they are then.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (!IsGiven(nameof(PasswordlessLogin)) && !IsGiven(nameof(PreventRootLogin)) && !IsGiven(nameof(UseDns)))
        {
            ThrowTerminatingError(Failures.Record(
                new InvalidOperationException("There is nothing to set."),
                "NothingToSet",
                ErrorCategory.InvalidArgument,
                target: null,
                "Give -PasswordlessLogin, -PreventRootLogin or -UseDns, each as $true or $false."));
        }

        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var item in ParameterSetName == ServerSet ? Sort(Server, takesCredentials: false) : Sort(ServerId, nameof(ServerId)))
        {
            Set(item);
        }
    }

    /// <summary>Asks and sets. An id names nothing and tells no state, so its server is read before anybody is asked.</summary>
    private void Set(ServerItem item)
    {
        try
        {
            var server = item.Server ?? Await(cancellation => item.Client.GetServerAsync(item.ServerId, cancellation));
            var present = Await(cancellation => item.Client.GetSshSettingAsync(item.ServerId, server, cancellation));
            var wanted = Wanted(present, server);
            var changes = wanted.Changes(present);
            if (changes.Count > 0)
            {
                if (!IsConfirmed(server.ToString(), $"Change SSH settings: {string.Join(", ", changes)}"))
                {
                    return;
                }

                present = Change(item.Client, server, wanted);
            }

            if (!server.IsReachable)
            {
                WriteWarning($"RunCloud holds these SSH settings for {server}, but {(server.Reachability == ServerReachability.Offline ? "the server is offline or was never linked" : server.WhyUnreachable)}, so nobody knows whether it has them.");
            }

            if (PassThru)
            {
                WriteObject(present);
            }
        }
        catch (RunCloudException e)
        {
            WriteFailure(e, item.Target);
        }

        Report(FormattableString.Invariant($"{++done} servers settled"));
    }

    private SshSetting Change(RunCloudClient client, Server server, NewSshSetting wanted)
    {
        try
        {
            return Await(cancellation => client.ApplySshSettingAsync(server.Id, server, wanted, cancellation));
        }
        catch (PipelineStoppedException)
        {
            // The streams are closed by then; the host still listens.
            Host?.UI?.WriteWarningLine($"The change of the SSH settings of {server} was under way when the command ended, so nobody knows whether it was done.");
            throw;
        }
    }

    /// <summary>All three, since the API takes no fewer: what was not given stays as it is.</summary>
    private NewSshSetting Wanted(SshSetting present, Server server)
    {
        return new NewSshSetting
        {
            PasswordlessLogin = Value(nameof(PasswordlessLogin), PasswordlessLogin, present.PasswordlessLogin),
            PreventRootLogin = Value(nameof(PreventRootLogin), PreventRootLogin, present.PreventRootLogin),
            UseDns = Value(nameof(UseDns), UseDns, present.UseDns),
        };

        bool Value(string name, bool given, bool? has) => IsGiven(name) ? given : has ?? throw new RunCloudException(
            RunCloudError.InvalidResponse,
            $"Changing the SSH settings of {server} failed: the API does not tell {name}, and takes no change without it. Give -{name} too.");
    }

    private bool IsGiven(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
