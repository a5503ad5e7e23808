using System.Diagnostics;
using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary>How far one command is. What it tells is in the bar of its pipeline, see <see cref="ProgressBar"/>.</summary>
internal sealed class ProgressMeter(PSCmdlet command, string activity)
{
    private readonly Stopwatch _sinceExpected = new();
    private readonly Dictionary<string, DateTimeOffset> _waits = new(StringComparer.Ordinal);
    private ProgressBar? _bar;
    private int? _expected;
    private int _requestsBefore;

    /// <summary>What the command does, as a title.</summary>
    internal string Activity => activity;

    /// <summary>How far it is, in words; empty while it has said nothing.</summary>
    internal string Status { get; private set; } = string.Empty;

    /// <summary>How many requests were answered.</summary>
    internal int Requests { get; private set; }

    /// <summary>Whether it waits for something that is told.</summary>
    internal bool IsWaiting => _waits.Count > 0;

    /// <summary>Whether it is known how many requests are still to come.</summary>
    internal bool IsExpecting => _expected is not null;

    /// <summary>How much of the whole is done; never all of it, since the bar goes when it is.</summary>
    internal int Percent => Math.Min(100 * Requests / Math.Max(_expected ?? 0, 1), 99);

    /// <summary>How long the rest may take by the pace so far, in seconds; -1 while there is none.</summary>
    internal int SecondsRemaining => Requests <= _requestsBefore ? -1
        : (int)Math.Ceiling(_sinceExpected.Elapsed.TotalSeconds * Math.Max((_expected ?? 0) - Requests, 0) / (Requests - _requestsBefore));

    /// <summary>One more request, or another step, is done.</summary>
    internal void RequestAnswered()
    {
        Join();
        Requests++;
    }

    /// <summary>Shows a wait until it is over. It replaces an earlier wait for the same reason.</summary>
    internal void WaitFor(string reason, DateTimeOffset until)
    {
        Join();
        _waits[reason] = until;
    }

    /// <summary>Ends a wait.</summary>
    internal void EndWait(string reason) => _waits.Remove(reason);

    /// <summary>Says how far it is, in words.</summary>
    internal void Report(string status)
    {
        Join();
        Status = status;
    }

    /// <summary>Sets the total, so that the meter can show a percentage and the time left, by the pace from now on.</summary>
    /// <param name="more">The requests that are still to come, as far as known.</param>
    internal void Expect(int more)
    {
        Join();
        _expected = Requests + more;
        _requestsBefore = Requests;
        _sinceExpected.Restart();
    }

    /// <summary>The waits that are not over, in whole seconds.</summary>
    internal IEnumerable<(string Reason, int Seconds)> Waits(DateTimeOffset now)
    {
        foreach (var wait in _waits)
        {
            var seconds = (int)Math.Ceiling((wait.Value - now).TotalSeconds);
            if (seconds > 0)
            {
                yield return (wait.Key, seconds);
            }
        }
    }

    /// <summary>Shows changes, if enough time has passed.</summary>
    internal void Refresh() => _bar?.Refresh(command);

    /// <summary>Has nothing more to tell.</summary>
    internal void Close() => _bar?.Remove(this, command.CommandRuntime.WriteProgress);

    /// <summary>The same after the pipeline was stopped, when the command may no longer write: the host still listens.</summary>
    internal void CloseAfterStop() => _bar?.Remove(this, (id, record) => command.Host?.UI?.WriteProgress(id, record));

    /// <summary>Joins the bar of its pipeline. Not before it has something to tell: a command that is only looked at never ends.</summary>
    private void Join()
    {
        if (_bar is null)
        {
            _bar = ProgressBar.Here;
            _bar.Add(this);
        }
    }
}
