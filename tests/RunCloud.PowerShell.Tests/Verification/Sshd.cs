using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Verification;

/// <summary>A real sshd on a loopback address of its own, with configuration and authorized keys of its own.</summary>
internal sealed class Sshd : IAsyncDisposable
{
    private const string Program = "/usr/sbin/sshd";
    private static readonly Lazy<int> FreePort = new(FindPort);
    private static int _addresses;

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _log = [];
    private readonly TaskCompletionSource<bool> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _disconnected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;

    private Sshd() => Address = NextAddress();

    /// <summary>The port of all of them, so that one call can ask several.</summary>
    internal static int Port => FreePort.Value;

    internal string Address { get; }

    /// <summary>A folder for files that the configuration names.</summary>
    internal string Folder => _folder.Path;

    internal string HostKeyFile => Path.Combine(Folder, "host");

    /// <summary>Completes when a client has gone.</summary>
    internal Task Disconnected => _disconnected.Task;

    /// <summary>What the server wrote.</summary>
    internal IReadOnlyList<string> Log
    {
        get
        {
            lock (_log)
            {
                return [.. _log];
            }
        }
    }

    internal int Connections => Log.Count(line => line.StartsWith("Connection from ", StringComparison.Ordinal));

    /// <summary>An address of this machine that nobody else uses.</summary>
    internal static string NextAddress()
    {
        var number = Interlocked.Increment(ref _addresses);
        return FormattableString.Invariant($"127.{100 + (Environment.ProcessId % 100)}.{number / 250}.{(number % 250) + 1}");
    }

    /// <summary>Skips the test if sshd is missing.</summary>
    internal static void Require()
    {
        RequireClient();
        Assert.SkipUnless(File.Exists(Program), "There is no OpenSSH server on this machine (openssh-server).");
        Assert.SkipUnless(Environment.UserName == "root", "An sshd that is not root's lets in its own user alone.");
    }

    /// <summary>Skips the test if the client is missing.</summary>
    internal static void RequireClient() => Assert.SkipUnless(Api.SshClient.Find() is not null, "There is no OpenSSH client on this machine (openssh-client).");

    internal static async Task<Sshd> StartAsync(Action<Sshd>? prepare = null, params string[] configuration)
    {
        Require();
        var server = new Sshd();
        try
        {
            _ = Directory.CreateDirectory("/run/sshd");
            _ = Directory.CreateDirectory(Path.Combine(server.Folder, "keys"));
            LetRead(server.Folder, (UnixFileMode)0b111_101_101);
            await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", server.HostKeyFile);
            prepare?.Invoke(server);
            await server.ListenAsync(configuration);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Puts lines into a user's authorized_keys.</summary>
    internal void Authorize(string user, params string[] lines)
    {
        var file = Path.Combine(Folder, "keys", user);
        File.WriteAllLines(file, lines);
        LetRead(file, (UnixFileMode)0b110_100_100);
    }

    private static void LetRead(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    internal static async Task RunAsync(string program, params string[] arguments)
    {
        using var tool = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var error = tool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        _ = await tool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tool.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(tool.ExitCode == 0, await error);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
            _process.Dispose();
        }

        _folder.Dispose();
    }

    private async Task ListenAsync(string[] configuration)
    {
        // Of a setting that is given twice sshd takes the first.
        string[] lines =
        [
            FormattableString.Invariant($"Port {Port}"), $"ListenAddress {Address}", $"HostKey {HostKeyFile}", "PidFile none", "LogLevel VERBOSE", "StrictModes no", "UsePAM no",
            .. configuration,
            $"AuthorizedKeysFile {Folder}/keys/%u", "PermitRootLogin yes", "KbdInteractiveAuthentication no", "PasswordAuthentication no",
        ];
        var file = Path.Combine(Folder, "config");
        await File.WriteAllLinesAsync(file, lines);
        _process = new Process { StartInfo = new ProcessStartInfo(Program, ["-D", "-e", "-f", file]) { UseShellExecute = false, RedirectStandardError = true } };
        _process.ErrorDataReceived += (_, line) => Add(line.Data);
        _ = _process.Start();
        _process.BeginErrorReadLine();
        Assert.True(await _listening.Task, string.Join('\n', Log));
    }

    private void Add(string? line)
    {
        if (line is null)
        {
            _ = _listening.TrySetResult(false);
            return;
        }

        lock (_log)
        {
            _log.Add(line);
        }

        if (line.StartsWith("Server listening on ", StringComparison.Ordinal))
        {
            _ = _listening.TrySetResult(true);
        }
        else if (line.Contains(" closed ", StringComparison.Ordinal))
        {
            _ = _disconnected.TrySetResult();
        }
    }

    private static int FindPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
