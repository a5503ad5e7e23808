using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <content>Results: rows, errors, leftovers, the report file, and the summary after Ctrl+C.</content>
public abstract partial class KeyCommand
{
    private void WriteAccounts()
    {
        if (_job!.SecondListFailure is { IsFatal: false } broken)
        {
            WriteError(Failures.ToRecord(new RunCloudException(
                broken.Error, $"The servers could not be listed again after the changes, so servers added in the meantime were not checked. {broken.Message}", broken), target: null));
        }

        var accounts = _job.Accounts();
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

    /// <summary>Looks for what the removals leave behind on the changed servers, and says what the API cannot remove.</summary>
    private void Inspect()
    {
        if (_job!.Accounts().All(account => account.Removals.All(removal => !removal.IsGoodEnd && removal.Outcome != RemovalStatus.Unconfirmed) && account.Additions.Length == 0))
        {
            return;
        }

        if (!SkipInspection)
        {
            foreach (var _ in Stream(_job.InspectAsync(Stop)))
            {
                Report(FormattableString.Invariant($"{_job.Leftovers.Count} servers inspected"));
            }
        }

        foreach (var item in _job.Leftovers.SelectMany(left => left.Sessions.Cast<object>().Concat(left.Holders).Concat(left.NotComparable)))
        {
            WriteInformation(item, ["RunCloudLeftover"]);
        }

        WriteWarning(new LeftoverText(_job.Leftovers).ToString());
    }

    /// <summary>The outcome of the credentials, after Ctrl+C. The streams are closed then, so it goes to the host.</summary>
    private void SayLast()
    {
        foreach (var line in LastWords.Of(_job!.Accounts()))
        {
            WriteLastWords(line);
        }
    }

    private void SaveFinalReport(Action<ErrorRecord>? fail)
    {
        _isReported = true;
        _report!.Save(_job!, DateTimeOffset.UtcNow, Requests, Warnings, fail);
    }
}
