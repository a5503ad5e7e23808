namespace RunCloud.Api;

/// <summary>The change to make to a key, on every server that has it.</summary>
internal sealed class KeyChange
{
    /// <summary>The keys to remove.</summary>
    internal required IReadOnlyList<SshKeySelector> Keys { get; init; }

    /// <summary>The users whose credentials are selected.</summary>
    internal Func<string?, bool> AcceptsUser { get; init; } = _ => true;

    /// <summary>The names of servers to exclude; <see langword="null"/> for none.</summary>
    internal Func<string, bool>? Excludes { get; init; }

    /// <summary>Whether a user keeps the key if it is the last one that gives access.</summary>
    internal bool KeepsLast { get; init; }

    /// <summary>The replacement; <see langword="null"/> if the keys are only removed.</summary>
    internal SshKeyReplacement? Replacement { get; init; }

    /// <summary>The keys for result rows: the public key line, or the fingerprint if only that was given.</summary>
    internal string[] KeyTexts => [.. Keys.Select(selector => selector.Key is { } key ? $"{key.Algorithm} {Convert.ToBase64String(key.Blob.ToArray())}{(key.Comment is { } comment ? $" {comment}" : string.Empty)}" : selector.ToString())];

    /// <summary>Whether a credential has one of the keys to remove.</summary>
    internal bool IsAbout(SshCredential credential) => credential.Key is { } key && Keys.Any(selector => selector.Matches(key));
}

/// <summary>The key that replaces another one.</summary>
internal sealed class SshKeyReplacement
{
    /// <summary>Reads the key.</summary>
    /// <param name="line">Its public key line.</param>
    /// <param name="label">The label of its credentials; <see langword="null"/> to reuse the old labels.</param>
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

    /// <summary>The options for a user: those that all the user's old keys had, so that the new key permits no more than they did.</summary>
    internal string? OptionsFor(IEnumerable<SshCredential> old) =>
        Key.Options ?? (old.Select(credential => credential.Key?.Options).Distinct(StringComparer.Ordinal).ToArray() is [{ } restrictions] ? restrictions : null);
}
