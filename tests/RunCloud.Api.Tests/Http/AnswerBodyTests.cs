using System.Security.Cryptography;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Http;

/// <summary>An answer's body is read whole, whatever its size and however it arrives, up to its limit.</summary>
public sealed class AnswerBodyTests
{
    [Theory]
    [InlineData(0, 4096)]
    [InlineData(1, 1)]
    [InlineData(16_383, 4096)]
    [InlineData(16_384, 16_384)]
    [InlineData(16_385, 16_384)]
    [InlineData(100_000, 7)]
    [InlineData(3_000_000, 65_536)]
    public async Task A_body_is_the_same_however_it_arrives(int size, int step)
    {
        // The second one is read into buffers that the first one has used.
        foreach (var content in new[] { RandomNumberGenerator.GetBytes(size), RandomNumberGenerator.GetBytes(size) })
        {
            using var body = await ReadAsync(content, step, maximum: 8_000_000);
            Assert.Equal(content, body.Json.ToArray());
        }
    }

    [Fact]
    public async Task A_byte_order_mark_is_no_part_of_it()
    {
        using var body = await ReadAsync([0xEF, 0xBB, 0xBF, (byte)'1'], step: 2, maximum: 10);
        Assert.Equal("1"u8.ToArray(), body.Json.ToArray());
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(16_384)]
    [InlineData(1)]
    public async Task A_body_of_just_the_limit_is_read_and_one_byte_more_is_refused(int maximum)
    {
        using (var body = await ReadAsync(new byte[maximum], step: 4096, maximum))
        {
            Assert.Equal(maximum, body.Json.Length);
        }

        var content = new Steps(new byte[maximum + 20_000], step: 4096);
        _ = await Assert.ThrowsAsync<InvalidDataException>(() => AnswerBody.ReadAsync(content, maximum, () => new InvalidDataException(), Stop));
        Assert.InRange(content.Given, maximum + 1, maximum + 4096);
    }

    [Fact]
    public async Task Bodies_that_are_read_side_by_side_do_not_share_a_buffer()
    {
        var contents = Enumerable.Range(0, 50).Select(i => Enumerable.Repeat((byte)i, 40_000 + (i * 977)).ToArray()).ToList();
        var bodies = await Task.WhenAll(contents.Select(content => ReadAsync(content, step: 1000, maximum: 1_000_000)));
        Assert.Equal(contents, bodies.Select(body => body.Json.ToArray()));
        foreach (var body in bodies)
        {
            body.Dispose();
            body.Dispose();
        }

        var again = await Task.WhenAll(contents.Select(content => ReadAsync(content, step: 1000, maximum: 1_000_000)));
        Assert.Equal(contents, again.Select(body => body.Json.ToArray()));
    }

    private static Task<AnswerBody> ReadAsync(byte[] content, int step, int maximum) => AnswerBody.ReadAsync(new Steps(content, step), maximum, () => new InvalidDataException(), Stop);

    /// <summary>Gives a few bytes at a time.</summary>
    private sealed class Steps(byte[] content, int step) : MemoryStream(content)
    {
        internal int Given { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            var read = await base.ReadAsync(buffer[..Math.Min(step, buffer.Length)], cancellationToken);
            Given += read;
            return read;
        }
    }
}
