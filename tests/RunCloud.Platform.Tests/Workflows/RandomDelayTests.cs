using RunCloud.Simulator;
using Xunit;

namespace RunCloud.Platform.Tests.Workflows;

/// <summary>The switch with which the nightly workflow delays answers randomly.</summary>
public sealed class RandomDelayTests
{
    [Fact]
    public void The_same_seed_gives_the_same_delays_up_to_the_most()
    {
        TimeSpan[] Some(string text)
        {
            var delays = RandomDelays.Parse(text)!;
            return [.. Enumerable.Range(0, 200).Select(_ => delays.Next())];
        }

        Assert.Equal(Some("20/7"), Some("20/7"));
        Assert.NotEqual(Some("20/7"), Some("20/8"));
        Assert.All(Some("20/7"), delay => Assert.InRange(delay, TimeSpan.Zero, TimeSpan.FromMilliseconds(20)));
        Assert.True(Some("20/7").Distinct().Count() > 10);
    }

    [Theory]
    [InlineData("20")]
    [InlineData("0/1")]
    [InlineData("x/1")]
    [InlineData("20/-1")]
    [InlineData("20/1/2")]
    public void An_invalid_text_is_refused(string text) => Assert.Throws<FormatException>(() => RandomDelays.Parse(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Nothing_means_no_delays(string? text) => Assert.Null(RandomDelays.Parse(text));
}
