using Xunit;

namespace RunCloud.Trust.Tests;

/// <summary>The checker accepts a true result and finds every lie in a false one. Otherwise the matrix would prove nothing.</summary>
public sealed class CheckerTests(Benches benches)
{
    /// <summary>What is falsified of which job's outcome, and what the checker says to it.</summary>
    private static readonly Dictionary<string, (string Job, Func<Outcome, Outcome> Falsify, string Says)> Lies = new(StringComparer.Ordinal)
    {
        ["nothing was removed"] = ("pipeline", outcome => outcome with { After = outcome.Before }, "Removed, and it is there"),
        ["nothing was removed on servers that are clean now"] = ("revoke", outcome => outcome with { After = outcome.Before }, "Removed, and copy-2"),
        ["no error was written"] = ("pipeline", outcome => outcome with { Result = outcome.Result with { Errors = [] } }, "Unconfirmed, and no error says so"),
        ["no server had an error"] = ("revoke", outcome => outcome with { Result = outcome.Result with { Errors = [] } }, "(id 1000009): Unconfirmed, and no error says so"),
        ["nothing was accounted for"] = ("pipeline", outcome => outcome with { Result = outcome.Result with { Output = [] } }, "is not accounted for"),
        ["no server was accounted for"] = ("revoke", outcome => outcome with { Result = outcome.Result with { Output = [] } }, "clean-01 is accounted for 0 times"),
        ["it was said twice"] = ("revoke", outcome => outcome with { Result = outcome.Result with { Output = [.. outcome.Result.Output, .. outcome.Result.Output] } }, "is accounted for 2 times"),
        ["a page was never read"] = ("pipeline", outcome => Without(outcome, 1000032, "page=2"), "app-01 (1000032) was not read whole"),
        ["a server was never asked"] = ("revoke", outcome => Without(outcome, 1000027, "page="), "clean-01 (1000027) was not read whole"),
        ["a server was said to be clean, and never read"] = ("revoke", outcome => Without(outcome, 1000027, "page="), "Clean, and it was not read whole"),
        ["nothing was read back"] = ("pipeline", WithoutReadBack, "Removed, and nobody read it back"),
        ["the new key is nowhere"] = ("update", outcome => outcome with { After = outcome.Before }, "has not got the new key"),
        ["no addition was told of"] = ("update", outcome => outcome with { Result = outcome.Result with { Output = [] } }, "was added, and nobody says so"),
        ["it went on for days"] = ("pipeline", outcome => outcome with { Took = TimeSpan.FromDays(3) }, "It took 3."),
        ["it had to be stopped"] = ("pipeline", outcome => outcome with { Endless = "it waits" }, "It did not end: it waits"),
        ["it was ended by the failure of one server"] = ("pipeline", outcome => outcome with { Ended = outcome.Result.Errors[0] }, "It was ended by"),
        ["the token was shown"] = ("pipeline", outcome => outcome with { Token = "disguised-5" }, "The token is in the output"),
        ["a session was not told of"] = ("revoke", outcome => outcome with { Result = outcome.Result with { Warnings = [] } }, "A session is open"),
        ["a deployment key was not told of"] = ("revoke", outcome => outcome with { Result = outcome.Result with { Warnings = [] } }, "A deployment key is the key"),
        ["nothing was saved"] = ("revoke with files", outcome => outcome with { Undo = null }, "before what goes was saved"),
        ["it was saved too late"] = ("revoke with files", outcome => outcome with { SavedBefore = false }, "before what goes was saved"),
        ["another key was saved"] = ("revoke with files", outcome => outcome with { Undo = outcome.Undo!.Replace("AAAAE2Vj", "AAAAE2Vk", StringComparison.Ordinal) }, "was saved as another"),
        ["one was not saved"] = ("revoke with files", outcome => outcome with { Undo = outcome.Undo!.Replace(">1000004<", ">1000003<", StringComparison.Ordinal) }, "is gone, and was not saved"),
        ["a temporary key was saved as a lasting one"] = ("revoke with files", outcome => outcome with { Undo = outcome.Undo!.Replace("\"Temporary\">true", "\"Temporary\">false", StringComparison.Ordinal) }, "was saved with another flag"),
        ["the report is another"] = ("revoke with files", outcome => outcome with { Report = outcome.Report!.Replace("Clean", "Removed", StringComparison.Ordinal) }, "The report says something else"),
        ["the report is missing"] = ("revoke with files", outcome => outcome with { Report = null }, "There is no report"),
        ["a draft was left"] = ("revoke with files", outcome => outcome with { Litter = ["undo.xml.part"] }, "It left undo.xml.part"),
    };

    /// <summary>The names of the lies.</summary>
    public static TheoryData<string> Names { get; } = [.. Lies.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_false_report_is_found(string name)
    {
        var (jobName, falsify, says) = Lies[name];
        var (job, outcome) = await RunAsync(jobName);
        Assert.Empty(Checker.Check(outcome, job.Order));
        Assert.Contains(Checker.Check(falsify(outcome), job.Order), violation => violation.Contains(says, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unrequested_change_is_found()
    {
        var (job, outcome) = await RunAsync("pipeline");
        var ofRoot = job.Order with { Copies = copy => copy.User == "root" };
        var butOne = job.Order with { Servers = server => server.Name != "app-01" };
        var declined = job.Order with { Declined = new HashSet<long> { 1000004 } };
        Assert.All((Order[])[ofRoot, butOne, declined], order =>
            Assert.Contains(Checker.Check(outcome, order), violation => violation.EndsWith("removes what nobody asked for.", StringComparison.Ordinal)));
        var (revocation, whole) = await RunAsync("revoke");
        Assert.Contains(Checker.Check(whole, revocation.Order with { Servers = server => server.Name != "clean-01" }), violation => violation.EndsWith("and nobody asked.", StringComparison.Ordinal));
        Assert.Contains(Checker.Check(whole, revocation.Order with { IsCarriedOut = false }), violation => violation.EndsWith("accounted for 1 times.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_trial_is_as_verbose_as_configured(bool talkative)
    {
        var outcome = await benches.RunAsync(Job.All[0], new Wire(), _ => null, talkative);
        Assert.Equal(talkative, outcome.Result.Verbose.Count > 0);
        Assert.Equal(talkative, outcome.Result.Debug.Count > 0);
    }

    private static Outcome Without(Outcome outcome, long server, string query) => outcome with
    {
        Requests = [.. outcome.Requests.Where(request => Endpoints.ServerOf(request) != server || !request.Query.Contains(query, StringComparison.Ordinal))],
    };

    private static Outcome WithoutReadBack(Outcome outcome)
    {
        var endpoints = new Endpoints();
        return outcome with { Requests = [.. outcome.Requests.Where(request => endpoints.Of(request) != Endpoint.ReadBack)] };
    }

    private async Task<(Job Job, Outcome Outcome)> RunAsync(string name)
    {
        var job = Job.All.Single(job => job.Name == name);
        return (job, await benches.RunAsync(job, new Wire(), _ => null));
    }
}
