using System.Management.Automation;

namespace RunCloud.Testing;

/// <summary>A progress record as it was at the moment it was written: cmdlets reuse and change the record itself.</summary>
/// <param name="ActivityId">Which bar.</param>
/// <param name="ParentActivityId">The bar it hangs under; -1 for none.</param>
/// <param name="Activity">The bar's title.</param>
/// <param name="Status">What it is at.</param>
/// <param name="CurrentOperation">Details; <see langword="null"/> if none were given.</param>
/// <param name="PercentComplete">0 to 100; -1 if it isn't known.</param>
/// <param name="SecondsRemaining">Seconds left; -1 if it isn't known.</param>
/// <param name="Completed">Whether this record closes the bar.</param>
public sealed record ShellProgress(
    int ActivityId, int ParentActivityId, string Activity, string Status, string? CurrentOperation, int PercentComplete, int SecondsRemaining, bool Completed)
{
    internal static ShellProgress From(ProgressRecord record) => new(
        record.ActivityId,
        record.ParentActivityId,
        record.Activity,
        record.StatusDescription,
        record.CurrentOperation,
        record.PercentComplete,
        record.SecondsRemaining,
        record.RecordType == ProgressRecordType.Completed);
}
