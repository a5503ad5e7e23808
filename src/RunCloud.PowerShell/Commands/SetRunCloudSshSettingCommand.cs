using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary><c>Set-RunCloudSshSetting</c>: changes whether servers accept passwords and root logins, after confirmation.</summary>
[Cmdlet(VerbsCommon.Set, "RunCloudSshSetting", DefaultParameterSetName = ServerSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(SshSetting))]
public sealed class SetRunCloudSshSettingCommand : ServerCommand
{
    private OrderedOutput<(RunCloudClient Client, Server Server, SshSetting Present)>? _reads;
    private OrderedOutput<(Server Server, SshSetting Setting)>? _changes;

    /// <summary>Makes the cmdlet.</summary>
    public SetRunCloudSshSettingCommand()
        : base("Changing SSH settings")
    {
    }

    /// <summary>Whether only keys are accepted: true means that passwords are refused. Default: unchanged.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(BooleanCompleter))]
    public bool PasswordlessLogin { get; set; }

    /// <summary>Whether root logins are refused. Default: unchanged.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(BooleanCompleter))]
    public bool PreventRootLogin { get; set; }

    /// <summary>Whether the server looks up the host name of a client. Default: unchanged.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(BooleanCompleter))]
    public bool UseDns { get; set; }

    /// <summary>Writes each server's settings after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (!IsGiven(nameof(PasswordlessLogin)) && !IsGiven(nameof(PreventRootLogin)) && !IsGiven(nameof(UseDns)))
        {
            ThrowTerminatingError(Failures.Record(
                new InvalidOperationException("There is nothing to set."),
                ErrorIds.NothingToSet,
                ErrorCategory.InvalidArgument,
                target: null,
                "Give -PasswordlessLogin, -PreventRootLogin or -UseDns, each as $true or $false."));
        }

        base.BeginProcessing();
        _reads = InOrder<(RunCloudClient Client, Server Server, SshSetting Present)>(ThrottleLimit, Change, finishesWhatItBegan: true);
        _changes = InOrder<(Server Server, SshSetting Setting)>(ThrottleLimit, Deliver, "servers settled", finishesWhatItBegan: true);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        foreach (var server in _changes?.CutOff ?? [])
        {
            WriteLastWords($"The SSH settings of {server} were being changed when the command ended, so it is not known whether they were changed.");
        }
    }

    /// <summary>A server given by id is read first, so that the question can name it and its state is known.</summary>
    private protected override void Begin(ServerItem item) => _reads!.Add(item.Client.Origin, item.Target, async cancellation =>
    {
        var server = item.Server ?? await item.Client.GetServerAsync(item.ServerId, cancellation).ConfigureAwait(false);
        return (item.Client, server, await item.Client.GetSshSettingAsync(item.ServerId, server, cancellation).ConfigureAwait(false));
    });

    /// <summary>Asks, and begins the change. A server without a change keeps its place in the output.</summary>
    private void Change(object target, (RunCloudClient Client, Server Server, SshSetting Present) read)
    {
        var (client, server, present) = read;
        var wanted = Wanted(present, server);
        var differences = wanted.Changes(present);
        if (differences.Count == 0)
        {
            _changes!.Add(client.Origin, target, _ => Task.FromResult((server, present)));
        }
        else if (IsConfirmed($"{server}{InContext(client)}", $"Change SSH settings: {string.Join(", ", differences)}"))
        {
            _changes!.Add(client.Origin, server, async cancellation => (server, await client.ApplySshSettingAsync(server.Id, server, wanted, cancellation).ConfigureAwait(false)));
        }
    }

    private void Deliver(object target, (Server Server, SshSetting Setting) result)
    {
        var server = result.Server;
        if (!server.IsReachable)
        {
            WriteWarning($"RunCloud holds these SSH settings for {server}, but {(server.Reachability == ServerReachability.Offline ? "the server is offline or was never linked" : server.WhyUnreachable)}, so it is not known whether the server uses them.");
        }

        if (PassThru)
        {
            WriteObject(result.Setting);
        }
    }

    /// <summary>All three settings, because the API accepts no fewer. Settings that were not given keep their value.</summary>
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
            $"Changing the SSH settings of {server} failed: the API does not return {name}, and accepts no change without it. Give -{name} too.");
    }

    private bool IsGiven(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
