using System.Net.Http;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace RunCloud.Api;

/// <summary>Reads all pages of a list, and knows whether it has read the list completely.</summary>
/// <param name="transport">Sends the requests.</param>
/// <param name="scope">The caller.</param>
/// <param name="path">The list's path.</param>
/// <param name="purpose">The purpose of the reading, as the beginning of an error message.</param>
/// <param name="whenNotFound">The error that a 404 means.</param>
/// <param name="type">The JSON type of the list.</param>
/// <param name="pagesAhead">How many pages to read in parallel, once their number is known.</param>
internal sealed class ListReader<TRow>(
    Transport transport, RequestScope scope, string path, string purpose, RunCloudError whenNotFound, JsonTypeInfo<ListRow<TRow>> type, int pagesAhead)
    where TRow : class, IRow
{
    /// <summary>The maximum that the API gives (documented for v2, and used by three clients of v3).</summary>
    internal const int LargestPage = 40;

    /// <summary>The factor by which the page size is reduced when a page is too large.</summary>
    private const int Shrinking = 8;

    /// <summary>How often a list that changes while it is read is read again.</summary>
    private const int MaximumPasses = 3;

    /// <summary>More than any workspace has. A longer list is taken for endless.</summary>
    private const int MaximumPages = 10_000;

    /// <summary>How many rows to read beyond the API's count.</summary>
    private const int MaximumSurplus = 1_000;

    private readonly Dictionary<long, TRow> _handedOut = [];
    private readonly HashSet<long> _disputed = [];
    private int _pageSize = LargestPage;
    private bool _isAccounted;

    /// <summary>The ids that came with different contents. It is not known which row is right.</summary>
    internal IReadOnlyCollection<long> Disputed => _disputed;

    /// <summary>Every row once, one page at a time, as the pages arrive. Different rows with the same id are all returned.</summary>
    /// <remarks>
    /// If the total (or, without one, the number of pages) changes between pages, an id comes twice or the number is not the stated
    /// one, the list has changed and rows may have moved from a page not yet read to one already read. It is read again, and only rows not
    /// yet returned are returned. A list that has a row twice in every reading, but is otherwise as long as it says, is complete.
    /// </remarks>
    /// <exception cref="RunCloudException">
    /// <see cref="RunCloudError.IncompleteList"/>, or why a page could not be read. A row without an id is reported after all the others. Rows
    /// that were returned before are on the list anyway.
    /// </exception>
    internal async IAsyncEnumerable<IReadOnlyList<TRow>> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        Reading? last = null;
        var alike = true;
        for (var pass = 1; pass <= MaximumPasses; pass++)
        {
            var reading = new Reading(_pageSize);
            var pages = PagesAsync(cancellation).GetAsyncEnumerator(cancellation);
            await using (pages.ConfigureAwait(false))
            {
                while (await NextAsync(pages).ConfigureAwait(false) is { } more)
                {
                    if (!more)
                    {
                        // Start again with smaller pages. This does not count as another reading.
                        reading = new Reading(_pageSize);
                        pass--;
                        break;
                    }

                    yield return Fresh(pages.Current, reading);
                    if (reading.IsAtEnd)
                    {
                        break;
                    }
                }
            }

            if (reading.Pages == 0)
            {
                continue;
            }

            if (reading.IsWhole && _disputed.Count == 0 && (!reading.HasRepeated || pass == MaximumPasses))
            {
                if (reading.Nameless > 0)
                {
                    throw new RunCloudException(RunCloudError.InvalidResponse, $"{purpose} failed: the API's answer has a row without an id.");
                }

                yield break;
            }

            alike &= last?.HasSameRowsAs(reading) != false;
            last = reading;
        }

        throw Incomplete(last!, alike);
    }

    /// <summary>The rows of a page that were not returned before.</summary>
    private List<TRow> Fresh(ListRow<TRow> page, Reading reading)
    {
        var fresh = new List<TRow>(page.Data!.Count);
        foreach (var row in reading.Take(page))
        {
            var id = row.Id!.Value;
            if (!_handedOut.TryGetValue(id, out var first))
            {
                _handedOut.Add(id, row);
                fresh.Add(row);
            }
            else if (!string.Equals(first.Content, row.Content, StringComparison.Ordinal))
            {
                _ = _disputed.Add(id);
                fresh.Add(row);
            }
        }

        return fresh;
    }

    private RunCloudException Incomplete(Reading last, bool alike)
    {
        if (_disputed.Count > 0)
        {
            return new RunCloudException(
                RunCloudError.IncompleteList, FormattableString.Invariant($"{purpose} failed: the API gives the id {_disputed.First()} to two different rows, so rows may be missing."));
        }

        var shortfall = last.HasMoved || last.HasRepeated ? "a row came twice or the count changed"
            : last.IsStuck ? "the same page came again as the next page"
            : last.Total is null
            ? FormattableString.Invariant($"{last.FilledPages} pages with rows were read, but the API counts {last.StatedPages}")
            : FormattableString.Invariant($"{last.Rows} rows were read, but the API counts {last.Total}");
        return new RunCloudException(RunCloudError.IncompleteList, alike
            ? FormattableString.Invariant($"{purpose} failed: the API's count does not match its rows in any of {MaximumPasses} readings ({shortfall}), so rows may be missing.")
            : FormattableString.Invariant($"{purpose} failed: the list changed during each of {MaximumPasses} readings ({shortfall}), so rows may be missing."));
    }

    /// <summary><see langword="null"/> at the end, <see langword="false"/> if the list must be read in smaller pages.</summary>
    private async Task<bool?> NextAsync(IAsyncEnumerator<ListRow<TRow>> pages)
    {
        try
        {
            return await pages.MoveNextAsync().ConfigureAwait(false) ? true : null;
        }
        catch (RunCloudException e) when (e.IsTooLarge && _pageSize > 1)
        {
            _pageSize = Math.Max(1, _pageSize / Shrinking);
            return false;
        }
    }

    private async IAsyncEnumerable<ListRow<TRow>> PagesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var page = await FetchAsync(1, cancellation).ConfigureAwait(false);
        var first = page.Data!.Count;
        _isAccounted = page.Account.IsGiven;
        long number = 1;
        long rows = first;
        var pages = Math.Min(page.Account.Pages ?? 1, MaximumPages);
        var asked = number;
        var underWay = new Queue<Task<ListRow<TRow>>>();
        using var abandon = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            while (true)
            {
                // Requested before the present page is returned, so that they arrive while it is processed.
                while (underWay.Count < pagesAhead && asked < pages)
                {
                    underWay.Enqueue(FetchAsync(++asked, abandon.Token));
                }

                yield return page;
                if (underWay.Count == 0 || page.Data.Count == 0)
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

        while (MayGoOn(page, number, rows, first))
        {
            if (number >= MaximumPages)
            {
                throw new RunCloudException(
                    RunCloudError.IncompleteList,
                    FormattableString.Invariant($"{purpose} failed: after {MaximumPages} pages the API still names a next one."));
            }

            var next = await FetchBeyondAsync(++number, page.Account, rows, cancellation).ConfigureAwait(false);
            if (next is null)
            {
                break;
            }

            page = next;
            rows += page.Data!.Count;
            yield return page;
        }
    }

    /// <summary>
    /// Whether there may be a page after this one. A full page is never taken for the last: only the next one
    /// shows that.
    /// </summary>
    private bool MayGoOn(ListRow<TRow> page, long number, long rows, int first)
    {
        var account = page.Account;
        if (page.Data!.Count == 0)
        {
            return false;
        }

        if (account.HasNext || account.Pages > number || account.Total > rows)
        {
            return true;
        }

        var stated = account.PerPage > 0 ? account.PerPage : null;
        if (account is { Pages: null, Total: null })
        {
            // The number of rows is not stated, and usually neither is the page size.
            return page.Data.Count >= Math.Min(stated ?? 1, _pageSize);
        }

        return page.Data.Count >= Math.Min(stated ?? (number > 1 ? first : _pageSize), _pageSize);
    }

    /// <summary>A page after those that were counted; <see langword="null"/> if the API itself refuses a page beyond its count.</summary>
    private async Task<ListRow<TRow>?> FetchBeyondAsync(long number, PageAccount account, long rows, CancellationToken cancellation)
    {
        try
        {
            return await FetchAsync(number, cancellation).ConfigureAwait(false);
        }
        catch (RunCloudException e) when (e is { Status: 404 or 422, ApiMessage: not null } && !account.HasNext && (account.Pages < number || (account.Pages is null && account.Total <= rows)))
        {
            return null;
        }
    }

    private async Task<ListRow<TRow>> FetchAsync(long number, CancellationToken cancellation)
    {
        var request = new ApiRequest(HttpMethod.Get, FormattableString.Invariant($"{path}{(path.AsSpan().IndexOf('?') < 0 ? '?' : '&')}page={number}&perPage={_pageSize}"), purpose)
        {
            WhenNotFound = whenNotFound,
        };
        var answer = await transport.SendAsync(
            request,
            type,
            scope,
            cancellation,
            list => list?.Data is null ? "has no data" : IsUnaccounted(list, number) ? "has neither a row nor a count" : null).ConfigureAwait(false);
        return answer.Body!;
    }

    /// <summary>
    /// Whether a page without rows is not credible: a first page without a count, or a later page without a count if
    /// the first one had one.
    /// </summary>
    private bool IsUnaccounted(ListRow<TRow> page, long number) =>
        page.Data!.Count == 0 && (number == 1 ? !page.Account.MayBeEmpty : _isAccounted && !page.Account.IsGiven);

    /// <summary>The state of one reading of the list.</summary>
    /// <param name="pageSize">The number of requested rows.</param>
    private sealed class Reading(int pageSize)
    {
        private readonly HashSet<long> _seen = [];
        private int _firstPage;
        private HashSet<long> _previous = [];
        private bool _havePagesChanged;

        internal long? Total { get; private set; }

        internal long? StatedPages { get; private set; }

        internal long Pages { get; private set; }

        /// <summary>The number of pages with rows. Within the stated number of pages, none may be empty.</summary>
        internal long FilledPages { get; private set; }

        /// <summary>The number of rows without an id.</summary>
        internal long Nameless { get; private set; }

        internal long Rows => _seen.Count + Nameless;

        /// <summary>Whether an id came twice.</summary>
        internal bool HasRepeated { get; private set; }

        /// <summary>Whether the list changed between beginning and end.</summary>
        internal bool HasMoved { get; private set; }

        /// <summary>Whether a page had no new rows. Going on might never end.</summary>
        internal bool IsAtEnd { get; private set; }

        /// <summary>Whether the same page came again as the next page, so that the end of the list is not known.</summary>
        internal bool IsStuck { get; private set; }

        internal bool IsWhole => !HasMoved && !IsStuck
            && (Total is null ? !(Math.Max(FilledPages, 1) < StatedPages) && !_havePagesChanged && !HasRepeated : Total == Rows);

        internal bool HasSameRowsAs(Reading other) => _seen.SetEquals(other._seen);

        /// <summary>Adds a page, and returns its rows with an id.</summary>
        internal List<TRow> Take(ListRow<TRow> page)
        {
            var rows = page.Data!.Where(row => row?.Id > 0).ToList();
            Count(page.Account, page.Data!.Count);
            var ids = rows.Select(row => row.Id!.Value).ToHashSet();
            IsAtEnd = Pages > 1 && _seen.IsSupersetOf(ids);
            if (IsAtEnd && ids.Count > 0)
            {
                // Beyond its end an API may repeat its last page. If that page was full, it is not known whether another one follows.
                IsStuck = !(_previous.SetEquals(ids) && Pages > 2 && (Total is null ? ids.Count < _firstPage : Total == Rows));
                return rows;
            }

            Nameless += page.Data.Count - rows.Count;
            HasRepeated |= rows.Count > ids.Count || _seen.Overlaps(ids);
            _seen.UnionWith(ids);
            _firstPage = Pages == 1 ? ids.Count : _firstPage;
            _previous = ids;

            // More rows than stated: go on only after full pages, and not forever.
            IsAtEnd |= Rows > Total && (page.Data.Count < Math.Min(page.Account.PerPage ?? pageSize, pageSize) || Rows > Total + MaximumSurplus);
            return rows;
        }

        private void Count(PageAccount account, int rows)
        {
            HasMoved |= Total is not null && account.Total is { } total && total != Total;
            Total = account.Total ?? Total;
            _havePagesChanged |= StatedPages is not null && account.Pages is { } pages && pages != StatedPages;
            StatedPages = account.Pages ?? StatedPages;
            Pages++;
            FilledPages += rows > 0 ? 1 : 0;
            HasMoved |= Total is null && !account.IsOf(rows);
        }
    }
}
