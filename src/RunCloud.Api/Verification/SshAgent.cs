using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipes;
#if NET
using System.Net.Sockets;
#endif
using System.Runtime.InteropServices;

namespace RunCloud.Api;

/// <summary>
/// An SSH agent that has public keys only. A client asks it to sign with a key only after the server has accepted that key. The agent records
/// this, and refuses.
/// </summary>
/// <remarks>The agent protocol: a length of four bytes, and a message whose first byte is its kind (draft-miller-ssh-agent).</remarks>
internal sealed class SshAgent : IAsyncDisposable
{
    private const byte Failure = 5;
    private const byte RequestIdentities = 11;
    private const byte IdentitiesAnswer = 12;
    private const byte SignRequest = 13;
    private const int LongestMessage = 256 * 1024;

    private readonly IReadOnlyList<SshPublicKey> _keys;
    private readonly Func<int, string> _nameOf;
    private readonly HashSet<int> _accepted = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _tasks = [];
#if NET
    private Socket? _listener;
#endif

    /// <summary>Creates the agent and starts to listen.</summary>
    /// <param name="folder">The folder for the socket. Nobody else can enter it.</param>
    /// <param name="keys">The keys to offer.</param>
    /// <param name="nameOf">The name of each key in the client's log.</param>
    internal SshAgent(string folder, IReadOnlyList<SshPublicKey> keys, Func<int, string> nameOf)
    {
        _keys = keys;
        _nameOf = nameOf;
#if NET
        if (!OperatingSystem.IsWindows())
        {
            Address = Path.Combine(folder, "agent");
            _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            _listener.Bind(new UnixDomainSocketEndPoint(Address));
            _listener.Listen(4);
            _tasks.Add(Task.Run(ListenToSocketAsync));
            return;
        }
#endif
        var name = "runcloud-ssh-" + Path.GetFileName(folder);
        Address = @"\\.\pipe\" + name;
        _tasks.Add(Task.Run(() => ListenToPipeAsync(name)));
    }

    /// <summary>The value of the client's option <c>IdentityAgent</c>.</summary>
    internal string Address { get; }

    /// <summary>Whether the client asked for a signature of that key.</summary>
    internal bool WasAskedToSign(int key)
    {
        lock (_accepted)
        {
            return _accepted.Contains(key);
        }
    }

    /// <summary>Stops listening, and waits for the last client. It blocks no thread, because many connections may end at once.</summary>
    public async ValueTask DisposeAsync()
    {
#if NET
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener?.Dispose();
        _listener = null;
#else
        _stop.Cancel();
#endif
        Task[] all;
        lock (_tasks)
        {
            all = [.. _tasks];
        }

        try
        {
            await Task.WhenAll(all).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException or ExternalException)
        {
            // The client is gone.
        }

        _stop.Dispose();
    }

#if NET
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "Who serves the client disposes of it.")]
    private async Task ListenToSocketAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Begin(new NetworkStream(await _listener!.AcceptAsync(_stop.Token).ConfigureAwait(false), ownsSocket: true));
        }
    }
#endif

    /// <summary>On Windows: a named pipe with one instance per client.</summary>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "Who serves the client disposes of it.")]
    private async Task ListenToPipeAsync(string name)
    {
        while (!_stop.IsCancellationRequested)
        {
            var pipe = new NamedPipeServerStream(name, PipeDirection.InOut, maxNumberOfServerInstances: 4, PipeTransmissionMode.Byte, PipeOptions.Asynchronous);
            try
            {
                await pipe.WaitForConnectionAsync(_stop.Token).ConfigureAwait(false);
            }
            catch
            {
#if NET
                await pipe.DisposeAsync().ConfigureAwait(false);
#else
                pipe.Dispose();
#endif
                throw;
            }

            Begin(pipe);
        }
    }

    private void Begin(Stream client)
    {
        lock (_tasks)
        {
            _tasks.Add(Task.Run(() => ServeAsync(client)));
        }
    }

    private async Task ServeAsync(Stream client)
    {
        using (client)
        using (_stop.Token.Register(client.Dispose))
        {
            var length = new byte[sizeof(int)];
            while (await FillAsync(client, length).ConfigureAwait(false))
            {
                var size = BinaryPrimitives.ReadInt32BigEndian(length);
                if (size is < 1 or > LongestMessage)
                {
                    return;
                }

                var message = new byte[size];
                if (!await FillAsync(client, message).ConfigureAwait(false))
                {
                    return;
                }

                var answer = Framed(Answer(message));
                await client.WriteAllAsync(answer, _stop.Token).ConfigureAwait(false);
            }
        }
    }

    private byte[] Answer(byte[] message)
    {
        if (message[0] == RequestIdentities)
        {
            return Identities();
        }

        if (message[0] == SignRequest && new SshWireReader(message.AsSpan(1)) is var reader && reader.TryReadString(out var blob))
        {
            for (var i = 0; i < _keys.Count; i++)
            {
                if (_keys[i].Blob.Span.SequenceEqual(blob))
                {
                    lock (_accepted)
                    {
                        _ = _accepted.Add(i);
                    }
                }
            }
        }

        return [Failure];
    }

    private byte[] Identities()
    {
        var writer = new SshWireWriter(capacity: 256);
        for (var i = 0; i < _keys.Count; i++)
        {
            writer.WriteString(_keys[i].Blob.Span);
            writer.WriteString(System.Text.Encoding.ASCII.GetBytes(_nameOf(i)));
        }

        var count = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(count, _keys.Count);
        return [IdentitiesAnswer, .. count, .. writer.ToArray()];
    }

    private static byte[] Framed(byte[] answer)
    {
        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, answer.Length);
        return [.. length, .. answer];
    }

    private async Task<bool> FillAsync(Stream stream, byte[] buffer)
    {
        var filled = 0;
        while (filled < buffer.Length)
        {
            var read = await stream.ReadSomeAsync(buffer, filled, _stop.Token).ConfigureAwait(false);
            if (read == 0)
            {
                return false;
            }

            filled += read;
        }

        return true;
    }
}
