using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Runtime.Versioning;
using System.Security;
using System.Text;
using RunCloud.Api;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests;

/// <summary>A simulated workspace and a shell that is connected to it: what most tests of the cmdlets begin with.</summary>
/// <remarks>
/// The shell has the variables <c>$token</c> (a SecureString) and <c>$endpoint</c>. It is connected without retries, so that a test which
/// causes a failure sees it at once, and practically without a time limit. The requests of the connection are removed from the log.
/// </remarks>
internal sealed class World : IAsyncDisposable
{
    /// <summary>Without retries, and with a time limit that comes after that of any test: a request that hangs is ended by what is tested, or not at all.</summary>
    internal const string Patient = "-MaximumRetryCount 0 -TimeoutSec 3600";

    private readonly ScreenWatch _watch;

    private World(RunCloudSimulator api, Shell shell, ScreenWatch watch)
    {
        Api = api;
        Shell = shell;
        _watch = watch;
    }

    internal RunCloudSimulator Api { get; }

    internal Shell Shell { get; }

    internal Fleet Fleet => Api.Fleet;

    internal RequestLog Requests => Api.Requests;

    internal FaultRules Faults => Api.Faults;

    /// <summary>
    /// Whether the assemblies under test support links, file modes and devices of Unix. Those for Windows PowerShell do not: they run on
    /// Windows only, outside these tests.
    /// </summary>
    [UnsupportedOSPlatformGuard("windows")]
#if DESKTOP
    internal static bool HasUnixFiles => false;
#else
    internal static bool HasUnixFiles => !OperatingSystem.IsWindows();
#endif

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A workspace made by hand.</summary>
    internal static async Task<World> StartAsync(
        Action<Fleet> build, SimulatorOptions? options = null, ShellOptions? shell = null, string? connect = Patient)
    {
        var fleet = new Fleet();
        build(fleet);
        return await StartAsync(options ?? new SimulatorOptions(), fleet, shell ?? new ShellOptions(), connect);
    }

    /// <summary>A workspace made from a seed.</summary>
    internal static Task<World> GenerateAsync(SimulatorOptions options, ShellOptions? shell = null, string? connect = Patient) =>
        StartAsync(options, Fleet.Generate(options), shell ?? new ShellOptions(), connect);

    /// <summary>A token as <c>-Token</c> takes it.</summary>
    internal static SecureString Secret(string text) => new NetworkCredential(string.Empty, text).SecurePassword;

    /// <summary>An ECDSA key: every such line begins with the same 50 characters.</summary>
    internal static string Key(int number, string comment = "dave@laptop") => TestKeys.Line(SshKeyKind.Ecdsa256, number, comment);

    internal Task<ShellResult> RunAsync(string script) => Shell.RunAsync(script, Cancellation);

    /// <summary>Runs a script that must succeed.</summary>
    internal async Task<ShellResult> MustAsync(string script)
    {
        var result = await RunAsync(script);
        Assert.Empty(result.Errors);
        Assert.Null(result.Terminating);
        Assert.True(result.LastSucceeded);
        return result;
    }

    /// <summary>Runs a script that must have one non-terminating error.</summary>
    internal async Task<ErrorRecord> FailsAsync(string script)
    {
        var result = await RunAsync("try { " + script + " } catch { 'it was terminating' }");
        Assert.DoesNotContain("it was terminating", result.Output.Select(item => item.ToString()));
        return Assert.Single(result.Errors);
    }

    /// <summary>Runs a script that must end with a terminating error.</summary>
    internal async Task<ErrorRecord> ThrowsAsync(string script)
    {
        // Without -ErrorAction Stop only a terminating error gets to the catch.
        var result = await RunAsync("try { " + script + "; 'it went on' } catch { $_ }");
        return Assert.IsType<ErrorRecord>(Assert.Single(result.Output).BaseObject);
    }

    /// <summary>Runs a script that must have one error of either kind.</summary>
    internal async Task<ErrorRecord> ThrowsOrFailsAsync(string script)
    {
        var result = await RunAsync("try { $null = " + script + " } catch { $_ }");
        return Assert.Single(result.OutputOf<ErrorRecord>().Concat(result.Errors));
    }

    /// <summary>The text of what a script gives, as the views show it.</summary>
    internal async Task<string> ShowAsync(string script) => (await Shell.RenderAsync(script, width: null, Cancellation)).Screen;

    /// <summary>Waits until a text is on the screen; verbose messages are where <c>$VerbosePreference</c> has them shown.</summary>
    internal Task WhenShownAsync(string text) => _watch.WhenShownAsync(text);

    /// <summary>Sets <c>$virtual</c> to a context whose time is the given one.</summary>
    internal Context AddVirtualContext(TimeProvider time, Func<RunCloudClientOptions, RunCloudClientOptions>? change = null)
    {
        using var token = Secret(Api.Token);
        var context = VirtualContext.Create(Api.Endpoint, token, time, change).Context;
        Shell.SetVariable("virtual", context);
        return context;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Stop the simulator first: that drops hanging requests, so that no command delays the end of its shell.
        await Api.DisposeAsync();
        Shell.Dispose();
        await _watch.DisposeAsync();
    }

    private static async Task<World> StartAsync(SimulatorOptions options, Fleet fleet, ShellOptions shellOptions, string? connect)
    {
        var api = await RunCloudSimulator.StartAsync(options, fleet, Cancellation);
        var screen = new ScreenWatch();
        var world = new World(api, new Shell(shellOptions with { Echo = screen }), screen);
        world.Shell.SetVariable("token", Secret(api.Token));
        world.Shell.SetVariable("endpoint", api.Endpoint);
        if (connect is not null)
        {
            _ = await world.MustAsync("Connect-RunCloud -Token $token -Endpoint $endpoint " + connect);
            api.Requests.Clear();
        }

        return world;
    }

    /// <summary>Tells when a text has been written to the screen.</summary>
    private sealed class ScreenWatch : TextWriter
    {
        private readonly Lock _gate = new();
        private readonly StringBuilder _shown = new();
        private (string Text, TaskCompletionSource Seen)? _wanted;

        internal ScreenWatch()
            : base(CultureInfo.InvariantCulture)
        {
        }

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => Write(value.ToString());

        public override void Write(string? value)
        {
            lock (_gate)
            {
                _ = _shown.Append(value);
                Look();
            }
        }

        internal Task WhenShownAsync(string text)
        {
            lock (_gate)
            {
                var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _wanted = (text, seen);
                Look();
                return seen.Task;
            }
        }

        private void Look()
        {
            if (_wanted is var (text, seen) && _shown.ToString().Contains(text, StringComparison.Ordinal))
            {
                _ = seen.TrySetResult();
            }
        }
    }
}
