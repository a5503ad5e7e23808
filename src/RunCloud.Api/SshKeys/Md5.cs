using System.Buffers.Binary;

namespace RunCloud.Api;

/// <summary>
/// MD5 (RFC 1321), for the fingerprints that older tools print. The platform's own class is not used because it throws on machines with a
/// FIPS policy, where an audit must still work. Nothing here relies on MD5 for security.
/// </summary>
internal static class Md5
{
    /// <summary>The length of a digest in bytes.</summary>
    public const int DigestLength = 16;

    private const int BlockLength = 64;

    private static readonly int[] Shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
    private static readonly uint[] Constants = BuildConstants();

    /// <summary>Writes the digest of the data, <see cref="DigestLength"/> bytes.</summary>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> digest)
    {
        Span<uint> state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476];
        var whole = data.Length / BlockLength * BlockLength;
        for (var i = 0; i < whole; i += BlockLength)
        {
            AddBlock(state, data.Slice(i, BlockLength));
        }

        // The remaining data, a one bit, zeros, and the length in bits in the last eight bytes of a block.
        Span<byte> tail = stackalloc byte[2 * BlockLength];
        tail.Clear();
        var left = data[whole..];
        left.CopyTo(tail);
        tail[left.Length] = 0x80;
        tail = left.Length < BlockLength - sizeof(ulong) ? tail[..BlockLength] : tail;
        BinaryPrimitives.WriteUInt64LittleEndian(tail[^sizeof(ulong)..], (ulong)data.Length * 8);
        for (var i = 0; i < tail.Length; i += BlockLength)
        {
            AddBlock(state, tail.Slice(i, BlockLength));
        }

        for (var i = 0; i < state.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(digest[(i * sizeof(uint))..], state[i]);
        }
    }

    private static void AddBlock(Span<uint> state, ReadOnlySpan<byte> block)
    {
        uint a = state[0], b = state[1], c = state[2], d = state[3];
        for (var i = 0; i < Constants.Length; i++)
        {
            var round = i / 16;
            var (mixed, word) = round switch
            {
                0 => ((b & c) | (~b & d), i),
                1 => ((b & d) | (c & ~d), (5 * i) + 1),
                2 => (b ^ c ^ d, (3 * i) + 5),
                _ => (c ^ (b | ~d), 7 * i),
            };
            var sum = a + mixed + Constants[i] + BinaryPrimitives.ReadUInt32LittleEndian(block[(word % 16 * sizeof(uint))..]);
            var shift = Shifts[(round * 4) + (i % 4)];
            (a, d, c, b) = (d, c, b, b + ((sum << shift) | (sum >> (32 - shift))));
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
    }

    private static uint[] BuildConstants()
    {
        var constants = new uint[64];
        for (var i = 0; i < constants.Length; i++)
        {
            constants[i] = (uint)(Math.Abs(Math.Sin(i + 1)) * 4294967296.0);
        }

        return constants;
    }
}
