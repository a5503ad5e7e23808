using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RunCloud.Platform.Tests.Desktop;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.Platform.Tests.Mono;

/// <summary>
/// The client of the Desktop folder at work under Mono, which is a runtime of the .NET Framework's kind: the nearest thing to Windows
/// PowerShell 5.1 that runs on Linux. Skipped where Mono is not installed; <c>.ci/run</c> installs it.
/// </summary>
public sealed class MonoTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_lists_revokes_and_reads_back_with_the_assemblies_of_the_desktop_folder()
    {
        await using var api = await StartAsync();
        var copies = api.Fleet.Snapshot().CopiesOf(api.Fleet.LeakedKey!).Count;
        var told = await RunAsync(api.Endpoint, api.Token, key: api.Fleet.LeakedKey);
        Assert.Equal("Mono", told["runtime"]);
        var file = Path.Combine(StagedModule.DesktopFolder, "RunCloud.Api.dll");
        Assert.Equal($"{file} {typeof(Api.RunCloudClient).Module.ModuleVersionId:D}", told["api"]);
        Assert.Equal(Path.Combine(StagedModule.DesktopFolder, "System.Text.Json.dll"), told["json"]);
        Assert.Equal("45", told["servers"]);
        Assert.NotEqual(0, copies);
        Assert.Equal(copies.ToString(CultureInfo.InvariantCulture), told["Removed"]);
        Assert.Empty(api.Fleet.Snapshot().CopiesOf(api.Fleet.LeakedKey!));
        Assert.Equal("0", told["exit code"]);
    }

    [Fact]
    public async Task It_speaks_https_and_refuses_an_untrusted_certificate()
    {
        await using var api = await StartAsync(new SimulatorOptions { UseTls = true });
        var byName = new UriBuilder(api.Endpoint) { Host = "localhost" }.Uri;
        var told = await RunAsync(byName, api.Token, certificate: api.Certificate!.RawData);
        Assert.Equal("45", told["servers"]);
        var refused = await RunAsync(byName, api.Token);
        Assert.Equal("ConnectionFailed", refused["error"]);
        Assert.DoesNotContain("servers", refused.Keys);
    }

    [Fact]
    public async Task It_keeps_the_rate_limit_and_gives_up_where_the_wait_is_too_long()
    {
        await using var api = await StartAsync(new SimulatorOptions { RateLimit = new RateLimit { Limit = 1, Window = TimeSpan.FromHours(1), SendResetAlways = true } });
        var told = await RunAsync(api.Endpoint, api.Token, maximumWait: 1);
        Assert.Equal("RateLimited", told["error"]);
        Assert.Single(api.Requests.All);
    }

    [Fact]
    public async Task It_asks_again_after_a_failure_of_the_server()
    {
        await using var api = await StartAsync();
        _ = api.Faults.Add(Fault.Status(503), path: "/servers", times: 2);
        var told = await RunAsync(api.Endpoint, api.Token, retries: 2);
        Assert.Equal("2", told["retries"]);
        Assert.Equal("45", told["servers"]);
    }

    [Fact]
    public async Task A_refused_connection_and_a_refused_token_are_told_apart()
    {
        int port;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        var told = await RunAsync(new Uri($"http://127.0.0.1:{port}/api/v3"), "token");
        Assert.Equal("ConnectionFailed", told["error"]);
        Assert.Equal("1", told["exit code"]);
        await using var api = await StartAsync();
        Assert.Equal("Unauthorized", (await RunAsync(api.Endpoint, "wrong"))["error"]);
    }

    private static Task<RunCloudSimulator> StartAsync(SimulatorOptions? options = null) =>
        RunCloudSimulator.StartAsync((options ?? new SimulatorOptions()) with { OfflineServers = 0, UnparsableKeys = 0 }, cancellationToken: Token);

    private static async Task<IReadOnlyDictionary<string, string>> RunAsync(
        Uri endpoint, string token, int retries = 0, int maximumWait = 0, string? key = null, byte[]? certificate = null)
    {
        Assert.SkipUnless(Programs.Has("mono"), "Mono is not installed (Debian: mono-runtime, libmono-system-net-http4.0-cil).");

        // A program first loads assemblies from its own folder, where the build has put copies.
        using var folder = new TemporaryFolder();
        var program = Path.Combine(folder.Path, Path.GetFileName(DesktopAssemblies.Job));
        File.Copy(DesktopAssemblies.Job, program);
        string[] arguments = [program, endpoint.ToString(), token, retries.ToString(CultureInfo.InvariantCulture), maximumWait.ToString(CultureInfo.InvariantCulture)];
        string? trusted = null;
        if (certificate is not null)
        {
            trusted = Path.Combine(folder.Path, "certificate.der");
            await File.WriteAllBytesAsync(trusted, certificate, Token);
        }

        var start = new ProcessStartInfo("mono", key is null ? arguments : [.. arguments, key])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["MONO_PATH"] = StagedModule.DesktopFolder, ["XDG_CONFIG_HOME"] = folder.Path, ["RUNCLOUD_JOB_CERTIFICATE"] = trusted },
        };
        using var process = Process.Start(start)!;
        var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(Token), process.StandardError.ReadToEndAsync(Token));
        await process.WaitForExitAsync(Token);
        Assert.True(texts[1].Length == 0, texts[1]);
        var told = texts[0].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim().Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        told["exit code"] = process.ExitCode.ToString(CultureInfo.InvariantCulture);
        return told;
    }
}
