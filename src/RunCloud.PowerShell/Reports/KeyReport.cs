using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>Writes the report of a revocation or a rotation to each file that -ReportPath names.</summary>
/// <param name="files">The files.</param>
/// <param name="run">Who runs it.</param>
/// <param name="asked">What was requested.</param>
internal sealed class KeyReport(ReportFiles files, RunRecord run, RevocationScope asked)
{
    /// <summary>Writes every file with the current state of the job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="endedAt">When it ended; <see langword="null"/> while it is still running and some results are not known yet.</param>
    /// <param name="requests">How many requests were answered.</param>
    /// <param name="warnings">The warnings so far.</param>
    /// <param name="fail">Called for each file that could not be written.</param>
    internal void Save(KeyRevocation job, DateTimeOffset? endedAt, int requests, IReadOnlyList<string> warnings, Action<ErrorRecord>? fail)
    {
        if (files.IsEmpty)
        {
            return;
        }

        var report = RevocationReport.Create(job, run with { EndedAt = endedAt }, asked with { Requests = requests }, warnings);
        files.Write(
            format => format switch
            {
                ReportFormat.Html => RevocationPage.ToBytes(report),
                ReportFormat.Csv => RevocationTable.ToBytes(report),
                _ => report.ToBytes(),
            },
            fail);
    }
}
