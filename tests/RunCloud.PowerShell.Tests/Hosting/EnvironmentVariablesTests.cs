using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Hosting;

/// <summary>Environment variables last as long as their scope.</summary>
[Collection(ProcessEnvironmentCollection.Name)]
public sealed class EnvironmentVariablesTests
{
    [Fact]
    public async Task They_are_seen_by_scripts_and_put_back()
    {
        const string Name = "RUNCLOUD_TESTING_VARIABLE";
        using var shell = new Shell(new ShellOptions { Module = null });
        using (new EnvironmentVariables((Name, "outer")))
        {
            using (new EnvironmentVariables((Name, "inner"), (Name, "twice")))
            {
                Assert.Equal("twice", (await shell.RunAsync("$env:" + Name, TestContext.Current.CancellationToken)).Output.Single().BaseObject);
            }

            Assert.Equal("outer", Environment.GetEnvironmentVariable(Name));
            using (new EnvironmentVariables((Name, null)))
            {
                Assert.Null(Environment.GetEnvironmentVariable(Name));
            }
        }

        Assert.Null(Environment.GetEnvironmentVariable(Name));
    }

    [Fact]
    public async Task A_script_in_a_process_of_its_own_gets_ours_but_for_those_of_runcloud()
    {
        using var folder = new TemporaryFolder();
        var script = Path.Combine(folder.Path, "script.ps1");
        await File.WriteAllTextAsync(script, "\"$env:RUNCLOUD_TESTING_VARIABLE,$env:OTHER_TESTING_VARIABLE,$env:RUNCLOUD_TESTING_GIVEN\"", TestContext.Current.CancellationToken);
        using var unwanted = new EnvironmentVariables(("RUNCLOUD_TESTING_VARIABLE", "ours"), ("OTHER_TESTING_VARIABLE", "other"));
        await using var process = ScriptProcess.Start(new ScriptStart
        {
            Script = script,
            Module = null,
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["RUNCLOUD_TESTING_GIVEN"] = "given" },
        });
        Assert.Equal(",other,given\n", (await process.Completion).Output);
    }
}
