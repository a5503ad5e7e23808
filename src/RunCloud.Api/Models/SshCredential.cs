using System.Globalization;

using RunCloud.Api;

namespace RunCloud;

/// <summary>One SSH public key of one system user on one server, as <c>GET /servers/{id}/ssh/credentials</c> describes it. Immutable.</summary>
/// <remarks>
/// The API sends neither fingerprint, key type, server id nor server name; they are computed or added here. Everything that is read from the
/// key is <see langword="null"/> if the public key line cannot be read as an OpenSSH public key.
/// </remarks>
public sealed class SshCredential : IOriginated, IOfUser
{
    private SshPublicKey? _key;
    private volatile bool _isKeyRead;

    internal SshCredential(long serverId, long id, string? publicKey)
    {
        ServerId = serverId;
        Id = id;
        RawPublicKey = publicKey;
        PublicKey = ApiText.PrintableKey(publicKey);
    }

    /// <summary>The credential's id in RunCloud (<c>id</c>).</summary>
    public long Id { get; }

    /// <summary>The id of the credential's server.</summary>
    public long ServerId { get; }

    /// <summary>The name of that server; <see langword="null"/> if only its id was known to the command that read the credential.</summary>
    public string? ServerName { get; internal init; }

    /// <summary>The name of that server, or else its id as text. Never empty.</summary>
    internal string ServerNameOrId() => string.IsNullOrEmpty(ServerName) ? ServerId.ToString(CultureInfo.InvariantCulture) : ServerName!;

    /// <summary>The system user's name (<c>user</c>).</summary>
    public string? User { get; internal init; }

    /// <summary>The credential's label, unique on its server (<c>label</c>).</summary>
    public string? Label { get; internal init; }

    /// <summary>
    /// The public key line (<c>publicKey</c>), safe to show: without surrounding white space and line ends, and with U+FFFD in place of characters that a
    /// terminal does not show as they are. The key itself is unchanged.
    /// </summary>
    public string? PublicKey { get; }

    /// <summary>The type of key as <c>ssh-keygen -l</c> names it, for example <c>ED25519</c>.</summary>
    public string? KeyType => Key?.KeyType;

    /// <summary>
    /// The key's size in bits, as <c>ssh-keygen -l</c> prints it; <see langword="null"/> also if this module does not know the key's algorithm.
    /// </summary>
    public int? KeyLength => Key?.KeyLength;

    /// <summary>The comment after the key, made safe to show like <see cref="PublicKey"/>; <see langword="null"/> if there is none.</summary>
    public string? Comment => ApiText.Printable(Key?.RawComment);

    /// <summary>The SHA-256 fingerprint, <c>SHA256:…</c>, as <c>ssh-keygen -lf</c> prints it.</summary>
    public string? Fingerprint => Key?.Fingerprint;

    /// <summary>The MD5 fingerprint, <c>MD5:aa:bb:…</c>, as <c>ssh-keygen -l -E md5</c> prints it.</summary>
    public string? FingerprintMD5 => Key?.FingerprintMD5;

    /// <summary>
    /// Whether RunCloud removes the key automatically 12 hours after its creation (<c>temporary</c>); <see langword="null"/> if the answer did
    /// not say, as the rows of a list do not.
    /// </summary>
    public bool? Temporary { get; internal init; }

    /// <summary>When the credential was added, in UTC (<c>created_at</c>).</summary>
    public DateTimeOffset? CreatedAt { get; internal init; }

    /// <summary>The public key line exactly as the API gave it, for comparing and for undo.</summary>
    internal string? RawPublicKey { get; }

    /// <summary>Whether the line is that of a certificate authority: its certificates are accepted, and the key itself is not a login key.</summary>
    internal bool IsCertificateAuthority => Key?.IsCertificateAuthority == true;

    /// <summary>The decoded key; <see langword="null"/> if <see cref="PublicKey"/> is not one.</summary>
    internal SshPublicKey? Key
    {
        get
        {
            // Read when it is needed, because most keys only pass through a pipeline. Two threads may both read it, with the same result.
            if (!_isKeyRead)
            {
                _key = SshPublicKey.TryParse(RawPublicKey, out var key) ? key : null;
                _isKeyRead = true;
            }

            return _key;
        }
    }

    /// <summary>The server as it was known when the credential was read; <see langword="null"/> if only its id was.</summary>
    internal Server? Server { get; init; }

    /// <inheritdoc/>
    Origin? IOriginated.Origin { get; set; }

    /// <summary>Identifies the credential without ambiguity.</summary>
    /// <returns>For example <c>'dave' of root (id 17, SHA256:…) on web-01 (id 101)</c>.</returns>
    public override string ToString() =>
        $"'{ApiText.Clean(Label)}' of {ApiText.Clean(User ?? "an unknown user")} (id {Id}, {Fingerprint ?? "unreadable key"}) on {ServerText(ServerId, ServerName)}";

    internal static string ServerText(long id, string? name) => name is null ? $"server {id}" : $"{ApiText.Clean(name)} (id {id})";

    /// <summary>The same credential with its server <paramref name="server"/>.</summary>
    internal SshCredential On(Server server) => With(server.Id, server, server.Name, Temporary);

    /// <summary>The same credential with a known value of <see cref="Temporary"/>.</summary>
    internal SshCredential Known(bool temporary) => With(ServerId, Server, ServerName, temporary);

    private SshCredential With(long serverId, Server? server, string? serverName, bool? temporary) => new SshCredential(serverId, Id, RawPublicKey)
    {
        Server = server,
        ServerName = serverName,
        User = User,
        Label = Label,
        Temporary = temporary,
        CreatedAt = CreatedAt,
    }.From(((IOriginated)this).Origin ?? (server as IOriginated)?.Origin);
}
