namespace RunCloud.Api;

/// <summary>
/// How many requests may be under way at once if the answers do not state the remaining requests. All requests under way when the limit is reached are
/// refused together, so there are few at first and more with each answer. If answers are slow, a few refusals cost less than so few
/// requests. Then it is the number that keeps up a certain rate.
/// </summary>
internal sealed class RatePace
{
    /// <summary>The number of parallel requests at the beginning.</summary>
    private const int Fewest = 3;

    /// <summary>This many answers without a refusal allow one more parallel request.</summary>
    private const int AnswersForOneMore = 12;

    /// <summary>The requests per second that are always allowed, even though there may be a limit.</summary>
    private const int SlowestRate = 300;

    /// <summary>Windows are rarely shorter, and a length that was seen once may be only a part.</summary>
    private static readonly TimeSpan ShortWindow = TimeSpan.FromSeconds(5);

    private int _answers;
    private TimeSpan _quickest = TimeSpan.MaxValue;

    /// <summary>The most requests that may be under way at once.</summary>
    /// <param name="isLimited">Whether there is a limit, with an unknown number of remaining requests.</param>
    internal int Most(bool isLimited) => isLimited || _answers <= Fewest ? Fewest
        : Math.Max(Fewest, Math.Max(_answers / AnswersForOneMore, (int)(SlowestRate * _quickest.TotalSeconds)));

    /// <summary>The same for a counted limit: as many as use it up in an eighth of a window.</summary>
    internal int MostFor(int limit, TimeSpan window) =>
        _answers == 0 ? Fewest : Math.Max(Fewest, (int)Math.Min(limit, Math.Ceiling(8.0 * limit * _quickest.Ticks / Math.Max(window.Ticks, ShortWindow.Ticks))));

    /// <summary>Notes how long an answer took. The fastest one counts, because the first ones also wait for connections.</summary>
    internal void Learn(TimeSpan took)
    {
        _answers++;
        _quickest = took < _quickest ? took : _quickest;
    }
}
