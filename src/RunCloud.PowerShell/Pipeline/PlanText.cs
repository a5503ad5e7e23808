using System;
using System.Collections.Generic;
using System.Linq;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>A plan as people read it before they agree to it.</summary>
/// <param name="change">What is to be done.</param>
/// <param name="plans">What that means on each server.</param>
/// <param name="excluded">How many servers are left alone.</param>
/// <param name="isWhole">Whether every server could be listed.</param>
/// <param name="requests">The requests that carrying it out takes.</param>
/// <param name="rateLimit">The requests of a rate window, as the API last said, and its length; <see langword="null"/> when it never did.</param>
internal sealed class PlanText(KeyChange change, IReadOnlyCollection<ServerPlan> plans, int excluded, bool isWhole, int requests, (int Limit, TimeSpan Window)? rateLimit)
{
    /// <summary>The most credentials that a question lists: it must still fit a screen's memory, and a dialog's.</summary>
    private const int ListedInQuestion = 40;

    private readonly int credentials = plans.Sum(plan => plan.Credentials.Count);

    /// <summary>The headline of the question.</summary>
    internal string Caption => change.Replacement is { } replacement
        ? $"Replace SSH key {Keys} by {replacement.Key.Fingerprint}"
        : $"Revoke SSH key {Keys}";

    /// <summary>What the plan is about, in short.</summary>
    internal string Target => $"{Count(credentials, "credential")} on {Count(Touched.Count(), "server")}";

    private string Keys => string.Join(", ", change.Keys);

    private IEnumerable<ServerPlan> Touched => plans.Where(plan => plan.Credentials.Count > 0);

    /// <summary>All of it.</summary>
    internal string Whole => string.Join(Environment.NewLine, [Summary, .. Touched.SelectMany(Lines), .. Warnings]);

    /// <summary>As much as a question can show, the counts and the warnings last, where the eye is.</summary>
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
                $"{Count(credentials, "credential")} found on {Touched.Count()} of them",
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

    /// <summary>Why there is no plan where no server was left to read.</summary>
    internal static string NoServer(int excluded, bool isNamed) =>
        excluded > 0 ? "-ExcludeServer leaves no server, so nothing was checked. The key may still be in use."
        : isNamed ? "No servers were given, so nothing was checked. The key may still be in use."
        : "The workspace has no servers. The token may belong to another workspace.";

    /// <summary>What there is to know of a plan before the question.</summary>
    /// <param name="plans">The plan of each server.</param>
    /// <param name="givesKeysBack">Whether RunCloud will have to take lines like the old ones, in an undo or for a new key.</param>
    internal static IEnumerable<string> WarningsOf(IReadOnlyList<ServerPlan> plans, bool givesKeysBack)
    {
        foreach (var warning in plans.Select(LastWayIn).OfType<string>())
        {
            yield return $"{warning}.";
        }

        var restricted = plans.SelectMany(plan => plan.Credentials).Where(credential => credential.Key?.Options is not null).ToList();
        if (restricted.Count > 0 && givesKeysBack)
        {
            yield return $"{restricted.Count} of these keys have options in front, which RunCloud may refuse to take back or to give to a new key: {string.Join("; ", restricted.Take(5))}{(restricted.Count > 5 ? "; …" : string.Empty)}.";
        }

        var others = plans.SelectMany(plan => plan.OthersHave).ToList();
        if (others.Count > 0)
        {
            yield return $"Copies that belong to users outside -User and were kept: {others.Count} ({string.Join(", ", others.Select(credential => credential.User).Distinct(StringComparer.Ordinal))}).";
        }
    }

    /// <summary>What it takes, and how long at the rate that is known.</summary>
    private string Cost => credentials == 0 ? string.Empty : $" This takes about {Count(requests, "request")}{Time}.";

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

    /// <summary>Who would be locked out of a server, or be left with a forced command; <see langword="null"/> when nobody would.</summary>
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
