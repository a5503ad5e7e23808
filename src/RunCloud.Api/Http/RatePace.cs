namespace RunCloud.Api;

/// <summary>
/// How many requests may be under way at once where the answers do not say what is left. All that are under way when the limit is reached are
/// refused together, so there are few at first and more with each answer. Where answers take long, few at once would cost more than some
/// refusals do: then it is as many as keep up a certain rate.
/// </summary>
internal sealed class RatePace
{
    /// <summary>The requests at once to begin with.</summary>
    private const int Fewest = 3;

    /// <summary>So many answers without a refusal allow one request more at once.</summary>
    private const int AnswersForOneMore = 12;

    /// <summary>The requests a second below which nobody is slowed down for the sake of a limit that may not exist.</summary>
    private const int SlowestRate = 300;

    /// <summary>Windows are seldom shorter, and a length that was seen once may be a part only.</summary>
    private static readonly TimeSpan ShortWindow = TimeSpan.FromSeconds(5);

    private int _answers;
    private TimeSpan _quickest = TimeSpan.MaxValue;

    /// <summary>The most requests that may be under way at once.</summary>
    /// <param name="isLimited">Whether there is a limit, although it is not known how much of it is left.</param>
    internal int Most(bool isLimited) => isLimited || _answers <= Fewest ? Fewest
        : Math.Max(Fewest, Math.Max(_answers / AnswersForOneMore, (int)(SlowestRate * _quickest.TotalSeconds)));

    /// <summary>The same where a limit was counted: as many as use it up in an eighth of a window.</summary>
    internal int MostFor(int limit, TimeSpan window) =>
        _answers == 0 ? Fewest : Math.Max(Fewest, (int)Math.Min(limit, Math.Ceiling(8.0 * limit * _quickest.Ticks / Math.Max(window.Ticks, ShortWindow.Ticks))));

    /// <summary>Notes how long an answer took. The quickest counts: the first ones wait for connections too.</summary>
    internal void Learn(TimeSpan took)
    {
        _answers++;
        _quickest = took < _quickest ? took : _quickest;
    }
}
