using RunCloud.Testing;
using Xunit;

namespace RunCloud.Trust.Tests;

/// <summary>The samples of the matrix and the model.</summary>
public sealed class SampleTests
{
    [Fact]
    public void The_same_seed_draws_the_same_cases_in_their_order_and_another_one_others()
    {
        var all = Enumerable.Range(0, 1000).ToArray();
        var drawn = Sample.Draw(all, 50, seed: 7);

        Assert.Equal(50, drawn.Distinct().Count());
        Assert.Equal(drawn.Order(), drawn);
        Assert.Equal(drawn, Sample.Draw(all, 50, seed: 7));
        Assert.NotEqual(drawn, Sample.Draw(all, 50, seed: 8));
        Assert.Equal(all, Sample.Draw(all, 2000, seed: 7));
    }

    [Fact]
    public void Cases_of_the_nightly_workflow_are_drawn_unless_everything_is_run() =>
        Assert.Equal(Sample.IsEverything ? 1000 : 3, Sample.OfNightly([.. Enumerable.Range(0, 1000)], 3).Count);

    [Fact]
    public void Each_fault_and_each_endpoint_of_a_job_is_in_the_sample_of_the_matrix()
    {
        var rows = FaultMatrixTests.Rows.Select(row => row.Data).ToList();

        Assert.Equal(FaultMatrixTests.Faults.Count, rows.Select(row => row.Item3).Distinct().Count());
        Assert.Equal(Job.All.Sum(job => job.Endpoints.Count), rows.Select(row => (row.Item1, row.Item2)).Distinct().Count());
    }

    [Fact]
    public void Each_case_of_a_row_has_its_day()
    {
        var cases = FaultMatrixTests.Cases(count: 3).ToList();
        var rows = Enumerable.Range(0, 100).Select(row => Sample.OfNightly(cases, 1, row)).ToList();

        Assert.All(rows, drawn => Assert.Equal(Sample.IsEverything ? 3 : 1, drawn.Count));
        Assert.Equal(cases, rows.SelectMany(drawn => drawn).Distinct().OrderBy(cases.IndexOf));
    }

    [Fact]
    public void A_failure_says_how_to_run_the_same_again() =>
        Assert.Contains(Sample.IsEverything ? Sample.WholeVariable : $"{Sample.SeedVariable}={Sample.Seed}", Sample.Note, StringComparison.Ordinal);
}
