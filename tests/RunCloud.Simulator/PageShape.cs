using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunCloud.Simulator;

/// <summary>
/// Puts a list's account of its pages into the place and the words that the options name. It works on the answer as it is about to be
/// sent, so that whatever changes the documented account changes the others as well.
/// </summary>
internal static class PageShape
{
    internal static Answer Of(Answer answer, SimulatorOptions options)
    {
        if ((options.PageAccount == PageAccountForm.Pagination && !options.PageNumbersAsText) || answer.Status != 200 || answer.Body.IsEmpty
            || Parsed(answer.Body) is not JsonObject json || json["meta"] is not JsonObject meta || meta["pagination"] is not JsonObject account)
        {
            return answer;
        }

        if (options.PageNumbersAsText)
        {
            foreach (var (name, value) in account.Where(member => member.Value?.GetValueKind() == JsonValueKind.Number).ToList())
            {
                account[name] = value!.ToJsonString();
            }
        }

        Shape(json, account, options.PageAccount);
        return answer with { Body = JsonSerializer.SerializeToUtf8Bytes(json) };
    }

    private static void Shape(JsonObject json, JsonObject account, PageAccountForm shape)
    {
        var next = (account["links"] as JsonObject)?["next"]?.DeepClone();
        switch (shape)
        {
            case PageAccountForm.Pagination:
                break;
            case PageAccountForm.PaginationCamel:
                json["meta"] = new JsonObject { ["pagination"] = Renamed(account, ("total", "total"), ("count", "count"), ("per_page", "perPage"), ("current_page", "currentPage"), ("total_pages", "totalPages"), ("links", "links")) };
                break;
            case PageAccountForm.MetaCamel:
                json["meta"] = Renamed(account, ("total", "total"), ("per_page", "perPage"), ("current_page", "currentPage"), ("total_pages", "lastPage"));
                break;
            case PageAccountForm.MetaLastPage:
                json["meta"] = Renamed(account, ("total_pages", "lastPage"));
                break;
            case PageAccountForm.MetaSnake:
                json["meta"] = Renamed(account, ("total", "total"), ("per_page", "per_page"), ("current_page", "current_page"), ("total_pages", "last_page"));
                json["links"] = new JsonObject { ["first"] = null, ["last"] = null, ["prev"] = null, ["next"] = next };
                break;
            case PageAccountForm.TopSnake or PageAccountForm.TopCamel:
                json.Remove("meta");
                var isSnake = shape == PageAccountForm.TopSnake;
                foreach (var (name, value) in Renamed(account, ("total", "total"), ("per_page", isSnake ? "per_page" : "perPage"), ("current_page", isSnake ? "current_page" : "currentPage"), ("total_pages", isSnake ? "last_page" : "lastPage")).ToList())
                {
                    json[name] = value?.DeepClone();
                }

                json[isSnake ? "next_page_url" : "nextPageUrl"] = next;
                break;
            case PageAccountForm.None:
                json["meta"] = new JsonArray();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(shape), shape, "No such shape.");
        }
    }

    /// <summary>The members that are there, under their new names.</summary>
    private static JsonObject Renamed(JsonObject account, params (string From, string To)[] names) =>
        new(names.Where(name => account.ContainsKey(name.From)).Select(name => KeyValuePair.Create(name.To, account[name.From]?.DeepClone())));

    private static JsonNode? Parsed(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonNode.Parse(body.Span);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
