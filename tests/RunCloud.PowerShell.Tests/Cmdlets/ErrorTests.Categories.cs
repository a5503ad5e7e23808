using System.Management.Automation;
using RunCloud.Api;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <content>The category of each error, by which scripts tell them apart, and what was typed in its target and its text.</content>
public sealed partial class ErrorTests
{
    private static readonly Dictionary<RunCloudError, ErrorCategory> Categories = new()
    {
        [RunCloudError.Unauthorized] = ErrorCategory.AuthenticationError,
        [RunCloudError.Forbidden] = ErrorCategory.PermissionDenied,
        [RunCloudError.ServerNotFound] = ErrorCategory.ObjectNotFound,
        [RunCloudError.SshCredentialNotFound] = ErrorCategory.ObjectNotFound,
        [RunCloudError.ValidationFailed] = ErrorCategory.InvalidArgument,
        [RunCloudError.RequestRejected] = ErrorCategory.InvalidOperation,
        [RunCloudError.RateLimited] = ErrorCategory.LimitsExceeded,
        [RunCloudError.ServerError] = ErrorCategory.ResourceUnavailable,
        [RunCloudError.InvalidResponse] = ErrorCategory.ProtocolError,
        [RunCloudError.IncompleteList] = ErrorCategory.InvalidResult,
        [RunCloudError.ConnectionFailed] = ErrorCategory.ConnectionError,
        [RunCloudError.RequestTimeout] = ErrorCategory.OperationTimeout,
        [RunCloudError.InsecureEndpoint] = ErrorCategory.SecurityError,
        [RunCloudError.InvalidEndpoint] = ErrorCategory.InvalidArgument,
        [RunCloudError.InvalidToken] = ErrorCategory.InvalidArgument,
        [RunCloudError.SshCredentialNotComparable] = ErrorCategory.InvalidData,
        [RunCloudError.RemovalFailed] = ErrorCategory.InvalidResult,
        [RunCloudError.RemovalUnconfirmed] = ErrorCategory.InvalidResult,
        [RunCloudError.SettingNotApplied] = ErrorCategory.InvalidResult,
        [RunCloudError.DeploymentKeyNotComparable] = ErrorCategory.InvalidData,
        [RunCloudError.LastCredentialKept] = ErrorCategory.InvalidOperation,
        [RunCloudError.ServerUnreachable] = ErrorCategory.ResourceUnavailable,
        [RunCloudError.AdditionUnconfirmed] = ErrorCategory.InvalidResult,
        [RunCloudError.TemporaryNotApplied] = ErrorCategory.InvalidResult,
        [RunCloudError.ProxyRefused] = ErrorCategory.PermissionDenied,
    };

    public static TheoryData<RunCloudError> AllErrors { get; } = [.. Enum.GetValues<RunCloudError>()];

    [Theory]
    [InlineData("Get-RunCloudContext \"a`e[31mb\"")]
    [InlineData("Select-RunCloudContext \"a`e[31mb\"")]
    [InlineData("Get-RunCloudServer -Context \"a`e[31mb\"")]
    [InlineData("Get-RunCloudServer \"a`e[31mb\"")]
    public async Task No_error_writes_control_characters_that_were_typed(string script)
    {
        await using var world = await StartAsync();
        var details = (await world.ThrowsOrFailsAsync(script)).ErrorDetails;
        Assert.DoesNotContain('\u001b', details.Message + details.RecommendedAction);
    }

    [Theory]
    [InlineData("Get-RunCloudServer -Id 'x'")]
    [InlineData("Get-RunCloudSshCredential -ServerId 'x'")]
    [InlineData("Get-RunCloudSshCredential -ServerId 101 -Id 'x'")]
    [InlineData("Remove-RunCloudSshCredential -ServerId 101 -Id 'x' -Confirm:$false")]
    public async Task The_target_of_the_error_of_an_invalid_id_is_what_was_given(string script)
    {
        await using var world = await StartAsync();
        Assert.Equal("'x'", (await world.ThrowsOrFailsAsync(script)).MustBe("InvalidId", ErrorCategory.InvalidArgument).TargetObject);
    }

    [Theory]
    [MemberData(nameof(AllErrors))]
    public void Each_error_has_its_id_and_its_category(RunCloudError error) =>
        _ = Failures.ToRecord(new RunCloudException(error, "It failed."), target: null).MustBe(error.ToString(), Categories[error]);
}
