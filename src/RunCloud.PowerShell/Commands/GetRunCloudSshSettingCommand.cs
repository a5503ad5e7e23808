using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary><c>Get-RunCloudSshSetting</c>: whether servers let people in with a password, and root at all.</summary>
[Cmdlet(VerbsCommon.Get, "RunCloudSshSetting", DefaultParameterSetName = ServerSet)]
[OutputType(typeof(SshSetting))]
public sealed class GetRunCloudSshSettingCommand : ServerCommand
{
    private OrderedOutput<SshSetting>? _reads;

    /// <summary>Makes the cmdlet.</summary>
    public GetRunCloudSshSettingCommand()
        : base("Reading SSH settings")
    {
    }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _reads = InOrder<SshSetting>(ThrottleLimit, Deliver, "servers read");
    }

    /// <inheritdoc/>
    private protected override void Begin(ServerItem item) => _reads!.Add(
        item.Client.Origin, item.Target, cancellation => item.Client.GetSshSettingAsync(item.ServerId, item.Server, cancellation));

    private void Deliver(object target, SshSetting result) => WriteObject(result);
}
