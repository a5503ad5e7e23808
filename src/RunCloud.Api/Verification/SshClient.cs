using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace RunCloud.Api;

/// <summary>Where and as whom to connect.</summary>
/// <param name="Host">The address: an IP address, never a name.</param>
/// <param name="Port">The port.</param>
/// <param name="User">The user.</param>
internal sealed record SshDestination(string Host, int Port, string User);

/// <summary>The system's OpenSSH client, run without the user's configuration and keys. Only the user's known_hosts is read, and never written.</summary>
/// <param name="path">The program's full path.</param>
/// <param name="knownHosts">The file for new host keys.</param>
/// <param name="timeout">The time limit of a whole connection.</param>
internal sealed class SshClient(string path, string knownHosts, TimeSpan timeout)
{
    private static readonly string[] UserFiles = ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"];

    private static readonly bool IsWindows = Path.DirectorySeparatorChar == '\\';

    /// <summary>Fixed options: no configuration is read, and nothing is asked, forwarded, shared or run. The first value of an option counts.</summary>
    private static readonly string[] Fixed =
    [
        "BatchMode=yes",
        "IdentityAgent=SSH_AUTH_SOCK",
        "IdentityFile=none",
        "CertificateFile=none",
        "IdentitiesOnly=no",
        "PreferredAuthentications=publickey",
        "PubkeyAuthentication=yes",
        "PasswordAuthentication=no",
        "KbdInteractiveAuthentication=no",
        "HostbasedAuthentication=no",
        "AddKeysToAgent=no",
        "UpdateHostKeys=no",
        "CheckHostIP=no",
        "VerifyHostKeyDNS=no",
        "CanonicalizeHostname=no",
        "ProxyCommand=none",
        "ProxyJump=none",
        "ControlMaster=no",
        "ControlPath=none",
        "ForwardAgent=no",
        "ForwardX11=no",
        "ClearAllForwardings=yes",
        "PermitLocalCommand=no",
        "ConnectionAttempts=1",
        "LogLevel=DEBUG1",
        "FingerprintHash=sha256",
    ];

    /// <summary>The time limit of a connection.</summary>
    internal TimeSpan Timeout => timeout;

    /// <summary>The file for new host keys.</summary>
    internal string KnownHosts => knownHosts;

    /// <summary>The system's client; <see langword="null"/> if there is none.</summary>
    internal static string? Find()
    {
        var name = IsWindows ? "ssh.exe" : "ssh";
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator).Where(folder => folder.Trim().Length > 0);
        if (IsWindows)
        {
            folders = new[] { Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.System), "OpenSSH") }.Concat(folders);
        }

        return folders.Where(Path.IsPathRooted).Select(folder => Path.Combine(folder.Trim(), name)).FirstOrDefault(File.Exists);
    }

    /// <summary>Whether a path can be passed to the client. Its options cannot express some characters.</summary>
    internal static bool CanName(string file) => !file.Any(c => c is '"' or '\n' or '\r' or '\0' || (c == '\\' && !IsWindows)) && file.AsSpan().IndexOf("${".AsSpan(), StringComparison.Ordinal) < 0;

    /// <summary>Whether a user's name can be passed to the client.</summary>
    internal static bool CanNameUser(string user) =>
        user.Length is > 0 and <= 64 && user[0] != '-' && user.All(c => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '.' or '_' or '-' or '+');

    /// <summary>Makes one connection, and waits for its end.</summary>
    /// <param name="to">Where and as whom.</param>
    /// <param name="agent">The address of the agent.</param>
    /// <param name="takesNewHost">Whether a server with an unknown host key is accepted.</param>
    /// <param name="folder">The folder for the log.</param>
    /// <param name="cancellation">Ends the client at once.</param>
    /// <returns>What the client wrote, and whether it ended in time.</returns>
    internal async Task<(string Log, bool HasEnded)> RunAsync(SshDestination to, string agent, bool takesNewHost, string folder, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var log = Path.Combine(folder, "log");
        using var process = new Process { StartInfo = StartInfo(Arguments(to, takesNewHost, log), agent), EnableRaisingEvents = true };
        var exited = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.Exited += (_, _) => exited.TrySetResult(true);
        try
        {
            _ = process.Start();
        }
        catch (ExternalException e)
        {
            // Win32Exception itself is in an assembly that nothing else here needs.
            return ($"{path} could not be started: {e.Message}", HasEnded: true);
        }

        process.StandardInput.Close();
        var output = Task.WhenAll(DrainAsync(process.StandardOutput.BaseStream), DrainAsync(process.StandardError.BaseStream));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using (limit.Token.Register(() => Kill(process)))
        {
            limit.CancelAfter(timeout);
            _ = await exited.Task.ConfigureAwait(false);
        }

        var said = (await output.ConfigureAwait(false))[1];
        cancellation.ThrowIfCancellationRequested();

        // Errors in options are written before the log exists.
        var text = File.Exists(log) ? await ReadAsync(log).ConfigureAwait(false) : string.Empty;
        return (text.Length > 0 ? text : said, !limit.IsCancellationRequested);
    }

    private static async Task<string> ReadAsync(string file)
    {
        using var reader = new StreamReader(file, Encoding.UTF8);
        return await reader.ReadToEndAsync().ConfigureAwait(false);
    }

    /// <summary>Reads to the end, so that the client never blocks, and keeps the beginning.</summary>
    private static async Task<string> DrainAsync(Stream stream)
    {
        var kept = string.Empty;
        var buffer = new byte[4096];
        int read;
        while ((read = await stream.ReadSomeAsync(buffer, 0, CancellationToken.None).ConfigureAwait(false)) > 0)
        {
            kept += kept.Length < buffer.Length ? Encoding.UTF8.GetString(buffer, 0, read) : string.Empty;
        }

        return kept;
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or ExternalException)
        {
            // It has already ended.
        }
    }

    private ProcessStartInfo StartInfo(IEnumerable<string> arguments, string agent)
    {
        var start = new ProcessStartInfo(path, string.Join(" ", arguments.Select(Quoted)))
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in new[] { "SSH_ASKPASS", "SSH_SK_PROVIDER", "DISPLAY" })
        {
            _ = start.Environment.Remove(name);
        }

        // Through the environment, because versions differ in how options take a pipe's name.
        start.Environment["SSH_AUTH_SOCK"] = agent;
        start.Environment["SSH_ASKPASS_REQUIRE"] = "never";
        start.Environment["LC_ALL"] = "C";
        return start;
    }

    private IEnumerable<string> Arguments(SshDestination to, bool takesNewHost, string log)
    {
        string[] own =
        [
            $"UserKnownHostsFile={string.Join(" ", new[] { knownHosts }.Concat(UserFiles).Select(Option))}",
            $"StrictHostKeyChecking={(takesNewHost ? "accept-new" : "yes")}",
            FormattableString.Invariant($"ConnectTimeout={Math.Max(1, (int)timeout.TotalSeconds)}"),
        ];
        return ["-F", "none", "-v", "-E", log, "-N", "-T", .. Fixed.Concat(own).SelectMany(option => new[] { "-o", option }),
            "-l", to.User, "-p", to.Port.ToString(CultureInfo.InvariantCulture), "--", to.Host];
    }

    /// <summary>A path in an option: in quotes, and with % doubled, because % begins a token. Windows accepts both slashes.</summary>
    private static string Option(string path) => $"\"{new StringBuilder(path).Replace("%", "%%").Replace('\\', '/')}\"";

    /// <summary>An argument quoted for the command line: backslashes are doubled in front of a quote and at the end.</summary>
    private static string Quoted(string argument)
    {
        var quoted = new StringBuilder("\"");
        var slashes = 0;
        foreach (var c in argument)
        {
            if (c == '"')
            {
                _ = quoted.Append('\\', slashes + 1);
            }

            slashes = c == '\\' ? slashes + 1 : 0;
            _ = quoted.Append(c);
        }

        return quoted.Append('\\', slashes).Append('"').ToString();
    }
}
