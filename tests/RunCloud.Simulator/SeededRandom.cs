using System.Buffers.Binary;

namespace RunCloud.Simulator;

/// <summary>
/// A small generator (SplitMix64) whose numbers depend on the seed alone: <see cref="Random"/> promises no such thing
/// across versions of .NET, and a fleet that changes with the runtime would make a failing seed useless.
/// </summary>
internal sealed class SeededRandom
{
    private ulong _state;

    internal SeededRandom(long seed) => _state = unchecked((ulong)seed);

    internal ulong Next()
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15;
            var z = _state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    /// <summary>A number from 0 to below <paramref name="limit"/>, which must be positive.</summary>
    internal int Next(int limit) => (int)(Next() % (ulong)limit);

    /// <summary>A number from <paramref name="least"/> to <paramref name="most"/>, both included.</summary>
    internal int Between(int least, int most) => least + Next(most - least + 1);

    internal bool Chance(int percent) => Next(100) < percent;

    internal T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    internal byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        Span<byte> word = stackalloc byte[8];
        for (var at = 0; at < count; at += word.Length)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, Next());
            word[..Math.Min(word.Length, count - at)].CopyTo(bytes.AsSpan(at));
        }

        return bytes;
    }

    /// <summary>Puts <paramref name="items"/> in a random order.</summary>
    internal void Shuffle<T>(IList<T> items)
    {
        for (var last = items.Count - 1; last > 0; last--)
        {
            var other = Next(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }
}
