using System.Globalization;

namespace RunCloud.Simulator;

/// <summary>Delays of random length before each answer, so that answers come in another order than their requests.</summary>
public sealed class RandomDelays
{
    /// <summary>The environment variable that gives every simulator such delays: milliseconds at most, a slash, and a seed.</summary>
    public const string Variable = "RUNCLOUD_SIMULATOR_JITTER";

    private readonly Lock _lock = new();
    private readonly SeededRandom _random;
    private readonly int _most;

    private RandomDelays(int most, long seed)
    {
        _most = most;
        _random = new SeededRandom(seed);
    }

    /// <summary>Reads what the environment variable says.</summary>
    /// <param name="text">For example <c>20/7</c>; <see langword="null"/> or empty for no delays.</param>
    /// <returns>The delays; <see langword="null"/> for none.</returns>
    /// <exception cref="FormatException">The text says something else.</exception>
    public static RandomDelays? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var parts = text.Split('/');
        return parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var most) && most is > 0 and < 10_000
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
                ? new RandomDelays(most, seed)
                : throw new FormatException($"{Variable} is milliseconds, a slash and a seed, such as 20/7, not '{text}'.");
    }

    /// <summary>The next delay, from nothing to the most.</summary>
    public TimeSpan Next()
    {
        lock (_lock)
        {
            return TimeSpan.FromMilliseconds(_random.Between(0, _most));
        }
    }
}
