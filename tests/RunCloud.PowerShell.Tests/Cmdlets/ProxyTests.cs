using System.Collections.Concurrent;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>What Connect-RunCloud tells a proxy.</summary>
public sealed class ProxyTests
{
    private const string Connect = "Connect-RunCloud $token -Endpoint https://manage.example.test/api/v3 -MaximumRetryCount 0";

    [Theory]
    [InlineData("-Proxy \"http://$address\" -ProxyCredential $credential", "dave:se:cret/")]
    [InlineData("-Proxy \"http://dave:se%3Acret%2F@$address\"", "dave:se:cret/")]
    [InlineData("-Proxy \"http://$address\"", null)]
    public async Task The_credential_that_was_given_goes_to_the_proxy_and_no_other(string parameters, string? told)
    {
        await using var proxy = new Proxy();
        using var shell = new Shell();
        shell.SetVariable("token", World.Secret("token-of-a-workspace"));
        shell.SetVariable("credential", new PSCredential("dave", World.Secret("se:cret/")));
        shell.SetVariable("address", proxy.Address);

        var result = await shell.RunAsync($"try {{ {Connect} {parameters} }} catch {{ $_ }}", TestContext.Current.CancellationToken);

        _ = Assert.IsType<ErrorRecord>(Assert.Single(result.Output).BaseObject).MustBe("ProxyRefused", ErrorCategory.PermissionDenied);
        var heads = string.Concat(proxy.Heads);
        Assert.Equal(told is not null, heads.Contains("Proxy-Authorization:", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(told is null ? string.Empty : "Proxy-Authorization: Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(told)), heads, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("token-of-a-workspace", heads, StringComparison.Ordinal);
        Assert.DoesNotContain("cret", result.Screen, StringComparison.Ordinal);
    }

    /// <summary>Asks for a password, whatever it is told, and keeps what it was told.</summary>
    private sealed class Proxy : IAsyncDisposable
    {
        private const string Refusal = "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _serving;

        internal Proxy()
        {
            _listener.Start();
            _serving = ServeAsync();
        }

        internal string Address => _listener.LocalEndpoint.ToString()!;

        internal ConcurrentQueue<string> Heads { get; } = [];

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Dispose();
            await _serving;
            _stop.Dispose();
        }

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                    await AnswerAsync(client.GetStream());
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or InvalidOperationException)
            {
                Assert.True(_stop.IsCancellationRequested, e.ToString());
            }
        }

        private async Task AnswerAsync(NetworkStream stream)
        {
            var head = new StringBuilder();
            var buffer = new byte[4096];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                var read = await stream.ReadAsync(buffer, _stop.Token);
                if (read == 0)
                {
                    return;
                }

                _ = head.Append(Encoding.ASCII.GetString(buffer, 0, read));
            }

            Heads.Enqueue(head.ToString());
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Refusal), _stop.Token);
        }
    }
}
