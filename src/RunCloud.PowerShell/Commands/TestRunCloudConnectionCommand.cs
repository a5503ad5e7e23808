using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary><c>Test-RunCloudConnection</c>: checks everything that a call of the API needs, and says what is wrong.</summary>
[Cmdlet(VerbsDiagnostic.Test, "RunCloudConnection")]
[OutputType(typeof(ConnectionCheck))]
public sealed class TestRunCloudConnectionCommand : RunCloudApiCommand<ContextArgument[]>
{
    /// <summary>Makes the cmdlet.</summary>
    public TestRunCloudConnectionCommand()
        : base("Testing the connection")
    {
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var client in Clients)
        {
            foreach (var check in Stream(client.CheckConnectionAsync(Stop)))
            {
                WriteObject(check.With(check.Failure is { } failure ? Failures.AdviceFor(failure) : check.Advice, RunCloud.Context.Of(client.Origin)?.Name));
            }
        }
    }
}
