using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunCloud.Api;

/// <summary>
/// What one place of an answer says of the list's pages, in any of the spellings that are known. The documentation has it in
/// <c>meta.pagination</c>, an operator in <c>meta</c>, the framework in <c>meta</c> or at the top.
/// </summary>
internal class PageAccountRow
{
    public JsonElement Total { get; set; }

    /// <summary>The rows of this page, where it stands in <c>pagination</c>.</summary>
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

    /// <summary><c>{}</c> or <c>[]</c> where there is no other page, else with <c>next</c>.</summary>
    public JsonElement Links { get; set; }

    /// <summary>The documented place of all this.</summary>
    public JsonElement Pagination { get; set; }
}

/// <summary>A list as the API sends it: rows, and what it says of its pages.</summary>
internal sealed class ListRow<T> : PageAccountRow, IJsonOnDeserialized
{
    public List<T>? Data { get; set; }

    /// <summary>An object, or PHP's empty array.</summary>
    public JsonElement Meta { get; set; }

    /// <summary>What it says of its pages, in whatever place.</summary>
    [JsonIgnore]
    internal PageAccount Account { get; } = new();

    /// <summary>Here, so that what cannot be read is found where the answer is read.</summary>
    void IJsonOnDeserialized.OnDeserialized()
    {
        var meta = Read(Meta);
        Account.AddPagination(Read(meta?.Pagination ?? default));
        Account.AddPagination(Read(Pagination));
        Account.Add(meta);
        Account.Add(this);
        Account.IsLeftOut = Meta.ValueKind == JsonValueKind.Array;
    }

    private static PageAccountRow? Read(JsonElement place) =>
        place.ValueKind == JsonValueKind.Object ? place.Deserialize(WireJson.Default.PageAccountRow) : null;
}

/// <summary>What an answer says of the list's pages; every part may be missing. Where two places say something, the first one counts.</summary>
internal sealed class PageAccount
{
    private bool hasUnreadableTotal;
    private bool hasLinks;

    /// <summary>The rows of the whole list.</summary>
    internal long? Total { get; private set; }

    /// <summary>The rows of this page.</summary>
    internal long? Count { get; private set; }

    /// <summary>The rows that a page may have.</summary>
    internal long? PerPage { get; private set; }

    /// <summary>The number of the last page.</summary>
    internal long? Pages { get; private set; }

    /// <summary>Whether it names a next page.</summary>
    internal bool HasNext { get; private set; }

    /// <summary>Whether there is PHP's empty array in its place: the API keeps no account at all.</summary>
    internal bool IsLeftOut { get; set; }

    /// <summary>
    /// Whether a list without a row may be believed: there is a number of rows, or, where that is left out, no more than one page, or no next
    /// one, or no account at all.
    /// </summary>
    internal bool MayBeEmpty => (Total ?? Count) is not null || (!hasUnreadableTotal && (Pages is 0 or 1 || (Pages is null && (hasLinks || IsLeftOut))));

    /// <summary>Whether it says anything of rows or pages.</summary>
    internal bool IsGiven => (Total ?? Count ?? Pages) is not null;

    /// <summary>Whether it can be the account of a page of so many rows.</summary>
    internal bool IsOf(int rows) => (Count is null || Count == rows) && (rows > 0 || !HasNext);

    internal void AddPagination(PageAccountRow? place)
    {
        Count ??= Number(place?.Count ?? default);
        Add(place);
    }

    internal void Add(PageAccountRow? place)
    {
        if (place is null)
        {
            return;
        }

        Total ??= Number(place.Total);
        hasUnreadableTotal |= place.Total.ValueKind != JsonValueKind.Undefined && Total is null;
        PerPage ??= Number(place.PerPageSnake) ?? Number(place.PerPage);
        Pages ??= Number(place.TotalPagesSnake) ?? Number(place.TotalPages) ?? Number(place.LastPageSnake) ?? Number(place.LastPage);
        hasLinks |= place.Links.ValueKind is JsonValueKind.Object or JsonValueKind.Array;
        HasNext |= IsAddress(place.NextPageUrlSnake) || IsAddress(place.NextPageUrl)
            || (place.Links.ValueKind == JsonValueKind.Object && place.Links.TryGetProperty("next", out var next) && IsAddress(next));
    }

    private static bool IsAddress(JsonElement value) => value.ValueKind == JsonValueKind.String;

    private static long? Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetInt64(out var number) ? number : null,
        JsonValueKind.String => long.TryParse(Text(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
        _ => null,
    };

    /// <summary>The text; <see langword="null"/> where it holds half a character.</summary>
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
