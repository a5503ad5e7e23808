using System;
using System.Management.Automation.Host;

namespace RunCloud.PowerShell;

/// <summary>Whether a prompt would reach a person: a scheduled task must not hang on one.</summary>
internal static class HostPrompt
{
    private const string ConsoleHostName = "ConsoleHost";

    /// <summary>The console's own host reads from a redirected input without complaint, to the end of the file; others know best themselves.</summary>
    internal static bool IsThere(PSHost host) => Environment.UserInteractive && !(host.Name == ConsoleHostName && Console.IsInputRedirected);
}
