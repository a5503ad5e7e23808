using System.Text.Json.Nodes;
using RunCloud.Api.Tests.Http;
using Xunit;

namespace RunCloud.Api.Tests.Client;

/// <content>Counts that change, are left out, or are wrong, and rows that come twice.</content>
public sealed partial class PageEndTests
{
    [Fact]
    public async Task A_row_that_comes_twice_in_every_reading_is_an_error_without_a_total()
    {
        var (read, failure) = await ReadAsync(new StubHandler(request => Lists.Page(
            [Lists.Server(1), Lists.Server(2), Lists.Server(1)], request.Page, totalPages: 1)));

        Assert.Equal(Ids(1, 2), read);
        Assert.Equal(RunCloudError.IncompleteList, failure?.Error);
        Assert.Contains($"in any of 3 readings ({Twice})", failure!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("111", "does not match its rows in any of 3 readings")]
    [InlineData("112", "changed during each of 3 readings")]
    [InlineData("122", "changed during each of 3 readings")]
    [InlineData("123", "changed during each of 3 readings")]
    [InlineData("121", "changed during each of 3 readings")]
    public async Task The_error_tells_a_wrong_count_from_a_list_that_changes(string ids, string what)
    {
        // One row in each reading, and it always says that there are two.
        var (read, failure) = await ReadAsync(new StubHandler(request => Lists.Page(
            request.Page == 1 ? [Lists.Server(ids[request.Number / 2] - '0')] : [], request.Page, total: 2, totalPages: 1)));

        Assert.Equal(ids.Distinct().Count(), read.Count);
        Assert.Equal(RunCloudError.IncompleteList, failure?.Error);
        Assert.Contains(what + " (1 rows were read, but the API counts 2)", failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_count_that_changes_in_every_reading_is_the_error()
    {
        // The rows are those that the last page counts.
        var (read, failure) = await ReadAsync(new StubHandler(request => Page(request.Page, request.Page == 1 ? 40 : 1, request.Page == 1 ? 42 : 41, totalPages: 2)));

        Assert.Equal(Ids(1, 41), read);
        Assert.Equal(RunCloudError.IncompleteList, failure?.Error);
        Assert.Contains(Twice, failure!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 3)] // Beyond the last page that was counted, only a page without rows tells.
    public async Task A_page_that_leaves_its_count_out_says_nothing_of_the_list(int uncounted, int requests)
    {
        // Of two pages one counts the rows or the pages, and the other has no count at all; what is beyond is counted again.
        foreach (var total in new int?[] { 41, null })
        {
            var handler = new StubHandler(request => request.Page == uncounted
                ? Lists.Page([.. Ids((request.Page * 40) - 39, request.Page == 1 ? 40 : 1).Select(Lists.Server)], request.Page, meta: false)
                : Page(request.Page, request.Page switch { 1 => 40, 2 => 1, _ => 0 }, total, totalPages: 2));

            var (read, failure) = await ReadAsync(handler);

            Assert.Null(failure);
            Assert.Equal(Ids(1, 41), read);
            Assert.Equal(requests, handler.Requests.Count);
        }
    }

    [Fact]
    public async Task A_count_that_a_later_page_leaves_out_still_counts()
    {
        // 41 rows on two pages, of which the first one counts 42 or three pages, and the second one nothing.
        foreach (var (total, pages, what) in new (int?, int?, string)[] { (42, null, "41 rows were read, but the API counts 42"), (null, 3, "2 pages with rows were read, but the API counts 3") })
        {
            var (read, failure) = await ReadAsync(new StubHandler(request => request.Page switch
            {
                1 => Page(1, 40, total, pages),
                2 => Lists.Page([Lists.Server(41)], 2, meta: false),
                _ => Page(request.Page, 0),
            }));

            Assert.Equal(Ids(1, 41), read);
            Assert.Equal(RunCloudError.IncompleteList, failure?.Error);
            Assert.Contains(what, failure!.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_page_that_counts_more_pages_than_the_one_before_is_not_the_last()
    {
        var handler = new StubHandler(request => Page(request.Page, request.Page == 1 ? 40 : 20, totalPages: request.Page == 1 ? null : 3));

        var (read, failure) = await ReadAsync(handler);

        Assert.Null(failure);
        Assert.Equal([.. Ids(1, 60), .. Ids(81, 20)], read);
        Assert.Equal(3, handler.Requests.Count);
    }

    [Fact]
    public async Task Rows_of_a_list_whose_count_grows_are_all_read_before_the_error()
    {
        var (read, failure) = await ReadAsync(new StubHandler(request => Page(
            request.Page, request.Page switch { 1 or 3 => 2, 2 => 1, _ => 0 }, total: request.Page == 1 ? 2 : 5, hasNext: request.Page < 3)));

        Assert.Equal([1, 2, 41, 81, 82], read);
        Assert.Equal(RunCloudError.IncompleteList, failure?.Error);
    }

    [Theory]
    [InlineData(2, 3, 3, "2 pages with rows were read, but the API counts 3")]
    [InlineData(3, 4, 3, "3 pages with rows were read, but the API counts 3")]
    public async Task A_number_of_pages_that_changes_is_an_error_also_if_it_changes_back(int first, int second, int third, string what)
    {
        // Without a total, and with a third page only where the first one counts it.
        var (read, failure) = await ReadAsync(new StubHandler(request => Page(
            request.Page, request.Page switch { 1 => 40, 2 => 40, 3 => first == 3 ? 20 : 0, _ => 0 }, totalPages: request.Page switch { 1 => first, 2 => second, _ => third })));

        Assert.Equal(Ids(1, first == 3 ? 100 : 80), read);
        Assert.Equal(RunCloudError.IncompleteList, failure?.Error);
        Assert.Contains(what, failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_pages_that_count_their_own_rows_wrong_are_an_error()
    {
        // Of each page one row is missing.
        var (read, failure) = await ReadAsync(new StubHandler(request => Answers.Json(new JsonObject
        {
            ["data"] = new JsonArray([.. Ids((request.Page * 40) - 39, request.Page == 1 ? 40 : 1).Select(Lists.Server)]),
            ["meta"] = new JsonObject { ["pagination"] = new JsonObject { ["count"] = request.Page == 1 ? 41 : 2, ["total_pages"] = 2 } },
        }.ToJsonString())));

        Assert.Equal(Ids(1, 41), read);
        Assert.Equal(RunCloudError.IncompleteList, failure?.Error);
    }

    [Fact]
    public async Task Rows_that_come_again_on_two_pages_make_the_list_be_read_again()
    {
        // The total is that of the different rows, so that only the repeated ones tell.
        var handler = new StubHandler(request => Lists.Page([Lists.Server(request.Page), Lists.Server(request.Page + 1)], request.Page, total: 4, totalPages: 3));

        var (read, failure) = await ReadAsync(handler);

        Assert.Null(failure);
        Assert.Equal(Ids(1, 4), read);
        Assert.Equal(3 * 3, handler.Requests.Count);
    }

    [Fact]
    public async Task A_page_beyond_the_count_whose_rows_have_no_id_is_the_end()
    {
        var handler = new StubHandler(request => request.Page == 2
            ? Lists.Page([new JsonObject { ["name"] = "web" }], 2, total: 2, links: Next.DeepClone())
            : Page(request.Page, 2, total: 2, hasNext: true));

        var (read, failure) = await ReadAsync(handler);

        Assert.Equal(Ids(1, 2), read);
        Assert.Equal(RunCloudError.IncompleteList, failure?.Error);
        Assert.Equal(2 * 3, handler.Requests.Count);
    }
}
