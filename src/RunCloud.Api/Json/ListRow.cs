using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunCloud.Api;

/// <summary>
/// The page information in one place of an answer, in all known spellings. The documentation has it in
/// <c>meta.pagination</c>, an operator in <c>meta</c>, the framework in <c>meta</c> or at the top.
/// </summary>
internal class PageAccountRow
{
    public JsonElement Total { get; set; }

    /// <summary>The number of rows on this page, inside <c>pagination</c>.</summary>
    public JsonElement Count { get; set; }

    [JsonPropertyName("per_page")]
    public JsonElement PerPageSnake { get; set; }

    public JsonElement PerPage { get; set; }

    [JsonPropertyName("total_pages")]
    public JsonElement TotalPagesSnake { get; set; }

    public JsonElement TotalPages { get; set; }

    [JsonPropertyName("last_page")]
    public JsonElement LastPageSnake { get; set; }

    public JsonElement LastPage { get; set; }

    [JsonPropertyName("next_page_url")]
    public JsonElement NextPageUrlSnake { get; set; }

    public JsonElement NextPageUrl { get; set; }

    /// <summary><c>{}</c> or <c>[]</c> if there is no other page, otherwise with <c>next</c>.</summary>
    public JsonElement Links { get; set; }

    /// <summary>The documented place of this information.</summary>
    public JsonElement Pagination { get; set; }
}

/// <summary>A list as the API sends it: rows and page information.</summary>
internal sealed class ListRow<T> : PageAccountRow, IJsonOnDeserialized
{
    public List<T>? Data { get; set; }

    /// <summary>An object, or PHP's empty array.</summary>
    public JsonElement Meta { get; set; }

    /// <summary>The page information, from any place.</summary>
    [JsonIgnore]
    internal PageAccount Account { get; } = new();

    /// <summary>Done here so that unreadable values fail where the answer is read.</summary>
    void IJsonOnDeserialized.OnDeserialized()
    {
        var meta = Read(Meta);
        Account.AddPagination(Read(meta?.Pagination ?? default), "meta.pagination");
        Account.AddPagination(Read(Pagination), "pagination");
        Account.Add(meta, "meta");
        Account.Add(this, "top level");
        Account.IsLeftOut = Meta.ValueKind == JsonValueKind.Array;
    }

    private static PageAccountRow? Read(JsonElement place) =>
        place.ValueKind == JsonValueKind.Object ? place.Deserialize(WireJson.Default.PageAccountRow) : null;
}

/// <summary>The page information of an answer. Every part may be missing. If two places have it, the first one counts.</summary>
internal sealed class PageAccount
{
    private bool _hasUnreadableTotal;
    private bool _hasLinks;

    /// <summary>The number of rows in the whole list.</summary>
    internal long? Total { get; private set; }

    /// <summary>The number of rows on this page.</summary>
    internal long? Count { get; private set; }

    /// <summary>The maximum number of rows on a page.</summary>
    internal long? PerPage { get; private set; }

    /// <summary>The number of the last page.</summary>
    internal long? Pages { get; private set; }

    /// <summary>Whether there is a next page.</summary>
    internal bool HasNext { get; private set; }

    /// <summary>Whether PHP's empty array is in its place, so that there is no page information at all.</summary>
    internal bool IsLeftOut { get; set; }

    /// <summary>
    /// Whether a list without rows is credible: it gives a number of rows, or, if that is missing, at most one page, or no next
    /// page, or there is no page information at all.
    /// </summary>
    internal bool MayBeEmpty => (Total ?? Count) is not null || (!_hasUnreadableTotal && (Pages is 0 or 1 || (Pages is null && (_hasLinks || IsLeftOut))));

    /// <summary>Whether it contains any number of rows or pages.</summary>
    internal bool IsGiven => (Total ?? Count ?? Pages) is not null;

    /// <summary>Whether it is consistent with a page of that many rows.</summary>
    internal bool IsOf(int rows) => (Count is null || Count == rows) && (rows > 0 || !HasNext);

    /// <summary>Its place in the answer; <see langword="null"/> if there is none.</summary>
    internal string? Place { get; private set; }

    internal void AddPagination(PageAccountRow? place, string name)
    {
        Count ??= Number(place?.Count ?? default);
        Add(place, name);
    }

    internal void Add(PageAccountRow? place, string name)
    {
        if (place is null)
        {
            return;
        }

        Total ??= Number(place.Total);
        _hasUnreadableTotal |= place.Total.ValueKind != JsonValueKind.Undefined && Total is null;
        PerPage ??= Number(place.PerPageSnake) ?? Number(place.PerPage);
        Pages ??= Number(place.TotalPagesSnake) ?? Number(place.TotalPages) ?? Number(place.LastPageSnake) ?? Number(place.LastPage);
        _hasLinks |= place.Links.ValueKind is JsonValueKind.Object or JsonValueKind.Array;
        HasNext |= IsAddress(place.NextPageUrlSnake) || IsAddress(place.NextPageUrl)
            || (place.Links.ValueKind == JsonValueKind.Object && place.Links.TryGetProperty("next", out var next) && IsAddress(next));
        Place ??= IsGiven || HasNext ? name : null;
    }

    private static bool IsAddress(JsonElement value) => value.ValueKind == JsonValueKind.String;

    private static long? Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetInt64(out var number) ? number : null,
        JsonValueKind.String => long.TryParse(Text(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
        _ => null,
    };

    /// <summary>The text; <see langword="null"/> if it contains half a surrogate pair.</summary>
    private static string? Text(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (System.InvalidOperationException)
        {
            return null;
        }
    }
}
