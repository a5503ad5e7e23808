using System.Runtime.CompilerServices;
using RunCloud.Testing;

namespace RunCloud.Trust.Tests;

/// <summary>Makes the module's types that the tests name those of the staged files, before any test is compiled.</summary>
internal static class StagedAssemblies
{
    [ModuleInitializer]
    internal static void Use() => StagedModule.UseItsAssemblies();
}
