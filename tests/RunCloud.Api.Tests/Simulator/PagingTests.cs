using System.Globalization;
using System.Net;
using System.Net.Http;
using System.Text.Json.Nodes;
using CsCheck;
using RunCloud.Api;
using RunCloud.Simulator;
using Xunit;

namespace RunCloud.SimulatorTests;

public sealed class PagingTests
{
    [Theory]
    [InlineData("", 15, 1, 4)]
    [InlineData("?perPage=40", 40, 1, 2)]
    [InlineData("?perPage=40&page=2", 5, 2, 2)]
    [InlineData("?perPage=1000", 40, 1, 2)]
    [InlineData("?perPage=0", 15, 1, 4)]
    [InlineData("?perPage=many&page=-3", 15, 1, 4)]
    [InlineData("?page=4", 0, 4, 4)]
    [InlineData("?page=9999999", 0, 9999999, 4)]
    public async Task A_page_says_what_it_is(string query, int count, int current, int pages)
    {
        await using var simulator = await StartAsync(45);
        using var client = new SimulatorClient(simulator);

        var page = await client.ReadAsync("/servers" + query);

        var pagination = page["meta"]!["pagination"]!;
        Assert.Equal(45, pagination["total"]!.GetValue<int>());
        Assert.Equal(count, pagination["count"]!.GetValue<int>());
        Assert.Equal(count, page["data"]!.AsArray().Count);
        Assert.Equal(current, pagination["current_page"]!.GetValue<int>());
        Assert.Equal(pages == 4 ? 3 : pages, pagination["total_pages"]!.GetValue<int>());
        Assert.Equal(pages == 4 ? 15 : 40, pagination["per_page"]!.GetValue<int>());
    }

    [Fact]
    public async Task An_empty_list_has_one_page()
    {
        await using var simulator = await StartAsync(0);
        using var client = new SimulatorClient(simulator);

        Assert.Equal(
            """200 {"data":[],"meta":{"pagination":{"total":0,"count":0,"per_page":15,"current_page":1,"total_pages":1,"links":{}}}}""",
            await client.TellAsync(HttpMethod.Get, "/servers"));
    }

    [Fact]
    public async Task Following_next_reads_the_whole_list()
    {
        await using var simulator = await StartAsync(45);
        using var client = new SimulatorClient(simulator);
        var names = new List<string>();
        var next = "/servers?perPage=20&search=server";
        while (next is not null)
        {
            var page = await client.ReadAsync(next);
            names.AddRange(Names(page));
            next = (string?)page["meta"]!["pagination"]!["links"]!["next"];
        }

        Assert.Equal(simulator.Fleet.Snapshot().Servers.Select(server => server.Name), names);
        Assert.Equal(3, simulator.Requests.Count);
    }

    [Fact]
    public async Task The_links_of_a_page_in_the_middle_lead_both_ways()
    {
        await using var simulator = await StartAsync(45);
        using var client = new SimulatorClient(simulator);

        var links = (await client.ReadAsync("/servers?perPage=20&page=2"))["meta"]!["pagination"]!["links"]!.AsObject();

        Assert.Equal($"{simulator.Endpoint}/servers?page=1&perPage=20", (string?)links["previous"]);
        Assert.Equal($"{simulator.Endpoint}/servers?page=3&perPage=20", (string?)links["next"]);
        Assert.Equal(2, links.Count);
    }

    [Fact]
    public async Task Links_can_lose_their_query_and_lead_astray()
    {
        await using var simulator = await StartAsync(45, new SimulatorOptions { LinksKeepQuery = false, LinkHost = new Uri("http://inside.example.test/") });
        using var client = new SimulatorClient(simulator);

        var links = (await client.ReadAsync("/servers?perPage=20"))["meta"]!["pagination"]!["links"]!;

        Assert.Equal("http://inside.example.test/api/v3/servers?page=2", (string?)links["next"]);
    }

    [Fact]
    public async Task A_page_that_is_too_large_can_be_refused()
    {
        await using var simulator = await StartAsync(1, new SimulatorOptions { OversizedPage = OversizedPage.Reject });
        using var client = new SimulatorClient(simulator);

        Assert.StartsWith("422 ", await client.TellAsync(HttpMethod.Get, "/servers?perPage=41"), StringComparison.Ordinal);
        Assert.StartsWith("200 ", await client.TellAsync(HttpMethod.Get, "/servers?perPage=40"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PageAccountForm.PaginationCamel, """{"data":[],"meta":{"pagination":{"total":0,"count":0,"perPage":15,"currentPage":1,"totalPages":1,"links":{}} } }""")]
    [InlineData(PageAccountForm.MetaCamel, """{"data":[],"meta":{"total":0,"perPage":15,"currentPage":1,"lastPage":1} }""")]
    [InlineData(PageAccountForm.MetaLastPage, """{"data":[],"meta":{"lastPage":1} }""")]
    [InlineData(PageAccountForm.MetaSnake, """{"data":[],"meta":{"total":0,"per_page":15,"current_page":1,"last_page":1},"links":{"first":null,"last":null,"prev":null,"next":null} }""")]
    [InlineData(PageAccountForm.TopSnake, """{"data":[],"total":0,"per_page":15,"current_page":1,"last_page":1,"next_page_url":null}""")]
    [InlineData(PageAccountForm.TopCamel, """{"data":[],"total":0,"perPage":15,"currentPage":1,"lastPage":1,"nextPageUrl":null}""")]
    [InlineData(PageAccountForm.None, """{"data":[],"meta":[]}""")]
    public async Task The_account_of_the_pages_can_stand_elsewhere(PageAccountForm account, string expected)
    {
        await using var simulator = await StartAsync(0, new SimulatorOptions { PageAccount = account });
        using var client = new SimulatorClient(simulator);

        Assert.Equal("200 " + expected.Replace(" ", string.Empty, StringComparison.Ordinal), await client.TellAsync(HttpMethod.Get, "/servers"));
    }

    [Fact]
    public async Task The_numbers_of_the_account_can_be_text()
    {
        await using var simulator = await StartAsync(41, new SimulatorOptions { PageAccount = PageAccountForm.MetaCamel, PageNumbersAsText = true });
        using var client = new SimulatorClient(simulator);

        Assert.Equal(
            """{"total":"41","perPage":"40","currentPage":"2","lastPage":"2"}""",
            (await client.ReadAsync("/servers?perPage=40&page=2"))["meta"]!.ToJsonString());
    }

    [Theory]
    [InlineData(BeyondLastPage.Empty, 200)]
    [InlineData(BeyondLastPage.NotFound, 404)]
    [InlineData(BeyondLastPage.Unprocessable, 422)]
    public async Task A_page_beyond_the_last_can_be_refused(BeyondLastPage beyond, int status)
    {
        await using var simulator = await StartAsync(40, new SimulatorOptions { BeyondLastPage = beyond });
        using var client = new SimulatorClient(simulator);

        Assert.StartsWith("200 ", await client.TellAsync(HttpMethod.Get, "/servers?perPage=40&page=1"), StringComparison.Ordinal);
        Assert.StartsWith($"{status} ", await client.TellAsync(HttpMethod.Get, "/servers?perPage=40&page=2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_client_reads_every_shape_whole_and_at_equal_cost()
    {
        foreach (var account in Enum.GetValues<PageAccountForm>())
        {
            foreach (var beyond in Enum.GetValues<BeyondLastPage>().Where(beyond => account != PageAccountForm.None || beyond == BeyondLastPage.Empty))
            {
                foreach (var count in (int[])[0, 39, 40, 41, 80])
                {
                    await using var simulator = await StartAsync(count, new SimulatorOptions { PageAccount = account, BeyondLastPage = beyond, PageNumbersAsText = count == 41 });
                    using var client = new RunCloudClient(new RunCloudClientOptions
                    {
                        Endpoint = simulator.Endpoint,
                        Token = new NetworkCredential(string.Empty, simulator.Token).SecurePassword,
                    });
                    var read = 0;
                    await foreach (var server in client.GetServersAsync(TestContext.Current.CancellationToken))
                    {
                        read++;
                    }

                    Assert.Equal((account, count, (count / 40) + 1 + (account == PageAccountForm.None && count % 40 > 0 ? 1 : 0)), (account, read, simulator.Requests.Count));
                }
            }
        }
    }

    [Fact]
    public async Task A_search_looks_at_label_and_user_and_never_at_the_key()
    {
        var fleet = new Fleet();
        var server = fleet.AddServer("web-01");
        fleet.AddCredential(server.Id, "root", "dave", "ssh-rsa needle");
        fleet.AddCredential(server.Id, "deploy", "needle-1", "ssh-rsa x");
        fleet.AddCredential(server.Id, "Needle", "erik", "ssh-rsa x");
        await using var simulator = await RunCloudSimulator.StartAsync(fleet: fleet, cancellationToken: TestContext.Current.CancellationToken);
        using var client = new SimulatorClient(simulator);

        var page = await client.ReadAsync($"/servers/{server.Id}/ssh/credentials?search=needle");

        Assert.Equal(["needle-1", "erik"], page["data"]!.AsArray().Select(row => (string)row!["label"]!));
        Assert.Equal(2, page["meta"]!["pagination"]!["total"]!.GetValue<int>());
    }

    [Fact]
    public async Task Shared_servers_have_a_list_of_their_own()
    {
        var fleet = new Fleet();
        fleet.AddServer("ours");
        fleet.AddServer("theirs", shared: true);
        await using var simulator = await RunCloudSimulator.StartAsync(fleet: fleet, cancellationToken: TestContext.Current.CancellationToken);
        using var client = new SimulatorClient(simulator);

        Assert.Equal(["ours"], Names(await client.ReadAsync("/servers")));
        Assert.Equal(["theirs"], Names(await client.ReadAsync("/servers/shared")));
    }

    [Fact]
    public async Task Any_pages_in_a_row_make_the_list() =>
        await Gen.Select(Gen.Int[0, 130], Gen.Int[1, 60]).SampleAsync(
            async (total, perPage) =>
            {
                await using var simulator = await StartAsync(total);
                using var client = new SimulatorClient(simulator);
                var names = new List<string>();
                var pages = 1;
                for (var page = 1; page <= pages; page++)
                {
                    var json = await client.ReadAsync(string.Create(CultureInfo.InvariantCulture, $"/servers?page={page}&perPage={perPage}"));
                    pages = json["meta"]!["pagination"]!["total_pages"]!.GetValue<int>();
                    names.AddRange(Names(json));
                }

                Assert.Equal(Math.Max(1, (int)Math.Ceiling(total / (double)Math.Min(perPage, 40))), pages);
                Assert.Equal(simulator.Fleet.Snapshot().Servers.Select(server => server.Name), names);
            },
            iter: 30,
            threads: 1);

    private static IEnumerable<string> Names(JsonNode page) => page["data"]!.AsArray().Select(row => (string)row!["name"]!);

    private static async Task<RunCloudSimulator> StartAsync(int servers, SimulatorOptions? options = null)
    {
        var fleet = new Fleet();
        for (var number = 1; number <= servers; number++)
        {
            fleet.AddServer(string.Create(CultureInfo.InvariantCulture, $"server-{number}"));
        }

        return await RunCloudSimulator.StartAsync(options, fleet, TestContext.Current.CancellationToken);
    }
}
