using System.Management.Automation;
using Xunit;

namespace RunCloud.PowerShell.Tests;

/// <summary>Assertions on error records.</summary>
internal static class Errors
{
    /// <summary>The part of the id from the contract. PowerShell appends the command's name.</summary>
    internal static string Id(this ErrorRecord error) => error.FullyQualifiedErrorId.Split(',')[0];

    /// <summary>Checks that an error follows the convention: id, category, what to do next.</summary>
    internal static ErrorRecord MustBe(this ErrorRecord error, string id, ErrorCategory category)
    {
        Assert.Equal(id, error.Id());
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.False(string.IsNullOrWhiteSpace(error.ErrorDetails?.RecommendedAction));
        Assert.False(string.IsNullOrWhiteSpace(error.ErrorDetails?.Message));
        Assert.DoesNotContain("Exception", error.ToString(), StringComparison.Ordinal);
        return error;
    }
}
