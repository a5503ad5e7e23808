using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Microsoft.PowerShell;
using RunCloud.Testing.StandIns;
using Engine = System.Management.Automation.PowerShell;

namespace RunCloud.Testing;

/// <summary>
/// A PowerShell session inside this process with the staged module imported: the real engine, parser and binder, and a host that records.
/// One runspace each; one script at a time. Environment variables belong to the whole process, see <see cref="EnvironmentVariables"/>.
/// </summary>
/// <remarks>
/// The engine's package has the core commands alone. Stand-ins for some of the others are there under their usual names, each with the few
/// parameters that the tests, the demo and the README use.
/// </remarks>
public sealed class Shell : IDisposable
{
    // Left behind the last statement, to learn what $? was there.
    private const string LastSucceededVariable = "__RunCloudTestingLastSucceeded";
    private readonly Runspace _runspace;

    /// <summary>Opens a session.</summary>
    /// <param name="options">How it is set up; <see langword="null"/> for the defaults.</param>
    /// <exception cref="FileNotFoundException">The module has not been staged.</exception>
    /// <exception cref="RuntimeException">The module can't be imported.</exception>
    public Shell(ShellOptions? options = null)
    {
        StagedModule.UseItsAssemblies();
        options ??= new ShellOptions();
        if (options.Module is { } path && !File.Exists(path))
        {
            throw new FileNotFoundException("The module is not staged: build module/RunCloud.Module.csproj.", path);
        }

        Host = new ShellHost(options);
        var state = InitialSessionState.CreateDefault2();
        state.ThreadOptions = PSThreadOptions.ReuseThread;

        // What is installed on the machine must not change what is tested.
        state.Variables.Add(new SessionStateVariableEntry("PSModuleAutoLoadingPreference", PSModuleAutoLoadingPreference.None, description: null));
        state.Commands.Add(StandInCommands.All);
        if (OperatingSystem.IsWindows())
        {
            state.ExecutionPolicy = ExecutionPolicy.Bypass;
        }

        if (UsesDesktop(options.Module))
        {
            state.Formats.Add(new SessionStateFormatEntry(Path.ChangeExtension(StagedModule.Manifest, ".format.ps1xml")));
        }

        _runspace = RunspaceFactory.CreateRunspace(Host, state);
        try
        {
            _runspace.Open();
            UseCultures();
            if (options.Module is { } module)
            {
                Import(module);
            }
        }
        catch
        {
            // Its thread would keep the process alive.
            _runspace.Dispose();
            throw;
        }
    }

    /// <summary>What the session tells and asks.</summary>
    public ShellHost Host { get; }

    /// <summary>The screen and keyboard of <see cref="Host"/>.</summary>
    public ShellScreen Screen => Host.Screen;

    /// <summary>Sets a variable of the session, to hand an object to scripts.</summary>
    /// <param name="name">Its name without the dollar sign.</param>
    /// <param name="value">Its value.</param>
    public void SetVariable(string name, object? value) => _runspace.SessionStateProxy.SetVariable(name, value);

    /// <summary>The value of a variable of the session; <see langword="null"/> if there is none.</summary>
    /// <param name="name">Its name without the dollar sign.</param>
    public object? GetVariable(string name) => _runspace.SessionStateProxy.GetVariable(name);

    /// <summary>Runs a script to its end and keeps its objects.</summary>
    /// <param name="script">What a user would type.</param>
    /// <param name="cancellation">Stops it, as Ctrl+C does; the task still ends with the account.</param>
    public Task<ShellResult> RunAsync(string script, CancellationToken cancellation = default) => AwaitAsync(Start(script), cancellation);

    /// <summary>Runs a script as at a prompt: what comes out, errors too, is shown by the views and is in <see cref="ShellResult.Screen"/>.</summary>
    /// <param name="script">What a user would type.</param>
    /// <param name="width">The screen's width in columns for this run; <see langword="null"/> for its present one.</param>
    /// <param name="cancellation">Stops it, as Ctrl+C does; the task still ends with the account.</param>
    public Task<ShellResult> RenderAsync(string script, int? width = null, CancellationToken cancellation = default)
    {
        return WithWidthAsync(width, () => AwaitAsync(Begin(engine =>
        {
            _ = engine.AddScript(Watched(script));
            engine.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
            _ = engine.AddCommand("Out-Default");
        }), cancellation));
    }

    /// <summary>
    /// Runs a script file as <c>pwsh -File</c> does: in the global scope, with arguments that are all text, showing what comes out as it
    /// comes (<see cref="ShellOptions.Echo"/>, <see cref="ShellOptions.ErrorEcho"/>).
    /// </summary>
    /// <param name="path">The file, which is there.</param>
    /// <param name="arguments">The arguments as a process gets them: <c>-Name</c>, <c>-Name:value</c> or a value each.</param>
    /// <param name="cancellation">Stops it, as Ctrl+C does.</param>
    /// <returns>What the script's <c>exit</c> said; else 1 where something ended it, and 0 where nothing did.</returns>
    public async Task<int> RunFileAsync(string path, IReadOnlyList<string> arguments, CancellationToken cancellation = default)
    {
        EngineInternals.HandExitToHost(_runspace);
        var command = new Command(Path.GetFullPath(path), isScript: false, useLocalScope: false);
        command.MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        foreach (var argument in ScriptArguments.Read(arguments))
        {
            command.Parameters.Add(argument);
        }

        var result = await AwaitAsync(Begin(engine => engine.Commands.AddCommand(command).AddCommand("Out-Default")), cancellation).ConfigureAwait(false);
        if (result.Terminating is null || result.Stopped)
        {
            return Host.ExitCode ?? 0;
        }

        if ((result.Terminating as IContainsErrorRecord)?.ErrorRecord is { } record)
        {
            _ = await Begin(engine => engine.AddCommand("Out-Default").AddParameter("InputObject", EngineInternals.AsWritten(record))).Completion.ConfigureAwait(false);
        }

        return 1;
    }

    /// <summary>The text of objects in their default view.</summary>
    /// <param name="objects">The objects.</param>
    /// <param name="width">The screen's width in columns; <see langword="null"/> for its present one.</param>
    public async Task<string> FormatAsync(IEnumerable<object?> objects, int? width = null)
    {
        object?[] all = [.. objects];
        var result = await WithWidthAsync(width, () => Begin(engine =>
            engine.AddScript("param($objects) $objects").AddArgument(all).AddCommand("Out-Default")).Completion).ConfigureAwait(false);
        return result.Terminating is null ? result.Screen : throw new InvalidOperationException("The objects can't be shown.", result.Terminating);
    }

    /// <summary>Starts a script, to watch or stop it on its way.</summary>
    /// <param name="script">What a user would type.</param>
    public ShellRun Start(string script) => Begin(engine => engine.AddScript(Watched(script)));

    /// <summary>What the Tab key offers behind a text.</summary>
    /// <param name="text">The command line up to the cursor.</param>
    public async Task<IReadOnlyList<CompletionResult>> CompleteAsync(string text)
    {
        var result = await Begin(engine => engine.AddCommand("TabExpansion2").AddParameter("inputScript", text).AddParameter("cursorColumn", text.Length))
            .Completion.ConfigureAwait(false);
        return result.Terminating is null
            ? [.. result.OutputOf<CommandCompletion>().Single().CompletionMatches]
            : throw new InvalidOperationException("The line can't be completed.", result.Terminating);
    }

    /// <inheritdoc/>
    public void Dispose() => _runspace.Dispose();

    private static string Watched(string script) => script + "\n$global:" + LastSucceededVariable + " = $?";

    private static async Task<ShellResult> AwaitAsync(ShellRun run, CancellationToken cancellation)
    {
        await using (cancellation.Register(() => _ = run.StopAsync()).ConfigureAwait(false))
        {
            return await run.Completion.ConfigureAwait(false);
        }
    }

    private async Task<ShellResult> WithWidthAsync(int? width, Func<Task<ShellResult>> run)
    {
        var before = Screen.Width;
        Screen.Width = width ?? before;
        try
        {
            return await run().ConfigureAwait(false);
        }
        finally
        {
            Screen.Width = before;
        }
    }

    // The console program does this for its thread; the engine leaves the thread's cultures to anyone who hosts it.
    private void UseCultures()
    {
        using var engine = Engine.Create(_runspace);
        _ = engine.AddScript("param($culture, $uiCulture) [cultureinfo]::CurrentCulture = $culture; [cultureinfo]::CurrentUICulture = $uiCulture")
            .AddArgument(Host.CurrentCulture).AddArgument(Host.CurrentUICulture).Invoke();
    }

    private static bool UsesDesktop(string? module) => StagedModule.DesktopCmdlets is not null && module == StagedModule.Manifest;

    private void Import(string module)
    {
        using var engine = Engine.Create(_runspace);
        _ = engine.AddCommand("Import-Module").AddParameter("ErrorAction", ActionPreference.Stop);

        // This engine is of the edition Core, so by the manifest it would take the other folder.
        _ = UsesDesktop(module) ? engine.AddParameter("Assembly", StagedModule.DesktopCmdlets) : engine.AddParameter("Name", module);
        _ = engine.Invoke();
    }

    private ShellRun Begin(Action<Engine> compose)
    {
        SetVariable(LastSucceededVariable, value: null);
        var screenBefore = Screen.Text.Length;
        var progressBefore = Screen.Progress.Count;
        var promptsBefore = Screen.Prompts.Count;
        var engine = Engine.Create(_runspace);
        compose(engine);
        return new ShellRun(engine, (run, invocation) => new ShellResult
        {
            Output = run.Output,
            Errors = [.. engine.Streams.Error],
            Warnings = [.. engine.Streams.Warning.Select(record => record.Message)],
            Verbose = [.. engine.Streams.Verbose.Select(record => record.Message)],
            Debug = [.. engine.Streams.Debug.Select(record => record.Message)],
            Information = [.. engine.Streams.Information],
            Progress = [.. Screen.Progress.Skip(progressBefore)],
            Prompts = [.. Screen.Prompts.Skip(promptsBefore)],
            Screen = Screen.Text[screenBefore..],
            Terminating = invocation.Exception?.InnerException
                ?? (engine.InvocationStateInfo.State == PSInvocationState.Stopped ? new PipelineStoppedException() : null),
            LastSucceeded = (bool?)GetVariable(LastSucceededVariable),
            HadErrors = engine.HadErrors,
        });
    }
}
