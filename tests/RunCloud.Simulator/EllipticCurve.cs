using System.Globalization;
using System.Numerics;

namespace RunCloud.Simulator;

/// <summary>
/// Just enough of the NIST curves to make public keys that <c>ssh-keygen</c> accepts, which checks that a point lies on its
/// curve, and to sign a certificate the same access every run, which .NET's ECDSA with its random nonce can't.
/// Nothing here keeps a secret: the authority behind all certificates has the number 1 for its private key.
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

    /// <summary>The public key, on P-256, of the authority behind every simulated certificate.</summary>
    internal static byte[] AuthorityPoint => P256.Encode(P256Base);

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

    /// <summary>Signs <paramref name="digest"/> (32 bytes) with ECDSA on P-256 so that <see cref="AuthorityPoint"/> verifies it.</summary>
    /// <remarks>Secret and nonce are both 1, so that the public key is the base point and s is digest + r: no arithmetic of points is needed.</remarks>
    internal static (BigInteger R, BigInteger S) AuthoritySign(ReadOnlySpan<byte> digest)
    {
        var r = P256Base.X % P256Order;
        return (r, (Unsigned(digest) + r) % P256Order);
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
