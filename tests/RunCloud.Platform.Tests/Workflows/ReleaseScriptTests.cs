using RunCloud.Platform.Tests.Shells;
using RunCloud.PowerShell.Tests.Readme;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.Platform.Tests.Workflows;

/// <summary>The steps of the release workflow, run without publishing anything.</summary>
public sealed class ReleaseScriptTests
{
    [Fact]
    public async Task It_checks_and_prepares_and_refuses_files_without_a_matching_checksum()
    {
        using var folder = new TemporaryFolder();
        var text = await RealShell.MustAsync(
            $$"""
            $release = '{{Path.Combine(MarkdownCode.Root, "tools", "Release.ps1")}}'
            $out = '{{folder.Path}}'
            function Try-It { param([scriptblock] $What) try { & $What; 'went well' } catch { "$_" } }
            Try-It { & $release Check -Tag v0.0.0 }
            Try-It { & $release Prepare -Out $out }
            [IO.File]::WriteAllText("$out/RunCloud.PowerShell.9.9.9.nupkg", 'one')
            [IO.File]::WriteAllText("$out/RunCloud.PowerShell-9.9.9.zip", 'two')
            Try-It { & $release Prepare -Out $out }
            [IO.File]::ReadAllText("$out/SHA256SUMS").Trim()
            [IO.File]::ReadAllText("$out/RELEASE-NOTES.md").StartsWith('### Added')
            Try-It { & $release Publish -Out $out -WhatIf }
            [IO.File]::WriteAllText("$out/RunCloud.PowerShell.9.9.9.nupkg", 'another')
            Try-It { & $release Publish -Out $out -WhatIf }
            """,
            folder.Path,
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["PSGALLERY_API_KEY"] = null });
        var lines = text.Trim().Split('\n');
        Assert.StartsWith("The tag is 'v0.0.0', and Directory.Build.props has version ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("There should be one .nupkg and one .zip", lines[1], StringComparison.Ordinal);
        Assert.Equal(
            [
                "went well",
                "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3  RunCloud.PowerShell-9.9.9.zip",
                "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed  RunCloud.PowerShell.9.9.9.nupkg",
                "True",
                "What if: Performing the operation \"Publish to PSGallery\" on target \"RunCloud.PowerShell.9.9.9.nupkg\".",
                "went well",
                "RunCloud.PowerShell.9.9.9.nupkg is not what its checksum says.",
            ],
            lines[2..]);
    }
}
