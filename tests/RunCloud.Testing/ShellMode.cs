namespace RunCloud.Testing;

/// <summary>How a host meets a question.</summary>
public enum ShellMode
{
    /// <summary>From the scripted answers; a question without one is recorded and fails.</summary>
    Scripted,

    /// <summary>As <c>pwsh -NonInteractive</c>: every question throws <see cref="System.Management.Automation.PSInvalidOperationException"/> (seen in 7.6.5).</summary>
    NonInteractive,

    /// <summary>As a host without a user interface, a background job say: every question throws <see cref="System.Management.Automation.Host.HostException"/>.</summary>
    NoUserInterface,
}
