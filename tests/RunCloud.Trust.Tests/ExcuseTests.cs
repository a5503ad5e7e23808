using Xunit;

namespace RunCloud.Trust.Tests;

/// <summary>Each excuse is still needed.</summary>
public sealed class ExcuseTests(Benches benches)
{
    private static readonly (IReadOnlyDictionary<string, string> Faults, string Job, Endpoint[] Endpoints)[] Excuses =
    [
        (OutOfReach.HidingRows, "pipeline", [Endpoint.Servers, Endpoint.List]),
        (OutOfReach.HidingRows, "revoke", [Endpoint.List]),
        (OutOfReach.SlippingRows, "pipeline", [Endpoint.Servers, Endpoint.List]),
        (OutOfReach.HidingSessions, "revoke", [Endpoint.Sessions]),
        (OutOfReach.TakingNew, "update", [Endpoint.ReadBack]),
        (OutOfReach.Undoing, "pipeline without -Verify", [Endpoint.Removal]),
        (OutOfReach.Unverified, "pipeline without -Verify", [Endpoint.Removal]),
    ];

    /// <summary>Each excuse with the job and the endpoints it is for.</summary>
    public static TheoryData<string, string, string> Rows { get; } =
        [.. from excuse in Excuses from fault in excuse.Faults.Keys select new TheoryDataRow<string, string, string>(fault, excuse.Job, string.Join(' ', excuse.Endpoints))];

    /// <summary>The faults that are said to keep the truth.</summary>
    public static TheoryData<string> Kept { get; } = [.. Truth.Kept];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Without_it_the_report_is_better_than_the_truth(string fault, string jobName, string endpoints)
    {
        var job = Job.All.Single(job => job.Name == jobName);
        var found = new List<string>();
        foreach (var endpoint in endpoints.Split(' ').Select(Enum.Parse<Endpoint>))
        {
            var strike = new Strike(endpoint, FaultMatrixTests.Faults[fault], from: 1, forEver: true);
            var outcome = await benches.RunAsync(job, job.WireFor(endpoint), strike.Choose);
            found.AddRange(Checker.Check(outcome, job.Order with { Excuses = false }));
        }

        Assert.NotEmpty(found);
    }

    [Theory]
    [MemberData(nameof(Kept))]
    public async Task Faults_that_keep_the_truth_change_the_answer_and_are_still_read(string fault)
    {
        var job = Job.All[0];
        var strike = new Strike(Endpoint.List, FaultMatrixTests.Faults[fault], from: 1, forEver: true);
        var outcome = await benches.RunAsync(job, new Wire(), strike.Choose);
        Assert.Contains(outcome.Requests, request => request.Fault == fault && !request.AnsweredTruly);

        // An empty list is believed only where it says so itself.
        Assert.DoesNotContain(outcome.Result.Errors, error => error.TargetObject is Server { Name: not "empty-01" });
        Assert.DoesNotContain(outcome.Result.Output, item => item.BaseObject is SshCredentialRemoval { Status: "Failed" });
    }
}
