using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.PowerShell;

/// <summary><c>Get-RunCloudSshSetting</c>: whether servers let people in with a password, and root at all.</summary>
[Cmdlet(VerbsCommon.Get, "RunCloudSshSetting", DefaultParameterSetName = ServerSet)]
[OutputType(typeof(SshSetting))]
public sealed class GetRunCloudSshSettingCommand : ServerFanOutCommand<SshSetting>
{
    /// <summary>Makes the cmdlet.</summary>
    public GetRunCloudSshSettingCommand()
        : base("Reading SSH settings")
    {
    }

    /// <inheritdoc/>
    private protected override Task<SshSetting> ReadAsync(ServerItem item, CancellationToken cancellation) =>
        item.Client.GetSshSettingAsync(item.ServerId, item.Server, cancellation);

    /// <inheritdoc/>
    private protected override void Deliver(object target, SshSetting result) => WriteObject(result);
}
