using System.Globalization;

namespace RunCloud.Testing;

/// <summary>
/// What long tests take of their cases: a sample by a seed, or all of them. A plain <c>dotnet test</c> takes samples, <c>.ci/run</c> all
/// but those for which it has no time, and the nightly workflow all.
/// </summary>
public static class Sample
{
    /// <summary>The environment variable that has all cases run: <c>1</c>, or <c>all</c> for those too that only the nightly workflow has the time for.</summary>
    public const string WholeVariable = "RUNCLOUD_TESTS_WHOLE";

    /// <summary>The environment variable with the seed of the samples, a whole number; without it the seed is the day.</summary>
    public const string SeedVariable = "RUNCLOUD_TESTS_SEED";

    private const string Everything = "all";

    /// <summary>Whether all cases run but those that only the nightly workflow has the time for.</summary>
    public static bool IsWhole { get; } = Environment.GetEnvironmentVariable(WholeVariable) is "1" or Everything;

    /// <summary>Whether all cases run.</summary>
    public static bool IsEverything { get; } = Environment.GetEnvironmentVariable(WholeVariable) == Everything;

    /// <summary>
    /// The seed. By default it is the day, as 20261125: the processes that find the tests and those that run them must draw the same, and
    /// each day draws others.
    /// </summary>
    public static int Seed { get; } = Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } text
        ? int.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
        : int.Parse(DateTime.UtcNow.ToString("yyyyMMdd", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>How to run the same again, for the message of a failure.</summary>
    public static string Note => IsEverything
        ? $"All cases were run ({WholeVariable})."
        : string.Create(CultureInfo.InvariantCulture, $"This was a sample: {SeedVariable}={Seed} draws the same again, and {WholeVariable}={Everything} runs all cases.");

    /// <summary>A number of cases: all, or fewer.</summary>
    /// <param name="whole">How many there are in all.</param>
    /// <param name="sampled">How many of them are a sample.</param>
    /// <returns>One of both.</returns>
    public static int Count(int whole, int sampled) => IsWhole ? whole : sampled;

    /// <summary>Draws from a list, and keeps its order.</summary>
    /// <typeparam name="T">What a case is.</typeparam>
    /// <param name="all">All cases.</param>
    /// <param name="count">How many are a sample.</param>
    /// <param name="salt">A number that tells this list from others with the same seed.</param>
    /// <returns>All cases, or the sample.</returns>
    public static IReadOnlyList<T> Of<T>(IReadOnlyList<T> all, int count, int salt = 0) => IsWhole ? all : Today(all, count, salt);

    /// <summary>The same for cases of which <c>.ci/run</c> takes a sample too.</summary>
    /// <typeparam name="T">What a case is.</typeparam>
    /// <param name="all">All cases.</param>
    /// <param name="count">How many are a sample.</param>
    /// <param name="salt">A number that tells this list from others with the same seed.</param>
    /// <returns>All cases, or the sample.</returns>
    public static IReadOnlyList<T> OfNightly<T>(IReadOnlyList<T> all, int count, int salt = 0) => IsEverything ? all : Today(all, count, salt);

    /// <summary>Draws by a seed, and keeps the order.</summary>
    /// <typeparam name="T">What a case is.</typeparam>
    /// <param name="all">All cases.</param>
    /// <param name="count">How many to draw; all of them where they are fewer.</param>
    /// <param name="seed">The same seed draws the same.</param>
    /// <returns>The cases drawn.</returns>
    public static IReadOnlyList<T> Draw<T>(IReadOnlyList<T> all, int count, int seed)
    {
        ArgumentNullException.ThrowIfNull(all);
        var places = Enumerable.Range(0, all.Count).ToArray();
        new Random(seed).Shuffle(places);
        return [.. places.Take(count).Order().Select(place => all[place])];
    }

    private static IReadOnlyList<T> Today<T>(IReadOnlyList<T> all, int count, int salt) => Draw(all, count, unchecked((Seed * 397) ^ salt));
}
