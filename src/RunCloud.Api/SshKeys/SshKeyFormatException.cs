using System;

namespace RunCloud.Api;

/// <summary>
/// A text is not what an SSH public key is expected to be. The message says what is wrong and what to do, and never holds any part
/// of the text, which may be secret.
/// </summary>
public sealed class SshKeyFormatException : FormatException
{
    /// <summary>Makes one without a particular message.</summary>
    public SshKeyFormatException()
    {
    }

    /// <summary>Makes one with a message.</summary>
    /// <param name="message">What is wrong; no part of the text.</param>
    public SshKeyFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a message and a cause.</summary>
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

    /// <summary>Whether there are several different keys where one is wanted.</summary>
    internal bool HasSeveralKeys { get; init; }

    /// <summary>The name of the parameter that it was given to, where that is known.</summary>
    internal string? Parameter { get; init; }
}
