using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace RunCloud.Browser;

/// <summary>Writes a picture as PNG with at most 256 colours: a third of the size of what a browser writes, with no difference to be seen on pages of text.</summary>
internal static class PalettePng
{
    private const int MostColours = 256;
    private const int BytesPerPixel = 4;
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(value => Enumerable.Range(0, 8).Aggregate((uint)value, (sum, _) => (sum & 1) == 1 ? (sum >> 1) ^ 0xEDB88320 : sum >> 1))];

    /// <summary>The picture as a file has it.</summary>
    /// <param name="pixels">Red, green, blue and opacity of each pixel, row by row; the opacity is not looked at.</param>
    /// <param name="width">The pixels of a row.</param>
    internal static byte[] ToBytes(byte[] pixels, int width)
    {
        var colours = new int[pixels.Length / BytesPerPixel];
        for (var at = 0; at < colours.Length; at++)
        {
            colours[at] = (pixels[at * BytesPerPixel] << 16) | (pixels[(at * BytesPerPixel) + 1] << 8) | pixels[(at * BytesPerPixel) + 2];
        }

        var palette = Palette(colours);
        var places = palette.Index().ToDictionary(colour => colour.Item, colour => (byte)colour.Index);
        var height = colours.Length / width;
        var rows = new byte[height * (width + 1)];
        for (var at = 0; at < colours.Length; at++)
        {
            // Each row begins with the number of its filter: 0, none.
            rows[at + (at / width) + 1] = Place(colours[at], palette, places);
        }

        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 3);
        using var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        Write(file, "IHDR", header);
        Write(file, "PLTE", [.. palette.SelectMany(colour => new[] { (byte)(colour >> 16), (byte)(colour >> 8), (byte)colour })]);
        Write(file, "IDAT", Deflated(rows));
        Write(file, "IEND", []);
        return file.ToArray();
    }

    /// <summary>The most frequent colour of each shade, for as many shades as there is room for: so rare ones, as the edges of letters have, are not all taken for a frequent one.</summary>
    private static int[] Palette(int[] colours) =>
    [
        .. colours.CountBy(colour => colour).GroupBy(colour => colour.Key & 0xF0F0F0)
            .OrderByDescending(shade => shade.Sum(colour => (long)colour.Value)).ThenBy(shade => shade.Key).Take(MostColours)
            .Select(shade => shade.MaxBy(colour => colour.Value).Key),
    ];

    /// <summary>The colour of the palette that is nearest.</summary>
    private static byte Place(int colour, int[] palette, Dictionary<int, byte> places)
    {
        if (!places.TryGetValue(colour, out var place))
        {
            place = (byte)Array.IndexOf(palette, palette.MinBy(other => Distance(colour, other)));
            places.Add(colour, place);
        }

        return place;
    }

    private static int Distance(int one, int other)
    {
        var (red, green, blue) = ((one >> 16) - (other >> 16), ((one >> 8) & 255) - ((other >> 8) & 255), (one & 255) - (other & 255));
        return (red * red) + (green * green) + (blue * blue);
    }

    private static byte[] Deflated(byte[] rows)
    {
        using var packed = new MemoryStream();
        using (var stream = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            stream.Write(rows);
        }

        return packed.ToArray();
    }

    /// <summary>Writes a chunk: its length, its name and content, and the checksum of these two.</summary>
    private static void Write(MemoryStream file, string name, byte[] content)
    {
        byte[] named = [.. Encoding.ASCII.GetBytes(name), .. content];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        file.Write(named);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~named.Aggregate(uint.MaxValue, (sum, value) => Table[(byte)(sum ^ value)] ^ (sum >> 8)));
        file.Write(number);
    }
}
