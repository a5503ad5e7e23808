using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Threading;

namespace RunCloud.PowerShell;

/// <summary>Shows the progress of a command that needs more than one request, at most five times a second, and closes it at the end.</summary>
internal sealed class ProgressMeter(PSCmdlet command, string activity)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static int lastActivity = 0x52_43_00;

    private readonly int activityId = Interlocked.Increment(ref lastActivity);
    private readonly Stopwatch sinceShown = new();
    private readonly Stopwatch sinceExpected = new();
    private readonly Dictionary<string, DateTimeOffset> waits = new(StringComparer.Ordinal);
    private string status = "…";
    private int requests;
    private int? expected;
    private int requestsBefore;
    private bool isShown;

    internal void RequestAnswered() => requests++;

    /// <summary>Shows a wait until it is over. It replaces an earlier wait for the same reason.</summary>
    internal void WaitFor(string reason, DateTimeOffset until) => waits[reason] = until;

    internal void EndWait(string reason) => waits.Remove(reason);

    internal void Report(string newStatus) => status = newStatus;

    /// <summary>Sets the total, so that the meter can show a percentage and the time left, by the pace from now on.</summary>
    /// <param name="more">The requests that are still to come, as far as known.</param>
    internal void Expect(int more)
    {
        expected = requests + more;
        requestsBefore = requests;
        sinceExpected.Restart();
    }

    /// <summary>Shows changes, if enough time has passed.</summary>
    internal void Refresh()
    {
        if ((requests < 2 && waits.Count == 0) || (sinceShown.IsRunning && sinceShown.Elapsed < Interval))
        {
            return;
        }

        sinceShown.Restart();
        isShown = true;
        var record = new ProgressRecord(activityId, activity, status);
        if (expected is { } all)
        {
            var left = Math.Max(all - requests, 0);
            record.PercentComplete = Math.Min(100 * requests / Math.Max(all, 1), 99);
            record.SecondsRemaining = requests > requestsBefore ? (int)Math.Ceiling(sinceExpected.Elapsed.TotalSeconds * left / (requests - requestsBefore)) : -1;
        }

        foreach (var wait in waits)
        {
            var seconds = (int)Math.Ceiling((wait.Value - DateTimeOffset.UtcNow).TotalSeconds);
            if (seconds > 0)
            {
                record.StatusDescription += string.Format(CultureInfo.InvariantCulture, "; {0}: {1} s", wait.Key, seconds);
                record.SecondsRemaining = Math.Max(record.SecondsRemaining, seconds);
            }
        }

        command.CommandRuntime.WriteProgress(activityId, record);
    }

    /// <summary>Removes the progress bar.</summary>
    internal void Close()
    {
        if (TakeDown() is { } record)
        {
            command.CommandRuntime.WriteProgress(activityId, record);
        }
    }

    /// <summary>Removes the progress bar after the pipeline was stopped, when the command can no longer write.</summary>
    internal void CloseAfterStop()
    {
        if (TakeDown() is { } record)
        {
            command.Host?.UI?.WriteProgress(activityId, record);
        }
    }

    private ProgressRecord? TakeDown()
    {
        if (!isShown)
        {
            return null;
        }

        isShown = false;
        return new ProgressRecord(activityId, activity, "…") { RecordType = ProgressRecordType.Completed };
    }
}
