using Xunit;

namespace RunCloud.PowerShell.Tests.Layout;

/// <summary>A folder names only the folders below it, so that the folders form no circle.</summary>
public sealed class FolderTests
{
    private const string Api = "RunCloud.Api";
    private const string Shell = "RunCloud.PowerShell";

    /// <summary>From the ground up; the first is the root of the project.</summary>
    private static readonly Dictionary<string, string[]> Layers = new(StringComparer.Ordinal)
    {
        [Api] = ["", "SshKeys", "Models", "Json", "Http", "Client", "Reports", "Revocation", "Verification", "Access", "Access/Page"],
        [Shell] = ["Files", "Contexts", "Errors", "Arguments", "Reports", "Pipeline", "Commands/Base", "Commands"],
    };

    [Theory]
    [InlineData(Api)]
    [InlineData(Shell)]
    public void A_folder_names_only_those_below_it(string project)
    {
        var upward = Upward(project, SourceTree.Whole).ToList();
        Assert.True(upward.Count == 0, string.Join('\n', upward));
    }

    [Fact]
    public void A_circle_between_folders_and_a_folder_without_a_layer_are_found()
    {
        var planted = SourceTree.Whole.With(
            ("RunCloud.Api/Attic/Planted.cs", "namespace RunCloud.Api; class Forgotten { Transport? transport; }"),
            ("RunCloud.Api/SshKeys/Planted.cs", "namespace RunCloud.Api; class Planted { Transport? transport; }"),
            ("RunCloud.PowerShell/Files/Planted.cs", "namespace RunCloud.PowerShell; class Planted { ProgressMeter? meter; }"));

        Assert.Equal(
            ["Attic -> Http: RunCloud.Api/Attic/Planted.cs names Transport", "SshKeys -> Http: RunCloud.Api/SshKeys/Planted.cs names Transport"],
            Upward(Api, planted).Order(StringComparer.Ordinal));
        Assert.Equal(["Files -> Pipeline: RunCloud.PowerShell/Files/Planted.cs names ProgressMeter"], Upward(Shell, planted));
    }

    private static IEnumerable<string> Upward(string project, SourceTree source)
    {
        var layers = Layers[project];
        return source.Uses(project)
            .Where(use => Array.IndexOf(layers, use.From) is var from && (from < 0 || Array.IndexOf(layers, use.To) >= from))
            .Select(use => $"{use.From} -> {use.To}: {use.Where}")
            .Distinct();
    }
}
