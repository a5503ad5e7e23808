using System;
using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Threading;

namespace RunCloud.PowerShell;

/// <summary>Shows how far a command is, once it is more than one request; at most five times a second, and closed at the end.</summary>
internal sealed class ProgressMeter(PSCmdlet command, string activity)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static int lastActivity = 0x52_43_00;

    private readonly int activityId = Interlocked.Increment(ref lastActivity);
    private readonly Stopwatch sinceShown = new();
    private readonly Stopwatch sinceExpected = new();
    private DateTimeOffset? waitingUntil;
    private string waitingFor = string.Empty;
    private string status = "…";
    private int requests;
    private int? expected;
    private int requestsBefore;
    private bool isShown;

    internal void RequestAnswered()
    {
        requests++;
        waitingUntil = null;
    }

    internal void WaitingUntil(string reason, DateTimeOffset until)
    {
        waitingFor = reason;
        waitingUntil = until;
    }

    internal void Report(string newStatus) => status = newStatus;

    /// <summary>Lets the meter tell how much of the whole is done and how long the rest may take, by the pace from now on.</summary>
    /// <param name="more">The requests that are still to come, as far as known.</param>
    internal void Expect(int more)
    {
        expected = requests + more;
        requestsBefore = requests;
        sinceExpected.Restart();
    }

    /// <summary>Shows what has changed, when it is time to.</summary>
    internal void Refresh()
    {
        if ((requests < 2 && waitingUntil is null) || (sinceShown.IsRunning && sinceShown.Elapsed < Interval))
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

        if (waitingUntil is { } until && until - DateTimeOffset.UtcNow is { } wait && wait > TimeSpan.Zero)
        {
            record.StatusDescription = string.Format(CultureInfo.InvariantCulture, "{0}; {1}: {2:0} s", status, waitingFor, Math.Ceiling(wait.TotalSeconds));
            record.SecondsRemaining = Math.Max(record.SecondsRemaining, (int)Math.Ceiling(wait.TotalSeconds));
        }

        command.CommandRuntime.WriteProgress(activityId, record);
    }

    /// <summary>Takes it from the screen.</summary>
    internal void Close()
    {
        if (TakeDown() is { } record)
        {
            command.CommandRuntime.WriteProgress(activityId, record);
        }
    }

    /// <summary>Takes it from the screen after the pipeline was stopped, when the command may no longer write.</summary>
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
