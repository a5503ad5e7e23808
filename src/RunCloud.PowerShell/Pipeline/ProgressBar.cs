using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace RunCloud.PowerShell;

/// <summary>
/// The progress bar that all commands of a pipeline share. It has the title of the last command and the texts of all. At most
/// five updates a second.
/// </summary>
internal sealed class ProgressBar
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly ConditionalWeakTable<Runspace, ProgressBar> Bars = new();
    private static int _lastActivity = 0x52_43_00;

    private readonly int _activityId = Interlocked.Increment(ref _lastActivity);
    private readonly List<ProgressMeter> _meters = [];
    private readonly Stopwatch _sinceShown = new();
    private string _shownTitle = string.Empty;

    /// <summary>The bar of the runspace that runs this thread.</summary>
    internal static ProgressBar Here => Bars.GetValue(Runspace.DefaultRunspace, _ => new ProgressBar());

    /// <summary>Adds a command with progress.</summary>
    internal void Add(ProgressMeter meter) => _meters.Add(meter);

    /// <summary>Shows changes, if enough time has passed and there was more than one request.</summary>
    /// <param name="command">The running command, the only one that may write.</param>
    internal void Refresh(PSCmdlet command)
    {
        if ((_meters.Sum(meter => meter.Requests) < 2 && !_meters.Exists(meter => meter.IsWaiting)) || (_sinceShown.IsRunning && _sinceShown.Elapsed < Interval))
        {
            return;
        }

        _sinceShown.Restart();
        _shownTitle = _meters[_meters.Count - 1].Activity;
        var now = DateTimeOffset.UtcNow;
        var waits = _meters.SelectMany(meter => meter.Waits(now)).GroupBy(wait => wait.Reason, StringComparer.Ordinal)
            .Select(group => (Reason: group.Key, Seconds: group.Max(wait => wait.Seconds))).ToList();
        var texts = _meters.Select(meter => meter.Status).Where(status => status.Length > 0)
            .Concat(waits.Select(wait => string.Format(CultureInfo.InvariantCulture, "{0}: {1} s", wait.Reason, wait.Seconds))).ToList();
        var record = new ProgressRecord(_activityId, _shownTitle, texts.Count > 0 ? string.Join("; ", texts) : "…");
        if (_meters.FindLast(meter => meter.IsExpecting) is { } counting)
        {
            record.PercentComplete = counting.Percent;
            record.SecondsRemaining = counting.SecondsRemaining;
        }

        record.SecondsRemaining = waits.Aggregate(record.SecondsRemaining, (seconds, wait) => Math.Max(seconds, wait.Seconds));
        command.CommandRuntime.WriteProgress(_activityId, record);
    }

    /// <summary>Removes a command, and closes the bar after the last one.</summary>
    /// <param name="meter">The command.</param>
    /// <param name="write">Receives the bar's id and its last record.</param>
    internal void Remove(ProgressMeter meter, Action<long, ProgressRecord> write)
    {
        if (_meters.Remove(meter) && _meters.Count == 0 && _sinceShown.IsRunning)
        {
            _sinceShown.Reset();
            write(_activityId, new ProgressRecord(_activityId, _shownTitle, "…") { RecordType = ProgressRecordType.Completed });
        }
    }
}
