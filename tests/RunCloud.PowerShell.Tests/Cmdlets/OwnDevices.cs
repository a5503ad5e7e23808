using System.Diagnostics;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>
/// Devices for a test that runs as root, with the numbers of those in <c>/dev</c>. A fault in the module, or one planted by mutation testing,
/// could otherwise replace the machine's.
/// </summary>
internal static class OwnDevices
{
    /// <summary>Names and minor numbers; the major number is 1.</summary>
    private static readonly (string Name, string Minor)[] Devices = [("null", "3"), ("zero", "5"), ("full", "7"), ("random", "8")];

    /// <summary>Makes them in a folder, if the test runs as root.</summary>
    internal static async Task MakeAsync(string folder, CancellationToken cancellation)
    {
        _ = Directory.CreateDirectory(Path.Combine(folder, "devices"));
        foreach (var (name, minor) in Environment.IsPrivilegedProcess ? Devices : [])
        {
            using var make = Process.Start("mknod", ["-m", "666", PathOf(folder, name), "c", "1", minor]);
            await make.WaitForExitAsync(cancellation);
        }
    }

    /// <summary>A path with such a device in place of the machine's, where there is one.</summary>
    internal static string InPlace(string path, string folder) => Devices.Select(device => device.Name).Where(name => File.Exists(PathOf(folder, name)))
        .Aggregate(path, (result, name) => result.Replace("/dev/" + name, PathOf(folder, name), StringComparison.Ordinal));

    private static string PathOf(string folder, string name) => Path.Combine(folder, "devices", name);
}
