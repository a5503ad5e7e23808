using System;
using System.Buffers.Binary;

namespace RunCloud.Api;

/// <summary>Reads the data types of RFC 4251 section 5 from a blob, never past its end.</summary>
internal ref struct SshWireReader
{
    private readonly ReadOnlySpan<byte> data;

    public SshWireReader(ReadOnlySpan<byte> data)
    {
        this.data = data;
        Position = 0;
    }

    /// <summary>The number of bytes read so far.</summary>
    public int Position { get; private set; }

    public readonly bool AtEnd => Position == data.Length;

    public bool TrySkip(int count)
    {
        if (data.Length - Position < count)
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

        value = BinaryPrimitives.ReadUInt32BigEndian(data[start..]);
        return true;
    }

    /// <summary>Reads a length and as many bytes.</summary>
    public bool TryReadString(out ReadOnlySpan<byte> value)
    {
        if (!TryReadUInt32(out var length) || length > (uint)(data.Length - Position))
        {
            value = default;
            return false;
        }

        value = data.Slice(Position, (int)length);
        Position += (int)length;
        return true;
    }

    /// <summary>Reads a string that is text; a NUL inside would end it for OpenSSH, and is refused.</summary>
    public bool TryReadText() => TryReadString(out var value) && value.IndexOf((byte)0) < 0;

    /// <summary>Reads an integer that is greater than zero and has no byte too many, and tells how many bits it has.</summary>
    public bool TryReadPositiveInteger(out int bits)
    {
        bits = 0;
        if (!TryReadString(out var value) || value.IsEmpty)
        {
            return false;
        }

        // A leading zero byte is there exactly when the number would else be negative.
        if (value[0] == 0)
        {
            value = value[1..];
            if (value.IsEmpty || value[0] < 0x80)
            {
                return false;
            }
        }
        else if (value[0] >= 0x80)
        {
            return false;
        }

        bits = value.Length * 8;
        for (int first = value[0]; first < 0x80; first <<= 1)
        {
            bits--;
        }

        return true;
    }
}
