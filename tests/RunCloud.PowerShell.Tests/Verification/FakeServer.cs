using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RunCloud.PowerShell.Tests.Verification;

/// <summary>A server on the SSH port that is not an SSH server, or a broken one.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _work;
    private int _connections;

    private FakeServer(string greeting, bool closes)
    {
        Address = Sshd.NextAddress();
        _listener = new TcpListener(IPAddress.Parse(Address), Sshd.Port);
        _listener.Start();
        _work = Task.Run(() => ServeAsync(greeting, closes));
    }

    internal string Address { get; }

    /// <summary>Completes when somebody is there.</summary>
    internal Task Reached => _reached.Task;

    internal int Connections => Volatile.Read(ref _connections);

    /// <summary>Sends text and ends the connection.</summary>
    internal static FakeServer Says(string greeting) => new(greeting, closes: true);

    /// <summary>Sends text, then nothing more.</summary>
    internal static FakeServer Waits(string greeting = "") => new(greeting, closes: false);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _work;
        _stop.Dispose();
    }

    private async Task ServeAsync(string greeting, bool closes)
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = Interlocked.Increment(ref _connections);
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(greeting), _stop.Token);
                _ = _reached.TrySetResult();
                var buffer = new byte[1024];
                while (!closes && await client.GetStream().ReadAsync(buffer, _stop.Token) > 0)
                {
                    // The client's data is ignored.
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or System.IO.IOException or InvalidOperationException)
        {
            // The test is over, or the client has gone.
        }
    }
}
