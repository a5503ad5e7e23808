using System.Net.Http;
using System.Text.Json.Nodes;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <summary>Where a list ends, how far it is read, and what the error says of one that does not end where it says.</summary>
public sealed partial class PageEndTests
{
    private const string Twice = "a row came twice or the count changed";
    private const string SamePage = "the same page came again as the next page";

    private static readonly JsonObject Next = new() { ["next"] = "https://example.test/" };

    /// <summary>What pages of 40 rows each say (total, last page, whether there is a next), and how the page after them is refused.</summary>
    public static TheoryData<(long? Total, long? Pages, bool HasNext)[], int, bool, RunCloudError?> Refusals => new()
    {
        { [(40, 1, false)], 404, true, null },
        { [(40, 1, false)], 422, true, null },
        { [(40, null, false)], 404, true, null },
        { [(39, null, false)], 404, true, RunCloudError.IncompleteList },
        { [(null, 1, false)], 404, true, null },
        { [(80, 2, false), (80, 2, false)], 404, true, null },
        { [(40, 1, false)], 410, true, RunCloudError.RequestRejected },
        { [(40, 1, false)], 422, false, RunCloudError.ValidationFailed },
        { [(40, 1, true)], 404, true, RunCloudError.RequestRejected },
        { [(40, null, true)], 404, true, RunCloudError.RequestRejected },
        { [(41, null, false)], 404, true, RunCloudError.RequestRejected },
        { [(null, null, false)], 404, true, RunCloudError.RequestRejected },
        { [(null, 1, false), (null, 3, false)], 404, true, RunCloudError.RequestRejected },
        { [(80, 1, false), (80, 3, false)], 404, true, RunCloudError.RequestRejected },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refused_page_is_the_end_only_where_no_count_has_it((long? Total, long? Pages, bool HasNext)[] pages, int status, bool isInWords, RunCloudError? error)
    {
        var handler = new StubHandler(request => request.Page <= pages.Length
            ? Page(request.Page, 40, pages[request.Page - 1].Total, pages[request.Page - 1].Pages, perPage: 40, pages[request.Page - 1].HasNext)
            : isInWords ? Answers.Message(status, "Resources not found.") : Answers.Json("{}", status));

        var (read, failure) = await ReadAsync(handler);

        Assert.Equal(error, failure?.Error);
        Assert.Equal(Ids(1, 40 * pages.Length), read);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(40)]
    [InlineData(100)]
    public async Task A_short_page_that_has_all_that_is_counted_is_the_only_one(int? perPage)
    {
        var handler = new StubHandler(request => Page(request.Page, request.Page == 1 ? 3 : 0, total: 3, totalPages: 1, perPage));

        var (read, failure) = await ReadAsync(handler);

        Assert.Null(failure);
        Assert.Equal(Ids(1, 3), read);
        Assert.Single(handler.Requests);
    }

    [Theory]
    [InlineData(40, 100, false)]
    [InlineData(40, 100, true)]
    [InlineData(15, 15, false)]
    [InlineData(15, 15, true)]
    public async Task A_page_as_full_as_was_asked_for_or_is_given_is_not_the_last(int size, int perPage, bool isCounted)
    {
        // One page and a half, and where it counts its rows, it counts those of the page.
        var count = size * 3 / 2;
        using var client = Create(request => Lists.Page(
            [.. Ids(1, count).Skip(size * (request.Page - 1)).Take(size).Select(Lists.Server)],
            request.Page,
            isCounted ? request.Page == 1 ? size : count - size : null,
            isCounted ? 1 : null,
            perPage));

        var (read, failure) = await ReadAsync(client);

        Assert.Equal(Ids(1, count), read);
        Assert.Equal(isCounted ? RunCloudError.IncompleteList : null, failure?.Error);
    }

    [Fact]
    public async Task A_list_is_not_at_its_end_when_its_count_is_reached_and_it_has_a_next_page()
    {
        var handler = new StubHandler(request => Page(request.Page, 2, total: 2, hasNext: request.Page == 1));

        var (read, failure) = await ReadAsync(handler);

        Assert.Equal(Ids(1, 2).Concat(Ids(41, 2)), read);
        Assert.Equal(RunCloudError.IncompleteList, failure?.Error);
        Assert.Contains("4 rows were read, but the API counts 2", failure!.Message, StringComparison.Ordinal);
        Assert.Equal(2 * 3, handler.Requests.Count);
    }

    [Theory]
    [InlineData(40, null, 27)]
    [InlineData(40, 40, 27)]
    [InlineData(40, 100, 27)]
    [InlineData(15, 15, 68)]
    [InlineData(15, null, 2)]
    public async Task A_list_is_read_a_thousand_rows_beyond_its_count_while_its_pages_are_full_and_no_further(int rows, int? perPage, int pages)
    {
        var handler = new StubHandler(request => Page(request.Page, rows, total: rows, perPage: perPage, hasNext: true));

        var (read, failure) = await ReadAsync(handler);

        Assert.Equal(RunCloudError.IncompleteList, failure?.Error);
        Assert.Contains($"{rows * pages} rows were read, but the API counts {rows}", failure!.Message, StringComparison.Ordinal);
        Assert.Equal(rows * pages, read.Count);
        Assert.Equal(pages * 3, handler.Requests.Count);
    }

    [Theory]
    [InlineData(80, 2, 1)] // The first page again, beyond the last one.
    [InlineData(120, 3, 2)] // The second page instead of the third.
    [InlineData(null, null, 2)] // The second page again, which was as full as the first, so that more may follow.
    public async Task A_page_that_comes_again_is_the_end_only_if_it_was_the_last(int? total, int? totalPages, int again)
    {
        var (read, failure) = await ReadAsync(new StubHandler(request => Page(request.Page < 3 ? request.Page : again, 40, total, totalPages)));

        Assert.Equal(Ids(1, 80), read);
        Assert.Equal(RunCloudError.IncompleteList, failure?.Error);
        Assert.Contains($"in any of 3 readings ({SamePage})", failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_first_page_whose_rows_have_no_id_is_not_the_end()
    {
        var (read, failure) = await ReadAsync(new StubHandler(request => Lists.Page(
            [request.Page == 1 ? new JsonObject { ["name"] = "web-1" } : Lists.Server(2)], request.Page, total: 2, totalPages: 2, perPage: 1)));

        Assert.Equal([2], read);
        Assert.Equal(RunCloudError.InvalidResponse, failure?.Error);
        Assert.Contains("a row without an id", failure!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task Zero_and_less_are_no_ids(int id)
    {
        var (read, failure) = await ReadAsync(new StubHandler(request => Lists.Page([Lists.Server(id), Lists.Server(1)], request.Page, total: 2, totalPages: 1)));

        Assert.Equal([1], read);
        Assert.Equal(RunCloudError.InvalidResponse, failure?.Error);
    }

    [Fact]
    public async Task A_list_of_a_server_that_is_not_there_says_so()
    {
        using var client = Create(_ => Answers.Message(404, "Resources not found."));

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.FindSshCredentialsAsync(3, server: null, new SshCredentialQuery(), Stop));

        Assert.Equal(RunCloudError.ServerNotFound, failure.Error);
    }

    [Fact]
    public async Task Asking_for_smaller_pages_is_not_another_reading()
    {
        // A row comes twice in each, so that all three readings are needed.
        var handler = new StubHandler(request => IsLarge(request) ? TooLarge()
            : Lists.Page([Lists.Server(1), Lists.Server(2), Lists.Server(1)], request.Page, total: 2, totalPages: 1, perPage: 5));

        var (read, failure) = await ReadAsync(handler);

        Assert.Null(failure);
        Assert.Equal(Ids(1, 2), read);
        Assert.Equal(1 + 3, handler.Requests.Count);
    }

    [Fact]
    public async Task A_later_page_that_is_too_large_makes_all_be_read_again_in_smaller_ones_and_each_row_comes_once()
    {
        var handler = new StubHandler(request => IsLarge(request)
            ? request.Page == 2 ? TooLarge() : Page(1, 40, total: 50, totalPages: 2)
            : Lists.Page([.. Ids(1, 50).Skip((request.Page - 1) * 5).Take(5).Select(Lists.Server)], request.Page, total: 50, totalPages: 10, perPage: 5));

        var (read, failure) = await ReadAsync(handler);

        Assert.Null(failure);
        Assert.Equal(Ids(1, 50), read);
        Assert.Equal(2 + 11, handler.Requests.Count);
    }

    [Fact]
    public async Task Four_pages_are_asked_for_ahead_and_no_more()
    {
        var handler = new StubHandler(async (request, cancellation) =>
        {
            await (request.Page == 1 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, cancellation));
            return Page(request.Page, 40, total: 400, totalPages: 10).With("X-RateLimit-Limit", "1000").With("X-RateLimit-Remaining", "900");
        });
        using var client = Create(handler);

        // The pages that were asked for ahead are waited for before the end.
        await foreach (var server in client.GetServersAsync(Stop))
        {
            break;
        }

        Assert.Equal(Enumerable.Range(1, 5), handler.Requests.Select(request => request.Page).Order());
    }

    [Theory]
    [InlineData("/servers", "GET /servers?page=1&perPage=40")]
    [InlineData("/servers?search=web", "GET /servers?search=web&page=1&perPage=40")]
    [InlineData("/?a", "GET /?a&page=1&perPage=40")]
    public async Task The_page_is_added_to_the_query_of_a_path(string path, string line)
    {
        var handler = new StubHandler(request => Page(request.Page, 1, total: 1, totalPages: 1));
        using var client = Create(handler);
        var rows = 0;

        await foreach (var row in client.InvokeAllAsync(path, Stop))
        {
            rows++;
        }

        Assert.Equal(1, rows);
        Assert.Equal([line], handler.Lines);
    }

    private static IEnumerable<long> Ids(int first, int count) => Enumerable.Range(first, count).Select(id => (long)id);

    /// <summary>A page of as many rows, with ids by the number of the page: 1 to 40, 41 to 80 and so on.</summary>
    private static HttpResponseMessage Page(int page, int rows, long? total = null, long? totalPages = null, long? perPage = null, bool hasNext = false) =>
        Lists.Page([.. Ids((page * 40) - 39, rows).Select(Lists.Server)], page, total, totalPages, perPage, hasNext ? Next.DeepClone() : null);

    private static bool IsLarge(SentRequest request) => request.Uri.Query.EndsWith("perPage=40", StringComparison.Ordinal);

    /// <summary>An answer that says that it is larger than any that is read.</summary>
    private static HttpResponseMessage TooLarge()
    {
        var answer = Answers.Json("{}");
        answer.Content.Headers.ContentLength = 9 * 1024 * 1024;
        return answer;
    }

    private static async Task<(List<long> Read, RunCloudException? Failure)> ReadAsync(StubHandler handler)
    {
        using var client = Create(handler);
        return await ReadAsync(client);
    }

    private static async Task<(List<long> Read, RunCloudException? Failure)> ReadAsync(RunCloudClient client)
    {
        var read = new List<long>();
        try
        {
            await foreach (var server in client.GetServersAsync(Stop))
            {
                read.Add(server.Id);
            }
        }
        catch (RunCloudException e)
        {
            return (read, e);
        }

        return (read, null);
    }
}
