using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using RunCloud.Demo;
using RunCloud.PowerShell.Tests.Hosting;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Demo;

/// <summary>The demo shows the job, proves it, and claims nothing that is not proved.</summary>
[Collection(ProcessEnvironmentCollection.Name)]
public sealed class DemoTests : IDisposable
{
    private readonly EnvironmentVariables _environment = new(("RUNCLOUD_API_TOKEN", null), ("RUNCLOUD_API_ENDPOINT", null));
    private readonly StringWriter _errors = new(CultureInfo.InvariantCulture);
    private readonly WatchedWriter _output = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _environment.Dispose();
        _errors.Dispose();
        _output.Dispose();
    }

    [Fact]
    public async Task The_demo_proves_what_it_claims()
    {
        Assert.Equal(0, await RunAsync());
        Assert.Contains("PROVED: every copy of the leaked key is gone", _output.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("FAILED", _output.Text, StringComparison.Ordinal);
        Assert.Contains("PS> $leaked | Remove-RunCloudSshCredential -WhatIf", _output.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ0eXAi", _output.Text, StringComparison.Ordinal);
        Assert.Empty(_errors.ToString());
    }

    [Fact]
    public async Task It_fits_a_screen_of_80_columns_but_for_what_is_typed()
    {
        Assert.True(await Tour.RunAsync(Tour.Workspace, new Stage(_output, 80, colour: false), Token));
        Assert.All(
            _output.Text.Split('\n').Where(line => !line.StartsWith("PS> ", StringComparison.Ordinal)),
            line => Assert.InRange(line.TrimEnd('\r').Length, 0, 80));
    }

    [Fact]
    public async Task A_server_that_keeps_a_key_it_says_it_deleted_is_detected()
    {
        SimulatorOptions lying = Tour.Workspace with { OfflineDelete = OfflineDelete.ClaimsAndKeeps };
        Assert.False(await Tour.RunAsync(lying, new Stage(_output, 120, colour: false), Token));
        Assert.Contains("NOT PROVED", _output.Text, StringComparison.Ordinal);
        Assert.Contains("FAILED  of 64 copies of the leaked key 5 are left", _output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_output_of_serve_can_be_pasted()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<int> serving = RunAsync(stop.Token, "--serve");
        await Task.WhenAny(_output.WhenWritten("Ctrl+C ends it."), serving);
        string[] pasted = [.. _output.Text.ReplaceLineEndings("\n").Split('\n')
            .Where(line => line.StartsWith('$') || line.Contains("-RunCloud", StringComparison.Ordinal) || line.StartsWith("Import-Module ", StringComparison.Ordinal))];
        Assert.Equal(8, pasted.Length);
        using var shell = new Shell(new ShellOptions { Module = null, Answers = [ShellAnswer.YesToAll] });
        ShellResult result = await shell.RunAsync(string.Join('\n', pasted), Token);
        await stop.CancelAsync();

        Assert.Equal(0, await serving);
        Assert.Equal(45 + 64, result.Output.Count);
        Assert.Contains(
            "of the leaked one 0 copies are left",
            string.Join(' ', _output.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--serv")]
    [InlineData("serve")]
    [InlineData("--port")]
    [InlineData("--port", "65536")]
    [InlineData("--port", "-1")]
    [InlineData("--serve", "--port", "http")]
    public async Task Bad_options_are_distinguished_from_failures(params string[] arguments)
    {
        Assert.Equal(Program.BadUsage, await RunAsync(Token, arguments));
        Assert.Contains("--help lists the options.", _errors.ToString(), StringComparison.Ordinal);
        Assert.Empty(_output.Text);
    }

    [Fact]
    public async Task Help_lists_the_options()
    {
        Assert.Equal(0, await RunAsync(Token, "--help"));
        Assert.All(["--serve", "--port", "--help"], option => Assert.Contains(option, _output.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_port_is_read()
    {
        Assert.True(DemoOptions.TryParse(["--serve", "--port", "8123"], out DemoOptions? options, out _));
        Assert.Equal(new DemoOptions(Help: false, Serve: true, Port: 8123), options);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_error()
    {
        await using RunCloudSimulator other = await RunCloudSimulator.StartAsync(cancellationToken: Token);
        Assert.Equal(Program.NotProved, await RunAsync(Token, "--port", other.Endpoint.Port.ToString(CultureInfo.InvariantCulture)));
        Assert.NotEmpty(_errors.ToString());
    }

    [Fact]
    public async Task Ctrl_C_ends_the_tour()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        _output.Seen = text =>
        {
            if (text.Contains("The rehearsal", StringComparison.Ordinal))
            {
                stop.Cancel();
            }
        };
        Assert.Equal(Program.Interrupted, await RunAsync(stop.Token));
        Assert.DoesNotContain("The removal", _output.Text, StringComparison.Ordinal);
    }

    private Task<int> RunAsync() => RunAsync(Token);

    private Task<int> RunAsync(CancellationToken cancellation, params string[] arguments) => Program.RunAsync(arguments, _output, _errors, cancellation);

    /// <summary>Keeps what is written, and tells when a text has been.</summary>
    private sealed class WatchedWriter : TextWriter
    {
        private readonly Lock _lock = new();
        private readonly StringBuilder _text = new();

        public override Encoding Encoding => Encoding.UTF8;

        public Action<string>? Seen { get; set; }

        public string Text
        {
            get
            {
                lock (_lock)
                {
                    return _text.ToString();
                }
            }
        }

        public override void Write(char value) => Write([value]);

        public override void Write(ReadOnlySpan<char> buffer)
        {
            lock (_lock)
            {
                _ = _text.Append(buffer);
            }

            Seen?.Invoke(Text);
        }

        public override void Write(string? value) => Write(value.AsSpan());

        public override void WriteLine(string? value) => Write(value + Environment.NewLine);

        public Task WhenWritten(string wanted)
        {
            var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Seen = text =>
            {
                if (text.Contains(wanted, StringComparison.Ordinal))
                {
                    _ = written.TrySetResult();
                }
            };
            Seen(Text);
            return written.Task;
        }
    }
}
