using System.Reflection;
using System.Runtime.CompilerServices;
using RunCloud.Testing;

namespace RunCloud.Platform.Tests.Desktop;

/// <summary>Makes this test process use the assemblies of the Desktop folder, before any test is compiled.</summary>
internal static class DesktopAssemblies
{
    /// <summary>The program for Mono, which also has the clock that the tests give to the Desktop assemblies.</summary>
    internal static string Job { get; } = Path.GetFullPath(
        typeof(DesktopAssemblies).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "DesktopJob").Value!);

    [ModuleInitializer]
    internal static void Use() => StagedModule.UseDesktopAssemblies(Job);
}
