using System.Buffers.Binary;
using System.Text;

namespace RunCloud.Api.Tests;

/// <summary>Builds blobs as RFC 4251 section 5 says, well formed and otherwise.</summary>
internal static class SshBlobs
{
    /// <summary>A P-256 point that a real key has; the tests' blobs need one of the right form.</summary>
    internal static byte[] Point256 { get; } =
        SshPublicKey.Parse(SshVectors.Lines.First(line => line.StartsWith("ecdsa-sha2-nistp256 ", StringComparison.Ordinal)))
            .Blob.ToArray()[^65..];

    internal static byte[] Sequence(int length) => [.. Enumerable.Range(1, length).Select(i => (byte)i)];

    internal static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(part => part)];

    internal static byte[] Number(uint value)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    internal static byte[] Text(string value) => Text(Encoding.UTF8.GetBytes(value));

    internal static byte[] Text(params byte[][] parts)
    {
        var value = Join(parts);
        return Join(Number((uint)value.Length), value);
    }

    internal static byte[] Ed25519() => Join(Text("ssh-ed25519"), Text(Sequence(32)));

    internal static byte[] Rsa(byte[] exponent, byte[] modulus) => Join(Text("ssh-rsa"), Text(exponent), Text(modulus));

    internal static byte[] SecurityKey(string application) =>
        Join(Text("sk-ssh-ed25519@openssh.com"), Text(Sequence(32)), Text(application));

    /// <summary>An Ed25519 certificate, whole unless a part is replaced. Its signature has the form of one but is not true.</summary>
    internal static byte[] Certificate(
        uint kind = 1,
        string keyId = "id",
        byte[]? principals = null,
        byte[]? criticalOptions = null,
        byte[]? extensions = null,
        byte[]? authority = null,
        byte[]? signature = null,
        ulong validBefore = 0,
        ulong validAfter = 0) => Join(
            Text("ssh-ed25519-cert-v01@openssh.com"),
            Text(Sequence(16)),
            Text(Sequence(32)),
            new byte[8],
            Number(kind),
            Text(keyId),
            Text(principals ?? Text("root")),
            Number((uint)(validAfter >> 32)),
            Number((uint)validAfter),
            Number((uint)(validBefore >> 32)),
            Number((uint)validBefore),
            Text(criticalOptions ?? Join(Text("force-command"), Text(Text("id")))),
            Text(extensions ?? Join(Text("permit-pty"), Text(string.Empty))),
            Text(string.Empty),
            Text(authority ?? Ed25519()),
            Text(signature ?? Signature("ssh-ed25519")));

    internal static byte[] Signature(string algorithm) => Join(Text(algorithm), Text(Sequence(64)));

    internal static string Line(string algorithm, byte[] blob) => algorithm + " " + Convert.ToBase64String(blob) + " somebody";

    /// <summary>A line whose outer name is the blob's own.</summary>
    internal static string Line(byte[] blob) => Line(Encoding.ASCII.GetString(blob, 4, blob[3]), blob);
}
