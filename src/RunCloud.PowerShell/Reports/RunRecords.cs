using System.Collections;
using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>Records who ran a command, when, and against which endpoint.</summary>
internal static class RunRecords
{
    /// <summary>The record of a command.</summary>
    internal static RunRecord Create(PSCmdlet command, Context context, string? reason, DateTimeOffset startedAt, DateTimeOffset? endedAt) => new()
    {
        Command = command.MyInvocation.MyCommand.Name,
        Module = command.MyInvocation.MyCommand.Module?.Version?.ToString(),
        Powershell = (command.SessionState.PSVariable.GetValue("PSVersionTable") as IDictionary)?["PSVersion"]?.ToString(),
        Account = Environment.UserName,
        Computer = Environment.MachineName,
        Reason = ApiText.Printable(reason),
        StartedAt = startedAt,
        EndedAt = endedAt,
        Endpoint = context.Endpoint.ToString(),
        Context = context.Name,
    };
}
