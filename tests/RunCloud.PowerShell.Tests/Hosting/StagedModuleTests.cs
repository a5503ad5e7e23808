using System.Management.Automation;
using System.Reflection;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Hosting;

/// <summary>The tests run the staged module.</summary>
public sealed class StagedModuleTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("RunCloud.PowerShell")]
    [InlineData("RunCloud.Api")]
    public void The_assemblies_in_the_process_are_the_staged_files(string name)
    {
        Assert.Equal(Path.Combine(StagedModule.CoreFolder, name + ".dll"), Assembly.Load(name).Location);
        Assert.False(File.Exists(Path.Combine(AppContext.BaseDirectory, name + ".dll")));
    }

    [Fact]
    public async Task The_imported_module_is_the_assembly_that_tests_compile_against()
    {
        using var shell = new Shell();
        var module = (await shell.RunAsync("Get-Module RunCloud.PowerShell", Token)).OutputOf<PSModuleInfo>().Single();
        Assert.Equal(StagedModule.Folder, module.ModuleBase);
        Assert.Same(typeof(GetRunCloudServerCommand).Assembly, module.ImplementingAssembly);
        Assert.All(module.ExportedCmdlets.Values, cmdlet => Assert.Same(typeof(GetRunCloudServerCommand).Assembly, cmdlet.ImplementingType.Assembly));
    }

    [Fact]
    public async Task The_manifest_is_valid_and_can_be_imported_again()
    {
        using var shell = new Shell();
        shell.SetVariable("manifest", StagedModule.Manifest);
        var result = await shell.RunAsync("Test-ModuleManifest $manifest; Import-Module $manifest -Force; Get-Module RunCloud.PowerShell", Token);
        Assert.Empty(result.Errors);
        Assert.Equal(["RunCloud.PowerShell", "RunCloud.PowerShell"], result.OutputOf<PSModuleInfo>().Select(module => module.Name));
    }

    [Fact]
    public void A_module_that_is_not_there_is_an_error() =>
        Assert.Throws<FileNotFoundException>(() => new Shell(new ShellOptions { Module = Path.Combine(StagedModule.Folder, "none.psd1") }));

    [Fact]
    public void A_module_that_can_not_be_imported_is_an_error()
    {
        using var folder = new TemporaryFolder();
        var broken = Path.Combine(folder.Path, "broken.psd1");
        File.WriteAllText(broken, "@{ RootModule = 'no-such-file.dll'; ModuleVersion = '1.0' }");
        _ = Assert.ThrowsAny<RuntimeException>(() => new Shell(new ShellOptions { Module = broken }));
    }
}
