using System.Management.Automation;
using System.Security;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary><c>Connect-RunCloud</c>: checks a token and makes it the current context of this runspace.</summary>
[Cmdlet(VerbsCommunications.Connect, "RunCloud")]
[OutputType(typeof(Context))]
public sealed class ConnectRunCloudCommand : RunCloudCommand
{
    private const string DefaultName = "default";

    /// <summary>Makes the cmdlet.</summary>
    public ConnectRunCloudCommand()
        : base("Connecting to RunCloud")
    {
    }

    /// <summary>The workspace's API token. Default: from the environment, or else from a prompt.</summary>
    [Parameter(Position = 0)]
    [LeavesContext]
    [SecretToken]
    [ValidateNotNull]
    public SecureString? Token { get; set; }

    /// <summary>The API's base address. Default: from the environment, or else RunCloud's.</summary>
    [Parameter]
    [Address]
    [ValidateNotNull]
    public Uri? Endpoint { get; set; }

    /// <summary>The name of the context, for <c>-Context</c>.</summary>
    [Parameter]
    [LeavesContext]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string Name { get; set; } = DefaultName;

    /// <summary>The proxy. Default: the system's.</summary>
    [Parameter]
    [Address]
    [ValidateNotNull]
    public Uri? Proxy { get; set; }

    /// <summary>The proxy's credential.</summary>
    [Parameter]
    [LeavesContext]
    [Credential]
    [ValidateNotNull]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>Uses the account of this process as the proxy credential, also for the system's proxy.</summary>
    [Parameter]
    [LeavesContext]
    public SwitchParameter ProxyUseDefaultCredentials { get; set; }

    /// <summary>The time limit of one request, in seconds.</summary>
    [Parameter]
    [LeavesContext]
    [ValidateRange(1, 3600)]
    public int TimeoutSec { get; set; } = 30;

    /// <summary>How often a failed read or removal is retried.</summary>
    [Parameter]
    [LeavesContext]
    [ValidateRange(0, 20)]
    public int MaximumRetryCount { get; set; } = 4;

    /// <summary>How long a command waits for the rate limit while none of its requests can be sent, in seconds.</summary>
    [Parameter]
    [LeavesContext]
    [ValidateRange(0, 86400)]
    public int MaximumWaitSec { get; set; } = 900;

    /// <summary>Writes the context.</summary>
    [Parameter]
    [LeavesContext]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ContextTable.Here.Leave();
        CheckProxy();
        RunCloudClient? client = null;
        try
        {
            using var token = Token?.Copy() ?? ContextTable.EnvironmentToken ?? AskForToken();
            client = new RunCloudClient(new RunCloudClientOptions
            {
                Token = token,
                Endpoint = Endpoint ?? ContextTable.Endpoint,
                Proxy = Proxy,
                ProxyCredential = ProxyCredential?.GetNetworkCredential(),
                ProxyUseDefaultCredentials = ProxyUseDefaultCredentials,
                RequestTimeout = TimeSpan.FromSeconds(TimeoutSec),
                MaximumRetryCount = MaximumRetryCount,
                MaximumWait = TimeSpan.FromSeconds(MaximumWaitSec),
            });
            var caller = client.For(Observer);
            _ = Await(async cancellation =>
            {
                await caller.PingAsync(cancellation).ConfigureAwait(false);
                return true;
            });
            var context = new Context(Name, client);
            ContextTable.Here.Add(context);
            client = null;
            if (PassThru)
            {
                WriteObject(context);
            }
        }
        catch (RunCloudException e)
        {
            ThrowTerminatingError(Failures.ToRecord(e, Endpoint is { } address && address.OriginalString.All(c => c != '@') ? address.OriginalString : Name));
        }
        finally
        {
            client?.Dispose();
        }
    }

    private void CheckProxy()
    {
        if (Proxy is not null && RunCloudClientOptions.WithoutUser(Proxy) is null)
        {
            ThrowTerminatingError(Failures.InvalidProxy(
                nameof(Proxy), "The proxy must be an absolute http or https address.", "Write it like this: http://proxy.example:8080."));
        }

        if (Proxy is null && ProxyCredential is not null)
        {
            ThrowTerminatingError(Failures.InvalidProxy(
                nameof(ProxyCredential), "A proxy credential was given, but no proxy.", "Give -Proxy too."));
        }

        var credentials = (ProxyCredential is null ? 0 : 1) + (ProxyUseDefaultCredentials ? 1 : 0) + (Proxy is { UserInfo.Length: > 0 } ? 1 : 0);
        if (credentials > 1)
        {
            ThrowTerminatingError(Failures.InvalidProxy(
                nameof(Proxy), "Several credentials were given for one proxy.", "Give only one of -ProxyCredential, -ProxyUseDefaultCredentials and the user info in -Proxy."));
        }
    }

    private SecureString AskForToken()
    {
        var isAsked = false;
        if (HostPrompt.IsThere(Host))
        {
            try
            {
                var question = new System.Management.Automation.Host.FieldDescription("Token");
                question.SetParameterType(typeof(SecureString));
                var answers = Host.UI.Prompt("RunCloud", "The workspace's API token (Workspace > Settings > API Management)", [question]);
                isAsked = answers is not null;
                if (answers is not null && answers.TryGetValue("Token", out var answer) && answer?.BaseObject is SecureString { Length: > 0 } token)
                {
                    return token;
                }
            }
            catch (Exception e) when (e is not PipelineStoppedException && !Stopping)
            {
                WriteDebug($"This host cannot prompt: {e.Message}");
            }
        }

        ThrowTerminatingError(Failures.Record(
            new InvalidOperationException(isAsked
                ? "No API token was entered, so no connection was made."
                : "There is no API token, and this session cannot prompt for one."),
            ErrorIds.NotConnected,
            ErrorCategory.ConnectionError,
            Name,
            $"Give -Token, or set the environment variable {ContextTable.TokenVariable}."));
        throw new PipelineStoppedException();
    }
}
