namespace RunCloud.PowerShell;

/// <summary>
/// What <c>-Key</c> takes: a public key line, a fingerprint or the path of a public key file as text, a file, or a credential or the
/// removal of one.
/// </summary>
public sealed class KeyArgument
{
    /// <summary>Selects the key that a text names.</summary>
    /// <param name="text">A public key line, a line as <c>ssh-keygen -l</c> prints it, a fingerprint, or the path of a file.</param>
    /// <exception cref="ArgumentException"><paramref name="text"/> is <see langword="null"/> or empty.</exception>
    public KeyArgument(string text) => Text = string.IsNullOrEmpty(text) ? throw new ArgumentException("It is empty.", nameof(text)) : text;

    /// <summary>Selects the keys in a file.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="ArgumentNullException"><paramref name="file"/> is <see langword="null"/>.</exception>
    public KeyArgument(FileInfo file)
    {
        File = file ?? throw new ArgumentNullException(nameof(file));
        Text = file.FullName;
    }

    /// <summary>Selects the key of a credential.</summary>
    /// <param name="credential">The credential.</param>
    /// <exception cref="ArgumentNullException"><paramref name="credential"/> is <see langword="null"/>.</exception>
    public KeyArgument(SshCredential credential)
    {
        Credential = credential ?? throw new ArgumentNullException(nameof(credential));
        Text = credential.ToString();
    }

    /// <summary>Selects the key of a removed credential.</summary>
    /// <param name="removal">The removal.</param>
    /// <exception cref="ArgumentNullException"><paramref name="removal"/> is <see langword="null"/>.</exception>
    public KeyArgument(SshCredentialRemoval removal)
        : this((removal ?? throw new ArgumentNullException(nameof(removal))).Credential)
    {
    }

    /// <summary>Selects a key.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is <see langword="null"/>.</exception>
    public KeyArgument(SshKey key)
        : this((key ?? throw new ArgumentNullException(nameof(key))).Credentials[0])
    {
    }

    /// <summary>The text that was given, or the name of the object that was given.</summary>
    internal string Text { get; }

    /// <summary>The file; <see langword="null"/> if none was given.</summary>
    internal FileInfo? File { get; }

    /// <summary>The credential; <see langword="null"/> if none was given.</summary>
    internal SshCredential? Credential { get; }

    /// <summary>Names the argument. It never shows text that was given, because that may be a private key by mistake.</summary>
    /// <returns>The credential, the file, or a word for text.</returns>
    public override string ToString() => Credential?.ToString() ?? File?.FullName ?? "a key";
}
