using System.Globalization;

namespace RunCloud.Api.Tests;

/// <summary>How many random cases a test draws.</summary>
internal static class Draws
{
    // tools/mutate runs the tests thousands of times, and sets this.
    private static readonly int Most = int.TryParse(Environment.GetEnvironmentVariable("RUNCLOUD_TESTS_DRAWS"), CultureInfo.InvariantCulture, out var most) ? most : int.MaxValue;

    /// <summary>As many as the test wants, or as the environment allows.</summary>
    internal static int Of(int wanted) => Math.Min(wanted, Most);
}
