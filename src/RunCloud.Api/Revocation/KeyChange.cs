using System;
using System.Collections.Generic;
using System.Linq;

namespace RunCloud.Api;

/// <summary>What is to be done about a key, on whatever server it is found.</summary>
internal sealed class KeyChange
{
    /// <summary>The keys that are to go.</summary>
    internal required IReadOnlyList<SshKeySelector> Keys { get; init; }

    /// <summary>Whose credentials are meant.</summary>
    internal Func<string?, bool> AcceptsUser { get; init; } = _ => true;

    /// <summary>Which servers are to be left alone, by their names; <see langword="null"/> where none is.</summary>
    internal Func<string, bool>? Excludes { get; init; }

    /// <summary>Whether a user keeps the key where it is the last way in.</summary>
    internal bool KeepsLast { get; init; }

    /// <summary>What comes in place of the keys; <see langword="null"/> when nothing does.</summary>
    internal SshKeyReplacement? Replacement { get; init; }

    /// <summary>The keys as a row carries them: the public key line, or the fingerprint where only that was given.</summary>
    internal string[] KeyTexts => [.. Keys.Select(selector => selector.Key is { } key ? $"{key.Algorithm} {Convert.ToBase64String(key.Blob.ToArray())}{(key.Comment is { } comment ? $" {comment}" : string.Empty)}" : selector.ToString())];

    /// <summary>Whether a credential has one of the keys that are to go.</summary>
    internal bool IsAbout(SshCredential credential) => credential.Key is { } key && Keys.Any(selector => selector.Matches(key));
}

/// <summary>The key that comes in place of another.</summary>
internal sealed class SshKeyReplacement
{
    /// <summary>Reads the key.</summary>
    /// <param name="line">Its public key line.</param>
    /// <param name="label">What the labels of its credentials begin with; <see langword="null"/> for those of the credentials that go.</param>
    /// <exception cref="SshKeyFormatException">The line is not an OpenSSH public key.</exception>
    internal SshKeyReplacement(string line, string? label)
    {
        Key = SshPublicKey.Parse(line);
        Line = line.Trim();
        Label = label;
    }

    internal SshPublicKey Key { get; }

    internal string? Label { get; }

    private string Line { get; }

    /// <summary>The line for a user.</summary>
    internal string LineFor(IEnumerable<SshCredential> old) =>
        Key.Options is null && OptionsFor(old) is { } restrictions ? $"{restrictions} {Line}" : Line;

    /// <summary>The options for a user: those that all the user's old keys had, so that the new one opens no more than they did.</summary>
    internal string? OptionsFor(IEnumerable<SshCredential> old) =>
        Key.Options ?? (old.Select(credential => credential.Key?.Options).Distinct(StringComparer.Ordinal).ToArray() is [{ } restrictions] ? restrictions : null);
}
