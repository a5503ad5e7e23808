using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>Writes a plan for people to read before they confirm it.</summary>
/// <param name="change">The change to make.</param>
/// <param name="plans">The plan for each server.</param>
/// <param name="excluded">The number of excluded servers.</param>
/// <param name="isWhole">Whether every server could be listed.</param>
/// <param name="requests">The number of requests that the plan needs.</param>
/// <param name="rateLimit">The number of requests in a rate window, as the API last said, and the length of the window; <see langword="null"/> if it never did.</param>
/// <param name="inContext">The suffix that names the context, for example <c> in context 'prod'</c>; empty if there is only one context.</param>
internal sealed class PlanText(KeyChange change, IReadOnlyCollection<ServerPlan> plans, int excluded, bool isWhole, int requests, (int Limit, TimeSpan Window)? rateLimit, string inContext)
{
    /// <summary>The most credentials that a question lists. It must fit a terminal's scroll-back and a dialog.</summary>
    private const int ListedInQuestion = 40;

    private readonly int _credentials = plans.Sum(plan => plan.Credentials.Count);

    /// <summary>The headline of the question.</summary>
    internal string Caption => change.Replacement is { } replacement
        ? $"Replace SSH key {Keys} with {replacement.Key.Fingerprint}{inContext}"
        : $"Revoke SSH key {Keys}{inContext}";

    /// <summary>The plan in one line.</summary>
    internal string Target => $"{Count(_credentials, "credential")} on {Count(Touched.Count(), "server")}{inContext}";

    private string Keys => string.Join(", ", change.Keys);

    private IEnumerable<ServerPlan> Touched => plans.Where(plan => plan.Credentials.Count > 0);

    /// <summary>All of it.</summary>
    internal string Whole => string.Join(Environment.NewLine, [Summary, .. Touched.SelectMany(Lines), .. Warnings]);

    /// <summary>As much as a question can show. The counts and the warnings come last, next to the prompt.</summary>
    internal string Question
    {
        get
        {
            var lines = Touched.SelectMany(Lines).ToList();
            IEnumerable<string> shown = lines.Count <= ListedInQuestion ? lines : [.. lines.Take(ListedInQuestion), $"  … and {lines.Count - ListedInQuestion} more; -WhatIf lists all of them."];
            return string.Join(Environment.NewLine, [.. shown, .. Warnings, Summary, change.Replacement is null ? $"Remove {Target}?" : $"Replace the key of {Target}?"]);
        }
    }

    private string Summary
    {
        get
        {
            var unread = plans.Count(plan => plan.Failure is not null);
            var facts = new List<string>
            {
                $"{Count(plans.Count - unread, "server")} read{(isWhole ? string.Empty : ", and there are more that could not be listed")}",
                $"{Count(_credentials, "credential")} found on {Touched.Count()} of them",
            };
            foreach (var (reachability, name) in new[] { (ServerReachability.Offline, "offline"), (ServerReachability.Unknown, "in an unknown state") })
            {
                if (plans.Count(plan => plan.Server.Reachability == reachability) is > 0 and var some)
                {
                    facts.Add($"{some} {name}, {Touched.Count(plan => plan.Server.Reachability == reachability)} of these with the key");
                }
            }

            if (unread > 0)
            {
                facts.Add($"{unread} could not be read");
            }

            if (excluded > 0)
            {
                facts.Add($"{excluded} excluded");
            }

            return $"{Caption}: {string.Join("; ", facts)}.{Cost}";
        }
    }

    /// <summary>How far the reading is.</summary>
    internal static string Progress(int read, int? total) =>
        total is { } all ? FormattableString.Invariant($"{read} of {all} servers read") : FormattableString.Invariant($"{read} servers read");

    /// <summary>Why there is no plan if there were no servers to read.</summary>
    internal static string NoServer(int excluded, bool isNamed) =>
        excluded > 0 ? "-ExcludeServer leaves no server, so nothing was checked. The key may still be in use."
        : isNamed ? "No servers were given, so nothing was checked. The key may still be in use."
        : "The workspace has no servers. The token may belong to another workspace.";

    /// <summary>The warnings about a plan, shown before the question.</summary>
    /// <param name="plans">The plan of each server.</param>
    /// <param name="givesKeysBack">Whether RunCloud will have to accept lines like the old ones, for an undo or for a new key.</param>
    internal static IEnumerable<string> WarningsOf(IReadOnlyList<ServerPlan> plans, bool givesKeysBack)
    {
        foreach (var warning in plans.Select(LastWayIn).OfType<string>())
        {
            yield return $"{warning}.";
        }

        var restricted = plans.SelectMany(plan => plan.Credentials).Where(credential => credential.Key?.Options is not null).ToList();
        if (restricted.Count > 0 && givesKeysBack)
        {
            yield return $"{restricted.Count} of these keys have authorized_keys options, which RunCloud may refuse when the key is put back or replaced: {string.Join("; ", restricted.Take(5))}{(restricted.Count > 5 ? "; …" : string.Empty)}.";
        }

        var others = plans.SelectMany(plan => plan.OthersHave).ToList();
        if (others.Count > 0)
        {
            yield return $"Copies that belong to users outside -User and were kept: {others.Count} ({string.Join(", ", others.Select(credential => credential.User).Distinct(StringComparer.Ordinal))}).";
        }
    }

    /// <summary>What it takes, and how long at the rate that is known.</summary>
    private string Cost => _credentials == 0 ? string.Empty : $" This takes about {Count(requests, "request")}{Time}.";

    private string Time
    {
        get
        {
            if (rateLimit is not var (limit, window) || requests <= limit)
            {
                return string.Empty;
            }

            var whole = TimeSpan.FromTicks(window.Ticks * ((requests + limit - 1) / limit));
            var minute = TimeSpan.FromMinutes(1);
            return $", {(whole < minute + minute ? Count((int)Math.Ceiling(whole.TotalSeconds), "second") : Count((int)Math.Ceiling(whole.TotalMinutes), "minute"))}"
                + FormattableString.Invariant($" at {limit} {(window == minute ? "a minute" : $"in {Count((int)Math.Ceiling(window.TotalSeconds), "second")}")}");
        }
    }

    private IEnumerable<string> Warnings
    {
        get
        {
            foreach (var plan in plans)
            {
                if (plan.Failure is not null)
                {
                    yield return $"  {(plan.Credentials.Count > 0 ? "Not read whole" : "Not read")}: {plan.Server}";
                }

                foreach (var problem in plan.Problems)
                {
                    yield return $"  Not comparable: {problem.Credential}";
                }

                if (LastWayIn(plan) is { } warning)
                {
                    yield return $"  {warning}";
                }
            }
        }
    }

    /// <summary>The users who would lose access to a server or keep only a forced command; <see langword="null"/> if there are none.</summary>
    internal static string? LastWayIn(ServerPlan plan)
    {
        var forced = plan.ForcedOf.Count == 0 ? null
            : $"FORCED COMMAND: on {plan.Server} every other key of these users runs one command only: {string.Join(", ", plan.ForcedOf)}";
        if (plan.LastOf.Count == 0)
        {
            return forced;
        }

        var users = string.Join(", ", plan.LastOf);
        var last = plan.Kept.Count > 0 ? $"Left in place, as the last key of {users}: {Count(plan.Kept.Count, "credential")} on {plan.Server}"
            : plan.IsLastOfServer ? $"LAST KEY: on {plan.Server} nobody has another key ({users}); access by key ends there"
            : $"LAST KEY: on {plan.Server} these users have no other key: {users}";
        return forced is null ? last : $"{last}; {forced}";
    }

    private static IEnumerable<string> Lines(ServerPlan plan) => plan.Credentials.Select(credential =>
        $"  {credential}{(Doubt(plan.Server))}{Replacement(plan, credential)}");

    private static string Doubt(Server server) => server.Doubt switch
    {
        null => string.Empty,
        OutcomeReason.Offline => ", OFFLINE: cannot be confirmed",
        _ => ", STATE UNKNOWN: cannot be confirmed",
    };

    private static string Replacement(ServerPlan plan, SshCredential credential) =>
        plan.Places.FirstOrDefault(place => string.Equals(place.User, credential.User, StringComparison.Ordinal)) is not { } place ? string.Empty
        : place.Holder is not null ? ", new key is there already"
        : $", new key as '{place.NewLabel}'";

    private static string Count(int number, string what) => FormattableString.Invariant($"{number} {what}{(number == 1 ? string.Empty : "s")}");
}
