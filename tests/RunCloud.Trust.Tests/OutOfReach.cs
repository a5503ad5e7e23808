using RunCloud.Simulator;

namespace RunCloud.Trust.Tests;

/// <summary>
/// What the answers cannot show, one by one with the reason. Each excuses only what it hid: the servers that are missing in
/// the list of servers that it struck, or the credentials that are missing in the list of the server that it struck.
/// </summary>
internal static class OutOfReach
{
    /// <summary>Lists that hide rows in good order, by the name of the fault.</summary>
    internal static IReadOnlyDictionary<string, string> HidingRows { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Fault.HiddenRow.Name] = "A page that lacks a row and whose total agrees is what a true list of one row less looks like.",
        [Fault.EmptyList.Name] = "An empty list with a total of 0 is what a true one looks like.",
        [Fault.Sibling.Name] = "The rows of a list do not say which server they are of, so another server's whole list is one in good order.",
    };

    /// <summary>What hides rows from who reads a list once, by the name of the fault: the request formula leaves no second reading.</summary>
    internal static IReadOnlyDictionary<string, string> SlippingRows { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Fault.RowsChange.Name] = "When one row goes and another comes between two pages, the rows between move up unseen: the count stays, and no row comes twice. Two readings show it, unless the same row slips in both.",
    };

    /// <summary>What hides rows where the API says nowhere how many there are, by the name of the fault.</summary>
    internal static IReadOnlyDictionary<string, string> WithoutTotal { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Fault.ShortPage.Name] = "Without a total, a page that lacks a row is a page with one row less.",
        [Fault.RowGoes.Name] = "A row that slips from a page not yet read to one already read changes nothing but the total, unless the list is read twice.",
        ["no row and no count"] = "Without any account, a page without rows is what the end of a list looks like.",
        ["body {\"data\":[]}"] = "The same.",
        ["one page only"] = "The number of pages is all that is said, and it is wrong.",
    };

    /// <summary>Answers about open sessions that hide them, by the name of the fault.</summary>
    internal static IReadOnlyDictionary<string, string> HidingSessions { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["body []"] = "That is the documented answer where no session is open.",
        ["body {\"data\":[]}"] = "An answer in an envelope, as all other lists come, in which there is none.",
        [Fault.Sibling.Name] = "Sessions do not say which server they are of.",
    };

    /// <summary>Removals that are undone behind everybody's back, by the name of the fault: for commands that read nothing back.</summary>
    internal static IReadOnlyDictionary<string, string> Undoing { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Fault.ComesBack.Name] = "A new credential with the same key comes under another id: -Verify is there to find that out.",
    };

    /// <summary>New keys that are taken away behind everybody's back, by the name of the fault: for replacing one by another.</summary>
    internal static IReadOnlyDictionary<string, string> TakingNew { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Fault.RowsChange.Name] = "Another program that takes a new credential away does so after it was seen, and after the old one went.",
    };

    /// <summary>What is believed where nothing is read back, by the name of the fault: for removals without <c>-Verify</c>.</summary>
    internal static IReadOnlyDictionary<string, string> Unverified { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Fault.Pretended.Name] = "A removal with the documented answer that is none: -Verify is there to find that out.",
    };
}
