namespace RunCloud.Api;

/// <summary>Reading and writing in the same way on both targets.</summary>
internal static class StreamExtensions
{
    /// <summary>Reads available data, at most to the end of the buffer; 0 at the end of the stream.</summary>
    internal static async Task<int> ReadSomeAsync(this Stream stream, byte[] buffer, int offset, CancellationToken cancellation) =>
#if NET
        await stream.ReadAsync(buffer.AsMemory(offset), cancellation).ConfigureAwait(false);
#else
        await stream.ReadAsync(buffer, offset, buffer.Length - offset, cancellation).ConfigureAwait(false);
#endif

    /// <summary>Writes it all.</summary>
    internal static async Task WriteAllAsync(this Stream stream, byte[] content, CancellationToken cancellation)
    {
#if NET
        await stream.WriteAsync(content, cancellation).ConfigureAwait(false);
#else
        await stream.WriteAsync(content, 0, content.Length, cancellation).ConfigureAwait(false);
#endif
        await stream.FlushAsync(cancellation).ConfigureAwait(false);
    }
}
