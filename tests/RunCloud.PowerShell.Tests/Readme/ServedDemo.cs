using System.Collections.Concurrent;
using System.Globalization;
using RunCloud.Demo;
using Xunit;

namespace RunCloud.PowerShell.Tests.Readme;

/// <summary>The demo with <c>--serve</c>, before which somebody sits who reads the README.</summary>
internal sealed class ServedDemo : IAsyncDisposable
{
    /// <summary>The errors that the workspace is made for: a value that is no key, and servers that do not answer.</summary>
    public static readonly IReadOnlyList<string> Expected = ["SshCredentialNotComparable", "RemovalUnconfirmed", "ServerUnreachable"];

    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly WatchedWriter _screen = new();
    private readonly StringWriter _errors = new(CultureInfo.InvariantCulture);
    private readonly Keyboard _keyboard = new();
    private readonly Task<int> _run;

    private ServedDemo(string[] options) => _run = Program.RunAsync(["--serve", .. options], _screen, _errors, _keyboard, _stop.Token);

    /// <summary>What it shows, with one blank for each gap, wherever a line ends.</summary>
    public string Text => string.Join(' ', _screen.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The lines that are there to be pasted.</summary>
    public IReadOnlyList<string> Pasted =>
    [
        .. _screen.Text.ReplaceLineEndings("\n").Split('\n')
            .Where(line => line.StartsWith('$') || line.StartsWith("Set-Location ", StringComparison.Ordinal) || line.StartsWith("Import-Module ", StringComparison.Ordinal)),
    ];

    /// <summary>The sections of the README that have something to type, "Install" aside, which is about the repository: heading and blocks.</summary>
    public static IReadOnlyList<(string Heading, string Script)> Sections() =>
    [
        .. MarkdownCode.Of("README.md").Where(block => block.IsPowerShell && block.Heading is not "Install")
            .GroupBy(block => block.Heading, StringComparer.Ordinal).Select(section => (section.Key, string.Join('\n', section.Select(block => block.Text)))),
    ];

    /// <summary>Starts it on a free port, unless an option says otherwise.</summary>
    /// <param name="options">Options beside <c>--serve</c>.</param>
    public static async Task<ServedDemo> StartAsync(params string[] options)
    {
        var demo = new ServedDemo(options.Length == 0 ? ["--port", "0"] : options);
        await Task.WhenAny(demo._screen.WhenWritten(text => text.Contains("ends it.", StringComparison.Ordinal)), demo._run);
        return demo._run.IsCompleted ? throw new InvalidOperationException($"The demo ended with {await demo._run}: {demo._errors}") : demo;
    }

    /// <summary>Presses Enter, and waits until workspace and folder are as at the start.</summary>
    public async Task StartAfreshAsync()
    {
        var before = Restarts(_screen.Text);
        _keyboard.PressEnter();
        await Task.WhenAny(_screen.WhenWritten(text => Restarts(text) > before), _run);
        Assert.False(_run.IsCompleted);
    }

    /// <summary>Presses Ctrl+C.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        await _stop.CancelAsync();
        return await _run;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _ = await StopAsync();
        _keyboard.Dispose();
        _stop.Dispose();
        await _screen.DisposeAsync();
        await _errors.DisposeAsync();
    }

    private static int Restarts(string text) => text.Split("as at the start again").Length - 1;

    /// <summary>Lines that come when somebody presses Enter.</summary>
    private sealed class Keyboard : TextReader
    {
        private readonly BlockingCollection<string> _lines = [];

        public void PressEnter() => _lines.Add("");

        public override string? ReadLine()
        {
            try
            {
                return _lines.TryTake(out var line, Timeout.Infinite) ? line : null;
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
        }

        protected override void Dispose(bool disposing)
        {
            // Anyone who waits for a line hears that there is none.
            _lines.CompleteAdding();
            _lines.Dispose();
            base.Dispose(disposing);
        }
    }
}
