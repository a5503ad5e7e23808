using System.Globalization;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>What is typed means the same in every culture.</summary>
public sealed class CultureTests
{
    [Fact]
    public async Task A_pattern_of_names_ignores_case_as_everywhere()
    {
        // In Turkish, the small letter of I is not i.
        await using var world = await StartAsync("tr-TR");
        Assert.Equal(["WEB-I1"], (await world.MustAsync("Get-RunCloudServer 'web-i*'")).OutputOf<Server>().Select(server => server.Name));
    }

    [Fact]
    public async Task A_number_in_a_query_has_a_point()
    {
        await using var world = await StartAsync("de-DE");
        _ = await world.MustAsync("Invoke-RunCloudApi /servers -Query @{ share = 1.5 }");
        Assert.Equal("?share=1.5", Assert.Single(world.Requests.All).Query);
    }

    private static Task<World> StartAsync(string culture) =>
        World.StartAsync(fleet => fleet.AddServer("WEB-I1", id: 101), shell: new ShellOptions { Culture = CultureInfo.GetCultureInfo(culture) });
}
