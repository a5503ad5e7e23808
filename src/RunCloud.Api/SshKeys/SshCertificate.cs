namespace RunCloud.Api;

/// <summary>The fields of a certificate besides its key that decide whether it gives access.</summary>
/// <param name="IsForUsers">Whether it certifies a user's key and not a host's.</param>
/// <param name="Principals">The names for which it is valid; empty if it names none.</param>
/// <param name="ValidAfter">The start of its validity, in seconds since 1970.</param>
/// <param name="ValidBefore">The end of its validity, in seconds since 1970; all bits set means forever.</param>
/// <param name="Authority">The key that signed it, as OpenSSH writes it.</param>
internal sealed record SshCertificate(bool IsForUsers, IReadOnlyList<string> Principals, ulong ValidAfter, ulong ValidBefore, byte[] Authority);
