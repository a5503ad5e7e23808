using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.Loader;
using RunCloud.Api;
using RunCloud.PowerShell;
using RunCloud.PowerShell.Tests;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.Platform.Tests.Desktop;

/// <summary>The cmdlet tests of this project run exactly the assemblies of the Desktop folder.</summary>
public sealed class DesktopAssemblyTests
{
    [Fact]
    public void The_types_that_the_tests_name_come_from_the_desktop_folder()
    {
        foreach (var assembly in (Assembly[])[typeof(GetRunCloudServerCommand).Assembly, typeof(RunCloudClient).Assembly])
        {
            MustBeStaged(assembly);
            Assert.Equal(".NETFramework,Version=v4.7.2", assembly.GetCustomAttribute<System.Runtime.Versioning.TargetFrameworkAttribute>()!.FrameworkName);
        }
    }

    [Fact]
    public async System.Threading.Tasks.Task The_cmdlets_of_the_shell_run_on_every_assembly_of_the_desktop_folder()
    {
        await using var world = await World.StartAsync(fleet => fleet.AddServer("web-01"));
        _ = await world.MustAsync("Get-RunCloudServer | Get-RunCloudSshCredential");
        var command = (System.Management.Automation.CmdletInfo)(await world.MustAsync("Get-Command Get-RunCloudServer")).Output.Single().BaseObject;
        Assert.Same(typeof(GetRunCloudServerCommand), command.ImplementingType);

        var context = AssemblyLoadContext.GetLoadContext(command.ImplementingType.Assembly)!;
        Assert.NotSame(AssemblyLoadContext.Default, context);
        foreach (var file in Directory.GetFiles(StagedModule.DesktopFolder, "*.dll"))
        {
            MustBeStaged(context.LoadFromAssemblyName(new AssemblyName(Path.GetFileNameWithoutExtension(file))));
        }

        // No copy of ours may be loaded from anywhere else.
        Assert.All(
            AppDomain.CurrentDomain.GetAssemblies().Where(assembly => assembly.GetName().Name is "RunCloud.Api" or "RunCloud.PowerShell"),
            assembly => Assert.Same(context, AssemblyLoadContext.GetLoadContext(assembly)));
        Assert.Contains(context.Assemblies, assembly => assembly.GetName().Name == "System.Text.Json");
    }

    private static void MustBeStaged(Assembly assembly)
    {
        var path = Path.Combine(StagedModule.DesktopFolder, assembly.GetName().Name + ".dll");
        Assert.Equal(path, assembly.Location);
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        Assert.Equal(metadata.GetGuid(metadata.GetModuleDefinition().Mvid), assembly.ManifestModule.ModuleVersionId);
    }
}
