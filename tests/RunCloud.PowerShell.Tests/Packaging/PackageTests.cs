using System.Collections;
using System.Management.Automation;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Packaging;

/// <summary>The importable folder: a valid manifest that matches the assembly, and each edition's folder with what that edition needs.</summary>
public sealed class PackageTests
{
    private static readonly string DesktopFolder = Path.Combine(StagedModule.Folder, "Desktop");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_manifest_is_valid_and_exports_what_the_assembly_has()
    {
        using var shell = new Shell();
        shell.SetVariable("manifest", StagedModule.Manifest);
        var result = await shell.RunAsync("Test-ModuleManifest $manifest", Token);
        Assert.Empty(result.Errors);
        Assert.Empty(result.Warnings);
        var module = Assert.Single(result.OutputOf<PSModuleInfo>());
        var cmdlets = typeof(RunCloudCommand).Assembly.GetTypes().Select(type => type.GetCustomAttribute<CmdletAttribute>()).OfType<CmdletAttribute>()
            .Select(cmdlet => $"{cmdlet.VerbName}-{cmdlet.NounName}").Order(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(cmdlets);
        Assert.Equal(cmdlets, module.ExportedCmdlets.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(cmdlets, module.ExportedCommands.Keys.Order(StringComparer.Ordinal));
        Assert.Empty(module.ExportedAliases);
        Assert.Equal(typeof(RunCloudCommand).Assembly.GetName().Version!.ToString(3), module.Version.ToString());
        Assert.Equal(new Version(5, 1), module.PowerShellVersion);
        Assert.Equal(["Core", "Desktop"], module.CompatiblePSEditions);

        // Wildcards in the manifest would make every shell load the module to learn its commands.
        var text = (Hashtable)(await shell.RunAsync("& { $PSEdition = 'Core'; & ([scriptblock]::Create([IO.File]::ReadAllText($manifest))) }", Token)).Output.Single().BaseObject;
        Assert.Equal(cmdlets, ((object[])text["CmdletsToExport"]!).Cast<string>().Order(StringComparer.Ordinal));
        Assert.All((string[])["FunctionsToExport", "AliasesToExport", "VariablesToExport"], key => Assert.Empty((object[])text[key]!));
    }

    [Fact]
    public async Task Only_cmdlets_with_approved_verbs_are_imported_without_output()
    {
        using var shell = new Shell(new ShellOptions { Module = null });
        shell.SetVariable("manifest", StagedModule.Manifest);
        var result = await shell.RunAsync("Import-Module $manifest; Get-Command -Module RunCloud.PowerShell", Token);
        Assert.Empty(result.Errors);
        Assert.Empty(result.Warnings);
        var approved = typeof(VerbsCommon).Assembly.GetTypes().Where(type => type.Name.StartsWith("Verbs", StringComparison.Ordinal) && type is { IsAbstract: true, IsSealed: true, IsPublic: true })
            .SelectMany(type => type.GetFields()).Select(field => field.Name).ToHashSet(StringComparer.Ordinal);
        Assert.All(result.OutputOf<CommandInfo>(), command =>
        {
            Assert.Equal(CommandTypes.Cmdlet, command.CommandType);
            Assert.Contains(command.Name.Split('-')[0], approved);
            Assert.StartsWith("RunCloud", command.Name.Split('-')[1], StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_second_import_works_and_keeps_the_connection()
    {
        await using var world = await World.StartAsync(fleet => fleet.AddServer("web-01"));
        world.Shell.SetVariable("manifest", StagedModule.Manifest);
        var result = await world.MustAsync("Import-Module $manifest -Force; Import-Module $manifest -Force; Get-RunCloudServer; Get-Module RunCloud.PowerShell");
        Assert.Equal(2, result.Output.Count);
        Assert.Equal("web-01", Assert.IsType<Server>(result.Output[0].BaseObject).Name);
    }

    [Fact]
    public async Task A_removed_module_leaves_no_command_and_can_be_imported_again()
    {
        await using var world = await World.StartAsync(fleet => fleet.AddServer("web-01"));
        world.Shell.SetVariable("manifest", StagedModule.Manifest);
        var result = await world.MustAsync("Remove-Module RunCloud.PowerShell; Get-Command -Noun RunCloud* | ForEach-Object Name; Import-Module $manifest; Get-RunCloudServer");
        Assert.Equal("web-01", Assert.Single(result.OutputOf<Server>()).Name);
    }

    [Fact]
    public void The_folder_of_powershell_7_has_our_two_assemblies_alone() =>
        Assert.Equal(["RunCloud.Api.dll", "RunCloud.PowerShell.dll"], FilesOf(StagedModule.CoreFolder));

    [Fact]
    public void Nothing_is_staged_that_nobody_needs()
    {
        Assert.Equal(
            ["LICENSE", "RunCloud.PowerShell.format.ps1xml", "RunCloud.PowerShell.psd1", "THIRD-PARTY-NOTICES.dotnet.txt", "THIRD-PARTY-NOTICES.txt"],
            FilesOf(StagedModule.Folder));
        Assert.Equal(["Core", "Desktop", "en-US"], Directory.GetDirectories(StagedModule.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(["RunCloud.PowerShell.dll-Help.xml", "about_RunCloud.help.txt"], FilesOf(Path.Combine(StagedModule.Folder, "en-US")));
        Assert.All(FilesOf(DesktopFolder), file => Assert.EndsWith(".dll", file, StringComparison.Ordinal));
        Assert.DoesNotContain("System.Management.Automation.dll", FilesOf(DesktopFolder));
    }

    [Fact]
    public void Powershell_7_needs_nothing_beyond_its_own_runtime_and_engine()
    {
        foreach (var file in Directory.GetFiles(StagedModule.CoreFolder))
        {
            Assert.All(ReferencesOf(file), reference => Assert.True(
                reference.Name is "RunCloud.Api" || (reference.Name == "System.Management.Automation" && reference.Version == new Version(3, 0, 0, 0))
                    || (reference.Name!.StartsWith("System.", StringComparison.Ordinal) && reference.Version == new Version(8, 0, 0, 0)),
                $"{Path.GetFileName(file)} refers to {reference}."));
        }
    }

    [Fact]
    public void Each_assembly_of_others_is_in_the_notices_and_no_other()
    {
        var notices = File.ReadAllLines(Path.Combine(StagedModule.Folder, "THIRD-PARTY-NOTICES.txt")).Where(line => line.EndsWith(".dll", StringComparison.Ordinal)).Select(line => line.Trim());
        Assert.Equal(FilesOf(DesktopFolder).Where(file => !file.StartsWith("RunCloud.", StringComparison.Ordinal)), notices);
    }

    [Fact]
    public async Task The_manifest_lists_every_file_and_has_a_tag_for_each_command()
    {
        using var shell = new Shell();
        shell.SetVariable("manifest", StagedModule.Manifest);
        var module = Assert.Single((await shell.RunAsync("Test-ModuleManifest $manifest", Token)).OutputOf<PSModuleInfo>());
        Assert.Equal(
            Directory.GetFiles(StagedModule.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal),
            module.FileList.Select(Path.GetFullPath).Order(StringComparer.Ordinal));
        Assert.All(module.ExportedCmdlets.Keys, name =>
        {
            Assert.Contains("PSCommand_" + name, module.Tags);
            Assert.Contains("PSCmdlet_" + name, module.Tags);
        });
        Assert.Contains("PSEdition_Desktop", module.Tags);
    }

    [Fact]
    public void Both_editions_have_the_same_version()
    {
        foreach (var name in (string[])["RunCloud.Api.dll", "RunCloud.PowerShell.dll"])
        {
            Assert.Equal(AssemblyName.GetAssemblyName(Path.Combine(StagedModule.CoreFolder, name)).Version, AssemblyName.GetAssemblyName(Path.Combine(DesktopFolder, name)).Version);
        }
    }

    private static IEnumerable<string> FilesOf(string folder) => Directory.GetFiles(folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    private static IReadOnlyList<AssemblyName> ReferencesOf(string file)
    {
        using var stream = File.OpenRead(file);
        using var reader = new PEReader(stream);
        var metadata = reader.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetAssemblyReference(handle).GetAssemblyName())];
    }
}
