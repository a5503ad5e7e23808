using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace RunCloud.Testing;

/// <summary>
/// A script file that runs in a process of its own, as a scheduled task does: RunCloud.Runner, without a terminal, and with nothing of
/// RunCloud's in its environment but what is given to it. A test that starts one refers to the project RunCloud.Runner.
/// </summary>
public sealed class ScriptProcess : IAsyncDisposable
{
    private const string OurVariables = "RUNCLOUD_";
    private readonly Process _process;

    private ScriptProcess(Process process)
    {
        _process = process;
        Completion = CompleteAsync();
    }

    /// <summary>Ends when the process has, however it did.</summary>
    public Task<ScriptResult> Completion { get; }

    /// <summary>Starts one.</summary>
    /// <param name="start">What is run, and where.</param>
    /// <exception cref="FileNotFoundException">RunCloud.Runner is not beside the running program.</exception>
    public static ScriptProcess Start(ScriptStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        string[] module = start.Module is { } manifest ? ["-Module", manifest] : [];
        var process = StartRunner(["-NoProfile", "-NonInteractive", .. module, "-File", start.Script, .. start.Arguments], info =>
        {
            info.RedirectStandardError = true;
            info.StandardErrorEncoding = Encoding.UTF8;
            info.WorkingDirectory = start.Folder ?? Path.GetTempPath();
            foreach ((var name, var value) in start.Environment)
            {
                info.Environment[name] = value;
            }
        });
        process.StandardInput.Close();
        return new ScriptProcess(process);
    }

    /// <summary>Starts RunCloud.Runner with its standard input and output redirected, and without RunCloud's variables.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="configure">Sets what else the process is started with; <see langword="null"/> for nothing.</param>
    internal static Process StartRunner(IReadOnlyList<string> arguments, Action<ProcessStartInfo>? configure = null)
    {
        var runner = Path.Combine(AppContext.BaseDirectory, "RunCloud.Runner.dll");
        if (!File.Exists(runner))
        {
            throw new FileNotFoundException("The project does not refer to RunCloud.Runner.", runner);
        }

        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var info = new ProcessStartInfo(DotNet(), ["exec", runner, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = utf8,
            StandardOutputEncoding = utf8,
        };
        foreach (var name in new List<string>(info.Environment.Keys))
        {
            if (name.StartsWith(OurVariables, StringComparison.OrdinalIgnoreCase))
            {
                _ = info.Environment.Remove(name);
            }
        }

        configure?.Invoke(info);
        return Process.Start(info)!;
    }

    /// <summary>Kills it, like SIGKILL or a power cut. Does nothing if it has ended.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Sends what Ctrl+C sends (SIGINT), where there are such signals.</summary>
    /// <returns>A task that ends when the signal was sent.</returns>
    public async Task InterruptAsync()
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)]) { UseShellExecute = false })!;
        await kill.WaitForExitAsync().ConfigureAwait(false);
    }

    /// <summary>Ends it, if it has not ended, and waits for that.</summary>
    /// <returns>A task that ends when the process has.</returns>
    public async ValueTask DisposeAsync()
    {
        Kill();
        _ = await Completion.ConfigureAwait(false);
        _process.Dispose();
    }

    // The test host is run by dotnet, a program of its own is not.
    private static string DotNet() =>
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) is "dotnet" ? path : "dotnet";

    private async Task<ScriptResult> CompleteAsync()
    {
        var texts = await Task.WhenAll(_process.StandardOutput.ReadToEndAsync(), _process.StandardError.ReadToEndAsync()).ConfigureAwait(false);
        await _process.WaitForExitAsync().ConfigureAwait(false);
        return new ScriptResult(_process.ExitCode, texts[0].ReplaceLineEndings("\n"), texts[1].ReplaceLineEndings("\n"));
    }
}

/// <summary>What a <see cref="ScriptProcess"/> is started with.</summary>
public sealed record ScriptStart
{
    /// <summary>The script file.</summary>
    public required string Script { get; init; }

    /// <summary>Its arguments as a process gets them: <c>-Name</c>, a value, <c>-Name:value</c>.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Environment variables; a <see langword="null"/> value takes one away.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>The working directory; <see langword="null"/> for the system's temporary folder, since a task starts anywhere.</summary>
    public string? Folder { get; init; }

    /// <summary>The manifest that is imported before; <see langword="null"/> if the script finds the module by <c>PSModulePath</c>.</summary>
    public string? Module { get; init; } = StagedModule.Manifest;
}

/// <summary>How a <see cref="ScriptProcess"/> ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote to the standard output: objects as the views show them, warnings and verbose lines.</param>
/// <param name="Errors">What it wrote to the standard error.</param>
public sealed record ScriptResult(int ExitCode, string Output, string Errors);
