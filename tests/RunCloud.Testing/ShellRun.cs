using System.Management.Automation;
using Engine = System.Management.Automation.PowerShell;

namespace RunCloud.Testing;

/// <summary>A script under way.</summary>
public sealed class ShellRun
{
    private readonly Engine _engine;
    private readonly PSDataCollection<PSObject> _output = [];
    private readonly Lock _end = new();
    private bool _ended;

    internal ShellRun(Engine engine, Func<ShellRun, Task, ShellResult> account)
    {
        _engine = engine;
        Completion = CompleteAsync(account);
    }

    /// <summary>Ends with the account of the run however the script ends; it never fails for what the script did.</summary>
    public Task<ShellResult> Completion { get; }

    /// <summary>The objects that have come out so far.</summary>
    public IReadOnlyList<PSObject> Output => [.. _output];

    /// <summary>Waits until a number of objects have come out.</summary>
    /// <param name="count">How many; at least 1.</param>
    /// <exception cref="InvalidOperationException">The script ended with fewer.</exception>
    public async Task WhenOutputAsync(int count)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(object? sender, EventArgs e)
        {
            if (_output.Count >= count)
            {
                _ = reached.TrySetResult();
            }
        }

        _output.DataAdded += Look;
        try
        {
            Look(sender: null, EventArgs.Empty);
            _ = await Task.WhenAny(reached.Task, Completion).ConfigureAwait(false);
            if (_output.Count < count)
            {
                throw new InvalidOperationException($"The script ended after {_output.Count} objects, not {count}.");
            }
        }
        finally
        {
            _output.DataAdded -= Look;
        }
    }

    /// <summary>Stops the script like Ctrl+C, and waits for its end. Earlier output is in the result. Does nothing if the script has ended.</summary>
    public Task StopAsync()
    {
        lock (_end)
        {
            if (!_ended)
            {
                // The handle that it returns is of no use: where the stop is quick, the engine has lost it already and returns null.
                _ = _engine.BeginStop(callback: null, state: null);
            }
        }

        return Completion;
    }

    private async Task<ShellResult> CompleteAsync(Func<ShellRun, Task, ShellResult> account)
    {
        Task invocation = Task.Factory.FromAsync(
            _engine.BeginInvoke<PSObject, PSObject>(input: null, _output), asyncResult => _ = _engine.EndInvoke(asyncResult));
        await Task.WhenAny(invocation).ConfigureAwait(false);
        var result = account(this, invocation);
        lock (_end)
        {
            _ended = true;
            _engine.Dispose();
        }

        return result;
    }
}
