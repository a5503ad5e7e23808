using System.Net;
using System.Net.Http;
using System.Text.Json.Nodes;
using CsCheck;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <summary>How lists are read: whole, in order, in the fewest requests, or not at all.</summary>
public sealed partial class PageTests
{
    /// <summary>What a server tells of its pages.</summary>
    public enum Account
    {
        /// <summary>Everything, as documented.</summary>
        Whole,

        /// <summary>Everything but <c>total_pages</c>.</summary>
        WithoutTotalPages,

        /// <summary>Only <c>links</c>.</summary>
        LinksOnly,

        /// <summary>Only <c>per_page</c>.</summary>
        PerPageOnly,

        /// <summary>No <c>meta</c> at all.</summary>
        Nothing,
    }

    [Theory]
    [InlineData("")]
    [InlineData(""","meta":{"pagination":{}}""")]
    [InlineData(""","meta":{"pagination":{"total":null,"total_pages":1}}""")]
    [InlineData(""","meta":{"pagination":{"total":"zero","per_page":40}}""")]
    [InlineData(""","meta":{"pagination":{"total":0.5,"current_page":1}}""")]
    public async Task Neither_rows_nor_a_count_is_not_an_empty_list(string meta)
    {
        using var client = Create(_ => Answers.Json($$"""{"data":[]{{meta}}}"""));
        Assert.Equal(RunCloudError.InvalidResponse, (await Assert.ThrowsAsync<RunCloudException>(client.ServersAsync)).Error);
    }

    [Theory]
    [InlineData("""{"data":[],"meta":{"pagination":{"count":1,"total_pages":1}}}""")]
    [InlineData("""{"data":[{"id":1}],"meta":{"pagination":{"count":2,"total_pages":1}}}""")]
    [InlineData("""{"data":[],"meta":{"pagination":{"count":0,"links":{"next":"https://example.test/"}}}}""")]
    public async Task A_page_with_a_wrong_count_is_an_error_without_a_total(string json)
    {
        using var client = Create(_ => Answers.Json(json));
        Assert.Equal(RunCloudError.IncompleteList, (await Assert.ThrowsAsync<RunCloudException>(client.ServersAsync)).Error);
    }

    [Fact]
    public async Task No_rows_and_a_count_of_zero_are_an_empty_list_even_without_a_total()
    {
        using var client = Create(_ => Answers.Json("""{"data":[],"meta":{"pagination":{"count":0,"total_pages":1}}}"""));
        Assert.Empty(await client.ServersAsync());
    }

    [Fact]
    public async Task Rows_without_an_id_do_not_hide_the_others()
    {
        using var client = Create(request => Lists.Page(
            request.Page == 1 ? [Lists.Server(1), new JsonObject { ["id"] = "srv-2" }, Lists.Server(3)] : [Lists.Server(4)], request.Page, total: 4, totalPages: 2));
        var read = new List<long>();

        var failure = await Assert.ThrowsAsync<RunCloudException>(async () =>
        {
            await foreach (var server in client.GetServersAsync(Stop))
            {
                read.Add(server.Id);
            }
        });

        Assert.Equal(RunCloudError.InvalidResponse, failure.Error);
        Assert.Equal([1, 3, 4], read);
    }

    [Fact]
    public async Task A_list_with_a_duplicate_row_in_every_reading_and_the_right_count_is_complete()
    {
        var handler = new StubHandler(_ => Lists.Page([Lists.Server(1), Lists.Server(2), Lists.Server(1)], 1, total: 2, totalPages: 1));
        using var client = Create(handler);

        Assert.Equal([1, 2], (await client.ServersAsync()).Select(server => server.Id));
        Assert.Equal(3, handler.Requests.Count);
    }

    [Fact]
    public async Task A_later_page_without_a_count_is_not_the_end_if_the_first_has_one()
    {
        // The first page counts one row too few, and the next one is {"data":[]}: together they would make a whole list.
        using var client = Create(request => request.Page == 1
            ? Lists.Page([Lists.Server(1), Lists.Server(2), Lists.Server(3)], 1, total: 3, totalPages: 2)
            : Answers.Json("""{"data":[]}"""));

        Assert.Equal(RunCloudError.InvalidResponse, (await Assert.ThrowsAsync<RunCloudException>(() => client.ServersAsync())).Error);
    }

    [Fact]
    public async Task An_empty_page_within_the_stated_pages_is_not_the_end_without_a_row_count()
    {
        using var client = Create(request => Answers.Json(request.Page < 3
            ? $$"""{"data":[{"id":{{request.Page}},"name":"web-0{{request.Page}}"}],"meta":{"lastPage":3} }"""
            : """{"data":[],"meta":{"lastPage":3}}"""));

        var failure = await Assert.ThrowsAsync<RunCloudException>(() => client.ServersAsync());
        Assert.Equal(RunCloudError.IncompleteList, failure.Error);
        Assert.Contains("2 pages with rows were read, but the API counts 3", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Account.Whole)]
    [InlineData(Account.WithoutTotalPages)]
    [InlineData(Account.LinksOnly)]
    [InlineData(Account.PerPageOnly)]
    [InlineData(Account.Nothing)]
    public Task Every_row_comes_once_and_in_order_in_the_fewest_requests(Account account) =>
        Gen.Select(Gen.Int[account == Account.Nothing ? 1 : 0, 500], Gen.OneOf(40, 25, 15, 1)).SampleAsync(
            async (count, size) =>
            {
                var handler = new StubHandler(request => Page(Ids(count), request.Page, size, account));
                using var client = Create(handler);

                var servers = await client.ServersAsync();

                Assert.Equal(Ids(count), servers.Select(server => server.Id));
                var pages = Math.Max(1, (count + size - 1) / size);
                pages += account switch
                {
                    // Where nobody says what full is, only an empty page tells that the one before was the last...
                    Account.LinksOnly or Account.Nothing when count > 0 => 1,

                    // ...and else any that is not full.
                    _ when count > 0 && count % size == 0 => 1,
                    _ => 0,
                };
                Assert.Equal(
                    Enumerable.Range(1, pages).Select(page => $"GET /servers?page={page}&perPage=40"),
                    handler.Requests.OrderBy(request => request.Page).Select(request => request.ToString()));
            },
            iter: Draws.Of(60),
            threads: 1);

    [Fact]
    public async Task Pages_after_the_first_are_asked_for_side_by_side()
    {
        var four = new TaskCompletionSource();
        var underWay = 0;
        var handler = new StubHandler(async (request, _) =>
        {
            if (request.Page > 1 && Interlocked.Increment(ref underWay) == 4)
            {
                four.SetResult();
            }

            // Pages 2 to 5 are answered when all four are under way: never, if they came one after the other.
            await (request.Page is > 1 and <= 5 ? four.Task : Task.CompletedTask);

            // With the headers of the limit, as documented: without them, three at most go at once to begin with.
            return Page(Ids(400), request.Page).With("X-RateLimit-Limit", "1000").With("X-RateLimit-Remaining", "900");
        });
        using var client = Create(handler);

        Assert.Equal(Ids(400), (await client.ServersAsync()).Select(server => server.Id));
        Assert.Equal(11, handler.Requests.Count);
    }

    [Fact]
    public async Task The_first_page_is_returned_before_the_second_arrives()
    {
        var handler = new StubHandler(async (request, cancellation) =>
        {
            await (request.Page == 1 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, cancellation));
            return Page(Ids(100), request.Page);
        });
        using var client = Create(handler);
        var read = 0;

        await foreach (var server in client.GetServersAsync(Stop))
        {
            if (++read == 40)
            {
                break;
            }
        }

        Assert.Equal(40, read);
    }

    [Fact]
    public async Task Stopping_at_the_first_row_leaves_no_request_behind()
    {
        var underWay = 0;
        var handler = new StubHandler(async (request, cancellation) =>
        {
            Interlocked.Increment(ref underWay);
            try
            {
                await (request.Page == 1 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, cancellation));
                return Page(Ids(400), request.Page);
            }
            finally
            {
                Interlocked.Decrement(ref underWay);
            }
        });
        using var client = Create(handler);

        await foreach (var server in client.GetServersAsync(Stop))
        {
            break;
        }

        Assert.Equal(0, underWay);
    }

    [Fact]
    public async Task Stopping_while_a_page_is_read_raises_no_further_error()
    {
        var handler = new StubHandler(request => request.Page == 1 ? Page(Ids(400), 1) : new HttpResponseMessage { Content = new AbortedContent() });
        using var client = Create(handler);
        var read = 0;

        await foreach (var server in client.GetServersAsync(Stop))
        {
            read++;
            break;
        }

        Assert.Equal(1, read);
    }

    [Fact]
    public async Task A_page_that_cannot_be_read_is_the_error()
    {
        using var client = Create(request => request.Page == 3 ? Answers.Message(403, "No.") : Page(Ids(200), request.Page));

        var failure = await Assert.ThrowsAsync<RunCloudException>(client.ServersAsync);

        Assert.Equal(RunCloudError.Forbidden, failure.Error);
    }

    [Fact]
    public Task A_row_that_is_always_there_is_never_missed() =>
        Gen.Select(Gen.Int[0, 200], Gen.Select(Gen.Int[1, 30], Gen.Int[0, 220], Gen.Bool).Array[0, 4]).SampleAsync(
            async (count, changes) =>
            {
                // Before the n-th request one row is taken away or put in, anywhere.
                var rows = Ids(count).ToList();
                var always = rows.ToHashSet();
                var handler = new StubHandler(request =>
                {
                    foreach (var (_, at, put) in changes.Where(change => change.Item1 == request.Number))
                    {
                        if (put)
                        {
                            rows.Insert(Math.Min(at, rows.Count), 1000 + (request.Number * 300) + at);
                        }
                        else if (at < rows.Count)
                        {
                            always.Remove(rows[at]);
                            rows.RemoveAt(at);
                        }
                    }

                    return Page(rows, request.Page);
                });
                using var client = Create(handler);
                try
                {
                    var read = (await client.ServersAsync()).Select(server => server.Id).ToArray();
                    Assert.Equal(read.Length, read.Distinct().Count());
                    var cancelOut = changes.GroupBy(change => change.Item1).Any(group => group.Select(change => change.Item3).Distinct().Count() > 1);
                    Assert.True(cancelOut || always.IsSubsetOf(read), "A row was missed.");
                }
                catch (RunCloudException e)
                {
                    Assert.Equal(RunCloudError.IncompleteList, e.Error);
                    Assert.True(changes.Length >= 3, "Fewer changes than readings.");
                }
            },
            iter: Draws.Of(1500),
            threads: 1);

    /// <summary>A body that never comes, and when it is given up breaks as the old framework's do: with anything but a cancellation.</summary>
    private sealed class AbortedContent : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(new Aborted());

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        private sealed class Aborted : MemoryStream
        {
            public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            {
                var given = new TaskCompletionSource();
                await using var registration = cancellationToken.Register(given.SetResult);
                await given.Task;
                throw new IOException("The connection was closed.");
            }
        }
    }

    private static IReadOnlyList<long> Ids(int count) => [.. Enumerable.Range(1, count).Select(id => (long)id)];

    private static HttpResponseMessage Page(IReadOnlyList<long> ids, int page, int size = 40, Account account = Account.Whole, int off = 0)
    {
        var pages = Math.Max(1, (ids.Count + size - 1) / size);
        var rows = ids.Skip((page - 1) * size).Take(size).Select(Lists.Server).ToArray();
        JsonNode links = page < pages ? new JsonObject { ["next"] = $"https://example.test/?page={page + 1}" } : new JsonArray();
        return account switch
        {
            Account.Whole => Lists.Page(rows, page, ids.Count + off, pages, size, links),
            Account.WithoutTotalPages => Lists.Page(rows, page, ids.Count + off, totalPages: null, size, links),
            Account.LinksOnly => Lists.Page(rows, page, perPage: null, links: links),
            Account.PerPageOnly => Lists.Page(rows, page, perPage: size),
            _ => Lists.Page(rows, page, meta: false),
        };
    }
}
