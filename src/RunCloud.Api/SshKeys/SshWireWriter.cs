using System.Buffers.Binary;

namespace RunCloud.Api;

/// <summary>Writes the data types of RFC 4251 section 5 as OpenSSH writes them.</summary>
/// <param name="capacity">The expected number of bytes.</param>
internal sealed class SshWireWriter(int capacity)
{
    private byte[] _bytes = new byte[capacity];
    private int _length;

    public void WriteString(ReadOnlySpan<byte> value)
    {
        var end = _length + sizeof(uint) + value.Length;
        if (end > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(end, 2 * _bytes.Length));
        }

        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(_length), value.Length);
        value.CopyTo(_bytes.AsSpan(_length + sizeof(uint)));
        _length = end;
    }

    /// <summary>Writes a positive integer, given without leading zeros. One zero byte is added if it would otherwise be negative.</summary>
    public void WriteInteger(ReadOnlySpan<byte> digits) => WriteString(digits[0] < 0x80 ? digits : [0, .. digits]);

    public byte[] ToArray() => _length == _bytes.Length ? _bytes : _bytes.AsSpan(0, _length).ToArray();
}
