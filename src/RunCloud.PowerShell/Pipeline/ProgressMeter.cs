using System.Diagnostics;
using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary>The progress of one command, shown in the bar of its pipeline (<see cref="ProgressBar"/>).</summary>
internal sealed class ProgressMeter(PSCmdlet command, string activity)
{
    private readonly Stopwatch _sinceExpected = new();
    private readonly Dictionary<string, DateTimeOffset> _waits = new(StringComparer.Ordinal);
    private ProgressBar? _bar;
    private int? _expected;
    private int _requestsBefore;

    /// <summary>The command's activity, as the title of the bar.</summary>
    internal string Activity => activity;

    /// <summary>The progress in words; empty at first.</summary>
    internal string Status { get; private set; } = string.Empty;

    /// <summary>How many requests were answered.</summary>
    internal int Requests { get; private set; }

    /// <summary>Whether it shows a wait.</summary>
    internal bool IsWaiting => _waits.Count > 0;

    /// <summary>Whether the total number of requests is known.</summary>
    internal bool IsExpecting => _expected is not null;

    /// <summary>The percentage that is done, at most 99: the bar is closed when everything is done.</summary>
    internal int Percent => Math.Min(100 * Requests / Math.Max(_expected ?? 0, 1), 99);

    /// <summary>The estimated seconds for the rest; -1 if there is no estimate yet.</summary>
    internal int SecondsRemaining => Requests <= _requestsBefore ? -1
        : (int)Math.Ceiling(_sinceExpected.Elapsed.TotalSeconds * Math.Max((_expected ?? 0) - Requests, 0) / (Requests - _requestsBefore));

    /// <summary>Joins the bar of its pipeline, but only when work begins: a command that is only inspected never ends.</summary>
    internal void Join()
    {
        if (_bar is null)
        {
            _bar = ProgressBar.Here;
            _bar.Add(this);
        }
    }

    /// <summary>Counts one more finished request or step.</summary>
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

    /// <summary>Sets the progress in words.</summary>
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

    /// <summary>Removes the command from the bar.</summary>
    internal void Close() => _bar?.Remove(this, command.CommandRuntime.WriteProgress);

    /// <summary>The same after the pipeline was stopped, when the command can no longer write. It uses the host instead.</summary>
    internal void CloseAfterStop() => _bar?.Remove(this, (id, record) => command.Host?.UI?.WriteProgress(id, record));
}
