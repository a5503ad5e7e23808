namespace RunCloud.Api;

/// <summary>Sorts the credentials of one server: those that match, and those for which that is not known.</summary>
/// <param name="serverId">The server's id.</param>
/// <param name="server">The server, if known.</param>
/// <param name="query">The credentials to select.</param>
/// <param name="origin">The workspace of the credentials.</param>
/// <param name="time">The clock.</param>
/// <param name="readSingle">Reads one credential individually.</param>
internal sealed class SshCredentialSearch(long serverId, Server? server, SshCredentialQuery query, Origin origin, TimeProvider time, Func<long, Task<SshCredentialRow>> readSingle)
{
    private readonly List<SshCredential> _found = [];
    private readonly List<SshCredential> _unreadable = [];
    private readonly List<SshCredential> _undated = [];
    private readonly List<SshCredentialProblem> _problems = [];
    private readonly List<InventoryEntry> _inventory = [];
    private readonly HashSet<string> _users = new(StringComparer.Ordinal);
    private readonly SshKeyFilter _filter = new(query.Keys);

    private int _pages;
    private int _listedRows;

    /// <summary>Whether any credential was seen.</summary>
    internal bool HasSeenAny { get; private set; }

    /// <summary>A credential whose public key cannot be compared.</summary>
    private static SshCredentialProblem NotComparable(SshCredential credential, RunCloudException? inner) => new(credential, credential.Id, new RunCloudException(
        RunCloudError.SshCredentialNotComparable,
        inner is null
            ? $"The public key of {credential} cannot be read as a key, so it is not known whether it is the key you are looking for."
            : $"The public key of {credential} is not readable in the list, and reading it individually failed: {inner.Message}",
        inner));

    /// <summary>A credential whose user or label is not known although these are conditions. It may belong to somebody else, so it is never selected.</summary>
    internal static SshCredentialProblem NotNamed(SshCredential credential) => new(credential, credential.Id, new RunCloudException(
        RunCloudError.SshCredentialNotComparable, $"RunCloud does not give the user or the label of {credential}, so it is not known whether it is one of those asked for."));

    /// <summary>An id that is listed with different keys, so that its key is not known.</summary>
    private static SshCredentialProblem Disputed(SshCredential credential) => new(credential, credential.Id, new RunCloudException(
        RunCloudError.SshCredentialNotComparable, $"RunCloud lists several public keys under the id of {credential}, so it is not known which key it is."));

    /// <summary>Checks a credential that was requested by its id.</summary>
    internal async Task AddSingleAsync(long id)
    {
        SshCredentialRow row;
        try
        {
            row = await readSingle(id).ConfigureAwait(false);
        }
        catch (RunCloudException e) when (e.Error != RunCloudError.Unauthorized)
        {
            _problems.Add(new SshCredentialProblem(credential: null, id, e));
            return;
        }

        await AddAsync(row, isSingle: true).ConfigureAwait(false);
    }

    /// <summary>Notes a page of the list and its number of rows.</summary>
    internal void AddPage(int rows)
    {
        _pages += rows > 0 ? 1 : 0;
        _listedRows += rows;
    }

    /// <summary>Checks a row of the list.</summary>
    internal Task AddListedAsync(SshCredentialRow row) => AddAsync(row, isSingle: false);

    /// <summary>The result.</summary>
    /// <param name="disputed">The ids that are listed with different keys.</param>
    /// <param name="incomplete">Why there may be more.</param>
    internal SshCredentialFindings Findings(IReadOnlyCollection<long> disputed, RunCloudException? incomplete)
    {
        var doubtful = _found.Where(credential => disputed.Contains(credential.Id)).ToList();
        _problems.AddRange(doubtful.GroupBy(credential => credential.Id).Select(same => Disputed(same.First())));
        return new SshCredentialFindings([.. _found.Except(doubtful)], [.. _unreadable.Except(doubtful)], _problems)
        {
            Incomplete = incomplete,
            Undated = _undated,
            Inventory = _found.Count == 0 ? [] : _inventory,
            Users = _users,
            Pages = _pages,
            Rows = _listedRows,
            ReadAt = time.GetUtcNow(),
        };
    }

    private async Task AddAsync(SshCredentialRow row, bool isSingle)
    {
        HasSeenAny = true;
        if (ApiText.Printable(row.User) is { } user)
        {
            _ = _users.Add(user);
        }

        var isMeant = query.Accepts is not { } accepts || accepts(row.User, row.Label);
        var isNamed = row is { User: not null, Label: not null };
        if (!isMeant && isNamed)
        {
            return;
        }

        var witness = row;
        var match = _filter.Test(row.PublicKey, isSingle);
        RunCloudException? unread = null;
        if (match == SshKeyMatch.NotComparable && !isSingle)
        {
            // The list may have shortened the value, so an individual read is more reliable.
            try
            {
                witness = await readSingle(row.Id!.Value).ConfigureAwait(false);
                witness.User ??= row.User;
                witness.Label ??= row.Label;
                match = _filter.Test(witness.PublicKey, isWhole: true);
            }
            catch (RunCloudException e) when (e.Error != RunCloudError.Unauthorized)
            {
                unread = e;
            }
        }

        if (query.WithInventory)
        {
            _inventory.Add(new InventoryEntry(row.Id!.Value, ApiText.Printable(row.User), row.Label, unread is null ? witness.PublicKey : null, witness.Temporary));
        }

        var isWanted = query.Keys.Count == 0 || match == SshKeyMatch.Match;
        if (isWanted || match != SshKeyMatch.NoMatch)
        {
            Sort(witness, isMeant, isWanted, match, unread);
        }
    }

    private void Sort(SshCredentialRow row, bool isMeant, bool isWanted, SshKeyMatch match, RunCloudException? unread)
    {
        var credential = row.ToCredential(serverId, server).From(origin);
        if (!isMeant)
        {
            _problems.Add(NotNamed(credential));
            return;
        }

        if (isWanted)
        {
            _found.Add(credential);
            if (row.CreatedAt.IsUnreadable)
            {
                _undated.Add(credential);
            }
        }

        if (unread is not null || !isWanted)
        {
            _problems.Add(NotComparable(credential, unread));
        }
        else if (match == SshKeyMatch.NotComparable)
        {
            _unreadable.Add(credential);
        }
    }
}
