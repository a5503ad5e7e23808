using Xunit;

namespace RunCloud.PowerShell.Tests.Layout;

/// <summary>No file is too long. The analyser limits methods to 60 lines (MA0051 in .editorconfig).</summary>
public sealed class SizeTests
{
    private const int MostLines = 400;

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    [InlineData("tools")]
    public void No_file_has_more_than_400_lines(string folder)
    {
        var lengths = SourceTree.Files(folder).Select(file => (Name: Path.GetFileName(file), Lines: File.ReadLines(file).Count())).ToList();

        Assert.NotEmpty(lengths);
        Assert.Empty(lengths.Where(file => file.Lines > MostLines).Select(file => $"{file.Name}: {file.Lines} lines"));
    }
}
