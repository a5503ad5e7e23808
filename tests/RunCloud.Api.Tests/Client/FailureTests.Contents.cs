using System.Collections;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <content>Bodies that do not end, break off or hang.</content>
public sealed partial class FailureTests
{
    /// <summary>A JSON string that never ends.</summary>
    private sealed class EndlessContent(long? announced) : HttpContent
    {
        internal long Read { get; private set; }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(new Letters(this));

        protected override bool TryComputeLength(out long length)
        {
            length = announced ?? 0;
            return announced is not null;
        }

        private sealed class Letters(EndlessContent owner) : MemoryStream
        {
            public override int Read(byte[] buffer, int offset, int count) => Fill(buffer.AsSpan(offset, count));

            public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.FromResult(Fill(buffer.AsSpan(offset, count)));

            public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Fill(buffer.Span));

            private int Fill(Span<byte> buffer)
            {
                buffer.Fill((byte)'x');
                if (owner.Read == 0)
                {
                    "{\"message\":\""u8.CopyTo(buffer);
                }

                owner.Read += buffer.Length;
                return buffer.Length;
            }
        }
    }

    /// <summary>A body that breaks off after some text.</summary>
    private sealed class BreakingContent(string text, Func<Exception> failure) : HttpContent
    {
        internal BreakingContent(string text, Exception? failure = null)
            : this(text, () => failure ?? new IOException("The connection was reset."))
        {
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(new Breaking(Encoding.UTF8.GetBytes(text), failure));

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        private sealed class Breaking(byte[] bytes, Func<Exception> failure) : MemoryStream(bytes)
        {
            public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
                Position < Length ? base.ReadAsync(buffer, cancellationToken) : throw failure();
        }
    }

    /// <summary>A body that never comes.</summary>
    private sealed class HangingContent(Action hung) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(new Hanging(hung));

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        private sealed class Hanging(Action hung) : MemoryStream
        {
            public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            {
                hung();
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return 0;
            }
        }
    }
}
