using System;
using System.Globalization;
using System.Numerics;

namespace RunCloud.Simulator;

/// <summary>
/// Just enough of the NIST curves to make public keys that <c>ssh-keygen</c> accepts, which checks that a point lies on its
/// curve, and to sign a certificate the same way in every run, which .NET's ECDSA with its random nonce can't.
/// Nothing here is meant to keep a secret.
/// </summary>
internal sealed class EllipticCurve
{
    internal static readonly EllipticCurve P256 = new(
        "nistp256",
        256,
        "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");

    internal static readonly EllipticCurve P384 = new(
        "nistp384",
        384,
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
        "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef");

    internal static readonly EllipticCurve P521 = new(
        "nistp521",
        521,
        "1" + new string('f', 130),
        "51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00");

    private static readonly BigInteger P256Order = Hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

    private static readonly (BigInteger X, BigInteger Y) P256Base = (
        Hex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
        Hex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"));

    private readonly BigInteger _prime;
    private readonly BigInteger _b;
    private readonly int _bytes;

    private EllipticCurve(string name, int bits, string prime, string b)
    {
        Name = name;
        _bytes = (bits + 7) / 8;
        _prime = Hex(prime);
        _b = Hex(b);
    }

    /// <summary>The name that SSH gives the curve.</summary>
    internal string Name { get; }

    /// <summary>A random point, in the uncompressed form that SSH uses. These curves have cofactor 1, so any point is a valid key.</summary>
    internal byte[] RandomPoint(SeededRandom random)
    {
        while (true)
        {
            var x = Unsigned(random.Bytes(_bytes)) % _prime;
            var square = Mod((x * x * x) - (3 * x) + _b);

            // All three primes are 3 modulo 4, where this power is the square root if there is one.
            var y = BigInteger.ModPow(square, (_prime + 1) / 4, _prime);
            if (Mod(y * y) == square)
            {
                return Encode((x, y));
            }
        }
    }

    /// <summary>The P-256 public key of <paramref name="secret"/>, in the uncompressed form.</summary>
    internal static byte[] P256PublicKey(BigInteger secret) => P256.Encode(P256.Multiply(P256Base, secret));

    /// <summary>An ECDSA signature on P-256 over <paramref name="digest"/> (32 bytes), its nonce taken from <paramref name="random"/>.</summary>
    internal static (BigInteger R, BigInteger S) P256Sign(BigInteger secret, ReadOnlySpan<byte> digest, SeededRandom random)
    {
        var nonce = (Unsigned(random.Bytes(32)) % (P256Order - 1)) + 1;
        var r = P256.Multiply(P256Base, nonce).X % P256Order;
        var inverse = BigInteger.ModPow(nonce, P256Order - 2, P256Order);
        var s = inverse * (Unsigned(digest) + (r * secret)) % P256Order;
        return (r, s);
    }

    private (BigInteger X, BigInteger Y) Multiply((BigInteger X, BigInteger Y) point, BigInteger times)
    {
        (BigInteger X, BigInteger Y)? sum = null;
        for (; !times.IsZero; times >>= 1, point = Add(point, point))
        {
            if (!times.IsEven)
            {
                sum = sum is { } part ? Add(part, point) : point;
            }
        }

        return sum ?? throw new ArgumentException("A scalar is at least 1.", nameof(times));
    }

    private (BigInteger X, BigInteger Y) Add((BigInteger X, BigInteger Y) a, (BigInteger X, BigInteger Y) b)
    {
        var (rise, run) = a == b ? ((3 * a.X * a.X) - 3, 2 * a.Y) : (b.Y - a.Y, b.X - a.X);
        var slope = Mod(rise * BigInteger.ModPow(Mod(run), _prime - 2, _prime));
        var x = Mod((slope * slope) - a.X - b.X);
        return (x, Mod((slope * (a.X - x)) - a.Y));
    }

    private byte[] Encode((BigInteger X, BigInteger Y) point)
    {
        const byte Uncompressed = 4;
        var encoded = new byte[1 + (2 * _bytes)];
        encoded[0] = Uncompressed;
        Place(point.X, encoded.AsSpan(1, _bytes));
        Place(point.Y, encoded.AsSpan(1 + _bytes, _bytes));
        return encoded;

        static void Place(BigInteger value, Span<byte> room)
        {
            var length = value.GetByteCount(isUnsigned: true);
            value.TryWriteBytes(room[(room.Length - length)..], out _, isUnsigned: true, isBigEndian: true);
        }
    }

    private BigInteger Mod(BigInteger value)
    {
        var rest = value % _prime;
        return rest.Sign < 0 ? rest + _prime : rest;
    }

    private static BigInteger Unsigned(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static BigInteger Hex(string digits) => BigInteger.Parse("0" + digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
