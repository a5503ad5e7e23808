using RunCloud.PowerShell.Tests.Readme;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Examples;

/// <summary>An example that is ended by a signal never ends with 0.</summary>
public sealed class SignalTests
{
    private static readonly Dictionary<string, Func<string, string[]>> Arguments = new(StringComparer.Ordinal)
    {
        ["Export-AccessReport"] = folder => ["-Path", Path.Combine(folder, "access.csv")],
        ["Remove-RootKey"] = folder => ["-Folder", folder, "-Force"],
        ["Revoke-LeakedKey"] = folder => ["-Key", Desk.DavesKey, "-Folder", folder],
        ["Update-SshKey"] = folder => ["-Key", Desk.DavesKey, "-NewPublicKey", TestKeys.Line(SshKeyKind.Ed25519, 9), "-Folder", folder],
    };

    public static TheoryData<string, int> Phases { get; } =
    [
        .. from example in Directory.GetFiles(Night.Examples).Select(file => Path.GetFileNameWithoutExtension(file))
           from request in (int[])[1, 2, 8, 11]
           where example != "Export-AccessReport" || request < 4
           select (example, request),
    ];

    [Theory]
    [MemberData(nameof(Phases))]
    public async Task Ctrl_C_ends_it_with_2(string example, int request)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals.");
        await using var night = await Night.FallAsync();
        var hang = new Hang();
        _ = night.Simulator.Faults.Add(Fault.HangBefore(hang), from: request, times: 1);
        await using var process = night.Start(example, Arguments[example](night.Folder));
        var reached = hang.ReachedAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Same(reached, await Task.WhenAny(reached, process.Completion));
        await process.InterruptAsync();
        var result = await process.Completion;
        Assert.True(result.ExitCode == 2, $"It ended with {result.ExitCode}.\n{result.Output}\n{result.Errors}");
        Assert.Contains("It was ended early", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("No copy of the", result.Output, StringComparison.Ordinal);
    }
}
