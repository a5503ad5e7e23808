using System.Collections.Generic;

namespace RunCloud.Api;

/// <summary>What a certificate says beside the key in it, as far as it matters for whether it lets somebody in.</summary>
/// <param name="IsForUsers">Whether it certifies a user's key, and not a host's.</param>
/// <param name="Principals">The names that it is for; empty where it names none.</param>
/// <param name="ValidAfter">From when it is valid, in seconds since 1970.</param>
/// <param name="ValidBefore">Until when it is valid, in seconds since 1970; all bits set means for ever.</param>
/// <param name="Authority">The key that signed it, in the form in which OpenSSH writes it.</param>
internal sealed record SshCertificate(bool IsForUsers, IReadOnlyList<string> Principals, ulong ValidAfter, ulong ValidBefore, byte[] Authority);
