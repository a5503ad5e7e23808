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
    private DateTimeOffset? waitingUntil;
    private string status = "…";
    private int requests;
    private bool isShown;

    internal void RequestAnswered()
    {
        requests++;
        waitingUntil = null;
    }

    internal void WaitingUntil(DateTimeOffset until) => waitingUntil = until;

    internal void Report(string newStatus) => status = newStatus;

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
        if (waitingUntil is { } until && until - DateTimeOffset.UtcNow is { } left && left > TimeSpan.Zero)
        {
            record.StatusDescription = string.Format(CultureInfo.InvariantCulture, "{0}; rate limit: {1:0} s", status, Math.Ceiling(left.TotalSeconds));
            record.SecondsRemaining = (int)Math.Ceiling(left.TotalSeconds);
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
