using System.Globalization;
using System.Net.Http;
using System.Text.Json.Nodes;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <summary>Every shape in which a list may account for its pages, and accounts that are wrong.</summary>
public sealed class PageShapeTests
{
    private static readonly string[] AllShapes =
    [
        "documented", "documented, text", "pagination, camel", "meta, camel", "meta, camel, text", "meta, snake", "top, snake", "top, camel",
        "last page only", "top, pagination", "next only", "nothing",
    ];

    private static readonly int[] AllCounts = [0, 1, 39, 40, 41, 80, 81, 119, 120];

    /// <summary>How a page beyond the last one is answered.</summary>
    public enum Beyond
    {
        /// <summary>Without a row.</summary>
        Empty,

        /// <summary>404.</summary>
        NotFound,

        /// <summary>422.</summary>
        Unprocessable,
    }

    public static TheoryData<string, int, Beyond> Shapes => [.. from shape in AllShapes from count in AllCounts from beyond in Enum.GetValues<Beyond>()
        where Says(shape) || beyond == Beyond.Empty select (shape, count, beyond)];

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task A_list_is_read_completely_in_every_shape_with_the_same_requests(string shape, int count, Beyond beyond)
    {
        var handler = new StubHandler(request => Page(shape, count, request.Page, size: 40, beyond));
        using var client = Create(handler);

        Assert.Equal(Enumerable.Range(1, count), (await client.ServersAsync()).Select(server => (int)server.Id));

        // Where nobody says how many rows a page may have, an empty one tells.
        var requests = Says(shape) || count == 0 ? (count / 40) + 1 : ((count + 39) / 40) + 1;
        Assert.Equal(Enumerable.Range(1, requests).Select(page => $"GET /servers?page={page}&perPage=40"), handler.Lines);
    }

    [Theory]
    [InlineData("documented")]
    [InlineData("meta, camel")]
    [InlineData("meta, snake")]
    [InlineData("top, snake")]
    [InlineData("last page only")]
    [InlineData("nothing")]
    public async Task Pages_smaller_than_asked_for_are_read_whole_in_every_shape(string shape)
    {
        using var client = Create(request => Page(shape, 50, request.Page, size: 15, Beyond.Empty));

        Assert.Equal(50, (await client.ServersAsync()).Count);
    }

    [Theory]
    [InlineData(40, false)]
    [InlineData(41, true)]
    [InlineData(120, true)]
    public async Task A_full_page_is_not_the_last_because_the_API_says_so(int count, bool isLie)
    {
        // Each page tells its own number of rows as that of the list.
        using var client = Create(request => Page("documented", count, request.Page, 40, Beyond.Empty, lie: isLie));
        var read = new List<long>();

        var failure = await Record.ExceptionAsync(async () =>
        {
            await foreach (var server in client.GetServersAsync(Stop))
            {
                read.Add(server.Id);
            }
        });

        Assert.Equal(count, read.Count);
        Assert.Equal(isLie ? RunCloudError.IncompleteList : null, (failure as RunCloudException)?.Error);
    }

    [Theory]
    [InlineData(30, 35, RunCloudError.IncompleteList)]
    [InlineData(30, 30, null)]
    public async Task A_page_as_full_as_the_first_is_not_the_last_because_of_the_total(int total, int count, RunCloudError? error)
    {
        // It gives 15 rows for the 40 asked for, and says neither that nor how many pages there are.
        using var client = Create(request => Answers.Json(new JsonObject
        {
            ["data"] = new JsonArray([.. Enumerable.Range(1, count).Skip(15 * (request.Page - 1)).Take(15).Select(id => new JsonObject { ["id"] = id, ["name"] = $"web-{id}" })]),
            ["meta"] = new JsonObject { ["total"] = total },
        }.ToJsonString()));
        var read = new List<long>();

        var failure = await Record.ExceptionAsync(async () =>
        {
            await foreach (var server in client.GetServersAsync(Stop))
            {
                read.Add(server.Id);
            }
        });

        Assert.Equal(count, read.Count);
        Assert.Equal(error, (failure as RunCloudException)?.Error);
    }

    [Fact]
    public async Task A_full_page_that_comes_again_as_the_next_one_is_not_the_end()
    {
        // It looks at no page number: 40 rows of many, and it says that there are 40.
        using var client = Create(_ => Page("documented", 40, 1, 40, Beyond.Empty));

        Assert.Equal(RunCloudError.IncompleteList, (await Assert.ThrowsAsync<RunCloudException>(client.ServersAsync)).Error);
    }

    [Theory]
    [InlineData("documented", 80)]
    [InlineData("nothing", 50)]
    public async Task A_last_page_that_is_repeated_beyond_the_end_is_the_end(string shape, int count)
    {
        using var client = Create(request => Page(shape, count, Math.Min(request.Page, 2), 40, Beyond.Empty));

        Assert.Equal(count, (await client.ServersAsync()).Count);
    }

    [Theory]
    [InlineData(404, true, RunCloudError.RequestRejected)]
    [InlineData(404, false, RunCloudError.InvalidResponse)]
    [InlineData(403, false, RunCloudError.Forbidden)]
    public async Task A_refused_page_is_the_end_only_beyond_the_count_and_in_the_APIs_own_words(int status, bool isCounted, RunCloudError error)
    {
        using var client = Create(request => request.Page == 1 ? Page("documented", isCounted ? 80 : 40, 1, 40, Beyond.Empty)
            : status == 404 && !isCounted ? Answers.Html(404) : Answers.Message(status, "Resources not found."));

        Assert.Equal(error, (await Assert.ThrowsAsync<RunCloudException>(client.ServersAsync)).Error);
    }

    [Theory]
    [InlineData("""{"data":[],"meta":{"lastPage":1}}""", true)]
    [InlineData("""{"data":[],"meta":{"last_page":"1","current_page":1}}""", true)]
    [InlineData("""{"data":[],"last_page":1,"next_page_url":null}""", true)]
    [InlineData("""{"data":[],"meta":{"lastPage":2}}""", false)]
    [InlineData("""{"data":[],"meta":{"total":null,"lastPage":1}}""", false)]
    [InlineData("""{"data":[],"meta":[]}""", true)]
    [InlineData("""{"data":[],"meta":{"pagination":{"links":{}} } }""", true)]
    [InlineData("""{"data":[],"links":{"next":null}}""", true)]
    [InlineData("""{"data":[],"meta":{"pagination":{"total":null,"links":{}} } }""", false)]
    [InlineData("""{"data":[],"meta":{"lastPage":3},"links":[]}""", false)]
    [InlineData("""{"data":[]}""", false)]
    [InlineData("""{"data":[],"total":"\uD800"}""", false)]
    public async Task A_list_without_rows_is_empty_where_any_place_counts_none(string json, bool isEmpty)
    {
        using var client = Create(_ => Answers.Json(json));

        var failure = await Record.ExceptionAsync(async () => Assert.Empty(await client.ServersAsync()));

        Assert.Equal(isEmpty ? null : RunCloudError.InvalidResponse, (failure as RunCloudException)?.Error);
        Assert.True(isEmpty == (failure is null));
    }

    [Fact]
    public async Task A_row_that_repeats_an_id_with_another_key_is_not_passed_over()
    {
        // 2 rows by the count, 3 by number: dropping the second 17 would make it fit.
        using var client = Create(_ => Answers.Json($$"""{"data":[{{Key(17, Other)}},{{Key(18, Other)}},{{Key(17, Workspace.Key)}}],"meta":{"pagination":{"total":2,"total_pages":1} } }"""));
        var query = new SshCredentialQuery { Keys = [SshKeySelector.Parse(Workspace.Key)] };

        var found = await client.FindSshCredentialsAsync(1, server: null, query, Stop);

        // Which of the keys it has nobody knows, so it is not to be taken for the one that is looked for.
        Assert.Empty(found.Credentials);
        Assert.Equal((17, RunCloudError.SshCredentialNotComparable), (Assert.Single(found.Problems).Id, found.Problems[0].Exception.Error));
        Assert.Equal(RunCloudError.IncompleteList, found.Incomplete?.Error);
        Assert.Contains("17", found.Incomplete!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_of_a_list_with_a_wrong_count_are_found()
    {
        using var client = Create(_ => Answers.Json($$"""{"data":[{{Key(17, Workspace.Key)}}],"meta":{"pagination":{"total":2,"total_pages":1} } }"""));

        var found = await client.FindSshCredentialsAsync(1, server: null, new SshCredentialQuery { Keys = [SshKeySelector.Parse(Workspace.Key)] }, Stop);

        Assert.Equal(17, Assert.Single(found.Credentials).Id);
        Assert.Equal(RunCloudError.IncompleteList, found.Incomplete?.Error);
        Assert.Contains("count does not match", found.Incomplete!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_before_an_unreadable_page_are_found()
    {
        using var client = Create(request => request.Page == 1
            ? Answers.Json($$"""{"data":[{{Key(17, Workspace.Key)}}],"meta":{"pagination":{"total":2,"total_pages":2} } }""")
            : Answers.Message(403, "No."));

        var found = await client.FindSshCredentialsAsync(1, server: null, new SshCredentialQuery(), Stop);

        Assert.Equal(17, Assert.Single(found.Credentials).Id);
        Assert.Equal(RunCloudError.Forbidden, found.Incomplete?.Error);
    }

    [Fact]
    public async Task A_page_that_is_too_large_is_asked_for_in_smaller_ones()
    {
        var padding = new string('x', 1024 * 1024);
        var handler = new StubHandler(request =>
        {
            var size = int.Parse(request.Uri.Query.Split("perPage=")[1], CultureInfo.InvariantCulture);
            var rows = Enumerable.Range(1, 12).Skip((request.Page - 1) * size).Take(size).Select(id => $$"""{"id":{{id}},"padding":"{{padding}}"}""");
            return Answers.Json($$"""{"data":[{{string.Join(',', rows)}}],"meta":{"total":12,"per_page":{{size}},"last_page":{{(12 + size - 1) / size}} } }""");
        });
        using var client = Create(handler);

        Assert.Equal(Enumerable.Range(1, 12), (await client.ServersAsync()).Select(server => (int)server.Id));
        Assert.Equal("GET /servers?page=1&perPage=40", handler.Lines[0]);
        Assert.All(handler.Lines.Skip(1), line => Assert.EndsWith("perPage=5", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(9, null)]
    public async Task Rows_of_which_five_are_too_large_are_asked_for_one_by_one(int mebibytes, int? read)
    {
        var padding = new string('x', mebibytes * 1024 * 1024);
        var handler = new StubHandler(request =>
        {
            var size = int.Parse(request.Uri.Query.Split("perPage=")[1], CultureInfo.InvariantCulture);
            var rows = Enumerable.Range(1, 3).Skip((request.Page - 1) * size).Take(size).Select(id => $$"""{"id":{{id}},"padding":"{{padding}}"}""");
            return Answers.Json($$"""{"data":[{{string.Join(',', rows)}}],"meta":{"total":3,"per_page":{{size}},"last_page":{{(3 + size - 1) / size}}} }""");
        });
        using var client = Create(handler);
        var failure = await Record.ExceptionAsync(async () => Assert.Equal(read, (await client.ServersAsync()).Count));

        // A row that is too large by itself is the error.
        Assert.Equal(read is null ? RunCloudError.InvalidResponse : null, (failure as RunCloudException)?.Error);
        Assert.True(read is null == failure is RunCloudException, failure?.Message);
        Assert.Equal(["GET /servers?page=1&perPage=40", "GET /servers?page=1&perPage=5", "GET /servers?page=1&perPage=1"], handler.Lines.Take(3));
        Assert.Equal(read is null ? 3 : 6, handler.Lines.Count);
    }

    private const string Other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";

    private static string Key(int id, string key) => $$"""{"id":{{id}},"label":"l{{id}}","user":"root","publicKey":"{{key}}" }""";

    /// <summary>Whether the shape says how many rows or pages there are.</summary>
    private static bool Says(string shape) => shape is not ("nothing" or "next only");

    private static HttpResponseMessage Page(string shape, int count, int page, int size, Beyond beyond, bool lie = false)
    {
        var last = Math.Max(1, (count + size - 1) / size);
        if (page > last && beyond != Beyond.Empty)
        {
            return Answers.Message(beyond == Beyond.NotFound ? 404 : 422, "The page is invalid.");
        }

        var rows = Enumerable.Range(1, count).Skip((page - 1) * size).Take(size).Select(id => (JsonNode)Lists.Server(id)).ToArray();
        if (lie)
        {
            (count, last) = (rows.Length, page);
        }

        var body = new JsonObject { ["data"] = new JsonArray(rows) };
        Account(body, shape, count, rows.Length, page, size, last);
        return Answers.Json(body.ToJsonString());
    }

    /// <summary>Adds what the answer says of its pages.</summary>
    private static void Account(JsonObject body, string shape, int count, int rows, int page, int size, int last)
    {
        var next = page < last ? $"https://example.test/?page={page + 1}" : null;
        var isText = shape.EndsWith("text", StringComparison.Ordinal);
        JsonNode Number(int number) => isText ? JsonValue.Create(number.ToString(CultureInfo.InvariantCulture)) : JsonValue.Create(number);
        var links = next is null ? [] : new JsonObject { ["next"] = next };
        JsonObject Documented() => new()
        {
            ["total"] = Number(count),
            ["count"] = Number(rows),
            ["per_page"] = Number(size),
            ["current_page"] = Number(page),
            ["total_pages"] = Number(last),
            ["links"] = links,
        };
        JsonObject Snake() => new() { ["total"] = Number(count), ["per_page"] = Number(size), ["current_page"] = Number(page), ["last_page"] = Number(last) };
        JsonObject Camel() => new() { ["total"] = Number(count), ["perPage"] = Number(size), ["currentPage"] = Number(page), ["lastPage"] = Number(last) };
        switch (shape)
        {
            case "documented" or "documented, text":
                body["meta"] = new JsonObject { ["pagination"] = Documented() };
                break;
            case "pagination, camel":
                body["meta"] = new JsonObject { ["pagination"] = new JsonObject { ["total"] = count, ["perPage"] = size, ["totalPages"] = last } };
                break;
            case "top, pagination":
                body["pagination"] = Documented();
                break;
            case "meta, camel" or "meta, camel, text":
                body["meta"] = Camel();
                break;
            case "meta, snake":
                body["meta"] = Snake();
                body["links"] = new JsonObject { ["first"] = "x", ["last"] = "y", ["prev"] = null, ["next"] = next };
                break;
            case "top, snake" or "top, camel":
                foreach (var (name, value) in (shape == "top, snake" ? Snake() : Camel()).ToList())
                {
                    body[name] = value!.DeepClone();
                }

                body[shape == "top, snake" ? "next_page_url" : "nextPageUrl"] = next;
                break;
            case "last page only":
                body["meta"] = new JsonObject { ["lastPage"] = last };
                break;
            case "next only":
                body["links"] = links;
                break;
            default:
                body["meta"] = new JsonArray();
                break;
        }
    }
}
