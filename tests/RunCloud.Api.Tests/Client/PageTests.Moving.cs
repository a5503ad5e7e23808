using System.Net;
using System.Net.Http;
using System.Text.Json.Nodes;
using CsCheck;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <content>Lists that move while they are read, and those that do not add up.</content>
public sealed partial class PageTests
{
    [Fact]
    public async Task A_changed_list_is_read_again_and_each_row_returned_once()
    {
        // Between the first two pages a row of the first one goes, so that row 41 slips from page 2 to page 1.
        var handler = new StubHandler(request => Page([.. Ids(100).Where(id => request.Number == 1 || id != 5)], request.Page));
        using var client = Create(handler);

        var servers = await client.ServersAsync();

        Assert.Equal(Ids(100), servers.Select(server => server.Id).Order());
    }

    [Fact]
    public async Task A_row_that_comes_twice_makes_the_list_be_read_again()
    {
        // A row is put in front and another goes, so that the total stays: only the repeated row tells.
        var handler = new StubHandler(request => Page([.. (request.Number == 1 ? Ids(80) : Ids(80).Prepend(1000).Where(id => id != 80))], request.Page));
        using var client = Create(handler);

        var servers = await client.ServersAsync();

        Assert.Equal([.. Ids(79), 1000], servers.Select(server => server.Id).Order().Where(id => id != 80));
        Assert.Equal(6, handler.Requests.Count);
    }

    [Fact]
    public async Task A_changing_number_of_pages_reveals_a_changed_list_without_a_total()
    {
        // Between the first two pages a row of the first one goes: row 41 slips from page 2 to page 1, and there is one page less.
        var handler = new StubHandler(request =>
        {
            var rows = Ids(81).Where(id => request.Number == 1 || id != 5).ToArray();
            return Lists.Page([.. rows.Skip((request.Page - 1) * 40).Take(40).Select(Lists.Server)], request.Page, totalPages: (rows.Length + 39) / 40);
        });
        using var client = Create(handler);

        Assert.Equal(Ids(81), (await client.ServersAsync()).Select(server => server.Id).Order());
    }

    [Fact]
    public async Task Pages_shorter_than_they_say_are_read_on_until_the_total()
    {
        // It gives 15 rows whatever it is asked for, and repeats the 40 that it was asked for.
        var handler = new StubHandler(request => Lists.Page([.. Ids(50).Skip((request.Page - 1) * 15).Take(15).Select(Lists.Server)], request.Page, total: 50, perPage: 40));
        using var client = Create(handler);

        Assert.Equal(Ids(50), (await client.ServersAsync()).Select(server => server.Id));
        Assert.Equal(4, handler.Requests.Count);
    }

    [Fact]
    public async Task A_list_that_keeps_changing_ends_in_an_error()
    {
        var handler = new StubHandler(request => Page(Ids(100 + request.Number), request.Page));
        using var client = Create(handler);

        var failure = await Assert.ThrowsAsync<RunCloudException>(client.ServersAsync);

        Assert.Equal(RunCloudError.IncompleteList, failure.Error);
        Assert.InRange(handler.Requests.Count, 6, 9);
    }

    [Theory]
    [InlineData(-1, 9)]
    [InlineData(1, 12)]
    [InlineData(1_000_000_000, 12)]
    public async Task A_list_that_is_not_what_it_counts_is_an_error(int off, int requests)
    {
        var handler = new StubHandler(request => Page(Ids(100), request.Page, off: off));
        using var client = Create(handler);

        var failure = await Assert.ThrowsAsync<RunCloudException>(client.ServersAsync);

        Assert.Equal(RunCloudError.IncompleteList, failure.Error);
        Assert.Contains("count does not match", failure.Message, StringComparison.Ordinal);
        Assert.Equal(requests, handler.Requests.Count);
    }

    [Fact]
    public async Task The_rows_of_an_incomplete_list_come_before_the_error_and_once()
    {
        using var client = Create(request => Page(Ids(100), request.Page, off: 1));
        var read = new List<long>();

        await Assert.ThrowsAsync<RunCloudException>(async () =>
        {
            await foreach (var server in client.GetServersAsync(Stop))
            {
                read.Add(server.Id);
            }
        });

        Assert.Equal(Ids(100), read);
    }

    [Fact]
    public async Task A_page_that_is_short_of_rows_is_an_error()
    {
        using var client = Create(request => request.Page == 2
            ? Lists.Page([.. Ids(79).Skip(40).Select(Lists.Server)], 2, total: 100, totalPages: 3)
            : Page(Ids(100), request.Page));

        Assert.Equal(RunCloudError.IncompleteList, (await Assert.ThrowsAsync<RunCloudException>(client.ServersAsync)).Error);
    }

    [Fact]
    public async Task A_page_that_repeats_a_row_of_its_own_is_an_error()
    {
        using var client = Create(_ => Lists.Page([Lists.Server(1), Lists.Server(2), Lists.Server(1)], 1, total: 3, totalPages: 1));

        Assert.Equal(RunCloudError.IncompleteList, (await Assert.ThrowsAsync<RunCloudException>(client.ServersAsync)).Error);
    }

    [Fact]
    public async Task More_pages_than_there_are_rows_for_do_no_harm()
    {
        var handler = new StubHandler(request => Lists.Page(
            [.. Ids(50).Skip((request.Page - 1) * 40).Take(40).Select(Lists.Server)], request.Page, total: 50, totalPages: 1_000_000_000_000));
        using var client = Create(handler);

        Assert.Equal(Ids(50), (await client.ServersAsync()).Select(server => server.Id));
        Assert.InRange(handler.Requests.Count, 3, 7);
    }

    [Fact]
    public async Task A_server_that_repeats_one_page_forever_is_not_read_forever()
    {
        var handler = new StubHandler(_ => Lists.Page(
            [.. Ids(40).Select(Lists.Server)], 1, links: new JsonObject { ["next"] = "https://example.test/" }));
        using var client = Create(handler);

        var failure = await Assert.ThrowsAsync<RunCloudException>(client.ServersAsync);

        Assert.Equal(RunCloudError.IncompleteList, failure.Error);
        Assert.InRange(handler.Requests.Count, 2, 6);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(50, null)]
    [InlineData(50, 9_000_000_000_000_000_000)]
    [InlineData(null, 9_000_000_000_000_000_000)]
    public async Task A_server_without_a_last_page_is_not_read_forever(int? total, long? totalPages)
    {
        var handler = new StubHandler(request => Lists.Page(
            [Lists.Server(request.Page)], request.Page, total, totalPages, links: new JsonObject { ["next"] = "https://example.test/" }));
        using var client = Create(handler);

        var failure = await Assert.ThrowsAsync<RunCloudException>(client.ServersAsync);

        Assert.Equal(RunCloudError.IncompleteList, failure.Error);
        Assert.True(total is null ? handler.Requests.Count == 10_000 : handler.Requests.Count < 200);
    }

    [Fact]
    public async Task Next_links_are_followed_by_number_and_never_to_where_they_point()
    {
        var handler = new StubHandler(request => Lists.Page(
            [.. Ids(60).Skip((request.Page - 1) * 40).Take(40).Select(Lists.Server)],
            request.Page,
            links: request.Page == 1 ? new JsonObject { ["next"] = "http://elsewhere.example.test/steal" } : new JsonArray()));
        using var client = Create(handler);

        Assert.Equal(Ids(60), (await client.ServersAsync()).Select(server => server.Id));
        Assert.Equal(["GET /servers?page=1&perPage=40", "GET /servers?page=2&perPage=40"], handler.Lines);
    }
}
