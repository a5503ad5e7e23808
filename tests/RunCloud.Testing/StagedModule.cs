using System.Reflection;
using System.Runtime.Loader;

namespace RunCloud.Testing;

/// <summary>Where the build staged the importable module, and the hook that makes this process use those very files.</summary>
public static class StagedModule
{
    private static readonly string[] OurAssemblies = ["RunCloud.PowerShell", "RunCloud.Api"];
    private static int _hooked;

    /// <summary>The folder <c>out/RunCloud.PowerShell</c>, without a separator at its end.</summary>
    public static string Folder { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(
        typeof(StagedModule).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => string.Equals(attribute.Key, "StagedModule", StringComparison.Ordinal)).Value
        ?? throw new InvalidOperationException("The assembly metadata 'StagedModule' has no value.")));

    /// <summary>The manifest that a user imports.</summary>
    public static string Manifest { get; } = Path.Combine(Folder, "RunCloud.PowerShell.psd1");

    /// <summary>The folder of the edition for PowerShell 7, with our two assemblies.</summary>
    public static string CoreFolder { get; } = Path.Combine(Folder, "Core");

    /// <summary>The folder of the edition for Windows PowerShell, with our two assemblies and what they need.</summary>
    public static string DesktopFolder { get; } = Path.Combine(Folder, "Desktop");

    /// <summary>The assembly of the cmdlets in <see cref="DesktopFolder"/>, where this process uses that folder; else <see langword="null"/>.</summary>
    internal static Assembly? DesktopCmdlets { get; private set; }

    /// <summary>
    /// Makes compile-time references to RunCloud.PowerShell and RunCloud.Api load from <see cref="CoreFolder"/>, where Import-Module
    /// loads them from too: one copy in the process, the packaged one. Such a reference must not be copied beside the tests
    /// (<c>Private="false"</c>), for a copy would be found before the runtime asks anybody.
    /// </summary>
    /// <remarks>
    /// A test assembly calls it from a module initialiser, before any of its methods that names such a type is compiled. Calling it again
    /// does nothing.
    /// </remarks>
    public static void UseItsAssemblies()
    {
        if (Interlocked.Exchange(ref _hooked, 1) == 0)
        {
            AssemblyLoadContext.Default.Resolving += (context, name) =>
                OurAssemblies.Contains(name.Name, StringComparer.Ordinal) && Path.Combine(CoreFolder, name.Name + ".dll") is var path && File.Exists(path)
                    ? context.LoadFromAssemblyPath(path)
                    : null;
        }
    }

    /// <summary>
    /// Makes this process use <see cref="DesktopFolder"/> instead: compile-time references to RunCloud.PowerShell and RunCloud.Api and each
    /// <see cref="Shell"/> get the assemblies for Windows PowerShell, in a load context of their own, in which every assembly of that folder
    /// comes before the runtime's.
    /// </summary>
    /// <param name="companion">An assembly of the tests that was built against those, and is loaded into that context too.</param>
    /// <exception cref="InvalidOperationException">The process uses the other folder already.</exception>
    public static void UseDesktopAssemblies(string companion)
    {
        if (Interlocked.Exchange(ref _hooked, 1) != 0)
        {
            throw new InvalidOperationException("This process uses the assemblies of another edition already.");
        }

        var desktop = new DesktopContext(companion);
        DesktopCmdlets = desktop.LoadFromAssemblyName(new AssemblyName(OurAssemblies[0]));
        AssemblyLoadContext.Default.Resolving += (_, name) => desktop.Owns(name) ? desktop.LoadFromAssemblyName(name) : null;
    }

    private sealed class DesktopContext(string companion) : AssemblyLoadContext("Desktop")
    {
        public bool Owns(AssemblyName name) =>
            OurAssemblies.Contains(name.Name, StringComparer.Ordinal) || name.Name == Path.GetFileNameWithoutExtension(companion);

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            var path = assemblyName.Name == Path.GetFileNameWithoutExtension(companion) ? companion : Path.Combine(DesktopFolder, assemblyName.Name + ".dll");
            return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
        }
    }
}
