using System.Collections.Generic;

using RunCloud.Api;

namespace RunCloud;

/// <summary>How the revoking of a key ended on a server: the worst of its parts.</summary>
public enum RevocationStatus
{
    /// <summary>The key was not there.</summary>
    Clean,

    /// <summary>Every credential with the key is gone: the API confirmed it, and the list read afterwards no longer has them.</summary>
    Removed,

    /// <summary>Of at least one credential it is not known whether it is gone, or whether it has the key.</summary>
    Unconfirmed,

    /// <summary>At least one credential with the key is still there, or the server could not be read.</summary>
    Failed,
}

/// <summary>The account of one server: how the revoking of a key ended on it, and each credential that it was about. Immutable.</summary>
public sealed class SshKeyRevocation : IOriginated
{
    internal SshKeyRevocation(Server server, RevocationStatus status, string? message = null)
    {
        Server = server;
        Status = status;
        Message = message;
    }

    /// <summary>The id of the server.</summary>
    public long ServerId => Server.Id;

    /// <summary>The name of the server; empty where the API gave none.</summary>
    public string ServerName => Server.Name;

    /// <summary>The worst of the server's parts.</summary>
    public RevocationStatus Status { get; }

    /// <summary>Each credential that had the key, and how its removal ended; empty when there was none or the server could not be read.</summary>
    public IReadOnlyList<SshCredentialRemoval> Removals { get; internal init; } = [];

    /// <summary>The credentials that were added in their place; empty unless the key was replaced.</summary>
    public IReadOnlyList<SshCredential> Additions { get; internal init; } = [];

    /// <summary>What there is to say beyond the status; <see langword="null"/> where there is nothing.</summary>
    public string? Message { get; }

    internal Server Server { get; }

    /// <inheritdoc/>
    Origin? IOriginated.Origin
    {
        get => ((IOriginated)Server).Origin;
        set => ((IOriginated)Server).Origin = value;
    }

    /// <summary>The server and the status.</summary>
    /// <returns>For example <c>web-01 (id 101): Removed</c>.</returns>
    public override string ToString() => $"{Server}: {Status}";
}
