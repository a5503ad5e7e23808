using System.Buffers;

namespace RunCloud.Api;

/// <summary>The whole body of an answer, in a buffer that is used again.</summary>
internal sealed class AnswerBody : IDisposable
{
    /// <summary>A page of 40 keys has less than twice as much.</summary>
    private const int UsualSize = 16 * 1024;

    /// <summary>No page needs more. The pool would keep larger buffers of an oversized answer for the rest of the session, for each thread.</summary>
    private const int LargestKept = 128 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(UsualSize);
    private int _length;

    private AnswerBody()
    {
    }

    /// <summary>The JSON, without the byte order mark that some servers put in front of it.</summary>
    internal ReadOnlySpan<byte> Json => JsonText.WithoutByteOrderMark(_buffer.AsSpan(0, _length));

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="content">The stream.</param>
    /// <param name="maximum">The maximum size in bytes.</param>
    /// <param name="tooLarge">The exception for a larger one.</param>
    /// <param name="cancellation">Stops reading.</param>
    internal static async Task<AnswerBody> ReadAsync(Stream content, int maximum, Func<Exception> tooLarge, CancellationToken cancellation)
    {
        var body = new AnswerBody();
        try
        {
            int read;
            do
            {
                body.MakeRoom();

                // One byte more than allowed shows that there is more.
                var room = Math.Min(body._buffer.Length, maximum + 1) - body._length;
#if NET
                read = await content.ReadAsync(body._buffer.AsMemory(body._length, room), cancellation).ConfigureAwait(false);
#else
                read = await content.ReadAsync(body._buffer, body._length, room, cancellation).ConfigureAwait(false);
#endif
                body._length += read;
                if (body._length > maximum)
                {
                    throw tooLarge();
                }
            }
            while (read > 0);

            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Replace([]);

    private void MakeRoom()
    {
        if (_length == _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(2 * _length);
            _buffer.CopyTo(larger, 0);
            Replace(larger);
        }
    }

    private void Replace(byte[] buffer)
    {
        if (_buffer.Length is > 0 and <= LargestKept)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = buffer;
    }
}
