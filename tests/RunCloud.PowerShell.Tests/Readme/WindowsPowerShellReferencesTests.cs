using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Readme;

/// <summary>
/// Windows PowerShell can't be run here, and it redirects no assembly's version for a module: what is staged for it must fit together to the
/// last number. The README says that this is checked.
/// </summary>
public sealed class WindowsPowerShellReferencesTests
{
    // Windows PowerShell itself, and .NET Framework 4.7.2 with its facades. Of System.ValueTuple the framework has a lower version than the one
    // that System.Text.Json names, and takes any for its own since 4.7.1 (dotnet/maintenance-packages#243).
    private static readonly string[] OfThePlatform =
    [
        "Microsoft.CSharp", "mscorlib", "netstandard", "System", "System.Core", "System.Management.Automation", "System.Net.Http", "System.Numerics",
        "System.Runtime", "System.ValueTuple", "System.Xml", "System.Xml.Linq",
    ];

    private static readonly string Folder = Path.Combine(StagedModule.Folder, "Desktop");

    private static readonly Dictionary<string, MetadataAssembly> Staged = Directory.GetFiles(Folder, "*.dll").Select(Read).ToDictionary(assembly => assembly.Name, StringComparer.OrdinalIgnoreCase);

    [Fact]
    public void Each_reference_is_staged_in_that_very_version_or_belongs_to_the_platform()
    {
        Assert.Contains("RunCloud.PowerShell", Staged.Keys);
        Assert.Contains("System.Text.Json", Staged.Keys);
        foreach (var assembly in Staged.Values)
        {
            foreach ((var name, var version) in assembly.References.Where(reference => !OfThePlatform.Contains(reference.Name, StringComparer.Ordinal)))
            {
                Assert.True(Staged.TryGetValue(name, out var referenced), $"{assembly.Name} needs {name}, which is not staged.");
                Assert.True(referenced.Version == version, $"{assembly.Name} needs {name} {version}, and {referenced.Version} is staged.");
            }
        }
    }

    [Fact]
    public void Nothing_is_staged_that_nothing_needs()
    {
        var needed = Staged.Values.SelectMany(assembly => assembly.References).Select(reference => reference.Name).Append("RunCloud.PowerShell");
        Assert.Empty(Staged.Keys.Except(needed, StringComparer.OrdinalIgnoreCase));
    }

    private static MetadataAssembly Read(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        var name = metadata.GetAssemblyDefinition().GetAssemblyName();
        return new MetadataAssembly(name.Name!, name.Version!, [.. metadata.AssemblyReferences
            .Select(handle => metadata.GetAssemblyReference(handle).GetAssemblyName())
            .Select(reference => (reference.Name!, reference.Version!))]);
    }

    private sealed record MetadataAssembly(string Name, Version Version, IReadOnlyList<(string Name, Version Version)> References);
}
