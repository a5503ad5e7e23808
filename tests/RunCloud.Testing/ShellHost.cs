using System.Globalization;
using System.Management.Automation.Host;

namespace RunCloud.Testing;

/// <summary>A host for the PowerShell engine which records all that it is told and asked.</summary>
public sealed class ShellHost : PSHost
{
    private readonly CultureInfo _culture;

    /// <summary>Creates a host.</summary>
    /// <param name="options">How it looks and answers.</param>
    public ShellHost(ShellOptions options)
    {
        _culture = options.Culture;
        Screen = new ShellScreen(options);
    }

    /// <summary>The screen and the keyboard.</summary>
    public ShellScreen Screen { get; }

    /// <summary>The code that a script asked the program to end with by <c>exit</c>; <see langword="null"/> if none did.</summary>
    public int? ExitCode { get; private set; }

    /// <inheritdoc/>
    public override CultureInfo CurrentCulture => _culture;

    /// <inheritdoc/>
    public override CultureInfo CurrentUICulture { get; } = CultureInfo.GetCultureInfo("en-US");

    /// <inheritdoc/>
    public override Guid InstanceId { get; } = Guid.NewGuid();

    /// <inheritdoc/>
    public override string Name => "RunCloud.Testing";

    /// <inheritdoc/>
    public override PSHostUserInterface UI => Screen;

    /// <inheritdoc/>
    public override Version Version { get; } = new(1, 0);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: nobody is there to leave a nested prompt.</exception>
    public override void EnterNestedPrompt() => throw new NotSupportedException("This host has no nested prompt.");

    /// <inheritdoc/>
    public override void ExitNestedPrompt()
    {
    }

    /// <inheritdoc/>
    public override void NotifyBeginApplication()
    {
    }

    /// <inheritdoc/>
    public override void NotifyEndApplication()
    {
    }

    /// <inheritdoc/>
    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;
}
