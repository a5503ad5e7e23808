using RunCloud.Api;

namespace RunCloud;

/// <summary>A system user of a server, as <c>GET /servers/{id}/users</c> describes it. Immutable.</summary>
/// <remarks>
/// A property is <see langword="null"/> if the API gave nothing or something unreadable. The id is not called <c>Id</c>: with
/// <see cref="ServerId"/> it would bind to <c>Remove-RunCloudSshCredential</c> as a credential's id.
/// </remarks>
public sealed class SystemUser : IOriginated, IOfUser
{
    private readonly string? _key;
    private readonly Lazy<SshPublicKey?> _parsed;

    /// <summary>Takes the deployment key as the API gave it. That text is read and compared, not the one that is shown.</summary>
    internal SystemUser(long serverId, long userId, string? deploymentKey)
    {
        ServerId = serverId;
        UserId = userId;
        _key = string.IsNullOrWhiteSpace(deploymentKey) ? null : deploymentKey;
        DeploymentKey = ApiText.PrintableKey(_key);
        _parsed = new Lazy<SshPublicKey?>(() => SshPublicKey.TryParse(_key, out var read) ? read : null);
    }

    /// <summary>The user's id in RunCloud (<c>id</c>).</summary>
    public long UserId { get; }

    /// <summary>The id of the server.</summary>
    public long ServerId { get; }

    /// <summary>The name of that server; <see langword="null"/> if only its id was known to the command that read the user.</summary>
    public string? ServerName { get; internal init; }

    /// <summary>The user's name (<c>username</c>).</summary>
    public string? User { get; internal init; }

    /// <summary>
    /// The public key with which this user of the server fetches code, safe to show (<c>deploymentKey</c>); <see langword="null"/> when
    /// there is none.
    /// </summary>
    public string? DeploymentKey { get; }

    /// <summary>The deployment key's SHA-256 fingerprint, <c>SHA256:…</c>; <see langword="null"/> if there is no such key or it can't be read.</summary>
    public string? DeploymentKeyFingerprint => _parsed.Value?.Fingerprint;

    /// <summary>Whether RunCloud allows the user to be deleted (<c>deleteable</c>, in RunCloud's spelling).</summary>
    public bool? Deleteable { get; internal init; }

    /// <summary>When the user was added, in UTC (<c>created_at</c>).</summary>
    public DateTimeOffset? CreatedAt { get; internal init; }

    /// <summary>Whether there is a deployment key that can't be read as a whole key, so that it can't be compared.</summary>
    internal bool HasUnreadableDeploymentKey => _key is not null && (_parsed.Value is null || (_parsed.Value.MayBeShortened && !IsWhole));

    /// <summary>The deployment key; <see langword="null"/> if there is none or it can't be read.</summary>
    internal SshPublicKey? Key => _parsed.Value;

    /// <summary>Whether the user was read individually. A list may shorten keys.</summary>
    internal bool IsWhole { get; private set; }

    /// <summary>Why the user could not be read individually; <see langword="null"/> if that succeeded or was not tried.</summary>
    internal RunCloudException? Unread { get; init; }

    /// <inheritdoc/>
    Origin? IOriginated.Origin { get; set; }

    /// <summary>Identifies the user without ambiguity.</summary>
    /// <returns>For example <c>deploy (id 1645) on web-01 (id 101)</c>.</returns>
    public override string ToString() => $"{ApiText.Clean(User ?? "an unknown user")} (id {UserId}) on {SshCredential.ServerText(ServerId, ServerName)}";

    /// <summary>Whether the deployment key is one of the selected keys; false if there is no deployment key.</summary>
    internal SshKeyMatch Test(SshKeyFilter filter) => _key is null ? SshKeyMatch.NoMatch : filter.Test(_parsed.Value, IsWhole);

    /// <summary>The same user, marked as read individually.</summary>
    internal SystemUser Whole()
    {
        var whole = (SystemUser)MemberwiseClone();
        whole.IsWhole = true;
        return whole;
    }

    /// <summary>The failure for a deployment key that can't be compared.</summary>
    internal RunCloudException NotComparable() => new(
        RunCloudError.DeploymentKeyNotComparable,
        Unread is null
            ? $"The deployment key of {this} cannot be read as a key, so it is not known whether it is the key you are looking for."
            : $"The deployment key of {this} is not readable in the list, and reading it individually failed: {Unread.Message}",
        Unread);
}
