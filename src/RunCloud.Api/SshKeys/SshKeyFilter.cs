using System;
using System.Buffers;
using System.Collections.Generic;

namespace RunCloud.Api;

/// <summary>What comparing a text with keys came to.</summary>
internal enum SshKeyMatch
{
    /// <summary>The text is a well-formed key, and not one of those looked for.</summary>
    NoMatch,

    /// <summary>The text is one of the keys looked for.</summary>
    Match,

    /// <summary>The text is not a well-formed key, so nothing can be said about it. Never to be taken for <see cref="NoMatch"/>.</summary>
    NotComparable,
}

/// <summary>
/// Tests many public key lines against a few selectors, the same way as <see cref="SshKeySelector.Matches"/> does but without making
/// an object for a line. Safe for use by many threads at once.
/// </summary>
internal sealed class SshKeyFilter
{
    private const int StackLength = 1024;

    private readonly SshKeySelector[] selectors;
    private readonly bool needsSha256;
    private readonly bool needsMd5;

    /// <summary>Makes a filter for keys that any of the selectors means.</summary>
    public SshKeyFilter(IEnumerable<SshKeySelector> selectors)
    {
        this.selectors = [.. selectors];
        needsSha256 = Array.Exists(this.selectors, selector => selector.Sha256 is not null);
        needsMd5 = Array.Exists(this.selectors, selector => selector.Md5 is not null);
    }

    /// <summary>Tests the text of a credential's <c>publicKey</c>; null is not comparable.</summary>
    public SshKeyMatch Test(string? publicKeyText) => Test(publicKeyText.AsSpan());

    /// <summary>Tests the text of a credential's <c>publicKey</c>.</summary>
    public SshKeyMatch Test(ReadOnlySpan<char> publicKeyText)
    {
        if (SshKeyLine.Read(publicKeyText, out var line) is not null)
        {
            return SshKeyMatch.NotComparable;
        }

        // Base64 as it is read here has one text for each key, so equal texts are equal keys, and different texts different keys.
        foreach (var selector in selectors)
        {
            if (selector.Key is not null
                && string.Equals(selector.Key.Algorithm, line.Algorithm.Name, StringComparison.Ordinal)
                && line.Key.SequenceEqual(selector.KeyText.AsSpan()))
            {
                return SshKeyMatch.Match;
            }
        }

        var maximum = SshBase64.MaximumLength(line.Key.Length);
        var rented = maximum > StackLength ? ArrayPool<byte>.Shared.Rent(maximum) : null;
        try
        {
            var buffer = rented is null ? stackalloc byte[StackLength] : rented;
            return SshPublicKey.ReadKey(line, buffer, out var length, out var parts) is not null ? SshKeyMatch.NotComparable
                : (needsSha256 || needsMd5) && HasFingerprint(parts.PlainForm(buffer[..length], line.Algorithm)) ? SshKeyMatch.Match
                : SshKeyMatch.NoMatch;
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    private bool HasFingerprint(ReadOnlySpan<byte> plain)
    {
        Span<byte> sha256 = stackalloc byte[needsSha256 ? SshFingerprint.Sha256Length : 0];
        Span<byte> md5 = stackalloc byte[needsMd5 ? Md5.DigestLength : 0];
        if (needsSha256)
        {
            SshFingerprint.HashSha256(plain, sha256);
        }

        if (needsMd5)
        {
            Md5.Hash(plain, md5);
        }

        foreach (var selector in selectors)
        {
            if ((selector.Sha256 is not null && sha256.SequenceEqual(selector.Sha256))
                || (selector.Md5 is not null && md5.SequenceEqual(selector.Md5)))
            {
                return true;
            }
        }

        return false;
    }
}
