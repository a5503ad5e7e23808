using System.Collections.Generic;

namespace RunCloud.Api;

/// <summary>What a removal leaves behind on a server, and what of it could not be read.</summary>
/// <param name="Server">The server.</param>
/// <param name="Sessions">The SSH sessions that are open.</param>
/// <param name="Holders">The system users whose deployment key is one of the keys.</param>
/// <param name="NotComparable">The system users whose deployment key cannot be read as a key.</param>
/// <param name="Unread">Why something could not be read.</param>
internal sealed record Remainder(
    Server Server,
    IReadOnlyList<SshSession> Sessions,
    IReadOnlyList<SystemUser> Holders,
    IReadOnlyList<SystemUser> NotComparable,
    IReadOnlyList<RunCloudException> Unread);
