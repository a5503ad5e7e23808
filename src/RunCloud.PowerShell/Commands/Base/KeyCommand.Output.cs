using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <content>The account: rows, errors, leftovers, the report file, and the last words after Ctrl+C.</content>
public abstract partial class KeyCommand
{
    private void WriteAccounts()
    {
        if (job!.SecondListFailure is { IsFatal: false } broken)
        {
            WriteError(Failures.ToRecord(new RunCloudException(
                broken.Error, $"The servers could not be listed again after the changes, so servers that were added meanwhile are not known. {broken.Message}", broken), target: null));
        }

        var accounts = job.Accounts();
        foreach (var account in accounts)
        {
            WriteObject(account);
            if (account.Failure is { } failure)
            {
                WriteError(Failures.ToRecord(failure, account.Server));
            }

            foreach (var error in account.Removals.Select(Failures.ToRecord).OfType<ErrorRecord>())
            {
                WriteError(error);
            }
        }

        WriteInformation(
            string.Join("; ", accounts.GroupBy(account => account.Status, StringComparer.Ordinal).Select(group => FormattableString.Invariant($"{group.Key}: {group.Count()}"))),
            ["RunCloudSummary"]);
    }

    /// <summary>Looks for what the removals leave behind on the servers that they touched, and says what the API cannot do about it.</summary>
    private void Inspect()
    {
        if (job!.Accounts().All(account => account.Removals.All(removal => !removal.IsGoodEnd && removal.Outcome != RemovalStatus.Unconfirmed) && account.Additions.Length == 0))
        {
            return;
        }

        if (!SkipInspection)
        {
            foreach (var _ in Stream(job.InspectAsync(Stop)))
            {
                Report(FormattableString.Invariant($"{job.Leftovers.Count} servers inspected"));
            }
        }

        foreach (var item in job.Leftovers.SelectMany(left => left.Sessions.Cast<object>().Concat(left.Holders).Concat(left.NotComparable)))
        {
            WriteInformation(item, ["RunCloudLeftover"]);
        }

        WriteWarning(new LeftoverText(job.Leftovers).ToString());
    }

    /// <summary>
    /// After Ctrl+C: how many credentials are gone, in doubt and untouched, in one line, and those in doubt by name. The streams are closed by
    /// then; the host still listens.
    /// </summary>
    private void SayLast()
    {
        var removals = job!.Accounts().SelectMany(account => account.Removals).ToList();
        var inDoubt = removals.Where(removal => removal.Outcome == RemovalStatus.Unconfirmed).ToList();
        WriteLastWords(FormattableString.Invariant(
            $"Stopped: {removals.Count(removal => removal.IsGoodEnd)} credentials gone, {inDoubt.Count} in doubt, {removals.Count(removal => removal.Outcome == RemovalStatus.Failed)} still there. Run the command again."));
        foreach (var removal in inDoubt)
        {
            WriteLastWords($"{removal}.");
        }
    }

    private void SaveFinalReport(Action<ErrorRecord>? fail)
    {
        isReported = true;
        SaveReport(job!.Accounts(), DateTimeOffset.UtcNow, job.IsComplete, fail);
    }

    private void SaveReport(IEnumerable<SshKeyRevocation> servers, DateTimeOffset? endedAt, bool isComplete, Action<ErrorRecord>? fail)
    {
        if (reportFile is null)
        {
            return;
        }

        var report = new RevocationReport
        {
            Command = MyInvocation.MyCommand.Name,
            StartedAt = startedAt,
            EndedAt = endedAt,
            Keys = [.. change!.Keys.Select(key => key.ToString())],
            Complete = isComplete,
            Servers = [.. servers.Select(account => new RevocationReport.ServerEntry(account))],
            Leftovers = [.. job!.Leftovers.Select(left => new RevocationReport.LeftoverEntry(left))],
        };
        try
        {
            PrivateFile.Write(reportFile, report.ToBytes(), replace: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fail?.Invoke(Failures.ReportNotSaved(e, reportFile));
        }
    }
}
