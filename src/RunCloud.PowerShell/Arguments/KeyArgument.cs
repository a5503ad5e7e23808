using System;
using System.IO;

namespace RunCloud.PowerShell;

/// <summary>
/// What <c>-Key</c> takes: a public key line, a fingerprint or the path of a public key file as text, a file, or a credential or the
/// removal of one.
/// </summary>
public sealed class KeyArgument
{
    /// <summary>Means what a text says.</summary>
    /// <param name="text">A public key line, a line as <c>ssh-keygen -l</c> prints it, a fingerprint, or the path of a file.</param>
    /// <exception cref="ArgumentException"><paramref name="text"/> is <see langword="null"/> or empty.</exception>
    public KeyArgument(string text) => Text = string.IsNullOrEmpty(text) ? throw new ArgumentException("It is empty.", nameof(text)) : text;

    /// <summary>Means the keys in a file.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="ArgumentNullException"><paramref name="file"/> is <see langword="null"/>.</exception>
    public KeyArgument(FileInfo file)
    {
        File = file ?? throw new ArgumentNullException(nameof(file));
        Text = file.FullName;
    }

    /// <summary>Means the key of a credential.</summary>
    /// <param name="credential">The credential.</param>
    /// <exception cref="ArgumentNullException"><paramref name="credential"/> is <see langword="null"/>.</exception>
    public KeyArgument(SshCredential credential)
    {
        Credential = credential ?? throw new ArgumentNullException(nameof(credential));
        Text = credential.ToString();
    }

    /// <summary>Means the key of a credential that was removed.</summary>
    /// <param name="removal">The removal.</param>
    /// <exception cref="ArgumentNullException"><paramref name="removal"/> is <see langword="null"/>.</exception>
    public KeyArgument(SshCredentialRemoval removal)
        : this((removal ?? throw new ArgumentNullException(nameof(removal))).Credential)
    {
    }

    /// <summary>Means that key.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is <see langword="null"/>.</exception>
    public KeyArgument(SshKey key)
        : this((key ?? throw new ArgumentNullException(nameof(key))).Credentials[0])
    {
    }

    /// <summary>The text that was given, or what names the object that was.</summary>
    internal string Text { get; }

    /// <summary>The file; <see langword="null"/> when none was given.</summary>
    internal FileInfo? File { get; }

    /// <summary>The credential; <see langword="null"/> when none was given.</summary>
    internal SshCredential? Credential { get; }

    /// <summary>Names what is meant. It never shows a text that was given, which may be a private key by mistake.</summary>
    /// <returns>The credential or the file, or that it is a text.</returns>
    public override string ToString() => Credential?.ToString() ?? File?.FullName ?? "a key";
}
