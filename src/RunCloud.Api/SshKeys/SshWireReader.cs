using System.Buffers.Binary;

namespace RunCloud.Api;

/// <summary>Reads the data types of RFC 4251 section 5 from a blob, never past its end.</summary>
internal ref struct SshWireReader
{
    private readonly ReadOnlySpan<byte> _data;

    public SshWireReader(ReadOnlySpan<byte> data)
    {
        _data = data;
        Position = 0;
    }

    /// <summary>The number of bytes read so far.</summary>
    public int Position { get; private set; }

    public readonly bool AtEnd => Position == _data.Length;

    public bool TrySkip(int count)
    {
        if (_data.Length - Position < count)
        {
            return false;
        }

        Position += count;
        return true;
    }

    public bool TryReadUInt32(out uint value)
    {
        var start = Position;
        if (!TrySkip(sizeof(uint)))
        {
            value = 0;
            return false;
        }

        value = BinaryPrimitives.ReadUInt32BigEndian(_data[start..]);
        return true;
    }

    public bool TryReadUInt64(out ulong value)
    {
        var start = Position;
        if (!TrySkip(sizeof(ulong)))
        {
            value = 0;
            return false;
        }

        value = BinaryPrimitives.ReadUInt64BigEndian(_data[start..]);
        return true;
    }

    /// <summary>Reads a length and as many bytes.</summary>
    public bool TryReadString(out ReadOnlySpan<byte> value)
    {
        if (!TryReadUInt32(out var length) || length > (uint)(_data.Length - Position))
        {
            value = default;
            return false;
        }

        value = _data.Slice(Position, (int)length);
        Position += (int)length;
        return true;
    }

    /// <summary>
    /// Reads a text string. OpenSSH ends text at a NUL: one at the end makes no difference and is dropped, one inside is refused.
    /// </summary>
    public bool TryReadText(out ReadOnlySpan<byte> value)
    {
        if (!TryReadString(out value))
        {
            return false;
        }

        if (!value.IsEmpty && value[^1] == 0)
        {
            value = value[..^1];
        }

        return value.IndexOf((byte)0) < 0;
    }

    /// <summary>
    /// Reads an integer that is greater than zero, without leading zeros, and its size in bits. OpenSSH reads a number
    /// with any number of leading zeros as the same number.
    /// </summary>
    public bool TryReadPositiveInteger(out ReadOnlySpan<byte> digits, out int bits)
    {
        bits = 0;
        if (!TryReadString(out digits) || (!digits.IsEmpty && digits[0] >= 0x80))
        {
            return false;
        }

        while (!digits.IsEmpty && digits[0] == 0)
        {
            digits = digits[1..];
        }

        if (digits.IsEmpty)
        {
            return false;
        }

        bits = digits.Length * 8;
        for (int first = digits[0]; first < 0x80; first <<= 1)
        {
            bits--;
        }

        return true;
    }
}
