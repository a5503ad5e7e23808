using RunCloud.Simulator;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>The six checks of the connection, each of which names the problem.</summary>
public sealed class ConnectionTests
{
    private const string Healthy = "NameResolution Skipped, Connection Passed, Api Passed, Token Passed, List Passed, RateLimit Passed";

    /// <summary>A problem, and the results of the six checks.</summary>
    public static TheoryData<string, string> Faults { get; } = new()
    {
        { "nothing", Healthy },
        { "401", "NameResolution Skipped, Connection Passed, Api Passed, Token Failed, List Skipped, RateLimit Passed" },
        { "403", "NameResolution Skipped, Connection Passed, Api Passed, Token Failed, List Skipped, RateLimit Passed" },
        { "404", "NameResolution Skipped, Connection Passed, Api Failed, Token Skipped, List Skipped, RateLimit Passed" },
        { "500", "NameResolution Skipped, Connection Passed, Api Failed, Token Skipped, List Skipped, RateLimit Passed" },
        { "page", "NameResolution Skipped, Connection Passed, Api Failed, Token Skipped, List Skipped, RateLimit Passed" },
        { "list", "NameResolution Skipped, Connection Passed, Api Passed, Token Passed, List Failed, RateLimit Passed" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Each_check_says_what_it_found(string fault, string expected)
    {
        await using var world = await World.StartAsync(fleet => fleet.AddServer("web-01"));
        switch (fault)
        {
            case "page":
                _ = world.Faults.Add(Fault.Answering("page", _ => new Answer(403, "<html>Just a moment...</html>"u8.ToArray()) { ContentType = "text/html" }), path: "/ping");
                break;
            case "list":
                _ = world.Faults.Add(Fault.Status(500, "Server Error"), path: "/servers");
                break;
            case not "nothing":
                _ = world.Faults.Add(Fault.Status(int.Parse(fault, System.Globalization.CultureInfo.InvariantCulture), "Said so."), path: "/ping");
                break;
        }

        var result = await world.MustAsync("Test-RunCloudConnection");
        Assert.Equal(expected, string.Join(", ", result.OutputOf<ConnectionCheck>().Select(check => $"{check.Name} {check.Status}")));
        Assert.All(result.OutputOf<ConnectionCheck>(), check => Assert.Equal(check.Status is "Failed", check.Advice is not null));
        Assert.InRange(world.Requests.Count, 1, 2);
    }

    [Theory]
    [InlineData(PageAccountForm.Pagination, "Passed", "own count: 1 (meta.pagination)")]
    [InlineData(PageAccountForm.MetaCamel, "Passed", "(meta)")]
    [InlineData(PageAccountForm.TopSnake, "Passed", "(top level)")]
    [InlineData(PageAccountForm.MetaLastPage, "Warning", "does not count them (meta)")]
    [InlineData(PageAccountForm.None, "Warning", "it says nothing about its pages")]
    public async Task The_check_says_how_the_list_counts_its_rows(PageAccountForm form, string status, string detail)
    {
        await using var world = await World.StartAsync(fleet => fleet.AddServer("web-01"), new SimulatorOptions { PageAccount = form });
        var list = (await world.MustAsync("Test-RunCloudConnection")).OutputOf<ConnectionCheck>().Single(check => check.Name == "List");
        Assert.Equal(status, list.Status);
        Assert.Contains(detail, list.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_that_nobody_answers_fails_at_the_connection()
    {
        await using var world = await World.StartAsync(fleet => fleet.AddServer("web-01"));
        await world.Api.DisposeAsync();
        var checks = (await world.MustAsync("Test-RunCloudConnection")).OutputOf<ConnectionCheck>();
        Assert.Equal(["Skipped", "Failed", "Skipped", "Skipped", "Skipped", "Passed"], checks.Select(check => check.Status));
        Assert.Contains("proxy", checks[1].Advice!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_is_looked_up()
    {
        await using var world = await World.StartAsync(fleet => fleet.AddServer("web-01"));
        var check = (await world.MustAsync($"Connect-RunCloud $token -Endpoint http://localhost:{world.Api.Endpoint.Port}/api/v3; Test-RunCloudConnection")).OutputOf<ConnectionCheck>()[0];
        Assert.Equal("Passed", check.Status);
        Assert.Contains("localhost is ", check.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 100, "Warning", "do not state")]
    [InlineData(true, 3, "Warning", "None of 3")]
    public async Task A_limit_that_is_unknown_or_spent_is_a_warning(bool hasHeaders, int limit, string status, string detail)
    {
        await using var world = await World.StartAsync(fleet => fleet.AddServer("web-01"), new SimulatorOptions { RateLimit = new RateLimit { SendHeaders = hasHeaders, Limit = limit } });
        var rate = (await world.MustAsync("Test-RunCloudConnection")).OutputOf<ConnectionCheck>()[^1];
        Assert.Equal(status, rate.Status);
        Assert.Contains(detail, rate.Detail, StringComparison.Ordinal);
    }
}
