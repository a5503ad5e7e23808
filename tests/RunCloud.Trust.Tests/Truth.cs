namespace RunCloud.Trust.Tests;

/// <summary>
/// Faults that leave a list's answer whole and true, by name: anyone who was answered so has read the list. Everything else has not, and must
/// either ask again or say so.
/// </summary>
internal static class Truth
{
    internal static IReadOnlySet<string> Kept { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        // All that is asked of a list is a success and its rows.
        "true answer, status 202",
        "true answer, status 206",
        "202, not done",
        "byte order mark",
        "no UTF-8",
        "id as text",
        "no user, no label, no name",

        // What can't be compared in the list is read individually.
        "no key",
        "key is an object",
        "key cut short",

        // The account of the pages may lack a part, or contradict itself, as long as the rest tells where the end is.
        "no meta",
        "no account",
        "total as text",
        "no total",
        "no page size",
        "no links",
        "always a next page",
        "links are text",
        "a million pages",
        "one page only",

        // Within the time limit of a request.
        "slow body",
    };
}
