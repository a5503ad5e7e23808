using System;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace RunCloud.PowerShell.Tests.Verification;

/// <summary>A server on the SSH port that is not an SSH server, or a broken one.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly TcpListener listener;
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task work;
    private int connections;

    private FakeServer(string greeting, bool closes)
    {
        Address = Sshd.NextAddress();
        listener = new TcpListener(IPAddress.Parse(Address), Sshd.Port);
        listener.Start();
        work = Task.Run(() => ServeAsync(greeting, closes));
    }

    internal string Address { get; }

    /// <summary>Completes when somebody is there.</summary>
    internal Task Reached => reached.Task;

    internal int Connections => Volatile.Read(ref connections);

    /// <summary>Sends text and ends the connection.</summary>
    internal static FakeServer Says(string greeting) => new(greeting, closes: true);

    /// <summary>Sends text, then nothing more.</summary>
    internal static FakeServer Waits(string greeting = "") => new(greeting, closes: false);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await work;
        stop.Dispose();
    }

    private async Task ServeAsync(string greeting, bool closes)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(stop.Token);
                _ = Interlocked.Increment(ref connections);
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(greeting), stop.Token);
                _ = reached.TrySetResult();
                var buffer = new byte[1024];
                while (!closes && await client.GetStream().ReadAsync(buffer, stop.Token) > 0)
                {
                    // The client's data is ignored.
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or System.IO.IOException or ObjectDisposedException)
        {
            // The test is over, or the client has gone.
        }
    }
}
