namespace RunCloud.Api;

/// <summary>The number of requests that a plan needs if nothing goes wrong.</summary>
/// <param name="Plans">The plan for each server.</param>
/// <param name="ListedServers">The number of servers in the workspace, which are listed a second time; <see langword="null"/> if servers were given.</param>
/// <param name="Replaces">Whether the old key is replaced by a new one.</param>
/// <param name="SavesUndo">Whether each credential to remove is read individually for the undo file.</param>
/// <param name="Inspects">Whether changed servers are inspected for leftovers.</param>
internal sealed record RequestEstimate(IReadOnlyList<ServerPlan> Plans, int? ListedServers, bool Replaces, bool SavesUndo, bool Inspects)
{
    /// <summary>The number of requests.</summary>
    internal int Total
    {
        get
        {
            var touched = Plans.Where(IsTouched).ToList();
            return (SavesUndo ? Plans.Sum(plan => plan.Credentials.Count) : 0)
                + touched.Sum(plan => Replaces ? OfReplacing(plan) : OfRemoving(plan, added: 0))
                + Plans.Where(plan => plan.HasSeveralPages && !IsTouched(plan)).Sum(plan => PagesOf(plan.Rows))
                + (ListedServers is { } servers ? PagesOf(servers) : touched.Count)
                + (Inspects ? touched.Count(plan => plan.Server.Reachability != ServerReachability.Offline) * 2 : 0);
        }
    }

    /// <summary>A full page is followed by one more request.</summary>
    private static int PagesOf(int rows) => (rows / ListReader<ServerRow>.LargestPage) + 1;

    /// <summary>Whether the server is changed. A key is replaced only if the server is clearly online.</summary>
    private bool IsTouched(ServerPlan plan) => plan.HasWork && !(Replaces && plan.Server.Doubt is not null);

    /// <summary>The removals, and the list that is read back.</summary>
    private static int OfRemoving(ServerPlan plan, int added) =>
        plan.Credentials.Count + PagesOf(plan.Rows + added - plan.Credentials.Count);

    /// <summary>
    /// Reading whether an old credential, or the existing new one, is temporary; the additions; the list that confirms them; and the
    /// removals. With an undo file the old credentials have been read already.
    /// </summary>
    private int OfReplacing(ServerPlan plan)
    {
        var added = plan.Places.Count(place => place.Holder is null);
        return plan.Places.Count(place => place.Holder is not null || !SavesUndo) + added + PagesOf(plan.Rows + added) + OfRemoving(plan, added);
    }
}
