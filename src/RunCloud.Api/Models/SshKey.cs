using RunCloud.Api;

namespace RunCloud;

/// <summary>One public key and every place where it gives access, as <c>Get-RunCloudSshKey</c> returns it. Immutable.</summary>
/// <remarks>A credential whose key can't be read is an entry of its own, and everything that is read from the key is <see langword="null"/>.</remarks>
public sealed class SshKey : IOriginated
{
    private SshKey(IReadOnlyList<SshCredential> credentials)
    {
        Credentials = [.. credentials];
        Comments = Different(credential => credential.Comment);
        Users = Different(credential => credential.User);
        Labels = Different(credential => credential.Label);
        ServerNames = Different(credential => credential.ServerNameOrId());
        ServerCount = Credentials.Select(credential => credential.ServerId).Distinct().Count();
        RootServerCount = Credentials.Where(credential => credential.User == "root").Select(credential => credential.ServerId).Distinct().Count();
        FirstAddedAt = Credentials.Min(credential => credential.CreatedAt);
        LastAddedAt = Credentials.Max(credential => credential.CreatedAt);
    }

    /// <summary>The SHA-256 fingerprint, as <c>ssh-keygen -lf</c> prints it.</summary>
    public string? Fingerprint => Credentials[0].Fingerprint;

    /// <summary>The kind of key, for example <c>ED25519</c>.</summary>
    public string? KeyType => Credentials[0].KeyType;

    /// <summary>The key's size in bits.</summary>
    public int? KeyLength => Credentials[0].KeyLength;

    /// <summary>The different comments of its copies.</summary>
    public string[] Comments { get; }

    /// <summary>The different system users that have it.</summary>
    public string[] Users { get; }

    /// <summary>The different labels of its copies.</summary>
    public string[] Labels { get; }

    /// <summary>The names of the servers that have it; the id as text of one whose name is not known.</summary>
    public string[] ServerNames { get; }

    /// <summary>How many servers have it.</summary>
    public int ServerCount { get; }

    /// <summary>How many copies of it there are.</summary>
    public int CredentialCount => Credentials.Length;

    /// <summary>On how many servers root has it.</summary>
    public int RootServerCount { get; }

    /// <summary>When its oldest copy was added, in UTC; <see langword="null"/> if RunCloud gives no time for any copy.</summary>
    public DateTimeOffset? FirstAddedAt { get; }

    /// <summary>When its newest copy was added, in UTC; <see langword="null"/> if RunCloud gives no time for any copy.</summary>
    public DateTimeOffset? LastAddedAt { get; }

    /// <summary>Its copies, in the order of the servers.</summary>
    public SshCredential[] Credentials { get; }

    /// <inheritdoc/>
    Origin? IOriginated.Origin
    {
        get => ((IOriginated)Credentials[0]).Origin;
        set => ((IOriginated)Credentials[0]).Origin = value;
    }

    /// <summary>The fingerprint and the number of servers.</summary>
    /// <returns>For example <c>SHA256:… on 14 servers</c>.</returns>
    public override string ToString() => FormattableString.Invariant($"{Fingerprint ?? "unreadable key"} on {ServerCount} servers");

    /// <summary>Groups credentials by key, in the order of first appearance. Unreadable keys come last, one by one.</summary>
    internal static IReadOnlyList<SshKey> Group(IReadOnlyList<SshCredential> credentials)
    {
        var readable = credentials.Where(credential => credential.Key is not null).GroupBy(credential => credential.Key!);
        var unreadable = credentials.Where(credential => credential.Key is null);
        return [.. readable.Select(copies => new SshKey([.. copies])), .. unreadable.Select(credential => new SshKey([credential]))];
    }

    private string[] Different(Func<SshCredential, string?> of) =>
        [.. Credentials.Select(of).OfType<string>().Where(text => text.Length > 0).Distinct(StringComparer.Ordinal)];
}
