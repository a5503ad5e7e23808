using System.Management.Automation;
using RunCloud.PowerShell.Tests.Hosting;
using RunCloud.PowerShell.Tests.Verification;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Readme;

/// <summary>Anyone who pastes what <c>--serve</c> prints can type every block of the README as it stands there.</summary>
[Collection(ProcessEnvironmentCollection.Name)]
public sealed class ServedReadmeTests
{
    [Fact]
    public async Task Every_block_runs_as_printed_in_the_served_demo()
    {
        Sshd.RequireClient();
        await using var demo = await ServedDemo.StartAsync();
        Assert.Equal(4, demo.Pasted.Count);
        var wrong = new List<string>();
        foreach ((var heading, var script) in ServedDemo.Sections())
        {
            using var environment = new EnvironmentVariables(("RUNCLOUD_API_TOKEN", null), ("RUNCLOUD_API_ENDPOINT", null));
            using var shell = new Shell(new ShellOptions { Module = null, Answers = [.. Enumerable.Repeat(ShellAnswer.YesToAll, 9)] });
            Assert.Empty((await shell.RunAsync(string.Join('\n', demo.Pasted), TestContext.Current.CancellationToken)).Errors);
            shell.SetVariable("PSDefaultParameterValues", new DefaultParameterDictionary
            {
                ["Test-RunCloudSshKey:Port"] = Sshd.Port,
                ["Test-RunCloudSshKey:KnownHostsPath"] = Path.Combine(Path.GetTempPath(), "runcloud-served-known_hosts"),
            });
            var result = await shell.RunAsync(script, TestContext.Current.CancellationToken);
            wrong.AddRange(result.Errors.Where(error => !ServedDemo.Expected.Contains(error.FullyQualifiedErrorId.Split(',')[0])).Select(error => $"{heading}: {error} ({error.FullyQualifiedErrorId})"));
            if (result.Terminating is { } end)
            {
                wrong.Add($"{heading}: {end.Message}");
            }

            await demo.StartAfreshAsync();
        }

        Assert.Empty(wrong);
        Assert.Equal(0, await demo.StopAsync());
        Assert.Contains("Of the keys that were there at the start 0 are gone; of the leaked one 64 copies are left.", demo.Text, StringComparison.Ordinal);
    }
}
