using System.Globalization;
using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>The base of every cmdlet: waiting on the pipeline thread, cancellation, traces, progress and errors.</summary>
public abstract partial class RunCloudCommand : PSCmdlet, IOutputOwner, IDisposable
{
    private const string RateLimit = "waiting for the rate limit";

    private readonly CancellationTokenSource _stop = new();
    private readonly PipelineThread _pipeline;
    private readonly ProgressMeter _progress;
    private readonly List<IOrderedOutput> _outputs = [];
    private OrderedWork? _work;
    private readonly List<string> _warnings = [];

    private protected RunCloudCommand(string activity)
    {
        _progress = new ProgressMeter(this, activity);
        _pipeline = new PipelineThread(_progress.Refresh);
    }

    /// <summary>Cancelled by Ctrl+C.</summary>
    private protected CancellationToken Stop => _stop.Token;

    /// <summary>Receives the traces of this cmdlet's requests.</summary>
    private protected IRequestObserver Observer => new Listener(this);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        _outputs.ForEach(output => output.Drain(isEnd: true));
        EndIfRefused(isEnd: true);
        _pipeline.DoPosted();
        _progress.Close();
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        _work?.Cancel();
        _stop.Cancel();
    }

    /// <summary>Ends the work.</summary>
    /// <param name="disposing">Whether it is called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _outputs.ForEach(output => output.Abandon());
            _work?.Dispose();
            _lanes.Values.ToList().ForEach(lane => lane.Dispose());
            _stop.Cancel();
            _progress.CloseAfterStop();
            _pipeline.Dispose();
            _stop.Dispose();
        }
    }

    /// <summary>Waits for work on other threads. Throws what the work throws, and ends at once on Ctrl+C.</summary>
    private protected T Await<T>(Func<CancellationToken, Task<T>> work)
    {
        var task = Task.Run(() => work(Stop));
        Wait(() => _pipeline.WaitFor(task, Stop));
        try
        {
            return task.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (Stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Passes on an asynchronous sequence item by item. Stopping early also ends the source.</summary>
    private protected IEnumerable<T> Stream<T>(IAsyncEnumerable<T> source)
    {
        var items = source.GetAsyncEnumerator(Stop);
        try
        {
            while (Await(_ => items.MoveNextAsync().AsTask()))
            {
                yield return items.Current;
            }
        }
        finally
        {
            // After Ctrl+C a step may still be running. It ends on its own and must not be disposed of.
            if (!Stop.IsCancellationRequested)
            {
                items.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
        }
    }

    /// <summary>
    /// Parallel work whose results are delivered in the order of the input. All outputs of a cmdlet share one limit. The end of the cmdlet waits
    /// for them, and Ctrl+C cancels them.
    /// </summary>
    /// <param name="limit">How many requests run in parallel, at most.</param>
    /// <param name="deliver">Receives the target and the result of one piece of work, on the pipeline thread.</param>
    /// <param name="unit">What one result is called in the progress; <see langword="null"/> if no progress is shown.</param>
    /// <param name="finishesWhatItBegan">Whether to wait for work that has begun even when its result is no longer needed.</param>
    private protected OrderedOutput<TResult> InOrder<TResult>(int limit, Action<object, TResult> deliver, string? unit = null, bool finishesWhatItBegan = false)
    {
        _work ??= new OrderedWork(limit);
        var output = new OrderedOutput<TResult>(this, _work, deliver) { Unit = unit, FinishesWhatItBegan = finishesWhatItBegan };
        _outputs.Add(output);
        return output;
    }

    /// <inheritdoc/>
    void IOutputOwner.WaitUntil(Func<bool> isSo) => Wait(() => _pipeline.WaitUntil(isSo, Stop));

    /// <inheritdoc/>
    void IOutputOwner.Post(Action action) => Post(action);

    /// <inheritdoc/>
    void IOutputOwner.Delivering(string? status)
    {
        if (status is not null)
        {
            Report(status);
        }

        TellNews();
    }

    /// <inheritdoc/>
    void IOutputOwner.WriteFailure(RunCloudException exception, object? target) => WriteFailure(exception, target);

    /// <inheritdoc/>
    WorkLane IOutputOwner.LaneOf(Origin origin)
    {
        // Before the first answer: the command before this one may end earlier, and would close the bar.
        _progress.Join();
        return LaneOf(origin);
    }

    /// <inheritdoc/>
    void IOutputOwner.Refuse(Origin origin, RunCloudException exception, object target) => Refuse(origin, exception, target);

    /// <summary>From any thread: queues an action for the next time the pipeline thread waits or reports.</summary>
    private protected void Post(Action action) => _pipeline.Post(action);

    /// <summary>Writes the messages that background work has queued.</summary>
    private protected void TellNews()
    {
        _pipeline.DoPosted();
        _progress.Refresh();
    }

    /// <summary>Every warning of this command so far, for reports, even if -WarningAction hides it.</summary>
    private protected IReadOnlyList<string> Warnings => _warnings;

    /// <summary>How many requests were answered so far, retries included.</summary>
    private protected int Requests { get; private set; }

    private protected void Report(string status) => _progress.Report(status);

    /// <summary>Counts one finished step that is not a request.</summary>
    private protected void StepDone() => _progress.RequestAnswered();

    /// <summary>Sets how many requests are still to come, as far as known.</summary>
    private protected void Expect(int requests) => _progress.Expect(requests);

    /// <summary>Writes an error and goes on, unless every later call would fail too.</summary>
    private protected void WriteFailure(RunCloudException exception, object? target)
    {
        var record = Failures.ToRecord(exception, target);
        if (exception.IsFatal)
        {
            ThrowTerminatingError(record);
        }

        WriteError(record);
    }

    /// <summary>Warns through the host when the streams are closed after Ctrl+C or another early end. -WarningAction is respected.</summary>
    private protected void WriteLastWords(string message)
    {
        _warnings.Add(message);
        var preference = MyInvocation.BoundParameters.TryGetValue("WarningAction", out var given) ? given : SessionState.PSVariable.GetValue("WarningPreference");
        if (Shows(preference))
        {
            Host?.UI?.WriteWarningLine(message);
        }
    }

    /// <summary>
    /// Writes a warning. With -Debug the engine asks after each warning whether to go on, and throws if it cannot ask. The warning has been
    /// written then, so the command goes on.
    /// </summary>
    private protected new void WriteWarning(string text)
    {
        _warnings.Add(text);
        Written(() => base.WriteWarning(text));
    }

    /// <summary>The same for a debug message, after which Windows PowerShell asks too.</summary>
    private protected new void WriteDebug(string text) => Written(() => base.WriteDebug(text));

    /// <summary>Asks, as -WhatIf, -Confirm and the preferences say. If it cannot ask, nothing is done.</summary>
    private protected bool IsConfirmed(string target, string action) => IsConfirmed(target, () => ShouldProcess(target, action));

    /// <summary>The same with a custom question.</summary>
    private protected bool IsConfirmed(string target, Func<bool> ask)
    {
        if (WouldAsk && !HostPrompt.IsThere(Host))
        {
            // The console host would read the answer from a redirected file or pipe, and might wait for it forever.
            ThrowTerminatingError(Failures.ConfirmationUnavailable(target, inner: null));
        }

        try
        {
            return ask();
        }
        catch (Exception e) when (e is not PipelineStoppedException && !Stopping)
        {
            ThrowTerminatingError(Failures.ConfirmationUnavailable(target, e));
            throw;
        }
    }

    /// <summary>Whether -WhatIf is in effect.</summary>
    private protected bool IsRehearsal => Given("WhatIf") ?? LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    /// <summary>Whether the engine would ask before a change, by its own rules.</summary>
    private bool WouldAsk => !IsRehearsal && (Given("Confirm")
        ?? (LanguagePrimitives.TryConvertTo<ConfirmImpact>(GetVariableValue("ConfirmPreference"), CultureInfo.InvariantCulture, out var asksFrom)
            && asksFrom != ConfirmImpact.None
            && Attribute.GetCustomAttribute(GetType(), typeof(CmdletAttribute)) is CmdletAttribute { SupportsShouldProcess: true } cmdlet
            && cmdlet.ConfirmImpact >= asksFrom));

    /// <summary>The value of a common switch; <see langword="null"/> if it was not given.</summary>
    private bool? Given(string name) => MyInvocation.BoundParameters.TryGetValue(name, out var given) && given is SwitchParameter { IsPresent: var isPresent } ? isPresent : null;

    private void Written(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (Given("Debug") == true && !Stopping && e is not PipelineStoppedException and not ActionPreferenceStopException)
        {
            // The engine could not ask, but the text has been written.
        }
    }

    private static void Wait(Action wait)
    {
        try
        {
            wait();
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Whether messages of a kind are shown. If not, they are not even made: there are several for each request.</summary>
    private bool IsShown(string kind) => Given(kind) ?? Shows(GetVariableValue(kind + "Preference"));

    /// <summary>Whether a preference does not silence messages. One that cannot be read does not.</summary>
    private static bool Shows(object? preference) =>
        !LanguagePrimitives.TryConvertTo<ActionPreference>(preference, CultureInfo.InvariantCulture, out var action)
        || action is not (ActionPreference.SilentlyContinue or ActionPreference.Ignore);

    private void Tell(RequestTrace trace, bool isShown)
    {
        Requests++;
        _progress.RequestAnswered();
        if (!isShown)
        {
            return;
        }

        WriteTrace(string.Join(" ", new[]
        {
            trace.Method,
            trace.Path,
            trace.Attempt > 1 ? $"(try {trace.Attempt})" : null,
            trace.Status is { } status ? $"{status}" : "no answer",
            FormattableString.Invariant($"{trace.Elapsed.TotalMilliseconds:0} ms"),
            trace.Remaining is { } remaining ? $"({remaining} left)" : null,
            trace.Failure,
        }.Where(part => part is not null)));
        WriteDebug("sent " + string.Join(", ", trace.RequestHeaders.Select(header => $"{header.Key} ({header.Value})")));
        WriteDebug("received " + string.Join(", ", trace.ResponseHeaders.Select(header => $"{header.Key} ({header.Value})")));
    }

    private void Tell(string reason, string shown, DateTimeOffset until)
    {
        _progress.WaitFor(shown, until);
        WriteTrace(FormattableString.Invariant($"{reason}: waiting {Math.Max(0, Math.Ceiling((until - DateTimeOffset.UtcNow).TotalSeconds))} s, until {until.UtcDateTime:HH:mm:ss} UTC"));
    }

    /// <summary>
    /// Writes a verbose message. With -Debug alone it writes a debug message, because the engine then asks after each verbose message whether to go on,
    /// and throws if it cannot ask.
    /// </summary>
    private void WriteTrace(string message)
    {
        var given = MyInvocation.BoundParameters;
        if (given.TryGetValue("Debug", out var debug) && debug is SwitchParameter { IsPresent: true } && !given.ContainsKey("Verbose"))
        {
            WriteDebug(message);
        }
        else
        {
            WriteVerbose(message);
        }
    }

    private sealed class Listener(RunCloudCommand command) : IRequestObserver
    {
        private readonly bool _isShown = command.IsShown("Verbose") || command.IsShown("Debug");

        /// <inheritdoc/>
        public bool WantsHeaders { get; } = command.IsShown("Debug");

        public void OnRequest(RequestTrace trace) => command._pipeline.Post(() => command.Tell(trace, _isShown));

        public void OnRateWait(DateTimeOffset until) => command._pipeline.Post(() => command.Tell("rate limit", RateLimit, until));

        public void OnRateWaitOver() => command._pipeline.Post(() => command._progress.EndWait(RateLimit));

        public void OnServerWait(DateTimeOffset until) => command._pipeline.Post(() => command.Tell("server busy", "RunCloud is busy, waiting", until));
    }
}
