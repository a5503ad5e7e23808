using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using CsCheck;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <summary>How lists are read: whole, in order, in the fewest requests, or not at all.</summary>
public sealed class PageTests
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
    public async Task Neither_a_row_nor_a_count_is_no_empty_list(string meta)
    {
        using var client = Create(_ => Answers.Json($$"""{"data":[]{{meta}}}"""));
        Assert.Equal(RunCloudError.InvalidResponse, (await Assert.ThrowsAsync<RunCloudException>(client.ServersAsync)).Error);
    }

    [Theory]
    [InlineData("""{"data":[],"meta":{"pagination":{"count":1,"total_pages":1}}}""")]
    [InlineData("""{"data":[{"id":1}],"meta":{"pagination":{"count":2,"total_pages":1}}}""")]
    [InlineData("""{"data":[],"meta":{"pagination":{"count":0,"links":{"next":"https://example.test/"}}}}""")]
    public async Task A_page_that_is_not_what_it_counts_is_an_error_where_no_total_is_told(string json)
    {
        using var client = Create(_ => Answers.Json(json));
        Assert.Equal(RunCloudError.IncompleteList, (await Assert.ThrowsAsync<RunCloudException>(client.ServersAsync)).Error);
    }

    [Fact]
    public async Task No_row_and_a_count_of_none_is_an_empty_list_also_without_a_total()
    {
        using var client = Create(_ => Answers.Json("""{"data":[],"meta":{"pagination":{"count":0,"total_pages":1}}}"""));
        Assert.Empty(await client.ServersAsync());
    }

    [Fact]
    public async Task Rows_without_an_id_do_not_keep_the_others_back()
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
    public async Task A_list_that_names_a_row_twice_in_every_reading_and_has_as_many_as_it_says_is_whole()
    {
        var handler = new StubHandler(_ => Lists.Page([Lists.Server(1), Lists.Server(2), Lists.Server(1)], 1, total: 2, totalPages: 1));
        using var client = Create(handler);

        Assert.Equal([1, 2], (await client.ServersAsync()).Select(server => server.Id));
        Assert.Equal(3, handler.Requests.Count);
    }

    [Fact]
    public async Task A_later_page_that_says_nothing_is_no_end_where_the_first_one_counts()
    {
        // The first page counts one row too few, and the next one is {"data":[]}: together they would make a whole list.
        using var client = Create(request => request.Page == 1
            ? Lists.Page([Lists.Server(1), Lists.Server(2), Lists.Server(3)], 1, total: 3, totalPages: 2)
            : Answers.Json("""{"data":[]}"""));

        Assert.Equal(RunCloudError.InvalidResponse, (await Assert.ThrowsAsync<RunCloudException>(() => client.ServersAsync())).Error);
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
            iter: 60,
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
            return Page(Ids(400), request.Page);
        });
        using var client = Create(handler);

        Assert.Equal(Ids(400), (await client.ServersAsync()).Select(server => server.Id));
        Assert.Equal(11, handler.Requests.Count);
    }

    [Fact]
    public async Task The_first_page_is_handed_out_before_the_second_has_come()
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
    public async Task Whoever_stops_at_the_first_row_leaves_no_request_behind()
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
    public async Task Whoever_stops_while_a_page_is_read_hears_nothing_of_how_it_breaks_off()
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
    public async Task A_list_that_moved_is_read_again_and_each_row_handed_out_once()
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
    public async Task A_number_of_pages_that_changes_tells_of_a_list_that_moved_where_no_total_does()
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
    public async Task A_list_that_keeps_moving_is_an_error_that_comes_to_an_end()
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
        Assert.Contains("count does not fit", failure.Message, StringComparison.Ordinal);
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
    public async Task A_server_that_gives_the_same_page_for_ever_is_left_alone()
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
    public async Task A_server_that_never_comes_to_its_last_page_is_left_alone(int? total, long? totalPages)
    {
        var handler = new StubHandler(request => Lists.Page(
            [Lists.Server(request.Page)], request.Page, total, totalPages, links: new JsonObject { ["next"] = "https://example.test/" }));
        using var client = Create(handler);

        var failure = await Assert.ThrowsAsync<RunCloudException>(client.ServersAsync);

        Assert.Equal(RunCloudError.IncompleteList, failure.Error);
        Assert.True(total is null || handler.Requests.Count < 200);
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

    [Fact]
    public async Task A_page_that_cannot_be_read_is_the_error()
    {
        using var client = Create(request => request.Page == 3 ? Answers.Message(403, "No.") : Page(Ids(200), request.Page));

        var failure = await Assert.ThrowsAsync<RunCloudException>(client.ServersAsync);

        Assert.Equal(RunCloudError.Forbidden, failure.Error);
    }

    [Fact]
    public Task What_is_there_all_the_time_is_never_missed() =>
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
            iter: 1500,
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
