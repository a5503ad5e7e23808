namespace RunCloud.Api;

/// <summary>How many requests carrying out a plan takes, when nothing goes wrong.</summary>
/// <param name="Plans">What is to be done on each server.</param>
/// <param name="ListedServers">The servers of the workspace, which are listed a second time; <see langword="null"/> where they were named.</param>
/// <param name="Replaces">Whether the old key is replaced by a new one.</param>
/// <param name="SavesUndo">Whether each credential that goes is read singly for the undo file.</param>
/// <param name="Inspects">Whether it is looked for what the removals leave behind.</param>
internal readonly record struct RequestEstimate(IReadOnlyList<ServerPlan> Plans, int? ListedServers, bool Replaces, bool SavesUndo, bool Inspects)
{
    /// <summary>The maximum number of rows on a page of a list. A full page is followed by one request more.</summary>
    private const int PageSize = 40;

    /// <summary>The requests.</summary>
    internal int Total
    {
        get
        {
            var (undo, replacing, looking) = (SavesUndo, Replaces, Inspects);
            var touched = Plans.Where(plan => IsTouched(plan, replacing)).ToList();
            return (undo ? Plans.Sum(plan => plan.Credentials.Count) : 0)
                + touched.Sum(plan => replacing ? OfReplacing(plan, undo) : OfRemoving(plan, added: 0))
                + Plans.Where(plan => plan.HasSeveralPages && !IsTouched(plan, replacing)).Sum(plan => PagesOf(plan.Rows))
                + (ListedServers is { } servers ? PagesOf(servers) : touched.Count)
                + (looking ? touched.Count(plan => plan.Server.Reachability != ServerReachability.Offline) * 2 : 0);
        }
    }

    private static int PagesOf(int rows) => (rows / PageSize) + 1;

    /// <summary>Whether anything is changed: a key is replaced only where the server is plainly online.</summary>
    private static bool IsTouched(ServerPlan plan, bool replaces) => plan.HasWork && !(replaces && plan.Server.Doubt is not null);

    /// <summary>The removals, and the list read back.</summary>
    private static int OfRemoving(ServerPlan plan, int added) =>
        plan.Credentials.Count + PagesOf(plan.Rows + added - plan.Credentials.Count);

    /// <summary>
    /// Whether an old credential, or the new one that is there, is temporary, and the new ones; the list in which they are to be seen; and
    /// the removals. What an undo file needs tells of the old ones too.
    /// </summary>
    private static int OfReplacing(ServerPlan plan, bool savesUndo)
    {
        var added = plan.Places.Count(place => place.Holder is null);
        return plan.Places.Count(place => place.Holder is not null || !savesUndo) + added + PagesOf(plan.Rows + added) + OfRemoving(plan, added);
    }
}
