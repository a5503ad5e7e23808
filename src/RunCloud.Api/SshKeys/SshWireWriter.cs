using System.Buffers.Binary;

namespace RunCloud.Api;

/// <summary>Writes the data types of RFC 4251 section 5 as OpenSSH writes them.</summary>
internal sealed class SshWireWriter
{
    private readonly List<byte> _bytes = [];

    public void WriteString(ReadOnlySpan<byte> value)
    {
        var length = new byte[sizeof(uint)];
        BinaryPrimitives.WriteInt32BigEndian(length, value.Length);
        _bytes.AddRange(length);
        _bytes.AddRange(value.ToArray());
    }

    /// <summary>Writes a positive integer, given without leading zeros. One zero byte is added if it would otherwise be negative.</summary>
    public void WriteInteger(ReadOnlySpan<byte> digits) => WriteString(digits[0] < 0x80 ? digits : [0, .. digits]);

    public byte[] ToArray() => [.. _bytes];
}
