using System.Diagnostics;
using System.IO.Compression;
using System.Xml.Linq;
using RunCloud.PowerShell.Tests.Readme;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.Platform.Tests.Shells;

/// <summary>The packages that <c>build.ps1 Package</c> makes, and their way through a gallery: a folder as repository, with PSResourceGet.</summary>
public sealed class GalleryTests : IAsyncLifetime
{
    private const string Url = "https://example.test/runcloud";
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Old => Path.Combine(_folder.Path, "RunCloud.PowerShell.0.0.1.nupkg");

    private string New => Path.Combine(_folder.Path, "RunCloud.PowerShell.0.0.2.nupkg");

    public async ValueTask InitializeAsync()
    {
        // The build's own steps, with another place for what they make: the staged module of the other tests stays as it is.
        await PackAsync("0.0.1");
        await PackAsync("0.0.2");
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_package_goes_through_a_gallery_and_back()
    {
        await PackagesMustBeCompleteAsync();
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps a user's modules in a folder that no variable moves; this test must not touch it.");
        var gallery = Directory.CreateDirectory(Path.Combine(_folder.Path, "gallery")).FullName;
        var text = await RealShell.MustAsync(
            $$"""
            Import-Module Microsoft.PowerShell.PSResourceGet
            Register-PSResourceRepository -Name Test -Uri '{{gallery}}' -Trusted
            Publish-PSResource -NupkgPath '{{Old}}' -Repository Test
            Install-PSResource -Name RunCloud.PowerShell -Repository Test
            "installed: $((Get-InstalledPSResource RunCloud.PowerShell).Version)"
            Publish-PSResource -NupkgPath '{{New}}' -Repository Test
            $found = @(Find-PSResource -CommandName Revoke-RunCloudSshKey -Repository Test)
            "found: $($found | ForEach-Object { if ($_.PSObject.Properties['ParentResource']) { $_.ParentResource.Name, $_.ParentResource.Version } else { $_.Name, $_.Version } })"
            Update-PSResource -Name RunCloud.PowerShell -Repository Test
            Import-Module RunCloud.PowerShell
            $module = Get-Module RunCloud.PowerShell
            "imported: $($module.Version) $($module.ProjectUri) $($module.LicenseUri) $($module.ReleaseNotes)"
            "cmdlets: $($module.ExportedCmdlets.Count) of {{Directory.GetFiles(Path.Combine(MarkdownCode.Root, "docs", "cmdlets")).Length}}"
            $missing = @($module.FileList | Where-Object { -not (Test-Path -LiteralPath $_) })
            "files: $($module.FileList.Count -gt 10) $($missing.Count)"
            "online: $((Get-Help Revoke-RunCloudSshKey).relatedLinks.navigationLink[0].uri)"
            Remove-Module RunCloud.PowerShell
            Uninstall-PSResource -Name RunCloud.PowerShell -Version '*'
            "left: $(@(Get-Module -ListAvailable RunCloud.PowerShell).Count)"
            """,
            _folder.Path,
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                // All that PSResourceGet keeps for a user goes here.
                ["HOME"] = _folder.Path,
                ["USERPROFILE"] = _folder.Path,
                ["LOCALAPPDATA"] = _folder.Path,
                ["XDG_DATA_HOME"] = null,
                ["XDG_CONFIG_HOME"] = null,
                ["DOTNET_CLI_HOME"] = Environment.GetEnvironmentVariable("DOTNET_CLI_HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
                ["NUGET_PACKAGES"] = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages"),
                ["PSModulePath"] = null,
            });
        var count = Directory.GetFiles(Path.Combine(MarkdownCode.Root, "docs", "cmdlets")).Length;
        Assert.Equal(
            [
                "installed: 0.0.1",
                "found: RunCloud.PowerShell 0.0.2",
                $"imported: 0.0.2 {Url} {Url}/blob/v0.0.2/LICENSE {Url}/blob/v0.0.2/CHANGELOG.md",
                $"cmdlets: {count} of {count}",
                "files: True 0",
                $"online: {Url}/blob/v0.0.2/docs/cmdlets/Revoke-RunCloudSshKey.md",
                "left: 0",
            ],
            text.Trim().Split('\n'));
    }

    private async Task PackagesMustBeCompleteAsync()
    {
        using var package = await ZipFile.OpenReadAsync(New, Token);
        MustBeComplete([.. package.Entries.Select(entry => entry.FullName)]);
        using var zip = await ZipFile.OpenReadAsync(Path.Combine(_folder.Path, "RunCloud.PowerShell-0.0.2.zip"), Token);
        MustBeComplete([.. zip.Entries.Select(entry => entry.FullName[(entry.FullName.IndexOf('/', StringComparison.Ordinal) + 1)..])]);
        await using var specification = await package.GetEntry("RunCloud.PowerShell.nuspec")!.OpenAsync(Token);
        var metadata = (await XDocument.LoadAsync(specification, LoadOptions.None, Token)).Root!.Elements().First();
        string Value(string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;
        Assert.Equal(Url, Value("projectUrl"));
        Assert.Equal(Url + "/blob/v0.0.2/CHANGELOG.md", Value("releaseNotes"));
        Assert.Contains("PSCommand_Revoke-RunCloudSshKey", Value("tags").Split(' '));
    }

    private static void MustBeComplete(string[] files)
    {
        string[] desktop = [.. Directory.GetFiles(StagedModule.DesktopFolder).Select(file => "Desktop/" + Path.GetFileName(file))];
        Assert.Equal(12, desktop.Length);
        string[] wanted =
        [
            "LICENSE", "RunCloud.PowerShell.psd1", "RunCloud.PowerShell.format.ps1xml", "THIRD-PARTY-NOTICES.txt", "THIRD-PARTY-NOTICES.dotnet.txt", "Core/RunCloud.Api.dll",
            "Core/RunCloud.PowerShell.dll", "en-US/RunCloud.PowerShell.dll-Help.xml", "en-US/about_RunCloud.help.txt", "examples/Revoke-LeakedKey.ps1", .. desktop,
        ];
        Assert.Empty(wanted.Except(files, StringComparer.Ordinal));
    }

    private async Task PackAsync(string version)
    {
        var configuration = typeof(GalleryTests).Assembly.GetCustomAttributes(typeof(System.Reflection.AssemblyConfigurationAttribute), inherit: false)
            .Cast<System.Reflection.AssemblyConfigurationAttribute>().Single().Configuration;
        var start = new ProcessStartInfo(
            "dotnet",
            [
                "msbuild", Path.Combine(MarkdownCode.Root, "module", "RunCloud.Module.csproj"), "-target:PackageStaged", "-nologo", "-verbosity:minimal", $"-property:Configuration={configuration}",
                $"-property:Version={version}", $"-property:ProjectUrl={Url}", $"-property:StagedModule={_folder.Path}/stage-{version}/", $"-property:PackageOutputPath={_folder.Path}/",
                $"-property:PackageRoot={_folder.Path}/package-{version}/", $"-property:NuspecOutputPath={_folder.Path}/nuspec-{version}/",
            ])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            Environment = { ["MSBUILDDISABLENODEREUSE"] = "1" },
        };
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.True(process.ExitCode == 0, text);
    }
}
