using System.Management.Automation.Host;

namespace RunCloud.PowerShell;

/// <summary>Whether a prompt would reach a person. A scheduled task must not hang on a prompt.</summary>
internal static class HostPrompt
{
    private const string ConsoleHostName = "ConsoleHost";

    /// <summary>The console host reads answers from a redirected input without complaint. Other hosts decide for themselves.</summary>
    internal static bool IsThere(PSHost host) => Environment.UserInteractive && !(host.Name == ConsoleHostName && Console.IsInputRedirected);
}
