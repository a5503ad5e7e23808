using System;
using System.Collections.Generic;
using System.Net.Http;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.Api;

/// <summary>Reads a list through all its pages, and knows whether it has read it whole.</summary>
/// <param name="transport">What sends.</param>
/// <param name="scope">For whom.</param>
/// <param name="path">The list's path.</param>
/// <param name="purpose">What the reading is for, as the beginning of an error message.</param>
/// <param name="whenNotFound">What a 404 means.</param>
/// <param name="type">The list's JSON.</param>
/// <param name="pagesAhead">Pages that may be under way side by side, once their number is known.</param>
/// <param name="untilTwoAgree">Whether a list of several pages is read until two readings have the same rows: one alone can't see a row that slips from one page to another while another one goes.</param>
internal sealed class ListReader<TRow>(
    Transport transport, RequestScope scope, string path, string purpose, RunCloudError whenNotFound, JsonTypeInfo<ListRow<TRow>> type, int pagesAhead, bool untilTwoAgree = false)
    where TRow : class, IRow
{
    /// <summary>The most that the API gives (documented for v2, and so in three clients of v3).</summary>
    private const int PageSize = 40;

    /// <summary>How often a list that moves under the reading is read.</summary>
    private const int MaximumPasses = 3;

    /// <summary>More than any workspace has: a list that is still not at its end has none.</summary>
    private const int MaximumPages = 10_000;

    /// <summary>Every row once, a page's rows together, as the pages arrive.</summary>
    /// <remarks>
    /// When a total (or, where there is none, the number of pages) changes between pages, an id comes twice or the number is not the stated
    /// one, the list has moved and rows may have slipped from a page not yet read to one already read: it is read again, and only rows not
    /// yet handed out are. A list that names a row twice in every reading, and else is as long as it says, is whole.
    /// </remarks>
    /// <exception cref="RunCloudException">
    /// <see cref="RunCloudError.IncompleteList"/>, or why a page could not be read; for a row without an id only after all the others.
    /// </exception>
    internal async IAsyncEnumerable<IReadOnlyList<TRow>> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var handedOut = new HashSet<long>();
        HashSet<long>? lastSeen = null;
        var shortfall = string.Empty;
        for (var pass = 1; pass <= MaximumPasses; pass++)
        {
            var seen = new HashSet<long>();
            long? total = null;
            long? pages = null;
            long read = 0;
            long nameless = 0;
            var moved = false;
            var repeated = false;
            var pagesChanged = false;
            await foreach (var page in PagesAsync(cancellation).ConfigureAwait(false))
            {
                var account = page.Pagination;
                moved |= total is not null && account?.Total is { } stated && stated != total;
                total = account?.Total ?? total;
                pagesChanged |= pages is not null && account?.TotalPages is { } now && now != pages;
                pages = account?.TotalPages ?? pages;
                read++;
                moved |= total is null && account is not null && !account.IsOf(page.Data!.Count);
                var fresh = new List<TRow>(page.Data!.Count);
                var before = seen.Count;
                foreach (var row in page.Data)
                {
                    if (row?.Id is not ({ } id and > 0))
                    {
                        nameless++;
                        continue;
                    }

                    repeated |= !seen.Add(id);
                    if (handedOut.Add(id))
                    {
                        fresh.Add(row);
                    }
                }

                yield return fresh;
                if (moved || seen.Count == before || seen.Count + nameless > total)
                {
                    // This reading is in vain, or nothing new comes and going on could be endless.
                    break;
                }
            }

            moved |= total is null && (pagesChanged || repeated);
            var isWhole = !moved && (total is null ? !(read < pages) : total == seen.Count + nameless);
            var agrees = !untilTwoAgree || read == 1 || lastSeen?.SetEquals(seen) == true;
            if (isWhole && agrees && (!repeated || pass == MaximumPasses))
            {
                if (nameless > 0)
                {
                    throw NotDocumented("a row without an id");
                }

                yield break;
            }

            lastSeen = isWhole ? seen : null;
            shortfall = moved || repeated ? "a row came twice or the count changed"
                : isWhole ? "no two readings had the same rows"
                : total is null
                ? FormattableString.Invariant($"{read} pages were read where the API counts {pages}")
                : FormattableString.Invariant($"{seen.Count + nameless} rows were read where the API counts {total}");
        }

        throw new RunCloudException(
            RunCloudError.IncompleteList,
            FormattableString.Invariant($"{purpose} failed: the list changed during each of {MaximumPasses} readings ({shortfall}), so rows may be missing."));
    }

    private async IAsyncEnumerable<ListRow<TRow>> PagesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var page = await FetchAsync(1, cancellation).ConfigureAwait(false);
        long number = 1;
        long rows = page.Data!.Count;
        var pages = Math.Min(page.Pagination?.TotalPages ?? 1, MaximumPages);
        var asked = number;
        var underWay = new Queue<Task<ListRow<TRow>>>();
        using var abandon = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            while (true)
            {
                // Asked for before the present page is handed out: they come while it is worked on.
                while (underWay.Count < pagesAhead && asked < pages)
                {
                    underWay.Enqueue(FetchAsync(++asked, abandon.Token));
                }

                yield return page;
                if (underWay.Count == 0)
                {
                    break;
                }

                page = await underWay.Peek().ConfigureAwait(false);
                _ = underWay.Dequeue();
                number++;
                rows += page.Data!.Count;
            }
        }
        finally
        {
            await abandon.CancelAllAsync(underWay).ConfigureAwait(false);
        }

        while (MayGoOn(page, number, rows))
        {
            if (number >= MaximumPages)
            {
                throw new RunCloudException(
                    RunCloudError.IncompleteList,
                    FormattableString.Invariant($"{purpose} failed: after {MaximumPages} pages the API still names a next one."));
            }

            page = await FetchAsync(++number, cancellation).ConfigureAwait(false);
            rows += page.Data!.Count;
            yield return page;
        }
    }

    /// <summary>Whether there may be a page after the last one that was counted.</summary>
    private static bool MayGoOn(ListRow<TRow> page, long number, long rows) =>
        page.Data!.Count > 0
        && (page.Pagination is not { } account
            || account.HasNext
            || account.TotalPages > number
            || (account.TotalPages is null && (account.Total is { } total ? rows < total : page.Data.Count >= (account.PerPage ?? 1))));

    private async Task<ListRow<TRow>> FetchAsync(long number, CancellationToken cancellation)
    {
        var request = new ApiRequest(HttpMethod.Get, FormattableString.Invariant($"{path}?page={number}&perPage={PageSize}"), purpose)
        {
            WhenNotFound = whenNotFound,
        };
        var answer = await transport.SendAsync(
            request,
            type,
            scope,
            cancellation,
            list => list?.Data is null ? "has no data" : number == 1 && list is { Data.Count: 0, StatesCount: false } ? "has neither a row nor a count" : null).ConfigureAwait(false);
        return answer.Body!;
    }

    private RunCloudException NotDocumented(string what) =>
        new(RunCloudError.InvalidResponse, $"{purpose} failed: the API's answer has {what}.");
}
