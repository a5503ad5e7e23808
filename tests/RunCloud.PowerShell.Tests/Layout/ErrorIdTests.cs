using RunCloud.PowerShell.Tests.Readme;
using Xunit;

namespace RunCloud.PowerShell.Tests.Layout;

/// <summary>The page of a cmdlet explains the error ids of the cmdlet's own code. Errors of all commands are in about_RunCloud.</summary>
public sealed class ErrorIdTests
{
    /// <summary>These take all keys of a file, so several in one are no error.</summary>
    private static readonly string[] TakeSeveralKeys = ["Get-RunCloudSshCredential", "Get-RunCloudSshKey", "Get-RunCloudSystemUser", "Test-RunCloudSshAccess", "Test-RunCloudSshKey"];

    [Fact]
    public void The_page_of_a_cmdlet_explains_the_error_ids_of_its_code()
    {
        var cmdlets = SourceTree.Whole.ErrorIdsOfCmdlets();

        Assert.Contains("InvalidProxy", cmdlets["Connect-RunCloud"]);
        Assert.Contains("UndoPathExists", cmdlets["Revoke-RunCloudSshKey"]);
        Assert.Contains("NothingToSet", cmdlets["Set-RunCloudSshSetting"]);
        Assert.Empty(cmdlets.SelectMany(cmdlet => cmdlet.Value
            .Except(MarkdownCode.ErrorIds($"docs/cmdlets/{cmdlet.Key}.md", "ERRORS"))
            .Where(id => id != "SeveralKeys" || !TakeSeveralKeys.Contains(cmdlet.Key))
            .Select(id => $"{cmdlet.Key}: {id}")));
    }
}
