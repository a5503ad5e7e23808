namespace RunCloud.Api;

/// <summary>The facts about a credential that decide whether its user keeps access when another one is removed.</summary>
internal sealed class InventoryEntry
{
    private readonly Lazy<SshPublicKey?> _key;

    internal InventoryEntry(long id, string? user, string? label, string? publicKey, bool? temporary)
    {
        Id = id;
        User = user;
        Label = label;
        Temporary = temporary;
        _key = new Lazy<SshPublicKey?>(() => SshPublicKey.TryParse(publicKey, out var parsed) ? parsed : null);
    }

    /// <summary>The credential's id.</summary>
    internal long Id { get; }

    /// <summary>The system user's name; <see langword="null"/> if it is not known.</summary>
    internal string? User { get; }

    /// <summary>The label; <see langword="null"/> if it is not known.</summary>
    internal string? Label { get; }

    /// <summary>Whether RunCloud removes it automatically; <see langword="null"/> if it is not known, as in the rows of a list.</summary>
    internal bool? Temporary { get; private set; }

    /// <summary>The key; <see langword="null"/> if the text is not one.</summary>
    internal SshPublicKey? Key => _key.Value;

    /// <summary>Whether the line is that of a certificate authority: its certificates give access, the key itself does not.</summary>
    internal bool IsCertificateAuthority => Key?.IsCertificateAuthority == true;

    /// <summary>Whether the line is a certificate, which gives no access on its own.</summary>
    internal bool IsCertificate => Key?.IsCertificate == true;

    /// <summary>Whether it gives access to one fixed command only.</summary>
    internal bool HasForcedCommand => Key?.Access.HasForcedCommand == true;

    /// <summary>
    /// Whether the credential gives its user access at a time, according to RunCloud's list: a login key that has not expired, or a
    /// certificate whose authority the user has too. In doubt the answer is no. A temporary credential does not count; for one that may be temporary
    /// check <see cref="Temporary"/>.
    /// </summary>
    /// <param name="others">The credentials of the server that stay.</param>
    /// <param name="now">The time.</param>
    internal bool OpensDoor(IEnumerable<InventoryEntry> others, DateTimeOffset now) =>
        Temporary != true && Key is { IsTooWeak: false } read && !read.IsCertificateAuthority && !HasExpired(read, now)
        && (read.Certificate is not { } certificate || IsAccepted(certificate, others, now));

    /// <summary>The same entry with a known value of <see cref="Temporary"/>.</summary>
    internal InventoryEntry Known(bool temporary)
    {
        var known = (InventoryEntry)MemberwiseClone();
        known.Temporary = temporary;
        return known;
    }

    private static bool HasExpired(SshPublicKey key, DateTimeOffset now) => key.Access.ExpiresAt <= now;

    /// <summary>Whether a certificate gives its user access: it is for users and for this one, it is valid, and the user has its authority's line.</summary>
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
