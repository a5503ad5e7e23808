using System.Collections.Concurrent;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.Trust.Tests;

/// <summary>A seeded sample of the fault matrix under each form in which a list may account for its pages.</summary>
public sealed class FormMatrixTests(Benches benches)
{
    private const int CasesOfAForm = 15;

    private const int SampledCasesOfAForm = 2;

    /// <summary>Every form but the documented one, which the whole matrix has.</summary>
    public static TheoryData<PageAccountForm, BeyondLastPage, bool> Forms { get; } =
    [
        .. from account in Enum.GetValues<PageAccountForm>() from beyond in Enum.GetValues<BeyondLastPage>() from isText in (bool[])[false, true]
           where account != PageAccountForm.Pagination || beyond != BeyondLastPage.Empty || isText
           select new TheoryDataRow<PageAccountForm, BeyondLastPage, bool>(account, beyond, isText),
    ];

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task In_every_form_of_pages_the_report_is_never_better_than_the_truth(PageAccountForm account, BeyondLastPage beyond, bool isText)
    {
        // All of them are the same cases in every run, others in each form.
        var random = new Random((((int)account * 10) + (int)beyond) * 10 + (isText ? 1 : 0));
        var faults = FaultMatrixTests.Faults.Values.Where(fault => new Wire { Account = account }.HasTotal || !OutOfReach.WithoutTotal.ContainsKey(fault.Name)).ToList();
        var cases = Enumerable.Range(0, CasesOfAForm).Select(_ =>
        {
            var job = Job.All[random.Next(Job.All.Count)];
            return (Job: job, Endpoint: job.Endpoints[random.Next(job.Endpoints.Count)], Fault: faults[random.Next(faults.Count)], Place: random.Next(1000), ForEver: random.Next(2) == 0);
        }).ToList();
        var wrong = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(Sample.Of(cases, SampledCasesOfAForm, salt: ((int)account * 10) + (int)beyond), TestContext.Current.CancellationToken, async (one, _) =>
        {
            var wire = one.Job.WireFor(one.Endpoint) with { Account = account, Beyond = beyond, IsText = isText };
            var count = await benches.CountAsync(one.Job, one.Endpoint, wire);
            if (count == 0)
            {
                // Where nothing counts and no page may be asked for beyond the last, every list fails, and nothing is verified.
                Assert.True(account == PageAccountForm.None && beyond != BeyondLastPage.Empty, $"{one.Job.Name} does not call {one.Endpoint} ({wire}).");
                return;
            }

            var strike = new Strike(one.Endpoint, one.Fault, 1 + (one.Place % count), one.ForEver);
            if (await FaultMatrixTests.WrongAsync(benches, one.Job, wire, strike, count) is { } found)
            {
                wrong.Enqueue(found);
            }
        });
        Assert.True(wrong.IsEmpty, $"{Sample.Note}\n{string.Join("\n", wrong)}");
    }
}
