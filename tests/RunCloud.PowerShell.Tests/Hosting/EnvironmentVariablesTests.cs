using System;
using System.Linq;
using System.Threading.Tasks;
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
}
