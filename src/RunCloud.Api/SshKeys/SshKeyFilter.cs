namespace RunCloud.Api;

/// <summary>The result of comparing text with keys.</summary>
internal enum SshKeyMatch
{
    /// <summary>The text is a well-formed key, but not a selected one.</summary>
    NoMatch,

    /// <summary>The text is a selected key, or a certificate of one.</summary>
    Match,

    /// <summary>The text is not a well-formed key, so the answer is not known. Never treat this as <see cref="NoMatch"/>.</summary>
    NotComparable,
}

/// <summary>Tests many public key lines against a few selectors. Safe for use by many threads at once.</summary>
internal sealed class SshKeyFilter(IEnumerable<SshKeySelector> selectors)
{
    private readonly SshKeySelector[] _selectors = [.. selectors];

    /// <summary>Tests the text of a credential's <c>publicKey</c>; null is not comparable.</summary>
    /// <param name="publicKeyText">The text.</param>
    /// <param name="isWhole">
    /// Whether the text is known to be complete. A list may shorten it, and a shortened key of an unknown algorithm may look like
    /// another one.
    /// </param>
    public SshKeyMatch Test(string? publicKeyText, bool isWhole = false) =>
        SshPublicKey.TryParse(publicKeyText, out var key) ? Test(key, isWhole) : SshKeyMatch.NotComparable;

    /// <summary>Tests a key; null is not comparable.</summary>
    public SshKeyMatch Test(SshPublicKey? key, bool isWhole) =>
        key is null ? SshKeyMatch.NotComparable
        : Array.Exists(_selectors, selector => selector.Matches(key)) ? SshKeyMatch.Match
        : key.MayBeShortened && !isWhole ? SshKeyMatch.NotComparable
        : SshKeyMatch.NoMatch;
}
