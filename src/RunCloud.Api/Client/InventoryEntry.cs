using System;
using System.Collections.Generic;
using System.Linq;

namespace RunCloud.Api;

/// <summary>What matters of a credential where another one is to go: whether its user would still get in.</summary>
internal sealed class InventoryEntry
{
    private readonly Lazy<SshPublicKey?> key;

    internal InventoryEntry(long id, string? user, string? label, string? publicKey, bool? temporary)
    {
        Id = id;
        User = user;
        Label = label;
        Temporary = temporary;
        key = new Lazy<SshPublicKey?>(() => SshPublicKey.TryParse(publicKey, out var parsed) ? parsed : null);
    }

    /// <summary>The credential's id.</summary>
    internal long Id { get; }

    /// <summary>The system user's name; <see langword="null"/> when it is not known.</summary>
    internal string? User { get; }

    /// <summary>The label; <see langword="null"/> when it is not known.</summary>
    internal string? Label { get; }

    /// <summary>Whether RunCloud removes it by itself; <see langword="null"/> when it is not known, as of the rows of a list.</summary>
    internal bool? Temporary { get; private set; }

    /// <summary>The key; <see langword="null"/> when the text is none.</summary>
    internal SshPublicKey? Key => key.Value;

    /// <summary>Whether the line is that of an authority: its certificates let their holders in, the key itself does not.</summary>
    internal bool IsCertificateAuthority => Key?.IsCertificateAuthority == true;

    /// <summary>Whether the line is a certificate, which by itself lets nobody in.</summary>
    internal bool IsCertificate => Key?.IsCertificate == true;

    /// <summary>Whether whoever comes in by it gets one command and no more.</summary>
    internal bool HasForcedCommand => Key?.Access.HasForcedCommand == true;

    /// <summary>
    /// Whether the credential is a way in for its user at that time, as far as RunCloud's list tells: a login key that has not expired, or a
    /// certificate of which the user has the authority too. In doubt it is none. A temporary one is none; of one that may be temporary
    /// <see cref="Temporary"/> is to be asked.
    /// </summary>
    /// <param name="others">The credentials of the server that stay.</param>
    /// <param name="now">The time.</param>
    internal bool OpensDoor(IEnumerable<InventoryEntry> others, DateTimeOffset now) =>
        Temporary != true && Key is { IsTooWeak: false } read && !read.IsCertificateAuthority && !HasExpired(read, now)
        && (read.Certificate is not { } certificate || IsAccepted(certificate, others, now));

    /// <summary>The same entry, known to be temporary or not.</summary>
    internal InventoryEntry Known(bool temporary)
    {
        var known = (InventoryEntry)MemberwiseClone();
        known.Temporary = temporary;
        return known;
    }

    private static bool HasExpired(SshPublicKey key, DateTimeOffset now) => key.Access.ExpiresAt <= now;

    /// <summary>Whether a certificate gets its user in: it is for users and for this one, it is valid, and its authority stands there for the user.</summary>
    private bool IsAccepted(SshCertificate certificate, IEnumerable<InventoryEntry> others, DateTimeOffset now)
    {
        var seconds = (ulong)Math.Max(0, now.ToUnixTimeSeconds());
        return certificate.IsForUsers
            && User is not null
            && certificate.Principals.Contains(User, StringComparer.Ordinal)
            && certificate.ValidAfter <= seconds
            && seconds < certificate.ValidBefore
            && others.Any(other => other.IsCertificateAuthority
                && other.Temporary != true
                && string.Equals(other.User, User, StringComparison.Ordinal)
                && other.Key is { Access.HasPrincipals: false } authority
                && !HasExpired(authority, now)
                && authority.Blob.Span.SequenceEqual(certificate.Authority));
    }
}
