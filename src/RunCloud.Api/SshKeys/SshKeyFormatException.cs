namespace RunCloud.Api;

/// <summary>
/// Text is not a valid SSH public key. The message says what is wrong and what to do, and never contains any part
/// of the text, which may be secret.
/// </summary>
public sealed class SshKeyFormatException : FormatException
{
    /// <summary>Creates one with the default message.</summary>
    public SshKeyFormatException()
    {
    }

    /// <summary>Creates one with a message.</summary>
    /// <param name="message">What is wrong; no part of the text.</param>
    public SshKeyFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates one with a message and a cause.</summary>
    /// <param name="message">What is wrong; no part of the text.</param>
    /// <param name="innerException">What caused it; may be null.</param>
    public SshKeyFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal SshKeyFormatException(string message, bool isPrivateKey, Exception? innerException = null)
        : base(message, innerException) => IsPrivateKey = isPrivateKey;

    /// <summary>Whether the text is a private key, or looks like (a part of) one: it must not be shown, logged or sent.</summary>
    public bool IsPrivateKey { get; }

    /// <summary>Whether there are several different keys where only one is allowed.</summary>
    internal bool HasSeveralKeys { get; init; }

    /// <summary>The name of its parameter, if known.</summary>
    internal string? Parameter { get; init; }
}
