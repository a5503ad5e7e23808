using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace RunCloud.Simulator;

/// <content>Answers: single objects, pages and refusals.</content>
internal sealed partial class Api
{
    private void Log(ServerState server, string content) =>
        server.Log = server.Log.Insert(0, new FleetLogEntry("Info", content, Now()));

    private DateTimeOffset Now() => options.TimeProvider.GetUtcNow();

    private Answer One<T>(ApiJson.Write<T> write, T value, int status = 200) => _json.Answer(status, json => write(json, value));

    private Answer Page<T>(RecordedRequest request, IEnumerable<T> all, Func<string, Func<T, bool>> matcher, ApiJson.Write<T> write)
    {
        var query = QueryHelpers.ParseQuery(request.Query);
        var perPage = Number(query, "perPage", options.DefaultPageSize);
        if (perPage > options.MaxPageSize)
        {
            if (options.OversizedPage == OversizedPage.Reject)
            {
                var input = new Input(body: null);
                input.Fail("perPage", string.Create(CultureInfo.InvariantCulture, $"The per page may not be greater than {options.MaxPageSize}."));
                return input.Failure()!;
            }

            perPage = options.MaxPageSize;
        }

        var page = new PageRequest(Number(query, "page", 1), perPage);
        var search = query.TryGetValue("search", out var words) ? words.ToString() : string.Empty;
        var total = 0;
        var rows = new List<T>(page.PerPage);
        foreach (var item in search.Length > 0 ? all.Where(matcher(search)) : all)
        {
            if (total >= page.Skip && rows.Count < page.PerPage)
            {
                rows.Add(item);
            }

            total++;
        }

        if (page.Number > 1 && rows.Count == 0 && options.BeyondLastPage != BeyondLastPage.Empty)
        {
            if (options.BeyondLastPage == BeyondLastPage.NotFound)
            {
                return NotFound();
            }

            var input = new Input(body: null);
            input.Fail("page", "The selected page is invalid.");
            return input.Failure()!;
        }

        return _json.Answer(
            200,
            json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("data"u8);
                foreach (var row in rows)
                {
                    write(json, row);
                }

                json.WriteEndArray();
                _json.Pagination(json, page, total, rows.Count, number => Link(request, number, query));
                json.WriteEndObject();
            },
            512 + (rows.Count * TypicalRowBytes));
    }

    private string Link(RecordedRequest request, int page, Dictionary<string, Microsoft.Extensions.Primitives.StringValues> query)
    {
        var link = new StringBuilder()
            .Append(new Uri(options.LinkHost ?? host(), request.Path).AbsoluteUri)
            .Append(CultureInfo.InvariantCulture, $"?page={page}");
        if (options.LinksKeepQuery)
        {
            foreach (var (name, value) in query)
            {
                if (!name.Equals("page", StringComparison.Ordinal))
                {
                    link.Append('&').Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value.ToString()));
                }
            }
        }

        return link.ToString();
    }

    // Anything but a positive number counts as not given, as in the framework's paginator.
    private static int Number(Dictionary<string, Microsoft.Extensions.Primitives.StringValues> query, string name, int otherwise) =>
        query.TryGetValue(name, out var text)
            && int.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number > 0
            ? number
            : otherwise;

    private static T? Find<T>(IEnumerable<T> items, string id, Func<T, long> idOf)
        where T : class =>
        TryId(id, out var number) ? items.FirstOrDefault(item => idOf(item) == number) : null;

    private static bool TryId(string text, out long id) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id);

    private static bool Holds(string text, string search) => text.Contains(search, StringComparison.OrdinalIgnoreCase);

    private static Answer NotFound() => Answer.Message(StatusCodes.Status404NotFound, "Resources not found.");

    private static Answer NotAllowed(RecordedRequest request, string allowed) =>
        Answer.Message(
                StatusCodes.Status405MethodNotAllowed,
                $"The {request.Method} method is not supported for this route. Supported methods: {allowed}.")
            .With("Allow", allowed);
}
