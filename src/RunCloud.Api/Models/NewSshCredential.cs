using RunCloud.Api;

namespace RunCloud;

/// <summary>A credential to be added. Immutable.</summary>
public sealed class NewSshCredential
{
    /// <summary>Describes a credential to be added.</summary>
    /// <param name="user">The system user's name.</param>
    /// <param name="label">The label, unique on its server; the API takes letters, digits, <c>-</c> and <c>_</c>.</param>
    /// <param name="publicKey">The public key line.</param>
    /// <param name="temporary">Whether RunCloud removes the key by itself after 12 hours (documented).</param>
    /// <exception cref="ArgumentException"><paramref name="user"/> or <paramref name="label"/> is empty.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="publicKey"/> is <see langword="null"/>.</exception>
    /// <exception cref="SshKeyFormatException"><paramref name="publicKey"/> is not an OpenSSH public key.</exception>
    public NewSshCredential(string user, string label, string publicKey, bool temporary)
    {
        User = NotEmpty(user, nameof(user));
        Label = NotEmpty(label, nameof(label));
        _ = publicKey ?? throw new ArgumentNullException(nameof(publicKey));
        _ = SshPublicKey.Parse(publicKey);
        PublicKey = ApiText.Trim(publicKey.AsSpan()).ToString();
        Temporary = temporary;
    }

    /// <summary>The system user's name.</summary>
    public string User { get; }

    /// <summary>The label.</summary>
    public string Label { get; }

    /// <summary>The public key line, without white space around it.</summary>
    public string PublicKey { get; }

    /// <summary>Whether RunCloud removes the key automatically.</summary>
    public bool Temporary { get; }

    private static string NotEmpty(string value, string name) =>
        string.IsNullOrWhiteSpace(value) ? throw new ArgumentException("It is empty.", name) : value;
}
