using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(RunCloud.Trust.Tests.Benches))]

namespace RunCloud.Trust.Tests;

/// <summary>
/// Every endpoint of a job, every fault, the first request, the last one and all of them (one of these unless
/// <see cref="Sample.IsEverything"/>): whatever goes wrong, the result is never better than the truth.
/// </summary>
public sealed class FaultMatrixTests(Benches benches, ITestOutputHelper output)
{
    /// <summary>In a sample: the endpoints that each fault meets, and the faults that each endpoint of a job meets besides.</summary>
    private const int SampledCalls = 2;

    private const int SampledFaults = 3;

    /// <summary>Every fault that there is.</summary>
    internal static IReadOnlyDictionary<string, Fault> Faults { get; } =
        Fault.Catalogue.Concat(Fault.Slow).ToDictionary(fault => fault.Name, StringComparer.Ordinal);

    /// <summary>The names of the jobs.</summary>
    public static TheoryData<string> Jobs { get; } = [.. Job.All.Select(job => job.Name)];

    /// <summary>Each job with each of its endpoints and each fault; as a sample, each endpoint of a job and each fault a few times.</summary>
    public static TheoryData<string, string, string> Rows { get; } = MakeRows();

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Whatever_goes_wrong_the_report_is_never_better_than_the_truth(string jobName, string endpointName, string fault)
    {
        var (job, endpoint) = (Job.All.Single(job => job.Name == jobName), Enum.Parse<Endpoint>(endpointName));
        var wire = job.WireFor(endpoint);
        var count = await benches.CountAsync(job, endpoint, wire);
        var wrong = new List<string>();
        foreach (var (place, forEver) in Sample.OfNightly([.. Cases(count)], 1, SaltOf(jobName, endpoint, fault)))
        {
            if (await WrongAsync(benches, job, wire, new Strike(endpoint, Faults[fault], place, forEver), count) is { } found)
            {
                wrong.Add(found);
            }
        }

        Assert.True(wrong.Count == 0, $"{Sample.Note}\n{string.Join("\n", wrong)}");
    }

    [Theory]
    [MemberData(nameof(Jobs))]
    public async Task Every_endpoint_that_a_job_calls_has_its_faults(string name)
    {
        var job = Job.All.Single(job => job.Name == name);
        foreach (var endpoint in job.Endpoints)
        {
            Assert.True(await benches.CountAsync(job, endpoint, job.WireFor(endpoint)) > 0, $"It does not call {endpoint}.");
        }

        // What was left out of some rows is in those of another job, as the same client reads, removes and settles for all of them.
        var outcome = await benches.RunAsync(job, new Wire(), _ => null);
        var endpoints = new Endpoints();
        var covered = Job.All.Where(other => other.Order.AccountsForServers == job.Order.AccountsForServers).SelectMany(other => other.Endpoints);
        Assert.Subset(covered.ToHashSet(), outcome.Requests.Select(endpoints.Of).ToHashSet());
    }

    [Fact]
    public async Task The_matrix_is_not_a_small_one()
    {
        var cases = 0;
        foreach (var (job, endpoint) in from job in Job.All from endpoint in job.Endpoints select (job, endpoint))
        {
            cases += Faults.Count * Cases(await benches.CountAsync(job, endpoint, job.WireFor(endpoint))).Count();
        }

        output.WriteLine($"The matrix: {Job.All.Count} jobs, {Job.All.Sum(job => job.Endpoints.Count)} endpoints of theirs, {Faults.Count} faults: {cases} cases. {Sample.Note}");
        Assert.True(cases > 5000);
    }

    /// <summary>Runs one case.</summary>
    /// <param name="benches">Where it runs.</param>
    /// <param name="job">What is typed.</param>
    /// <param name="wire">The form of the API's answers.</param>
    /// <param name="strike">What goes wrong.</param>
    /// <param name="count">How often the job calls that endpoint when nothing goes wrong.</param>
    /// <returns>What was wrong with the account; <see langword="null"/> if nothing was.</returns>
    internal static async Task<string?> WrongAsync(Benches benches, Job job, Wire wire, Strike strike, int count)
    {
        var outcome = await benches.RunAsync(job, wire, strike.Choose, talkative: !strike.ForEver);
        var found = Checker.Check(outcome, job.Order).ToList();
        if (strike.Struck == 0)
        {
            // How often a list is read again depends on the order of the answers, so a run may end before the place: then its last call is taken.
            if (found.Count == 0 && strike.Met > 0 && strike.Met < strike.Place)
            {
                return await WrongAsync(benches, job, wire, new Strike(strike.Endpoint, strike.Fault, strike.Met, strike.ForEver), strike.Met);
            }

            found.Add("The fault never struck.");
        }

        var place = $"{strike.Endpoint} {strike.Place} of {count}{(strike.ForEver ? " and ever after" : string.Empty)}";
        return found.Count == 0 ? null
            : $"{job.Name}, {wire}, {place}, {strike.Fault.Name}:\n  {string.Join("\n  ", found)}\n    {string.Join("\n    ", outcome.Requests)}";
    }

    /// <summary>A number that tells a row from the others, the same in every process.</summary>
    private static int SaltOf(string job, Endpoint endpoint, string fault) =>
        $"{job} {endpoint} {fault}".Aggregate(0, (salt, letter) => unchecked((salt * 31) + letter));

    private static TheoryData<string, string, string> MakeRows()
    {
        var calls = (from job in Job.All from endpoint in job.Endpoints select (Job: job.Name, Endpoint: endpoint.ToString())).ToList();
        var faults = Faults.Keys.ToList();
        var ofFaults = faults.SelectMany((fault, place) => Sample.Of(calls, SampledCalls, salt: place).Select(call => (call.Job, call.Endpoint, Fault: fault)));
        var ofCalls = calls.SelectMany((call, place) => Sample.Of(faults, SampledFaults, salt: 1000 + place).Select(fault => (call.Job, call.Endpoint, Fault: fault)));
        return [.. ofFaults.Concat(ofCalls).Distinct().Select(row => new TheoryDataRow<string, string, string>(row.Job, row.Endpoint, row.Fault))];
    }

    /// <summary>The cases of an endpoint that a job calls so often: the first call, all calls, and the last call. <see cref="FormMatrixTests"/> draws the place by lot.</summary>
    internal static IEnumerable<(int Place, bool ForEver)> Cases(int count) => count > 1 ? [(1, false), (1, true), (count, false)] : [(1, false), (1, true)];
}
