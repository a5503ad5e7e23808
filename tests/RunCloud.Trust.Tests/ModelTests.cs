using CsCheck;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.Trust.Tests;

/// <summary>A random workspace, random faults at random places, random answers, a random command of the family.</summary>
public sealed class ModelTests(Benches benches)
{
    private const int Iterations = 1200;

    private const int SampledIterations = 150;

    /// <summary>On failure CsCheck prints the seed, with which the environment variable <c>CsCheck_Seed</c> runs the same again.</summary>
    [Fact]
    public Task Whatever_happens_the_report_is_never_better_than_the_truth() => Scenario.Any.SampleAsync(
        async scenario =>
        {
            var world = scenario.World();
            var answered = new List<(string Question, Reply Reply)>();
            var outcome = await benches.RunAsync(scenario.Wire, new Trial
            {
                World = world,
                Command = scenario.Typed(world),
                Choose = scenario.Choose(),
                IsTalkative = scenario.Wire.Keys == TruncatedKeys.InLists,
                Answer = prompt =>
                {
                    var reply = scenario.Answer(answered.Count);
                    answered.Add((prompt.Message, reply));
                    return reply switch
                    {
                        Reply.Yes => ShellAnswer.Yes,
                        Reply.No => ShellAnswer.No,
                        Reply.YesToAll => ShellAnswer.YesToAll,
                        _ => ShellAnswer.NoToAll,
                    };
                },
                Variables = new Dictionary<string, object?> { ["key"] = SmallFleet.Key, ["newKey"] = SmallFleet.NewKey },
            });
            var wrong = Checker.Check(outcome, scenario.Order(world, answered));
            Assert.True(wrong.Count == 0, $"{string.Join("\n", wrong)}\n{scenario}\n{string.Join("\n", outcome.Requests)}\n{string.Join("\n", outcome.Result.Errors.Select(error => $"{error.FullyQualifiedErrorId} {error}"))}");
        },
        iter: Sample.Count(Iterations, SampledIterations),
        threads: Benches.Room);
}
