using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary><c>Test-RunCloudConnection</c>: checks everything that a call of the API needs, and says what is wrong.</summary>
[Cmdlet(VerbsDiagnostic.Test, "RunCloudConnection")]
[OutputType(typeof(ConnectionCheck))]
public sealed class TestRunCloudConnectionCommand : RunCloudApiCommand
{
    /// <summary>Makes the cmdlet.</summary>
    public TestRunCloudConnectionCommand()
        : base("Testing the connection")
    {
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var check in Stream(Client.CheckConnectionAsync(Stop)))
        {
            WriteObject(check.Failure is { } failure ? check.With(Failures.AdviceFor(failure)) : check);
        }
    }
}
